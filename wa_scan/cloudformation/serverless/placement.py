"""The translator's data to nodes that stand where they were written.

What still knows its place stands there. For what does not, in this order: the entry of the mapping that
it stands in, a property of the same name in what it was made from, the one place that what is inside it
knows, and what it stands in.
"""

from collections.abc import Iterator
from typing import Any

from wa_scan.cloudformation.nodes import Entry, GeneratedNode, MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.cloudformation.serverless.sources import Source, Sources
from wa_scan.cloudformation.serverless.written import (
    ParameterText,
    Place,
    WrittenMap,
    WrittenText,
    place_of,
)
from wa_scan.values import Origin

_LEAST_STEM = 4
"""Letters that two names of one property have in common."""


class Placement:
    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.scopes: tuple[MappingNode, ...] = ()

    def resource(self, name: str, data: dict[str, Any], maker: str | None) -> Entry:
        """The resource `name` that the translator made for `maker`."""
        places = [place for place in _places(data) if self.sources.is_near(place)]
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

    def node(self, value: Any, outer: Place) -> Node:
        """`value`, which stands in something at `outer` and may know a place of its own."""
        own = place_of(value)
        at = own if own is not None and self.sources.is_near(own) else outer
        return self._node(value, at)

    def _node(self, value: Any, at: Place) -> Node:
        if isinstance(value, ParameterText):
            name = Entry(at.key, ScalarNode(value.name, at.value))
            return MappingNode({"Ref": name}, at.value, 2)
        if isinstance(value, dict):
            inner = Place(at.key, at.value) if isinstance(value, WrittenMap) else Place(at.key, at.key)
            entries = {str(key): self._entry(value, key, item, inner) for key, item in value.items()}
            return MappingNode(entries, at.value, 1 + sum(entry.value.size for entry in entries.values()))
        if isinstance(value, list | tuple):
            items = [self._item(item, at) for item in value]
            return SequenceNode(items, at.value, 1 + sum(item.size for item in items))
        if isinstance(value, str):
            return ScalarNode(str(value), at.value)
        if value is None or isinstance(value, bool):
            return ScalarNode(value, at.value)
        if isinstance(value, int):
            return ScalarNode(int(value), at.value)
        if isinstance(value, float):
            return ScalarNode(float(value), at.value)
        return ScalarNode(str(value), at.value)

    def _item(self, value: Any, outer: Place) -> Node:
        place = self._near(place_of(value)) or self._inside(value)
        return self._node(value, place or outer)

    def _entry(self, data: dict[str, Any], key: str, value: Any, outer: Place) -> Entry:
        if key == "Properties" and not isinstance(value, WrittenMap):
            # What is in it has come from here and there.
            return Entry(outer.key, self._node(value, Place(outer.key, outer.key)))
        at = (
            self._near(place_of(value))
            or self._near(data.place_of(key) if isinstance(data, WrittenMap) else None)
            or self._named(key)
            or self._near(key.place if isinstance(key, WrittenText) else None)
            or self._inside(value)
            or self._alike(key)
        )
        if at is None:
            return Entry(outer.key, self._node(value, Place(outer.key, outer.key)))
        return Entry(at.key, self._node(value, at))

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


def _places(value: Any) -> Iterator[Place]:
    """The places that `value` and what is in it know, in the order of the data."""
    todo = [value]
    while todo:
        value = todo.pop()
        found = place_of(value)
        if found is not None:
            yield found
            continue
        if isinstance(value, dict):
            todo += reversed(value.values())
        elif isinstance(value, list | tuple):
            todo += reversed(value)
