from collections.abc import Iterator

from wa_scan.aws.volumes import block_devices
from wa_scan.engine.authoring import (
    FALSE,
    Absent,
    Graph,
    Guard,
    Pillar,
    Resource,
    Risk,
    Verdict,
    require,
    rule,
)

MESSAGES = {
    "gp2": "A volume is of type gp2; gp3 is cheaper and its throughput does not depend on its size.",
    "io1": "A volume is of type io1; io2 lasts a hundred times as long at the same price.",
    "standard": "A volume is magnetic (standard), which is slow; gp3 costs about the same.",
}


@rule(
    id="PERF-EBS-01",
    risk=Risk.LRI,
    best_practices=["PERF03-BP01", "COST06-BP02"],
    pillars=[Pillar.COST_OPTIMIZATION],
    resources=[
        "AWS::EC2::Volume",
        "AWS::EC2::Instance",
        "AWS::EC2::LaunchTemplate",
        "AWS::AutoScaling::LaunchConfiguration",
    ],
    sources=[
        "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html",
    ],
    misses="A root volume that is not written down has the type that its image was made with.",
)
def ebs_gp2(resource: Resource, graph: Graph) -> Iterator[Verdict]:
    """A volume is of a type that a newer one has replaced.

    Why: the newer type does the same work faster or for less money, and its speed does not depend on the
    volume's size.

    How to fix: change the type in place, gp2 and standard to gp3, io1 to io2.
    Terraform: set `volume_type = "gp3"` (in an `aws_ebs_volume` `type = "gp3"`).
    CloudFormation: set `VolumeType` to `gp3`.
    """
    if resource.type == "AWS::EC2::Volume":
        kinds = [(resource["VolumeType"], Guard.ALWAYS)]
    else:
        kinds = [(device["Ebs.VolumeType"], guard) for device, guard in block_devices(resource)]
        # In a device that is written down without a type, the image's snapshot or the account decides.
        kinds = [(kind, guard) for kind, guard in kinds if not isinstance(kind, Absent)]
    for kind, guard in kinds:
        old = kind.is_in(MESSAGES).given(guard, FALSE)
        message = MESSAGES.get(kind.text or "", "")
        yield require(~old, at=kind, resource=resource, message=message or None)
