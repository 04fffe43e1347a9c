from collections.abc import Iterator

from wa_scan.aws.networks import ingress_rules
from wa_scan.engine.authoring import (
    FALSE,
    Graph,
    LinkKind,
    Precision,
    Resource,
    Risk,
    Truth,
    Verdict,
    any_of,
    require,
    rule,
)

# What users of a service connect to; a port for administration alone makes a bastion.
SERVICE_PORTS = (80, 443, 8080, 8443)
BALANCERS = ("AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::ElasticLoadBalancing::LoadBalancer")


@rule(
    id="REL-EC2-01",
    risk=Risk.MRI,
    best_practices=["REL07-BP01", "REL11-BP03"],
    resources=["AWS::EC2::Instance"],
    precision=Precision.MEDIUM,
    sources=["https://docs.aws.amazon.com/autoscaling/ec2/userguide/what-is-amazon-ec2-auto-scaling.html"],
    misses="An instance behind a load balancer of another root module or template is not seen to serve.",
)
def ec2_standalone(instance: Resource, graph: Graph) -> Iterator[Verdict]:
    """An instance that serves requests stands outside any Auto Scaling group.

    Why: when it fails nothing takes its place, and when demand grows nothing is added: somebody has to
    notice and act.

    How to fix: run it from a launch template in an Auto Scaling group of at least two, behind a load
    balancer.
    Terraform: replace it by an `aws_launch_template` and an `aws_autoscaling_group`.
    CloudFormation: replace it by an `AWS::EC2::LaunchTemplate` and an
    `AWS::AutoScaling::AutoScalingGroup`.
    """
    # One that forwards what is meant for others is part of the network: NAT, VPN, firewall.
    forwards = instance["SourceDestCheck"].equals(False)
    serves = (_is_balanced(instance, graph) | _is_open(instance, graph)) & ~forwards
    if not serves.is_surely_false:
        yield require(~serves, at=instance, path="AutoScalingGroup")


def _is_balanced(instance: Resource, graph: Graph) -> Truth:
    return any_of(
        Truth.when(link.guard & link.source.exists)
        for link in graph.edges(into=instance, kind=LinkKind.SERVES)
        if link.source.type in BALANCERS
    )


def _is_open(instance: Resource, graph: Graph) -> Truth:
    """Whether anyone on the internet reaches a port that services use."""
    groups = {
        link.target: link.guard & link.target.exists
        for link in graph.edges(out_of=instance, kind=LinkKind.PROTECTED_BY)
        if link.target.type == "AWS::EC2::SecurityGroup"
    }
    opened = any_of(
        (each.open_to_world() & any_of(each.covers_port(port) for port in SERVICE_PORTS)).given(
            guard & when, FALSE
        )
        for group, guard in groups.items()
        for each, when in ingress_rules(group)
    )
    if opened.is_surely_false:
        return FALSE
    return opened & _has_public_address(instance, graph)


def _has_public_address(instance: Resource, graph: Graph) -> Truth:
    elastic = any_of(
        Truth.when(link.guard & link.source.exists)
        for link in graph.edges(into=instance, kind=LinkKind.ATTACHED_TO)
        if link.source.type == "AWS::EC2::EIP"
    )
    asked = instance["Extra.AssociatePublicIpAddress"]
    interfaces = [
        part["AssociatePublicIpAddress"].equals(True).given(guard, FALSE)
        for part, guard in instance.each("NetworkInterfaces")
    ]
    if not asked.is_set().is_surely_false or interfaces:
        return elastic | asked.equals(True) | any_of(interfaces)
    by_subnet = any_of(
        link.target["MapPublicIpOnLaunch"].equals(True).given(link.guard, FALSE)
        for link in graph.edges(out_of=instance, kind=LinkKind.IN_SUBNET)
    )
    return elastic | by_subnet
