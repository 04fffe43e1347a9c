"""The block devices of instances, launch templates and launch configurations."""

from wa_scan.aws.resources import Part, Resource
from wa_scan.values import Absent, Guard, Truth, all_of
from wa_scan.values.truths import FALSE

# The device names under which AMIs have their root volume. Source: EC2 User Guide, "Device names for
# volumes": /dev/xvda or /dev/sda1 for Linux, /dev/sda1 for Windows.
_ROOT_NAMES = ("/dev/xvda", "/dev/sda1")
_PLACES = {
    "AWS::EC2::Instance": "BlockDeviceMappings",
    "AWS::AutoScaling::LaunchConfiguration": "BlockDeviceMappings",
    "AWS::EC2::LaunchTemplate": "LaunchTemplateData.BlockDeviceMappings",
}


def block_devices(resource: Resource) -> list[tuple[Part, Guard]]:
    """The block device mappings that have an EBS volume, each with its guard.

    Ask a part for `Ebs.Encrypted`, `Ebs.VolumeType` and so on.
    """
    place = _PLACES.get(resource.type or "")
    if place is None:
        return []
    return [(part, guard) for part, guard in resource.each(place) if not part["Ebs"].is_set().is_surely_false]


def is_root(device: Part) -> Truth:
    """Whether a device is the root volume: named like one, or Terraform's `root_block_device`, which has no
    name."""
    name = device["DeviceName"]
    if isinstance(name, Absent) and name.scalar is None:
        return Truth.of(device.resource.type != "AWS::EC2::LaunchTemplate" or None)
    return name.is_in(_ROOT_NAMES)


def has_root_device(resource: Resource) -> Truth:
    """Whether the root volume is among the block device mappings; else the AMI's own settings hold."""
    none = all_of((~is_root(part)).given(guard, ~FALSE) for part, guard in block_devices(resource))
    return ~none
