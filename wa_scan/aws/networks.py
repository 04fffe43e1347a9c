"""Security-group rules, zones and subnets as rules ask of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wa_scan.aws.resources import Resource
from wa_scan.values import (
    Absent,
    Choice,
    Guard,
    Known,
    Origin,
    Symbol,
    Text,
    Truth,
    Unknown,
    Value,
    any_of,
    choose,
)
from wa_scan.values.kinds import Reason
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN

_EVERY_PROTOCOL = ("-1", "all", -1)
_PROTOCOL_NUMBERS = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58"}


@dataclass(frozen=True, slots=True, eq=False)
class NetworkRule:
    """One rule of a security group: a protocol, a port range, a source (or destination).

    `owner`: the group, or the resource of its own that the rule is. Ports are inclusive.
    """

    owner: Resource
    value: Value
    is_egress: bool = False

    @property
    def protocol(self) -> Value:
        return self.value.get("IpProtocol")

    @property
    def from_port(self) -> Value:
        return self.value.get("FromPort")

    @property
    def to_port(self) -> Value:
        return self.value.get("ToPort")

    @property
    def cidr_ipv4(self) -> Value:
        return self.value.get("CidrIp")

    @property
    def cidr_ipv6(self) -> Value:
        return self.value.get("CidrIpv6")

    @property
    def prefix_list(self) -> Value:
        return self.value.get("DestinationPrefixListId" if self.is_egress else "SourcePrefixListId")

    @property
    def group(self) -> Value:
        """The security group on the other side, or `Absent`."""
        return self.value.get("DestinationSecurityGroupId" if self.is_egress else "SourceSecurityGroupId")

    @property
    def origin(self) -> Origin:
        """The narrowest place: the range that is open, else the rule."""
        for value in (self.cidr_ipv4, self.cidr_ipv6):
            if (
                not isinstance(value, Absent)
                and value.origin is not None
                and not value.equals(None).is_surely_true
            ):
                return value.origin
        return self.value.origin or self.owner.origin

    def open_to_world(self) -> Truth:
        """Whether any address at all is let in: a range of prefix length 0."""
        return any_of(value.any(_is_everywhere) for value in (self.cidr_ipv4, self.cidr_ipv6))

    def is_protocol(self, name: str) -> Truth:
        """Whether the protocol `name` (`tcp`, `udp`) is let through, by name, number or with all others."""
        return self.protocol.holds(
            lambda data: str(data).lower() in (name, _PROTOCOL_NUMBERS[name], "-1", "all")
        )

    def covers_port(self, port: int, protocol: str = "tcp") -> Truth:
        """Whether `port` is let through."""
        return self.covers_ports((port,), protocol)[port]

    def covers_ports(self, ports: Iterable[int], protocol: str = "tcp") -> Mapping[int, Truth]:
        """Whether each of `ports` is let through."""
        every, named = self.covers_every_protocol(), self.is_protocol(protocol)
        first, last = self.from_port, self.to_port
        return {port: every | (named & first.at_most(port) & last.at_least(port)) for port in ports}

    def covers_every_protocol(self) -> Truth:
        return self.protocol.is_in(_EVERY_PROTOCOL)

    def covers_all_ports(self) -> Truth:
        """Whether every port of TCP or UDP, or every protocol, is let through."""
        every = self.from_port.at_most(1) & self.to_port.at_least(65535)
        return self.covers_every_protocol() | ((self.is_protocol("tcp") | self.is_protocol("udp")) & every)


def ingress_rules(group: Resource) -> list[tuple[NetworkRule, Guard]]:
    """The rules that let traffic into a security group, its own and those of resources folded in.

    For a rule that is a resource whose group is not in this unit: that rule.
    """
    return _rules(group, "SecurityGroupIngress", "AWS::EC2::SecurityGroupIngress", False)


def egress_rules(group: Resource) -> list[tuple[NetworkRule, Guard]]:
    """The rules that let traffic out of a security group, as `ingress_rules`."""
    return _rules(group, "SecurityGroupEgress", "AWS::EC2::SecurityGroupEgress", True)


def _rules(
    owner: Resource, property_: str, own_type: str, is_egress: bool
) -> list[tuple[NetworkRule, Guard]]:
    if owner.type == own_type:
        return [(NetworkRule(owner, owner.properties, is_egress), Guard.ALWAYS)]
    return [
        (NetworkRule(owner, item, is_egress), guard)
        for item, guard in owner[property_].items()
        if not (isinstance(item, Known) and item.data is None)
    ]


def _is_everywhere(cidr: Value) -> Truth:
    return cidr.holds(lambda data: isinstance(data, str) and data.strip().endswith("/0"))


def zone_of(subnet: Resource) -> Value:
    """The availability zone of a subnet, by name or by ID; unknown, and its own, where AWS chooses."""
    chosen: Value = Unknown(
        Symbol(f"{subnet.address}.AvailabilityZone", subnet.address, "AvailabilityZone"),
        Reason.COMPUTED,
        subnet.origin,
    )
    by_id, by_name = subnet["AvailabilityZoneId"], subnet["AvailabilityZone"]
    # The same zone as an ID or as a name, whichever it is: the conditions that tell need not be understood.
    ids, names = _leaves_set(by_id), _leaves_set(by_name)
    if ids and names and len({repr(leaf) for leaf in (*ids, *names)}) == 1:
        return names[0]
    return _or_else(by_name, _or_else(by_id, chosen))


def _leaves_set(value: Value) -> list[Value]:
    return [leaf for leaf, _ in value.alternatives() if not leaf.is_set().is_surely_false]


def _or_else(value: Value, otherwise: Value) -> Value:
    """`value`, and `otherwise` where it is not set."""
    if isinstance(value, Choice):
        if_true, if_false = _or_else(value.if_true, otherwise), _or_else(value.if_false, otherwise)
        return choose(value.guard, if_true, if_false, value.origin)
    return otherwise if value.is_set().is_surely_false else value


def differ(one: Value, other: Value) -> Truth:
    """Whether two zones are different ones.

    Known names compare. The same symbol is the same zone; two different elements of one list of
    zones are different ones; other unknown zones may be the same.
    """
    if isinstance(one, Choice):
        return differ(one.if_true, other).given(one.guard, differ(one.if_false, other))
    if isinstance(other, Choice):
        return differ(other, one)
    if isinstance(one, Unknown) and isinstance(other, Unknown):
        return _symbols_differ(one.symbol.text, other.symbol.text)
    if isinstance(one, Text) and isinstance(other, Text):
        return _texts_differ(one, other)
    if isinstance(one, Unknown | Text) or isinstance(other, Unknown | Text):
        return UNKNOWN
    if _is_zone_id(one) != _is_zone_id(other):
        # Which ID a name has is different in every account.
        return UNKNOWN
    return Truth.of(one.scalar != other.scalar)


def _is_zone_id(zone: Value) -> bool:
    """Whether it is the ID of a zone (`euw1-az1`) and not its name (`eu-west-1a`)."""
    return re.fullmatch(r"[a-z0-9-]+-az[0-9]+", zone.text or "") is not None


# An element of a list of zones that is surely one: what comes after the index (an attribute of the element)
# or a variable index may make two of them the same.
_ELEMENT = re.compile(r'(?P<list>.*)\[(?P<index>[0-9]+|"[^"]*")\]', re.DOTALL)


def _symbols_differ(one: str, other: str) -> Truth:
    if one == other:
        # What stands for many (`names[count.index of aws_subnet.all]`) may be several zones.
        return UNKNOWN if _stands_for_many(one) else FALSE
    element_one, element_other = _ELEMENT.fullmatch(one), _ELEMENT.fullmatch(other)
    if element_one and element_other and element_one["list"] == element_other["list"]:
        return TRUE
    return UNKNOWN


def _stands_for_many(symbol: str) -> bool:
    return "[*]" in symbol or re.search(r"(count\.index|each\.(key|value)) of ", symbol) is not None


def _texts_differ(one: Text, other: Text) -> Truth:
    """`${AWS::Region}a` and `${AWS::Region}b` are different, the same parts the same."""

    def plain(text: Text) -> list[str | Symbol]:
        return [part if isinstance(part, str) else part.symbol for part in text.parts]

    parts_one, parts_other = plain(one), plain(other)
    if parts_one == parts_other:
        return FALSE
    if len(parts_one) == len(parts_other) and all(
        a == b or (isinstance(a, str) and isinstance(b, str))
        for a, b in zip(parts_one, parts_other, strict=True)
    ):
        return TRUE
    return UNKNOWN


def several_zones(zones: Sequence[Value]) -> Truth:
    """Whether `zones` are at least two different ones."""
    if len(zones) < 2:
        return FALSE
    considered = zones[:16]
    return any_of(
        differ(one, other) for index, one in enumerate(considered) for other in considered[index + 1 :]
    )


@dataclass(frozen=True, slots=True)
class ZoneCount:
    """How many different zones there surely are, and may be at most."""

    at_least: int
    at_most: int


def distinct_zones(zones: Iterable[Value]) -> ZoneCount:
    """How many different zones `zones` are; a choice counts for each of its branches."""
    known: set[str] = set()
    by_list: dict[str, set[str]] = {}
    keys: set[str] = set()
    for zone in zones:
        for leaf, guard in zone.alternatives():
            if isinstance(leaf, Unknown):
                text = leaf.symbol.text
                element = _ELEMENT.fullmatch(text)
                if guard.is_always and element:
                    by_list.setdefault(element["list"], set()).add(element["index"])
                keys.add(text)
            elif isinstance(leaf, Text):
                keys.add(repr(leaf))
            elif leaf.text is not None:
                keys.add(leaf.text)
                if guard.is_always:
                    known.add(leaf.text)
    least = max([len(known), *(len(indexes) for indexes in by_list.values()), 1 if keys else 0])
    return ZoneCount(least, max(len(keys), least))
