import re
from collections.abc import Iterator

from wa_scan.engine.authoring import (
    TRUE,
    Graph,
    Part,
    Resource,
    Risk,
    Step,
    Truth,
    Value,
    Verdict,
    all_of,
    any_of,
    require,
    rule,
)

PORTS = {22: "SSH", 23: "Telnet", 3389: "Remote Desktop", 5985: "WinRM", 5986: "WinRM"}
# Halves of the address space count too: two of them are a known way around checks for /0.
WORLD = ("0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1")
GROUP, INGRESS = "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress"


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
    if resource.type == INGRESS:
        yield _verdict([Part(resource, "", resource.properties)], resource)
        return
    settings = [graph.find(resource.unit, address) for address in resource.folded]
    # A Terraform block with several sources is one rule each here, but one place to its writer.
    blocks: dict[object, list[Part]] = {}
    for part, _ in resource.each("SecurityGroupIngress"):
        place = part.origin.location if part.origin else resource.location
        # Rules that are resources of their own are judged as such.
        if not any(one is not None and one.extent.contains(place) for one in settings):
            blocks.setdefault(place, []).append(part)
    for parts in blocks.values():
        yield _verdict(parts, resource)
    if not blocks:
        yield require(TRUE, at=resource)


def _verdict(parts: list[Part], resource: Resource) -> Verdict:
    """Whether none of the rules in one block opens a port for administration."""
    found: list[tuple[Truth, Value]] = []
    for part in parts:
        ports = _opened(part)
        for path in ("CidrIp", "CidrIpv6"):
            for source, guard in part[path].items():
                is_open = source.is_in(WORLD) & any_of(ports.values())
                found.append((is_open & Truth.when(guard), source))
    bad = [source for is_open, source in found if not is_open.true.is_never]
    doubtful = [source for is_open, source in found if not is_open.unknown.is_never]
    names = [
        f"{port} ({PORTS[port]})" for port, truth in _opened(parts[0]).items() if not truth.true.is_never
    ]
    return require(
        all_of(~is_open for is_open, _ in found),
        at=(bad or doubtful or [parts[0]])[0],
        resource=resource,
        path="SecurityGroupIngress",
        message=f"Open to the whole internet: port {', '.join(names)}." if bad else None,
        related=[Step(one.origin.location, "open here too") for one in bad[1:] if one.origin],
    )


def _opened(part: Part) -> dict[int, Truth]:
    """Which of the ports a rule opens to its source, unless it opens all there are."""
    tcp = part["IpProtocol"].matches("^(tcp|6)$", re.IGNORECASE)
    first, last = part["FromPort"], part["ToPort"]
    every = first.at_most(1) & last.at_least(65535)
    return {port: tcp & ~every & first.at_most(port) & last.at_least(port) for port in PORTS}
