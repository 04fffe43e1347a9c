"""Comparisons as guards: which of them can hold together.

`Env = prod` and `Env = dev` never both hold, and where `AllowedValues` lists only these two, one does.
That is built into the guards themselves: the second value of a symbol is "the second atom, and not
the first", the last of a complete list "none of the others". Whatever assignment of atoms is then tried,
it is one that a deployment can have.
"""

from collections.abc import Iterable, Mapping

from wa_scan.values import Guard, Symbol
from wa_scan.values.atoms import Subject, ValueAtom

MAX_ENUMERATED = 8
"""Allowed values up to which each is told apart; beyond it only those that are compared."""
MAX_EXCLUSIVE = 32
"""Values of one symbol that are known to exclude each other; further ones are independent atoms."""


class Equalities:
    """Guards for `symbol = literal`, one per pair, named as people know them.

    `allowed`: the values that a parameter may have, by the text of its symbol.
    """

    def __init__(self, allowed: Mapping[str, tuple[str, ...]]) -> None:
        self._allowed = dict(allowed)
        self._guards: dict[str, dict[str, Guard]] = {}
        self._names: dict[tuple[str, str], tuple[str, bool]] = {}
        self._pairs: dict[tuple[str, str], Guard] = {}

    def restrict(self, symbol: Symbol, allowed: tuple[str, ...]) -> None:
        """`symbol` has one of the values `allowed`. To be said before the first comparison."""
        self._allowed.setdefault(symbol.text, allowed)

    def name(self, one: str, other: str, name: str, holds: bool) -> None:
        """Call the comparison `one = other` after the condition that is it, or (`holds` false) its
        opposite. The first name stays; names come before the first comparison."""
        self._names.setdefault((one, other), (name, holds))

    def is_compared(self, symbol: Symbol, text: str) -> bool:
        """Whether a condition asks for `symbol = text`."""
        return text in self._guards.get(symbol.text, ())

    def is_asked(self, symbol: Symbol) -> bool:
        """Whether anything depends on which value `symbol` has."""
        return symbol.text in self._guards

    def values(self, symbol: Symbol) -> tuple[str, ...]:
        """All values that `symbol` may have, empty where they are not few."""
        allowed = self._allowed.get(symbol.text, ())
        return allowed if len(allowed) <= MAX_ENUMERATED else ()

    def values_under(self, symbol: Symbol, under: Guard) -> tuple[str, ...]:
        """All values that `symbol` may have where `under` holds, empty where they are not few."""
        return tuple(text for text in self.values(symbol) if not (under & self.equal(symbol, text)).is_never)

    def equal(self, symbol: Symbol, text: str) -> Guard:
        """When `symbol` has the value `text`."""
        known = self._guards.get(symbol.text)
        if known is None:
            known = self._guards[symbol.text] = self._enumerated(symbol.text)
        allowed = self._allowed.get(symbol.text)
        if allowed is not None and text not in allowed:
            return Guard.NEVER
        found = known.get(text)
        if found is None:
            found = self._atom(Subject(symbol.text), text, len(known))
            if len(known) < MAX_EXCLUSIVE:
                found = found & ~_any(known.values())
            known[text] = found
        return found

    def same(self, one: str, other: str) -> Guard:
        """When two values of which neither is known, as they display, are the same."""
        if one == other:
            return Guard.ALWAYS
        pair = (min(one, other), max(one, other))
        found = self._pairs.get(pair)
        if found is None:
            name, holds = self._names.get(pair) or self._names.get((pair[1], pair[0])) or ("", True)
            atom = Guard.of(name or f"{pair[0]} = {pair[1]}")
            found = self._pairs[pair] = atom if holds else ~atom
        return found

    def _enumerated(self, symbol: str) -> dict[str, Guard]:
        allowed = self._allowed.get(symbol, ())
        if not 0 < len(allowed) <= MAX_ENUMERATED:
            return {}
        named = [text for one, text in self._names if one == symbol and text in allowed]
        *others, last = dict.fromkeys([*named, *allowed])
        bare = Subject(symbol)
        subject = Subject(
            symbol,
            tuple(self._value_atom(bare, text, 0).shown for text in others),
            self._value_atom(bare, last, 0).when_affirmed,
        )
        guards: dict[str, Guard] = {}
        earlier = Guard.NEVER
        for position, text in enumerate(others):
            guards[text] = self._atom(subject, text, position) & ~earlier
            earlier = earlier | guards[text]
        guards[last] = ~earlier
        return guards

    def _atom(self, subject: Subject, text: str, position: int) -> Guard:
        atom = self._value_atom(subject, text, position)
        return Guard.of(atom) if atom.affirms else ~Guard.of(atom)

    def _value_atom(self, subject: Subject, text: str, position: int) -> ValueAtom:
        name, affirms = self._names.get((subject.name, text), (None, True))
        return ValueAtom.of(subject, text, position, name, affirms)


def _any(guards: Iterable[Guard]) -> Guard:
    found = Guard.NEVER
    for guard in guards:
        found = found | guard
    return found
