"""Equality of values, as cty's `Equals`: three-valued, and never converting."""

from wa_scan.terraform.choices import TooManyChoicesError, boolean_under, distribute, guard_of
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.symbols import operation_symbol
from wa_scan.terraform.types import BOOL, DYNAMIC, SetType, Type
from wa_scan.terraform.unification import conforms, has_dynamic
from wa_scan.terraform.values import (
    FALSE,
    TRUE,
    ChoiceData,
    Survey,
    TfValue,
    UnknownData,
    boolean,
)
from wa_scan.values import Guard
from wa_scan.values.kinds import Reason


def equals(left: TfValue, right: TfValue) -> TfValue:
    """`left == right`: a bool, unknown where that is not known yet, with the marks of both."""
    a, b = left.data, right.data
    if not left.marks and not right.marks and isinstance(a, str | bool | int) and type(a) is type(b):
        return TRUE if a == b else FALSE
    marks = Survey(left).marks | Survey(right).marks
    try:
        return _equals(left, right, {}).with_marks(marks)
    except RecursionError:
        raise EvaluationError("the values are nested too deeply to compare") from None


def same(left: TfValue, right: TfValue) -> bool | None:
    """Whether both are equal; None where that is not known."""
    data = _equals(left, right, {}).data
    return data if isinstance(data, bool) else None


# What has been compared already, by the ids of both sides: values may share much inside.
_Memo = dict[tuple[int, int], TfValue]


def _equals(left: TfValue, right: TfValue, memo: _Memo) -> TfValue:
    a, b = left.data, right.data
    if isinstance(a, ChoiceData) or isinstance(b, ChoiceData):
        try:
            return distribute((left, right), lambda sides: _equals(sides[0], sides[1], {}))
        except TooManyChoicesError:
            return _not_known(left, right)
    if a is None or b is None:
        return _null_equals(left, right)
    if isinstance(a, UnknownData) or isinstance(b, UnknownData):
        return _unknown_equals(left, right)
    if left.type is not right.type:
        if not _has_known_type(left) or not _has_known_type(right):
            may_be = conforms(left.type, right.type) or conforms(right.type, left.type)
            return _not_known(left, right) if may_be else FALSE
        return FALSE
    if isinstance(a, tuple | dict) and isinstance(b, tuple | dict):
        found = memo.get((id(left), id(right)))
        if found is None:
            found = memo[(id(left), id(right))] = _composite_equals(left, right, memo)
        return found
    return boolean(a == b)


def _composite_equals(left: TfValue, right: TfValue, memo: _Memo) -> TfValue:
    a, b = left.data, right.data
    if isinstance(a, tuple) and isinstance(b, tuple):
        if isinstance(left.type, SetType):
            return _set_equals(left, right, memo)
        if len(a) != len(b):
            return FALSE
        return _all_equal(left, right, list(zip(a, b, strict=True)), memo)
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        return _all_equal(left, right, [(item, b[key]) for key, item in a.items()], memo)
    return FALSE


def _has_known_type(value: TfValue) -> bool:
    """Whether nothing inside may turn out to be of another type. (A null without a type is of none.)"""
    todo, seen = [value], set[int]()
    while todo:
        item = todo.pop()
        data = item.data
        if not has_dynamic(item.type) or id(data) in seen:
            continue
        if isinstance(data, ChoiceData) or (isinstance(data, UnknownData) and item.type is DYNAMIC):
            return False
        if isinstance(data, tuple | dict):
            seen.add(id(data))
            todo += data.values() if isinstance(data, dict) else data
    return True


def _all_equal(left: TfValue, right: TfValue, pairs: list[tuple[TfValue, TfValue]], memo: _Memo) -> TfValue:
    guard = Guard.ALWAYS
    doubtful = False
    for one, other in pairs:
        if one is other and not isinstance(one.data, tuple | dict | UnknownData | ChoiceData):
            continue
        found = _equals(one, other, memo)
        if found.data is False:
            return FALSE
        if isinstance(found.data, ChoiceData) and (holds := guard_of(found)) is not None:
            guard = guard & holds
        elif found.data is not True:
            doubtful = True
    if guard.is_never:
        return FALSE
    if doubtful:
        return _not_known(left, right)
    return boolean_under(guard)


def _set_equals(left: TfValue, right: TfValue, memo: _Memo) -> TfValue:
    a, b = Survey(left), Survey(right)
    if a.unknown is not None or b.unknown is not None or a.has_choice or b.has_choice:
        return _not_known(left, right)
    one, other = left.data, right.data
    assert isinstance(one, tuple)
    assert isinstance(other, tuple)
    # Sets are in one order without duplicates.
    return boolean(
        len(one) == len(other)
        and all(_equals(x, y, memo).data is True for x, y in zip(one, other, strict=True))
    )


def _null_equals(left: TfValue, right: TfValue) -> TfValue:
    if left.data is None and right.data is None:
        return TRUE
    other = right if left.data is None else left
    if isinstance(other.data, UnknownData) and not other.data.never_null:
        return _not_known(left, right)
    return FALSE


def _unknown_equals(left: TfValue, right: TfValue) -> TfValue:
    a, b = left.data, right.data
    if _types_differ(left.type, right.type):
        # A value of another type is another value, unless both turn out to be null.
        both = isinstance(a, UnknownData) and isinstance(b, UnknownData)
        if not both or (_never_null(left) or _never_null(right)):
            return FALSE
        return _not_known(left, right)
    for known, other in ((left, right), (right, left)):
        if isinstance(known.data, UnknownData) or other.type is DYNAMIC or not _has_known_type(known):
            continue
        if not conforms(known.type, other.type):
            return FALSE
    if isinstance(a, UnknownData) and isinstance(b, UnknownData):
        same_symbol = a.symbol == b.symbol and left.type is right.type
        if same_symbol and Reason.IMPURE not in (a.reason, b.reason):
            return TRUE
    if _cannot_match(left, right):
        return FALSE
    return _not_known(left, right)


def _never_null(value: TfValue) -> bool:
    return isinstance(value.data, UnknownData) and value.data.never_null


def _types_differ(left: Type, right: Type) -> bool:
    if left is right or left is DYNAMIC or right is DYNAMIC:
        return False
    return not has_dynamic(left) and not has_dynamic(right)


def _cannot_match(left: TfValue, right: TfValue) -> bool:
    """Whether two texts, one at least partly unknown, surely differ: at the start or at the end."""
    starts, ends = [], []
    for value in (left, right):
        data = value.data
        if isinstance(data, str):
            starts.append(data)
            ends.append(data)
        elif isinstance(data, UnknownData) and data.parts:
            first, last = data.parts[0], data.parts[-1]
            starts.append(first if isinstance(first, str) else "")
            ends.append(last if isinstance(last, str) else "")
        else:
            return False
    if not (starts[0].startswith(starts[1]) or starts[1].startswith(starts[0])):
        return True
    if not (ends[0].endswith(ends[1]) or ends[1].endswith(ends[0])):
        return True
    for value, other in ((left, right), (right, left)):
        data = other.data
        if isinstance(value.data, str) and isinstance(data, UnknownData) and data.parts:
            least = sum(len(part) for part in data.parts if isinstance(part, str))
            if least > len(value.data):
                return True
    return False


def _not_known(left: TfValue, right: TfValue) -> TfValue:
    # The one order of operands: `a == b` and `b == a` are the same condition.
    one, other = left, right
    if isinstance(right.data, UnknownData) and not isinstance(left.data, UnknownData):
        one, other = right, left
    symbol = operation_symbol("==", one, other)
    return TfValue(BOOL, UnknownData(symbol, reason_of(left, right), True))


def reason_of(*values: TfValue) -> Reason:
    """Why a result made of `values` is not known: for the reason of the first that is not."""
    for value in values:
        found = Survey(value).unknown
        if found is not None and isinstance(found.data, UnknownData):
            return found.data.reason
    return Reason.UNSUPPORTED
