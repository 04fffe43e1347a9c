"""Which arguments and nested blocks the blocks of the language itself may have.

Those of resources and providers are known to their providers alone, except for `terraform_data`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from wa_scan.terraform.provider_functions import is_identifier
from wa_scan.terraform.references import references
from wa_scan.terraform.syntax import Block
from wa_scan.values import Location

# Names of module variables would collide with what every module call has.
RESERVED_VARIABLES = frozenset(
    ("source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals")
)


@dataclass(frozen=True, slots=True)
class Schema:
    """The arguments and the nested blocks that a block of the language takes."""

    attributes: frozenset[str]
    blocks: frozenset[str]


def _schema(attributes: str, blocks: str = "") -> Schema:
    return Schema(frozenset(attributes.split()), frozenset(blocks.split()))


# With what OpenTofu adds: `deprecated`, `enabled`.
_SCHEMAS = {
    "variable": _schema("type default description sensitive nullable ephemeral deprecated", "validation"),
    "output": _schema("value description sensitive ephemeral depends_on deprecated", "precondition"),
    "check": _schema("", "data assert"),
    "terraform": _schema(
        "required_version experiments language", "required_providers backend cloud provider_meta encryption"
    ),
    "lifecycle": _schema(
        "create_before_destroy prevent_destroy ignore_changes replace_triggered_by enabled destroy",
        "precondition postcondition",
    ),
    "validation": _schema("condition error_message"),
    "precondition": _schema("condition error_message"),
    "postcondition": _schema("condition error_message"),
    "assert": _schema("condition error_message"),
}
_CONDITIONS = ("validation", "precondition", "postcondition", "assert")
_TERRAFORM_DATA = _schema(
    "input triggers_replace count for_each provider depends_on", "lifecycle provisioner connection"
)


def refused_parts(block: Block) -> Iterator[tuple[str, Location]]:
    """What Terraform does not expect in this block or below it, each with its place."""
    schema = _SCHEMAS.get(block.type)
    if block.type == "resource" and block.labels[:1] == ["terraform_data"]:
        schema = _TERRAFORM_DATA
    if block.type == "locals":
        for place in block.label_locations[:1]:
            yield "a locals block has no label", place
        for inner in block.body.blocks:
            yield f'a block of type "{inner.type}" is not expected here', inner.header
    if block.type in ("variable", "output", "module", "resource", "data", "check"):
        yield from _refused_names(block)
    if schema is not None:
        for name, attribute in block.body.attributes.items():
            if name not in schema.attributes:
                yield f'an argument named "{name}" is not expected here', attribute.name_location
        for inner in block.body.blocks:
            if inner.type not in schema.blocks:
                yield f'a block of type "{inner.type}" is not expected here', inner.header
    once = ("backend", "cloud") if block.type == "terraform" else ("lifecycle",)
    for kind in once:
        for again in [inner for inner in block.body.blocks if inner.type == kind][1:]:
            yield f"there is another {kind} block already", again.header
    if block.type == "check" and not any(inner.type == "assert" for inner in block.body.blocks):
        yield "a check needs an assert block", block.header
    for inner in block.body.blocks:
        if inner.type in _SCHEMAS and inner.type != "terraform":
            yield from refused_parts(inner)
        if inner.type in _CONDITIONS:
            yield from _refused_condition(block, inner)


def _refused_condition(block: Block, inner: Block) -> Iterator[tuple[str, Location]]:
    condition = inner.body.attributes.get("condition")
    if condition is None:
        yield f'a block of type "{inner.type}" needs a condition', inner.header
        return
    named = {reference.names[:2] for reference in references(condition.value)}
    if not named:
        yield "the condition must refer to something, or its result is always the same", condition.location
    elif block.type == "variable" and block.labels and ("var", block.labels[0]) not in named:
        yield f"the condition must refer to var.{block.labels[0]}", condition.location


def _refused_names(block: Block) -> Iterator[tuple[str, Location]]:
    for label, place in zip(block.labels, block.label_locations, strict=False):
        if not is_identifier(label):
            yield f'"{label}" is not a name: letters, digits, "_" and "-", with a letter first', place
    if block.type == "variable" and block.labels and block.labels[0] in RESERVED_VARIABLES:
        yield f'a variable cannot be named "{block.labels[0]}"', block.header
