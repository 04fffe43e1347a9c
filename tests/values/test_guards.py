"""Guards mean what their formula means, for every formula and every assignment."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_scan.values import Guard

ATOMS = ("A", "B", "C", "D")
# A formula is an atom's name or (operator, operands...).
Formula = str | tuple[object, ...]

formulas: st.SearchStrategy[Formula] = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner),
        st.tuples(st.just("if"), inner, inner, inner),
    ),
    max_leaves=12,
)


def guard_of(formula: object) -> Guard:
    if isinstance(formula, str):
        return Guard.of(formula)
    assert isinstance(formula, tuple)
    operator, *operands = formula
    parts = [guard_of(operand) for operand in operands]
    if operator == "not":
        return ~parts[0]
    if operator == "and":
        return parts[0] & parts[1]
    if operator == "or":
        return parts[0] | parts[1]
    return parts[0].choose(parts[1], parts[2])


def holds(formula: object, world: dict[str, bool]) -> bool:
    if isinstance(formula, str):
        return world[formula]
    assert isinstance(formula, tuple)
    operator, *operands = formula
    parts = [holds(operand, world) for operand in operands]
    if operator == "not":
        return not parts[0]
    if operator == "and":
        return parts[0] and parts[1]
    if operator == "or":
        return parts[0] or parts[1]
    return parts[1] if parts[0] else parts[2]


def guard_holds(guard: Guard, world: dict[str, bool]) -> bool:
    while not (guard.is_always or guard.is_never):
        guard = guard.high if world[guard.atom] else guard.low
    return guard.is_always


WORLDS = [
    dict(zip(ATOMS, values, strict=True)) for values in itertools.product((False, True), repeat=len(ATOMS))
]


@given(formulas)
def test_a_guard_holds_where_its_formula_holds(formula: Formula) -> None:
    guard = guard_of(formula)
    assert [guard_holds(guard, world) for world in WORLDS] == [holds(formula, world) for world in WORLDS]


@given(formulas, formulas)
def test_guards_that_mean_the_same_are_the_same_object(one: Formula, other: Formula) -> None:
    same = all(holds(one, world) == holds(other, world) for world in WORLDS)
    assert (guard_of(one) is guard_of(other)) == same


@given(formulas, formulas)
def test_implication_is_found(one: Formula, other: Formula) -> None:
    implied = all(holds(other, world) for world in WORLDS if holds(one, world))
    assert guard_of(one).implies(guard_of(other)) == implied


def test_a_guard_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="is_always"):
        bool(Guard.of("A"))


@pytest.mark.parametrize(
    ("guard", "text"),
    [
        (Guard.ALWAYS, "always"),
        (Guard.NEVER, "never"),
        (Guard.of("IsProd"), "IsProd is true"),
        (~Guard.of("IsProd"), "IsProd is false"),
        (Guard.of("A") & ~Guard.of("B"), "A is true and B is false"),
        (~(Guard.of("A") & Guard.of("B")), "A is true and B is false, or A is false"),
    ],
)
def test_a_guard_reads_as_a_sentence(guard: Guard, text: str) -> None:
    assert str(guard) == text


def test_many_independent_conditions_are_decided() -> None:
    every = Guard.ALWAYS
    for number in range(200):
        every = every & ~Guard.of(f"C{number:03}")
    assert len(every.atoms()) == 200
    assert every.implies(~Guard.of("C117"))
    assert (every & Guard.of("C042")).is_never


def test_what_has_no_small_diagram_is_given_up_not_waited_for() -> None:
    # Pairs whose first atoms all come before the second ones: 2 ** 40 nodes if worked out.
    any_pair = Guard.NEVER
    for number in range(40):
        any_pair = any_pair | (Guard.of(f"A{number:02}") & Guard.of(f"B{number:02}"))
    assert not any_pair.is_always
    assert not any_pair.is_never
    assert "combination of" in str(any_pair)


def test_what_was_given_up_is_not_taken_for_something_else() -> None:
    pairs = [(Guard.of(f"A{number:02}"), Guard.of(f"B{number:02}")) for number in range(40)]
    both = either = Guard.NEVER
    for first, second in pairs:
        both = both | (first & second)
        either = either | (first & ~second)
    assert both is not either
    assert both.atoms() != []
    again = Guard.NEVER
    for first, second in pairs:
        again = again | (first & second)
    assert again is both


def test_a_thousand_conditions_do_not_exhaust_the_stack() -> None:
    every = Guard.ALWAYS
    for number in range(3_000):
        every = every & Guard.of(f"C{number:04}")
    assert not every.is_never
    assert str(every)
