"""Templates for tests: the value that one expression has in a small one."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from wa_scan.blocks import EvaluatedUnit
from wa_scan.cloudformation.evaluate import EvaluateOptions, evaluate_text
from wa_scan.values import Choice, ListValue, MapValue, Value, choose, is_assumption

PREAMBLE = """
Parameters:
  Env: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Name: {Type: String, Default: shop}
  Key: {Type: String}
  Size: {Type: String, AllowedValues: [small, large]}
  Count: {Type: Number, Default: 3}
  Zones: {Type: CommaDelimitedList, Default: "a, b,c"}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  Image: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", Default: /aws/ami}
Mappings:
  Sizes:
    dev: {Class: db.t3.micro, Storage: 20, Zones: [a, b]}
    prod: {Class: db.r5.large, Storage: 20, Zones: [a, b, c]}
  Regions:
    us-east-1: {Image: ami-1}
    eu-west-1: {Image: ami-2}
Conditions:
  IsProd: {"Fn::Equals": [{Ref: Env}, prod]}
  IsDev: {"Fn::Equals": [{Ref: Env}, dev]}
  IsShop: {"Fn::Equals": [{Ref: Name}, shop]}
  HasKey: {"Fn::Not": [{"Fn::Equals": [{Ref: Key}, ""]}]}
"""


def template_of(expression: str) -> str:
    """A YAML template whose resource Subject has the property `P` with the value `expression`."""
    return (
        PREAMBLE
        + "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n"
        + "  Subject:\n    Type: AWS::S3::Bucket\n    Properties:\n      P: "
        + expression
        + "\n"
    )


def with_defaults(value: Value) -> Value:
    """What `value` is where every parameter that conditions ask for has its default."""
    if isinstance(value, Choice):
        if is_assumption(value.guard):
            return with_defaults(value.if_true)
        return choose(value.guard, with_defaults(value.if_true), with_defaults(value.if_false), value.origin)
    if isinstance(value, ListValue):
        return ListValue(map(with_defaults, value.elements), value.origin, value.rest, value.references)
    if isinstance(value, MapValue):
        entries = {key: with_defaults(item) for key, item in value.entries.items()}
        return MapValue(entries, value.origin, value.rest, value.references)
    return value


@pytest.fixture
def unit_of() -> Callable[..., EvaluatedUnit]:
    def evaluate(text: str, **parameters: str) -> EvaluatedUnit:
        return evaluate_text(text, "t.yaml", EvaluateOptions(parameters))

    return evaluate


@pytest.fixture
def value_of() -> Callable[[Any], Value]:
    """The value of an expression: YAML text, or data that is written as JSON or as YAML."""

    def evaluate(expression: Any, as_json: bool = False) -> Value:
        if isinstance(expression, str):
            text = template_of(expression)
        else:
            data = yaml.safe_load(template_of("null"))
            data["Resources"]["Subject"]["Properties"]["P"] = expression
            text = json.dumps(data, indent="\t") if as_json else yaml.safe_dump(data, sort_keys=False)
        unit = evaluate_text(text, "t.yaml")
        assert unit.problems == ()
        (subject,) = (resource for resource in unit.resources if resource.address == "Subject")
        return with_defaults(subject.body.get("P"))

    return evaluate
