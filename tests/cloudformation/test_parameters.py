"""What a parameter is, and what conditions on it are."""

from collections.abc import Callable

import pytest

from wa_scan.blocks import EvaluatedUnit
from wa_scan.values import Unknown
from wa_scan.values.kinds import Reason

UnitOf = Callable[..., EvaluatedUnit]
RESOURCES = "\nResources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      P: "


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("{Type: String, Default: a}", "Known('a')"),
        ("{Type: String, Default: true}", "Known('true')"),
        ("{Type: String, Default: 1}", "Known('1')"),
        ("{Type: String, Default: ''}", "Known('')"),
        ("{Type: Number, Default: 1}", "Known(1)"),
        ("{Type: Number, Default: '1.5'}", "Known(1.5)"),
        ("{Type: 'List<Number>', Default: '1,2'}", "ListValue([Known(1), Known(2)])"),
        ("{Type: CommaDelimitedList, Default: 'a, b'}", "ListValue([Known('a'), Known('b')])"),
        ("{Type: CommaDelimitedList, Default: ''}", "ListValue([])"),
        ("{Type: CommaDelimitedList}", "Unknown(X)"),
        ("{Type: String}", "Unknown(X)"),
        ("{Type: 'AWS::EC2::VPC::Id'}", "Unknown(X)"),
        ("{Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}", "Unknown(X)"),
        ("{Type: String, AllowedValues: [a]}", "Known('a')"),
        ("{Type: Number, AllowedValues: [1, 2]}", 'Choice(X is "1" ? Known(1) : Known(2))'),
        ("{Type: String, AllowedValues: [a, b, c, d, e, f, g, h, i]}", "Unknown(X)"),
        ("{Type: String, Default: '{{resolve:ssm:/a}}'}", "Unknown({{resolve:ssm:/a}})"),
    ],
)
def test_value(parameter: str, value: str, unit_of: UnitOf) -> None:
    unit = unit_of(f"Parameters:\n  X: {parameter}{RESOURCES}!Ref X\n")
    assert repr(unit.inputs["X"]) == value
    assert repr(unit.resources[0].body.get("P")) == value
    assert unit.problems == ()


@pytest.mark.parametrize(
    ("parameter", "condition", "exists"),
    [
        ("{Type: String, Default: a}", "!Equals [!Ref X, a]", "always"),
        ("{Type: String, Default: a}", "!Equals [!Ref X, b]", None),
        ("{Type: String, Default: true}", "!Equals [!Ref X, true]", "always"),
        ("{Type: Number, Default: 1}", "!Equals [!Ref X, '1']", "always"),
        ("{Type: String, Default: a, AllowedValues: [a, b]}", "!Equals [!Ref X, a]", "C is true"),
        ("{Type: String, Default: a, AllowedValues: [a]}", "!Equals [!Ref X, a]", "always"),
        ("{Type: String, Default: a, AllowedValues: [a, b]}", "!Equals [!Ref X, c]", None),
        ("{Type: String}", "!Equals [!Ref X, '']", "C is true"),
        ("{Type: String}", "!Not [!Equals ['', !Ref X]]", "C is true"),
        ("{Type: String}", "!Equals [!Ref X, !Ref X]", "always"),
        ("{Type: String}", "!Equals [!Ref X, !Ref 'AWS::Region']", "C is true"),
        ("{Type: String}", "!Equals [!Sub 'a-${X}', b]", None),
        ("{Type: 'AWS::SSM::Parameter::Value<String>', Default: a}", "!Equals [!Ref X, a]", "C is true"),
        ("{Type: 'List<String>'}", "!Equals [!Join ['', !Ref X], '']", "C is true"),
    ],
)
def test_condition(parameter: str, condition: str, exists: str | None, unit_of: UnitOf) -> None:
    unit = unit_of(
        f"Parameters:\n  X: {parameter}\nConditions:\n  C: {condition}{RESOURCES}1\n    Condition: C\n"
    )
    assert [str(resource.exists) for resource in unit.resources] == ([exists] if exists else [])
    assert unit.problems == ()


def test_value_from_outside(unit_of: UnitOf) -> None:
    text = (
        "Parameters:\n  X: {Type: String, Default: a, AllowedValues: [a, b]}\n"
        "Conditions:\n  C: !Equals [!Ref X, b]\n" + RESOURCES + "!If [C, !Ref X, 0]\n"
    )
    assert repr(unit_of(text, X="b").resources[0].body.get("P")) == "Known('b')"
    assert repr(unit_of(text, X="a", Other="z").resources[0].body.get("P")) == "Known(0)"


def test_pseudo_parameter_from_outside(unit_of: UnitOf) -> None:
    text = "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: {P: !Ref 'AWS::Region'}\n"
    unit = unit_of(text, **{"AWS::Region": "eu-west-1"})
    assert repr(unit.resources[0].body.get("P")) == "Known('eu-west-1')"


def test_reason_and_place(unit_of: UnitOf) -> None:
    section = "Parameters:\n  X: {Type: String}\n  Y: {Type: String, NoEcho: true, Default: hunter2}"
    unit = unit_of(section + RESOURCES + "1\n")
    value = unit.inputs["X"]
    assert isinstance(value, Unknown)
    assert value.reason is Reason.INPUT
    assert value.is_set().is_surely_true
    secret = unit.inputs["Y"].origin
    assert secret is not None
    assert (secret.text, secret.location) == ("parameter Y (NoEcho) default", ("t.yaml", 3, 35, 3, 51))


@pytest.mark.parametrize(
    ("section", "place"),
    [
        ("[1]", "t.yaml:1:13"),
        ("{X: 1}", "t.yaml:1:17"),
        ("{X: {Type: String, Default: {a: 1}}}", "t.yaml:1:41"),
    ],
)
def test_section_that_is_wrong(section: str, place: str, unit_of: UnitOf) -> None:
    unit = unit_of(f"Parameters: {section}{RESOURCES}1\n")
    assert [str(problem.location) for problem in unit.problems] == [place]
    assert len(unit.resources) == 1
