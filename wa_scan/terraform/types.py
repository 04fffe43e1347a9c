"""Terraform's types, as cty has them.

Every type exists once: equal types are the same object, so that comparing and hashing them costs
nothing however deep they are. Make them by calling the classes; types nested deeper than `MAX_DEPTH`
are refused with an `EvaluationError`, which bounds how deep values can be and every walk over them.
"""

from collections.abc import Iterable
from typing import Final
from weakref import WeakValueDictionary

from wa_scan.terraform.errors import EvaluationError

MAX_DEPTH = 400


class Type:
    """A type constraint or the type of a value. Equal types are identical (`is`).

    `depth`: how many types are inside one another at most; 0 for primitive types.
    """

    __slots__ = ("__weakref__", "depth")
    depth: int


class Primitive(Type):
    """`string`, `number`, `bool`; `dynamic` (also `any`): not known yet."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        """Not for callers: there are the four below."""
        self.name: Final = name
        self.depth = 0

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return self.name


STRING = Primitive("string")
NUMBER = Primitive("number")
BOOL = Primitive("bool")
DYNAMIC = Primitive("dynamic")


class _Collection(Type):
    __slots__ = ("element",)
    element: Type


class ListType(_Collection):
    """`list(element)`."""

    __slots__ = ()

    def __new__(cls, element: Type) -> "ListType":
        found = _lists.get(id(element))
        if found is None:
            depth = _depth_around((element,))
            found = object.__new__(cls)
            found.element = element
            found.depth = depth
            _lists[id(element)] = found
        return found

    def __repr__(self) -> str:
        return f"list({_shown(self.element)})"


class SetType(_Collection):
    """`set(element)`."""

    __slots__ = ()

    def __new__(cls, element: Type) -> "SetType":
        found = _sets.get(id(element))
        if found is None:
            depth = _depth_around((element,))
            found = object.__new__(cls)
            found.element = element
            found.depth = depth
            _sets[id(element)] = found
        return found

    def __repr__(self) -> str:
        return f"set({_shown(self.element)})"


class MapType(_Collection):
    """`map(element)`."""

    __slots__ = ()

    def __new__(cls, element: Type) -> "MapType":
        found = _maps.get(id(element))
        if found is None:
            depth = _depth_around((element,))
            found = object.__new__(cls)
            found.element = element
            found.depth = depth
            _maps[id(element)] = found
        return found

    def __repr__(self) -> str:
        return f"map({_shown(self.element)})"


class TupleType(Type):
    """`tuple([...])`."""

    __slots__ = ("elements",)
    elements: tuple[Type, ...]

    def __new__(cls, elements: Iterable[Type]) -> "TupleType":
        key = tuple(elements)
        found = _tuples.get(key)
        if found is None:
            depth = _depth_around(key)
            found = object.__new__(cls)
            found.elements = key
            found.depth = depth
            _tuples[key] = found
        return found

    def __repr__(self) -> str:
        return f"tuple([{', '.join(map(_shown, self.elements))}])"


class ObjectType(Type):
    """`object({...})`; `attributes` in order of their names; `optional` only in type constraints."""

    __slots__ = ("attributes", "by_name", "optional")
    attributes: tuple[tuple[str, Type], ...]
    by_name: dict[str, Type]
    optional: frozenset[str]

    def __new__(
        cls, attributes: Iterable[tuple[str, Type]], optional: frozenset[str] = frozenset()
    ) -> "ObjectType":
        key = tuple(attributes)
        found = _objects.get((key, optional))
        if found is not None:
            return found
        ordered = tuple(sorted(key, key=_name))
        found = _objects.get((ordered, optional))
        if found is None:
            depth = _depth_around(item for _, item in ordered)
            found = object.__new__(cls)
            found.attributes = ordered
            found.depth = depth
            found.by_name = dict(ordered)
            found.optional = optional
            _objects[(ordered, optional)] = found
        return found

    def __repr__(self) -> str:
        inside = (f"{name} = {_shown(item)}" for name, item in self.attributes)
        return f"object({{{', '.join(inside)}}})"


def _shown(inside: Type) -> str:
    # What is shared may be huge written out.
    return repr(inside) if inside.depth < 4 else "..."


def _depth_around(inside: Iterable[Type]) -> int:
    depth = 1 + max((item.depth for item in inside), default=0)
    if depth > MAX_DEPTH:
        raise EvaluationError("a value or type is nested too deeply")
    return depth


def _name(attribute: tuple[str, Type]) -> str:
    return attribute[0]


# A collection type keeps its element type alive, so the id that is its key stays taken.
_lists: WeakValueDictionary[int, ListType] = WeakValueDictionary()
_sets: WeakValueDictionary[int, SetType] = WeakValueDictionary()
_maps: WeakValueDictionary[int, MapType] = WeakValueDictionary()
_tuples: WeakValueDictionary[tuple[Type, ...], TupleType] = WeakValueDictionary()
_objects: WeakValueDictionary[tuple[tuple[tuple[str, Type], ...], frozenset[str]], ObjectType] = (
    WeakValueDictionary()
)
