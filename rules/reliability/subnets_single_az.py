from collections.abc import Iterator

from wa_scan.engine.authoring import (
    Graph,
    LinkKind,
    Precision,
    Resource,
    Risk,
    Step,
    Verdict,
    require,
    rule,
)
from wa_scan.engine.zones import SUBNET, several, spot_of

RELATED = 5


@rule(
    id="REL-VPC-01",
    risk=Risk.HRI,
    best_practices=["REL10-BP01", "REL02-BP03"],
    resources=["AWS::EC2::VPC"],
    precision=Precision.MEDIUM,
    equivalents={"prowler": ["vpc_subnet_different_az"]},
    sources=["https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html"],
    misses="Subnets that another root module or template adds to the network are not seen.",
)
def subnets_single_az(network: Resource, graph: Graph) -> Iterator[Verdict]:
    """All subnets of a network are in one Availability Zone.

    Why: whatever runs in this network is down when the zone is, and cannot be moved.

    How to fix: make subnets of every kind in two zones or more.
    Terraform: give `aws_subnet` a `count` or `for_each` over the zones and set `availability_zone`.
    CloudFormation: add an `AWS::EC2::Subnet` for each zone and set `AvailabilityZone`.
    """
    # The default network has a subnet in every zone already.
    if network.source_type == "aws_default_vpc":
        return
    subnets = {
        link.source: link.guard
        for link in graph.edges(into=network, kind=LinkKind.IN_VPC)
        if link.source.type == SUBNET
    }
    if not subnets:
        return
    places = [Step(subnet.location, f"{subnet.address} is one of its subnets") for subnet in subnets]
    yield require(
        several(spot_of(subnet, guard) for subnet, guard in subnets.items()),
        at=network,
        path="Subnets",
        related=places[:RELATED],
    )
