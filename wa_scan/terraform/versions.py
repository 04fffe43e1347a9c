"""Version constraints: `>= 1.1, < 2.0`, `~> 1.5`."""

import re

# The version whose language is evaluated.
TERRAFORM = (1, 11, 4)

_TERM = re.compile(r"\s*(=|!=|>=|<=|>|<|~>)?\s*v?(\d{1,9}(?:\.\d{1,9}){0,5})(-[0-9A-Za-z.-]+)?\s*")


def satisfies(version: tuple[int, ...], constraint: str) -> bool | None:
    """Whether `version` meets every term of `constraint`; None where that is no constraint.

    A term that names a pre-release is met only by that pre-release, hence never here.
    """
    met = True
    for term in constraint.split(","):
        found = _TERM.fullmatch(term)
        if found is None:
            return None
        operator, digits, prerelease = found.groups()
        wanted = tuple(int(part) for part in digits.split("."))
        met = met and not (prerelease and operator in (None, "=", "~>"))
        met = met and _meets(version, operator or "=", wanted)
    return met


def _meets(version: tuple[int, ...], operator: str, wanted: tuple[int, ...]) -> bool:
    width = max(len(version), len(wanted))
    own, other = (each + (0,) * (width - len(each)) for each in (version, wanted))
    if operator == "~>":
        fixed = max(len(wanted) - 1, 1)
        return own >= other and own[:fixed] == other[:fixed]
    return {
        "=": own == other,
        "!=": own != other,
        ">": own > other,
        ">=": own >= other,
        "<": own < other,
        "<=": own <= other,
    }[operator]
