"""Whether what the source says and what the plan has are the same thing.

A provider may write a value in another type (`"80"` for 80) and a set in another order.
"""

from collections.abc import Sequence

from wa_scan.values import Choice, Known, ListValue, MapValue, Origin, Unknown, Value

# Lists with more elements are taken in their order.
_MOST_MATCHED = 60
_DEEPEST = 30


def agrees(value: Value, data: object) -> bool:
    """Whether a value is surely what the plan has."""
    if isinstance(value, Known):
        return not isinstance(data, list | dict) and _scalar(value.data) == _scalar(data)
    if isinstance(value, ListValue) and value.rest is None and isinstance(data, list):
        if len(value.elements) != len(data):
            return False
        if all(agrees(own, item) for own, item in zip(value.elements, data, strict=True)):
            return True
        left = list(data) if len(data) <= _MOST_MATCHED else []
        for own in value.elements:
            found = next((item for item in left if agrees(own, item)), left)
            if found is left:
                return False
            left.remove(found)
        return True
    if isinstance(value, MapValue) and value.rest is None and isinstance(data, dict):
        # An attribute that is null may as well not be there.
        names = {name for name, item in data.items() if item is not None}
        names |= {name for name, own in value.entries.items() if own.scalar is not None}
        return all(
            name in value.entries and name in data and agrees(value.entries[name], data[name])
            for name in names
        )
    return False


def _scalar(data: object) -> object:
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, float) and data.is_integer():
        return str(int(data))
    return str(data) if isinstance(data, int | float) else data


def settled(value: Value, data: object) -> Value:
    """The branch of a choice that the plan took, standing where the choice does; all else as it is."""
    if not isinstance(value, Choice):
        return value
    leaves = [leaf for leaf, _ in value.alternatives()]
    if not leaves:
        return value
    ranked = sorted(leaves, key=lambda leaf: _rank(likeness(leaf, data)), reverse=True)
    if likeness(ranked[0], data)[0]:
        return value
    taken = ranked[0]
    if isinstance(taken, Known) and value.origin is not None:
        inner = taken.origin
        is_same = inner is None or inner.location == value.origin.location
        origin = inner if is_same and inner else Origin(value.origin.location, value.origin.text, inner)
        return Known(taken.data, origin, taken.references | value.references)
    return taken


Likeness = tuple[int, int]
"""How much contradicts, and how much agrees."""


def _rank(found: Likeness) -> tuple[int, int]:
    return -found[0], found[1]


def likeness(value: Value, data: object, depth: int = 0) -> Likeness:
    """How much of `data`, as a plan has it, contradicts what the source says, and how much agrees."""
    if depth > _DEEPEST:
        return 0, 0
    if isinstance(value, Choice):
        found = [likeness(leaf, data, depth + 1) for leaf, _ in value.alternatives()]
        return max(found, key=_rank, default=(0, 0))
    if isinstance(value, Known):
        if data is None and value.data is not None:
            # Not told: it may be known only after apply.
            return 0, 0
        return (0, 1) if agrees(value, data) else (1, 0)
    if isinstance(value, ListValue):
        if data is None:
            return 0, 0
        if not isinstance(data, list):
            return 1, 0
        if value.rest is None and len(value.elements) != len(data):
            return (1, 0) if not any(isinstance(own, Choice) for own in value.elements) else (0, 0)
        parts = [likeness(own, item, depth + 1) for own, item in zip(value.elements, data, strict=False)]
        # Elements of sets come in any order: contradiction says little there.
        return 0, sum(agreeing for _, agreeing in parts)
    if isinstance(value, MapValue):
        if data is None:
            return 0, 0
        if not isinstance(data, dict):
            return 1, 0
        both = [likeness(own, data.get(name), depth + 1) for name, own in value.entries.items()]
        return sum(one for one, _ in both), sum(other for _, other in both)
    return 0, 0


def matched(value: ListValue, data: Sequence[object]) -> list[Value | None]:
    """For each element of the plan the element of the source that it is; None where there is none."""
    own = list(value.elements)
    if len(own) > _MOST_MATCHED or len(data) > _MOST_MATCHED:
        found: list[Value | None] = [settled(each, item) for each, item in zip(own, data, strict=False)]
        return found + [_any_of(value)] * (len(data) - len(found))
    scores = {(at, to): likeness(each, item) for at, each in enumerate(own) for to, item in enumerate(data)}
    # The best pairs first, those in their place before others.
    order = sorted(scores, key=lambda pair: (_rank(scores[pair]), pair[0] == pair[1]), reverse=True)
    taken: set[int] = set()
    pairs: dict[int, int] = {}
    for at, to in order:
        if at not in taken and to not in pairs and not scores[at, to][0]:
            pairs[to] = at
            taken.add(at)
    for to in range(len(data)):
        # What contradicts may still be the one thing that was written there.
        if to not in pairs and len(own) == len(data) and to not in taken:
            pairs[to] = to
            taken.add(to)
    return [
        settled(own[pairs[to]], item) if to in pairs else _repeating(value, own, item)
        for to, item in enumerate(data)
    ]


def _repeating(value: ListValue, own: list[Value], item: object) -> Value | None:
    """An element that stands for several, of a `dynamic` block over something unknown."""
    if value.rest is None:
        return None
    fitting = [each for each in own if not likeness(each, item)[0]]
    return settled(fitting[-1], item) if fitting else _any_of(value)


def _any_of(value: ListValue) -> Unknown | None:
    return value.rest
