"""Values and types as Terraform's console writes them."""

from collections.abc import Iterable

from wa_scan.terraform.arithmetic import number_text
from wa_scan.terraform.forms import branches_of, symbol_text
from wa_scan.terraform.symbols import expression_text
from wa_scan.terraform.type_json import written_size
from wa_scan.terraform.types import (
    BOOL,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    Primitive,
    SetType,
    TupleType,
    Type,
)
from wa_scan.terraform.values import SECRET, ChoiceData, Mark, TfValue, UnknownData
from wa_scan.values.forms import MOST_PARTS, TOO_LARGE
from wa_scan.values.kinds import Reason

MOST_LINES = MOST_PARTS // 10


class _TooLargeError(Exception):
    pass


def notation(value: TfValue) -> str:
    """`value` as an expression where that is possible, over several lines where it has parts.

    Beyond Terraform's own notation a comment says what an unknown value stands for, and a choice is
    written as its values, each after the condition under which it holds.
    """
    try:
        return _Writer().value(value, 0)
    except _TooLargeError:
        return f"({TOO_LARGE})"


class _Writer:
    def __init__(self) -> None:
        self._lines = 0

    def value(self, value: TfValue, indent: int) -> str:
        self._lines += 1
        if self._lines > MOST_LINES:
            # Values share their parts: written out one may be larger than any memory.
            raise _TooLargeError
        data = value.data
        if not value.marks.isdisjoint(SECRET):
            return "(sensitive value)"
        if Mark.EPHEMERAL in value.marks:
            return "(ephemeral value)"
        if data is None:
            return _null(value.type)
        if isinstance(data, bool):
            return "true" if data else "false"
        if isinstance(data, str):
            return _text(data, indent)
        if isinstance(data, UnknownData):
            return _unknown(data)
        if isinstance(data, ChoiceData):
            return self._choice(value, indent)
        if isinstance(data, tuple):
            inside = self._lines_of((self.value(item, indent + 2) + "," for item in data), indent)
            return _wrapped(value.type, f"[{inside}]")
        if isinstance(data, dict):
            entries = (
                f"{_text(key, indent + 2)} = {self.value(item, indent + 2)}" for key, item in data.items()
            )
            return _wrapped(value.type, f"{{{self._lines_of(entries, indent)}}}")
        return number_text(data)

    def _lines_of(self, items: Iterable[str], indent: int) -> str:
        found = [f"\n{' ' * (indent + 2)}{item}" for item in items]
        return "".join(found) + f"\n{' ' * indent}" if found else ""

    def _choice(self, value: TfValue, indent: int) -> str:
        branches = branches_of(value)
        if branches is None:
            return f"(unknown) {_comment(expression_text(value))}"
        shown = (f"{_comment(f'when {guard}')} {self.value(leaf, indent + 2)}" for leaf, guard in branches)
        return f"({self._lines_of(shown, indent)})"


def _unknown(data: UnknownData) -> str:
    text = symbol_text(data)
    if data.reason in (Reason.COMPUTED, Reason.DATA):
        return f"(known after apply) {_comment(text)}"
    return f"(unknown) {_comment(f'{text}, {data.reason.value}')}"


def _comment(text: str) -> str:
    return f"/* {text.replace('*/', '* /')} */"


def _wrapped(type_: Type, text: str) -> str:
    if isinstance(type_, ListType):
        return f"tolist({text})"
    if isinstance(type_, SetType):
        return f"toset({text})"
    return f"tomap({text})" if isinstance(type_, MapType) else text


def _null(type_: Type) -> str:
    if type_ in (STRING, NUMBER, BOOL):
        return f"to{type_}(null)"
    for kind, name in ((ListType, "list"), (SetType, "set"), (MapType, "map")):
        if isinstance(type_, kind):
            return f"to{name}(null) /* of {_friendly(type_.element)} */"
    return "null" if isinstance(type_, Primitive) else f"null /* {_friendly(type_)} */"


def _friendly(type_: Type) -> str:
    """A type in a few words, as Terraform's messages have it."""
    for kind, name in ((ListType, "list"), (SetType, "set"), (MapType, "map")):
        if isinstance(type_, kind):
            return f"{name} of {_friendly(type_.element)}"
    if isinstance(type_, ObjectType):
        return "object"
    return "tuple" if isinstance(type_, TupleType) else str(type_)


def _text(text: str, indent: int) -> str:
    lines = text.split("\n")
    if len(lines) == 1:
        return quoted(text)
    operator = "<<-" if indent else "<<"
    marker = "EOT"
    while any(line.strip() == marker for line in lines):
        marker += "_"
    space = " " * indent
    return "\n".join([operator + marker, *(space + line for line in lines), space + marker])


_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"} | {
    '"': '\\"',
    "\\": "\\\\",
}


def quoted(text: str) -> str:
    """As Go's `strconv.Quote` does."""
    return '"' + "".join(_ESCAPES.get(sign) or _escaped(sign) for sign in text) + '"'


def _escaped(sign: str) -> str:
    if sign.isprintable():
        return sign
    code = ord(sign)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def type_notation(type_: Type) -> str:
    """A type as `type()` shows it."""
    return f"({TOO_LARGE})" if written_size(type_) > MOST_LINES else _type(type_, 0)


def _type(type_: Type, indent: int) -> str:
    inner, space = " " * (indent + 4), " " * indent
    for kind, name in ((ListType, "list"), (SetType, "set"), (MapType, "map")):
        if isinstance(type_, kind):
            element = type_.element
            if isinstance(element, ObjectType | TupleType):
                return f"{name}(\n{inner}{_type(element, indent + 4)},\n{space})"
            return f"{name}({_type(element, indent)})"
    if isinstance(type_, TupleType):
        items = [f"{inner}{_type(item, indent + 4)},\n" for item in type_.elements]
        return f"tuple([\n{''.join(items)}{space}])" if items else "tuple([])"
    if isinstance(type_, ObjectType):
        entries = [f"{inner}{name}: {_type(item, indent + 4)},\n" for name, item in type_.attributes]
        return f"object({{\n{''.join(entries)}{space}}})" if entries else "object({})"
    return str(type_)
