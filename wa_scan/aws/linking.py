"""Typed links, from the references in resources' properties.

What a reference means is data: the `links` of the canonical types' rows first, then `links.yaml`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import msgspec

from wa_scan.aws.access import access_links
from wa_scan.aws.alarms import alarm_links
from wa_scan.aws.backups import backup_links
from wa_scan.aws.dependencies import dependency_links
from wa_scan.aws.identities import one_of
from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.log_groups import log_group_links
from wa_scan.aws.placement import zone_links
from wa_scan.aws.references import References
from wa_scan.aws.resources import Resource
from wa_scan.aws.scaling import scaling_links
from wa_scan.aws.schemas import Kind, type_schema
from wa_scan.aws.table import Table, TypeRow
from wa_scan.blocks import Mode
from wa_scan.datafiles import load_folder
from wa_scan.values import Choice, Guard, Known, ListValue, Location, MapValue, Symbol, Text, Unknown, Value


class LinkRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of `links.yaml`; `source`, `path` and `target` are patterns, the first row that fits holds.

    `kind`: as in the `links` of a type's row.
    """

    kind: str
    source: str = "*"
    path: str = "*"
    target: str = "*"


@cache
def link_rows() -> tuple[LinkRow, ...]:
    """The rows of `links.yaml`."""
    content = load_folder(Path(__file__).parent)["links"]
    return tuple(msgspec.convert(content, list[LinkRow]))


@dataclass(frozen=True, slots=True)
class _Meaning:
    kind: LinkKind
    reversed: bool = False


def link(
    resources: Sequence[Resource], by_address: Mapping[str, Resource], rows: Table
) -> tuple[list[Link], list["Foreign"]]:
    """The links between `resources`. `by_address`: which resource each address now is (a setting that was
    folded in is its owner). Beside them what stands for resources of other units."""
    references = References(resources, by_address, rows)
    linker = _Linker(references, rows)
    for resource in resources:
        linker.link_references(resource)
    linker.close()
    for resource in resources:
        linker.connect(resource)
    links = list(linker.found.values())
    made = {(id(each.source), id(each.target), each.kind) for each in links}
    for each in _further_links(resources, references, tuple(links)):
        key = (id(each.source), id(each.target), each.kind)
        if key not in made:
            made.add(key)
            links.append(each)
    return links, linker.foreign


def _further_links(
    resources: Sequence[Resource], references: References, found: Sequence[Link]
) -> Iterator[Link]:
    """Links that do not follow from one reference in one property."""
    yield from zone_links(resources)
    yield from dependency_links(resources, references)
    yield from backup_links(resources, references)
    yield from alarm_links(resources, references)
    yield from scaling_links(resources, references)
    yield from log_group_links(resources, references)
    yield from access_links(resources, references, found)


class _Linker:
    """Collects the links of one unit; several references of one kind at one path are one link."""

    def __init__(self, references: References, rows: Table) -> None:
        self.found: dict[tuple[int, int, LinkKind, str], Link] = {}
        self._rows = rows
        self.foreign: list[Foreign] = []
        self._written: frozenset[tuple[int, int, LinkKind]] = frozenset()
        self._references = references
        self._kinds = Kinds(rows)

    def link_references(self, resource: Resource) -> None:
        names = self._rows.type_row(resource.type).names if resource.type is not None else {}
        for leaf, path, guard in _leaves(resource.properties, "", Guard.ALWAYS):
            referred = list(self._references.referred(leaf, names.get(path, ())))
            if isinstance(leaf, Unknown) and resource.mode is Mode.MANAGED:
                self._note_foreign(resource, path, leaf, guard)
            if len(referred) > 1 and not _may_be_many(resource, path, leaf):
                referred = list(_settled(referred))
            for target, is_subject in referred:
                if target is resource:
                    continue
                meanings = self._kinds.meanings(resource, path, target) if is_subject else _REFERENCES
                for meaning in meanings:
                    if meaning.reversed:
                        there = guard & resource.exists
                        self._add(target, resource, meaning.kind, path, leaf, resource, there)
                    else:
                        self._add(resource, target, meaning.kind, path, leaf, resource, guard)

    def _note_foreign(self, resource: Resource, path: str, leaf: Unknown, guard: Guard) -> None:
        if is_foreign(leaf.symbol):
            location = (leaf.origin or resource.origin).location
            self.foreign.append(Foreign(resource, path, leaf.symbol, location, guard & resource.exists))

    def close(self) -> None:
        """From now on only links that no reference makes: an association that says the same adds nothing."""
        self._written = frozenset((source, target, kind) for source, target, kind, _ in self.found)

    def connect(self, resource: Resource) -> None:
        """The links that a resource makes between two others (an association, an attachment)."""
        if resource.type is None:
            return
        row = self._rows.type_row(resource.type)
        for connection in row.connects:
            kind = LinkKind(connection.kind)
            ends = list(self._named_at(resource, connection.end, row))
            for start, _, start_guard in self._named_at(resource, connection.start, row):
                for end, leaf, end_guard in ends:
                    if start is not end and (id(start), id(end), kind) not in self._written:
                        guard = start_guard & end_guard & resource.exists
                        self._add(start, end, kind, connection.end, leaf, resource, guard)

    def _named_at(
        self, resource: Resource, path: str, row: TypeRow
    ) -> Iterator[tuple[Resource, Value, Guard]]:
        for leaf, full, guard in _leaves(resource[path], path, Guard.ALWAYS):
            for target, is_subject in self._references.referred(leaf, row.names.get(full, ())):
                if is_subject:
                    yield target, leaf, guard

    def _add(
        self,
        source: Resource,
        target: Resource,
        kind: LinkKind,
        path: str,
        leaf: Value,
        writer: Resource,
        guard: Guard,
    ) -> None:
        key = (id(source), id(target), kind, path)
        location: Location = leaf.origin.location if leaf.origin is not None else writer.location
        earlier = self.found.get(key)
        if earlier is not None:
            guard, location = guard | earlier.guard, earlier.location
        self.found[key] = Link(source, target, kind, path, location, guard)


@dataclass(frozen=True, slots=True)
class Foreign:
    """A value at `path` of `source` that stands for `symbol`, which is of another unit."""

    source: Resource
    path: str
    symbol: Symbol
    location: Location
    guard: Guard


def is_foreign(symbol: Symbol) -> bool:
    """Whether a symbol is, by its look, of another unit: `network: aws_vpc.main.id`."""
    return symbol.resource is None and ": " in symbol.text


class Kinds:
    """What references mean, remembered by source type, path and target type."""

    def __init__(self, rows: Table) -> None:
        self._rows = rows
        self._known: dict[tuple[str, str, str], tuple[_Meaning, ...]] = {}

    def meanings(self, source: Resource, path: str, target: Resource) -> tuple[_Meaning, ...]:
        key = (source.type or source.source_type, path, target.type or target.source_type)
        if key not in self._known:
            self._known[key] = self._look_up(*key)
        return self._known[key]

    def _look_up(self, source: str, path: str, target: str) -> tuple[_Meaning, ...]:
        of_type = self._rows.type_row(source)
        if any(path in (connection.start, connection.end) for connection in of_type.connects):
            # What an association names is linked by it, not with it.
            return _REFERENCES
        own = of_type.links.get(path) if target.startswith("AWS::") else None
        if own is not None:
            return meanings_of(own)
        for row in link_rows():
            if (
                fnmatchcase(source, row.source)
                and fnmatchcase(path, row.path)
                and fnmatchcase(target, row.target)
            ):
                return meanings_of(row.kind)
        return _REFERENCES


def meanings_of(written: str) -> tuple[_Meaning, ...]:
    """`attached to, serves reversed`: each kind, the arrow turned round where it says so; `none` for none."""
    return tuple(
        _Meaning(LinkKind(kind.removesuffix(" reversed")), kind.endswith(" reversed"))
        for kind in written.split(", ")
        if kind != "none"
    )


_REFERENCES = meanings_of(LinkKind.REFERENCES.value)


def _may_be_many(resource: Resource, path: str, leaf: Value) -> bool:
    """Whether one value at `path` may stand for several: all instances, or a list that is not known."""
    if isinstance(leaf, Unknown) and "[*]" in leaf.symbol.text:
        return True
    if path.endswith("[]") or resource.type is None:
        return resource.type is None
    schema = type_schema(resource.type)
    return schema is not None and schema.root.at(tuple(path.split("."))).kind in (Kind.LIST, Kind.ANY)


def _settled(referred: Sequence[tuple[Resource, bool]]) -> Iterator[tuple[Resource, bool]]:
    """What one value refers to; it stands for no resource of which it may be one of several."""
    of_type: dict[str | None, list[Resource]] = {}
    for target, is_subject in referred:
        if is_subject:
            of_type.setdefault(target.type, []).append(target)
    for target, is_subject in referred:
        yield target, is_subject and bool(one_of(of_type[target.type]))


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
