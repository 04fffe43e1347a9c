"""Conditions under which something holds, and the small decision procedure over them.

A guard is a reduced ordered binary decision diagram (Bryant 1986) over named atoms (`IsProd`,
`var.multi_az`): two guards that mean the same are the same object, so that contradictions and
implications are found by comparing with `Guard.NEVER` and `Guard.ALWAYS`.

Some combinations have no small diagram (in any fixed order of the atoms). An operation that would
pass `MOST_STEPS` gives up its operands' inner relations instead of its time and gives a single atom
that names what it depends on: sound to report, only no longer decided.
"""

from hashlib import sha256
from typing import ClassVar, Final
from weakref import WeakValueDictionary

from wa_scan.values.atoms import ValueAtom, alternatives, phrases, shown

MOST_STEPS: Final = 4_000
_MOST_ATOMS_SHOWN: Final = 6


class Guard:
    """When something holds. Combine with `&`, `|`, `~`; there is no truth value: use `is_always`.

    The atoms are ordered by their text, so that equal conditions are equal whatever the order
    in which files were read.
    """

    __slots__ = ("__weakref__", "atom", "high", "low")

    ALWAYS: ClassVar["Guard"]
    NEVER: ClassVar["Guard"]

    atom: Final[str]
    high: Final["Guard"]
    low: Final["Guard"]

    def __init__(self, atom: str, high: "Guard | None", low: "Guard | None") -> None:
        """Not for callers: use `Guard.of`, which keeps each guard unique."""
        self.atom = atom
        self.high = high if high is not None else self
        self.low = low if low is not None else self

    @staticmethod
    def of(atom: str) -> "Guard":
        """The guard that holds when `atom` does. `atom` is shown to people as it is."""
        return _node(atom, Guard.ALWAYS, Guard.NEVER)

    @property
    def is_always(self) -> bool:
        return self is Guard.ALWAYS

    @property
    def is_never(self) -> bool:
        return self is Guard.NEVER

    def __bool__(self) -> bool:
        raise TypeError("a guard is neither true nor false: use is_always or is_never")

    def __and__(self, other: "Guard") -> "Guard":
        return _decide(self, other, Guard.NEVER)

    def __or__(self, other: "Guard") -> "Guard":
        return _decide(self, Guard.ALWAYS, other)

    def __invert__(self) -> "Guard":
        return _decide(self, Guard.NEVER, Guard.ALWAYS)

    def choose(self, if_true: "Guard", if_false: "Guard") -> "Guard":
        """`if_true` where this guard holds, `if_false` elsewhere."""
        return _decide(self, if_true, if_false)

    def implies(self, other: "Guard") -> bool:
        """Whether `other` holds wherever this does."""
        return (self & ~other).is_never

    def atoms(self) -> list[str]:
        """The atoms that this guard depends on, sorted."""
        seen: set[int] = set()
        found: set[str] = set()
        todo = [self]
        while todo:
            at = todo.pop()
            if at.high is at or id(at) in seen:
                continue
            seen.add(id(at))
            found.add(at.atom)
            todo += (at.high, at.low)
        return sorted({shown(atom) for atom in found})

    def __str__(self) -> str:
        """For people: `IsProd is false`, `A is true and B is false`, alternatives with `or`."""
        if self.is_always:
            return "always"
        if self.is_never:
            return "never"
        if (opposite := _negated(self)) is not None:
            return opposite
        ways = list(_paths(self, (), 5))
        if len(ways) > 4:
            atoms = self.atoms()
            some = ", ".join(atoms[:_MOST_ATOMS_SHOWN])
            return f"some combination of {some}" + (" and more" if len(atoms) > _MOST_ATOMS_SHOWN else "")
        return ", or ".join(" and ".join(way) for way in alternatives(ways))

    def __repr__(self) -> str:
        return f"Guard({self})"


def _negated(guard: Guard) -> str | None:
    """How people read a guard that only says that something does not have one value."""
    ways = _paths(~guard, (), 2)
    if len(ways) != 1:
        return None
    affirmed = [
        (atom, holds) for atom, holds in ways[0] if isinstance(atom, ValueAtom) and atom.affirms == holds
    ]
    if len(affirmed) != 1 or len(phrases(ways[0])) != 1:
        return None
    return affirmed[0][0].when_denied


# The ends compare after every atom, since an atom is never this text.
_END = "\U0010ffff"
Guard.ALWAYS = Guard(_END + "1", None, None)
Guard.NEVER = Guard(_END + "0", None, None)

_unique: WeakValueDictionary[tuple[str, int, int], Guard] = WeakValueDictionary()


def _node(atom: str, high: Guard, low: Guard) -> Guard:
    if high is low:
        return high
    key = (atom, id(high), id(low))
    found = _unique.get(key)
    if found is None:
        found = _unique[key] = Guard(atom, high, low)
    return found


class _TooLargeError(Exception):
    """The diagram of an operation's result is too large to work out."""


def _decide(test: Guard, then: Guard, otherwise: Guard) -> Guard:
    try:
        return _if_then_else(test, then, otherwise, {})
    except (_TooLargeError, RecursionError):
        atoms = sorted({*test.atoms(), *then.atoms(), *otherwise.atoms()})
        some = ", ".join(atoms[:_MOST_ATOMS_SHOWN])
        if len(atoms) > _MOST_ATOMS_SHOWN:
            some += f" and {len(atoms) - _MOST_ATOMS_SHOWN} more"
        # Different formulas over the same atoms are different atoms.
        return Guard.of(f"a combination of {some}\0{_digest(test, then, otherwise)}")


def _digest(*guards: Guard) -> str:
    """What tells these guards from all others, the same in every run."""
    names: dict[int, int] = {}
    lines: list[str] = []
    todo = list(guards)
    while todo:
        at = todo.pop()
        if id(at) in names:
            continue
        if at.high is not at and not (id(at.high) in names and id(at.low) in names):
            todo += (at, at.high, at.low)
            continue
        children = "" if at.high is at else f"{names[id(at.high)]} {names[id(at.low)]}"
        names[id(at)] = len(names)
        lines.append(f"{at.atom} {children}")
    lines.append(" ".join(str(names[id(guard)]) for guard in guards))
    return sha256("\n".join(lines).encode()).hexdigest()[:16]


def _if_then_else(
    test: Guard, then: Guard, otherwise: Guard, memo: dict[tuple[int, int, int], Guard]
) -> Guard:
    if test is Guard.ALWAYS or then is otherwise:
        return then
    if test is Guard.NEVER:
        return otherwise
    if then is Guard.ALWAYS and otherwise is Guard.NEVER:
        return test
    key = (id(test), id(then), id(otherwise))
    found = memo.get(key)
    if found is not None:
        return found
    if len(memo) > MOST_STEPS:
        raise _TooLargeError
    atom = min(test.atom, then.atom, otherwise.atom)
    high = _if_then_else(
        _branch(test, atom, True), _branch(then, atom, True), _branch(otherwise, atom, True), memo
    )
    low = _if_then_else(
        _branch(test, atom, False), _branch(then, atom, False), _branch(otherwise, atom, False), memo
    )
    found = memo[key] = _node(atom, high, low)
    return found


def _branch(node: Guard, atom: str, holds: bool) -> Guard:
    if node.atom != atom:
        return node
    return node.high if holds else node.low


def _paths(node: Guard, way: tuple[tuple[str, bool], ...], limit: int) -> list[tuple[tuple[str, bool], ...]]:
    """At most `limit` ways from `node` to ALWAYS, each as (atom, whether it holds)."""
    if node is Guard.ALWAYS:
        return [way]
    if node is Guard.NEVER:
        return []
    found = _paths(node.high, (*way, (node.atom, True)), limit)
    if len(found) < limit:
        found += _paths(node.low, (*way, (node.atom, False)), limit - len(found))
    return found
