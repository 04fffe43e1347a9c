from collections.abc import Iterator, Mapping

from wa_scan.aws.networks import NetworkRule
from wa_scan.engine.authoring import Graph, Resource, Risk, Truth, Verdict, rule
from wa_scan.engine.exposure import GROUP, INGRESS, nothing_opened


@rule(
    id="SEC-SG-03",
    risk=Risk.HRI,
    best_practices=["SEC05-BP01", "SEC05-BP02"],
    resources=[GROUP, INGRESS],
    security_severity=9.4,
    equivalents={
        "checkov": ["CKV_AWS_277"],
        "cdk_nag": ["AwsSolutions-EC23"],
        "cfn_guard": ["SECURITY_GROUP_INGRESS_ALL_PROTOCOLS_RULE"],
        "cfn_nag": ["W42"],
        "terrascan": [
            *("AC_AWS_0231", "AC_AWS_0275", "AC_AWS_0276", "AC_AWS_0477", "AC_AWS_0478", "AC_AWS_0488"),
            "AC_AWS_0489",
        ],
        "regula": ["FG_R00044", "FG_R00045", "FG_R00102", "FG_R00103", "FG_R00350"],
        "kics": [
            "fully_open_ingress",
            "unknown_port_exposed_to_internet",
            "security_group_ingress_with_all_protocols",
        ],
        "prowler": ["ec2_securitygroup_allow_ingress_from_internet_to_all_ports"],
    },
    sources=["https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"],
)
def sg_open_all_ports(resource: Resource, graph: Graph) -> Iterator[Verdict]:
    """Every port is open to the whole internet.

    Why: whatever listens on what the group protects, also by mistake or tomorrow, can be reached and attacked
    by anyone.

    How to fix: open only the ports that must be reached, and only to those who must reach them.
    Terraform: name the ports in `from_port` and `to_port`, or remove `0.0.0.0/0` and `::/0`.
    CloudFormation: name the ports in `FromPort` and `ToPort`, or remove `0.0.0.0/0` and `::/0`.
    """
    yield from nothing_opened(resource, graph, everything)


def everything(rule: NetworkRule) -> Mapping[str, Truth]:
    all_protocols = rule.covers_every_protocol()
    one_protocol = rule.covers_all_ports() & ~all_protocols
    return {
        "every port of every protocol": all_protocols,
        "every TCP port": one_protocol & rule.is_protocol("tcp"),
        "every UDP port": one_protocol & rule.is_protocol("udp"),
    }
