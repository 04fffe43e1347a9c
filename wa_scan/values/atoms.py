"""Atoms of guards that say which value something has, and how people read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_MOST_DENIALS = 4


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that has one value at a time (a parameter), of which several atoms speak.

    `complete`: where there are no other values than those of these atoms and one more, the
    atoms' texts; `last` is then how that one more is told ("Env is dev"). Else both are None.
    """

    name: str
    complete: tuple[str, ...] | None = None
    last: str | None = None


class ValueAtom(str):
    """The atom "`subject` has this one value", or (`affirms` false) its opposite.

    As text it is unique to its subject; `shown` is what people see, `when_true` and `when_false`
    how they read it. Of several atoms of one subject that hold at once, the one of the lowest
    `position` says which value it is.
    """

    __slots__ = ("affirms", "position", "shown", "subject", "value", "when_false", "when_true")

    shown: str
    subject: Subject
    value: str
    position: int
    affirms: bool
    when_true: str
    when_false: str

    @staticmethod
    def of(
        subject: Subject, value: str, position: int = 0, name: str | None = None, affirms: bool = True
    ) -> "ValueAtom":
        """An atom; `name` where it has one of its own, such as that of the condition `IsProd`."""
        shown = name or f'{subject.name} = "{value}"'
        key = (shown, value, str(position), str(affirms), subject.name, str(subject.complete))
        atom = ValueAtom("\0".join(key))
        atom.shown = shown
        atom.subject = subject
        atom.value = value
        atom.position = position
        atom.affirms = affirms
        atom.when_true = f"{name} is true" if name else f'{subject.name} is "{value}"'
        atom.when_false = f"{name} is false" if name else f'{subject.name} is not "{value}"'
        return atom

    @property
    def when_denied(self) -> str:
        """How people read that it is another value: which one, where there is only one other and this has
        no name of its own."""
        is_named = self.shown != f'{self.subject.name} = "{self.value}"'
        if self.subject.last is not None and self.subject.complete == (self.shown,) and not is_named:
            return self.subject.last
        return self.when_false if self.affirms else self.when_true

    @property
    def when_affirmed(self) -> str:
        return self.when_true if self.affirms else self.when_false


class Assumption(str):
    """The atom "what has a default has it", of which no report speaks: see `values/assumptions.py`.

    `literals`: by atom, what is so where it holds, in full.
    """

    __slots__ = ("literals", "shown")

    literals: Mapping[str, bool]
    shown: str

    @staticmethod
    def of(subject: str, literals: Mapping[str, bool]) -> "Assumption":
        # U+0001 sorts before all that people write, so that assumptions are decided first.
        key = "\0".join(f"{atom}\0{holds}" for atom, holds in sorted(literals.items()))
        atom = Assumption(f"\1{subject}\0{key}")
        atom.literals = literals
        atom.shown = f"{subject} has its default"
        return atom


def shown(atom: str) -> str:
    """An atom's text for people; what follows a NUL only keeps it apart from others."""
    if isinstance(atom, Assumption):
        return atom.shown
    return atom.shown if isinstance(atom, ValueAtom) else atom.partition("\0")[0]


Way = Iterable[tuple[str, bool]]
"""Atoms, each with whether it holds."""


def phrases(way: Way) -> list[str]:
    """How people read that each atom holds or not, without what the rest already says: who is told that
    Env is prod need not be told that it is not dev."""
    literals = list(way)
    affirmed: dict[Subject, ValueAtom] = {}
    denied: dict[Subject, list[ValueAtom]] = {}
    for atom, holds in literals:
        if isinstance(atom, ValueAtom):
            if atom.affirms != holds:
                denied.setdefault(atom.subject, []).append(atom)
            elif atom.subject not in affirmed or atom.position < affirmed[atom.subject].position:
                affirmed[atom.subject] = atom
    found: dict[str, None] = {}
    for atom, holds in literals:
        if not isinstance(atom, ValueAtom):
            found[f"{shown(atom)} is {'true' if holds else 'false'}"] = None
        elif atom.subject in affirmed:
            found[affirmed[atom.subject].when_affirmed] = None
        else:
            found.update(dict.fromkeys(_denials(atom.subject, denied[atom.subject])))
    return list(found)


def _denials(subject: Subject, atoms: list[ValueAtom]) -> list[str]:
    if subject.last is not None and 1 < len(subject.complete or ()) == len(atoms):
        return [subject.last]
    if len(atoms) > _MOST_DENIALS:
        some = ", ".join(f'"{atom.value}"' for atom in atoms[:2])
        return [f"{subject.name} is none of {some} and {len(atoms) - 2} more"]
    return [atom.when_denied for atom in atoms]


def alternatives(ways: Iterable[Way]) -> list[list[str]]:
    """The phrases of each way, without those ways that another one covers."""
    told = [phrases(way) for way in ways]
    found: list[list[str]] = []
    for index, some in enumerate(told):
        others = told[:index] + told[index + 1 :]
        if not any(set(other) < set(some) for other in others) and some not in found:
            found.append(some)
    return found
