"""The mapping table: how each source type maps to the canonical vocabulary.

The data is in `types/*.yaml`, one file a service. A file maps names to rows. A row whose name is
a registry type (`AWS::RDS::DBInstance`) says what holds of the canonical type:

    identifiers  properties whose value names the resource (for references by name)
    defaults     what holds where a property is absent: {path: {is: VALUE, source: WHERE THAT IS SAID}} or
                 {path: {unknown: WHY, source: ...}}; `[]` after a list (`BlockDeviceMappings[].Ebs.Encrypted`)
    numbers      properties that the registry calls strings and that hold numbers
    links        {path: KIND}: what a reference in this property means; `KIND reversed` turns the arrow round
    folds        where its settings are folded in: {into: TYPE, by: PROPERTY, at: PATH, take: PROPERTY}
    derive       extra properties made from registry properties: {PATH: "PATH | reshaping"}
    extra        the properties outside the registry, each with what it is

Every other row is named after a source type (`aws_db_instance`, `AWS::Serverless::Function`):

    is           the canonical type
    same_as      another source type, all of whose row holds
    at           the property path in which attributes without a row land (`DistributionConfig`)
    attributes   {source path: target}, only where names do not agree once underscores and case are dropped.
                 A target is a property path relative to where the enclosing block landed; `/Path` is relative
                 to the enclosing element or resource; `Path[]` appends to a list, `Path[].Sub` makes each
                 block an element with its settings in `Sub`; `.` dissolves a block into its parent; null
                 says that the registry has no such property; `TARGET | reshaping arguments` names a
                 transformation of `reshape.py`. A source path `**.name` holds at any depth.
    set          constants: {property path: value}
    defaults     what the Terraform provider does where an attribute is absent; wins over the other row's
    folds        for a source type without a canonical type: {into: TYPE, by: ATTRIBUTE}; its attributes are
                 then mapped as properties of that type
    tags         `own`: the provider's default tags do not reach it

Properties that the registry does not have stand below `Extra`; attributes with neither a row nor a
matching property are kept below `Extra.Terraform` under their own names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

FOLDER = Path(__file__).parent / "types"


class Default(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds where a property is absent. Exactly one of `value` and `unknown` is meant."""

    source: str
    value: str | int | float | bool | None = msgspec.field(name="is", default=None)
    unknown: str | None = None


class Fold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the settings of a split resource belong. `by`: the property or attribute naming the owner."""

    into: str
    by: str
    at: str = ""
    take: str | None = None


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    is_: str | None = msgspec.field(name="is", default=None)
    same_as: str | None = None
    at: str = ""
    attributes: dict[str, str | None] = msgspec.field(default_factory=dict)
    set: dict[str, str | int | float | bool] = msgspec.field(default_factory=dict)
    defaults: dict[str, Default] = msgspec.field(default_factory=dict)
    folds: Fold | list[Fold] | None = None
    tags: Literal["own"] | None = None
    identifiers: list[str] = msgspec.field(default_factory=list)
    numbers: list[str] = msgspec.field(default_factory=list)
    links: dict[str, str] = msgspec.field(default_factory=dict)
    derive: dict[str, str] = msgspec.field(default_factory=dict)
    extra: dict[str, str] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TypeRow:
    """What the table says of a canonical type."""

    name: str
    identifiers: tuple[str, ...] = ()
    defaults: Mapping[str, Default] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)
    folds: tuple[Fold, ...] = ()
    derive: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What the table says of a type of a source language. `canonical` is None for one that is only folded."""

    name: str
    canonical: str | None
    at: str = ""
    attributes: Mapping[str, str | None] = field(default_factory=dict)
    constants: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    defaults: Mapping[str, Default] = field(default_factory=dict)
    folds: tuple[Fold, ...] = ()
    own_tags_only: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    types: Mapping[str, TypeRow]
    sources: Mapping[str, SourceRow]

    def type_row(self, name: str) -> TypeRow:
        return self.types.get(name) or TypeRow(name)


class TableError(ValueError):
    """A row of the table is wrong; the message names the file and the row."""


def load(folder: Path) -> Table:
    """The table in `folder`. Raises `TableError` where it is malformed."""
    types: dict[str, TypeRow] = {}
    sources: dict[str, SourceRow] = {}
    aliases: dict[str, str] = {}
    for stem, content in _read(folder).items():
        if not isinstance(content, dict):
            raise TableError(f"{stem}: not a mapping of rows")
        for name, raw in content.items():
            try:
                row = msgspec.convert(raw or {}, _Row)
            except msgspec.ValidationError as error:
                raise TableError(f"{stem}: {name}: {error}") from error
            if name in types or name in sources or name in aliases:
                raise TableError(f"{stem}: {name} has a second row")
            if row.same_as is not None:
                aliases[name] = row.same_as
            elif row.is_ is None and name.startswith("AWS::"):
                types[name] = _type_row(name, row)
            else:
                sources[name] = _source_row(name, row)
    for name, original in aliases.items():
        sources[name] = sources[original]
    return Table(types, sources)


@cache
def table() -> Table:
    """The table that ships with wa-scan, loaded once."""
    return load(FOLDER)


def _read(folder: Path) -> Mapping[str, object]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {path.stem: yaml.load(path.read_bytes(), loader) for path in sorted(folder.glob("*.yaml"))}


def _folds(row: _Row) -> tuple[Fold, ...]:
    if row.folds is None:
        return ()
    return (row.folds,) if isinstance(row.folds, Fold) else tuple(row.folds)


def _type_row(name: str, row: _Row) -> TypeRow:
    return TypeRow(
        name,
        tuple(row.identifiers),
        row.defaults,
        frozenset(row.numbers),
        row.links,
        _folds(row),
        row.derive,
        row.extra,
    )


def _source_row(name: str, row: _Row) -> SourceRow:
    return SourceRow(
        name, row.is_, row.at, row.attributes, row.set, row.defaults, _folds(row), row.tags == "own"
    )
