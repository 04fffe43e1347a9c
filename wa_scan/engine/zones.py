"""Over how many Availability Zones something is spread, for the rules about it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from wa_scan.aws.networks import differ, zone_of
from wa_scan.aws.resources import Part, Resource
from wa_scan.graph.graph import Graph
from wa_scan.values import Guard, Known, ListValue, Symbol, Truth, Unknown, Value, any_of
from wa_scan.values.truths import FALSE, UNKNOWN

SUBNET = "AWS::EC2::Subnet"
# Pairs grow with the square; this many decide any real case.
_CONSIDERED = 16
# All zones of a region, in either language.
_ALL_ZONES = re.compile(
    r"(?P<list>Fn::GetAZs [^\[]*|.*\baws_availability_zones\.[^.]+\.(names|zone_ids))\[\*\]"
)


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A zone that something is in where `guard` holds.

    `is_one`: whether it surely is a single zone, not something that may stand for several.
    `may_be_none`: whether it may stand for nothing at all (the rest of a list that is not known).
    """

    zone: Value
    guard: Guard = Guard.ALWAYS
    is_one: bool = True
    may_be_none: bool = False


def stands_for_many(resource: Resource) -> bool:
    """Whether a resource is one of an unknown number: its `count` or `for_each` is not known."""
    return "[*]" in resource.address


def spot_of(subnet: Resource, guard: Guard = Guard.ALWAYS) -> Spot:
    """Where `subnet` is, counted under `guard` and as far as it is there at all."""
    return Spot(zone_of(subnet), guard & subnet.exists, not stands_for_many(subnet))


def subnets_at(subject: Resource | Part, path: str, graph: Graph) -> Iterator[Spot]:
    """The zones of the subnets that are named in the list at `path`.

    A subnet that is not in this unit has a zone of its own that is not known.
    """
    for item, guard, is_rest in _elements(subject[path]):
        yield _spot_at(item, guard, is_rest, _finder(subject, graph))


def subnet_at(subject: Resource | Part, path: str, graph: Graph) -> Iterator[Spot]:
    """The zone of the one subnet that is named at `path`: one spot for each of its alternatives."""
    for item, guard in subject[path].alternatives():
        if not item.equals(None).is_surely_true:
            yield replace(_spot_at(item, guard, False, _finder(subject, graph)), is_one=True)


def zones_at(resource: Resource, path: str) -> Iterator[Spot]:
    """The zones that `resource` names in the list at `path`."""
    for item, guard, is_rest in _elements(resource[path]):
        if isinstance(item, Unknown) and (every := _ALL_ZONES.fullmatch(item.symbol.text)):
            # Each region has more than one.
            yield from (Spot(Unknown(Symbol(f"{every['list']}[{at}]")), guard) for at in (0, 1))
        else:
            yield Spot(item, guard, not is_rest, is_rest)


def several(spots: Iterable[Spot], *, one_subnet_a_zone: bool = False) -> Truth:
    """Whether `spots` are in two zones or more; not known where there are none.

    `one_subnet_a_zone`: AWS refuses two subnets in one zone here, so two whose zones are not known are in
    different ones.
    """
    found = list(spots)[:_CONSIDERED]
    pairs = (
        _apart(one, other, one_subnet_a_zone)
        for index, one in enumerate(found)
        for other in found[index + 1 :]
    )
    doubt = any_of(UNKNOWN.given(spot.guard, FALSE) for spot in found if not spot.is_one)
    somewhere = any_of(Truth.when(spot.guard) for spot in found)
    return any_of(pairs) | doubt | (~somewhere & UNKNOWN)


def _apart(one: Spot, other: Spot, one_subnet_a_zone: bool) -> Truth:
    truth = differ(one.zone, other.zone)
    if one_subnet_a_zone:
        truth = truth | Truth.when(truth.unknown)
    if one.may_be_none or other.may_be_none:
        truth = truth & UNKNOWN
    return truth.given(one.guard & other.guard, FALSE)


def _elements(value: Value) -> Iterator[tuple[Value, Guard, bool]]:
    """What is in a list, with its guard and whether it is the unknown rest of it."""
    for leaf, guard in value.alternatives():
        for element, inner in leaf.items():
            for item, innermost in element.alternatives():
                both = guard & inner & innermost
                if both.is_never or item.equals(None).is_surely_true:
                    continue
                is_rest = isinstance(item, Unknown) and item.symbol.text.endswith("[*]")
                if not isinstance(leaf, ListValue) and isinstance(item, Known) and "," in str(item.data):
                    # Some APIs take a list as one text.
                    for name in str(item.data).split(","):
                        yield Known(name.strip(), item.origin), both, False
                else:
                    yield item, both, is_rest


def _finder(subject: Resource | Part, graph: Graph) -> Callable[[str], Resource | None]:
    unit = subject.resource.unit if isinstance(subject, Part) else subject.unit
    return lambda address: graph.find(unit, address)


def _spot_at(item: Value, guard: Guard, is_rest: bool, find: Callable[[str], Resource | None]) -> Spot:
    text = item.text
    if not isinstance(item, Unknown):
        # A text with unknown parts may be a list joined by commas.
        return Spot(_zone_somewhere(text or repr(item)), guard, is_one=text is not None)
    named = find(item.symbol.resource) if item.symbol.resource else None
    if named is not None and named.type == SUBNET and not is_rest:
        return spot_of(named, guard)
    return Spot(_zone_somewhere(item.symbol.text), guard, is_one=False, may_be_none=is_rest)


def _zone_somewhere(subnet: str) -> Unknown:
    return Unknown(Symbol(f"{subnet}.AvailabilityZone"))
