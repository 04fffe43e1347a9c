"""YAML text from values and values from YAML text, as the go-cty-yaml library has them.

Mostly YAML 1.2, but with the booleans and timestamps of YAML 1.1.
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from wa_scan.terraform.arithmetic import INFINITY, number_text, parse_number
from wa_scan.terraform.convert import to_text
from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.functions.signature import (
    Context,
    any_parameter,
    entries,
    function,
    string_parameter,
    text,
)
from wa_scan.terraform.operators import MAX_TEXT
from wa_scan.terraform.types import DYNAMIC, STRING
from wa_scan.terraform.values import (
    FALSE,
    NULL,
    TRUE,
    Number,
    TfValue,
    normal_form,
    number,
    object_of,
    string,
    tuple_of,
)

if TYPE_CHECKING:
    from yaml.events import Event

MAX_SOURCE = 2_000_000
_MAX_DEPTH = 300
_WIDTH = 80

# --- writing ------------------------------------------------------------------------------


@function("yamlencode", any_parameter("value", nullable=True), returns=STRING)
def _yamlencode(arguments: Sequence[TfValue], context: Context) -> TfValue:
    value = arguments[0]
    emitter = _Emitter()
    emitter.node(value, 0, 0)
    written = emitter.written()
    plain = not isinstance(value.data, str | tuple | dict)
    # A plain scalar on its own needs an end mark.
    return string(f"{written}\n...\n" if plain else written if written.endswith("\n") else f"{written}\n")


class _Emitter:
    """Block style with quoted texts, as libyaml's emitter lays it out."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0

    def written(self) -> str:
        return "".join(self._parts)

    def _put(self, piece: str) -> None:
        self._size += len(piece)
        if self._size > MAX_TEXT:
            raise LimitReachedError("the YAML text would be too long")
        self._parts.append(piece)

    def node(self, value: TfValue, indent: int, column: int) -> None:
        """Writes `value` where `column` is the next place; further lines start at `indent`."""
        data = value.data
        if isinstance(data, tuple):
            self._sequence(data, indent)
        elif isinstance(data, dict):
            self._mapping(value, indent)
        elif isinstance(data, str):
            self._text(data, indent, column)
        elif data is None:
            self._put("null")
        elif isinstance(data, bool):
            self._put("true" if data else "false")
        else:
            assert isinstance(data, Number)
            self._put(number_text(data))

    def _line(self, indent: int) -> None:
        if not self._parts or not self._parts[-1].endswith("\n"):
            self._put("\n")
        self._put(" " * indent)

    def _sequence(self, items: tuple[TfValue, ...], indent: int) -> None:
        if not items:
            self._put("[]")
        for position, item in enumerate(items):
            if position:
                self._line(indent)
            self._put("- ")
            self.node(item, indent + 2, indent + 2)

    def _mapping(self, value: TfValue, indent: int) -> None:
        first = True
        for key, item in entries(value):
            if not first:
                self._line(indent)
            first = False
            simple = "\n" not in key and len(key.encode()) <= 128
            if simple:
                shown = _double_quoted(key, None, 0)
                self._put(f"{shown}:")
            else:
                self._put("? ")
                self._text(key, indent + 2, indent + 2)
                self._line(indent)
                self._put(":")
            self._value(item, indent, indent + len(shown) + 2 if simple else indent + 2, simple)
        if first:
            self._put("{}")

    def _value(self, item: TfValue, indent: int, column: int, simple: bool) -> None:
        data = item.data
        if not simple or not isinstance(data, tuple | dict) or not data:
            self._put(" ")
            self.node(item, indent + 2, column)
            return
        inner = indent if isinstance(data, tuple) else indent + 2
        self._line(inner)
        self.node(item, inner, inner)

    def _text(self, value: str, indent: int, column: int) -> None:
        if "\n" in value and _literal_allowed(value):
            self._literal(value, max(indent, 2) if indent else 2)
        else:
            self._put(_double_quoted(value, indent or 2, column))

    def _literal(self, value: str, indent: int) -> None:
        hints = "2" if value[0] in " \n" else ""
        if not value.endswith("\n"):
            hints += "-"
        elif value == "\n" or value.endswith("\n\n"):
            hints += "+"
        lines = value.removesuffix("\n").split("\n")
        body = "\n".join(f"{' ' * indent}{line}" if line else "" for line in lines)
        self._put(f"|{hints}\n{body}" + ("\n" if value.endswith("\n") else ""))


def _printable(sign: str) -> bool:
    code = ord(sign)
    return (
        code == 0x0A
        or 0x20 <= code <= 0x7E
        or 0xA0 <= code <= 0xD7FF
        or (0xE000 <= code <= 0xFFFD and code != 0xFEFF)
    )


def _literal_allowed(value: str) -> bool:
    return not value.endswith(" ") and " \n" not in value and all(map(_printable, value))


_YAML_ESCAPES = {
    "\0": "0",
    "\a": "a",
    "\b": "b",
    "\t": "t",
    "\n": "n",
    "\v": "v",
    "\f": "f",
    "\r": "r",
    "\x1b": "e",
    '"': '"',
    "\\": "\\",
    "\x85": "N",
    "\u2028": "L",
    "\u2029": "P",
}


def _double_quoted(value: str, indent: int | None, column: int) -> str:
    """`value` in quotes, folded at spaces beyond the width unless `indent` is None."""
    found = ['"']
    column += 1
    spaces = False
    at = 0
    last = len(value) - 1
    while at <= last:
        sign = value[at]
        if sign == " " and indent is not None and not spaces and column > _WIDTH and 0 < at < last:
            found.append("\n" + " " * indent)
            column = indent
            if value[at + 1] == " ":
                found.append("\\")
                column += 1
            spaces = True
        elif sign == " ":
            found.append(sign)
            column += 1
            spaces = True
        else:
            shown = sign
            if sign in _YAML_ESCAPES:
                shown = f"\\{_YAML_ESCAPES[sign]}"
            elif not _printable(sign):
                code = ord(sign)
                shown = (
                    f"\\x{code:02X}"
                    if code <= 0xFF
                    else f"\\u{code:04X}"
                    if code <= 0xFFFF
                    else f"\\U{code:08X}"
                )
            found.append(shown)
            column += len(shown)
            spaces = False
        at += 1
    found.append('"')
    return "".join(found)


# --- reading ------------------------------------------------------------------------------


@function("yamldecode", string_parameter("src"), returns=DYNAMIC, never_null=False)
def _yamldecode(arguments: Sequence[TfValue], context: Context) -> TfValue:
    return decode_yaml(text(arguments[0]))


def decode_yaml(source: str) -> TfValue:
    """The value of a YAML text of one document: objects and tuples. What an alias refers to is
    shared, not copied. Raises `EvaluationError`.
    """
    if len(source) > MAX_SOURCE:
        raise LimitReachedError("the YAML text is too long")
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Reader(iter(yaml.parse(source, Loader=loader))).document()
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or str(error)
        mark = getattr(error, "problem_mark", None)
        place = f"on line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise EvaluationError(f"not valid YAML: {place}{problem}") from None
    except ValueError as error:
        raise EvaluationError(f"not valid YAML: {error}") from None


class _Reader:
    def __init__(self, events: "Iterator[Event]") -> None:
        self._events = events
        self._anchors: dict[str, TfValue] = {}
        self._pending: list[str] = []
        self._depth = 0

    def _next(self) -> "Event":
        return next(self._events)

    def document(self) -> TfValue:
        from yaml import events

        self._next()
        start = self._next()
        if not isinstance(start, events.DocumentStartEvent):
            raise EvaluationError("not valid YAML: missing start of document")
        if start.version not in (None, (1, 1)):
            raise EvaluationError("not valid YAML: the document says it is of another version than 1.1")
        found = self._node(self._next())
        self._next()
        if not isinstance(self._next(), events.StreamEndEvent):
            raise EvaluationError("not valid YAML: only a single document is allowed")
        return found

    def _node(self, event: "Event") -> TfValue:
        from yaml import events

        if isinstance(event, events.AliasEvent):
            return self._alias(event.anchor)
        anchor = getattr(event, "anchor", None)
        if anchor:
            self._pending.append(anchor)
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise LimitReachedError("the YAML text is nested too deeply")
        if isinstance(event, events.ScalarEvent):
            scalar = _resolve(event.tag, event.value, event.style)
            found = string("<<") if scalar is None else scalar
        elif isinstance(event, events.MappingStartEvent):
            found = self._mapping(event.tag)
        elif isinstance(event, events.SequenceStartEvent):
            found = self._sequence(event.tag)
        else:
            raise EvaluationError("not valid YAML: a value was expected")
        self._depth -= 1
        if anchor:
            self._pending.remove(anchor)
            self._anchors[anchor] = found
        return found

    def _alias(self, anchor: str | None) -> TfValue:
        if anchor in self._pending:
            raise EvaluationError(f'cannot refer to anchor "{anchor}" from inside its own definition')
        found = self._anchors.get(anchor or "")
        if found is None:
            raise EvaluationError(f'reference to undefined anchor "{anchor}"')
        return found

    def _sequence(self, tag: str | None) -> TfValue:
        from yaml import events

        if tag not in (None, "", "tag:yaml.org,2002:seq"):
            raise EvaluationError(f"can't interpret sequence as {tag}")
        items: list[TfValue] = []
        while not isinstance(event := self._next(), events.SequenceEndEvent):
            items.append(self._node(event))
        return tuple_of(items)

    def _mapping(self, tag: str | None) -> TfValue:
        from yaml import events

        if tag not in (None, "", "tag:yaml.org,2002:map"):
            raise EvaluationError(f"can't interpret mapping as {tag}")
        items: dict[str, TfValue] = {}
        while not isinstance(event := self._next(), events.MappingEndEvent):
            if not isinstance(event, events.ScalarEvent):
                raise EvaluationError("only strings are allowed as mapping keys")
            key = _resolve(event.tag, event.value, event.style)
            value = self._node(self._next())
            if key is None:
                if not isinstance(value.data, dict):
                    raise EvaluationError("only a mapping can be merged into a mapping")
                items.update(value.data)
                continue
            if key.data is None:
                raise EvaluationError("mapping key cannot be null")
            items[normal_form(to_text(key))] = value
        return object_of(items)


_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
    r"|[ ]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.[0-9]+)?)?"
)


def _spellings(*words: str) -> list[str]:
    return [form for word in words for form in (word, word.capitalize(), word.upper())]


_CONSTANTS: dict[str, TfValue] = {
    **dict.fromkeys(_spellings("y", "yes", "true", "on"), TRUE),
    **dict.fromkeys(_spellings("n", "no", "false", "off"), FALSE),
    **dict.fromkeys(["", "~", *_spellings("null")], NULL),
}
for _word in (".inf", ".Inf", ".INF"):
    _CONSTANTS[_word] = _CONSTANTS[f"+{_word}"] = number(INFINITY)
    _CONSTANTS[f"-{_word}"] = number(-INFINITY)


def _resolve(tag: str | None, source: str, style: str | None) -> TfValue | None:
    """The value of a scalar; None for the merge key `<<`."""
    tag = tag or ""
    kind = tag.removeprefix(_TAG)
    if kind not in ("", "str", "bool", "int", "float", "null", "timestamp", "binary"):
        raise EvaluationError(f'unsupported tag "{tag}"')
    if kind == "binary":
        try:
            b64decode(source, validate=True)
        except ValueError:
            raise EvaluationError("not valid base64") from None
    if kind in ("str", "binary"):
        return string(source)
    # Quoted text is text, also (as in the library) where a tag says otherwise.
    hinted = source == "" or source[0] in "+-0123456789yYnNtTfFoO~."
    if style in ("'", '"') and (hinted or not kind):
        return string(source)
    if style in ("|", ">") and not kind and not hinted:
        return string(source)
    return _resolve_plain(kind, source, hinted)


def _resolve_plain(kind: str, source: str, hinted: bool) -> TfValue | None:
    if hinted:
        constant = _CONSTANTS.get(source)
        if constant is not None:
            return constant
        if not kind and source in (".nan", ".NaN", ".NAN"):
            raise EvaluationError("floating point NaN is not supported")
        if source[0] == "." and (found := parse_number(source)) is not None:
            return number(found)
        if source[0] in "+-0123456789":
            if kind in ("", "timestamp"):
                moment = _timestamp(source)
                if moment is not None:
                    return string(moment)
            if _INTEGER.fullmatch(source) or _FLOAT.fullmatch(source):
                return _number(source)
    if not kind and source == "<<":
        return None
    if kind in ("int", "float"):
        return _number(source)
    if kind == "null":
        return NULL
    if kind:
        raise EvaluationError(f'cannot parse "{source[:40]}" as !!{kind}')
    return string(source)


def _number(source: str) -> TfValue:
    plain = source.replace("_", "")
    found = parse_number(plain)
    if found is None:
        try:
            found = int(plain, 0)
        except ValueError:
            found = 1 << 64
        if found >= 1 << 64:
            raise EvaluationError(f'cannot parse "{source[:40]}" as a number')
    return number(found)


def _timestamp(source: str) -> str | None:
    """A date in RFC 3339 form, or None where `source` is none."""
    match = _TIMESTAMP.fullmatch(source)
    if match is None:
        return None
    from datetime import datetime

    year, month, day = (int(part) for part in match.groups()[:3])
    time = match.groups()[3:6] if match[4] else match.groups()[7:10]
    hour, minute, second = (int(part or 0) for part in time)
    try:
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    zone = match[7] or "Z"
    return f"{moment:%Y-%m-%dT%H:%M:%S}" + ("Z" if zone == "Z" or zone[1:] == "00:00" else zone)
