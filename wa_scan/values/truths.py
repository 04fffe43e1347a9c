"""Three-valued truths that know when they hold."""

from collections.abc import Iterable

from wa_scan.values.guards import Guard

ALWAYS, NEVER = Guard.ALWAYS, Guard.NEVER


class Truth:
    """Whether something holds: true under `true`, not known under `unknown`, false elsewhere.

    Combine with `&`, `|`, `~`. `bool(truth)` raises, so that `not x` can turn ignorance neither
    into a finding nor into a pass.
    """

    __slots__ = ("true", "unknown")

    def __init__(self, true: Guard, unknown: Guard = Guard.NEVER) -> None:
        self.true = true
        # Most truths are certain, and there are hundreds of thousands in a large scan.
        self.unknown = unknown if unknown is NEVER or true is NEVER else unknown & ~true

    @property
    def false(self) -> Guard:
        """When it surely does not hold."""
        return ~self.true if self.unknown is NEVER else ~(self.true | self.unknown)

    @staticmethod
    def of(holds: bool | None) -> "Truth":
        """`None` is unknown."""
        return TRUE if holds else (FALSE if holds is not None else UNKNOWN)

    @staticmethod
    def when(guard: Guard) -> "Truth":
        """True where `guard` holds, false elsewhere."""
        return Truth(guard)

    def __bool__(self) -> bool:
        raise TypeError("a truth may be unknown: combine it with & | ~, or look at .true, .false, .unknown")

    def __and__(self, other: "Truth") -> "Truth":
        if self.true is ALWAYS or other.is_surely_false:
            return other
        if other.true is ALWAYS or self.is_surely_false:
            return self
        true = self.true & other.true
        return Truth(true, ~(true | self.false | other.false))

    def __or__(self, other: "Truth") -> "Truth":
        if other.true is ALWAYS or self.is_surely_false:
            return other
        if self.true is ALWAYS or other.is_surely_false:
            return self
        true = self.true | other.true
        return Truth(true, ~(true | (self.false & other.false)))

    def __invert__(self) -> "Truth":
        if self.true is ALWAYS:
            return FALSE
        if self.is_surely_false:
            return TRUE
        return Truth(self.false, self.unknown)

    def given(self, guard: Guard, otherwise: "Truth") -> "Truth":
        """This truth where `guard` holds, `otherwise` elsewhere."""
        if guard is ALWAYS:
            return self
        return Truth(guard.choose(self.true, otherwise.true), guard.choose(self.unknown, otherwise.unknown))

    @property
    def is_surely_true(self) -> bool:
        return self.true is ALWAYS

    @property
    def is_surely_false(self) -> bool:
        return self.true is NEVER and self.unknown is NEVER

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Truth) and self.true is other.true and self.unknown is other.unknown

    def __hash__(self) -> int:
        return hash((id(self.true), id(self.unknown)))

    def __repr__(self) -> str:
        return f"Truth(true: {self.true}; unknown: {self.unknown})"


TRUE = Truth(Guard.ALWAYS)
FALSE = Truth(Guard.NEVER)
UNKNOWN = Truth(Guard.NEVER, Guard.ALWAYS)


def any_of(truths: Iterable[Truth]) -> Truth:
    """True if one is; false if all are, and when there are none."""
    found = FALSE
    for truth in truths:
        found = found | truth
        if found.is_surely_true:
            break
    return found


def all_of(truths: Iterable[Truth]) -> Truth:
    """True if all are, and when there are none; false if one is."""
    found = TRUE
    for truth in truths:
        found = found & truth
        if found.is_surely_false:
            break
    return found
