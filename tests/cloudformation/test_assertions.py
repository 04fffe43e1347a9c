"""The `Rules` section: assertions about one parameter say which values it may have."""

from collections.abc import Callable

import pytest

from wa_scan.blocks import EvaluatedUnit

Evaluated = Callable[..., EvaluatedUnit]

TEMPLATE = """
Parameters: {Env: {Type: String%s}, Other: {Type: String}}
Rules:
  Known: %s
Conditions:
  IsDev: !Equals [!Ref Env, dev]
  IsProd: !Equals [!Ref Env, prod]
  IsTest: !Equals [!Ref Env, test]
Resources:
  Dev: {Type: AWS::SNS::Topic, Condition: IsDev}
  Prod: {Type: AWS::SNS::Topic, Condition: IsProd}
  Test: {Type: AWS::SNS::Topic, Condition: IsTest}
"""

EVERY = {"Dev", "Prod", "Test"}


def exists(unit: EvaluatedUnit) -> dict[str, str]:
    assert unit.problems == ()
    return {each.address: str(each.exists) for each in unit.resources}


@pytest.mark.parametrize(
    ("rule", "addresses"),
    [
        ("{Assertions: [{Assert: !Contains [[dev, prod], !Ref Env]}]}", {"Dev", "Prod"}),
        ("{Assertions: [{Assert: !Equals [!Ref Env, prod]}]}", {"Prod"}),
        ("{Assertions: [{Assert: !Equals [prod, !Ref Env]}]}", {"Prod"}),
        (
            "{Assertions: [{Assert: !And [!Contains [[dev, prod], !Ref Env], !Contains [[x], !Ref Other]]}]}",
            {"Dev", "Prod"},
        ),
        (
            "{Assertions: [{Assert: !Contains [[dev, prod], !Ref Env]}, {Assert: !Equals [!Ref Env, dev]}]}",
            {"Dev"},
        ),
        # Not about one parameter alone, or not in every case.
        ("{Assertions: [{Assert: !Not [!Equals [!Ref Env, prod]]}]}", EVERY),
        ("{Assertions: [{Assert: !Or [!Equals [!Ref Env, prod], !Equals [!Ref Other, x]]}]}", EVERY),
        ("{Assertions: [{Assert: !Equals [!Ref Env, !Ref Other]}]}", EVERY),
        ("{RuleCondition: !Equals [!Ref Other, x], Assertions: [{Assert: !Equals [!Ref Env, prod]}]}", EVERY),
        ("[a]", EVERY),
        ("{Assertions: {Assert: x}}", EVERY),
        ("{Assertions: [{Assert: !Contains [[], !Ref Env]}, {Assert: !Contains x}, 1]}", EVERY),
    ],
)
def test_what_assertions_leave(rule: str, addresses: set[str], unit_of: Evaluated) -> None:
    assert set(exists(unit_of(TEMPLATE % ("", rule)))) == addresses


@pytest.mark.parametrize("default", ["", ", Default: dev"])
def test_assertions_are_like_allowed_values(default: str, unit_of: Evaluated) -> None:
    rule = "{Assertions: [{Assert: !Contains [[dev, prod], !Ref Env]}]}"
    listed = ", AllowedValues: [dev, prod, test]"
    by_rule = exists(unit_of(TEMPLATE % (default + listed, rule)))
    assert by_rule == exists(unit_of(TEMPLATE % (default + ", AllowedValues: [dev, prod]", "{}")))
    assert set(by_rule) == {"Dev", "Prod"}


def test_values_from_outside_and_refused_defaults_stay(unit_of: Evaluated) -> None:
    rule = "{Assertions: [{Assert: !Equals [!Ref Env, prod]}]}"
    assert set(exists(unit_of(TEMPLATE % ("", rule), Env="test"))) == {"Test"}
    assert set(exists(unit_of(TEMPLATE % (", Default: test", rule)))) == {"Test"}
