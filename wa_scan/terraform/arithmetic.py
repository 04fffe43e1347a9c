"""Terraform's numbers: binary floats with a mantissa of 512 bits (Go's `big.Float` in cty).

A number is an `int` where it is integral, else a `Decimal`: the shortest one that reads back as the
same binary float. That makes the two interchangeable: comparing and printing need no binary form,
and arithmetic goes through it only where a fraction takes part. Infinities and negative
zero are `Decimal`s.
"""

import re
from decimal import Context, Decimal

from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.values import Number

PRECISION = 512
INFINITY = Decimal("Infinity")
# Terraform goes to 2**(2**31); nothing that configures a cloud is as large as this.
MAX_DIGITS = 4_000
# Fewer significant digits than this survive the way to binary and back.
_SAFE_DIGITS = 150
_CONTEXT = Context(prec=MAX_DIGITS * 4, Emax=10**9, Emin=-(10**9))
_NUMBER = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?:[pP]([+-]?[0-9]{1,6}))?")
_INFINITIES = {
    "inf": INFINITY,
    "Inf": INFINITY,
    "+inf": INFINITY,
    "+Inf": INFINITY,
    "-inf": -INFINITY,
    "-Inf": -INFINITY,
}


def parse_number(text: str) -> Number | None:
    """The number that `text` spells, or None. Raises `LimitReachedError` beyond 10**4000."""
    if text.isdecimal() and text.isascii() and len(text) < _SAFE_DIGITS:
        return int(text)
    if text in _INFINITIES:
        return _INFINITIES[text]
    if len(text) > MAX_DIGITS * 2:
        raise LimitReachedError("the number is too long")
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    found = canonical(Decimal(match[1], _CONTEXT))
    if match[2] is None:
        return found
    # Go reads powers of two after a decimal mantissa as well.
    power = int(match[2])
    if abs(power) > MAX_DIGITS * 3:
        raise LimitReachedError("the number is too large or too small")
    return multiply(found, 1 << power) if power >= 0 else divide(found, 1 << -power)


def canonical(value: Number) -> Number:
    """`value` as wa-scan keeps it: rounded to what 512 bits hold, integral ones as `int`."""
    if isinstance(value, int):
        if value.bit_length() <= PRECISION:
            return value
        return _rounded(value, 1)
    if not value.is_finite():
        if value.is_nan():
            raise EvaluationError("not a number")
        return value
    if not value:
        return Decimal("-0") if value.is_signed() else 0
    if abs(value.adjusted()) > MAX_DIGITS:
        raise LimitReachedError("the number is too large or too small")
    digits = len(value.as_tuple().digits)
    integral = value == value.to_integral_value(context=_CONTEXT)
    if integral:
        return canonical(int(value))
    if digits <= _SAFE_DIGITS:
        return value.normalize(_CONTEXT)
    return _rounded(*value.as_integer_ratio())


class FloatInteger(int):
    """A large integer that came from an ordinary float: it calculates exactly, but shows only the
    digits that a float has.
    """

    __slots__ = ()


def from_float(value: float) -> Number:
    """A number that Terraform computes with an ordinary float."""
    if value != value:
        raise EvaluationError("the result is not a number")
    if abs(value) > 2**53 and value.is_integer():
        return FloatInteger(value)
    return canonical(Decimal(repr(value)))


def number_text(value: Number) -> str:
    """Without an exponent, as `tostring` gives it."""
    if isinstance(value, FloatInteger):
        return _float_text(value)
    if isinstance(value, int):
        return str(value)
    if not value.is_finite():
        return "-Inf" if value.is_signed() else "+Inf"
    return format(value, "f")


def _float_text(value: int) -> str:
    """The fewest digits that are nearer to a float than half the distance to the next one."""
    spacing = 1 << (value.bit_length() - 53)
    for digits in range(1, 18):
        shown = int(Context(prec=digits).plus(Decimal(value)))
        if abs(shown - value) * 2 < spacing:
            return str(shown)
    return str(int(value))


def is_infinite(value: Number) -> bool:
    return isinstance(value, Decimal) and value.is_infinite()


def negate(value: Number) -> Number:
    if isinstance(value, int):
        return -value if value else Decimal("-0")
    return canonical(value.copy_negate())


def add(left: Number, right: Number) -> Number:
    """Raises `EvaluationError` for infinities of opposite sign."""
    if isinstance(left, int) and isinstance(right, int):
        return canonical(left + right)
    if is_infinite(left) or is_infinite(right):
        if is_infinite(left) and is_infinite(right) and left != right:
            raise EvaluationError("cannot add infinities of opposite sign")
        return left if is_infinite(left) else right
    (n, d), (m, e) = _exact(left), _exact(right)
    return _rounded(n * e + m * d, d * e)


def subtract(left: Number, right: Number) -> Number:
    """Raises `EvaluationError` as `add` does."""
    if isinstance(left, int) and isinstance(right, int):
        return canonical(left - right)
    if not right:
        return left
    return add(left, negate(right))


def multiply(left: Number, right: Number) -> Number:
    """Raises `EvaluationError` for zero by infinity."""
    if isinstance(left, int) and isinstance(right, int):
        return canonical(left * right)
    if is_infinite(left) or is_infinite(right):
        if not left or not right:
            raise EvaluationError("cannot multiply zero by infinity")
        return INFINITY if _negative(left) == _negative(right) else -INFINITY
    if not left or not right:
        return 0 if _negative(left) == _negative(right) else Decimal("-0")
    (n, d), (m, e) = _exact(left), _exact(right)
    return _rounded(n * m, d * e)


def divide(left: Number, right: Number) -> Number:
    """Division by zero is an infinity; raises for `0 / 0` and for infinity by infinity."""
    if is_infinite(right):
        if is_infinite(left):
            raise EvaluationError("cannot divide infinity by infinity")
        return 0
    if not right:
        if not left:
            raise EvaluationError("cannot divide zero by zero")
        return INFINITY if _negative(left) == _negative(right) else -INFINITY
    if is_infinite(left):
        return left if not _negative(right) else negate(left)
    if not left:
        return 0
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    (n, d), (m, e) = _exact(left), _exact(right)
    return _rounded(n * e if m > 0 else -n * e, d * abs(m))


def modulo(left: Number, right: Number) -> Number:
    """The remainder of truncated division, with the sign of `left`; `x % 0` is x."""
    if not right:
        return left
    if is_infinite(left) or is_infinite(right):
        raise EvaluationError("there is no remainder with infinity")
    if isinstance(left, int) and isinstance(right, int):
        found = abs(left) % abs(right)
        return -found if left < 0 else found
    quotient = truncate(divide(left, right))
    return subtract(left, multiply(quotient, right))


def truncate(value: Number) -> int:
    """The integral part. Raises for an infinity."""
    if is_infinite(value):
        raise EvaluationError("an infinite number has no integral part")
    return int(value)


def _negative(value: Number) -> bool:
    return value < 0 if isinstance(value, int) else value.is_signed()


def exact_decimal(value: Number) -> Decimal:
    """Every digit of the binary float that a finite `value` stands for."""
    numerator, denominator = _exact(value)
    return _CONTEXT.divide(Decimal(numerator), Decimal(denominator))


def _exact(value: Number) -> tuple[int, int]:
    """Numerator and denominator of the binary float that `value` stands for."""
    if isinstance(value, int):
        return value, 1
    numerator, denominator = value.as_integer_ratio()
    if not numerator:
        return 0, 1
    mantissa, exponent = _binary(abs(numerator), denominator)
    if numerator < 0:
        mantissa = -mantissa
    return (mantissa << exponent, 1) if exponent >= 0 else (mantissa, 1 << -exponent)


def _binary(numerator: int, denominator: int) -> tuple[int, int]:
    """Mantissa of 512 bits and exponent of the float nearest to a positive fraction."""
    shift = PRECISION - (numerator.bit_length() - denominator.bit_length())
    while True:
        scaled = numerator << shift if shift > 0 else numerator
        divisor = denominator << -shift if shift < 0 else denominator
        mantissa, rest = divmod(scaled, divisor)
        if mantissa.bit_length() <= PRECISION:
            break
        shift -= 1
    twice = rest * 2
    if twice > divisor or (twice == divisor and mantissa & 1):
        mantissa += 1
        if mantissa.bit_length() > PRECISION:
            mantissa >>= 1
            shift -= 1
    return mantissa, -shift


def _rounded(numerator: int, denominator: int) -> Number:
    """The number nearest to a fraction: the shortest decimal of its binary float."""
    if not numerator:
        return 0
    sign = -1 if numerator < 0 else 1
    numerator = abs(numerator)
    magnitude = (numerator.bit_length() - denominator.bit_length()) * 0.30103
    if abs(magnitude) > MAX_DIGITS:
        raise LimitReachedError("the number is too large or too small")
    target = _binary(numerator, denominator)
    mantissa, exponent = target
    top, bottom = (mantissa << exponent, 1) if exponent >= 0 else (mantissa, 1 << -exponent)
    if bottom == 1 and top.bit_length() <= PRECISION:
        return sign * top
    leading = int(magnitude)
    for digits in range(153, 160):
        scale = digits - leading
        n, d = (top * 10**scale, bottom) if scale >= 0 else (top, bottom * 10**-scale)
        whole, rest = divmod(n, d)
        whole += rest * 2 >= d
        back = (whole, 10**scale) if scale >= 0 else (whole * 10**-scale, 1)
        if _binary(*back) == target:
            break
    found = Decimal(sign * whole).scaleb(-scale, _CONTEXT)
    if found == found.to_integral_value(context=_CONTEXT):
        return int(found)
    return found.normalize(_CONTEXT)
