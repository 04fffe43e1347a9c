"""Functions on text."""

from collections.abc import Sequence

from wa_scan.terraform.arithmetic import truncate
from wa_scan.terraform.functions.collections import MAX_ELEMENTS
from wa_scan.terraform.functions.signature import (
    Context,
    Needs,
    Parameter,
    elements,
    function,
    integer,
    limited,
    number_parameter,
    plain,
    refuse,
    string_parameter,
    text,
    texts,
    unknown_call,
)
from wa_scan.terraform.graphemes import graphemes
from wa_scan.terraform.operators import MAX_TEXT
from wa_scan.terraform.types import BOOL, STRING, ListType
from wa_scan.terraform.values import TfValue, UnknownData, boolean, string

_STR = string_parameter("str")
# Go's unicode.IsSpace.
SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
SPACES += "\u2028\u2029\u202f\u205f\u3000"


@plain("upper", _STR, returns=STRING)
def _upper(value: str) -> str:
    return value.upper() if value.isascii() else "".join(map(_upper_sign, value))


def _upper_sign(sign: str) -> str:
    # Go maps sign by sign, so that nothing becomes longer.
    upper = sign.upper()
    return upper if len(upper) == 1 else sign


@plain("lower", _STR, returns=STRING)
def _lower(value: str) -> str:
    return value.lower() if value.isascii() else "".join(sign.lower()[0] for sign in value)


@plain("title", _STR, returns=STRING)
def _title(value: str) -> str:
    found = []
    previous = " "
    for sign in value:
        if _separates(previous):
            title = sign.title()
            found.append(title if len(title) == 1 else sign)
        else:
            found.append(sign)
        previous = sign
    return "".join(found)


def _separates(sign: str) -> bool:
    if sign.isascii():
        return not (sign.isalnum() or sign == "_")
    return not (sign.isalpha() or sign.isdigit()) and sign in SPACES


@plain("chomp", _STR, returns=STRING)
def _chomp(value: str) -> str:
    return value.rstrip("\r\n") if value.endswith(("\r", "\n")) else value


@plain("indent", number_parameter("spaces"), _STR, returns=STRING)
def _indent(spaces: int, value: str) -> str:
    width = _small(spaces, 0)
    if width < 0:
        raise refuse("the number of spaces must not be negative", 0)
    if len(value) + width * value.count("\n") > MAX_TEXT:
        raise limited("the text would be too long", 0)
    return value.replace("\n", "\n" + " " * width)


def _small(value: object, argument: int) -> int:
    """A whole number as Go's `int`."""
    if not isinstance(value, int):
        if value == 0:
            return 0
        raise refuse("a whole number is required", argument)
    if abs(value) >= 2**63:
        raise refuse("the number is out of range", argument)
    return value


@function(
    "join", string_parameter("separator"), variadic=Parameter("lists", ListType(STRING)), returns=STRING
)
def _join(arguments: Sequence[TfValue], context: Context) -> TfValue:
    if len(arguments) < 2:
        raise refuse("at least one list is required")
    pieces: list[str] = []
    for position, each in enumerate(arguments[1:], start=1):
        pieces += texts(each, position)
    separator = text(arguments[0])
    if sum(map(len, pieces)) + len(separator) * len(pieces) > MAX_TEXT:
        raise limited("the text would be too long")
    found = string(separator.join(pieces))
    if len(pieces) == 1:
        (origin,) = {item.origin for each in arguments[1:] for item in elements(each)}
        return found.with_origin(origin)
    return found


@plain("split", string_parameter("separator"), _STR, returns=ListType(STRING))
def _split(separator: str, value: str) -> list[str]:
    if (value.count(separator) if separator else len(value)) > MAX_ELEMENTS:
        raise limited("the text would be split into too many parts", 1)
    return value.split(separator) if separator else list(value)


@plain("strrev", _STR, returns=STRING)
def _strrev(value: str) -> str:
    return "".join(reversed(graphemes(value)))


@function("substr", _STR, number_parameter("offset"), number_parameter("length"), returns=STRING)
def _substr(arguments: Sequence[TfValue], context: Context) -> TfValue:
    signs = graphemes(text(arguments[0]))
    offset = _small(integer(arguments[1], 1), 1)
    length = _small(integer(arguments[2], 2), 2)
    if offset < 0:
        offset = max(offset + len(signs), 0)
    end = len(signs) if length < 0 else offset + length
    return string("".join(signs[offset:end]))


@plain("trim", _STR, string_parameter("cutset"), returns=STRING)
def _trim(value: str, cutset: str) -> str:
    return value.strip(cutset) if cutset else value


@plain("trimprefix", _STR, string_parameter("prefix"), returns=STRING)
def _trimprefix(value: str, prefix: str) -> str:
    return value.removeprefix(prefix)


@plain("trimsuffix", _STR, string_parameter("suffix"), returns=STRING)
def _trimsuffix(value: str, suffix: str) -> str:
    return value.removesuffix(suffix)


@plain("trimspace", _STR, returns=STRING)
def _trimspace(value: str) -> str:
    return value.strip(SPACES)


_OPEN_STR = Parameter("str", STRING, needs=Needs.NOTHING)


@function("startswith", _OPEN_STR, string_parameter("prefix"), returns=BOOL)
def _startswith(arguments: Sequence[TfValue], context: Context) -> TfValue:
    prefix = text(arguments[1])
    data = arguments[0].data
    if isinstance(data, UnknownData):
        start = data.parts[0] if data.parts else ""
        if not isinstance(start, str):
            start = ""
        if len(start) >= len(prefix) or not prefix.startswith(start):
            return boolean(start.startswith(prefix))
        return unknown_call("startswith", arguments, BOOL)
    return boolean(text(arguments[0]).startswith(prefix))


@function("endswith", _OPEN_STR, string_parameter("suffix"), returns=BOOL)
def _endswith(arguments: Sequence[TfValue], context: Context) -> TfValue:
    suffix = text(arguments[1])
    data = arguments[0].data
    if isinstance(data, UnknownData):
        end = data.parts[-1] if data.parts else ""
        if not isinstance(end, str):
            end = ""
        if len(end) >= len(suffix) or not suffix.endswith(end):
            return boolean(end.endswith(suffix))
        return unknown_call("endswith", arguments, BOOL)
    return boolean(text(arguments[0]).endswith(suffix))


@function("strcontains", _OPEN_STR, string_parameter("substr"), returns=BOOL)
def _strcontains(arguments: Sequence[TfValue], context: Context) -> TfValue:
    wanted = text(arguments[1])
    data = arguments[0].data
    if isinstance(data, UnknownData):
        if any(wanted in part for part in data.parts or () if isinstance(part, str)):
            return boolean(True)
        return unknown_call("strcontains", arguments, BOOL)
    return boolean(wanted in text(arguments[0]))


def whole(value: TfValue, argument: int) -> int:
    """A number that must be whole and fit Go's `int`."""
    return _small(truncate(integer(value, argument)), argument)
