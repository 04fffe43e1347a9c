import re
from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    TRUE,
    Graph,
    LinkKind,
    Precision,
    Resource,
    Risk,
    Truth,
    Verdict,
    all_of,
    any_of,
    rule,
)
from wa_scan.engine.workloads import by_unit, each_or_all, has, has_source_type, may_have_more, mentions

GROUP, NODES = "AWS::AutoScaling::AutoScalingGroup", "AWS::EKS::Nodegroup"
SERVICE, INSTANCE = "AWS::ECS::Service", "AWS::EC2::Instance"
# As many instances that stand alone are a fleet, too.
INSTANCES = 3
SPOT_FLEETS = ("AWS::EC2::SpotFleet", "AWS::EC2::EC2Fleet")
MAY_USE_SPOT = (
    *(GROUP, NODES, SERVICE, INSTANCE, "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration"),
    *("AWS::ECS::Cluster", "AWS::ECS::ClusterCapacityProviderAssociations", "AWS::Batch::ComputeEnvironment"),
)
SPOT = re.compile(r"spot", re.IGNORECASE)
# What buys commitments, or runs instances as cheaply as they are to be had.
BOUGHT = re.compile(r"aws_savingsplans_|aws_.*reserved|spotinst_|castai_|karpenter_", re.IGNORECASE)
COMMITMENTS = r"^(SAVINGS_PLANS|RI)_"


@rule(
    id="COST-EC2-02",
    risk=Risk.LRI,
    best_practices=["COST07-BP01", "COST07-BP04"],
    precision=Precision.LOW,
    sources=[
        "https://docs.aws.amazon.com/wellarchitected/latest/framework/cost_pricing_model_implement_models.html",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html",
    ],
    misses="Savings Plans and reserved instances are bought outside the code and cannot be seen in it.",
)
def on_demand_everything(graph: Graph) -> Iterator[Verdict]:
    """A fleet runs on demand: nothing in this configuration uses Spot or a commitment.

    Why: on demand is the dearest way to run what always runs, and Spot costs up to 90 % less for what may
    be interrupted. Savings Plans are bought outside the code: with one, this is done already.

    How to fix: run what may be interrupted on Spot, and buy a Savings Plan for what always runs.
    Terraform: add a `mixed_instances_policy`, a `FARGATE_SPOT` capacity provider or `capacity_type = "SPOT"`.
    CloudFormation: add a `MixedInstancesPolicy`, a `FARGATE_SPOT` capacity provider or `CapacityType: SPOT`.
    """
    yield from each_or_all(
        _fleets(graph),
        path="pricing",
        too="is on demand too",
        message="{count} fleets run on demand: nothing beside them uses Spot or a commitment.",
    )


def _fleets(graph: Graph) -> Iterator[tuple[Truth, list[Resource]]]:
    """Of each unit with a fleet whether it is cheaper than on demand, and what the fleet consists of."""
    for unit, members in by_unit(graph, GROUP, NODES, SERVICE, INSTANCE).items():
        sizes = {each: Truth.when(each.exists) & _is_fleet(each, graph) for each in members}
        alone = [each for each in members if each.type == INSTANCE]
        several = all_of(Truth.when(each.exists) for each in alone[:INSTANCES]) & Truth.of(
            len(alone) >= INSTANCES
        )
        fleet = any_of(sizes.values()) | several
        if fleet.is_surely_false:
            continue
        large = [each for each, size in sizes.items() if not size.is_surely_false] or alone
        yield ~fleet | _is_cheaper(graph, unit) | may_have_more(graph, unit), large


def _is_fleet(resource: Resource, graph: Graph) -> Truth:
    """Whether it may run as two or more."""
    if resource.type == GROUP:
        return resource["MaxSize"].at_least(2)
    if resource.type == NODES:
        return resource["ScalingConfig.MaxSize"].at_least(2)
    if resource.type == SERVICE:
        targets = graph.edges(out_of=resource, kind=LinkKind.SCALED_BY).targets()
        scaled = any_of(each["MaxCapacity"].at_least(2) for each in targets)
        return resource["LaunchType"].equals("FARGATE") & (resource["DesiredCount"].at_least(2) | scaled)
    return FALSE


def _is_cheaper(graph: Graph, unit: str) -> Truth:
    """Whether something in `unit` runs on Spot, or speaks of commitments."""
    on_spot = any_of(mentions(each.properties, SPOT) for each in graph.of_type(*MAY_USE_SPOT, unit=unit))
    asked = any_of(
        each["MixedInstancesPolicy"].is_set()
        | each["CapacityType"].is_in(("SPOT", "CAPACITY_BLOCK"))
        | each["CapacityProviderStrategy"].any(lambda one: one.get("CapacityProvider").equals("FARGATE_SPOT"))
        for each in graph.of_type(GROUP, NODES, SERVICE, unit=unit)
    )
    watched = any_of(
        each["Budget.BudgetType"].matches(COMMITMENTS)
        for each in graph.of_type("AWS::Budgets::Budget", unit=unit)
    )
    karpenter = any("karpenter" in each.address for each in graph.in_unit(unit))
    fleets = has(graph, unit, *SPOT_FLEETS) | has_source_type(graph, unit, BOUGHT)
    return on_spot | asked | watched | fleets | (TRUE if karpenter else FALSE)
