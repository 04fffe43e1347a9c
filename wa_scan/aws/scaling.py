"""What Application Auto Scaling scales, where a target or policy names it rather than refers to it.

Source: Application Auto Scaling API RegisterScalableTarget, ResourceId.
"""

from collections.abc import Iterator, Sequence

from wa_scan.aws.alarms import text_of
from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.references import References
from wa_scan.aws.resources import Resource
from wa_scan.aws.services import service_in
from wa_scan.blocks import Mode
from wa_scan.values import Known, Text, Unknown, Value

_SCALING = ("AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy")
# The first word of a ResourceId: what stands after it and what the name is of.
_KINDS = {
    "cluster": (":", ("AWS::RDS::DBCluster",)),
    "endpoint": ("/", ("AWS::SageMaker::Endpoint",)),
    "fleet": ("/", ("AWS::AppStream::Fleet",)),
    "function": (":", ("AWS::Lambda::Function",)),
    "replication-group": ("/", ("AWS::ElastiCache::ReplicationGroup",)),
    "table": ("/", ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")),
}


def scaling_links(resources: Sequence[Resource], references: References) -> Iterator[Link]:
    """A link from what is scaled to each target and policy that names it."""
    for resource in resources:
        if resource.type not in _SCALING or resource.mode is not Mode.MANAGED:
            continue
        for leaf, guard in resource["ResourceId"].alternatives():
            for scaled in _scaled(leaf, references):
                location = (leaf.origin or resource.origin).location
                yield Link(
                    scaled, resource, LinkKind.SCALED_BY, "ResourceId", location, guard & resource.exists
                )


def _scaled(leaf: Value, references: References) -> Sequence[Resource]:
    if not isinstance(leaf, Known | Text):
        return ()
    parts = leaf.parts if isinstance(leaf, Text) else (leaf.text or "",)
    first = parts[0]
    if not isinstance(first, str):
        return ()
    if first.startswith("service/"):
        fields = _split(parts, "/")
        return service_in(fields[1], fields[2], references) if len(fields) == 3 else ()
    for word, (separator, types) in _KINDS.items():
        if first.startswith(word + separator):
            return references.named(_split(parts, separator)[1], types, by_name=True)
    return ()


def _split(parts: Sequence[str | Unknown], separator: str) -> list[Value]:
    fields: list[list[str | Unknown]] = [[]]
    for part in parts:
        if isinstance(part, str):
            first, *others = part.split(separator)
            fields[-1] += [first] if first else []
            fields += [[other] if other else [] for other in others]
        else:
            fields[-1].append(part)
    return [text_of(field) for field in fields]
