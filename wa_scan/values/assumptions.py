"""Values that hold unless a deployment says otherwise: what a default is, where conditions ask for more.

A parameter's default is its value. Where conditions ask which value it has, however, they are judged
for all values, and the default does not hold under those that exclude it. There it is a choice: the
default under an assumption, else what is sure whatever the value. The assumption is an atom of its own,
which is the same as the comparison with the default but goes without saying.
"""

from collections.abc import Mapping

from wa_scan.values.atoms import Assumption
from wa_scan.values.guards import Guard


def assumed(subject: str, definition: Guard) -> Guard:
    """The guard "`subject` has its default", which it has under `definition`: a conjunction of atoms and
    opposites of atoms, such as every comparison of a parameter with a value is."""
    literals: dict[str, bool] = {}
    at = definition
    while not at.is_always:
        holds = at.low.is_never
        if not holds and not at.high.is_never:
            raise ValueError(f"{definition} is not a conjunction")
        literals[at.atom] = holds
        at = at.high if holds else at.low
    return Guard.of(Assumption.of(subject, literals))


def is_assumption(guard: Guard) -> bool:
    """Whether `guard` is a conjunction of assumptions."""
    while isinstance(guard.atom, Assumption) and guard.low.is_never:
        guard = guard.high
        if guard.is_always:
            return True
    return False


def settled(guard: Guard) -> Guard:
    """`guard` without assumptions.

    What holds by an assumption holds where that can be, and needs no mention of it. What holds
    only against an assumption, because of a value that is not the default, is left out.
    """
    # Their text makes assumptions the first atoms of every diagram.
    while isinstance(guard.atom, Assumption):
        always = guard.high & guard.low
        guard = always | given(guard.high & ~guard.low, guard.atom.literals)
    return guard


def is_ruled_out(guard: Guard, under: Guard) -> bool:
    """Whether `guard` is a conjunction of assumptions that cannot hold where `under` does."""
    if under.is_always or not is_assumption(guard):
        return False
    while isinstance(guard.atom, Assumption):
        under = given(under, guard.atom.literals)
        guard = guard.high
    return under.is_never


def given(guard: Guard, literals: Mapping[str, bool]) -> Guard:
    """`guard` where each of these atoms is known to hold or not."""
    found: dict[int, Guard] = {}

    def of(at: Guard) -> Guard:
        if at.is_always or at.is_never:
            return at
        result = found.get(id(at))
        if result is None:
            holds = literals.get(at.atom)
            if holds is None:
                result = Guard.of(at.atom).choose(of(at.high), of(at.low))
            else:
                result = of(at.high if holds else at.low)
            found[id(at)] = result
        return result

    return of(guard)
