import re
from collections.abc import Iterator

from wa_scan.aws.instance_types import could_run_on_arm
from wa_scan.engine.authoring import (
    Graph,
    Mode,
    Pillar,
    Precision,
    Resource,
    Risk,
    Truth,
    Value,
    Verdict,
    any_of,
    require,
    rule,
)
from wa_scan.engine.workloads import mentions

PREFIXES = {
    "AWS::EC2::Instance": "",
    "AWS::EC2::LaunchTemplate": "LaunchTemplateData.",
    "AWS::AutoScaling::LaunchConfiguration": "",
    "AWS::EKS::Nodegroup": "",
}
# Images that exist for x86 alone, as their names, data sources or public parameters call them.
X86_ONLY = re.compile(r"windows|win20\d\d|sql_?server|oracle|macos", re.IGNORECASE)


@rule(
    id="SUS-ARM-01",
    risk=Risk.LRI,
    best_practices=["SUS05-BP02", "COST06-BP02", "PERF02-BP01"],
    pillars=[Pillar.COST_OPTIMIZATION],
    resources=list(PREFIXES),
    precision=Precision.MEDIUM,
    sources=["https://aws.amazon.com/ec2/graviton/", "https://docs.aws.amazon.com/ec2/latest/instancetypes/"],
    misses="Whether the software runs on Arm is not in the code; images called Windows are left out.",
)
def ec2_x86(resource: Resource, graph: Graph) -> Iterator[Verdict]:
    """An instance runs on x86 processors although its family has Arm ones.

    Why: the same work on Arm (Graviton) takes less energy and costs less.

    How to fix: move to the Arm type of the same family and size, with an image built for arm64.
    Terraform: set `instance_type` to one such as `m7g.large`, and the image to an arm64 one.
    CloudFormation: set `InstanceType` to one such as `m7g.large`, and the image to an arm64 one.
    """
    prefix = PREFIXES[resource.type or ""]
    value = resource["InstanceTypes" if resource.type == "AWS::EKS::Nodegroup" else prefix + "InstanceType"]
    x86_only = any_of(
        _names_x86_only_image(resource[prefix + property_], resource, graph)
        for property_ in ("ImageId", "UserData", "KeyName", "AmiType")
    )
    yield require(~value.any(could_run_on_arm) | x86_only, at=value, resource=resource)


def _names_x86_only_image(value: Value, resource: Resource, graph: Graph) -> Truth:
    found = (graph.find(resource.unit, symbol.resource or "") for symbol in value.all_references())
    looked_up = any_of(
        mentions(each.properties, X86_ONLY) for each in found if each and each.mode is Mode.DATA
    )
    told = " ".join(symbol.text for symbol in value.all_references())
    told += " " + (value.text or "")
    if value.origin is not None:
        told += " ".join(step.text for step in value.origin.steps())
    return Truth.of(X86_ONLY.search(told) is not None or "<powershell>" in told) | looked_up
