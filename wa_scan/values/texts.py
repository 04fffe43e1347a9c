"""Strings of which some is known."""

import re
from collections.abc import Callable, Iterable, Iterator

from wa_scan.values.guards import Guard
from wa_scan.values.kinds import Absent, Scalar, Unknown, Value
from wa_scan.values.origins import Origin
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN, Truth, any_of


class Text(Value):
    """A string of known and unknown parts, in order."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[str | Unknown, ...], origin: Origin | None = None) -> None:
        self.parts = parts
        self.origin = origin
        self.references = frozenset().union(*(part.references for part in parts if isinstance(part, Unknown)))

    def holds(self, predicate: Callable[[Scalar], bool | None]) -> Truth:
        return UNKNOWN

    def equals(self, expected: Scalar) -> Truth:
        return UNKNOWN if isinstance(expected, str) and self._may_be(expected) else FALSE

    def is_in(self, expected: Iterable[Scalar]) -> Truth:
        return any_of(self.equals(option) for option in expected)

    def matches(self, pattern: str, flags: int = 0) -> Truth:
        # A pattern without anchors that is found in a known part is found in the whole; where it asks for
        # the edge of a word, only if it does not touch an unknown part.
        bare = re.sub(r"\\[^AZbB]|\[\^?\]?(?:\\.|[^\]])*\]", "", pattern)
        if re.search(r"[\^$]|\\[AZ]|\(\?(?!:)", bare) is None:
            edges = re.search(r"\\[bB]", bare) is not None
            for index, part in enumerate(self.parts):
                for found in re.finditer(pattern, part, flags) if isinstance(part, str) else ():
                    starts = found.start() > 0 or index == 0
                    ends = found.end() < len(found.string) or index == len(self.parts) - 1
                    if not edges or (starts and ends):
                        return TRUE
        return UNKNOWN

    def at_least(self, least: float) -> Truth:
        return UNKNOWN

    def is_set(self) -> Truth:
        if any(isinstance(part, str) and part for part in self.parts):
            return TRUE
        return any_of(part.is_set() for part in self.parts if isinstance(part, Unknown))

    def get(self, key: str) -> Value:
        return Absent(self.origin)

    def items(self) -> Iterator[tuple[Value, Guard]]:
        yield self, Guard.ALWAYS

    def pattern(self, unknown: str = ".*") -> str:
        """A regular expression for what this may be, each unknown part being `unknown`."""
        return "".join(re.escape(part) if isinstance(part, str) else unknown for part in self.parts)

    def _may_be(self, text: str) -> bool:
        return re.fullmatch(self.pattern(), text, re.DOTALL) is not None

    def __repr__(self) -> str:
        shown = (part if isinstance(part, str) else f"${{{part.symbol}}}" for part in self.parts)
        return f"Text({''.join(shown)!r})"
