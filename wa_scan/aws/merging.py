"""Putting values together: lists are joined, maps united, and something wins over nothing."""

from wa_scan.values import Absent, Choice, Guard, Known, ListValue, MapValue, Origin, Value, choose


def put(entries: dict[str, Value], path: tuple[str, ...], value: Value, origin: Origin | None) -> None:
    """Puts `value` at `path`, merging it with what is there: lists are joined, maps united, and
    something wins over nothing."""
    key, below = path[0], path[1:]
    there = entries.get(key)
    if below:
        inner = dict(there.entries) if isinstance(there, MapValue) else {}
        put(inner, below, value, origin)
        if isinstance(there, MapValue):
            entries[key] = MapValue(inner, there.origin, there.rest, there.references)
            return
        value = MapValue(inner, there.origin if there is not None else origin)
    entries[key] = value if there is None else merged(there, value)


def merged(there: Value, value: Value, guard: Guard = Guard.ALWAYS) -> Value:
    """`there` with `value` added where `guard` holds."""
    if guard.is_never or is_nothing(value):
        return there
    if isinstance(value, ListValue) and isinstance(there, ListValue):
        more = [choose(guard, element, Known(None)) for element in value.elements]
        rest = value.rest if value.rest is not None else there.rest
        return ListValue(
            (*there.elements, *more), there.origin or value.origin, rest, there.references | value.references
        )
    if isinstance(value, MapValue) and isinstance(there, MapValue):
        united = dict(there.entries)
        for key, item in value.entries.items():
            old = united.get(key)
            united[key] = added(old, item, guard)
        rest = there.rest if there.rest is not None else value.rest
        return MapValue(united, there.origin or value.origin, rest, there.references | value.references)
    if is_nothing(there):
        return choose(guard, value, there)
    if isinstance(there, Choice) and isinstance(value, ListValue | MapValue):
        return choose(
            there.guard,
            merged(there.if_true, value, guard),
            merged(there.if_false, value, guard),
            there.origin,
        )
    return choose(guard, value, there)


def added(there: Value | None, value: Value, guard: Guard) -> Value:
    """`merged`, where there may be nothing yet."""
    if there is None and isinstance(value, ListValue):
        there = ListValue([], value.origin)
    return choose(guard, value, Known(None)) if there is None else merged(there, value, guard)


def is_nothing(value: Value) -> bool:
    """Whether a value is not there, or surely null."""
    return isinstance(value, Absent) or (isinstance(value, Known) and value.data is None)
