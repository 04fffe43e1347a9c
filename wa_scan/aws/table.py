"""The mapping table: how each source type maps to the canonical vocabulary.

The data is in `types/*.yaml`, one file a service. A file maps names to rows. A row whose name is
a registry type (`AWS::RDS::DBInstance`) says what holds of the canonical type:

    identifiers  properties whose value names the resource (for references by name)
    defaults     what holds where a property is absent: {path: {is: VALUE, source: WHERE THAT IS SAID}} or
                 {path: {unknown: WHY, source: ...}}; `within: VALUE` beside either holds instead where the
                 enclosing object is written, without the property; `by: PROPERTY, cases: {VALUE: DEFAULT}`
                 says what holds as another property is; `inherited: {PROPERTY: WHY}` names the properties
                 that, where they are written, make it unknown (a snapshot to restore); `[]` after a list
                 (`Disks[].Encrypted`)
    numbers      properties that the registry calls strings and that hold numbers
    links        {path: KIND}: what a reference in this property means; `KIND reversed` turns the arrow round;
                 several kinds are parted by commas
    names        {path: [TYPE, ...]}: the types of which a plain name or ARN in this property may be one
    connects     links between what two of its properties refer to: {from: PATH, to: PATH, kind: KIND}
    part_of      the property that names what it is a part of, in which drawings show it
    folds        where its settings are folded in: {into: TYPE, by: PROPERTY, at: PATH} and, so that not all
                 are, `take: PROPERTY` or `keep: [PROPERTY, ...]`; `each: [PROPERTY, ...]` makes one
                 element for each thing in these lists
    derive       extra properties made from registry properties: {PATH: "PATH | reshaping"}
    extra        the properties outside the registry, each with what it is; `like TYPE: ...` gives them the
                 properties of that type (`Path[]` for a list of such)

What the registry has no type for may have one of the table's own, `Extra::EC2::Snapshot`, whose property
names are the attributes' in the registry's spelling (`KmsKeyId`).

Every other row is named after a source type (`aws_db_instance`, `AWS::Serverless::Function`):

    is           the canonical type
    same_as      another source type, all of whose row holds
    switch       for one source type that is several canonical ones: {by: ATTRIBUTE, VALUE: ROW, ...}, the
                 other rows standing beside it under names of their own
    at           the property path in which attributes without a row land (`DistributionConfig`)
    attributes   {source path: target}, only where names do not agree once underscores and case are dropped.
                 A target is a property path relative to where the enclosing block landed; `/Path` is relative
                 to the enclosing element or resource; `Path[]` appends to a list, `Path[].Sub` makes each
                 block an element with its settings in `Sub`; `Path[Key=word].Sub` is a setting of the element
                 whose `Key` is that word, `Path[0].Sub` of the first; `.` dissolves a block into its parent;
                 null says that the registry has no such property; `TARGET | reshaping arguments` names a
                 transformation of `reshape.py`. A list of targets lands at each. A source path `**.name`
                 holds at any depth.
    set          constants: {property path: value}
    defaults     what the Terraform provider does where an attribute is absent; wins over the other row's
    folds        for a source type without a canonical type: {into: TYPE, by: ATTRIBUTE, at: PATH}; its
                 attributes are then mapped as what that type has at that path
    older        attributes that only older versions of the provider have: {path: what replaced it, and when};
                 a path that ends in `.*` is of all in the block
    tags         `own`: the provider's default tags do not reach it

The rows of `derived.yaml` are generated (`scripts/derive_terraform_rows.py`) and hold where the others
say nothing.

Properties that the registry does not have stand below `Extra`; attributes with neither a row nor a
matching property are kept below `Extra.Unmapped` under their own names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from wa_scan.datafiles import load_folder
from wa_scan.values import MapValue

FOLDER = Path(__file__).parent / "types"

# The file of rows that `scripts/derive_terraform_rows.py` makes: they hold where the others say nothing.
DERIVED = "derived"


class Default(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds where a property is absent. Exactly one of `value` and `unknown` is meant; `within` holds
    instead where the object that the property belongs to is written, one of `cases` where the property
    `by` has that value; where a property of `inherited` is written it is unknown, for the reason there."""

    source: str
    value: str | int | float | bool | None = msgspec.field(name="is", default=None)
    unknown: str | None = None
    within: str | int | float | bool | None = None
    by: str | None = None
    cases: dict[str, str | int | float | bool] = msgspec.field(default_factory=dict)
    inherited: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def is_dependent(self) -> bool:
        """Whether it depends on what else is written."""
        return self.within is not None or self.by is not None or bool(self.inherited)


class Fold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the settings of a split resource belong. `by`: the property or attribute naming the owner."""

    into: str
    by: str
    at: str = ""
    take: str | None = None
    keep: list[str] = msgspec.field(default_factory=list)
    each: list[str] = msgspec.field(default_factory=list)


class Connection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A link that a resource makes between two others."""

    start: str = msgspec.field(name="from")
    end: str = msgspec.field(name="to")
    kind: str


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    is_: str | None = msgspec.field(name="is", default=None)
    same_as: str | None = None
    at: str = ""
    switch: dict[str, str] = msgspec.field(default_factory=dict)
    attributes: dict[str, str | list[str] | None] = msgspec.field(default_factory=dict)
    set: dict[str, str | int | float | bool] = msgspec.field(default_factory=dict)
    defaults: dict[str, Default] = msgspec.field(default_factory=dict)
    folds: Fold | list[Fold] | None = None
    older: dict[str, str] = msgspec.field(default_factory=dict)
    tags: Literal["own"] | None = None
    identifiers: list[str] = msgspec.field(default_factory=list)
    numbers: list[str] = msgspec.field(default_factory=list)
    links: dict[str, str] = msgspec.field(default_factory=dict)
    names: dict[str, list[str]] = msgspec.field(default_factory=dict)
    connects: Connection | list[Connection] | None = None
    part_of: str | None = None
    derive: dict[str, str] = msgspec.field(default_factory=dict)
    extra: dict[str, str] = msgspec.field(default_factory=dict)


class TypeRow(msgspec.Struct, frozen=True):
    """What the table says of a canonical type."""

    name: str
    identifiers: tuple[str, ...] = ()
    defaults: Mapping[str, Default] = msgspec.field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    links: Mapping[str, str] = msgspec.field(default_factory=dict)
    names: Mapping[str, Sequence[str]] = msgspec.field(default_factory=dict)
    connects: tuple[Connection, ...] = ()
    part_of: str | None = None
    folds: tuple[Fold, ...] = ()
    derive: Mapping[str, str] = msgspec.field(default_factory=dict)
    extra: Mapping[str, str] = msgspec.field(default_factory=dict)


class SourceRow(msgspec.Struct, frozen=True):
    """What the table says of a type of a source language. `canonical` is None for one that is only folded."""

    name: str
    canonical: str | None
    at: str = ""
    switch: Mapping[str, str] = msgspec.field(default_factory=dict)
    attributes: Mapping[str, str | list[str] | None] = msgspec.field(default_factory=dict)
    constants: Mapping[str, str | int | float | bool] = msgspec.field(default_factory=dict)
    defaults: Mapping[str, Default] = msgspec.field(default_factory=dict)
    folds: tuple[Fold, ...] = ()
    older: Mapping[str, str] = msgspec.field(default_factory=dict)
    own_tags_only: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The whole mapping table. `types`: by canonical type; `sources`: by type as written."""

    types: Mapping[str, TypeRow]
    sources: Mapping[str, SourceRow]

    def row_name(self, source_type: str, body: MapValue) -> str:
        """The name of the row for a block of `source_type`: its own, or that which an argument asks for."""
        row = self.sources.get(source_type)
        if row is None or not row.switch:
            return source_type
        return row.switch.get(str(body.get(row.switch["by"]).scalar), source_type)

    def type_row(self, name: str) -> TypeRow:
        return self.types.get(name) or TypeRow(name)


_Part = TypeVar("_Part", Fold, Connection)


class TableError(ValueError):
    """A row of the table is wrong; the message names the file and the row."""


def load(folder: Path, *, without: str | None = None) -> Table:
    """The table in `folder`, but for the file called `without`. Raises `TableError` where it is malformed."""
    types: dict[str, TypeRow] = {}
    sources: dict[str, SourceRow] = {}
    aliases: dict[str, str] = {}
    derived: dict[str, SourceRow] = {}
    for stem, content in load_folder(folder).items():
        if stem == without:
            continue
        try:
            rows = msgspec.convert(content, dict[str, _Row | None])
        except msgspec.ValidationError as error:
            raise TableError(f"{stem}: {error}") from error
        for name, written in rows.items():
            row = written or _Row()
            if stem == DERIVED:
                derived[name] = _source_row(name, row)
                continue
            if name in types or name in sources or name in aliases:
                raise TableError(f"{stem}: {name} has a second row")
            if row.same_as is not None:
                aliases[name] = row.same_as
            elif row.is_ is None and name.startswith(("AWS::", "Extra::")):
                types[name] = _type_row(name, row)
            else:
                sources[name] = _source_row(name, row)
    for name, rest in derived.items():
        by_hand = sources.get(name)
        if by_hand is not None:
            rest = msgspec.structs.replace(by_hand, attributes={**rest.attributes, **by_hand.attributes})
        sources[name] = rest
    for name, original in aliases.items():
        sources[name] = sources[original]
    return Table(types, sources)


@cache
def table() -> Table:
    """The table that ships with wa-scan, loaded once."""
    return load(FOLDER)


def _listed(part: _Part | list[_Part] | None) -> tuple[_Part, ...]:
    if part is None:
        return ()
    return tuple(part) if isinstance(part, list) else (part,)


def _type_row(name: str, row: _Row) -> TypeRow:
    return TypeRow(
        name,
        tuple(row.identifiers),
        row.defaults,
        frozenset(row.numbers),
        row.links,
        row.names,
        _listed(row.connects),
        row.part_of,
        _listed(row.folds),
        row.derive,
        row.extra,
    )


def _source_row(name: str, row: _Row) -> SourceRow:
    return SourceRow(
        name,
        row.is_,
        row.at,
        row.switch,
        row.attributes,
        row.set,
        row.defaults,
        _listed(row.folds),
        row.older,
        row.tags == "own",
    )
