"""How the blocks of one source type are mapped, put together from the table and the registry's schema."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wa_scan.aws.mapping import BlockRule, Rows
from wa_scan.aws.schemas import ANY, Kind, Node, registry_type_named, takes_tags, type_schema
from wa_scan.aws.table import Default, SourceRow, Table, TypeRow
from wa_scan.blocks import Language


@dataclass(frozen=True, slots=True)
class Plan:
    """How the blocks of one source type are mapped; `rule` is None for one with no mapping."""

    canonical: str | None
    rule: BlockRule | None = None
    row: SourceRow | None = None
    defaults: Mapping[str, Default] = field(default_factory=dict)
    derive: Mapping[str, str] = field(default_factory=dict)
    tag_property: str | None = None
    own_tags_only: bool = False

    @property
    def dependent_defaults(self) -> list[tuple[str, Default]]:
        """The defaults that depend on what else is written."""
        return [(path, default) for path, default in self.defaults.items() if default.is_dependent]


def plan(source_type: str, language: Language, rows: Table, row_name: str | None = None) -> Plan:
    """The plan for blocks of `source_type`, by the row `row_name` where that is another than its own."""
    row = rows.sources.get(row_name or source_type)
    if row is None:
        canonical: str | None = source_type
        if language is Language.TERRAFORM:
            # The `awscc` provider is generated from the registry; about half of the `aws` provider's types
            # are named as the registry's are.
            agrees = source_type.startswith(("aws_", "awscc_"))
            canonical = registry_type_named(source_type.partition("_")[2]) if agrees else None
    else:
        canonical = row.canonical
    fold = row.folds[0] if row is not None and row.folds else None
    home = canonical or (fold.into if fold is not None else None)
    schema = type_schema(home) if home is not None else None
    if home is None or schema is None:
        return Plan(None)
    type_row = rows.type_row(home)
    root = schema.root.extended({"Extra": _extra_node(type_row)}) if type_row.extra else schema.root
    noun = home.rpartition("::")[2]
    if row is None:
        exact = language is Language.CLOUDFORMATION
        tags: Rows = {"tags": f"/{schema.tag_property or 'Tags'}"}
        rule = BlockRule(root, tags, exact=exact, numbers=type_row.numbers, noun=noun)
    else:
        if canonical is None and fold is not None and fold.at:
            root = root.at(tuple(fold.at.removesuffix("[]").split(".")))
            root = root.item if root.kind is Kind.LIST else root
        rule = BlockRule(
            root,
            _with_tags(row, schema.tag_property),
            base=tuple(row.at.split(".")) if row.at else (),
            constants=row.constants,
            skipped=frozenset({each.by for each in row.folds}) if canonical is None else frozenset(),
            numbers=type_row.numbers,
            noun=noun,
        )
    if canonical is None:
        return Plan(None, rule, row)
    takes = takes_tags(source_type) if language is Language.TERRAFORM else None
    # A type whose tags are blocks of their own has no argument called `tags`.
    own_tags = row is not None and row.own_tags_only
    tag_property = schema.tag_property if takes is not False or own_tags else None
    if tag_property is None and takes:
        tag_property = "Tags"
    return Plan(
        canonical,
        rule,
        row,
        {**type_row.defaults, **(row.defaults if row is not None else {})},
        type_row.derive,
        tag_property,
        own_tags,
    )


def _with_tags(row: SourceRow, tag_property: str | None) -> Rows:
    if "tags" in row.attributes:
        return row.attributes
    return {**row.attributes, "tags": f"/{tag_property or 'Tags'}"}


def _extra_node(row: TypeRow) -> Node:
    """What stands below `Extra` in a type: declared like another type, or anything."""
    node = Node(Kind.OBJECT).extended({})
    for path, what in row.extra.items():
        word, _, rest = what.partition(" ")
        below = ANY
        if word == "like":
            schema = type_schema(rest.partition(": ")[0])
            below = schema.root if schema is not None else ANY
        if path.endswith("[]"):
            below = Node.list_of(below)
        name = path.removesuffix("[]").removeprefix("Extra.")
        node = node.extended({name: below})
    return node
