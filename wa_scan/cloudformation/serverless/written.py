"""Template data that remembers where it was written.

The translator works on plain dicts, lists and scalars. These are that to it, and keep their places
through its copying. What it makes itself, and bools and nulls, which cannot be subclassed, have none;
those are found again by the mapping that they stand in, where that survives.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, NamedTuple, Self

from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode, name_of
from wa_scan.values import Location, Scalar


class Place(NamedTuple):
    """`key`: of the entry that something is the value of, or its own place in a list. `value`: its own."""

    key: Location
    value: Location


class _Scalar:
    """What survives by not being copied."""

    place: Place

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __copy__(self) -> Self:
        return self


class WrittenText(_Scalar, str):
    pass


class WrittenInt(_Scalar, int):
    pass


class WrittenFloat(_Scalar, float):
    pass


class ParameterText(str):
    """What a parameter is taken to be where the translator needs a text: `name` stands for it again in the
    translated template."""

    name: str

    def __deepcopy__(self, memo: dict[int, object]) -> "ParameterText":
        return self


class WrittenMap(dict[str, Any]):
    """`place`: its own; `written`: the places of its entries with what was written there, which tells
    whether an entry is still that."""

    place: Place
    written: dict[str, tuple[Place, object]]

    def __deepcopy__(self, memo: dict[int, object]) -> "WrittenMap":
        made = WrittenMap()
        memo[id(self)] = made
        for key, value in self.items():
            made[key] = deepcopy(value, memo)
        made.place, made.written = self.place, self.written
        return made

    def copy(self) -> "WrittenMap":
        made = WrittenMap(self)
        made.place, made.written = self.place, self.written
        return made

    __copy__ = copy

    def place_of(self, key: str) -> Place | None:
        """Where the entry `key` was written; None if what it holds now is something else."""
        found = self.written.get(key)
        if found is None:
            return None
        place, value = found
        return place if _is_still(self[key], value) else None


class WrittenList(list[Any]):
    """`place`: its own; `written`: the places of its items with what was written there."""

    place: Place
    written: tuple[tuple[Place, object], ...]

    def __deepcopy__(self, memo: dict[int, object]) -> "WrittenList":
        made = WrittenList()
        memo[id(self)] = made
        made += [deepcopy(value, memo) for value in self]
        made.place, made.written = self.place, self.written
        return made

    def place_of(self, index: int) -> Place | None:
        """Where the item was written; None if it is something else by now."""
        if len(self) != len(self.written):
            return None
        place, value = self.written[index]
        return place if _is_still(self[index], value) else None


def _is_still(now: object, value: object) -> bool:
    return type(now) is type(value) and (isinstance(now, dict | list) or now == value)


def place_of(value: object) -> Place | None:
    """Where `value` was written; None for what was not, or no longer knows."""
    return value.place if isinstance(value, _Scalar | WrittenMap | WrittenList) else None


def written(node: Node, key: Location) -> Any:
    """`node`, the value of an entry whose key stands at `key`, as data."""
    place = Place(key, node.location)
    if isinstance(node, MappingNode):
        return _mapping(node, place)
    if isinstance(node, SequenceNode):
        places = [Place(item.location, item.location) for item in node.items]
        return _list_at(
            place, [(at, written(item, item.location)) for at, item in zip(places, node.items, strict=True)]
        )
    assert isinstance(node, ScalarNode)
    return located(node.data, place)


def located(data: Scalar, place: Place) -> Any:
    """The scalar `data` as if it were written at `place`."""
    made: Any
    if isinstance(data, str):
        made = WrittenText(data)
    elif isinstance(data, bool) or data is None:
        return data
    elif isinstance(data, int):
        made = WrittenInt(data)
    else:
        made = WrittenFloat(data)
    made.place = place
    return made


def mapping_at(place: Place, entries: Mapping[str, tuple[Place, Any]] | None = None) -> WrittenMap:
    """A mapping as if it were written at `place`, with `entries` that stand where their places say."""
    made = WrittenMap()
    made.place = place
    made.written = dict(entries or {})
    for key, (_, value) in made.written.items():
        made[key] = value
    return made


def _list_at(place: Place, items: list[tuple[Place, Any]]) -> WrittenList:
    made = WrittenList(item for _, item in items)
    made.place, made.written = place, tuple(items)
    return made


def _mapping(node: MappingNode, place: Place) -> WrittenMap:
    entries: dict[str, tuple[Place, Any]] = {}
    for key, (at, child) in node.entries.items():
        own = Place(at, child.location)
        attribute = child.data if isinstance(child, ScalarNode) else None
        if key == "Fn::GetAtt" and isinstance(attribute, str) and "." in attribute:
            # The translator knows only the list, which other readers make of the short form's text.
            parts = [(own, located(part, own)) for part in attribute.split(".", 1)]
            entries[key] = own, _list_at(own, parts)
        elif key == "Condition" and (name := name_of(child)) is not None:
            entries[key] = own, located(name, own)
        elif (
            key == "Fn::If"
            and isinstance(child, SequenceNode)
            and child.items
            and (name := name_of(child.items[0]))
        ):
            made = written(child, at)
            made[0] = located(name, made.written[0][0])
            entries[key] = own, made
        else:
            entries[key] = own, written(child, at)
    return mapping_at(place, entries)
