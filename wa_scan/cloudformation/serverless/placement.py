"""The translator's data to nodes that stand where they were written.

What still knows its place stands there. For what does not, in this order: the entry of the mapping that
it stands in, a property of the same name in what it was made from, the one place that what is inside it
knows, and what it stands in.
"""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from wa_scan.cloudformation.nodes import Entry, GeneratedNode, MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.cloudformation.serverless.sources import Source, Sources
from wa_scan.cloudformation.serverless.written import (
    ParameterText,
    Place,
    WrittenList,
    WrittenMap,
    WrittenText,
    place_of,
)
from wa_scan.values import Origin, Scalar

_LEAST_STEM = 4
"""Letters that two names of one property have in common."""


class Placement:
    """Gives each thing that the translator made the place of what it was made from."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.scopes: tuple[MappingNode, ...] = ()

    def resource(self, name: str, data: dict[str, Any], maker: str | None) -> Entry:
        """The resource `name` that the translator made for `maker`."""
        places = [place for place in _places(data.get("Properties")) if self.sources.is_near(place)]
        source = self.sources.of(name, maker, places)
        return self.part(data, source, is_new=name not in self.sources.resources.entries)

    def part(self, data: dict[str, Any], source: Source, is_new: bool = True) -> Entry:
        """`data` that was made from `source`; `is_new` where the author never wrote its name."""
        self.scopes = source.scopes
        entries: dict[str, Entry] = {}
        outer = Place(source.place.key, source.place.key)
        for key, value in data.items():
            entries[key] = self._entry(data, key, value, outer)
        size = 1 + sum(entry.value.size for entry in entries.values())
        if not is_new:
            return Entry(source.place.key, MappingNode(entries, source.place.value, size))
        way = Origin(source.place.key, source.reason)
        return Entry(source.place.key, GeneratedNode(entries, source.place.value, way, size))

    def _node(self, value: Any, at: Place, others: Place) -> Node:
        """`value`, which stands at `at`; in a list, what knows no place stands at `others`."""
        if isinstance(value, ParameterText):
            name = Entry(at.key, ScalarNode(value.name, at.value))
            return MappingNode({"Ref": name}, at.value, 2)
        if isinstance(value, dict):
            inner = at if isinstance(value, WrittenMap) else Place(at.key, at.key)
            entries = {str(key): self._entry(value, key, item, inner) for key, item in value.items()}
            return MappingNode(entries, at.value, 1 + sum(entry.value.size for entry in entries.values()))
        if isinstance(value, list | tuple):
            known = (
                [value.place_of(index) for index in range(len(value))]
                if isinstance(value, WrittenList)
                else ()
            )
            items = [self._item(item, at, others) for item, at in zip_longest(value, known)]
            return SequenceNode(items, at.value, 1 + sum(item.size for item in items))
        return ScalarNode(_plain(value), at.value)

    def _item(self, value: Any, known: Place | None, outer: Place) -> Node:
        at = self._near(place_of(value)) or self._near(known) or self._inside(value) or outer
        return self._node(value, at, at)

    def _entry(self, data: dict[str, Any], key: str, value: Any, outer: Place) -> Entry:
        at = None
        # What is in the properties that the transform makes has come from here and there.
        if key != "Properties" or isinstance(value, WrittenMap):
            at = (
                self._near(place_of(value))
                or self._near(data.place_of(key) if isinstance(data, WrittenMap) else None)
                or self._named(key)
                or self._near(key.place if isinstance(key, WrittenText) else None)
            )
        if at is None and key != "Properties":
            inside = self._inside(value)
            if inside is not None:
                return Entry(inside.key, self._node(value, inside, outer))
            at = self._alike(key)
        at = at or Place(outer.key, outer.key)
        return Entry(at.key, self._node(value, at, at))

    def _near(self, place: Place | None) -> Place | None:
        return place if place is not None and self.sources.is_near(place) else None

    def _inside(self, value: Any) -> Place | None:
        """The place of what is written inside `value`: the only one, or the property that holds all."""
        if not isinstance(value, dict | list | tuple):
            return None
        places = {place for place in _places(value) if self.sources.is_near(place)}
        if len(places) < 2:
            return next(iter(places), None)
        for scope in self.scopes:
            for key, node in scope.entries.values():
                if key.file == node.location.file:
                    whole = key.to(node.location)
                    if all(whole.contains(place.value) for place in places):
                        return Place(key, node.location)
        return None

    def _named(self, name: str) -> Place | None:
        for scope in self.scopes:
            entry = scope.entries.get(name)
            if entry is not None:
                return Place(entry.key, entry.value.location)
        return None

    def _alike(self, name: str) -> Place | None:
        """The property that was renamed: `Tracing` to `TracingConfig`, `Name` to `StateMachineName`."""
        for scope in self.scopes:
            for own, entry in scope.entries.items():
                longer = name.startswith(own) or name.endswith(own)
                if min(len(own), len(name)) >= _LEAST_STEM and (longer or own.startswith(name)):
                    return Place(entry.key, entry.value.location)
        return None


def _plain(value: Any) -> Scalar:
    """A scalar without what it knows."""
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    return str(value)


def _places(value: Any) -> Iterator[Place]:
    """The places that `value` and what is in it know, in the order of the data.

    A name that stands for itself, with nothing in it (`NONE: []`), is where it was written.
    """
    todo = [value]
    while todo:
        value = todo.pop()
        found = place_of(value)
        if found is not None:
            yield found
            continue
        if isinstance(value, dict):
            todo += reversed([item if item or place_of(item) else key for key, item in value.items()])
        elif isinstance(value, list | tuple):
            todo += reversed(value)
