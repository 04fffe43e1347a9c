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
from wa_scan.aws.table import Table
from wa_scan.values import Choice, Guard, ListValue, Location, MapValue, Value


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
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load((Path(__file__).parent / "links.yaml").read_bytes(), loader)
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
            named = kinds.named_types(resource, path)
            if not targets and named:
                targets += identities.named(leaf, named)
            for target in targets:
                if target is resource:
                    continue
                _add(found, kinds, resource, target, leaf, path, guard)
    return list(found.values())


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

    def named_types(self, source: Resource, path: str) -> Sequence[str]:
        """The types that a plain name at `path` may name."""
        return ()

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
    """The parts of `value` that refer to something, each with its property path and guard."""
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
    elif value.references and not guard.is_never:
        yield value, path, guard
