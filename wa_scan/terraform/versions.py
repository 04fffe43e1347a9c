"""Versions and constraints on them, as Terraform compares them: `>= 1.1, < 2.0`, `~> 1.5`.

Held against Terraform 1.11.4, which uses the Go package hashicorp/go-version. A version has at least three
numbers; `~> 1` therefore is met by 2.0, and `~> 1.2.3.0` not by 1.2.4, which has fewer numbers.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering

_NUMBERS = r"v?(?P<numbers>\d{1,9}(?:\.\d{1,9}){0,5})"
_VERSION = re.compile(
    _NUMBERS
    + r"(?:-(?P<dashed>\d+[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*)"
    + r"|-?(?P<lettered>[A-Za-z~-]+[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*))?"
    + r"(?P<build>\+[0-9A-Za-z~-]+(?:\.[0-9A-Za-z~-]+)*)?"
)
_TERM = re.compile(r"\s*(?P<operator>!=|>=|<=|~>|=|>|<)?\s*(?P<version>\S+)\s*")
_LONGEST = 200


@total_ordering
@dataclass(frozen=True, eq=False)
class Version:
    """`written`: how many of the `numbers` were written, the others being zeros. `build` never counts."""

    numbers: tuple[int, ...]
    prerelease: str = ""
    build: str = ""
    written: int = 3

    def __str__(self) -> str:
        prerelease = f"-{self.prerelease}" if self.prerelease else ""
        return ".".join(map(str, self.numbers)) + prerelease + self.build

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __lt__(self, other: "Version") -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[object, ...]:
        significant = list(self.numbers)
        while significant and not significant[-1]:
            significant.pop()
        # A release comes after its pre-releases, and of their parts numbers before words.
        parts = tuple(
            (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)
            for part in self.prerelease.split(".")
        )
        return (tuple(significant), not self.prerelease, parts if self.prerelease else ())


@dataclass(frozen=True, slots=True)
class Constraint:
    """Terms of which each must be met; none are met by everything."""

    terms: tuple[tuple[str, Version], ...] = ()

    def is_met_by(self, version: Version) -> bool:
        return all(_meets(version, operator, wanted) for operator, wanted in self.terms)

    def newest(self, versions: Iterable[Version]) -> Version | None:
        """The newest version that meets this. A pre-release only where it alone is asked for."""
        exact = self.terms[0][1] if len(self.terms) == 1 and self.terms[0][0] == "=" else None
        candidates = [
            version
            for version in versions
            if self.is_met_by(version) and (not version.prerelease or version == exact)
        ]
        return max(candidates, default=None)


def parse_version(text: str) -> Version | None:
    """None for what is no version."""
    found = _VERSION.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    numbers = tuple(int(part) for part in found["numbers"].split("."))
    padded = numbers + (0,) * (3 - len(numbers))
    prerelease = found["dashed"] or found["lettered"] or ""
    return Version(padded, prerelease, found["build"] or "", len(numbers))


def parse_constraint(text: str) -> Constraint | None:
    """None for what is no constraint."""
    terms = []
    for part in text.split(","):
        term = _TERM.fullmatch(part)
        version = parse_version(term["version"]) if term is not None else None
        if term is None or version is None:
            return None
        terms.append((term["operator"] or "=", version))
    return Constraint(tuple(terms))


# The version whose language is evaluated.
TERRAFORM = Version((1, 11, 4))


def satisfies(version: Version, constraint: str) -> bool | None:
    """Whether `version` meets every term of `constraint`; None where that is no constraint."""
    parsed = parse_constraint(constraint)
    return None if parsed is None else parsed.is_met_by(version)


def _meets(version: Version, operator: str, wanted: Version) -> bool:
    if operator == "=":
        return version == wanted
    if operator == "!=":
        return version != wanted
    # A pre-release is compared only with those of the same version.
    if version.prerelease and not (wanted.prerelease and version.numbers == wanted.numbers):
        return False
    if operator == "~>":
        fixed = wanted.written - 1
        return (
            version >= wanted
            and bool(version.prerelease) == bool(wanted.prerelease)
            and len(version.numbers) >= len(wanted.numbers)
            and version.numbers[:fixed] == wanted.numbers[:fixed]
        )
    return {
        ">": version > wanted,
        ">=": version >= wanted,
        "<": version < wanted,
        "<=": version <= wanted,
    }[operator]
