"""Terraform's types, as cty has them."""

from dataclasses import dataclass
from functools import cached_property


class Type:
    """A type constraint or the type of a value."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Primitive(Type):
    """`string`, `number`, `bool`; `dynamic` (also `any`): not known yet."""

    name: str

    def __str__(self) -> str:
        return self.name


STRING = Primitive("string")
NUMBER = Primitive("number")
BOOL = Primitive("bool")
DYNAMIC = Primitive("dynamic")


@dataclass(frozen=True, slots=True)
class ListType(Type):
    element: Type


@dataclass(frozen=True, slots=True)
class SetType(Type):
    element: Type


@dataclass(frozen=True, slots=True)
class MapType(Type):
    element: Type


@dataclass(frozen=True, slots=True)
class TupleType(Type):
    elements: tuple[Type, ...]


@dataclass(frozen=True)
class ObjectType(Type):
    """`attributes` in order of their names; `optional` only in type constraints."""

    attributes: tuple[tuple[str, Type], ...]
    optional: frozenset[str] = frozenset()

    @cached_property
    def by_name(self) -> dict[str, Type]:
        return dict(self.attributes)
