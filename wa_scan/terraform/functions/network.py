"""Functions on IP address ranges."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from wa_scan.terraform.functions.collections import MAX_ELEMENTS
from wa_scan.terraform.functions.signature import (
    Context,
    function,
    integer,
    limited,
    number_parameter,
    plain,
    refuse,
    string_parameter,
    text,
)
from wa_scan.terraform.types import STRING, ListType
from wa_scan.terraform.values import TfValue, list_of, string

Network = IPv4Network | IPv6Network
_PREFIX = string_parameter("prefix")
_OCTET = re.compile(r"(?<![0-9])0+(?=[0-9])")


def _network(prefix: str) -> Network:
    """The network that a CIDR prefix stands for. Leading zeros of octets mean nothing."""
    address, slash, length = prefix.partition("/")
    if not slash or not length.isdecimal() or not length.isascii() or "%" in address:
        raise refuse(f"invalid CIDR address: {prefix[:60]}", 0)
    if ":" not in address:
        address = _OCTET.sub("", address)
    try:
        return ip_network(f"{ip_address(address)}/{int(length[:4])}", strict=False)
    except ValueError:
        raise refuse(f"invalid CIDR address: {prefix[:60]}", 0) from None


def _show(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)


@plain("cidrhost", _PREFIX, number_parameter("hostnum"), returns=STRING)
def _cidrhost(prefix: str, host: object) -> str:
    if not isinstance(host, int):
        raise refuse("the host number must be a whole number", 1)
    network = _network(prefix)
    free = network.max_prefixlen - network.prefixlen
    number = host if host >= 0 else 2**free + host
    if not 0 <= number < 2**free:
        raise refuse(f"prefix of {network.prefixlen} does not accommodate a host numbered {host}", 1)
    return _show(network.network_address + number)


@plain("cidrnetmask", _PREFIX, returns=STRING)
def _cidrnetmask(prefix: str) -> str:
    network = _network(prefix)
    if isinstance(network, IPv6Network):
        raise refuse("IPv6 addresses cannot have a netmask", 0)
    return str(network.netmask)


def _subnet(network: Network, bits: int, number: int) -> str:
    """Negative numbers and extensions give what Terraform's library makes of them."""
    length = network.prefixlen + bits
    if bits >= 0 and number >= 2**bits:
        raise refuse(f"prefix extension of {bits} does not accommodate a subnet numbered {number}", 2)
    if length < 0 or abs(number) >= 2**network.max_prefixlen:
        raise refuse("the subnet is out of range", 2)
    start = abs(int(network.network_address) | (number << network.max_prefixlen - length))
    if start >= 2**network.max_prefixlen:
        raise refuse("the subnet is out of range", 2)
    return f"{_show(type(network.network_address)(start))}/{length}"


def _made(like: Network, start: int, length: int) -> Network:
    if isinstance(like, IPv4Network):
        return IPv4Network((start, length), strict=False)
    return IPv6Network((start, length), strict=False)


def _check_bits(network: Network, bits: int, argument: int) -> None:
    if network.prefixlen + bits > network.max_prefixlen:
        raise refuse(
            f"not enough remaining address space for a subnet with a prefix of {bits} more bits", argument
        )


@function("cidrsubnet", _PREFIX, number_parameter("newbits"), number_parameter("netnum"), returns=STRING)
def _cidrsubnet(arguments: Sequence[TfValue], context: Context) -> TfValue:
    network = _network(text(arguments[0]))
    bits, number = integer(arguments[1], 1), integer(arguments[2], 2)
    _check_bits(network, bits, 1)
    return string(_subnet(network, bits, number))


def _shown(network: Network) -> str:
    return f"{_show(network.network_address)}/{network.prefixlen}"


@function("cidrsubnets", _PREFIX, variadic=number_parameter("newbits"), returns=ListType(STRING))
def _cidrsubnets(arguments: Sequence[TfValue], context: Context) -> TfValue:
    network = _network(text(arguments[0]))
    if len(arguments) > MAX_ELEMENTS:
        raise limited("too many subnets", 1)
    found: list[TfValue] = []
    at = int(network.network_address)
    end = at + 2 ** (network.max_prefixlen - network.prefixlen)
    for position, value in enumerate(arguments[1:], start=1):
        bits = integer(value, position)
        if bits < 1:
            raise refuse("must extend the prefix by at least one bit", position)
        _check_bits(network, bits, position)
        size = 2 ** (network.max_prefixlen - network.prefixlen - bits)
        # A larger range starts at a multiple of its own size.
        at = -(-at // size) * size
        if at + size > end:
            raise refuse("not enough remaining address space for this subnet", position)
        found.append(string(_shown(_made(network, at, network.prefixlen + bits))))
        at += size
    return list_of(STRING, found)
