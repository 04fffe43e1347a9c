from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    UNKNOWN,
    Absent,
    Graph,
    LinkKind,
    Resource,
    Risk,
    Text,
    Truth,
    Value,
    Verdict,
    any_of,
    require,
    rule,
)

INSTANCE, TEMPLATE = "AWS::EC2::Instance", "AWS::EC2::LaunchTemplate"
CONFIGURATION = "AWS::AutoScaling::LaunchConfiguration"
# Where each type says it for its one network interface, and for a list of them.
ITSELF = {INSTANCE: "Extra.AssociatePublicIpAddress", CONFIGURATION: "AssociatePublicIpAddress"}
LISTED = {INSTANCE: "NetworkInterfaces", TEMPLATE: "LaunchTemplateData.NetworkInterfaces"}


@rule(
    id="SEC-EC2-03",
    risk=Risk.MRI,
    best_practices=["SEC05-BP01"],
    resources=[INSTANCE, TEMPLATE, CONFIGURATION],
    equivalents={
        "checkov": ["CKV_AWS_88", "CKV_AWS_389"],
        "trivy": ["AWS-0009"],
        "cdk_nag": ["EC2InstanceNoPublicIp", "AutoScalingLaunchConfigPublicIpDisabled"],
        "cfn_guard": ["EC2_INSTANCE_NO_PUBLIC_IP", "AUTOSCALING_LAUNCH_CONFIG_PUBLIC_IP_DISABLED"],
        "regula": ["FG_R00271"],
        "kics": ["ec2_instance_has_public_ip", "ec2_instance_subnet_has_public_ip_mapping_on_launch"],
        "prowler": [
            "autoscaling_group_launch_configuration_no_public_ip",
            "ec2_confidential_workload_host_public_ip",
            "ec2_instance_public_ip",
            "ec2_launch_template_no_public_ip",
        ],
        "aws_config": ["ec2-instance-no-public-ip", "autoscaling-launch-config-public-ip-disabled"],
    },
    sources=[
        "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-ip-addressing.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html",
    ],
    misses="Elastic IP addresses are not counted, nor are NAT instances, which need a public address.",
)
def ec2_public_ip(resource: Resource, graph: Graph) -> Iterator[Verdict]:
    """An instance gets a public IP address.

    Why: it can be reached from the internet, so that one loose security group rule exposes whatever listens
    on it.

    How to fix: place it in a private subnet behind a load balancer, and reach it through Session Manager.
    Terraform: set `associate_public_ip_address = false`.
    CloudFormation: set `AssociatePublicIpAddress` of its network interfaces to false.
    """
    forwards = resource["SourceDestCheck"].equals(False)
    if forwards.is_surely_true or sets_up_forwarding(resource):
        return
    asked: list[tuple[Truth, Value]] = []
    if resource.type in ITSELF:
        asked.append((asks(resource[ITSELF[resource.type]]), resource[ITSELF[resource.type]]))
    attached = FALSE
    for interface, guard in resource.each(LISTED.get(resource.type or "", "NetworkInterfaces")):
        setting = interface["AssociatePublicIpAddress"]
        asked.append((asks(setting).given(guard, FALSE), setting))
        attached = attached | interface["NetworkInterfaceId"].is_set().given(guard, FALSE)
    says = any_of(truth for truth, _ in asked)
    unsaid = ~any_of(is_written(value) for _, value in asked) & ~attached
    by_subnet, subnet = subnet_gives(resource, graph)
    is_public = says | (unsaid & by_subnet)
    shown = next((value for truth, value in asked if not truth.true.is_never), None)
    message = None
    if shown is None and not is_public.true.is_never:
        shown, message = subnet, "The instance gets a public IP address because its subnet gives one to all."
    shown = shown or next((value for truth, value in asked if not truth.unknown.is_never), None)
    yield require(
        forwards | ~is_public,
        at=shown or resource,
        resource=resource,
        path="AssociatePublicIpAddress",
        message=message,
    )


def sets_up_forwarding(resource: Resource) -> bool:
    """Whether it makes itself a NAT instance when it starts, which a launch template cannot say otherwise."""
    within = "LaunchTemplateData." if resource.type == TEMPLATE else ""
    scripts = (leaf for leaf, _ in resource[f"{within}UserData"].alternatives())
    return any("source-dest-check" in known_text(script) for script in scripts)


def known_text(value: Value) -> str:
    if isinstance(value, Text):
        return "".join(part for part in value.parts if isinstance(part, str))
    return value.text or ""


def asks(setting: Value) -> Truth:
    return any_of(
        FALSE if isinstance(leaf, Absent) else leaf.equals(True).given(guard, FALSE)
        for leaf, guard in setting.alternatives()
    )


def is_written(setting: Value) -> Truth:
    return any_of(Truth.when(guard) for leaf, guard in setting.alternatives() if not isinstance(leaf, Absent))


def subnet_gives(resource: Resource, graph: Graph) -> tuple[Truth, Value]:
    """Whether the subnet gives public addresses, and where it is named; not known where it is elsewhere."""
    subnet = resource["SubnetId"]
    links = graph.edges(out_of=resource, kind=LinkKind.IN_SUBNET) if resource.type == INSTANCE else []
    if len(links) != 1 or not resource["LaunchTemplate"].is_set().is_surely_false:
        return UNKNOWN, subnet
    return links[0].target["MapPublicIpOnLaunch"].equals(True), subnet
