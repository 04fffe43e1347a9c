from collections.abc import Iterator

from wa_scan.engine.authoring import Absent, Graph, LinkKind, Resource, Risk, Verdict, require, rule
from wa_scan.engine.zones import Spot, several, subnets_at, zones_at

GROUP = "AWS::AutoScaling::AutoScalingGroup"
SUBNETS, ZONES = "VPCZoneIdentifier", "AvailabilityZones"
LAUNCHES = ("AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration")


@rule(
    id="REL-ASG-01",
    risk=Risk.HRI,
    best_practices=["REL10-BP01", "REL11-BP02"],
    resources=[GROUP],
    equivalents={"regula": ["FG_R00014"], "prowler": ["autoscaling_group_multiple_az"]},
    sources=["https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html"],
    misses="Subnets that are only named by their IDs may be in one zone; that is not known.",
)
def asg_single_az(group: Resource, graph: Graph) -> Iterator[Verdict]:
    """An Auto Scaling group can start instances in one Availability Zone only.

    Why: if that zone fails or has no capacity, all instances are gone and no new ones can be started.

    How to fix: give the group subnets in two zones or more.
    Terraform: name them in `vpc_zone_identifier`.
    CloudFormation: name them in `VPCZoneIdentifier`.
    """
    spots = [spot for one in (group, *_siblings(group, graph)) for spot in _places(one, graph)]
    written = [value for value in (group[SUBNETS], group[ZONES]) if not isinstance(value, Absent)]
    at = written[0] if written else group
    yield require(several(spots), at=at, resource=group, path=SUBNETS)


def _places(group: Resource, graph: Graph) -> list[Spot]:
    return [*subnets_at(group, SUBNETS, graph), *zones_at(group, ZONES)]


def _siblings(group: Resource, graph: Graph) -> list[Resource]:
    """Groups that start the same instances: one a zone is a way of being in several."""
    kinds = (LinkKind.REFERENCES, LinkKind.SERVES)
    shared = [
        *(link.target for link in graph.edges(out_of=group, kind=kinds) if link.target.type in LAUNCHES),
        *graph.edges(into=group, kind=LinkKind.SERVES).sources(),
    ]
    found: dict[Resource, None] = {}
    for one in shared:
        for link in (*graph.edges(into=one, kind=kinds), *graph.edges(out_of=one, kind=kinds)):
            for other in (link.source, link.target):
                if other.type == GROUP and other is not group:
                    found[other] = None
    block = _block(group)
    for other in graph.of_type(GROUP, unit=group.unit):
        if other is not group and _block(other) == block:
            found[other] = None
    return list(found)


def _block(group: Resource) -> tuple[object, ...]:
    """What the instances of one `count` or `for_each` have in common."""
    return (group.source_type, group.location)
