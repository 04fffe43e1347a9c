"""Security groups as sets of what they let through; network ACLs in the order of their rules."""

import pytest

from tests.aws.reading import Snippet, only
from wa_scan.aws.network_acls import acl_rules, lets_in, lets_out
from wa_scan.aws.networks import ingress_rules
from wa_scan.aws.traffic import SourceKind, Traffic, traffic
from wa_scan.graph.graph import Graph
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN, Truth

EXPECTED = {
    Traffic("tcp", (443, 443), SourceKind.RANGE, "10.0.0.0/8"),
    Traffic("tcp", (443, 443), SourceKind.RANGE, "2001:db8::/32"),
    Traffic("all", (0, 65535), SourceKind.RANGE, "192.0.2.0/24"),
}


def test_a_group_in_terraform(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_ec2_managed_prefix_list" "office" {
          name           = "office"
          address_family = "IPv4"
          max_entries    = 2
          entry { cidr = "198.51.100.0/24" }
        }
        resource "aws_security_group" "g" {
          ingress {
            protocol         = "tcp"
            from_port        = 443
            to_port          = 443
            cidr_blocks      = ["10.0.0.0/8"]
            ipv6_cidr_blocks = ["2001:db8::/32"]
          }
          ingress {
            protocol  = "udp"
            from_port = 53
            to_port   = 53
            self      = true
          }
          ingress {
            protocol        = "6"
            from_port       = 22
            to_port         = 22
            prefix_list_ids = [aws_ec2_managed_prefix_list.office.id]
          }
        }
        resource "aws_vpc_security_group_ingress_rule" "r" {
          security_group_id = aws_security_group.g.id
          ip_protocol       = "-1"
          cidr_ipv4         = "192.0.2.0/24"
        }
        """
    )
    graph = Graph(found.resources, found.links)
    group = only(found, "AWS::EC2::SecurityGroup")
    let_in = traffic(ingress_rules(group), lambda address: graph.find(group.unit, address))
    assert {each for each, _ in let_in} == EXPECTED | {
        Traffic("udp", (53, 53), SourceKind.SELF, "aws_security_group.g"),
        Traffic("tcp", (22, 22), SourceKind.RANGE, "198.51.100.0/24"),
    }


def test_a_group_in_a_template(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Parameters: {Range: {Type: String}}
        Resources:
          Other: {Type: "AWS::EC2::SecurityGroup", Properties: {GroupDescription: other}}
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupDescription: g
              SecurityGroupIngress:
              - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}
              - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIpv6: "2001:db8::/32"}
              - {IpProtocol: "-1", CidrIp: 192.0.2.0/24}
              - {IpProtocol: tcp, FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: !Ref Other}
              - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Range}
        """
    )
    (group,) = (each for each in found.resources if each.address == "Group")
    assert {each for each, _ in traffic(ingress_rules(group))} == EXPECTED | {
        Traffic("tcp", (5432, 5432), SourceKind.GROUP, "Other"),
        None,
    }


@pytest.mark.parametrize(
    ("one", "other", "covers"),
    [
        (("all", (0, 65535), "0.0.0.0/0"), ("tcp", (22, 22), "10.0.0.0/8"), True),
        (("tcp", (20, 30), "10.0.0.0/8"), ("tcp", (22, 22), "10.1.0.0/16"), True),
        (("tcp", (22, 22), "10.1.0.0/16"), ("tcp", (22, 22), "10.0.0.0/8"), False),
        (("udp", (22, 22), "10.0.0.0/8"), ("tcp", (22, 22), "10.0.0.0/8"), False),
        (("tcp", (22, 22), "0.0.0.0/0"), ("tcp", (22, 22), "2001:db8::/32"), False),
    ],
)
def test_what_covers_what(
    one: tuple[str, tuple[int, int], str], other: tuple[str, tuple[int, int], str], covers: bool
) -> None:
    first = Traffic(one[0], one[1], SourceKind.RANGE, one[2])
    assert first.covers(Traffic(other[0], other[1], SourceKind.RANGE, other[2])) is covers


ACL = """
resource "aws_network_acl" "a" {{
  vpc_id = "vpc-1"
  {rules}
}}
variable "number" {{ type = number }}
"""


def rule(
    number: int | str, action: str, port: int = 22, cidr: str = "0.0.0.0/0", way: str = "ingress"
) -> str:
    return (
        f'{way} {{\n  rule_no = {number}\n  action = "{action}"\n  protocol = "tcp"\n'
        f'  from_port = {port}\n  to_port = {port}\n  cidr_block = "{cidr}"\n}}\n'
    )


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param("", FALSE, id="denied where nothing fits"),
        pytest.param(rule(100, "allow"), TRUE, id="allowed"),
        pytest.param(rule(100, "allow") + rule(90, "deny"), FALSE, id="the lower number decides"),
        pytest.param(rule(100, "allow") + rule(110, "deny"), TRUE, id="the higher comes too late"),
        pytest.param(rule(100, "allow") + rule(90, "deny", port=23), TRUE, id="another port"),
        pytest.param(rule(100, "allow", cidr="10.0.0.0/8"), FALSE, id="from a part only"),
        pytest.param(rule(100, "allow", way="egress"), FALSE, id="the other way"),
        pytest.param(rule(100, "allow") + rule("var.number", "deny"), UNKNOWN, id="a number that is unknown"),
    ],
)
def test_acl_rules_decide_in_order(terraform: Snippet, rules: str, expected: Truth) -> None:
    acl = only(terraform(ACL.format(rules=rules)), "AWS::EC2::NetworkAcl")
    assert lets_in(acl, 22) == expected


def test_an_acl_in_a_template(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Resources:
          Acl: {Type: "AWS::EC2::NetworkAcl", Properties: {VpcId: vpc-1}}
          Deny:
            Type: AWS::EC2::NetworkAclEntry
            Properties:
              NetworkAclId: !Ref Acl
              RuleNumber: 10
              Protocol: 6
              PortRange: {From: 22, To: 22}
              RuleAction: deny
              CidrBlock: 0.0.0.0/0
          Allow:
            Type: AWS::EC2::NetworkAclEntry
            Properties:
              NetworkAclId: !Ref Acl
              RuleNumber: 20
              Protocol: -1
              RuleAction: allow
              CidrBlock: 0.0.0.0/0
          Out:
            Type: AWS::EC2::NetworkAclEntry
            Properties:
              NetworkAclId: !Ref Acl
              Egress: true
              RuleNumber: 10
              Protocol: -1
              RuleAction: allow
              CidrBlock: 0.0.0.0/0
        """
    )
    acl = only(found, "AWS::EC2::NetworkAcl")
    assert [each.number for each, _ in acl_rules(acl)] == [10, 10, 20]
    assert (lets_in(acl, 22), lets_in(acl, 443), lets_out(acl, 22)) == (FALSE, TRUE, TRUE)
