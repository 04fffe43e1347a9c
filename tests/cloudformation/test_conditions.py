"""Conditions as guards: exact against enumeration, and fast."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.work import calls_in
from wa_scan.blocks import EvaluatedUnit
from wa_scan.cloudformation.evaluate import EvaluateOptions, evaluate_text
from wa_scan.values import Choice, Guard, Value

UnitOf = Callable[..., EvaluatedUnit]

# Env may be one of three; Kind anything; conditions are over the literals below.
ENV = ("dev", "test", "prod")
KIND = ("", "a", "b")
ANY_OTHER = "something else"

parameters = {
    "Env": {"Type": "String", "AllowedValues": list(ENV)},
    "Kind": {"Type": "String"},
}
comparisons = st.one_of(
    st.sampled_from(ENV).map(lambda text: {"Fn::Equals": [{"Ref": "Env"}, text]}),
    st.sampled_from(KIND).map(lambda text: {"Fn::Equals": [text, {"Ref": "Kind"}]}),
)


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        inner.map(lambda one: {"Fn::Not": [one]}),
        several.map(lambda some: {"Fn::And": some}),
        several.map(lambda some: {"Fn::Or": some}),
    )


trees = st.recursive(comparisons, combined, max_leaves=6)


def holds(tree: Any, env: str, kind: str, conditions: Mapping[str, Any]) -> bool:
    """What CloudFormation makes of a condition."""
    ((function, argument),) = tree.items()
    if function == "Condition":
        return holds(conditions[argument], env, kind, conditions)
    if function == "Fn::Equals":
        one, other = ({"Env": env, "Kind": kind}[x["Ref"]] if isinstance(x, dict) else x for x in argument)
        return bool(one == other)
    results = [holds(item, env, kind, conditions) for item in argument]
    if function == "Fn::Not":
        return not results[0]
    return all(results) if function == "Fn::And" else any(results)


def outcomes(value: Value) -> set[object]:
    return {leaf.scalar for leaf, _ in value.alternatives()}


@settings(max_examples=150, deadline=None)
@given(st.lists(trees, min_size=2, max_size=4), st.data())
def test_like_enumeration(written: list[Any], data: st.DataObject) -> None:
    """The outcomes of a property are those of all deployments; guards are consistent among them."""
    names = [f"C{index}" for index in range(len(written))]
    conditions = dict(zip(names, written, strict=True))
    conditions["Last"] = {"Fn::And": [{"Condition": names[0]}, {"Fn::Not": [{"Condition": names[1]}]}]}
    order = data.draw(st.permutations(list(conditions)))
    nested: Any = "none"
    for name in order:
        nested = {"Fn::If": [name, {"Fn::If": [order[0], f"{name}+", f"{name}-"]}, nested]}
    template = {
        "Parameters": parameters,
        "Conditions": {name: conditions[name] for name in order},
        "Resources": {
            "A": {"Type": "AWS::S3::Bucket", "Condition": "Last", "Properties": {"P": nested}},
            "B": {"Type": "AWS::S3::Bucket", "Properties": {"P": nested}},
        },
    }
    unit = evaluate_text(yaml.safe_dump(template, sort_keys=False), "t.yaml")
    assert unit.problems == ()
    found = {resource.address: resource for resource in unit.resources}

    expected: dict[str, set[object]] = {"A": set(), "B": set()}
    for env, kind in product(ENV, (*KIND, ANY_OTHER)):
        verdicts = {name: holds(conditions[name], env, kind, conditions) for name in conditions}
        # The innermost `Fn::If` was made first: the last name in order is asked first.
        first = next((name for name in reversed(order) if verdicts[name]), None)
        outcome = "none" if first is None else f"{first}{'+' if verdicts[order[0]] else '-'}"
        expected["B"].add(outcome)
        if verdicts["Last"]:
            expected["A"].add(outcome)
    assert outcomes(found["B"].body.get("P")) == expected["B"]
    assert ("A" in found) == bool(expected["A"])
    if expected["A"]:
        assert outcomes(found["A"].body.get("P")) == expected["A"]


@settings(max_examples=50, deadline=None)
@given(trees, st.sampled_from(ENV), st.sampled_from((*KIND, ANY_OTHER)))
def test_with_values_given(tree: Any, env: str, kind: str) -> None:
    template = {
        "Parameters": parameters,
        "Conditions": {"C": tree},
        "Resources": {"A": {"Type": "AWS::S3::Bucket", "Condition": "C"}},
    }
    options = EvaluateOptions({"Env": env, "Kind": kind})
    unit = evaluate_text(yaml.safe_dump(template), "t.yaml", options)
    assert bool(unit.resources) is holds(tree, env, kind, {})
    assert all(resource.exists is Guard.ALWAYS for resource in unit.resources)


def test_conditions_that_exclude_each_other(unit_of: UnitOf) -> None:
    unit = unit_of("""
Parameters: {Env: {Type: String}}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsDev: !Equals [!Ref Env, dev]
  Both: !And [!Condition IsProd, !Condition IsDev]
  Either: !Or [!Condition IsProd, !Condition IsDev]
Resources:
  Prod: {Type: AWS::S3::Bucket, Condition: IsProd}
  Dev: {Type: AWS::S3::Bucket, Condition: IsDev}
  Impossible: {Type: AWS::S3::Bucket, Condition: Both}
  Some: {Type: AWS::S3::Bucket, Condition: Either}
""")
    exists = {resource.address: resource.exists for resource in unit.resources}
    assert set(exists) == {"Prod", "Dev", "Some"}
    assert str(exists["Prod"]) == "IsProd is true"
    assert (exists["Prod"] & exists["Dev"]).is_never
    assert exists["Dev"].implies(exists["Some"])


def test_conditions_named_before_they_are_written(unit_of: UnitOf) -> None:
    unit = unit_of("""
Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
Conditions:
  First: !Not [!Condition Later]
  Later: !Equals [!Ref Env, prod]
Resources:
  A: {Type: AWS::S3::Bucket, Condition: First}
""")
    assert [str(resource.exists) for resource in unit.resources] == ["Later is false"]


def _of_many_conditions(count: int) -> str:
    names = range(count)
    lines = ["Parameters:", *(f"  P{n}: {{Type: String}}" for n in names), "Conditions:"]
    lines += [f"  C{n}: !Equals [!Ref P{n}, x]" for n in names]
    lines.append("Resources:")
    for n in names:
        nested = "x"
        for level in range(8):
            nested = f"!If [C{(n + level) % count}, {nested}, o{level}]"
        joined = ", ".join(f"!If [C{m}, a, b]" for m in names)
        lines += [
            f"  R{n}:",
            "    Type: AWS::S3::Bucket",
            f"    Condition: C{n}",
            f"    Properties: {{A: {nested}, B: !Join ['', [{joined}]]}}",
        ]
    return "\n".join(lines) + "\n"


def test_work_grows_with_the_template_however_many_conditions() -> None:
    unit = evaluate_text(_of_many_conditions(40), "t.yaml")
    assert len(unit.resources) == 40
    assert unit.problems == ()

    def work(template: str) -> int:
        return calls_in(lambda: evaluate_text(template, "t.yaml"))

    short, long = _of_many_conditions(20), _of_many_conditions(40)
    assert work(long) / work(short) < 1.2 * len(long) / len(short)


def test_condition_that_depends_on_too_much_stands_for_itself(unit_of: UnitOf) -> None:
    pairs = 30
    lines = ["Parameters:", *(f"  P{n}: {{Type: String}}" for n in range(2 * pairs)), "Conditions:"]
    lines += [f"  A{n}: !Equals [!Ref P{n}, x]" for n in range(2 * pairs)]
    lines += [f"  D{n}: !And [!Condition A{n}, !Condition A{n + pairs}]" for n in range(pairs)]
    lines.append("  Z: !Or [" + ", ".join(f"!Condition D{n}" for n in range(pairs)) + "]")
    lines += ["Resources:", "  A: {Type: AWS::S3::Bucket, Condition: Z}"]
    unit = unit_of("\n".join(lines) + "\n")
    assert [str(resource.exists) for resource in unit.resources] == ["Z is true"]
    assert [problem.kind.value for problem in unit.problems] == ["limit-reached"]


ENVIRONMENTS = """
Parameters:
  Env: {Type: String, AllowedValues: [dev, test, prod, demo]}
  Size: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  NotDev: !Not [!Equals [!Ref Env, dev]]
  Dev: !Not [!Condition NotDev]
  NotProd: !Not [!Condition IsProd]
  Demo: !Or [!Equals [!Ref Env, demo], !Equals [!Ref Env, demo]]
  Test: !And [!Equals [!Ref Env, test], !Equals [!Ref Env, test]]
  Real: !Or [!Condition IsProd, !Condition Test]
  NotTest: !Not [!Condition Test]
  Large: !Equals [!Ref Size, large]
  Small: !And [!Equals [!Ref Size, small], !Equals [!Ref Size, small]]
  NotSmall: !Not [!Condition Small]
  SmallOrLarge: !Or [!Condition Large, !Condition Small]
  SmallDemo: !And [!Condition Small, !Condition Demo]
Resources:
"""


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("IsProd", "IsProd is true"),
        ("NotProd", "IsProd is false"),
        ("Dev", "NotDev is false"),
        ("NotDev", "NotDev is true"),
        ("Test", 'Env is "test"'),
        ("NotTest", 'Env is not "test"'),
        ("Demo", 'Env is "demo"'),
        ("Real", 'IsProd is true, or Env is "test"'),
        ("Large", "Large is true"),
        ("Small", 'Size is "small"'),
        ("NotSmall", 'Size is not "small"'),
        ("SmallOrLarge", 'Large is true, or Size is "small"'),
        ("SmallDemo", 'Env is "demo" and Size is "small"'),
    ],
)
def test_how_people_read_a_condition(condition: str, text: str, unit_of: UnitOf) -> None:
    (resource,) = unit_of(f"{ENVIRONMENTS}  A: {{Type: AWS::S3::Bucket, Condition: {condition}}}\n").resources
    assert str(resource.exists) == text


def test_the_same_name_for_another_comparison_is_another_condition(unit_of: UnitOf) -> None:
    text = "Parameters: {{Env: {{Type: String}}}}\nConditions:\n  C: !Equals [!Ref Env, {}]\nResources:\n"
    text += "  A: {{Type: AWS::S3::Bucket, Condition: C}}\n"
    guards = [unit_of(text.format(value)).resources[0].exists for value in ("prod", "dev", "prod")]
    assert guards[0] is guards[2] is not guards[1]
    assert {str(guard) for guard in guards} == {"C is true"}


@pytest.mark.parametrize(
    "computed",
    [
        "!Select [1, !Split ['-', !Sub 'a-${Env}']]",
        "!Select [0, !Split ['-', !Ref Env]]",
        "!Join ['', !Split ['x', !Sub 'x${Env}']]",
    ],
)
def test_what_is_made_of_a_parameter_is_decided_by_its_value(computed: str, unit_of: UnitOf) -> None:
    text = (
        "Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}\n"
        f"Conditions: {{IsProd: !Equals [!Ref Env, prod], Made: !Equals [{computed}, prod]}}\n"
        "Resources: {A: {Type: AWS::S3::Bucket, Condition: Made}}\n"
    )
    assert str(unit_of(text).resources[0].exists) == "IsProd is true"


def test_of_two_values_the_other_one_is_told(unit_of: UnitOf) -> None:
    text = (
        "Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}\n"
        "Resources: {A: {Type: AWS::S3::Bucket, Properties: {P: !Equals [!Ref Env, prod]}}}\n"
    )
    value = unit_of(text).resources[0].body.get("P")
    assert isinstance(value, Choice)
    assert (str(value.guard), str(~value.guard)) == ('Env is "prod"', 'Env is "dev"')
