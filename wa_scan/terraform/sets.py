"""Sets: no duplicates, and Terraform's order of elements."""

from collections.abc import Hashable, Iterable
from decimal import Decimal

from wa_scan.terraform.types import SetType, Type
from wa_scan.terraform.values import (
    NO_MARKS,
    ChoiceData,
    Mark,
    Marks,
    Number,
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
        known.setdefault(identity(plain), plain)
    ordered = sorted(known.values(), key=order_key)
    return TfValue(SetType(element), (*ordered, *unknown), frozenset(marks), origin)


def identity(value: TfValue) -> Hashable:
    """Equal for equal, wholly known values of one type. Shared parts are walked every time."""
    data = value.data
    if isinstance(data, tuple):
        return (tuple, *map(identity, data))
    if isinstance(data, dict):
        return (dict, *((key, identity(data[key])) for key in sorted(data)))
    if isinstance(data, bool):
        return (bool, data)
    if isinstance(data, UnknownData | ChoiceData):
        return (UnknownData, id(data))
    return data


def order_key(value: TfValue) -> tuple[int, str | int | Decimal | bool]:
    """cty's order of set elements: primitives by value, null last, others by cty's hash text."""
    data = value.data
    if data is None:
        return (1, "")
    if isinstance(data, str | bool | int | Decimal):
        return (0, data)
    return (0, _hash_text(value))


def _hash_text(value: TfValue) -> str:
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
    if isinstance(data, tuple):
        opening, closing = ("[", "]") if hasattr(value.type, "element") else ("<", ">")
        return opening + "".join(f"{_hash_text(item)};" for item in data) + closing
    if isinstance(data, dict):
        if hasattr(value.type, "element"):
            inside = (f'"{key}":{_hash_text(data[key])};' for key in sorted(data))
            return "{" + "".join(inside) + "}"
        return "<" + "".join(f"{_hash_text(data[key])};" for key in sorted(data)) + ">"
    assert isinstance(data, Number)
    try:
        return f"{float(data):.10g}"
    except OverflowError:
        return str(data)


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
