from collections.abc import Iterator

from wa_scan.aws.instance_types import parse
from wa_scan.engine.authoring import (
    FALSE,
    Graph,
    LinkKind,
    Pillar,
    Precision,
    Resource,
    Risk,
    Scalar,
    Truth,
    Value,
    Verdict,
    any_of,
    require,
    rule,
)
from wa_scan.engine.stages import Stage, stage_of

# vCPUs from which an instance is very large, anywhere and in an environment for development or tests.
VERY_LARGE, LARGE = 32, 8
# Chosen for their hardware; their size follows from that.
SPECIAL = frozenset({"p", "g", "gr", "trn", "inf", "dl", "vt", "f", "u", "hpc", "mac"})


@rule(
    id="COST-EC2-01",
    risk=Risk.MRI,
    best_practices=["COST06-BP02", "COST09-BP03", "PERF02-BP04", "SUS05-BP01"],
    pillars=[Pillar.PERFORMANCE_EFFICIENCY, Pillar.SUSTAINABILITY],
    resources=["AWS::EC2::Instance"],
    precision=Precision.LOW,
    sources=[
        "https://docs.aws.amazon.com/wellarchitected/latest/framework/cost_type_size_number_resources_data.html",
        "https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html",
    ],
    misses="How busy an instance is cannot be seen: one as large as its work is found all the same.",
)
def ec2_oversized(instance: Resource, graph: Graph) -> Iterator[Verdict]:
    """A very large instance always runs at its full size.

    Why: it is paid for by the hour whether it has work or not, and one machine cannot follow the demand.

    How to fix: measure it (AWS Compute Optimizer does) and take a smaller type, or several small instances
    in an Auto Scaling group.
    Terraform: set a smaller `instance_type`, or move it to an `aws_autoscaling_group`.
    CloudFormation: set a smaller `InstanceType`, or move it to an `AWS::AutoScaling::AutoScalingGroup`.
    """
    template = _template_of(instance, graph)
    type_, stage = _type_of(instance, template), stage_of(instance, graph)
    very_large = type_.holds(lambda data: _vcpus(data) >= VERY_LARGE)
    large = type_.holds(lambda data: _vcpus(data) >= LARGE)
    yield require(
        ~(very_large | (large & Truth.when(stage.development))) | _is_meant(instance, template),
        at=type_,
        resource=instance,
        path="InstanceType",
        message=_message(type_.text, stage),
        related=[stage.told] if stage.told is not None and not very_large.is_surely_true else [],
    )


def _type_of(instance: Resource, template: Resource | None) -> Value:
    """The instance's own type, else that of its launch template."""
    written = instance["InstanceType"]
    if template is None or not written.is_set().is_surely_false:
        return written
    return template["LaunchTemplateData.InstanceType"]


def _template_of(instance: Resource, graph: Graph) -> Resource | None:
    targets = graph.edges(out_of=instance, kind=LinkKind.REFERENCES).targets()
    return next((each for each in targets if each.type == "AWS::EC2::LaunchTemplate"), None)


def _vcpus(data: Scalar) -> int:
    """0 where the name does not say, or where the hardware decides the size."""
    found = parse(data) if isinstance(data, str) else None
    return 0 if found is None or found.series in SPECIAL else found.vcpus or 0


def _is_meant(instance: Resource, template: Resource | None) -> Truth:
    """Whether something else says that it has to be as it is: Spot, licences by core, hosts, clusters."""
    market = template["LaunchTemplateData.InstanceMarketOptions"].is_set() if template is not None else FALSE
    settings = ("CpuOptions", "HostId", "HostResourceGroupArn", "PlacementGroupName")
    return (
        instance["Extra.Spot"].equals(True)
        | market
        | instance["Tenancy"].is_in(("host", "dedicated"))
        | any_of(instance[each].is_set() for each in settings)
    )


def _message(name: str | None, stage: Stage) -> str | None:
    vcpus = _vcpus(name)
    if name is None or vcpus >= VERY_LARGE or not stage.name:
        return f"{name} has {vcpus} vCPUs and never changes its size." if vcpus else None
    return f"{name} has {vcpus} vCPUs in an environment for development or tests ({stage.name})."
