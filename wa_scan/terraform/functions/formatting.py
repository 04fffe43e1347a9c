"""`format` and `formatlist`: verbs like those of C's printf, as Go writes numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from decimal import Context as DecimalContext

from wa_scan.terraform.arithmetic import exact_decimal, is_infinite
from wa_scan.terraform.convert import convert
from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.functions.json_text import encode_json, merged, quoted_json
from wa_scan.terraform.functions.signature import (
    Context,
    Needs,
    any_parameter,
    function,
    refuse,
    string_parameter,
    text,
    unknown_call,
)
from wa_scan.terraform.graphemes import graphemes
from wa_scan.terraform.operators import MAX_TEXT, concat_template
from wa_scan.terraform.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    Primitive,
    SetType,
    TupleType,
)
from wa_scan.terraform.values import Number, Survey, TfValue, UnknownData, list_of, string

_VERB = re.compile(
    r"%(?P<flags>[0#\-+ ]*)(?P<width>[1-9][0-9]*)?(?P<precision>\.[0-9]*)?"
    r"(?:\[(?P<index>[1-9][0-9]*)\])?(?P<mode>[a-zA-Z])"
)
_MAX_WIDTH = 100_000
_MAX_VERBS = 20_000
_ARGUMENTS = any_parameter("args", Needs.RESOLVED, nullable=True)


@dataclass(frozen=True, slots=True)
class _Verb:
    raw: str
    mode: str
    flags: str
    width: int | None
    precision: int | None
    argument: int

    @property
    def is_bare(self) -> bool:
        return not self.flags and self.width is None and self.precision is None


def _parsed(form: str, count: int) -> list[str | _Verb]:
    """Literal texts and verbs. Raises for bad verbs and for arguments that are missing or left over."""
    found: list[str | _Verb] = []
    following, highest, at = 1, 0, 0
    while at < len(form):
        percent = form.find("%", at)
        if percent < 0:
            found.append(form[at:])
            break
        if percent > at:
            found.append(form[at:percent])
        if form.startswith("%%", percent):
            found.append("%")
            at = percent + 2
            continue
        match = _VERB.match(form, percent)
        if len(found) > _MAX_VERBS:
            raise LimitReachedError("the format string has too many verbs")
        if match is None:
            raise refuse(f"unrecognized format verb at offset {percent}", 0)
        index = _limited(match["index"]) or following
        precision = match["precision"]
        verb = _Verb(
            match[0],
            match["mode"],
            match["flags"],
            _limited(match["width"]),
            None if precision is None else _limited(precision[1:] or "0"),
            index - 1,
        )
        if verb.mode not in "vtbdoxXeEfgGsq":
            raise refuse(f'unsupported format verb "{verb.mode}"', 0)
        if index > count:
            raise refuse(f'not enough arguments for "{verb.raw[:40]}": need {index}, have {count}', 0)
        highest = max(highest, index)
        following = index + 1
        found.append(verb)
        at = match.end()
    if highest < count:
        raise refuse(f"too many arguments; only {highest} used by format string", highest + 1)
    return found


def _limited(digits: str | None) -> int | None:
    if digits is None:
        return None
    if len(digits) > 9 or int(digits) > _MAX_WIDTH:
        raise LimitReachedError("a width or precision is too large")
    return int(digits)


@function("format", string_parameter("format"), variadic=_ARGUMENTS, returns=STRING)
def _format(arguments: Sequence[TfValue], context: Context) -> TfValue:
    given = arguments[1:]
    if any(value.data is None and value.type is DYNAMIC for value in given):
        # What a verb makes of a null depends on its type.
        return unknown_call("format", arguments, STRING)
    return _formatted(text(arguments[0]), given)


def _formatted(form: str, given: Sequence[TfValue]) -> TfValue:
    if all(_wholly_known(value) for value in given):
        return string(_rendered(_parsed(form, len(given)), given))
    try:
        return _partly_formatted(form, given)
    except LimitReachedError:
        raise
    except EvaluationError:
        # Terraform looks at the verbs only once all values are known.
        return unknown_call("format", [string(form), *given], STRING)


def _partly_formatted(form: str, given: Sequence[TfValue]) -> TfValue:
    verbs = _parsed(form, len(given))
    pieces: list[TfValue] = []
    for verb in verbs:
        if isinstance(verb, str):
            pieces.append(string(verb))
            continue
        value = given[verb.argument]
        if _wholly_known(value):
            pieces.append(string(_shown(verb, value)))
        elif verb.is_bare and verb.mode in "svd" and isinstance(value.type, Primitive):
            pieces.append(convert(value, STRING))
        else:
            pieces.append(unknown_call("format", [string(verb.raw), value], STRING))
    return concat_template(pieces)


def _wholly_known(value: TfValue) -> bool:
    return Survey(value).unknown is None


def _rendered(verbs: list[str | _Verb], given: Sequence[TfValue]) -> str:
    found: list[str] = []
    size = 0
    for verb in verbs:
        piece = verb if isinstance(verb, str) else _shown(verb, given[verb.argument])
        size += len(piece)
        if size > MAX_TEXT:
            raise LimitReachedError("the text would be too long")
        found.append(piece)
    return "".join(found)


def _shown(verb: _Verb, value: TfValue) -> str:
    if value.data is None and verb.mode != "v":
        raise refuse(f'unsupported value for "{verb.raw}": null value cannot be formatted', verb.argument + 1)
    try:
        if verb.mode == "v":
            return _as_is(verb, value)
        if verb.mode == "t":
            return "true" if convert(value, BOOL).data else "false"
        if verb.mode in "sq":
            return _as_text(verb, convert(value, STRING))
        found = convert(value, NUMBER).data
    except LimitReachedError:
        raise
    except EvaluationError as error:
        message = f'unsupported value for "{verb.raw}": {error.message}'
        raise refuse(message, verb.argument + 1) from None
    assert isinstance(found, Number)
    return _as_number(verb, found)


def _as_is(verb: _Verb, value: TfValue) -> str:
    data = value.data
    if "#" not in verb.flags:
        if isinstance(data, str):
            return _padded(verb, data)
        if isinstance(data, Number) and not isinstance(data, bool):
            return _padded(verb, _shortest(data))
    (found,) = merged(encode_json(value))
    assert isinstance(found, str)
    return _padded(verb, found)


def _as_text(verb: _Verb, value: TfValue) -> str:
    found = text(value)
    if verb.precision:
        found = "".join(graphemes(found)[: verb.precision])
    return _padded(verb, quoted_json(found) if verb.mode == "q" else found)


def _padded(verb: _Verb, found: str) -> str:
    if verb.width is None:
        return found
    missing = verb.width - len(graphemes(found))
    if missing <= 0:
        return found
    padding = ("0" if "0" in verb.flags else " ") * missing
    return found + padding if "-" in verb.flags else padding + found


def _as_number(verb: _Verb, value: Number) -> str:
    if verb.mode in "bdoxX":
        if not isinstance(value, int):
            if value != 0:
                raise refuse(f'unsupported value for "{verb.raw}": an integer is required', verb.argument + 1)
            value = 0
        return _integer(verb, value)
    return _float(verb, value)


def _integer(verb: _Verb, value: int) -> str:
    digits = format(abs(value), "d" if verb.mode == "d" else verb.mode)
    if verb.precision is not None:
        digits = "" if not verb.precision and not value else digits.rjust(verb.precision, "0")
    prefix = ""
    if "#" in verb.flags:
        prefix = {"x": "0x", "X": "0X", "o": "0", "b": "0b"}.get(verb.mode, "")
    return _signed(verb, value < 0, prefix, digits, "0" in verb.flags and verb.precision is None)


def _signed(verb: _Verb, negative: bool, prefix: str, digits: str, zeros: bool) -> str:
    sign = "-" if negative else "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    found = sign + prefix + digits
    missing = (verb.width or 0) - len(found)
    if missing <= 0:
        return found
    if "-" in verb.flags:
        return found + " " * missing
    return sign + prefix + "0" * missing + digits if zeros else " " * missing + found


def _float(verb: _Verb, value: Number) -> str:
    negative = value < 0 or (isinstance(value, Decimal) and value.is_signed())
    if is_infinite(value):
        sign = "-" if negative else "+"
        return f"{sign}Inf".rjust(verb.width or 0)
    magnitude = exact_decimal(value).copy_abs()
    mode = verb.mode.lower()
    precision = 6 if verb.precision is None else verb.precision
    if mode == "f":
        digits = format(magnitude.quantize(Decimal(1).scaleb(-precision), context=_EXACT), "f")
    elif mode == "e":
        digits = _exponential(magnitude, precision)
    elif verb.precision is None:
        digits = _shortest(Decimal(value).copy_abs())
    else:
        digits = _general(magnitude, max(precision, 1))
    if verb.mode.isupper():
        digits = digits.upper()
    return _signed(verb, negative, "", digits, "0" in verb.flags)


_EXACT = DecimalContext(prec=200_000, rounding=ROUND_HALF_EVEN, Emax=10**9, Emin=-(10**9))


def _exponential(magnitude: Decimal, precision: int) -> str:
    rounding = DecimalContext(prec=precision + 1, rounding=ROUND_HALF_EVEN)
    rounded = rounding.plus(magnitude) if magnitude else Decimal(0)
    digits = "".join(map(str, rounded.as_tuple().digits)).ljust(precision + 1, "0")
    return _with_exponent(digits[: precision + 1], rounded.adjusted() if rounded else 0)


def _with_exponent(digits: str, exponent: int) -> str:
    point = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{point}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def _general(magnitude: Decimal, precision: int) -> str:
    """Go's %g with that many significant digits."""
    rounding = DecimalContext(prec=precision, rounding=ROUND_HALF_EVEN)
    return _general_digits(rounding.plus(magnitude), precision)


def _shortest(value: Number) -> str:
    """Go's %g without a precision: all digits, an exponent below 1e-4 and from 1e6."""
    if is_infinite(value):
        return "+Inf" if value > 0 else "-Inf"
    exact = Decimal(value)
    sign = "-" if exact.is_signed() else ""
    return sign + _general_digits(exact.copy_abs(), None)


def _general_digits(magnitude: Decimal, precision: int | None) -> str:
    if not magnitude:
        return "0"
    digits = "".join(map(str, magnitude.as_tuple().digits)).rstrip("0")
    exponent = magnitude.adjusted()
    limit = 6 if precision is None else precision
    if precision is not None and limit > len(digits) > exponent:
        limit = len(digits)
    if exponent < -4 or exponent >= limit:
        return _with_exponent(digits, exponent)
    return format(Decimal(digits).scaleb(exponent - len(digits) + 1, _EXACT), "f")


@function("formatlist", string_parameter("format"), variadic=_ARGUMENTS, returns=ListType(STRING))
def _formatlist(arguments: Sequence[TfValue], context: Context) -> TfValue:
    form, given = text(arguments[0]), arguments[1:]
    if not given:
        return list_of(STRING, [_formatted(form, ())])
    length: int | None = None
    known = True
    for position, value in enumerate(given, start=1):
        if value.type is DYNAMIC:
            known = False
        if not isinstance(value.type, ListType | SetType | TupleType) or value.data is None:
            continue
        if isinstance(value.type, TupleType):
            own: int | None = len(value.type.elements)
        else:
            own = len(value.data) if isinstance(value.data, tuple) else None
        if own is not None:
            if length is not None and own != length:
                raise refuse("the lists among the arguments have different lengths", position)
            length = own
        known = known and not isinstance(value.data, UnknownData)
    if not known:
        return unknown_call("formatlist", arguments, ListType(STRING))
    if length == 0:
        return list_of(STRING, ())
    rows: list[TfValue] = []
    size = 0
    for row in range(1 if length is None else length):
        made = _formatted(form, [_at(value, row) for value in given])
        size += len(made.data) if isinstance(made.data, str) else 0
        if size > MAX_TEXT:
            raise LimitReachedError("the texts would be too long")
        rows.append(made)
    return list_of(STRING, rows)


def _at(value: TfValue, row: int) -> TfValue:
    if isinstance(value.type, ListType | SetType | TupleType) and isinstance(value.data, tuple):
        return value.data[row]
    return value
