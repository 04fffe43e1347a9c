"""Security-group rules as sets of (protocol, port range, source), prefix lists and the group itself resolved.

Source: EC2 API IpPermission: protocol -1 is all protocols and all ports; for ICMP the ports are type and
code.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from wa_scan.aws.network_acls import contains
from wa_scan.aws.networks import NetworkRule
from wa_scan.aws.resources import Resource
from wa_scan.values import Absent, Guard, Known, Unknown, Value

ALL_PORTS = (0, 65535)
_NAMES = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "-1": "all"}


class SourceKind(Enum):
    """How a rule names those whom it lets in or out."""

    RANGE = "range"
    GROUP = "security group"
    PREFIX_LIST = "prefix list"
    SELF = "the group itself"


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one rule lets through. `protocol`: `tcp`, `udp`, `icmp`, `icmpv6`, `all` or a number. `ports`:
    inclusive. `source`: a range, the address (or ID) of a group or prefix list. Compares by what it says."""

    protocol: str
    ports: tuple[int, int]
    kind: SourceKind
    source: str

    def covers(self, other: "Traffic") -> bool:
        """Whether all of `other` is let through by this as well."""
        return (
            self.protocol in ("all", other.protocol)
            and self.ports[0] <= other.ports[0]
            and other.ports[1] <= self.ports[1]
            and self._covers_source(other)
        )

    def _covers_source(self, other: "Traffic") -> bool:
        if self.kind is SourceKind.RANGE and other.kind is SourceKind.RANGE:
            return contains(self.source, other.source) is True
        return (self.kind, self.source) == (other.kind, other.source)


def traffic(
    rules: Iterable[tuple[NetworkRule, Guard]], find: Callable[[str], Resource | None] = lambda _: None
) -> list[tuple[Traffic | None, Guard]]:
    """What `rules` let through, each with its guard; None for what is not known.

    `find`: the resource at an address; the entries of prefix lists that it finds stand for the lists.
    """
    return [(each, guard) for rule, guard in rules for each in _of_rule(rule, find)]


def _of_rule(rule: NetworkRule, find: Callable[[str], Resource | None]) -> Iterator[Traffic | None]:
    protocol, ports = _protocol(rule.protocol), _ports(rule)
    if protocol is None or ports is None:
        yield None
        return
    for kind, source in _sources(rule, find):
        yield None if source is None else Traffic(protocol, ports, kind, source)


def _protocol(value: Value) -> str | None:
    if value.scalar is None:
        return None
    text = str(value.scalar).lower()
    return _NAMES.get(text, text)


def _ports(rule: NetworkRule) -> tuple[int, int] | None:
    if _protocol(rule.protocol) == "all":
        return ALL_PORTS
    first, last = _number(rule.from_port), _number(rule.to_port)
    if first is None or last is None:
        unset = rule.from_port.is_set().is_surely_false and rule.to_port.is_set().is_surely_false
        return ALL_PORTS if unset else None
    return ALL_PORTS if (first, last) == (-1, -1) else (first, last)


def _number(value: Value) -> int | None:
    data = value.scalar
    if isinstance(data, str):
        return int(data) if data.lstrip("-").isdigit() else None
    return int(data) if isinstance(data, int | float) and not isinstance(data, bool) else None


def _sources(
    rule: NetworkRule, find: Callable[[str], Resource | None]
) -> Iterator[tuple[SourceKind, str | None]]:
    for value in (rule.cidr_ipv4, rule.cidr_ipv6):
        for item in _items(value):
            yield SourceKind.RANGE, item.text
    for item in _items(rule.group):
        yield SourceKind.GROUP, _name(item)
    for item in _items(rule.prefix_list):
        address = _name(item)
        list_ = find(address) if address is not None else None
        if list_ is None or list_.type != "AWS::EC2::PrefixList":
            yield SourceKind.PREFIX_LIST, address
            continue
        for entry, _ in list_.each("Entries"):
            yield SourceKind.RANGE, entry["Cidr"].text
    if rule.value.get("Extra").get("Self").equals(True).is_surely_true:
        yield SourceKind.SELF, rule.owner.address


def _items(value: Value) -> Iterator[Value]:
    if isinstance(value, Unknown):
        yield value
    elif not isinstance(value, Absent):
        yield from (item for item, _ in value.items())


def _name(value: Value) -> str | None:
    if isinstance(value, Known):
        return value.text
    return value.symbol.resource if isinstance(value, Unknown) else None
