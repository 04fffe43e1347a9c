"""ARNs, written out or put together from parts of which some are not known.

Source: IAM User Guide, "Amazon Resource Names (ARNs)": `arn:partition:service:region:account:resource`. How
the last field reads for each type is data: `arns.yaml`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from wa_scan.datafiles import load_folder
from wa_scan.values import Known, Symbol, Text, Unknown, Value

Part = str | Unknown
# A name, or something unknown that is the same wherever it stands.
Key = str | Symbol | tuple[str | Symbol, ...]

# A secret's ARN ends in six characters that Secrets Manager chooses.
_SECRET_SUFFIX = re.compile(r"-(?:\?{6}|\?\*|\*|[A-Za-z0-9]{6})$")
_WILDCARD = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True)
class Arn:
    """An ARN by its fields, each a text or several parts; `account` and `region` are None where unknown."""

    service: str
    region: str | None
    account: str | None
    resource: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ArnForm:
    """How the ARNs of one type read. `prefix`: before the name. `ends_at`: a character after the name."""

    service: str
    prefix: str
    ends_at: str
    has_path: bool

    def names(self, arn: Arn) -> Iterator[Key]:
        """What the resource that `arn` is of (or lies in) may be called; a wildcard is left in it."""
        if arn.service != self.service or not arn.resource:
            return
        rest = _without_prefix(arn.resource, self.prefix)
        if rest is None:
            return
        if self.has_path:
            rest = _last_segment(rest)
        if self.ends_at == "-":
            yield from _of_secret(rest)
        else:
            yield key_of(_up_to(rest, self.ends_at) if self.ends_at else rest)


def parse_arn(value: Value) -> Arn | None:
    """The ARN that `value` is, None for anything else and where its service is not known."""
    if isinstance(value, Known):
        if not isinstance(value.data, str) or not value.data.startswith("arn:"):
            return None
        return _arn_of((value.data,))
    if isinstance(value, Text):
        return _arn_of(value.parts)
    return None


def _arn_of(parts: Sequence[Part]) -> Arn | None:
    fields: list[list[Part]] = [[]]
    for part in parts:
        if not isinstance(part, str):
            fields[-1].append(part)
            continue
        pieces = part.split(":", 6 - len(fields))
        for index, piece in enumerate(pieces):
            if index:
                fields.append([])
            if piece:
                fields[-1].append(piece)
    if len(fields) < 6 or fields[0] != ["arn"] or len(fields[2]) != 1 or not isinstance(fields[2][0], str):
        return None
    return Arn(fields[2][0], _literal(fields[3]), _literal(fields[4]), tuple(fields[5]))


def _literal(field: Sequence[Part]) -> str | None:
    """The text of a field; None where it is not known or left open."""
    if any(not isinstance(part, str) for part in field):
        return None
    text = "".join(str(part) for part in field)
    return None if not text or _WILDCARD.search(text) else text


def key_of(parts: Sequence[Part]) -> Key:
    """What a name is looked up by: its text, or its parts with a symbol for each unknown one."""
    keys = tuple(part if isinstance(part, str) else part.symbol for part in parts)
    return keys[0] if len(keys) == 1 else keys


def is_pattern(key: Key) -> bool:
    """Whether a name has a wildcard in it."""
    if isinstance(key, str):
        return _WILDCARD.search(key) is not None
    return isinstance(key, tuple) and any(isinstance(part, str) and _WILDCARD.search(part) for part in key)


def _without_prefix(parts: Sequence[Part], prefix: str) -> tuple[Part, ...] | None:
    if not prefix:
        return tuple(parts)
    first = parts[0]
    if not isinstance(first, str) or not first.startswith(prefix):
        return None
    rest = first[len(prefix) :]
    return (rest, *parts[1:]) if rest else tuple(parts[1:])


def _last_segment(parts: Sequence[Part]) -> tuple[Part, ...]:
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index]
        if isinstance(part, str) and "/" in part:
            last = part.rpartition("/")[2]
            return (last, *parts[index + 1 :]) if last else tuple(parts[index + 1 :])
    return tuple(parts)


def _up_to(parts: Sequence[Part], end: str) -> tuple[Part, ...]:
    found: list[Part] = []
    for part in parts:
        if isinstance(part, str) and end in part:
            before = part.partition(end)[0]
            return (*found, before) if before else tuple(found)
        found.append(part)
    return tuple(found)


def _of_secret(parts: Sequence[Part]) -> Iterator[Key]:
    yield key_of(parts)
    last = parts[-1] if parts else None
    if isinstance(last, str):
        cut = _SECRET_SUFFIX.sub("", last)
        if cut != last:
            yield key_of((*parts[:-1], cut) if cut else parts[:-1])


@cache
def arn_forms() -> Mapping[str, tuple[ArnForm, ...]]:
    """By canonical type."""
    written = msgspec.convert(load_folder(Path(__file__).parent)["arns"], dict[str, str | list[str]])
    return {
        type_: tuple(_form(text) for text in ([forms] if isinstance(forms, str) else forms))
        for type_, forms in written.items()
    }


def _form(text: str) -> ArnForm:
    service, _, rest = text.partition(":")
    prefix, _, end = rest.partition("{}")
    return ArnForm(service, prefix.removesuffix("~"), end, prefix.endswith("~"))
