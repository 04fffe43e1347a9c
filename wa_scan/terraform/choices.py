"""Values that depend on conditions: applying something to each branch and choosing again."""

from collections.abc import Callable, Iterator, Sequence

from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.types import BOOL, DYNAMIC, ObjectType, TupleType
from wa_scan.terraform.values import (
    FALSE,
    TRUE,
    ChoiceData,
    TfValue,
    UnknownData,
)
from wa_scan.values import Guard, Symbol
from wa_scan.values.kinds import Reason

MAX_COMBINATIONS = 64


class TooManyChoicesError(Exception):
    """More combinations of branches than `MAX_COMBINATIONS`: the result is to be unknown."""


def choose(guard: Guard, if_true: TfValue, if_false: TfValue) -> TfValue:
    """`if_true` under `guard`, `if_false` otherwise; not a choice where that makes no difference."""
    if guard.is_always or if_true is if_false:
        return if_true
    if guard.is_never:
        return if_false
    if same_known(if_true, if_false):
        return if_true.with_marks(if_false.marks)
    if if_true.type is if_false.type:
        type_ = if_true.type
    elif if_true.type is DYNAMIC and if_true.is_null:
        type_ = if_false.type
    elif if_false.type is DYNAMIC and if_false.is_null:
        type_ = if_true.type
    else:
        type_ = DYNAMIC
    return TfValue(
        type_,
        ChoiceData(guard, if_true, if_false),
        if_true.marks | if_false.marks,
        if_true.origin or if_false.origin,
    )


def alternatives(value: TfValue, guard: Guard = Guard.ALWAYS) -> Iterator[tuple[TfValue, Guard]]:
    """What `value` may be under `guard`: itself, or the leaves of a choice, each with its guard."""
    data = value.data
    if not isinstance(data, ChoiceData):
        yield value, guard
        return
    for side, when in ((data.if_true, data.guard), (data.if_false, ~data.guard)):
        both = guard & when
        if not both.is_never:
            yield from alternatives(side, both)


def boolean_under(guard: Guard) -> TfValue:
    """True where `guard` holds, false elsewhere."""
    if guard.is_always:
        return TRUE
    if guard.is_never:
        return FALSE
    return TfValue(BOOL, ChoiceData(guard, TRUE, FALSE))


def guard_of(condition: TfValue) -> Guard | None:
    """When a bool holds; None where it may be null or is no bool at all.

    Two unknown conditions are the same condition exactly if their symbols are.
    """
    data = condition.data
    if data is True:
        return Guard.ALWAYS
    if data is False:
        return Guard.NEVER
    if isinstance(data, UnknownData):
        return Guard.of(data.symbol.text)
    if isinstance(data, ChoiceData):
        if_true, if_false = guard_of(data.if_true), guard_of(data.if_false)
        if if_true is None or if_false is None:
            return None
        return data.guard.choose(if_true, if_false)
    return None


def restrict(value: TfValue, under: Guard) -> TfValue:
    """`value` as it is where `under` holds: branches that cannot be reached are dropped."""
    while isinstance(value.data, ChoiceData):
        choice = value.data
        if under.implies(choice.guard):
            value = choice.if_true.with_marks(value.marks)
        elif (under & choice.guard).is_never:
            value = choice.if_false.with_marks(value.marks)
        else:
            break
    return value


def same_known(one: TfValue, other: TfValue) -> bool:
    """Whether both are the same known scalar (or null, or the very same value)."""
    if one is other or (one.data is other.data and one.type is other.type):
        return True
    return (
        one.type is other.type
        and type(one.data) is type(other.data)
        and not isinstance(one.data, tuple | dict | UnknownData | ChoiceData)
        and one.data == other.data
    )


def distribute(
    values: Sequence[TfValue],
    apply: Callable[[Sequence[TfValue]], TfValue],
    under: Guard = Guard.ALWAYS,
    deep: Sequence[bool] | None = None,
) -> TfValue:
    """`apply` to every combination of branches that can be, and the results chosen again.

    Choices are resolved at the top of each value, and where `deep` says so also inside it. A
    branch for which `apply` raises gives an unknown value; if all raise, so does this. Raises
    `TooManyChoicesError`.
    """
    return _Distribution(apply, deep).run(list(values), under)


class _Distribution:
    def __init__(self, apply: Callable[[Sequence[TfValue]], TfValue], deep: Sequence[bool] | None) -> None:
        self.apply = apply
        self.deep = deep
        self.combinations = 0

    def run(self, values: list[TfValue], under: Guard) -> TfValue:
        values = [restrict(value, under) for value in values]
        guard = self._next_guard(values)
        if guard is None:
            self.combinations += 1
            if self.combinations > MAX_COMBINATIONS:
                raise TooManyChoicesError
            return self.apply(values)
        if self.deep is not None:
            # A guard inside a value may already be decided by those before it.
            if under.implies(guard):
                return self.run(self._resolved(values, guard, True), under)
            if (under & guard).is_never:
                return self.run(self._resolved(values, guard, False), under)
        sides: list[TfValue | EvaluationError] = []
        for side in (True, False):
            within = under & (guard if side else ~guard)
            try:
                sides.append(self.run(self._resolved(values, guard, side), within))
            except EvaluationError as error:
                sides.append(error)
        if_true, if_false = sides
        if isinstance(if_true, EvaluationError):
            if isinstance(if_false, EvaluationError):
                raise if_true
            return choose(guard, _failed(if_true, if_false), if_false)
        if isinstance(if_false, EvaluationError):
            return choose(guard, if_true, _failed(if_false, if_true))
        return choose(guard, if_true, if_false)

    def _next_guard(self, values: list[TfValue]) -> Guard | None:
        for position, value in enumerate(values):
            if isinstance(value.data, ChoiceData):
                return value.data.guard
            if self.deep is not None and self.deep[position]:
                found = _guard_inside(value)
                if found is not None:
                    return found
        return None

    def _resolved(self, values: list[TfValue], guard: Guard, side: bool) -> list[TfValue]:
        resolved = []
        for position, value in enumerate(values):
            if self.deep is not None and self.deep[position]:
                value = _resolve_inside(value, guard, side, {})
            elif isinstance(value.data, ChoiceData) and value.data.guard is guard:
                value = _side(value, value.data, side)
            resolved.append(value)
        return resolved


def _side(value: TfValue, choice: ChoiceData, side: bool) -> TfValue:
    return (choice.if_true if side else choice.if_false).with_marks(value.marks)


def _guard_inside(value: TfValue) -> Guard | None:
    seen: set[int] = set()
    todo = [value]
    while todo:
        data = todo.pop().data
        if isinstance(data, ChoiceData):
            return data.guard
        if isinstance(data, tuple | dict) and id(data) not in seen:
            seen.add(id(data))
            todo += data if isinstance(data, tuple) else data.values()
    return None


def _resolve_inside(
    value: TfValue, guard: Guard, side: bool, memo: dict[int, tuple[TfValue, TfValue]]
) -> TfValue:
    data = value.data
    while isinstance(data, ChoiceData) and data.guard is guard:
        value = _side(value, data, side)
        data = value.data
    if not isinstance(data, tuple | dict):
        return value
    known = memo.get(id(value))
    if known is not None:
        return known[1]
    if isinstance(data, tuple):
        items = tuple(_resolve_inside(item, guard, side, memo) for item in data)
        same = all(map(_is, items, data))
        found = value if same else _rebuilt(value, items)
    else:
        entries = {key: _resolve_inside(item, guard, side, memo) for key, item in data.items()}
        same = all(entries[key] is item for key, item in data.items())
        found = value if same else _rebuilt(value, entries)
    # With the value itself, so that its id stays its own.
    memo[id(value)] = (value, found)
    return found


def _is(one: object, other: object) -> bool:
    return one is other


def _rebuilt(value: TfValue, data: tuple[TfValue, ...] | dict[str, TfValue]) -> TfValue:
    """`value` with other contents of the same kind; its type follows theirs where it can."""
    if isinstance(data, tuple) and isinstance(value.type, TupleType):
        return TfValue(TupleType(i.type for i in data), data, value.marks, value.origin)
    if isinstance(data, dict) and isinstance(value.type, ObjectType):
        type_ = ObjectType((key, item.type) for key, item in data.items())
        return TfValue(type_, data, value.marks, value.origin)
    return TfValue(value.type, data, value.marks, value.origin)


def _failed(error: EvaluationError, other: TfValue) -> TfValue:
    """What stands where one branch cannot be evaluated: Terraform would stop there."""
    symbol = Symbol(f"(error: {error.message})")
    return TfValue(other.type, UnknownData(symbol, Reason.ERROR))
