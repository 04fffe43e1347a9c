from collections.abc import Iterator

from wa_scan.aws.account_settings import by_account
from wa_scan.aws.volumes import block_devices, has_root_device
from wa_scan.engine.authoring import (
    FALSE,
    UNKNOWN,
    Absent,
    Graph,
    Part,
    Precision,
    Resource,
    Risk,
    Truth,
    Verdict,
    any_of,
    require,
    rule,
)

INSTANCE, TEMPLATE = "AWS::EC2::Instance", "AWS::EC2::LaunchTemplate"


@rule(
    id="SEC-EC2-02",
    risk=Risk.MRI,
    best_practices=["SEC08-BP02"],
    resources=[INSTANCE, TEMPLATE, "AWS::AutoScaling::LaunchConfiguration"],
    precision=Precision.MEDIUM,
    equivalents={
        "checkov": ["CKV_AWS_8"],
        "trivy": ["AWS-0008", "AWS-0122", "AWS-0131"],
        "cdk_nag": ["AwsSolutions-EC26"],
        "terrascan": ["AC_AWS_0167"],
        "kics": ["launch_configuration_is_not_encrypted"],
        "prowler": ["ec2_ebs_volume_encryption"],
        "aws_config": ["encrypted-volumes"],
    },
    sources=[
        "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/AMIEncryption.html",
    ],
    misses="Encryption by default that is set elsewhere, and images with encrypted snapshots, are not seen.",
)
def ec2_root_volume_unencrypted(resource: Resource, graph: Graph) -> Iterator[Verdict]:
    """An instance's volume is not encrypted.

    Why: whoever obtains the volume or a snapshot of it can read the data, and the secrets and logs that the
    system keeps on it.

    How to fix: encrypt the root volume and all others; running instances are replaced.
    Terraform: set `encrypted = true` in `root_block_device`, `ebs_block_device` or `block_device_mappings`.
    CloudFormation: set `Ebs.Encrypted` to true in `BlockDeviceMappings`, for the root device too.
    """
    for device, guard in block_devices(resource):
        encrypted = device["Ebs.Encrypted"]
        yield require(
            is_encrypted(device).given(guard, ~FALSE),
            at=encrypted,
            resource=resource,
            path=f"{device.path}.Ebs.Encrypted",
        )
    # What a launch template, or whoever uses this one, says of the root volume is not in sight.
    within = "LaunchTemplateData." if resource.type == TEMPLATE else ""
    elsewhere = FALSE
    if resource.type == INSTANCE:
        elsewhere = resource["LaunchTemplate"].is_set() & UNKNOWN
    elif resource.type == TEMPLATE:
        elsewhere = ~resource[f"{within}ImageId"].is_set() & UNKNOWN
    path = f"{within}BlockDeviceMappings[].Ebs.Encrypted"
    yield require(
        has_root_device(resource) | elsewhere | by_account(resource, path, True),
        at=resource,
        path=f"{within}BlockDeviceMappings",
        message="The root volume is as its image is, which as a rule is not encrypted.",
    )


def is_encrypted(device: Part) -> Truth:
    """Without a word it is as its snapshot is, and unencrypted without one."""
    by_default = device["Ebs.SnapshotId"].is_set() & UNKNOWN
    written = any_of(
        (by_default if isinstance(leaf, Absent) else leaf.equals(True)).given(guard, FALSE)
        for leaf, guard in device["Ebs.Encrypted"].alternatives()
    )
    unsaid = any_of(
        Truth.when(guard)
        for leaf, guard in device["Ebs.Encrypted"].alternatives()
        if isinstance(leaf, Absent)
    )
    return written | (unsaid & by_account(device.resource, f"{device.path}.Ebs.Encrypted", True))
