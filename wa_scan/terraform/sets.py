"""Sets: no duplicates, and Terraform's order of elements."""

from collections.abc import Hashable, Iterable
from decimal import Decimal

from wa_scan.terraform.types import ObjectType, SetType, TupleType, Type
from wa_scan.terraform.values import (
    NO_MARKS,
    ChoiceData,
    Mark,
    Marks,
    Survey,
    TfValue,
    UnknownData,
)
from wa_scan.values import Origin


def set_of(element: Type, elements: Iterable[TfValue], origin: Origin | None = None) -> TfValue:
    """A set of elements that all have the type `element` already.

    Sensitivity inside it becomes that of the whole set, since its elements cannot be told apart
    without looking at them. Unknown elements stay, one for each that was given.
    """
    marks: set[Mark] = set()
    known: dict[Hashable, TfValue] = {}
    unknown: list[TfValue] = []
    identities = Identities()
    kept: list[TfValue] = []
    for item in elements:
        plain = item
        if item.marks or isinstance(item.data, tuple | dict):
            survey = Survey(item)
            inside = {mark for mark in survey.marks if isinstance(mark, Mark)}
            if inside:
                marks |= inside
                plain = unmark_deep(item, frozenset(inside))
            if survey.unknown is not None or survey.has_choice:
                unknown.append(plain)
                continue
        elif isinstance(item.data, UnknownData | ChoiceData):
            unknown.append(item)
            continue
        # The identities hold for values that stay alive.
        kept.append(plain)
        known.setdefault(identities.of(plain), plain)
    ordered = sorted(known.values(), key=order_key)
    return TfValue(SetType(element), (*ordered, *unknown), frozenset(marks), origin)


class Identities:
    """Names for wholly known values: equal for equal values of one type. What values share is looked
    at once; the values must live as long as this.
    """

    __slots__ = ("_names", "_seen")

    def __init__(self) -> None:
        self._names: dict[Hashable, int] = {}
        self._seen: dict[int, Hashable] = {}

    def of(self, value: TfValue) -> Hashable:
        data = value.data
        if isinstance(data, bool):
            return (bool, data)
        if isinstance(data, UnknownData | ChoiceData):
            # Nothing that is not known counts as equal to anything else.
            return (UnknownData, id(data))
        if not isinstance(data, tuple | dict):
            return data
        found = self._seen.get(id(value))
        if found is None:
            if isinstance(data, tuple):
                inside: Hashable = (tuple, *map(self.of, data))
            else:
                inside = (dict, *((key, self.of(data[key])) for key in sorted(data)))
            found = (Identities, self._names.setdefault(inside, len(self._names)))
            self._seen[id(value)] = found
        return found


def order_key(value: TfValue) -> tuple[int, str | int | Decimal | bool]:
    """cty's order of set elements: primitives by value, null last, others by cty's hash text.

    Where their type is not known because that of another one is not, they may be of several kinds.
    """
    data = value.data
    if data is None:
        return (3, "")
    if isinstance(data, bool):
        return (0, data)
    if isinstance(data, int | Decimal):
        return (1, data)
    return (2, data if isinstance(data, str) else _hash_text(value))


# Sets of values that agree on so much of their text are in no particular order.
_ORDERED_BY = 50_000


def _hash_text(value: TfValue) -> str:
    """The text that cty orders set elements by, where they are no primitives."""
    found: list[str] = []
    size = 0
    todo: list[TfValue | str] = [value]
    while todo and size < _ORDERED_BY:
        at = todo.pop()
        if isinstance(at, TfValue):
            inside = _hash_pieces(at)
            if isinstance(inside, list):
                todo += reversed(inside)
                continue
            at = inside
        found.append(at)
        size += len(at)
    return "".join(found)


def _hash_pieces(value: TfValue) -> "str | list[TfValue | str]":
    data = value.data
    if data is None:
        return "~"
    if isinstance(data, UnknownData | ChoiceData):
        return "?"
    if isinstance(data, bool):
        return "T" if data else "F"
    if isinstance(data, str):
        escaped = data.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    if isinstance(data, tuple | dict):
        return _hash_inside(value, data)
    try:
        return f"{float(data):.10g}"
    except OverflowError:
        return str(data)


def _hash_inside(value: TfValue, data: tuple[TfValue, ...] | dict[str, TfValue]) -> list[TfValue | str]:
    structural = isinstance(value.type, ObjectType | TupleType)
    opening, closing = "<>" if structural else "[]" if isinstance(data, tuple) else "{}"
    found: list[TfValue | str] = [opening]
    if isinstance(data, tuple):
        for item in data:
            found += (item, ";")
    else:
        for key in sorted(data):
            found += (data[key], ";") if structural else (f'"{key}":', data[key], ";")
    found.append(closing)
    return found


def unmark_deep(value: TfValue, marks: Marks) -> TfValue:
    """`value` without `marks`, on it and everything inside it; what has none is shared."""
    return _unmark(value, marks, {})


def _unmark(value: TfValue, marks: Marks, memo: dict[int, TfValue]) -> TfValue:
    data = value.data
    if not isinstance(data, tuple | dict | ChoiceData):
        return value.without_marks(marks)
    found = memo.get(id(value))
    if found is not None:
        return found
    changed: tuple[TfValue, ...] | dict[str, TfValue] | ChoiceData
    if isinstance(data, tuple):
        changed = tuple(_unmark(item, marks, memo) for item in data)
        same = all(one is other for one, other in zip(changed, data, strict=True))
    elif isinstance(data, dict):
        changed = {key: _unmark(item, marks, memo) for key, item in data.items()}
        same = all(changed[key] is item for key, item in data.items())
    else:
        if_true, if_false = (_unmark(side, marks, memo) for side in (data.if_true, data.if_false))
        changed = ChoiceData(data.guard, if_true, if_false)
        same = if_true is data.if_true and if_false is data.if_false
    if same:
        found = value.without_marks(marks)
    else:
        found = TfValue(value.type, changed, value.marks - marks or NO_MARKS, value.origin)
    memo[id(value)] = found
    return found
