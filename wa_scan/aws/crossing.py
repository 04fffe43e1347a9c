"""Links from one unit to another, where values carry the symbols of the other: `network: aws_vpc.main.id`."""

import re
from collections.abc import Iterator, Mapping, Sequence

from wa_scan.aws.linking import Foreign, Kinds
from wa_scan.aws.links import Link
from wa_scan.aws.resources import Resource
from wa_scan.aws.table import Table, table
from wa_scan.blocks import Mode

_KEY = r'(?:\[(?:"(?:[^"\\]|\\.)*"|[0-9]+)\])?'
# An address with an attribute, or a logical ID (with the stacks that lead to it).
_ADDRESS = re.compile(
    rf"(?P<terraform>(?:module\.[\w-]+{_KEY}\.)*[a-z0-9]+_\w+\.[\w-]+{_KEY})(?:\..*)?"
    r"|(?P<cloudformation>[A-Za-z0-9/]+)(?:\..*)?"
)


def links_across(
    foreign: Sequence[Foreign], resources: Sequence[Resource], rows: Table | None = None
) -> Iterator[Link]:
    """The links that `foreign` references make to `resources` of all units. A reference to something that
    is in none of them makes none."""
    if not foreign:
        return
    kinds = Kinds(rows if rows is not None else table())
    by_unit: dict[str, dict[str, Resource]] = {}
    for resource in resources:
        if resource.mode is Mode.MANAGED:
            by_unit.setdefault(resource.unit, {})[resource.address] = resource
    made: set[tuple[int, int, object, str]] = set()
    for reference in foreign:
        target = _target(reference.symbol.text, by_unit)
        if target is None or target is reference.source:
            continue
        for meaning in kinds.meanings(reference.source, reference.path, target):
            source, end = reference.source, target
            if meaning.reversed:
                source, end = end, source
            key = (id(source), id(end), meaning.kind, reference.path)
            if key not in made:
                made.add(key)
                yield Link(source, end, meaning.kind, reference.path, reference.location, reference.guard)


def _target(text: str, by_unit: Mapping[str, Mapping[str, Resource]]) -> Resource | None:
    """What `UNIT: ADDRESS.ATTRIBUTE` names. A unit's name may have `: ` in it."""
    at = text.find(": ")
    while at > 0:
        of_unit = by_unit.get(text[:at])
        match = _ADDRESS.fullmatch(text, at + 2)
        if of_unit is not None and match is not None:
            address = match["terraform"] or match["cloudformation"]
            return of_unit.get(address)
        at = text.find(": ", at + 2)
    return None
