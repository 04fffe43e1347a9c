"""JSON and YAML documents written as text, as values.

Terraform writes IAM policies, redrive policies and container definitions as JSON text. Some parts
of the text may be unknown (a bucket's ARN); the rest can still be read.
"""

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from wa_scan.errors import WaScanError
from wa_scan.values import Choice, Known, ListValue, MapValue, Origin, Symbol, Text, Unknown, Value, choose

if TYPE_CHECKING:
    from wa_scan.terraform.values import TfValue

# Private-use characters delimit the number of an unknown part; JSON text has no reason to hold them.
_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACEHOLDER = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_MOST_TEXT = 4_000_000
_MOST_NODES = 200_000
_YAML_KEY = re.compile(r"^[\w\"'-]+ *:(\s|$)", re.MULTILINE)

# How many maps and lists within each other are read: several times what AWS takes anywhere, and
# little enough for recursion.
DEEPEST = 60


def is_deeper_than(value: Value, levels: int) -> bool:
    """Whether `value` nests maps, lists and choices deeper than `levels`."""
    layer: list[Value] = [value]
    for _ in range(levels):
        below: list[Value] = []
        for item in layer:
            if isinstance(item, MapValue):
                below += item.entries.values()
            elif isinstance(item, ListValue):
                below += item.elements
            elif isinstance(item, Choice):
                below += (item.if_true, item.if_false)
        if not below:
            return False
        # Values may share parts.
        layer = list({id(item): item for item in below}.values())
    return True


def written_size(value: Value) -> int:
    """How many values `value` is when what its parts share is written out; the parts themselves are counted
    once each. Only for what is not too deep for recursion.
    """
    sizes: dict[int, int] = {}

    def size(item: Value) -> int:
        found = sizes.get(id(item))
        if found is None:
            below: Iterable[Value] = ()
            if isinstance(item, MapValue):
                below = item.entries.values()
            elif isinstance(item, ListValue):
                below = item.elements
            elif isinstance(item, Choice):
                below = (item.if_true, item.if_false)
            found = sizes[id(item)] = 1 + sum(map(size, below))
        return found

    return size(value)


def parse_document(value: Value) -> Value:
    """The document that the JSON text `value` holds, all of it standing where the text stands.

    What is not JSON text (a map, an unknown, text that is not JSON) is given back as it is.
    """
    if isinstance(value, Choice):
        return choose(
            value.guard, parse_document(value.if_true), parse_document(value.if_false), value.origin
        )
    if isinstance(value, Known) and isinstance(value.data, str):
        return _parse(value.data, [], value)
    if isinstance(value, Text):
        unknown = [part for part in value.parts if isinstance(part, Unknown)]
        return _parse(_with_placeholders(value), unknown, value)
    return value


def parse_yaml(value: Value) -> Value:
    """As `parse_document`, for text that may be YAML, of which JSON is a part. What comes of an unknown part
    counts as one scalar."""
    if isinstance(value, Choice):
        return choose(value.guard, parse_yaml(value.if_true), parse_yaml(value.if_false), value.origin)
    found = parse_document(value)
    if found is not value:
        return found
    if isinstance(value, Known) and isinstance(value.data, str):
        return _parse_yaml(value.data, [], value)
    if isinstance(value, Text):
        unknown = [part for part in value.parts if isinstance(part, Unknown)]
        marks = iter(range(len(unknown)))
        text = "".join(p if isinstance(p, str) else f"{_OPEN}{next(marks)}{_CLOSE}" for p in value.parts)
        return _parse_yaml(text, unknown, value)
    return value


def _parse_yaml(text: str, unknown: list[Unknown], value: Value) -> Value:
    if len(text) > _MOST_TEXT or _YAML_KEY.search(text) is None:
        return value
    from wa_scan.terraform.errors import EvaluationError
    from wa_scan.terraform.functions.yaml_text import decode_yaml

    try:
        data = _Plain().of(decode_yaml(text))
        found = _value(data, unknown, value.origin, value.references)
    except (EvaluationError, RecursionError, _TooLargeError):
        return value
    return found if isinstance(found, MapValue) and not is_deeper_than(found, DEEPEST) else value


class _TooLargeError(WaScanError):
    """A document that its aliases make too large."""


class _Plain:
    """Terraform's values as those of JSON."""

    def __init__(self) -> None:
        self.left = _MOST_NODES

    def of(self, value: "TfValue") -> object:
        self.left -= 1
        if self.left < 0:
            raise _TooLargeError
        data = value.data
        if isinstance(data, dict):
            return {key: self.of(item) for key, item in data.items()}
        if isinstance(data, tuple):
            return [self.of(item) for item in data]
        if isinstance(data, str | bool | int) or data is None:
            return data
        return float(str(data))


def _with_placeholders(value: Text) -> str:
    written: list[str] = []
    inside = False
    number = 0
    for part in value.parts:
        if isinstance(part, str):
            written.append(part)
            inside = _ends_inside_string(part, inside)
        else:
            mark = f"{_OPEN}{number}{_CLOSE}"
            written.append(mark if inside else f'"{mark}"')
            number += 1
    return "".join(written)


def _ends_inside_string(text: str, inside: bool) -> bool:
    escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\" and inside:
            escaped = True
        elif character == '"':
            inside = not inside
    return inside


def _parse(text: str, unknown: list[Unknown], value: Value) -> Value:
    if len(text) > _MOST_TEXT or text.lstrip()[:1] not in ("{", "["):
        return value
    try:
        data = json.loads(text)
        found = _value(data, unknown, value.origin, value.references)
        return value if is_deeper_than(found, DEEPEST) else found
    except (ValueError, RecursionError):
        return value


def _value(data: object, unknown: list[Unknown], origin: Origin | None, refs: frozenset[Symbol]) -> Value:
    if isinstance(data, dict):
        return MapValue(
            {
                _PLACEHOLDER.sub(lambda mark: _shown(unknown, mark), key): _value(
                    item, unknown, origin, frozenset()
                )
                for key, item in data.items()
            },
            origin,
            references=refs,
        )
    if isinstance(data, list):
        return ListValue(
            [_value(item, unknown, origin, frozenset()) for item in data], origin, references=refs
        )
    if isinstance(data, str):
        return _text(data, unknown, origin)
    if isinstance(data, bool | int | float) or data is None:
        return Known(data, origin)
    return Known(str(data), origin)


def _shown(unknown: list[Unknown], mark: re.Match[str]) -> str:
    number = int(mark[1])
    return f"${{{unknown[number].symbol.text}}}" if number < len(unknown) else mark[0]


def _text(data: str, unknown: list[Unknown], origin: Origin | None) -> Value:
    pieces = _PLACEHOLDER.split(data)
    if len(pieces) == 1:
        return Known(data, origin)
    parts: list[str | Unknown] = []
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            if piece:
                parts.append(piece)
            continue
        number = int(piece)
        if number >= len(unknown):
            return Known(data, origin)
        parts.append(unknown[number])
    if len(parts) == 1 and isinstance(parts[0], Unknown):
        return parts[0]
    return Text(tuple(parts), origin)
