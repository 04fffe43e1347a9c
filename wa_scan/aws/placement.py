"""Which availability zone something is placed in.

A zone is no resource that anybody declares: links lead to one that stands for it, looked up rather than
managed, which is in no unit's resources.
"""

import re
from collections.abc import Iterator, Sequence

from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.references import items_of
from wa_scan.aws.resources import Resource
from wa_scan.blocks import Mode
from wa_scan.values import Guard, Known, MapValue, Symbol, Text, Unknown, Value

ZONE = "Extra::EC2::AvailabilityZone"
# Properties that name the zone or zones that a resource is in. Source: the registry's schemas.
_PLACES = (
    "AvailabilityZone",
    "AvailabilityZoneId",
    "AvailabilityZones",
    "AvailabilityZoneIds",
    "PreferredAvailabilityZone",
    "PreferredAvailabilityZones",
    "PreferredCacheClusterAZs",
    "Placement.AvailabilityZone",
)
_SEVERAL = re.compile(r"\[\*\]|(?:count\.index|each\.(?:key|value)) of ")
_Key = str | Symbol | tuple[str | Symbol, ...]


def zone_links(resources: Sequence[Resource]) -> Iterator[Link]:
    """A link from each resource to every zone that it says it is in; none where AWS chooses.

    A zone that is not known is one of its own for each name that it has.
    """
    zones: dict[_Key, Resource] = {}
    for resource in resources:
        if resource.type is None or resource.mode is not Mode.MANAGED:
            continue
        entries = resource.properties.entries
        if not any(path.partition(".")[0] in entries for path in _PLACES):
            continue
        found: dict[_Key, Link] = {}
        for path in _PLACES:
            for leaf, guard in items_of(resource[path]):
                key = _key(leaf)
                if key is None or _is_several(leaf):
                    continue
                if key not in zones:
                    zones[key] = _zone(leaf, resource)
                location = (leaf.origin or resource.origin).location
                if key in found:
                    guard = guard | found[key].guard
                found[key] = Link(resource, zones[key], LinkKind.IN_ZONE, path, location, guard)
        yield from found.values()


def _key(zone: Value) -> _Key | None:
    if isinstance(zone, Known):
        return zone.data if isinstance(zone.data, str) and zone.data else None
    if isinstance(zone, Unknown):
        return zone.symbol
    if isinstance(zone, Text):
        return tuple(part if isinstance(part, str) else part.symbol for part in zone.parts)
    return None


def _is_several(zone: Value) -> bool:
    """Whether an unknown may stand for several zones."""
    return isinstance(zone, Unknown) and _SEVERAL.search(zone.symbol.text) is not None


def _zone(name: Value, resource: Resource) -> Resource:
    shown = name.text
    if isinstance(name, Unknown):
        shown = name.symbol.text
    elif isinstance(name, Text):
        shown = "".join(part if isinstance(part, str) else f"${{{part.symbol.text}}}" for part in name.parts)
    return Resource(
        shown or "",
        ZONE,
        ZONE,
        Mode.DATA,
        resource.language,
        resource.unit,
        MapValue({"ZoneName": name}, name.origin),
        resource.location,
        resource.extent,
        MapValue({}),
        exists=Guard.ALWAYS,
    )
