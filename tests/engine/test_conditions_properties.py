"""Conditions over guarded values, against plain evaluation in every case of the guards."""

from collections.abc import Mapping
from itertools import product

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.hand_made import resource
from wa_scan.engine.conditions import Condition, compiled
from wa_scan.values import Absent, Choice, Guard, Known, Scalar, Symbol, Truth, Unknown, Value

ATOMS = ("IsProd", "IsLarge")
PROPERTIES = ("P", "Q")
SCALARS: tuple[Scalar, ...] = (True, False, 0, 1, 7, "", "gp2", "gp3")

leaves = st.one_of(
    st.sampled_from(SCALARS).map(lambda data: Known(data)),
    st.just(Absent(None)),
    st.just(Unknown(Symbol("var.x"))),
)
values = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda atom, yes, no: Choice(Guard.of(atom), yes, no), st.sampled_from(ATOMS), inner, inner
    ),
    max_leaves=4,
)
scalars = st.sampled_from(SCALARS)
tests = st.one_of(
    st.fixed_dictionaries({"property": st.sampled_from(PROPERTIES), "equals": scalars}),
    st.fixed_dictionaries({"property": st.sampled_from(PROPERTIES), "not_equals": scalars}),
    st.fixed_dictionaries({"property": st.sampled_from(PROPERTIES), "in": st.lists(scalars, max_size=3)}),
    st.fixed_dictionaries({"property": st.sampled_from(PROPERTIES), "set": st.booleans()}),
    st.fixed_dictionaries({"property": st.sampled_from(PROPERTIES), "at_least": st.sampled_from((1, 5))}),
    st.fixed_dictionaries({"property": st.sampled_from(PROPERTIES), "at_most": st.sampled_from((1, 5))}),
    st.fixed_dictionaries({"property": st.sampled_from(PROPERTIES), "matches": st.just("^gp[23]$")}),
)
conditions = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=6,
)


@given(conditions, st.fixed_dictionaries(dict.fromkeys(PROPERTIES, values)))
def test_a_condition_is_right_in_every_case(written: object, properties: dict[str, Value]) -> None:
    test = compiled(msgspec.convert(written, Condition), "require", every=True)
    truth = test.judge(resource(properties)).truth
    for outcomes in product((True, False), repeat=len(ATOMS)):
        case = dict(zip(ATOMS, outcomes, strict=True))
        plain = {name: resolved(value, case) for name, value in properties.items()}
        assert in_case(truth, case) == plainly(written, plain)


def resolved(value: Value, case: Mapping[str, bool]) -> Value:
    while isinstance(value, Choice):
        value = value.if_true if case[value.guard.atom] else value.if_false
    return value


def in_case(truth: Truth, case: Mapping[str, bool]) -> bool | None:
    here = Guard.ALWAYS
    for atom, holds in case.items():
        here = here & (Guard.of(atom) if holds else ~Guard.of(atom))
    if here.implies(truth.true):
        return True
    assert here.implies(truth.unknown) or here.implies(truth.false)
    return None if here.implies(truth.unknown) else False


def plainly(written: object, properties: Mapping[str, Value]) -> bool | None:
    """Kleene's logic over plain values, written without any of the code under test."""
    assert isinstance(written, dict)
    if "all" in written or "any" in written:
        parts = [plainly(part, properties) for part in written.get("all") or written["any"]]
        decides = "any" in written
        return decides if decides in parts else None if None in parts else not decides
    if "not" in written:
        inner = plainly(written["not"], properties)
        return None if inner is None else not inner
    value = properties[written["property"]]
    if isinstance(value, Unknown):
        return None
    data = value.data if isinstance(value, Known) else None
    number = data if isinstance(data, int) and not isinstance(data, bool) else None
    for operator, wanted in written.items():
        match operator:
            case "equals":
                return same(data, wanted)
            case "not_equals":
                return not same(data, wanted)
            case "in":
                return any(same(data, one) for one in wanted)
            case "set":
                return (data is not None and data != "") is wanted
            case "at_least":
                return number is not None and number >= wanted
            case "at_most":
                return number is not None and number <= wanted
            case "matches":
                return data in ("gp2", "gp3")
    raise AssertionError(written)


def same(data: object, wanted: object) -> bool:
    return type(data) is type(wanted) and data == wanted
