"""How deep a tree is, found without recursion."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from wa_scan.terraform.source_text import TerraformSyntaxError
from wa_scan.values import Location

MAX_DEPTH = 200
"""How deep expressions and blocks may nest, so that what walks the tree can recurse. Real
configurations stay below 30.
"""


def too_deep(location: Location) -> TerraformSyntaxError:
    """The error for what is nested deeper than `MAX_DEPTH`."""
    return TerraformSyntaxError(
        f"This is nested more than {MAX_DEPTH} deep, deeper than wa-scan follows", location, limit=True
    )


def deepest_excess(node: Any) -> Location | None:
    """The place of a node more than `MAX_DEPTH` below `node`, if there is one."""
    stack: list[tuple[Any, int, Location | None]] = [(node, 0, None)]
    while stack:
        top, depth, place = stack.pop()
        if is_dataclass(top):
            place = getattr(top, "location", place)
            if depth > MAX_DEPTH:
                return place
            stack.extend((child, depth + 1, place) for child in _children(top))
        elif type(top) is list:
            stack.extend((child, depth, place) for child in top)
        elif type(top) is dict:
            stack.extend((child, depth, place) for child in top.values())
    return None


def _children(node: Any) -> Iterator[Any]:
    for name in _field_names(node.__class__):
        child = getattr(node, name)
        if type(child) is list or type(child) is dict or is_dataclass(child):
            yield child


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
