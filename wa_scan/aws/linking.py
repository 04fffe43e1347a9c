"""Typed links, from the references in resources' properties.

What a reference means is data: the `links` of the canonical types' rows first, then `links.yaml`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import msgspec

from wa_scan.aws.identities import Identities
from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.resources import Resource
from wa_scan.aws.table import Table, TypeRow
from wa_scan.datafiles import load_folder
from wa_scan.values import Choice, Guard, Known, ListValue, Location, MapValue, Text, Value


class LinkRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of `links.yaml`; `source`, `path` and `target` are patterns, the first row that fits holds.

    `kind`: a `LinkKind`'s value, or `none`. `reversed`: the resource referred to is the link's source.
    """

    kind: str
    source: str = "*"
    path: str = "*"
    target: str = "*"
    reversed: bool = False


@cache
def link_rows() -> tuple[LinkRow, ...]:
    content = load_folder(Path(__file__).parent)["links"]
    return tuple(msgspec.convert(content, list[LinkRow]))


@dataclass(frozen=True, slots=True)
class _Meaning:
    kind: LinkKind
    reversed: bool = False


def link(resources: Sequence[Resource], by_address: Mapping[str, Resource], rows: Table) -> list[Link]:
    """The links between `resources`. `by_address`: which resource each address now is (a setting that was
    folded in is its owner)."""
    identities = Identities(resources, rows)
    kinds = _Kinds(rows)
    found: dict[tuple[int, int, LinkKind, str], Link] = {}
    for resource in resources:
        for leaf, path, guard in _leaves(resource.properties, "", Guard.ALWAYS):
            targets: list[Resource] = []
            for symbol in sorted(leaf.references):
                owner = by_address.get(symbol.resource) if symbol.resource is not None else None
                targets += (owner,) if owner is not None else identities.of_symbol(symbol)
            named = rows.type_row(resource.type).names.get(path) if resource.type is not None else None
            if not targets and named:
                targets += identities.named(leaf, named)
            for target in targets:
                if target is not resource:
                    _add(found, kinds, resource, target, leaf, path, guard)
        _connect(found, resource, rows, identities, by_address)
    return list(found.values())


def _connect(
    found: dict[tuple[int, int, LinkKind, str], Link],
    resource: Resource,
    rows: Table,
    identities: Identities,
    by_address: Mapping[str, Resource],
) -> None:
    """The links that a resource makes between two others (an association, an attachment)."""
    if resource.type is None:
        return
    row = rows.type_row(resource.type)
    for connection in row.connects:
        ends = list(_referred(resource, connection.end, row, identities, by_address))
        for start, _, start_guard in _referred(resource, connection.start, row, identities, by_address):
            for end, leaf, end_guard in ends:
                if start is end:
                    continue
                guard = start_guard & end_guard & resource.exists
                key = (id(start), id(end), LinkKind(connection.kind), resource.address)
                location = leaf.origin.location if leaf.origin is not None else resource.location
                found[key] = Link(start, end, LinkKind(connection.kind), connection.end, location, guard)


def _referred(
    resource: Resource,
    path: str,
    row: TypeRow,
    identities: Identities,
    by_address: Mapping[str, Resource],
) -> Iterator[tuple[Resource, Value, Guard]]:
    for leaf, full, guard in _leaves(resource[path.removesuffix("[]")], path, Guard.ALWAYS):
        seen = False
        for symbol in sorted(leaf.references):
            owner = by_address.get(symbol.resource) if symbol.resource is not None else None
            for target in (owner,) if owner is not None else identities.of_symbol(symbol):
                seen = True
                yield target, leaf, guard
        if not seen:
            for target in identities.named(leaf, row.names.get(full, ())):
                yield target, leaf, guard


def _add(
    found: dict[tuple[int, int, LinkKind, str], Link],
    kinds: "_Kinds",
    resource: Resource,
    target: Resource,
    leaf: Value,
    path: str,
    guard: Guard,
) -> None:
    meaning = kinds.meaning(resource, path, target)
    if meaning is None:
        return
    source, end = (target, resource) if meaning.reversed else (resource, target)
    key = (id(source), id(end), meaning.kind, path)
    earlier = found.get(key)
    location: Location = leaf.origin.location if leaf.origin is not None else resource.location
    if earlier is not None:
        guard, location = guard | earlier.guard, earlier.location
    found[key] = Link(source, end, meaning.kind, path, location, guard)


class _Kinds:
    """What references mean, remembered by source type, path and target type."""

    def __init__(self, rows: Table) -> None:
        self._rows = rows
        self._known: dict[tuple[str, str, str], _Meaning | None] = {}

    def meaning(self, source: Resource, path: str, target: Resource) -> _Meaning | None:
        key = (source.type or source.source_type, path, target.type or target.source_type)
        if key not in self._known:
            self._known[key] = self._look_up(*key)
        return self._known[key]

    def _look_up(self, source: str, path: str, target: str) -> _Meaning | None:
        own = self._rows.type_row(source).links.get(path)
        if own is not None:
            word, _, turned = own.partition(" reversed")
            return _Meaning(LinkKind(word), bool(turned) or own.endswith(" reversed"))
        for row in link_rows():
            if (
                fnmatchcase(source, row.source)
                and fnmatchcase(path, row.path)
                and fnmatchcase(target, row.target)
            ):
                return None if row.kind == "none" else _Meaning(LinkKind(row.kind), row.reversed)
        return _Meaning(LinkKind.REFERENCES)


def _leaves(value: Value, path: str, guard: Guard) -> Iterator[tuple[Value, str, Guard]]:
    """The parts of `value` that may refer to something, each with its property path and guard."""
    if isinstance(value, Choice):
        yield from _leaves(value.if_true, path, guard & value.guard)
        yield from _leaves(value.if_false, path, guard & ~value.guard)
    elif isinstance(value, MapValue):
        if value.references:
            yield value, path, guard
        for key, item in value.entries.items():
            yield from _leaves(item, f"{path}.{key}" if path else key, guard)
        if value.rest is not None:
            yield from _leaves(value.rest, path, guard)
    elif isinstance(value, ListValue):
        if value.references:
            yield value, path, guard
        for item in value.elements:
            yield from _leaves(item, f"{path}[]", guard)
        if value.rest is not None:
            yield value.rest, f"{path}[]", guard
    elif not guard.is_never and (value.references or isinstance(value, Known | Text)):
        yield value, path, guard
