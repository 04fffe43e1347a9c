"""Values that CloudFormation would refuse, and none that it would take."""

from collections.abc import Callable

import pytest

from wa_scan.blocks import EvaluatedUnit

UnitOf = Callable[..., EvaluatedUnit]
RESOURCES = "\nResources: {A: {Type: AWS::S3::Bucket}}\n"


@pytest.mark.parametrize(
    ("parameter", "value", "reason"),
    [
        ("{Type: Number}", "x", "is not a number: 'x'"),
        ("{Type: Number, MinValue: 2}", "1", "is below its MinValue: '1'"),
        ("{Type: Number, MaxValue: 2}", "2.5", "is above its MaxValue: '2.5'"),
        ("{Type: String, MinLength: 2}", "a", "has a length below its MinLength: 'a'"),
        ("{Type: String, MaxLength: 2}", "abc", "has a length above its MaxLength: 'abc'"),
        ("{Type: String, AllowedValues: [a, true]}", "b", "is none of its AllowedValues: 'b'"),
        ("{Type: String, AllowedPattern: '[a-z]*'}", "a1", "does not match its AllowedPattern: 'a1'"),
        ("{Type: 'List<Number>'}", "1, x", "is not a number: 'x'"),
        ("{Type: CommaDelimitedList, AllowedValues: [a]}", "a,b", "is none of its AllowedValues: 'b'"),
        (
            "{Type: 'AWS::EC2::VPC::Id'}",
            "subnet-1",
            "is not an AWS::EC2::VPC::Id, which begins with vpc-: 'subnet-1'",
        ),
        (
            "{Type: 'List<AWS::EC2::Subnet::Id>'}",
            "subnet-1,vpc-1",
            "is not an AWS::EC2::Subnet::Id, which begins with subnet-: 'vpc-1'",
        ),
        ("{Type: String, NoEcho: true, MinLength: 20}", "hunter2", "has a length below its MinLength"),
    ],
)
def test_refused(parameter: str, value: str, reason: str, unit_of: UnitOf) -> None:
    unit = unit_of(f"Parameters:\n  X: {parameter}{RESOURCES}", X=value)
    assert [(p.message, str(p.location)) for p in unit.problems] == [
        (f"The value of the parameter X {reason}.", "t.yaml:2:3")
    ]
    assert len(unit.resources) == 1


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("{Type: Number, MinValue: 2, MaxValue: 2}", "2"),
        ("{Type: Number, AllowedValues: [1, 2]}", "2"),
        ("{Type: String, AllowedValues: [true]}", "true"),
        ("{Type: String, AllowedPattern: '[a-z]+', MinLength: 1}", "abc"),
        ("{Type: String, AllowedPattern: '(((['}", "abc"),
        ("{Type: String, AllowedPattern: '\\p{Alpha}+'}", "abc"),
        ("{Type: CommaDelimitedList, AllowedValues: [a, b]}", "b, a"),
        ("{Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>'}", "/ami"),
        ("{Type: 'AWS::EC2::KeyPair::KeyName'}", "key"),
        (r"{Type: String, AllowedPattern: '(\d{1,3}\.){3}\d{1,3}/(\d|[1-2]\d|3[0-2])'}", "10.0.0.0/16"),
    ],
)
def test_taken(parameter: str, value: str, unit_of: UnitOf) -> None:
    assert unit_of(f"Parameters:\n  X: {parameter}{RESOURCES}", X=value).problems == ()


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b",
        "(a*)*b",
        "(a|aa)+b",
        "(a|a){30}b",
        "(a?){30}b",
        "((a{1,30}){1,30}){1,30}b",
        "a*" * 20 + "b",
        ".*" * 30,
    ],
)
def test_a_pattern_that_could_run_for_ever_is_not_tried(pattern: str, unit_of: UnitOf) -> None:
    text = f"Parameters:\n  X: {{Type: String, AllowedPattern: '{pattern}'}}{RESOURCES}"
    assert unit_of(text, X="a" * 60).problems == ()


def test_what_was_looked_up_is_the_value(unit_of: UnitOf) -> None:
    from wa_scan.cloudformation.given_values import GivenText
    from wa_scan.values import Location, Origin

    origin = Origin(Location("p.json", 3, 1, 3, 9), "X in p.json")
    unit = unit_of(
        "Parameters:\n  X: {Type: 'AWS::SSM::Parameter::Value<List<String>>'}" + RESOURCES,
        X=GivenText.of("/names", origin, "a,b"),
    )
    assert repr(unit.inputs["X"]) == "ListValue([Known('a'), Known('b')])"
