"""Network ACLs: rules in the order of their numbers, of which the first that fits decides.

Source: VPC User Guide, "Network ACL rules": rules are evaluated beginning with the lowest number; what none
fits is denied. Protocols are numbers, -1 for all of them.
"""

import ipaddress
from dataclasses import dataclass

from wa_scan.aws.resources import Part, Resource
from wa_scan.values import Guard, Known, Truth, Value
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN

PROTOCOLS = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58"}
_ANYWHERE = {4: "0.0.0.0/0", 6: "::/0"}


@dataclass(frozen=True, slots=True, eq=False)
class AclRule:
    """One rule of a network ACL. `number`: None where it is not known."""

    part: Part
    number: int | None

    @property
    def allows(self) -> Truth:
        return self.part["RuleAction"].holds(lambda data: str(data).lower() == "allow")

    @property
    def is_egress(self) -> Truth:
        return self.part["Egress"].equals(True)

    def is_about(self, port: int, protocol: str, source: str) -> Truth:
        """Whether it decides on all traffic of `protocol` (`tcp`) to `port` from the range `source`."""
        number = self.part["Protocol"]
        every = number.is_in(("-1", -1, "all"))
        same = number.holds(lambda data: str(data).lower() in (protocol, PROTOCOLS[protocol]))
        ports = self.part["PortRange.From"].at_most(port) & self.part["PortRange.To"].at_least(port)
        return (every | (same & ports)) & (
            _takes_in(self.part["CidrBlock"], source) | _takes_in(self.part["Ipv6CidrBlock"], source)
        )


def acl_rules(acl: Resource) -> list[tuple[AclRule, Guard]]:
    """The rules of a network ACL, its own and those of resources folded in, lowest number first; those whose
    numbers are not known come first of all."""
    found = [(AclRule(part, _number(part["RuleNumber"])), guard) for part, guard in acl.each("Extra.Entries")]
    return sorted(found, key=lambda each: -1 if each[0].number is None else each[0].number)


def lets_in(acl: Resource, port: int, protocol: str = "tcp", source: str = _ANYWHERE[4]) -> Truth:
    """Whether a network ACL lets traffic in to `port` from the whole range `source`."""
    return _decides(acl, FALSE, port, protocol, source)


def lets_out(acl: Resource, port: int, protocol: str = "tcp", destination: str = _ANYWHERE[4]) -> Truth:
    """Whether traffic to `port` of the range `destination` gets out through a network ACL, as for
    `lets_in`."""
    return _decides(acl, TRUE, port, protocol, destination)


def _decides(acl: Resource, egress: Truth, port: int, protocol: str, source: str) -> Truth:
    rules = acl_rules(acl)
    found = UNKNOWN if _may_have_more(acl) else FALSE
    for rule, guard in reversed(rules):
        direction = rule.is_egress if egress is TRUE else ~rule.is_egress
        applies = (direction & rule.is_about(port, protocol, source)).given(guard, FALSE)
        if rule.number is None:
            # It may come before or after any other.
            applies = applies & UNKNOWN
        found = (applies & rule.allows) | (~applies & found)
    return found


def _may_have_more(acl: Resource) -> bool:
    value = acl["Extra.Entries"]
    return getattr(value, "rest", None) is not None


def _number(value: Value) -> int | None:
    data = value.scalar
    if isinstance(data, bool) or data is None:
        return None
    if isinstance(data, str):
        return int(data) if data.isdigit() else None
    return int(data)


def _takes_in(cidr: Value, source: str) -> Truth:
    """Whether a range takes in all of `source`; where there is none of the kind it takes in nothing."""
    if isinstance(cidr, Known) and cidr.data is None:
        return FALSE
    return cidr.holds(lambda data: isinstance(data, str) and contains(data, source))


def contains(outer: str, inner: str) -> bool | None:
    """Whether the range `outer` takes in all of `inner`; None where one of them is no range."""
    try:
        a, b = ipaddress.ip_network(outer.strip(), strict=False), ipaddress.ip_network(inner, strict=False)
    except ValueError:
        return None
    if isinstance(a, ipaddress.IPv4Network) and isinstance(b, ipaddress.IPv4Network):
        return b.subnet_of(a)
    if isinstance(a, ipaddress.IPv6Network) and isinstance(b, ipaddress.IPv6Network):
        return b.subnet_of(a)
    return False
