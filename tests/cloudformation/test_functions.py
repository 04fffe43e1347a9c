"""Every intrinsic function in both spellings and both formats."""

from collections.abc import Callable
from typing import Any

import pytest

from wa_scan.cloudformation.evaluate import evaluate_text
from wa_scan.errors import ProblemLevel
from wa_scan.values import Choice, Known, ListValue, Symbol, Unknown, Value

NO_VALUE = {"Ref": "AWS::NoValue"}

# What it is called, the short form, the long form, the value.
CASES: list[tuple[str, str, Any, str]] = [
    ("Ref default", "!Ref Name", {"Ref": "Name"}, "Known('shop')"),
    ("Ref number", "!Ref Count", {"Ref": "Count"}, "Known(3)"),
    ("Ref input", "!Ref Key", {"Ref": "Key"}, "Unknown(Key)"),
    ("Ref list", "!Ref Zones", {"Ref": "Zones"}, "ListValue([Known('a'), Known('b'), Known('c')])"),
    ("Ref SSM", "!Ref Image", {"Ref": "Image"}, "Unknown(Image)"),
    (
        "Ref allowed values",
        "!Ref Size",
        {"Ref": "Size"},
        "Choice(Size is \"small\" ? Known('small') : Known('large'))",
    ),
    ("Ref resource", "!Ref Queue", {"Ref": "Queue"}, "Unknown(Queue)"),
    ("Ref pseudo parameter", "!Ref AWS::Region", {"Ref": "AWS::Region"}, "Unknown(AWS::Region)"),
    ("Ref no value", "!Ref AWS::NoValue", NO_VALUE, "Known(None)"),
    ("GetAtt", "!GetAtt Queue.Arn", {"Fn::GetAtt": ["Queue", "Arn"]}, "Unknown(Queue.Arn)"),
    ("GetAtt text", "!GetAtt [Queue, Arn]", {"Fn::GetAtt": "Queue.Arn"}, "Unknown(Queue.Arn)"),
    ("GetAtt nested", "!GetAtt Queue.A.B", {"Fn::GetAtt": ["Queue", "A.B"]}, "Unknown(Queue.A.B)"),
    ("Sub known", '!Sub "${Name}-${Env}"', {"Fn::Sub": "${Name}-${Env}"}, "Known('shop-dev')"),
    (
        "Sub partly known",
        '!Sub "arn:${AWS::Partition}:s3:::${Name}/${Queue.Arn}"',
        {"Fn::Sub": "arn:${AWS::Partition}:s3:::${Name}/${Queue.Arn}"},
        "Text('arn:${AWS::Partition}:s3:::shop/${Queue.Arn}')",
    ),
    ("Sub literal", '!Sub "${!Name}"', {"Fn::Sub": "${!Name}"}, "Known('${Name}')"),
    (
        "Sub variables",
        '!Sub ["${a}-${Name}", {a: !Ref Count}]',
        {"Fn::Sub": ["${a}-${Name}", {"a": {"Ref": "Count"}}]},
        "Known('3-shop')",
    ),
    ("Sub one unknown", '!Sub "${Queue}"', {"Fn::Sub": "${Queue}"}, "Unknown(Queue)"),
    ("Join", "!Join [-, [a, !Ref Name]]", {"Fn::Join": ["-", ["a", {"Ref": "Name"}]]}, "Known('a-shop')"),
    (
        "Join partly known",
        "!Join [':', [a, !Ref Queue, b, c]]",
        {"Fn::Join": [":", ["a", {"Ref": "Queue"}, "b", "c"]]},
        "Text('a:${Queue}:b:c')",
    ),
    ("Join a list", "!Join ['/', !Ref Zones]", {"Fn::Join": ["/", {"Ref": "Zones"}]}, "Known('a/b/c')"),
    (
        "Join an unknown list",
        "!Join [',', !Ref Subnets]",
        {"Fn::Join": [",", {"Ref": "Subnets"}]},
        'Unknown(Fn::Join "," Subnets)',
    ),
    (
        "Join without what is not there",
        "!Join [',', [a, !Ref AWS::NoValue, b]]",
        {"Fn::Join": [",", ["a", NO_VALUE, "b"]]},
        "Known('a,b')",
    ),
    ("Select", "!Select [1, [a, b]]", {"Fn::Select": [1, ["a", "b"]]}, "Known('b')"),
    ("Select of a text", "!Select ['0', !Ref Zones]", {"Fn::Select": ["0", {"Ref": "Zones"}]}, "Known('a')"),
    (
        "Select of unknown",
        "!Select [1, !Ref Subnets]",
        {"Fn::Select": [1, {"Ref": "Subnets"}]},
        "Unknown(Subnets[1])",
    ),
    (
        "Select of split",
        "!Select [1, !Split ['-', !Sub 'x-${Name}']]",
        {"Fn::Select": [1, {"Fn::Split": ["-", {"Fn::Sub": "x-${Name}"}]}]},
        "Known('shop')",
    ),
    ("Split", "!Split ['.', a.b]", {"Fn::Split": [".", "a.b"]}, "ListValue([Known('a'), Known('b')])"),
    (
        "Split unknown",
        "!Split ['.', !Ref Key]",
        {"Fn::Split": [".", {"Ref": "Key"}]},
        'Unknown(Fn::Split "." Key)',
    ),
    (
        "FindInMap",
        "!FindInMap [Sizes, !Ref Env, Class]",
        {"Fn::FindInMap": ["Sizes", {"Ref": "Env"}, "Class"]},
        "Known('db.t3.micro')",
    ),
    (
        "FindInMap list",
        "!FindInMap [Sizes, dev, Zones]",
        {"Fn::FindInMap": ["Sizes", "dev", "Zones"]},
        "ListValue([Known('a'), Known('b')])",
    ),
    (
        "FindInMap unknown key, one answer",
        "!FindInMap [Sizes, !Ref Key, Storage]",
        {"Fn::FindInMap": ["Sizes", {"Ref": "Key"}, "Storage"]},
        "Known(20)",
    ),
    (
        "FindInMap unknown key",
        "!FindInMap [Regions, !Ref AWS::Region, Image]",
        {"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "Image"]},
        "Choice(AWS::Region is \"us-east-1\" ? Known('ami-1') : Known('ami-2'))",
    ),
    (
        "FindInMap default",
        "!FindInMap [Regions, x, Image, {DefaultValue: none}]",
        {"Fn::FindInMap": ["Regions", "x", "Image", {"DefaultValue": "none"}]},
        "Known('none')",
    ),
    (
        "FindInMap a name that is looked up",
        "!FindInMap [!FindInMap [Sizes, !Ref Key, Class], x, y]",
        {"Fn::FindInMap": [{"Fn::FindInMap": ["Sizes", {"Ref": "Key"}, "Class"]}, "x", "y"]},
        'Choice(Key is "dev" ? Unknown(Fn::FindInMap db.t3.micro x y)'
        " : Unknown(Fn::FindInMap db.r5.large x y))",
    ),
    (
        "GetStackOutput",
        "!GetStackOutput {StackName: !Sub '${Key}-net', OutputName: Vpc}",
        {"Fn::GetStackOutput": {"StackName": {"Fn::Sub": "${Key}-net"}, "OutputName": "Vpc"}},
        "Unknown(Fn::GetStackOutput ${Key}-net Vpc)",
    ),
    (
        "If",
        "!If [IsProd, 7, 1]",
        {"Fn::If": ["IsProd", 7, 1]},
        "Choice(IsProd is true ? Known(7) : Known(1))",
    ),
    ("If settled", "!If [IsShop, 7, 1]", {"Fn::If": ["IsShop", 7, 1]}, "Known(7)"),
    (
        "If no value",
        "!If [HasKey, !Ref Key, !Ref AWS::NoValue]",
        {"Fn::If": ["HasKey", {"Ref": "Key"}, NO_VALUE]},
        "Choice(HasKey is true ? Unknown(Key) : Known(None))",
    ),
    (
        "If of the other environment",
        "!If [IsDev, 1, 7]",
        {"Fn::If": ["IsDev", 1, 7]},
        "Choice(IsProd is false ? Known(1) : Known(7))",
    ),
    (
        "If in Sub",
        '!Sub ["db-${x}", {x: !If [IsProd, big, small]}]',
        {"Fn::Sub": ["db-${x}", {"x": {"Fn::If": ["IsProd", "big", "small"]}}]},
        "Choice(IsProd is true ? Known('db-big') : Known('db-small'))",
    ),
    ("GetAZs", "!GetAZs ''", {"Fn::GetAZs": ""}, "Unknown(Fn::GetAZs AWS::Region)"),
    (
        "GetAZs element",
        "!Select [0, !GetAZs {Ref: 'AWS::Region'}]",
        {"Fn::Select": [0, {"Fn::GetAZs": {"Ref": "AWS::Region"}}]},
        "Unknown(Fn::GetAZs AWS::Region[0])",
    ),
    (
        "Cidr",
        "!Cidr [10.0.0.0/16, 2, 8]",
        {"Fn::Cidr": ["10.0.0.0/16", 2, 8]},
        "ListValue([Known('10.0.0.0/24'), Known('10.0.1.0/24')])",
    ),
    (
        "Cidr of unknown",
        "!Select [0, !Cidr [!Ref Key, 2, 8]]",
        {"Fn::Select": [0, {"Fn::Cidr": [{"Ref": "Key"}, 2, 8]}]},
        "Unknown(Fn::Cidr Key 2 8[0])",
    ),
    ("Base64", "!Base64 abc", {"Fn::Base64": "abc"}, "Known('abc')"),
    (
        "Base64 of Sub",
        "{'Fn::Base64': !Sub 'echo ${Name}'}",
        {"Fn::Base64": {"Fn::Sub": "echo ${Name}"}},
        "Known('echo shop')",
    ),
    ("ImportValue", "!ImportValue net", {"Fn::ImportValue": "net"}, "Unknown(Fn::ImportValue net)"),
    (
        "ImportValue of Sub",
        "!ImportValue {'Fn::Sub': '${Key}-vpc'}",
        {"Fn::ImportValue": {"Fn::Sub": "${Key}-vpc"}},
        "Unknown(Fn::ImportValue ${Key}-vpc)",
    ),
    ("Length", "!Length [a, b]", {"Fn::Length": ["a", "b"]}, "Known(2)"),
    ("Length of a parameter", "!Length {Ref: Zones}", {"Fn::Length": {"Ref": "Zones"}}, "Known(3)"),
    (
        "ToJsonString",
        "!ToJsonString {a: [1, x], b: !Ref Queue}",
        {"Fn::ToJsonString": {"a": [1, "x"], "b": {"Ref": "Queue"}}},
        """Text('{"a":[1,"x"],"b":"${Queue}"}')""",
    ),
    (
        "Equals as a value",
        "!Equals [!Ref Env, prod]",
        {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
        "Choice(IsProd is true ? Known(True) : Known(False))",
    ),
    (
        "dynamic reference",
        "'{{resolve:ssm-secure:/db:1}}'",
        "{{resolve:ssm-secure:/db:1}}",
        "Unknown({{resolve:ssm-secure:/db:1}})",
    ),
    (
        "dynamic reference inside",
        "!Sub 'u:{{resolve:secretsmanager:${Queue}:SecretString:p}}@h'",
        {"Fn::Sub": "u:{{resolve:secretsmanager:${Queue}:SecretString:p}}@h"},
        "Text('u:${{{resolve:secretsmanager:${Queue}:SecretString:p}}}@h')",
    ),
]

all_cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
Evaluate = Callable[..., Value]


@all_cases
def test_short_form(case: tuple[str, str, Any, str], value_of: Evaluate) -> None:
    assert repr(value_of(case[1])) == case[3]


@all_cases
@pytest.mark.parametrize("as_json", [False, True], ids=["yaml", "json"])
def test_long_form(case: tuple[str, str, Any, str], as_json: bool, value_of: Evaluate) -> None:
    expression = case[2] if not isinstance(case[2], str) else case[1]
    assert repr(value_of(expression, as_json)) == case[3]


def test_reference_carries_its_resource(value_of: Evaluate) -> None:
    value = value_of('!Sub "${Queue.Arn}/*"')
    assert value.all_references() == {Symbol("Queue.Arn", "Queue", "Arn")}


def test_dynamic_reference_keeps_the_resource_inside(value_of: Evaluate) -> None:
    value = value_of("!Sub '{{resolve:secretsmanager:${Queue}}}'")
    assert Symbol("Queue", "Queue", "Ref") in value.all_references()
    assert value.is_set().is_surely_true


def test_zones_are_told_apart(value_of: Evaluate) -> None:
    value = value_of("[!Select [0, !GetAZs ''], !Select [1, !GetAZs ''], !Select [0, !GetAZs '']]")
    assert isinstance(value, ListValue)
    symbols = [zone.symbol for zone in value.elements if isinstance(zone, Unknown)]
    assert symbols[0] == symbols[2] != symbols[1]


def test_the_same_condition_does_not_multiply_ways(value_of: Evaluate) -> None:
    value = value_of('!Join ["", [' + ", ".join(["!If [IsProd, a, b]"] * 40) + "]]")
    assert isinstance(value, Choice)
    assert (value.if_true.text, value.if_false.text) == ("a" * 40, "b" * 40)


def test_branch_knows_its_condition(value_of: Evaluate) -> None:
    value = value_of("!If [IsProd, !If [IsDev, 1, 2], !If [IsDev, 3, 4]]")
    assert repr(value) == "Choice(IsProd is true ? Known(2) : Known(3))"


def test_parameter_that_a_condition_compares_with_nothing_may_be_empty(value_of: Evaluate) -> None:
    assert not value_of("!Ref Key").is_set().is_surely_true
    under_condition = value_of("!If [HasKey, !Ref Key, x]")
    assert isinstance(under_condition, Choice)
    assert under_condition.if_true.is_set().is_surely_true


def test_way_of_a_value(value_of: Evaluate) -> None:
    value = value_of("!If [IsShop, 7, 1]")
    assert isinstance(value, Known)
    assert value.origin is not None
    assert [step.text for step in value.origin] == [
        "parameter Name default",
        "condition IsShop",
        "Fn::If IsShop: true",
        "property P",
    ]


def test_way_through_a_mapping(value_of: Evaluate) -> None:
    value = value_of("!FindInMap [Sizes, !Ref Env, Class]")
    assert value.origin is not None
    assert [step.text for step in value.origin] == [
        "parameter Env default",
        "mapping Sizes.dev.Class",
        "property P",
    ]


def test_arguments_that_a_macro_makes_are_unknown() -> None:
    text = "Resources: {A: {Type: AWS::S3::Bucket, Properties: {P: !Sub {'Fn::Transform': {Name: Mine}}}}}\n"
    unit = evaluate_text(text, "t.yaml")
    assert [problem.level for problem in unit.problems] == [ProblemLevel.NOTE]
    assert isinstance(unit.resources[0].body.get("P"), Unknown)
