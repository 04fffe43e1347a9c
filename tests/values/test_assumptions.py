"""Assumptions: what holds because of a default holds only where there can be that default."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_scan.values import Guard, assumed, is_assumption, is_ruled_out, settled

NAMES = ("a", "b", "c", "d")
ATOMS = {name: Guard.of(name) for name in NAMES}
# Two parameters: one has its default where a is and b is not, the other where c is not.
DEFINITIONS = {"One": ATOMS["a"] & ~ATOMS["b"], "Two": ~ATOMS["c"]}
ASSUMPTIONS = {name: assumed(name, definition) for name, definition in DEFINITIONS.items()}

Assignment = dict[str, bool]
ASSIGNMENTS = [dict(zip(NAMES, values, strict=True)) for values in product((False, True), repeat=4)]


def under(guard: Guard, atoms: Assignment, assumptions: Assignment) -> bool:
    """What `guard` is where these atoms hold or not."""
    for name, holds in assumptions.items():
        guard = guard & (ASSUMPTIONS[name] if holds else ~ASSUMPTIONS[name])
    for name, holds in atoms.items():
        guard = guard & (ATOMS[name] if holds else ~ATOMS[name])
    return not guard.is_never


def really(guard: Guard, atoms: Assignment) -> bool:
    """What `guard` is where each assumption is what its definition says."""
    meant = {"One": atoms["a"] and not atoms["b"], "Two": not atoms["c"]}
    return under(guard, atoms, meant)


def with_default(atoms: Assignment, name: str) -> Assignment:
    return {**atoms, "a": True, "b": False} if name == "One" else {**atoms, "c": False}


guards = st.recursive(
    st.sampled_from([*ATOMS.values(), *ASSUMPTIONS.values()]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: two[0] & two[1]),
        st.tuples(inner, inner).map(lambda two: two[0] | two[1]),
    ),
    max_leaves=8,
)
plain = st.recursive(
    st.sampled_from(list(ATOMS.values())),
    lambda inner: st.one_of(
        inner.map(lambda one: ~one), st.tuples(inner, inner).map(lambda two: two[0] & two[1])
    ),
    max_leaves=6,
)


@given(guards, plain)
def test_settled_is_what_is_with_the_defaults(assuming: Guard, condition: Guard) -> None:
    """Nothing is lost that is so; nothing holds that is so neither here nor with a default in place."""
    guard = assuming & condition
    shown = settled(guard)
    assert shown.atoms() == sorted({*shown.atoms()} & set(NAMES))
    for atoms in ASSIGNMENTS:
        one, two = with_default(atoms, "One"), with_default(atoms, "Two")
        near = (atoms, one, two, with_default(one, "Two"))
        if really(guard, atoms):
            assert under(shown, atoms, {})
        if under(shown, atoms, {}):
            assert any(really(guard, each) for each in near)


@given(plain)
def test_without_assumptions_nothing_changes(guard: Guard) -> None:
    assert settled(guard) is guard


@pytest.mark.parametrize(
    ("guard", "shown"),
    [
        (ASSUMPTIONS["One"], Guard.ALWAYS),
        (ASSUMPTIONS["One"] & ATOMS["d"], ATOMS["d"]),
        (ASSUMPTIONS["One"] & ~ATOMS["a"], Guard.NEVER),
        (ASSUMPTIONS["One"] & ATOMS["a"], Guard.ALWAYS),
        (~ASSUMPTIONS["One"], Guard.NEVER),
        (~ASSUMPTIONS["One"] | ATOMS["d"], ATOMS["d"]),
        (ATOMS["b"] | ASSUMPTIONS["One"] & ATOMS["d"], ATOMS["b"] | ATOMS["d"]),
        (ATOMS["b"] | ASSUMPTIONS["One"] & ATOMS["b"], ATOMS["b"]),
        (ASSUMPTIONS["One"] & ASSUMPTIONS["Two"] & ATOMS["c"], Guard.NEVER),
        (ASSUMPTIONS["One"] & ASSUMPTIONS["Two"] & ATOMS["d"], ATOMS["d"]),
    ],
    ids=str,
)
def test_settled(guard: Guard, shown: Guard) -> None:
    assert settled(guard) is shown


def test_what_is_an_assumption() -> None:
    one, two = ASSUMPTIONS.values()
    assert all(map(is_assumption, (one, two, one & two)))
    assert not any(map(is_assumption, (~one, one | two, one & ATOMS["a"], ATOMS["a"], Guard.ALWAYS)))


def test_what_rules_an_assumption_out() -> None:
    (name, definition), *_ = DEFINITIONS.items()
    assumption = ASSUMPTIONS[name]
    assert is_ruled_out(assumption, ~definition)
    assert not is_ruled_out(assumption, Guard.ALWAYS)
    assert not is_ruled_out(assumption, definition)
    assert not is_ruled_out(definition, ~definition)


def test_only_a_conjunction_defines_an_assumption() -> None:
    with pytest.raises(ValueError, match="is not a conjunction"):
        assumed("One", ATOMS["a"] | ATOMS["b"])
