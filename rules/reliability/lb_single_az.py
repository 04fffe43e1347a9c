from collections.abc import Iterator
from dataclasses import replace

from wa_scan.engine.authoring import Absent, Graph, Resource, Risk, Verdict, require, rule
from wa_scan.engine.zones import Spot, several, subnet_at, subnets_at, zones_at

CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
WRITTEN = ("Subnets", "SubnetMappings", "AvailabilityZones")


@rule(
    id="REL-LB-01",
    risk=Risk.HRI,
    best_practices=["REL10-BP01", "REL02-BP01"],
    resources=["AWS::ElasticLoadBalancingV2::LoadBalancer", CLASSIC],
    equivalents={
        "cdk_nag": ["AwsSolutions-ELB4"],
        "prowler": ["elb_is_in_multiple_az", "elbv2_is_in_multiple_az"],
        "aws_config": ["clb-multiple-az", "elbv2-multiple-az"],
    },
    sources=[
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
    ],
)
def lb_single_az(balancer: Resource, graph: Graph) -> Iterator[Verdict]:
    """A load balancer is in a single Availability Zone.

    Why: if the zone fails, nobody reaches what is behind it, though that may still run in other zones.

    How to fix: give it subnets in two zones or more.
    Terraform: name one subnet for each zone in `subnets` or in `subnet_mapping` blocks.
    CloudFormation: name one subnet for each zone in `Subnets` or `SubnetMappings`.
    """
    written = [value for name in WRITTEN if not isinstance(value := balancer[name], Absent)]
    at = written[0] if written else balancer
    in_several = several(_places(balancer, graph), one_subnet_a_zone=True)
    yield require(in_several, at=at, resource=balancer, path="Subnets")


def _places(balancer: Resource, graph: Graph) -> Iterator[Spot]:
    yield from subnets_at(balancer, "Subnets", graph)
    if balancer.type == CLASSIC:
        yield from zones_at(balancer, "AvailabilityZones")
        return
    for mapping, guard in balancer.each("SubnetMappings"):
        for spot in subnet_at(mapping, "SubnetId", graph):
            yield replace(spot, guard=spot.guard & guard)
