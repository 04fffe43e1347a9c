"""Which part of which resource the transform made something from.

The translator does not say it, but it names what it makes after the resource and, for an event, after
the event too; and what it was handed keeps its places.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from wa_scan.cloudformation.nodes import Entry, MappingNode, Node, text_of
from wa_scan.cloudformation.serverless.preparation import SERVERLESS_PREFIX, is_serverless
from wa_scan.cloudformation.serverless.written import Place

# The implicit APIs, which are made for the events of a type that name no API of their own.
_IMPLICIT = {
    "ServerlessRestApi": ("Api", "RestApiId", "Api"),
    "ServerlessHttpApi": ("HttpApi", "ApiId", "HttpApi"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """`place`: of the part that something was made from. `text`: what it is, for the trace
    (`Events.Api of GetFunction`). `scopes`: mappings in which a property of what was made may have been
    written under its own name, the nearest first."""

    place: Place
    text: str
    scopes: tuple[MappingNode, ...]

    @property
    def reason(self) -> str:
        return f"made by the SAM transform from {self.text}"


class Part(NamedTuple):
    """An entry that something was made from, and its name there (`Events.Api`)."""

    name: str
    entry: Entry


class Sources:
    """The parts of a template's serverless resources, and of its `Globals`."""

    def __init__(self, root: MappingNode, resources: MappingNode) -> None:
        self.resources = resources
        shared = root.get("Globals")
        self.shared = shared if isinstance(shared, MappingNode) else None
        sections = [root.get(name) for name in ("Resources", "Globals", "Conditions", "Outputs")]
        self._areas = [section.location for section in sections if section is not None]
        self._connectors = dict(_connectors(resources))

    def is_near(self, place: Place) -> bool:
        """Whether `place` is one to show, unlike where a parameter or a mapping has its value: that is what
        evaluation finds."""
        if place.value.file != place.key.file:
            return False
        is_included = place.value.file != self.resources.location.file
        return is_included or any(area.contains(place.value) for area in self._areas)

    def of(self, name: str, maker: str | None, places: Iterable[Place]) -> Source:
        """What the resource `name` was made from, which the translator made for `maker` and which holds what
        stands at `places`."""
        if maker is None:
            return self.of_several()
        entry = self.resources.entries.get(maker)
        if entry is None:
            return self._of_implicit(maker)
        node = entry.value
        if name == maker or not isinstance(node, MappingNode):
            return self._whole(maker, entry)
        event = self._event(name.removeprefix(maker), node)
        if event is not None:
            return self._part(maker, event)
        found = self._property(node, places)
        if found is None:
            return self._whole(maker, entry)
        return self._part(maker, found, self._scopes(node))

    # --- the parts of a resource ------------------------------------------------------------

    def _event(self, rest: str, node: MappingNode) -> Part | None:
        found = []
        for part in events_of(node):
            name = part.name.removeprefix("Events.")
            # Words of a logical ID begin with capitals: `Aliaslive` is not of the event `A`.
            if rest.startswith(name) and not rest[len(name) :][:1].islower():
                found.append(part)
        return max(found, key=lambda part: len(part.name), default=None)

    def _property(self, node: MappingNode, places: Iterable[Place]) -> Part | None:
        """The one property, or global setting, that everything written was written in."""
        parts = [Part(name, entry) for name, entry in _entries(node.get("Properties")).items()]
        shared = self._globals(text_of(node.get("Type")))
        parts += [Part(f"Globals, {name}", entry) for name, entry in _entries(shared).items()]
        found: dict[str, Part] = {}
        for place in places:
            part = next((part for part in parts if _holds(part.entry, place)), None)
            if part is None:
                return None
            found[part.name] = part
        return next(iter(found.values())) if len(found) == 1 else None

    def _whole(self, name: str, entry: Entry) -> Source:
        scopes = self._scopes(entry.value)
        return Source(Place(entry.key, entry.value.location), name, scopes)

    def _part(self, name: str, part: Part, outer: tuple[MappingNode, ...] = ()) -> Source:
        own = part.entry.value
        inner = own.get("Properties") if isinstance(own, MappingNode) else None
        scopes = [scope for scope in (inner or own,) if isinstance(scope, MappingNode)]
        place = Place(part.entry.key, own.location)
        return Source(place, f"{part.name} of {name}", (*scopes, *outer))

    def _scopes(self, node: Node) -> tuple[MappingNode, ...]:
        if not isinstance(node, MappingNode):
            return ()
        found = [node.get("Properties"), self._globals(text_of(node.get("Type")))]
        return tuple(scope for scope in found if isinstance(scope, MappingNode))

    def _globals(self, kind: str | None) -> Node | None:
        if self.shared is None or kind is None:
            return None
        return self.shared.get(kind.removeprefix(SERVERLESS_PREFIX))

    # --- what has no resource of its own ------------------------------------------------------

    def _of_implicit(self, maker: str) -> Source:
        connector = self._connectors.get(maker)
        if connector is not None:
            name, part = connector
            return self._part(name, part)
        kind, own, section = _IMPLICIT.get(maker, ("", "", ""))
        for name, entry in self.resources.entries.items():
            for part in events_of(entry.value) if is_serverless(entry.value) else ():
                event = part.entry.value
                properties = event.get("Properties") if isinstance(event, MappingNode) else None
                if (
                    isinstance(event, MappingNode)
                    and text_of(event.get("Type")) == kind
                    and not (isinstance(properties, MappingNode) and own in properties.entries)
                ):
                    shared = self.shared.entries.get(section) if self.shared is not None else None
                    if shared is not None and isinstance(shared.value, MappingNode):
                        place = Place(shared.key, shared.value.location)
                        return Source(place, f"Globals, {section}", (shared.value,))
                    return replace(self._part(name, part), scopes=())
        return self.of_several()

    def of_several(self) -> Source:
        """What deployments share: it is shown where the first is asked for."""
        serverless = [
            (name, entry) for name, entry in self.resources.entries.items() if is_serverless(entry.value)
        ]
        for name, entry in serverless:
            assert isinstance(entry.value, MappingNode)
            preference = _entries(entry.value.get("Properties")).get("DeploymentPreference")
            if preference is not None:
                return self._part(name, Part("DeploymentPreference", preference))
        if serverless:
            return self._whole(*serverless[0])
        return Source(Place(self.resources.location, self.resources.location), "the template", ())


def _entries(node: Node | None) -> Mapping[str, Entry]:
    return node.entries if isinstance(node, MappingNode) and node.function is None else {}


def events_of(node: Node) -> list[Part]:
    """The events of a serverless resource."""
    if not isinstance(node, MappingNode):
        return []
    events = _entries(node.get("Properties")).get("Events")
    found = _entries(events.value) if events is not None else {}
    return [Part(f"Events.{name}", entry) for name, entry in found.items()]


def _connectors(resources: MappingNode) -> Iterator[tuple[str, tuple[str, Part]]]:
    """The connectors written inside resources, by the logical IDs that the translator gives to them."""
    for name, entry in resources.entries.items():
        inner = entry.value.get("Connectors") if isinstance(entry.value, MappingNode) else None
        for connector, own in _entries(inner).items():
            yield name + connector, (name, Part(f"Connectors.{connector}", own))


def _holds(entry: Entry, place: Place) -> bool:
    whole = entry.key.to(entry.value.location) if entry.key.file == entry.value.location.file else entry.key
    return whole.contains(place.value)
