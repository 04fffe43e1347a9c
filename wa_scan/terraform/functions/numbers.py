"""Functions on numbers."""

import math
from collections.abc import Sequence

from wa_scan.terraform.arithmetic import INFINITY, add, canonical, from_float, is_infinite
from wa_scan.terraform.convert import convert
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.functions.signature import (
    Context,
    any_parameter,
    elements,
    function,
    integer,
    limited,
    number_parameter,
    plain,
    refuse,
)
from wa_scan.terraform.types import DYNAMIC, NUMBER, STRING, ListType, SetType, TupleType, Type
from wa_scan.terraform.values import Number, TfValue, UnknownData, number

_NUM = number_parameter("num")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@plain("abs", _NUM, returns=NUMBER)
def _abs(value: Number) -> Number:
    return abs(value) if isinstance(value, int) else value.copy_abs() or 0


@plain("ceil", _NUM, returns=NUMBER)
def _ceil(value: Number) -> Number:
    return value if isinstance(value, int) or is_infinite(value) else math.ceil(value)


@plain("floor", _NUM, returns=NUMBER)
def _floor(value: Number) -> Number:
    return value if isinstance(value, int) or is_infinite(value) else math.floor(value)


@plain("signum", _NUM, returns=NUMBER)
def _signum(value: Number) -> int:
    if not isinstance(value, int) and (is_infinite(value) or value != 0):
        raise refuse("a whole number is required", 0)
    if not -(2**63) <= value < 2**63:
        raise refuse("the number must fit into 64 bits", 0)
    return (value > 0) - (value < 0)


@plain("log", _NUM, number_parameter("base"), returns=NUMBER)
def _log(value: Number, base: Number) -> Number:
    top, bottom = _logarithm(value), _logarithm(base)
    if (math.isinf(top) and math.isinf(bottom)) or top == bottom == 0:
        raise EvaluationError("the result is not a number")
    if bottom == 0:
        return INFINITY if top > 0 else -INFINITY
    return _from(top / bottom)


def _logarithm(value: Number) -> float:
    if value < 0:
        raise EvaluationError("the result is not a number")
    if value == 0:
        return -math.inf
    if is_infinite(value):
        return math.inf
    as_float = _float(value)
    return math.log(as_float) if as_float else -math.inf


def _float(value: Number) -> float:
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if math.isinf(found) and not is_infinite(value):
        raise EvaluationError("the number is too large for this function")
    return found


def _from(value: float) -> Number:
    if math.isinf(value):
        return INFINITY if value > 0 else -INFINITY
    return from_float(value)


@plain("pow", _NUM, number_parameter("power"), returns=NUMBER)
def _pow(value: Number, power: Number) -> Number:
    base, exponent = _float(value), _float(power)
    try:
        found = math.pow(base, exponent)
    except OverflowError:
        found = -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        if base == 0:
            return INFINITY
        raise EvaluationError("the result is not a number") from None
    return _from(found)


@function("max", variadic=number_parameter("numbers"), returns=NUMBER)
def _max(arguments: Sequence[TfValue], context: Context) -> TfValue:
    if not arguments:
        raise EvaluationError("must pass at least one number")
    return max(arguments, key=_number)


@function("min", variadic=number_parameter("numbers"), returns=NUMBER)
def _min(arguments: Sequence[TfValue], context: Context) -> TfValue:
    if not arguments:
        raise EvaluationError("must pass at least one number")
    return min(arguments, key=_number)


def _number(value: TfValue) -> Number:
    assert isinstance(value.data, Number)
    return value.data


def _sum_type(arguments: Sequence[TfValue]) -> Type:
    source = arguments[0]
    is_list = isinstance(source.type, ListType | SetType | TupleType)
    if not is_list and not isinstance(source.data, UnknownData):
        raise refuse("cannot sum what is no list, set or tuple", 0)
    return NUMBER


@function("sum", any_parameter("list"), returns=_sum_type)
def _sum(arguments: Sequence[TfValue], context: Context) -> TfValue:
    _sum_type(arguments)
    items = elements(arguments[0])
    if not items:
        raise refuse("cannot sum an empty list", 0)
    total: Number = 0
    for position, item in enumerate(items):
        if item.type is DYNAMIC or item.data is None:
            raise refuse("the list must be of numbers, without null", 0)
        found = convert(item, NUMBER)
        total = add(total, _number(found)) if position else _number(found)
    return number(total)


def _parseint_type(arguments: Sequence[TfValue]) -> Type:
    if arguments[0].type not in (STRING, DYNAMIC):
        raise refuse("the first argument must be a string", 0)
    return NUMBER


@function("parseint", any_parameter("number"), number_parameter("base"), returns=_parseint_type)
def _parseint(arguments: Sequence[TfValue], context: Context) -> TfValue:
    _parseint_type(arguments)
    source = arguments[0]
    base = integer(arguments[1], 1)
    if not 2 <= base <= 62:
        raise refuse("the base must be a whole number between 2 and 62 inclusive", 1)
    given = source.data
    assert isinstance(given, str)
    digits = given[1:] if given[:1] in ("+", "-") else given
    if len(digits) > 10_000:
        raise limited("the text is too long for a number", 0)
    found = 0
    for sign in digits:
        value = _DIGITS.find(sign if base > 36 else sign.lower())
        if not 0 <= value < base:
            digits = ""
            break
        found = found * base + value
    if not digits:
        raise refuse(f"cannot parse this text as a number of base {base}", 0)
    return number(canonical(-found if given.startswith("-") else found))
