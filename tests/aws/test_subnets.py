"""Where the routes of subnets lead, in both languages."""

import pytest

from tests.aws.reading import Snippet, named
from wa_scan.aws.normalise import Normalised
from wa_scan.aws.subnets import SubnetRoutes, routes_of
from wa_scan.graph.graph import Graph
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN

NETWORK = """
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_internet_gateway" "i" { vpc_id = aws_vpc.v.id }
resource "aws_egress_only_internet_gateway" "e" { vpc_id = aws_vpc.v.id }
resource "aws_nat_gateway" "n" { subnet_id = aws_subnet.s.id }
resource "aws_subnet" "s" {
  vpc_id                  = aws_vpc.v.id
  cidr_block              = "10.0.1.0/24"
  map_public_ip_on_launch = true
}
"""
OWN_TABLE = """
resource "aws_route_table" "t" {
  vpc_id = aws_vpc.v.id
  ROUTES
}
resource "aws_route_table_association" "s" {
  subnet_id      = aws_subnet.s.id
  route_table_id = aws_route_table.t.id
}
"""


def routes(found: Normalised, address: str) -> SubnetRoutes:
    graph = Graph(found.resources, found.links)
    return routes_of(
        named(found, address), lambda each: graph.edges(out_of=each), lambda each: graph.edges(into=each)
    )


def names_of(found: SubnetRoutes) -> set[str]:
    names = ("public", "public_ipv6", "outbound", "elsewhere", "is_isolated")
    assert all(getattr(found, name) in (TRUE, FALSE) for name in names)
    return {name for name in names if getattr(found, name) == TRUE}


def route(destination: str, target: str) -> str:
    return f"route {{\n{destination}\n{target}\n}}\n"


V4, V6 = 'cidr_block = "0.0.0.0/0"', 'ipv6_cidr_block = "::/0"'
INTERNET = "gateway_id = aws_internet_gateway.i.id"


@pytest.mark.parametrize(
    ("table", "kinds"),
    [
        pytest.param("", {"is_isolated"}, id="the main table of a new VPC"),
        pytest.param(OWN_TABLE.replace("ROUTES", ""), {"is_isolated"}, id="no routes"),
        pytest.param(OWN_TABLE.replace("ROUTES", route(V4, INTERNET)), {"public"}, id="internet gateway"),
        pytest.param(OWN_TABLE.replace("ROUTES", route(V6, INTERNET)), {"public_ipv6"}, id="for IPv6"),
        pytest.param(
            OWN_TABLE.replace("ROUTES", route('cidr_block = "192.0.2.0/24"', INTERNET)),
            {"is_isolated"},
            id="one range only",
        ),
        pytest.param(
            OWN_TABLE.replace("ROUTES", route(V4, "nat_gateway_id = aws_nat_gateway.n.id")),
            {"outbound"},
            id="NAT gateway",
        ),
        pytest.param(
            OWN_TABLE.replace(
                "ROUTES", route(V6, "egress_only_gateway_id = aws_egress_only_internet_gateway.e.id")
            ),
            {"outbound"},
            id="egress only",
        ),
        pytest.param(
            OWN_TABLE.replace("ROUTES", route(V4, 'transit_gateway_id = "tgw-1"')),
            {"elsewhere"},
            id="transit gateway",
        ),
        pytest.param(
            'resource "aws_route" "r" {\n  route_table_id = aws_vpc.v.main_route_table_id\n'
            f"  destination_{V4}\n  {INTERNET}\n}}",
            {"public"},
            id="a route in the main table",
        ),
        pytest.param(
            'resource "aws_default_route_table" "t" {\n'
            "  default_route_table_id = aws_vpc.v.default_route_table_id\n"
            f"  {route(V4, INTERNET)}\n}}",
            {"public"},
            id="the default table",
        ),
        pytest.param(
            'resource "aws_route_table" "m" {\n  vpc_id = aws_vpc.v.id\n'
            f"  {route(V4, INTERNET)}\n}}\n"
            'resource "aws_main_route_table_association" "m" {\n  vpc_id = aws_vpc.v.id\n'
            "  route_table_id = aws_route_table.m.id\n}",
            {"public"},
            id="another main table",
        ),
    ],
)
def test_terraform(terraform: Snippet, table: str, kinds: set[str]) -> None:
    assert names_of(routes(terraform(NETWORK + table), "aws_subnet.s")) == kinds


def test_a_vpc_that_is_not_in_the_code_is_unknown(terraform: Snippet) -> None:
    found = routes(terraform('resource "aws_subnet" "s" { vpc_id = "vpc-1" }'), "aws_subnet.s")
    assert (found.is_public, found.outbound) == (UNKNOWN, UNKNOWN)


def test_a_template(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
        Conditions: {IsProd: !Equals [!Ref Env, prod]}
        Resources:
          Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
          Internet: {Type: "AWS::EC2::InternetGateway"}
          Public: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
          Table: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: !Ref Vpc}}
          Association:
            Type: AWS::EC2::SubnetRouteTableAssociation
            Properties: {SubnetId: !Ref Public, RouteTableId: !Ref Table}
          Route:
            Type: AWS::EC2::Route
            Condition: IsProd
            Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Internet}
        """
    )
    assert str(routes(found, "Public").is_public.true) == "IsProd is true"
