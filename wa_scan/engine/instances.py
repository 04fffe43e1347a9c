"""What an instance that stands for itself is there for."""

from wa_scan.aws.links import LinkKind
from wa_scan.aws.networks import ingress_rules
from wa_scan.aws.resources import Resource
from wa_scan.graph.graph import Graph
from wa_scan.values import Truth, any_of
from wa_scan.values.truths import FALSE, TRUE

# What users of a service connect to; a port for administration alone makes a bastion.
SERVICE_PORTS = (80, 443, 8080, 8443)
BALANCERS = ("AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::ElasticLoadBalancing::LoadBalancer")


def answers(instance: Resource, graph: Graph) -> Truth:
    """Whether `instance` stands behind a load balancer, or anybody may reach a port of a service."""
    return (_is_balanced(instance, graph) | _lets_in(instance, graph)) & ~_forwards(instance)


def serves_requests(instance: Resource, graph: Graph) -> Truth:
    """Whether `instance` stands behind a load balancer, or the internet reaches a port of a service."""
    serves = _is_balanced(instance, graph)
    opened = _lets_in(instance, graph, world=True)
    if not opened.is_surely_false:
        serves |= opened & _has_public_address(instance, graph)
    return serves & ~_forwards(instance)


def _forwards(instance: Resource) -> Truth:
    """What is meant for others: it is part of the network, for NAT, VPN or a firewall."""
    return instance["SourceDestCheck"].equals(False)


def _is_balanced(instance: Resource, graph: Graph) -> Truth:
    return any_of(
        Truth.when(link.guard & link.source.exists)
        for link in graph.edges(into=instance, kind=LinkKind.SERVES)
        if link.source.type in BALANCERS
    )


def _lets_in(instance: Resource, graph: Graph, *, world: bool = False) -> Truth:
    """Whether a port that services use is open, to anybody or to the whole internet."""
    groups = {
        link.target: link.guard & link.target.exists
        for link in graph.edges(out_of=instance, kind=LinkKind.PROTECTED_BY)
        if link.target.type == "AWS::EC2::SecurityGroup"
    }
    return any_of(
        (
            any_of(each.covers_port(port) for port in SERVICE_PORTS)
            & (each.open_to_world() if world else TRUE)
        ).given(guard & when, FALSE)
        for group, guard in groups.items()
        for each, when in ingress_rules(group)
    )


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
