from collections.abc import Iterator

from wa_scan.engine.authoring import Graph, LinkKind, Pillar, Resource, Risk, Truth, Verdict, require, rule


@rule(
    id="COST-EIP-01",
    risk=Risk.LRI,
    best_practices=["COST04-BP03", "SUS02-BP03"],
    pillars=[Pillar.SUSTAINABILITY],
    resources=["AWS::EC2::EIP"],
    equivalents={
        "checkov": ["CKV2_AWS_19"],
        "prowler": ["ec2_elastic_ip_unassigned"],
    },
    sources=["https://docs.aws.amazon.com/vpc/latest/userguide/vpc-eips.html"],
    misses="An address that a program associates at run time looks unused.",
)
def eip_unattached(address: Resource, graph: Graph) -> Iterator[Verdict]:
    """A public IPv4 address is reserved but used by nothing.

    Why: it is paid for by the hour whether it is used or not.

    How to fix: associate it, or release it.
    Terraform: name it in `allocation_id` of an `aws_eip_association`, NAT gateway or load balancer.
    CloudFormation: name it in `AllocationId` of an `AWS::EC2::EIPAssociation`, NAT gateway or load balancer.
    """
    attached = address["InstanceId"].is_set() | address["Extra.NetworkInterfaceId"].is_set()
    attached = attached | graph.edges(out_of=address, kind=LinkKind.ATTACHED_TO).exist()
    used = Truth.of(any(link.kind is not LinkKind.DEPENDS_ON for link in graph.edges(into=address)))
    handed_out = Truth.of(None if graph.is_output(address) else False)
    yield require(attached | used | handed_out, at=address)
