"""Which type can stand for several, and which type converts to which (cty's `convert` package).

These are questions about types alone; `convert` does it to values.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from wa_scan.terraform.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    Primitive,
    SetType,
    TupleType,
    Type,
)

_PRIMITIVE_CONVERSIONS = {
    (NUMBER, STRING),
    (BOOL, STRING),
    (STRING, NUMBER),
    (STRING, BOOL),
}


@lru_cache(maxsize=8192)
def converted_type(source: Type, wanted: Type) -> Type | None:
    """The type that a value of type `source` has once converted to `wanted`; None if no value of
    that type converts. `dynamic` inside `wanted` takes what `source` has there.
    """
    if wanted is DYNAMIC:
        return source
    if source is DYNAMIC:
        return without_optional(wanted)
    if source is wanted:
        return source
    if isinstance(wanted, Primitive):
        return wanted if (source, wanted) in _PRIMITIVE_CONVERSIONS else None
    if isinstance(wanted, ListType | SetType):
        element = _sequence_element(source, wanted.element)
        return None if element is None else type(wanted)(element)
    if isinstance(wanted, MapType):
        element = _map_element(source, wanted.element)
        return None if element is None else MapType(element)
    if isinstance(wanted, ObjectType):
        return _object(source, wanted)
    if isinstance(wanted, TupleType) and isinstance(source, TupleType):
        if len(source.elements) != len(wanted.elements):
            return None
        elements = [
            converted_type(item, to) for item, to in zip(source.elements, wanted.elements, strict=True)
        ]
        found = [element for element in elements if element is not None]
        return TupleType(found) if len(found) == len(elements) else None
    return None


def _sequence_element(source: Type, wanted: Type) -> Type | None:
    if isinstance(source, ListType | SetType):
        return converted_type(source.element, wanted)
    if isinstance(source, TupleType):
        return _common(source.elements, wanted)
    return None


def _map_element(source: Type, wanted: Type) -> Type | None:
    if isinstance(source, MapType):
        return converted_type(source.element, wanted)
    if isinstance(source, ObjectType):
        return _common([item for _, item in source.attributes], wanted)
    return None


def _common(items: Sequence[Type], wanted: Type) -> Type | None:
    """The element type of a collection made of `items`, each converted to `wanted`."""
    if not items:
        return without_optional(wanted)
    if wanted is DYNAMIC:
        return unify(items)
    converted: list[Type] = []
    for item in items:
        found = converted_type(item, wanted)
        if found is None:
            return None
        converted.append(found)
    return unify(converted)


def _object(source: Type, wanted: ObjectType) -> Type | None:
    if not isinstance(source, ObjectType | MapType):
        return None
    attributes: list[tuple[str, Type]] = []
    for name, to in wanted.attributes:
        item = source.by_name.get(name) if isinstance(source, ObjectType) else source.element
        if item is None:
            if name not in wanted.optional:
                return None
            found: Type | None = without_optional(to)
        else:
            found = converted_type(item, to)
        if found is None:
            return None
        attributes.append((name, found))
    return ObjectType(attributes)


@lru_cache(maxsize=4096)
def without_optional(wanted: Type) -> Type:
    """The type of values of the type constraint `wanted`."""
    if isinstance(wanted, ListType | SetType | MapType):
        return type(wanted)(without_optional(wanted.element))
    if isinstance(wanted, TupleType):
        return TupleType(without_optional(item) for item in wanted.elements)
    if isinstance(wanted, ObjectType):
        return ObjectType((name, without_optional(item)) for name, item in wanted.attributes)
    return wanted


@lru_cache(maxsize=4096)
def has_dynamic(type: Type) -> bool:
    """Whether some part of the type is not known yet."""
    if isinstance(type, ListType | SetType | MapType):
        return has_dynamic(type.element)
    if isinstance(type, TupleType):
        return any(has_dynamic(item) for item in type.elements)
    if isinstance(type, ObjectType):
        return any(has_dynamic(item) for _, item in type.attributes)
    return type is DYNAMIC


@lru_cache(maxsize=8192)
def conforms(source: Type, wanted: Type) -> bool:
    """Whether a value of type `source` is one of `wanted` as it stands, `dynamic` being anything."""
    if source is wanted or wanted is DYNAMIC:
        return True
    if isinstance(source, ListType | SetType | MapType) and type(source) is type(wanted):
        assert isinstance(wanted, ListType | SetType | MapType)
        return conforms(source.element, wanted.element)
    if isinstance(source, TupleType) and isinstance(wanted, TupleType):
        return len(source.elements) == len(wanted.elements) and all(
            map(conforms, source.elements, wanted.elements)
        )
    if isinstance(source, ObjectType) and isinstance(wanted, ObjectType):
        return source.by_name.keys() == wanted.by_name.keys() and all(
            conforms(item, wanted.by_name[name]) for name, item in source.attributes
        )
    return False


def unify(types: Sequence[Type]) -> Type | None:
    """The one type that values of all of `types` convert to, or None."""
    first = types[0] if types else None
    if first is not None and all(item is first for item in types):
        return first
    # More of the same changes nothing, nor does their order beyond the first appearance.
    return _unify(tuple(dict.fromkeys(types)))


@lru_cache(maxsize=8192)
def _unify(types: tuple[Type, ...]) -> Type | None:
    kinds = {DYNAMIC if item is DYNAMIC else type(item) for item in types}
    dynamic = DYNAMIC in kinds
    kinds.discard(DYNAMIC)
    if len(kinds) == 1:
        (kind,) = kinds
        if kind in _SAME_KIND:
            return DYNAMIC if dynamic else _SAME_KIND[kind](types)
    if kinds == {MapType, ObjectType}:
        found = _with_substitute(types, ObjectType, _as_map)
        if isinstance(found, MapType):
            return found
    elif kinds == {ListType, TupleType}:
        found = _with_substitute(types, TupleType, _as_list)
        if isinstance(found, ListType):
            return found
    elif ObjectType in kinds and TupleType in kinds:
        return None
    for wanted in _by_generality(types):
        if all(item is wanted or converted_type(item, wanted) is not None for item in types):
            return wanted
    return None


def _with_substitute(
    types: tuple[Type, ...], kind: type[Type], substitute: Callable[[Sequence[Type]], Type | None]
) -> Type | None:
    """The unification once all types of `kind` have made way for what `substitute` gives."""
    instead = substitute([item for item in types if isinstance(item, kind)])
    if instead is None:
        return None
    return unify([instead if isinstance(item, kind) else item for item in types])


def _collections(types: Sequence[Type]) -> Type | None:
    first = types[0]
    assert isinstance(first, ListType | SetType | MapType)
    elements = [item.element for item in types if isinstance(item, ListType | SetType | MapType)]
    element = unify(elements)
    return None if element is None else type(first)(element)


def _objects(types: Sequence[Type]) -> Type | None:
    objects = [item for item in types if isinstance(item, ObjectType)]
    names = objects[0].by_name.keys()
    if any(item.by_name.keys() != names for item in objects):
        return _as_map(types)
    attributes: list[tuple[str, Type]] = []
    for name in names:
        found = unify([item.by_name[name] for item in objects])
        if found is None:
            return None
        attributes.append((name, found))
    return ObjectType(attributes)


def _as_map(types: Sequence[Type]) -> Type | None:
    inside = [item for each in types if isinstance(each, ObjectType) for _, item in each.attributes]
    element = unify(inside)
    return None if element is None else _if_all_convert(types, MapType(element))


def _if_all_convert(types: Sequence[Type], wanted: Type) -> Type | None:
    # Not sure where `dynamic` stands for elements that have no type in common.
    convertible = all(item is DYNAMIC or converted_type(item, wanted) is not None for item in types)
    return wanted if convertible else None


def _tuples(types: Sequence[Type]) -> Type | None:
    rows = [item.elements for item in types if isinstance(item, TupleType)]
    if len({len(row) for row in rows}) > 1:
        return _as_list(types)
    elements: list[Type] = []
    for column in zip(*rows, strict=True):
        found = unify(column)
        if found is None:
            return None
        elements.append(found)
    return TupleType(elements)


def _as_list(types: Sequence[Type]) -> Type | None:
    inside = [item for each in types if isinstance(each, TupleType) for item in each.elements]
    element = unify(inside)
    return None if element is None else _if_all_convert(types, ListType(element))


_SAME_KIND: dict[object, Callable[[Sequence[Type]], Type | None]] = {
    ListType: _collections,
    SetType: _collections,
    MapType: _collections,
    ObjectType: _objects,
    TupleType: _tuples,
}


def _by_generality(types: Sequence[Type]) -> list[Type]:
    """The more general ones first: text before numbers, lists before sets, `dynamic` last.

    Types that do not compare keep their order among those that nothing stands above.
    """
    below: list[list[int]] = [[] for _ in types]
    above = [0] * len(types)
    for i, one in enumerate(types):
        for j in range(i + 1, len(types)):
            order = _generality(one, types[j])
            if order < 0:
                below[i].append(j)
                above[j] += 1
            elif order > 0:
                below[j].append(i)
                above[i] += 1
    queue = [i for i, count in enumerate(above) if count == 0]
    for i in queue:
        for j in below[i]:
            above[j] -= 1
            if above[j] == 0:
                queue.append(j)
    return [types[i] for i in queue]


_RANK: dict[type[Type], int] = {ListType: 1, TupleType: 2, SetType: 3}
_RANK_KEYED: dict[type[Type], int] = {MapType: 1, ObjectType: 2}


def _generality(one: Type, other: Type) -> int:
    """Below zero if `one` is preferred."""
    if one is DYNAMIC or other is DYNAMIC:
        return (one is DYNAMIC) - (other is DYNAMIC)
    if isinstance(one, Primitive) and isinstance(other, Primitive):
        return (one is not STRING) - (other is not STRING)
    if type(one) is type(other):
        return _generality_inside(one, other)
    for rank in (_RANK, _RANK_KEYED):
        if type(one) in rank and type(other) in rank:
            # A list outranks a tuple; a tuple outranks a set only once both are optimistic.
            return -1 if rank[type(one)] < rank[type(other)] else 1
    return 0


def _generality_inside(one: Type, other: Type) -> int:
    if isinstance(one, ListType | SetType | MapType):
        assert isinstance(other, ListType | SetType | MapType)
        return _generality(one.element, other.element)
    pairs: list[tuple[Type, Type]] = []
    if isinstance(one, ObjectType) and isinstance(other, ObjectType):
        if one.by_name.keys() != other.by_name.keys():
            return 0
        pairs = [(item, other.by_name[name]) for name, item in one.attributes]
    elif isinstance(one, TupleType) and isinstance(other, TupleType):
        if len(one.elements) != len(other.elements):
            return 0
        pairs = list(zip(one.elements, other.elements, strict=True))
    orders = [_generality(left, right) for left, right in pairs]
    first, second = any(order < 0 for order in orders), any(order > 0 for order in orders)
    return second - first
