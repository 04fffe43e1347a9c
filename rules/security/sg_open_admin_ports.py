from collections.abc import Iterator

from wa_scan.engine.authoring import Graph, Resource, Risk, Verdict, rule
from wa_scan.engine.exposure import GROUP, INGRESS, nothing_opened, open_ports

PORTS = {22: "SSH", 23: "Telnet", 3389: "Remote Desktop", 5985: "WinRM", 5986: "WinRM"}


@rule(
    id="SEC-SG-01",
    risk=Risk.HRI,
    best_practices=["SEC05-BP02", "SEC06-BP03"],
    resources=[GROUP, INGRESS],
    security_severity=9.1,
    equivalents={
        "checkov": ["CKV_AWS_24", "CKV_AWS_25"],
        "trivy": ["AWS-0107"],
        "cdk_nag": ["EC2RestrictedSSH", "EC2RestrictedCommonPorts"],
        "cfn_guard": ["INCOMING_SSH_DISABLED", "RESTRICTED_INCOMING_TRAFFIC"],
        "terrascan": ["AC_AWS_0227", "AC_AWS_0230", "AC_AWS_0319", "AC_AWS_0320", "AC_AWS_0323"],
        "regula": ["FG_R00085", "FG_R00087"],
        "kics": [
            "security_group_with_unrestricted_access_to_ssh",
            "security_groups_unrestricted_access_to_rdp",
            "remote_desktop_port_open_to_internet",
            "security_groups_with_exhibited_admin_ports",
        ],
        "prowler": [
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22",
            "ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389",
        ],
        "aws_config": ["restricted-ssh", "restricted-common-ports"],
    },
    sources=["https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"],
    misses="A rule that opens every port is reported by SEC-SG-03 alone.",
)
def sg_open_admin_ports(resource: Resource, graph: Graph) -> Iterator[Verdict]:
    """A port for administration is open to the whole internet.

    Why: such ports are found and attacked within minutes; one weak password or unpatched flaw is enough.

    How to fix: use Session Manager instead, which needs no open port, or allow known addresses only.
    Terraform: remove `0.0.0.0/0` and `::/0` from the rule's CIDR blocks.
    CloudFormation: remove `0.0.0.0/0` and `::/0` from `CidrIp` and `CidrIpv6`.
    """
    yield from nothing_opened(resource, graph, open_ports(PORTS))
