"""Security-group rules, zones and subnets."""

import pytest

from tests.aws.reading import Snippet, named, only
from wa_scan.aws.networks import distinct_zones, egress_rules, ingress_rules, several_zones, zone_of
from wa_scan.values import Guard, Known, Symbol, Text, Truth, Unknown, Value, choose
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN


def unknown(text: str) -> Unknown:
    return Unknown(Symbol(text))


GROUP = """
variable "port" {{ type = number }}
variable "cidr" {{ type = string }}
resource "aws_security_group" "g" {{
  ingress {{
    protocol    = {protocol}
    from_port   = {low}
    to_port     = {high}
    cidr_blocks = [{cidr}]
  }}
}}
"""


@pytest.mark.parametrize(
    ("protocol", "low", "high", "cidr", "ssh", "everything"),
    [
        ('"tcp"', "22", "22", '"0.0.0.0/0"', TRUE, FALSE),
        ('"tcp"', "20", "25", '"0.0.0.0/0"', TRUE, FALSE),
        ('"6"', "22", "22", '"0.0.0.0/0"', TRUE, FALSE),
        ('"udp"', "22", "22", '"0.0.0.0/0"', FALSE, FALSE),
        ('"tcp"', "443", "443", '"0.0.0.0/0"', FALSE, FALSE),
        ('"-1"', "0", "0", '"0.0.0.0/0"', TRUE, TRUE),
        ('"tcp"', "0", "65535", '"0.0.0.0/0"', TRUE, TRUE),
        ('"tcp"', "22", "22", '"10.0.0.0/8"', FALSE, FALSE),
        ('"tcp"', "var.port", "var.port", '"0.0.0.0/0"', UNKNOWN, UNKNOWN),
        ('"tcp"', "22", "22", "var.cidr", UNKNOWN, FALSE),
    ],
)
def test_open_ports(
    terraform: Snippet, protocol: str, low: str, high: str, cidr: str, ssh: Truth, everything: Truth
) -> None:
    found = terraform(GROUP.format(protocol=protocol, low=low, high=high, cidr=cidr))
    ((rule, guard),) = ingress_rules(only(found, "AWS::EC2::SecurityGroup"))
    assert guard.is_always
    assert (rule.open_to_world() & rule.covers_port(22)) == ssh
    assert (rule.open_to_world() & rule.covers_all_ports()) == everything


def test_rules_out_of_a_group_are_not_those_into_it(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_security_group" "g" {}
        resource "aws_vpc_security_group_egress_rule" "out" {
          security_group_id = aws_security_group.g.id
          ip_protocol       = "tcp"
          from_port         = 443
          to_port           = 443
          cidr_ipv4         = "0.0.0.0/0"
        }
        """
    )
    group = only(found, "AWS::EC2::SecurityGroup")
    ((rule, guard),) = egress_rules(group)
    assert guard.is_always
    assert (rule.open_to_world(), rule.covers_port(443), rule.covers_port(22)) == (TRUE, TRUE, FALSE)
    assert ingress_rules(group) == []


def test_the_narrowest_place(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Resources:
          G:
            Type: AWS::EC2::SecurityGroup
            Properties:
              SecurityGroupIngress:
              - IpProtocol: tcp
                FromPort: 22
                ToPort: 22
                CidrIp: 0.0.0.0/0
        """
    )
    ((rule, _),) = ingress_rules(only(found, "AWS::EC2::SecurityGroup"))
    assert rule.origin.location.start_line == 10


def test_a_rule_on_its_own(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Parameters: {Group: {Type: "AWS::EC2::SecurityGroup::Id"}}
        Resources:
          I:
            Type: AWS::EC2::SecurityGroupIngress
            Properties: {GroupId: !Ref Group, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIpv6: "::/0"}
        """
    )
    ((rule, _),) = ingress_rules(named(found, "I"))
    assert rule.open_to_world() == TRUE
    assert rule.covers_port(22) == TRUE


A, B = Known("eu-west-1a"), Known("eu-west-1b")
FIRST, SECOND = unknown("data.zones.names[0]"), unknown("data.zones.names[1]")
ANY = unknown("var.zone")


@pytest.mark.parametrize(
    ("zones", "several", "least", "most"),
    [
        ([A, B], TRUE, 2, 2),
        ([A, A], FALSE, 1, 1),
        ([A], FALSE, 1, 1),
        ([], FALSE, 0, 0),
        ([FIRST, SECOND], TRUE, 2, 2),
        ([FIRST, FIRST], FALSE, 1, 1),
        ([FIRST, ANY], UNKNOWN, 1, 2),
        ([A, ANY], UNKNOWN, 1, 2),
        ([ANY, ANY], FALSE, 1, 1),
        ([A, ANY, B], TRUE, 2, 3),
    ],
)
def test_zones(zones: list[Value], several: Truth, least: int, most: int) -> None:
    assert several_zones(zones) == several
    count = distinct_zones(zones)
    assert (count.at_least, count.at_most) == (least, most)


def test_zones_by_condition_and_by_region() -> None:
    guard = Guard.of("IsProd")
    assert several_zones([A, choose(guard, B, A)]).true is guard
    region = unknown("AWS::Region")
    assert several_zones([Text((region, "a")), Text((region, "b"))]) == TRUE
    assert several_zones([Text((region, "a")), Text((region, "a"))]) == FALSE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Attributes of two elements may be the same, and so may elements whose index is not known.
        ("data.aws_subnet.all[0].availability_zone", "data.aws_subnet.all[1].availability_zone"),
        ("var.zones[0]", "var.zones[var.index]"),
        # One block that stands for an unknown number of subnets may be in several zones.
        ("names[count.index of aws_subnet.all]", "names[count.index of aws_subnet.all]"),
        ("each.value of aws_subnet.all", "each.value of aws_subnet.all"),
    ],
)
def test_zones_that_may_be_the_same(one: str, other: str) -> None:
    assert several_zones([unknown(one), unknown(other)]) == UNKNOWN


def test_zone_by_name_or_by_id(terraform: Snippet) -> None:
    found = terraform(
        """
        variable "zones" { type = list(string) }
        resource "aws_subnet" "all" {
          count                = 2
          vpc_id               = "vpc-1"
          availability_zone    = startswith(var.zones[count.index], "eu-") ? var.zones[count.index] : null
          availability_zone_id = strcontains(var.zones[count.index], "-az") ? var.zones[count.index] : null
        }
        """
    )
    zones = [zone_of(named(found, f"aws_subnet.all[{at}]")) for at in (0, 1)]
    assert several_zones(zones) == TRUE
    assert several_zones([Known("eu-west-1a"), Known("euw1-az1")]) == UNKNOWN


def test_subnets_whose_zone_aws_chooses_may_share_it(terraform: Snippet) -> None:
    found = terraform('resource "aws_subnet" "all" {\n  count  = 2\n  vpc_id = "vpc-1"\n}\n')
    zones = [zone_of(named(found, f"aws_subnet.all[{at}]")) for at in (0, 1)]
    assert several_zones(zones) == UNKNOWN


def test_zone_of_a_subnet(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_subnet" "public" {
          vpc_id            = "vpc-1"
          availability_zone = "eu-west-1a"
        }
        resource "aws_subnet" "private" { vpc_id = "vpc-1" }
        resource "aws_subnet" "main" { vpc_id = "vpc-1" }
        """
    )
    assert zone_of(named(found, "aws_subnet.public")).text == "eu-west-1a"
    chosen = [zone_of(named(found, f"aws_subnet.{name}")) for name in ("private", "main")]
    assert several_zones(chosen) == UNKNOWN
