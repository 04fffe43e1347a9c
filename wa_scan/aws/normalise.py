"""Evaluated blocks of either language to canonical resources and the links between them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from wa_scan.aws.account_settings import with_account_settings
from wa_scan.aws.documents import DEEPEST, is_deeper_than, written_size
from wa_scan.aws.folding import Piece, fold
from wa_scan.aws.identities import without_key
from wa_scan.aws.linking import Foreign, link
from wa_scan.aws.links import Link
from wa_scan.aws.mapping import Shaped, map_block
from wa_scan.aws.merging import put
from wa_scan.aws.plans import Plan, plan
from wa_scan.aws.reshape import reshape
from wa_scan.aws.resources import Resource
from wa_scan.aws.schemas import takes_tags
from wa_scan.aws.serverless import with_globals
from wa_scan.aws.table import Default, Table, table
from wa_scan.aws.tags import tags_of
from wa_scan.blocks import EvaluatedResource, EvaluatedUnit, Language, Mode
from wa_scan.errors import Problem, ProblemKind
from wa_scan.values import Absent, Known, Location, MapValue, Origin, Symbol, Text, Unknown, Value, choose
from wa_scan.values.kinds import Reason

# How many values a resource and a unit may have with what they share written out: a few levels of lists that
# double make more than any reader would end with.
_LARGEST = 100_000
_LARGEST_UNIT = 2_000_000
_CUSTOM = frozenset({"AWS::CloudFormation::CustomResource"})


@dataclass(frozen=True, slots=True)
class Normalised:
    """A unit in the canonical vocabulary.

    `resources`: in the order of the unit, without those that are nothing but settings of another (they are in
    that one's `folded`). `links`: in the order of their sources. `unmapped`: managed AWS resources of
    types with no mapping, counted by source type. `problems`: resources that could not be read.
    `foreign`: what stands for resources of other units.
    """

    resources: tuple[Resource, ...]
    links: tuple[Link, ...]
    unmapped: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    foreign: tuple[Foreign, ...] = ()


def normalise(unit: EvaluatedUnit, rows: Table | None = None) -> Normalised:
    """The resources of `unit` in the canonical vocabulary, with the links between them. Never raises for
    anything that an evaluator may give."""
    normaliser = _Normaliser(rows if rows is not None else table(), unit.name)
    pieces: list[Piece] = []
    unmapped: Counter[str] = Counter()
    problems: list[Problem] = []
    readable = _Readable()
    for written in unit.resources:
        block = with_globals(written, unit)
        reason = readable.refusal(block.body)
        if reason is not None:
            rest = Unknown(Symbol(block.address, block.address), Reason.UNSUPPORTED, block.origin)
            piece = Piece(normaliser.bare(replace(block, body=MapValue({}, block.body.origin, rest))))
            problems.append(
                Problem(
                    ProblemKind.LIMIT_REACHED,
                    f"{block.address} {reason} to be read.",
                    block.location,
                )
            )
        else:
            piece = normaliser.piece(block)
        pieces.append(piece)
        if piece.resource.type is None and not piece.is_only_settings and _is_unmapped_aws(block):
            unmapped[block.type] += 1
    folded, owner_of = fold(pieces, normaliser.table)
    resources = [normaliser.with_dependent_defaults(resource) for resource in folded]
    resources = with_account_settings(resources)
    renewed = {id(old): new for old, new in zip(folded, resources, strict=True)}
    owner_of = {address: renewed[id(resource)] for address, resource in owner_of.items()}
    links, foreign = link(resources, owner_of, normaliser.table)
    return Normalised(
        tuple(resources), tuple(links), dict(sorted(unmapped.items())), tuple(problems), tuple(foreign)
    )


def _is_unmapped_aws(block: EvaluatedResource) -> bool:
    if block.mode is not Mode.MANAGED or block.is_upkeep:
        return False
    if block.language is Language.TERRAFORM:
        return block.type.startswith(("aws_", "awscc_"))
    return block.type.startswith("AWS::") and block.type not in _CUSTOM


class _Readable:
    """Tells bodies that are too deep or too large. One that several instances share takes room once."""

    def __init__(self) -> None:
        self._room = _LARGEST_UNIT
        # The body is kept, so that its id stays its own.
        self._known: dict[int, tuple[MapValue, str | None]] = {}

    def refusal(self, body: MapValue) -> str | None:
        """Why `body` is not to be read, None if it is."""
        found = self._known.get(id(body))
        if found is None:
            found = self._known[id(body)] = (body, self._judge(body))
        return found[1]

    def _judge(self, body: MapValue) -> str | None:
        if is_deeper_than(body, DEEPEST):
            return "is nested too deeply"
        size = written_size(body)
        if size > _LARGEST or size > self._room:
            return "is too large"
        self._room -= size
        return None


class _Normaliser:
    """Maps one block at a time; what it learns about a type or an unchanged body is kept."""

    def __init__(self, rows: Table, unit: str) -> None:
        self.table = rows
        self.unit = unit
        self._plans: dict[tuple[str, str], Plan] = {}
        self._plan_of: dict[str, Plan] = {}
        self._bodies: dict[tuple[int, str], tuple[MapValue, MapValue]] = {}
        self._parts: dict[
            tuple[int, int, str],
            tuple[EvaluatedResource, tuple[MapValue, Value, Mapping[str, Value]]],
        ] = {}
        self._shaped: Shaped = {}
        self._defaults: dict[tuple[int, Location, str], Mapping[str, Value]] = {}
        self._dependent: dict[tuple[int, ...], tuple[Resource, Mapping[str, Value]]] = {}

    def piece(self, block: EvaluatedResource) -> Piece:
        how = self._plan(block)
        if how.rule is None:
            return Piece(self.bare(block))
        if how.dependent_defaults:
            self._plan_of[block.address] = how
        properties, tags, defaults = self._shared(block, how)
        resource = self._resource(block, how.canonical, properties, tags, defaults)
        if how.row is None or how.canonical is not None:
            return Piece(resource)
        return Piece(resource, block.body, how.row.folds)

    def _shared(self, block: EvaluatedResource, how: Plan) -> tuple[MapValue, Value, Mapping[str, Value]]:
        """Properties, tags and defaults; one for all instances of a block whose bodies do not differ, so that
        memory grows with what is written."""
        key = (id(block.body), id(block.default_tags), block.type)
        found = self._parts.get(key)
        if found is None:
            tags, properties = self._tagged(block, how, self._mapped(block, how))
            defaults: Mapping[str, Value] = {}
            if block.mode is not Mode.DATA and how.defaults:
                defaults = self._standing(block, how)
            # The block is kept, so that the ids stay its own.
            found = self._parts[key] = (block, (properties, tags, defaults))
        return found[1]

    def _standing(self, block: EvaluatedResource, how: Plan) -> Mapping[str, Value]:
        """The defaults, which are the same for all instances of a block."""
        key = (id(how), block.location, without_key(block.address))
        found = self._defaults.get(key)
        if found is None:
            origin = block.origin
            found = {path: _standing(default, origin) for path, default in how.defaults.items()}
            self._defaults[key] = found
        return found

    def with_dependent_defaults(self, resource: Resource) -> Resource:
        """With the defaults that depend on what else is written, all settings being there now."""
        how = self._plan_of.get(resource.address)
        if how is None or resource.mode is Mode.DATA:
            return resource
        asked: list[str] = []
        for path, default in how.dependent_defaults:
            if default.within is not None:
                asked.append(path.rpartition(".")[0])
            if default.by is not None:
                asked.append(default.by)
            asked += default.inherited
        key = (id(resource.defaults), *(id(_written(resource.properties, path)) for path in asked))
        found = self._dependent.get(key)
        if found is None:
            # The resource is kept, so that the ids stay its own.
            found = self._dependent[key] = (resource, self._dependent_defaults(resource, how))
        return replace(resource, defaults=found[1])

    def _dependent_defaults(self, resource: Resource, how: Plan) -> Mapping[str, Value]:
        defaults = dict(resource.defaults)
        for path, default in how.dependent_defaults:
            if default.within is not None:
                held = Known(default.within, resource.origin)
                for leaf, guard in resource[path.rpartition(".")[0]].alternatives():
                    if isinstance(leaf, MapValue):
                        defaults[path] = choose(guard, held, defaults[path])
            if default.by is not None:
                defaults[path] = _by_case(resource[default.by], default, defaults[path], resource)
            for giver, why in default.inherited.items():
                defaults[path] = _inherited(resource[giver], why, defaults[path], resource)
        return defaults

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
            aliases=block.aliases,
            is_upkeep=block.is_upkeep,
        )

    def _plan(self, block: EvaluatedResource) -> Plan:
        name = self.table.row_name(block.type, block.body)
        key = (block.type, name)
        found = self._plans.get(key)
        if found is None:
            found = self._plans[key] = plan(block.type, block.language, self.table, name)
        return found

    def _mapped(self, block: EvaluatedResource, how: Plan) -> MapValue:
        # Instances of one block share their bodies where nothing in them depends on the instance.
        key = (id(block.body), block.type)
        kept = self._bodies.get(key)
        if kept is not None:
            return kept[1]
        assert how.rule is not None
        # Values that instances have in common, as what is shaped of them.
        shaped = self._shaped if block.address.endswith("]") else None
        properties = map_block(block.body, how.rule, shaped)
        if properties.origin is None:
            properties = _replaced(properties, properties.entries, block)
        if how.derive:
            entries = dict(properties.entries)
            for path, written in how.derive.items():
                _derive(entries, path, written, properties)
            properties = _replaced(properties, entries, block)
        if block.mode is Mode.DATA and properties.rest is None:
            rest = Unknown(Symbol(block.address, block.address), Reason.DATA, block.origin)
            properties = MapValue(properties.entries, properties.origin, rest, properties.references)
        self._bodies[key] = (block.body, properties)
        return properties

    def _tagged(self, block: EvaluatedResource, how: Plan, properties: MapValue) -> tuple[Value, MapValue]:
        entries = properties.entries
        if how.tag_property is None:
            return Absent(block.origin), properties
        written = entries.get(how.tag_property)
        default_tags = None if how.own_tags_only else block.default_tags
        tags = tags_of(written, default_tags, block.origin)
        if written is None and isinstance(tags, MapValue) and not tags.entries and tags.rest is None:
            return tags, properties
        changed = {name: value for name, value in entries.items() if name != how.tag_property}
        changed["Tags"] = tags
        return tags, MapValue(changed, properties.origin, properties.rest, properties.references)


def _standing(default: Default, origin: Origin) -> Value:
    if default.unknown is not None:
        return Unknown(Symbol(default.unknown), Reason.COMPUTED, origin)
    return Known(default.value, origin)


def _written(properties: MapValue, path: str) -> Value | None:
    """What is written at `path` or above it."""
    value: Value | None = properties
    for key in path.split("."):
        if not isinstance(value, MapValue):
            return value
        value = value.entries.get(key, value.rest)
    return value


def _by_case(value: Value, default: Default, otherwise: Value, resource: Resource) -> Value:
    """What holds where another property is `value`."""
    found = otherwise
    for leaf, guard in value.alternatives():
        if isinstance(leaf, Unknown | Text):
            reason = default.unknown or f"as {default.by} is"
            held: Value = Unknown(Symbol(reason), Reason.COMPUTED, resource.origin)
        elif leaf.text in default.cases:
            held = Known(default.cases[leaf.text], resource.origin)
        else:
            held = otherwise
        found = choose(guard, held, found)
    return found


def _inherited(giver: Value, why: str, otherwise: Value, resource: Resource) -> Value:
    """What holds where the property `giver`, which it is inherited from, may be written."""
    found = otherwise
    for leaf, guard in giver.alternatives():
        if not leaf.is_set().is_surely_false:
            found = choose(guard, Unknown(Symbol(why), Reason.COMPUTED, resource.origin), found)
    return found


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
    if isinstance(value, Absent):
        return
    put(entries, tuple(path.split(".")), value, properties.origin)
