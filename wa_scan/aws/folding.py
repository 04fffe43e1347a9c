"""Settings that were split into resources of their own, put back into what they configure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from wa_scan.aws.identities import Identities
from wa_scan.aws.merging import added, merged, put
from wa_scan.aws.reshape import reshape
from wa_scan.aws.resources import Resource
from wa_scan.aws.table import Fold, Table
from wa_scan.aws.tags import tags_of
from wa_scan.blocks import Mode
from wa_scan.values import Absent, Guard, ListValue, MapValue, Value


@dataclass(frozen=True, slots=True)
class Piece:
    """A mapped block. `folds`: for one that is nothing but settings of another, where they belong; the
    owner is then named in `body`, its arguments as written, and `resource.properties` are the owner's."""

    resource: Resource
    body: MapValue | None = None
    folds: tuple[Fold, ...] = ()

    @property
    def is_only_settings(self) -> bool:
        return bool(self.folds)


def fold(pieces: Sequence[Piece], rows: Table) -> tuple[list[Resource], Mapping[str, Resource]]:
    """The resources with the settings of others folded in, and which resource every address now is.

    What has a canonical type of its own stays a resource too; what has none goes away where its
    owner was found.
    """
    identities = Identities(
        [piece.resource for piece in pieces if not piece.is_only_settings],
        rows,
        {piece.resource.address: list(_namings(piece, rows)) for piece in pieces},
    )
    additions: dict[str, list[_Addition]] = {}
    owners: dict[str, str] = {}
    for piece in pieces:
        if piece.resource.mode is not Mode.MANAGED:
            continue
        for addition, owner in _additions(piece, identities, rows):
            additions.setdefault(owner.address, []).append(addition)
            if piece.is_only_settings:
                owners[piece.resource.address] = owner.address
    found: list[Resource] = []
    for piece in pieces:
        resource = piece.resource
        if piece.is_only_settings:
            if resource.address in owners:
                continue
            # Not ours to judge: what it configures is not in this unit.
            resource = replace(resource, properties=piece.body or resource.properties)
        if resource.address in additions and resource.mode is Mode.MANAGED:
            resource = _with(resource, additions[resource.address])
        found.append(resource)
    by_address = {resource.address: resource for resource in found}
    for settings, address in owners.items():
        by_address[settings] = by_address[address]
    return found, by_address


@dataclass(frozen=True, slots=True)
class _Addition:
    """`entries` of `source` to be added to its owner where `guard` holds."""

    source: Resource
    entries: Mapping[str, Value]
    guard: Guard


def _namings(piece: Piece, rows: Table) -> Iterator[tuple[Value, str]]:
    """What in a setting names its owner, with the owner's type."""
    resource = piece.resource
    if piece.is_only_settings:
        for fold_ in piece.folds:
            yield _at(piece.body or resource.properties, fold_.by), fold_.into
    elif resource.type is not None:
        for fold_ in rows.type_row(resource.type).folds:
            yield _at(resource.properties, fold_.by), fold_.into


def _additions(piece: Piece, identities: Identities, rows: Table) -> Iterator[tuple[_Addition, Resource]]:
    resource = piece.resource
    if piece.is_only_settings:
        for fold_ in piece.folds:
            naming = _at(piece.body or resource.properties, fold_.by)
            settings = _placed(resource.properties, fold_.at) if fold_.at else resource.properties.entries
            for owner, guard in identities.owners(naming, (fold_.into,)):
                yield _Addition(resource, settings, guard), owner
        return
    if resource.type is None:
        return
    for fold_ in rows.type_row(resource.type).folds:
        naming = _at(resource.properties, fold_.by)
        if isinstance(naming, Absent):
            continue
        content = _content(resource, fold_)
        if content is None:
            continue
        entries = _placed(content, fold_.at)
        for owner, guard in identities.owners(naming, (fold_.into,)):
            if owner is not resource:
                yield _Addition(resource, entries, guard), owner


def _placed(content: Value, place: str) -> Mapping[str, Value]:
    entries: dict[str, Value] = {}
    if place.endswith("[]") and not isinstance(content, ListValue):
        content = ListValue([content], content.origin)
    put(entries, tuple(place.removesuffix("[]").split(".")), content, None)
    return entries


def _at(properties: MapValue, path: str) -> Value:
    value: Value = properties
    for key in path.split("."):
        value = value.get(key)
    return value


def _content(resource: Resource, fold_: Fold) -> Value | None:
    if fold_.take is not None:
        found = _at(resource.properties, fold_.take)
        return None if isinstance(found, Absent) else found
    written = resource.properties.entries
    entries = {name: written[name] for name in fold_.keep or written if name in written}
    for name in (fold_.by, "Tags"):
        entries.pop(name, None)
    extra = entries.get("Extra")
    if isinstance(extra, MapValue) and "Unmapped" in extra.entries:
        kept = {name: value for name, value in extra.entries.items() if name != "Unmapped"}
        entries["Extra"] = MapValue(kept, extra.origin)
        if not kept:
            del entries["Extra"]
    content = MapValue(entries, resource.origin)
    return reshape(content, "one_per", fold_.each) if fold_.each else content


def _with(resource: Resource, additions: Sequence[_Addition]) -> Resource:
    properties: Value = resource.properties
    tags = resource.tags
    for addition in additions:
        guard = addition.guard & addition.source.exists
        # Where the owner is there only if the settings are, they hold whenever it matters.
        if resource.exists.implies(guard):
            guard = Guard.ALWAYS
        entries = dict(addition.entries)
        if "Tags" in entries:
            more = tags_of(entries.pop("Tags"), None, addition.source.origin)
            tags = more if isinstance(tags, Absent) and guard is Guard.ALWAYS else merged(tags, more, guard)
            properties = _retagged(properties, tags)
        properties = _added(properties, entries, guard)
    assert isinstance(properties, MapValue)
    folded = dict.fromkeys(addition.source.address for addition in additions)
    return replace(resource, properties=properties, tags=tags, folded=(*resource.folded, *folded))


def _retagged(properties: Value, tags: Value) -> MapValue:
    assert isinstance(properties, MapValue)
    entries = {**properties.entries, "Tags": tags}
    return MapValue(entries, properties.origin, properties.rest, properties.references)


def _added(properties: Value, entries: Mapping[str, Value], guard: Guard) -> MapValue:
    assert isinstance(properties, MapValue)
    united = dict(properties.entries)
    for name, value in entries.items():
        old = united.get(name)
        if old is None and name == "Extra":
            old = MapValue({}, value.origin)
        united[name] = added(old, value, guard)
    return MapValue(united, properties.origin, properties.rest, properties.references)
