"""Where the routes of a subnet lead: to the internet, out through a NAT gateway, elsewhere, or nowhere.

Sources: VPC User Guide, "Subnet types" (public: a direct route to an internet gateway; private: to the
internet through a NAT device; VPN-only; isolated), "Route tables" (a subnet without a table of its own has
the VPC's main one; a new VPC's main table has the local route only), "Egress-only internet gateways" (IPv6,
outbound only). `MapPublicIpOnLaunch` gives addresses, it makes no subnet public.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.resources import Resource
from wa_scan.blocks import Mode
from wa_scan.values import Absent, Guard, Truth, Unknown, Value, any_of
from wa_scan.values.truths import FALSE, UNKNOWN

ROUTE_TABLE, VPC, GATEWAY = "AWS::EC2::RouteTable", "AWS::EC2::VPC", "AWS::EC2::InternetGateway"
_DESTINATIONS = {4: "DestinationCidrBlock", 6: "DestinationIpv6CidrBlock"}
# What a route leads to, by the property that names it.
_OUTBOUND = ("NatGatewayId", "EgressOnlyInternetGatewayId", "InstanceId", "NetworkInterfaceId")
_ELSEWHERE = ("TransitGatewayId", "VpcPeeringConnectionId", "VpcEndpointId")
_MAIN_TABLE = re.compile(r"^(main|default)_route_table_id$")

LinksOf = Callable[[Resource], Iterable[Link]]


@dataclass(frozen=True, slots=True)
class SubnetRoutes:
    """Where the default routes of a subnet lead; each is a truth.

    `public`, `public_ipv6`: in and out through an internet gateway, for IPv4 or IPv6. `outbound`: out only,
    through a NAT gateway, a NAT instance or an egress-only internet gateway. `elsewhere`: to a transit
    gateway, a peering connection, a VPN or an endpoint. Where none holds the subnet is isolated.
    """

    public: Truth
    public_ipv6: Truth
    outbound: Truth
    elsewhere: Truth

    @property
    def is_public(self) -> Truth:
        return self.public | self.public_ipv6

    @property
    def is_isolated(self) -> Truth:
        return ~self.is_public & ~self.outbound & ~self.elsewhere


def routes_of(subnet: Resource, links_out_of: LinksOf, links_into: LinksOf) -> SubnetRoutes:
    """Where the routes of `subnet` lead; unknown where its tables are not in the unit.

    `links_out_of`, `links_into`: of a resource, `lambda each: graph.edges(out_of=each)`.
    """
    found = [
        (link.target, link.guard)
        for link in links_out_of(subnet)
        if link.kind is LinkKind.ROUTES_TO and link.target.type == ROUTE_TABLE
    ]
    if not found:
        return _of_main_table(subnet, links_out_of, links_into)
    return _together([_of_table(table, links_out_of, guard) for table, guard in found])


def _of_main_table(subnet: Resource, links_out_of: LinksOf, links_into: LinksOf) -> SubnetRoutes:
    vpcs = [
        link.target
        for link in links_out_of(subnet)
        if link.kind is LinkKind.IN_VPC and link.target.type == VPC
    ]
    if len(vpcs) != 1 or vpcs[0].mode is not Mode.MANAGED or vpcs[0].source_type == "aws_default_vpc":
        return SubnetRoutes(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
    (vpc,) = vpcs
    tables = [
        (link.source, link.guard)
        for link in links_into(vpc)
        if link.source.type == ROUTE_TABLE and _is_main(link.source, links_into)
    ]
    routes = [_of_table(table, links_out_of, guard) for table, guard in tables]
    # Routes that are added to the main table by its ID.
    routes += [
        _of_routes(
            [(link.source.properties, link.guard & link.source.exists)],
            _gateways([link.source], links_out_of),
        )
        for link in links_into(vpc)
        if link.source.type == "AWS::EC2::Route" and _names_main_table(link.source["RouteTableId"])
    ]
    return _together(routes)


def _is_main(table: Resource, links_into: LinksOf) -> bool:
    if table.source_type == "aws_default_route_table":
        return True
    return any(link.source.source_type == "aws_main_route_table_association" for link in links_into(table))


def _names_main_table(value: Value) -> bool:
    return isinstance(value, Unknown) and _MAIN_TABLE.match(value.symbol.attribute or "") is not None


def _of_table(table: Resource, links_out_of: LinksOf, guard: Guard) -> SubnetRoutes:
    if table.mode is not Mode.MANAGED:
        return SubnetRoutes(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
    written = [(route, inner & guard) for route, inner in table["Extra.Routes"].items()]
    return _of_routes(written, _gateways([table], links_out_of))


def _gateways(sources: Sequence[Resource], links_out_of: LinksOf) -> set[str]:
    return {
        link.target.address
        for source in sources
        for link in links_out_of(source)
        if link.kind is LinkKind.ROUTES_TO and link.target.type == GATEWAY
    }


def _of_routes(routes: Iterable[tuple[Value, Guard]], gateways: set[str]) -> SubnetRoutes:
    public = {4: FALSE, 6: FALSE}
    outbound, elsewhere = FALSE, FALSE
    for route, guard in routes:
        there = Truth.when(guard)
        for version, property_ in _DESTINATIONS.items():
            everywhere = route.get(property_).any(is_everywhere) & there
            internet = is_internet_gateway(route.get("GatewayId"), gateways)
            public[version] = public[version] | (everywhere & internet)
            out_only = any_of(_is_there(route.get(name)) for name in _OUTBOUND)
            outbound = outbound | (everywhere & out_only)
        others = any_of(_is_there(route.get(name)) for name in _ELSEWHERE)
        vpn = _is_there(route.get("GatewayId")) & ~is_internet_gateway(route.get("GatewayId"), gateways)
        elsewhere = elsewhere | ((others | vpn) & there)
    return SubnetRoutes(public[4], public[6], outbound, elsewhere)


def _together(routes: Sequence[SubnetRoutes]) -> SubnetRoutes:
    return SubnetRoutes(
        any_of(each.public for each in routes),
        any_of(each.public_ipv6 for each in routes),
        any_of(each.outbound for each in routes),
        any_of(each.elsewhere for each in routes),
    )


def is_everywhere(cidr: Value) -> Truth:
    """Whether a range is all there is."""
    return cidr.holds(lambda data: isinstance(data, str) and data.strip().endswith("/0"))


def is_internet_gateway(value: Value, gateways: set[str]) -> Truth:
    """Whether a route's gateway is an internet gateway. `gateways`: the addresses of those in the unit."""

    def one(leaf: Value) -> Truth:
        if isinstance(leaf, Absent) or leaf.equals(None).is_surely_true:
            return FALSE
        if isinstance(leaf, Unknown):
            resource = leaf.symbol.resource
            if resource is None:
                return UNKNOWN
            return Truth.of(resource in gateways or any(each.startswith(f"{resource}[") for each in gateways))
        return leaf.matches(r"^igw-")

    return any_of(one(leaf).given(guard, FALSE) for leaf, guard in value.alternatives())


def _is_there(value: Value) -> Truth:
    return FALSE if isinstance(value, Absent) else ~value.equals(None)
