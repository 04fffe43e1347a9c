"""Evaluated blocks of either language to canonical resources and the links between them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from wa_scan.aws.folding import Piece, fold
from wa_scan.aws.linking import link
from wa_scan.aws.links import Link
from wa_scan.aws.mapping import BlockRule, map_block, put
from wa_scan.aws.reshape import reshape
from wa_scan.aws.resources import Resource
from wa_scan.aws.schemas import registry_type_of_awscc, takes_tags, type_schema
from wa_scan.aws.table import Default, SourceRow, Table, table
from wa_scan.aws.tags import tags_of
from wa_scan.blocks import EvaluatedResource, EvaluatedUnit, Language, Mode
from wa_scan.errors import Problem, ProblemKind
from wa_scan.values import Absent, Known, MapValue, Symbol, Unknown, Value
from wa_scan.values.kinds import Reason

_CUSTOM = frozenset({"AWS::CloudFormation::CustomResource"})


@dataclass(frozen=True, slots=True)
class Normalised:
    """A unit in the canonical vocabulary.

    `resources`: in the order of the unit, without those that are nothing but settings of another (they are in
    that one's `folded`). `links`: in the order of their sources. `unmapped`: managed AWS resources of
    types with no mapping, counted by source type. `problems`: resources that could not be read.
    """

    resources: tuple[Resource, ...]
    links: tuple[Link, ...]
    unmapped: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def normalise(unit: EvaluatedUnit, rows: Table | None = None) -> Normalised:
    """The resources of `unit` in the canonical vocabulary, with the links between them. Never raises for
    anything that an evaluator may give."""
    normaliser = _Normaliser(rows if rows is not None else table(), unit.name)
    pieces: list[Piece] = []
    unmapped: Counter[str] = Counter()
    problems: list[Problem] = []
    for block in unit.resources:
        try:
            piece = normaliser.piece(block)
        except RecursionError:
            piece = Piece(normaliser.bare(block))
            problems.append(
                Problem(
                    ProblemKind.LIMIT_REACHED,
                    f"{block.address} is nested too deeply to be read.",
                    block.location,
                )
            )
        pieces.append(piece)
        if piece.resource.type is None and not piece.is_only_settings and _is_unmapped_aws(block):
            unmapped[block.type] += 1
    resources, owner_of = fold(pieces, normaliser.table)
    links = link(resources, owner_of, normaliser.table)
    return Normalised(tuple(resources), tuple(links), dict(sorted(unmapped.items())), tuple(problems))


def _is_unmapped_aws(block: EvaluatedResource) -> bool:
    if block.mode is not Mode.MANAGED:
        return False
    if block.language is Language.TERRAFORM:
        return block.type.startswith(("aws_", "awscc_"))
    return block.type.startswith("AWS::") and block.type not in _CUSTOM


class _Normaliser:
    """Maps one block at a time; what it learns about a type or an unchanged body is kept."""

    def __init__(self, rows: Table, unit: str) -> None:
        self.table = rows
        self.unit = unit
        self._plans: dict[tuple[str, Mode], _Plan] = {}
        self._bodies: dict[tuple[int, str], tuple[MapValue, MapValue]] = {}

    def piece(self, block: EvaluatedResource) -> Piece:
        plan = self._plan(block)
        if plan.rule is None:
            resource = self.bare(block)
            return Piece(resource)
        properties = self._mapped(block, plan)
        tags, properties = self._tagged(block, plan, properties)
        defaults: Mapping[str, Value] = {}
        if block.mode is Mode.DATA:
            defaults = {}
        elif plan.defaults:
            origin = block.origin
            defaults = {
                path: Unknown(Symbol(default.unknown), Reason.COMPUTED, origin)
                if default.unknown is not None
                else Known(default.value, origin)
                for path, default in plan.defaults.items()
            }
        resource = self._resource(block, plan.canonical, properties, tags, defaults)
        if plan.row is None or plan.canonical is not None:
            return Piece(resource)
        return Piece(resource, block.body, plan.row.folds)

    def bare(self, block: EvaluatedResource) -> Resource:
        """A resource of a type with no mapping: its own names, its tags."""
        takes = "tags" in block.body.entries or takes_tags(block.type)
        tags: Value = Absent(block.origin)
        if takes or "Tags" in block.body.entries:
            written = block.body.entries.get("tags") or block.body.entries.get("Tags")
            tags = tags_of(written, block.default_tags, block.origin)
        return self._resource(block, None, block.body, tags, {})

    def _resource(
        self,
        block: EvaluatedResource,
        canonical: str | None,
        properties: MapValue,
        tags: Value,
        defaults: Mapping[str, Value],
    ) -> Resource:
        return Resource(
            block.address,
            canonical,
            block.type,
            block.mode,
            block.language,
            self.unit,
            properties,
            block.location,
            block.extent,
            tags,
            defaults,
            block.meta,
            block.exists,
            block.calls,
            block.region,
        )

    def _plan(self, block: EvaluatedResource) -> "_Plan":
        key = (block.type, block.mode)
        found = self._plans.get(key)
        if found is None:
            found = self._plans[key] = _planned(block, self.table)
        return found

    def _mapped(self, block: EvaluatedResource, plan: "_Plan") -> MapValue:
        # Instances of one block share their bodies where nothing in them depends on the instance.
        key = (id(block.body), block.type)
        kept = self._bodies.get(key)
        if kept is not None:
            return kept[1]
        assert plan.rule is not None
        properties = map_block(block.body, plan.rule)
        if properties.origin is None:
            properties = _replaced(properties, properties.entries, block)
        if plan.derive:
            entries = dict(properties.entries)
            for path, written in plan.derive.items():
                _derive(entries, path, written, properties)
            properties = _replaced(properties, entries, block)
        if block.mode is Mode.DATA and properties.rest is None:
            rest = Unknown(Symbol(block.address, block.address), Reason.DATA, block.origin)
            properties = MapValue(properties.entries, properties.origin, rest, properties.references)
        self._bodies[key] = (block.body, properties)
        return properties

    def _tagged(
        self, block: EvaluatedResource, plan: "_Plan", properties: MapValue
    ) -> tuple[Value, MapValue]:
        entries = properties.entries
        if plan.tag_property is None:
            return Absent(block.origin), properties
        written = entries.get(plan.tag_property)
        default_tags = None if plan.own_tags_only else block.default_tags
        tags = tags_of(written, default_tags, block.origin)
        if written is None and isinstance(tags, MapValue) and not tags.entries and tags.rest is None:
            return tags, properties
        changed = {name: value for name, value in entries.items() if name != plan.tag_property}
        changed["Tags"] = tags
        return tags, MapValue(changed, properties.origin, properties.rest, properties.references)


def _replaced(properties: MapValue, entries: Mapping[str, Value], block: EvaluatedResource) -> MapValue:
    return MapValue(entries, properties.origin or block.origin, properties.rest, properties.references)


def _derive(entries: dict[str, Value], path: str, written: str, properties: MapValue) -> None:
    source, *calls = [part.strip() for part in written.split("|")]
    value: Value = properties
    for key in source.split("."):
        value = value.get(key)
    if isinstance(value, Absent):
        return
    for call in calls:
        name, *arguments = call.split()
        value = reshape(value, name, arguments)
    put(entries, tuple(path.split(".")), value, properties.origin)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the blocks of one source type are mapped; `rule` is None for one with no mapping."""

    canonical: str | None
    rule: BlockRule | None = None
    row: SourceRow | None = None
    defaults: Mapping[str, Default] = field(default_factory=dict)
    derive: Mapping[str, str] = field(default_factory=dict)
    tag_property: str | None = None
    own_tags_only: bool = False


def _planned(block: EvaluatedResource, rows: Table) -> _Plan:
    row = rows.sources.get(block.type)
    if row is None:
        canonical: str | None = block.type
        if block.language is Language.TERRAFORM:
            canonical = registry_type_of_awscc(block.type) if block.type.startswith("awscc_") else None
    else:
        canonical = row.canonical
    home = canonical or (row.folds[0].into if row is not None and row.folds else None)
    schema = type_schema(home) if home is not None else None
    if home is None or schema is None:
        return _Plan(None)
    type_row = rows.type_row(home)
    if row is None:
        exact = block.language is Language.CLOUDFORMATION
        rule = BlockRule(schema.root, {}, exact=exact, numbers=type_row.numbers)
    else:
        skipped = frozenset({fold.by for fold in row.folds}) if canonical is None else frozenset()
        base = tuple(row.at.split(".")) if row.at else ()
        rule = BlockRule(
            schema.root,
            _with_tags(row, schema.tag_property),
            base=base,
            constants=row.constants,
            skipped=skipped,
            numbers=type_row.numbers,
        )
    if canonical is None:
        return _Plan(None, rule, row)
    takes = takes_tags(block.type) if block.language is Language.TERRAFORM else None
    tag_property = schema.tag_property if takes is not False else None
    if tag_property is None and takes:
        tag_property = "Tags"
    return _Plan(
        canonical,
        rule,
        row,
        {**type_row.defaults, **(row.defaults if row is not None else {})},
        type_row.derive,
        tag_property,
        row.own_tags_only if row is not None else False,
    )


def _with_tags(row: SourceRow, tag_property: str | None) -> Mapping[str, str | None]:
    if "tags" in row.attributes:
        return row.attributes
    return {**row.attributes, "tags": f"/{tag_property or 'Tags'}"}
