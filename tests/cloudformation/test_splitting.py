"""`Fn::Split` of texts that were joined from what is known before deployment and what is not."""

from collections.abc import Callable
from typing import Any

import pytest

from wa_scan.aws.normalise import normalise
from wa_scan.blocks import EvaluatedUnit
from wa_scan.values import ListValue, Unknown, Value


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (
            "!Split [',', !Join [',', [!Ref Key, !Ref Queue, x]]]",
            "[Unknown(Key), Unknown(Queue), Known('x')]",
        ),
        ("!Split [',', !Sub '${Queue},a-${Key}']", "[Unknown(Queue), Text('a-${Key}')]"),
        ("!Split ['|', !Join ['|', [!Ref Key, !Ref Queue]]]", "[Unknown(Key), Unknown(Queue)]"),
        ("!Split [', ', !Join [', ', [!Ref Key, !Ref Queue]]]", "[Unknown(Key), Unknown(Queue)]"),
        ("!Split [' ', !Sub '${Queue.Arn} x']", "[Unknown(Queue.Arn), Known('x')]"),
        ("!Split ['/', !Sub 'a/${AWS::Region}/b']", "[Known('a'), Unknown(AWS::Region), Known('b')]"),
        ("!Split [',', !Join [',', !Ref Zones]]", "[Known('a'), Known('b'), Known('c')]"),
    ],
)
def test_texts_are_split_where_no_unknown_part_can_hold_the_delimiter(
    expression: str, expected: str, value_of: Callable[[Any], Value]
) -> None:
    assert repr(value_of(expression)) == f"ListValue({expected})"


@pytest.mark.parametrize(
    "expression",
    [
        "!Split ['/', !Sub 'a/${Key}']",
        "!Split ['/', !Sub 'a/${Queue.Arn}']",
        "!Split ['-', !Sub 'a-${Queue}']",
        "!Split ['-', !Sub 'a-${AWS::Region}']",
        "!Split [' ', !Sub 'a ${Key}']",
        "!Split [',', !Sub ['x${List}', {List: !Join [',', !Ref Subnets]}]]",
        "!Split [';', !Sub ['x;${List}', {List: !Join [',', !Ref Subnets]}]]",
    ],
)
def test_others_stay_one_unknown_list(expression: str, value_of: Callable[[Any], Value]) -> None:
    assert isinstance(value_of(expression), Unknown)


def test_lists_of_unknown_length_are_the_rest(value_of: Callable[[Any], Value]) -> None:
    written = "!Join [',', [!Join [',', !Ref Subnets], !Ref Queue]]"
    found = value_of(f"!Split [',', {written}]")
    assert isinstance(found, ListValue)
    assert (repr(found.elements), repr(found.rest)) == ("(Unknown(Queue),)", "Unknown(Subnets)")
    # It is the second of what there is.
    for index in (0, 1):
        selected = value_of(f"!Select [{index}, !Split [',', {written}]]")
        assert isinstance(selected, Unknown)
        assert selected.symbol.resource is None
    again = value_of(f"!Split [',', !Join [',', !Split [',', {written}]]]")
    assert repr(again.all_references()) == repr(found.all_references())


def test_several_lists_in_one(value_of: Callable[[Any], Value]) -> None:
    whole = "!Join [',', !Ref Subnets]"
    found = value_of(f"!Split [',', !Join [',', [{whole}, a, {whole}]]]")
    assert isinstance(found, ListValue)
    assert repr(found.elements) == "(Known('a'),)"
    assert found.rest is not None
    assert found.rest.symbol.text == "Subnets and Subnets"


def test_selected_elements(value_of: Callable[[Any], Value]) -> None:
    assert (
        repr(value_of("!Select [1, !Split ['|', !Join ['|', [!Ref Key, !Ref Queue]]]]")) == "Unknown(Queue)"
    )


def test_links_of_what_was_joined_and_split(unit_of: Callable[[str], EvaluatedUnit]) -> None:
    unit = unit_of("""
Parameters: {More: {Type: "List<AWS::EC2::Subnet::Id>"}}
Resources:
  A: {Type: AWS::EC2::Subnet}
  B: {Type: AWS::EC2::Subnet}
  Group:
    Type: AWS::RDS::DBSubnetGroup
    Properties:
      DBSubnetGroupDescription: x
      SubnetIds: !Split ["|", !Join ["|", [!Ref A, !Join ["|", !Ref More], !Ref B]]]
""")
    assert unit.problems == ()
    links = {(link.source.address, link.target.address) for link in normalise(unit).links}
    assert {("Group", "A"), ("Group", "B")} <= links
