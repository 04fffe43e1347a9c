from collections.abc import Iterator

from wa_scan.engine.authoring import (
    Graph,
    Guard,
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
    id="REL-NAT-01",
    risk=Risk.MRI,
    best_practices=["REL10-BP01", "REL11-BP02"],
    resources=["AWS::EC2::NatGateway"],
    precision=Precision.MEDIUM,
    sources=["https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html"],
    misses="Subnets that use their VPC's main route table are not counted.",
)
def nat_single_az(gateway: Resource, graph: Graph) -> Iterator[Verdict]:
    """Subnets in several Availability Zones leave through one NAT gateway.

    Why: a NAT gateway lives in one zone. If that zone fails, what runs in the others loses its way out
    too, and until then its traffic is paid for across zones.

    How to fix: put a NAT gateway into every zone and give each zone's private subnets a route table of
    their own.
    Terraform: give `aws_nat_gateway`, `aws_route_table` and their associations a `count` or `for_each`
    over the zones.
    CloudFormation: add an `AWS::EC2::NatGateway`, an `AWS::EC2::RouteTable` and an `AWS::EC2::Route` for
    each zone.
    """
    subnets = _behind(gateway, graph)
    if not subnets:
        return
    in_several = several(spot_of(subnet, guard) for subnet, guard in subnets.items())
    # Since November 2025 a gateway may be regional, and then spans the zones itself.
    regional = gateway["AvailabilityMode"].equals("regional")
    others = [Step(subnet.location, f"{subnet.address} leaves through it") for subnet in subnets]
    yield require(~in_several | regional, at=gateway, path="Subnets", related=others[:RELATED])


def _behind(gateway: Resource, graph: Graph) -> dict[Resource, Guard]:
    """The subnets whose route table leads to the gateway, each with when it does."""
    found: dict[Resource, Guard] = {}
    for route in graph.edges(into=gateway, kind=LinkKind.ROUTES_TO):
        for link in graph.edges(into=route.source, kind=LinkKind.ROUTES_TO):
            if link.source.type == SUBNET:
                guard = link.guard & route.guard & route.source.exists
                found[link.source] = found.get(link.source, Guard.NEVER) | guard
    return found
