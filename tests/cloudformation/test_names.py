"""Names that YAML 1.1 reads as bools or numbers: keys are text, and so is what refers to them."""

from collections.abc import Callable

import pytest

from wa_scan.blocks import EvaluatedUnit

TEMPLATE = """
Transform: [AWS::LanguageExtensions]
Parameters: {Env: {Type: String, AllowedValues: [a, b]}, No: {Type: String, Default: given}}
Mappings: {Versions: {"1.10": {On: ten}, "1.1": {On: one}}}
Conditions:
  Yes: !Equals [!Ref Env, a]
  1: !Not [Condition: Yes]
  012: !Equals [!Ref Env, b]
Resources:
  On:
    Type: AWS::SNS::Topic
    Condition: Yes
    Properties: {TopicName: !If [Yes, a, b], DisplayName: !FindInMap [Versions, 1.10, On]}
  1:
    Type: AWS::SNS::Topic
    Condition: 1
    DependsOn: Off
    Properties: {TopicName: !If [Yes, a, b], DisplayName: !If [012, {Ref: No}, x]}
  Off:
    Type: AWS::SNS::Topic
    DependsOn: [On, 1]
    Properties: {TopicName: !If [1, a, b], DisplayName: {Fn::GetAtt: [On, TopicName]}}
  Fn::ForEach::Loop:
    - Y
    - [On, 1.10]
    - "Made&{Y}": {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Y}}
"""


@pytest.mark.parametrize("transform", ["[AWS::LanguageExtensions]", "AWS::Serverless-2016-10-31"])
def test_names_are_what_is_written(transform: str, unit_of: Callable[[str], EvaluatedUnit]) -> None:
    unit = unit_of(TEMPLATE.replace("[AWS::LanguageExtensions]", transform))
    assert unit.problems == ()
    assert {each.address: (str(each.exists), repr(each.body)) for each in unit.resources} == {
        "1": ("Yes is false", "MapValue({'TopicName': Known('b'), 'DisplayName': Known('given')})"),
        "Made110": ("always", "MapValue({'TopicName': Known('1.10')})"),
        "MadeOn": ("always", "MapValue({'TopicName': Known('On')})"),
        "Off": (
            "always",
            "MapValue({'TopicName': Choice(Yes is false ? Known('a') : Known('b')), "
            "'DisplayName': Unknown(On.TopicName)})",
        ),
        "On": ("Yes is true", "MapValue({'TopicName': Known('a'), 'DisplayName': Known('ten')})"),
    }


def test_serverless_resources_under_such_conditions(unit_of: Callable[[str], EvaluatedUnit]) -> None:
    unit = unit_of("""
Transform: AWS::Serverless-2016-10-31
Parameters: {Env: {Type: String}}
Conditions:
  On: !Equals [!Ref Env, a]
Resources:
  Table:
    Type: AWS::Serverless::SimpleTable
    Condition: On
    Properties: {TableName: !If [On, first, second]}
""")
    assert unit.problems == ()
    (table,) = unit.resources
    assert (str(table.exists), table.body.get("TableName").text) == ("On is true", "first")


def test_names_in_json(unit_of: Callable[[str], EvaluatedUnit]) -> None:
    unit = unit_of("""{
  "Parameters": {"Env": {"Type": "String"}},
  "Conditions": {"true": {"Fn::Equals": [{"Ref": "Env"}, "a"]}, "1.0": {"Fn::Not": [{"Condition": true}]}},
  "Resources": {"A": {"Type": "AWS::SNS::Topic", "Condition": true,
    "Properties": {"TopicName": {"Fn::If": [1.0, "a", "b"]}}}}
}""")
    assert unit.problems == ()
    (topic,) = unit.resources
    assert (str(topic.exists), topic.body.get("TopicName").text) == ("true is true", "b")
