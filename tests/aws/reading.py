"""Normalised resources as plain data, for comparing."""

from collections.abc import Callable

from wa_scan.aws.normalise import Normalised
from wa_scan.aws.resources import Resource
from wa_scan.blocks import Mode
from wa_scan.values import Absent, Choice, Known, ListValue, MapValue, Text, Unknown, Value

# Source text of one language to its resources: the fixtures `terraform` and `cloudformation`.
Snippet = Callable[[str], Normalised]


def only(found: Normalised, type_: str) -> Resource:
    """The one managed resource of a canonical type."""
    (resource,) = (each for each in found.resources if each.type == type_ and each.mode is Mode.MANAGED)
    return resource


def named(found: Normalised, address: str) -> Resource:
    (resource,) = (each for each in found.resources if each.address == address)
    return resource


def links_of(found: Normalised) -> set[tuple[str, str, str]]:
    """(source, kind, target) of all links, but for plain references."""
    return {
        (link.source.address, link.kind.value, link.target.address)
        for link in found.links
        if link.kind.value != "references"
    }


def plain(value: Value, found: Normalised) -> object:
    """A value as data, the same for both languages: a reference is the type referred to in `<>`."""
    types = {resource.address: resource.type for resource in found.resources}
    if isinstance(value, Absent) or value is None:
        return None
    if isinstance(value, Known):
        return value.data
    if isinstance(value, Unknown):
        return f"<{types.get(value.symbol.resource or '', value.symbol.text)}>"
    if isinstance(value, Text):
        return "".join(
            part if isinstance(part, str) else f"<{types.get(part.symbol.resource or '', part.symbol.text)}>"
            for part in value.parts
        )
    if isinstance(value, Choice):
        return {str(value.guard): plain(value.if_true, found), "else": plain(value.if_false, found)}
    if isinstance(value, ListValue):
        return [plain(element, found) for element in value.elements]
    assert isinstance(value, MapValue)
    entries = {
        key: plain(item, found)
        for key, item in sorted(value.entries.items())
        if key != "Unmapped" and not isinstance(item, Absent)
    }
    return {key: item for key, item in entries.items() if key != "Extra" or item != {}}


def properties(resource: Resource, found: Normalised) -> dict[str, object]:
    """The properties of a resource as data, without what the registry does not know."""
    data = plain(resource.properties, found)
    assert isinstance(data, dict)
    return without_nothing(data)


def without_nothing(data: dict[str, object]) -> dict[str, object]:
    cleaned = {key: without_nothing(item) if isinstance(item, dict) else item for key, item in data.items()}
    return {key: item for key, item in cleaned.items() if item is not None and item != {}}
