"""What can still be read of a YAML template with syntax errors: all but the entries that have them.

An entry is a resource, a parameter, a condition and so on, in block style; other top-level keys count whole.
Its lines are blanked, so that everything else stays in its place.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

MAX_ATTEMPTS = 12
MAX_CHARACTERS = 500_000
"""Of all texts that are tried for one template."""

SECTIONS = frozenset(("Conditions", "Mappings", "Metadata", "Outputs", "Parameters", "Resources", "Rules"))

_KEY = re.compile(
    r"""([ \t]*)(?:"([^"]*)"|'([^']*)'|([^\s#'"&*!\[\]{},|>%@`-][^#]{0,250}?))\s{0,20}:(?:\s|$)"""
)

FindError = Callable[[str], int | None]
"""The 1-based line of the first syntax error of a text; 0 where it has no line, None where there is none."""


class Recovered(NamedTuple):
    """`text` without the entries of the names `left_out`."""

    text: str
    left_out: tuple[str, ...]


class _Entry(NamedTuple):
    """Lines from `start` to before `end`, 0-based."""

    name: str
    start: int
    end: int


def recover(text: str, find_error: FindError) -> Recovered | None:
    """The part of `text` that can be parsed; None where its entries cannot be told apart, or too many
    have errors."""
    lines = text.split("\n")
    entries = _entries(lines)
    left_out: list[_Entry] = []
    attempts = min(MAX_ATTEMPTS, MAX_CHARACTERS // max(len(text), 1))
    while attempts > 0:
        attempts -= 1
        line = find_error(_without(lines, left_out))
        if line is None:
            break
        broken = next((one for one in entries if one.start < line <= one.end), None)
        if broken is None or broken in left_out:
            return None
        left_out.append(broken)
    else:
        return None
    # An error may have been found in an entry after the one that has it.
    for one in left_out[:-1]:
        if attempts <= 0:
            break
        attempts -= 1
        fewer = [other for other in left_out if other is not one]
        if find_error(_without(lines, fewer)) is None:
            left_out = fewer
    names = tuple(one.name for one in sorted(left_out, key=lambda one: one.start))
    return Recovered(_without(lines, left_out), names)


def _without(lines: list[str], left_out: list[_Entry]) -> str:
    kept = lines.copy()
    for one in left_out:
        kept[one.start : one.end] = [""] * (one.end - one.start)
    return "\n".join(kept)


def _entries(lines: list[str]) -> list[_Entry]:
    found: list[_Entry] = []
    section: str | None = None
    indent: int | None = None
    open_: tuple[str, int] | None = None
    for number, line in enumerate(lines):
        key = _KEY.match(line)
        depth = len(line) - len(line.lstrip(" \t"))
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name = next((group for group in key.groups()[1:] if group is not None), None) if key else None
        if depth == 0 and name is not None:
            begins = True
            section, indent = (name if name in SECTIONS else None), None
        elif section is not None and depth > 0 and indent is None:
            # The section's own line stays.
            begins, indent = True, depth
            open_ = None
            name = name or f"{section}[0]"
        else:
            begins = section is not None and depth == indent and name is not None
        if begins and name is not None:
            if open_ is not None:
                found.append(_Entry(*open_, number))
            open_ = (name, number)
    if open_ is not None:
        found.append(_Entry(*open_, len(lines)))
    return found
