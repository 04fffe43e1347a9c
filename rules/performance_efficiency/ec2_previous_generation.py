from collections.abc import Iterator

from wa_scan.aws.instance_types import is_previous_generation
from wa_scan.engine.authoring import Graph, Pillar, Resource, Risk, Verdict, require, rule

PROPERTIES = {
    "AWS::EC2::Instance": "InstanceType",
    "AWS::EC2::LaunchTemplate": "LaunchTemplateData.InstanceType",
    "AWS::AutoScaling::LaunchConfiguration": "InstanceType",
    "AWS::EKS::Nodegroup": "InstanceTypes",
}


@rule(
    id="PERF-EC2-01",
    risk=Risk.MRI,
    best_practices=["PERF02-BP01", "COST06-BP02", "SUS05-BP02"],
    pillars=[Pillar.COST_OPTIMIZATION, Pillar.SUSTAINABILITY],
    resources=list(PROPERTIES),
    equivalents={
        "tflint": ["aws_instance_previous_type"],
    },
    sources=["https://aws.amazon.com/ec2/previous-generation/"],
)
def ec2_previous_generation(resource: Resource, graph: Graph) -> Iterator[Verdict]:
    """An instance type is of a previous generation.

    Why: the same money buys less work on it, each unit of work takes more energy, and capacity for it is not
    extended any more.

    How to fix: move to a current type of the same family and size.
    Terraform: set `instance_type` to one such as `m7g.large` or `m7i.large`.
    CloudFormation: set `InstanceType` to one such as `m7g.large` or `m7i.large`.
    """
    value = resource[PROPERTIES[resource.type or ""]]
    yield require(~value.any(is_previous_generation), at=value, resource=resource)
