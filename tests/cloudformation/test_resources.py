"""Resources, their attributes, and where they are reported."""

from collections.abc import Callable
from pathlib import Path

import pytest

from wa_scan.blocks import EvaluatedUnit, Language, Mode
from wa_scan.cloudformation.evaluate import EvaluateOptions, evaluate_template, evaluate_text
from wa_scan.sources.units import Template
from wa_scan.values import Choice, Location, MapValue, Value

UnitOf = Callable[..., EvaluatedUnit]

TEMPLATE = """AWSTemplateFormatVersion: 2010-09-09
Description: A shop
Parameters:
  Env: {Type: String, Default: dev, AllowedValues: [dev, prod]}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Web:
    Type: AWS::EC2::Instance
    DependsOn: Db
    Metadata: {note: 1}
  Db:
    Type: AWS::RDS::DBInstance
    Condition: IsProd
    DeletionPolicy: Snapshot
    UpdateReplacePolicy: Retain
    Properties:
      MultiAZ: false
      Tags:
        - Key: Name
          Value: !Ref Env
        - !If [IsProd, {Key: a, Value: b}, !Ref AWS::NoValue]
      VpcConfig:
        Fn::If:
          - IsProd
          - Subnets: [x]
          - Subnets: [y]
      Text: |
        one
        two

Outputs:
  Address:
    Value: !GetAtt Db.Endpoint.Address
    Export: {Name: !Sub "${Env}-db"}
"""


def place(value: Value) -> tuple[int, int, int, int]:
    assert value.origin is not None
    return value.origin.location[1:]


def test_resources_in_order_with_their_attributes(unit_of: UnitOf) -> None:
    unit = unit_of(TEMPLATE)
    assert unit.problems == ()
    assert unit.language is Language.CLOUDFORMATION
    assert (unit.name, unit.files_read) == ("t.yaml", ("t.yaml",))
    db, web = unit.resources
    assert (db.address, db.type, db.mode) == ("Db", "AWS::RDS::DBInstance", Mode.MANAGED)
    assert str(db.exists) == "IsProd is true"
    assert db.location == Location("t.yaml", 12, 3, 12, 5)
    assert db.extent == Location("t.yaml", 12, 3, 30, 12)
    assert {name: db.meta.get(name).scalar for name in db.meta.entries} == {
        "Condition": "IsProd",
        "DeletionPolicy": "Snapshot",
        "UpdateReplacePolicy": "Retain",
    }
    assert web.body.entries == {}
    assert place(web.body) == (8, 3, 8, 6)
    assert web.meta.get("DependsOn").scalar == "Db"
    assert web.meta.get("Metadata").get("note").scalar == 1


def test_places_of_values(unit_of: UnitOf) -> None:
    db = unit_of(TEMPLATE).resources[0]
    assert place(db.body) == (12, 3, 12, 5)
    assert place(db.body.get("MultiAZ")) == (18, 7, 18, 21)
    assert place(db.body.get("Tags")) == (19, 7, 19, 11)
    first, second = (item for item, _ in db.body.get("Tags").items())
    assert place(first) == (20, 11, 20, 14)
    assert place(first.get("Value")) == (21, 11, 21, 26)
    assert second.get("Key").scalar == "a"
    assert place(second) == (22, 11, 22, 62)
    config = db.body.get("VpcConfig")
    assert isinstance(config, MapValue)
    assert place(config) == (23, 7, 23, 16)
    assert place(config.get("Subnets")) == (26, 13, 26, 20)
    assert place(db.body.get("Text")) == (28, 7, 30, 12)


def test_a_condition_of_the_resource_settles_its_properties(unit_of: UnitOf) -> None:
    db = unit_of(TEMPLATE).resources[0]
    assert repr(db.body.get("VpcConfig")) == "MapValue({'Subnets': ListValue([Known('x')])})"


def test_settings_inputs_and_outputs(unit_of: UnitOf) -> None:
    unit = unit_of(TEMPLATE)
    assert {name: value.scalar for name, value in unit.settings.items()} == {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "A shop",
    }
    # A condition asks for Env, so that its default is no more than an assumption.
    assert {name: value.text for name, value in unit.inputs.items()} == {"Env": "dev"}
    assert isinstance(unit.inputs["Env"], Choice)
    assert unit.outputs["Address"].get("Export").get("Name").scalar == "dev-db"


def test_file(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(TEMPLATE)
    unit = evaluate_template(Template(path, "in/shop.yaml", tmp_path))
    assert unit.name == "in/shop.yaml"
    assert unit.resources[0].location.file == "in/shop.yaml"


LOOPS = """
Transform: AWS::LanguageExtensions
Parameters:
  Zones: {Type: CommaDelimitedList, Default: "a,b-1"}
  Unknown: {Type: CommaDelimitedList}
Resources:
  Fn::ForEach::Topics:
    - Name
    - [Orders, Bills]
    - Topic${Name}:
        Type: AWS::SNS::Topic
        Properties:
          TopicName: !Sub "${Name}-${AWS::Region}"
          Plain: a-${Name}
          Arn: !GetAtt Topic${Name}.TopicArn
          Fn::ForEach::Flags:
            - Flag
            - [One, Two]
            - "${Flag}On": !Ref Flag
      Fn::ForEach::Zones:
        - Zone
        - !Ref Zones
        - "Queue${Name}&{Zone}":
            Type: AWS::SQS::Queue
            Properties: {QueueName: !Ref Zone}
"""


def test_loops(unit_of: UnitOf) -> None:
    unit = unit_of(LOOPS)
    assert unit.problems == ()
    assert [resource.address for resource in unit.resources] == [
        "QueueBillsa",
        "QueueBillsb1",
        "QueueOrdersa",
        "QueueOrdersb1",
        "TopicBills",
        "TopicOrders",
    ]
    topic = unit.resources[-1]
    assert repr(topic.body) == (
        "MapValue({'TopicName': Text('Orders-${AWS::Region}'), 'Plain': Known('a-Orders'), "
        "'Arn': Unknown(TopicOrders.TopicArn), 'OneOn': Known('One'), 'TwoOn': Known('Two')})"
    )
    assert topic.location == Location("t.yaml", 10, 7, 10, 19)
    assert unit.resources[1].body.get("QueueName").scalar == "b-1"


def test_loop_over_something_unknown_is_noted(unit_of: UnitOf) -> None:
    unit = unit_of(LOOPS.replace("!Ref Zones", "!Ref Unknown"))
    assert [resource.address for resource in unit.resources] == ["TopicBills", "TopicOrders"]
    assert {(problem.level.value, str(problem.location)) for problem in unit.problems} == {
        ("note", "t.yaml:22:11")
    }


def test_loop_in_conditions(unit_of: UnitOf) -> None:
    unit = unit_of("""
Transform: AWS::LanguageExtensions
Parameters: {Env: {Type: String}}
Conditions:
  Fn::ForEach::Environments:
    - Which
    - [dev, prod]
    - "Is${Which}": !Equals [!Ref Env, !Ref Which]
Resources:
  A: {Type: AWS::S3::Bucket, Condition: Isprod}
""")
    assert unit.problems == ()
    assert [str(resource.exists) for resource in unit.resources] == ["Isprod is true"]


def test_output_with_a_condition(unit_of: UnitOf) -> None:
    text = TEMPLATE.replace("  Address:\n", "  Address:\n    Condition: Missing\n")
    assert [str(problem.location) for problem in unit_of(text).problems] == ["t.yaml:34:16"]


def test_tags_of_the_stack() -> None:
    unit = evaluate_text(TEMPLATE, "t.yaml", EvaluateOptions(tags={"team": "shop"}))
    tags = [resource.default_tags for resource in unit.resources]
    assert repr(tags) == "[MapValue({'team': Known('shop')}), MapValue({'team': Known('shop')})]"


ATTRIBUTES = """
Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
Conditions: {IsProd: !Equals [!Ref Env, prod]}
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Fn::ForEach::Buckets:
    - Name
    - [A, B]
    - "Bucket${Name}": {Type: AWS::S3::Bucket, DependsOn: !Sub "Queue", DeletionPolicy: Retain}
  Data:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: !If [IsProd, Snapshot, Delete]
    UpdateReplacePolicy: Retain
    DependsOn: [Queue, BucketA]
    Metadata: {reviewed: true}
    CreationPolicy: {ResourceSignal: {Count: 1}}
    UpdatePolicy: {AutoScalingReplacingUpdate: {WillReplace: true}}
"""


def test_attributes(unit_of: UnitOf) -> None:
    unit = unit_of(ATTRIBUTES)
    assert unit.problems == ()
    meta = {resource.address: resource.meta.entries for resource in unit.resources}
    assert {name: repr(value) for name, value in meta["Data"].items()} == {
        "DeletionPolicy": "Choice(IsProd is true ? Known('Snapshot') : Known('Delete'))",
        "UpdateReplacePolicy": "Known('Retain')",
        "DependsOn": "ListValue([Known('Queue'), Known('BucketA')])",
        "Metadata": "MapValue({'reviewed': Known(True)})",
        "CreationPolicy": "MapValue({'ResourceSignal': MapValue({'Count': Known(1)})})",
        "UpdatePolicy": "MapValue({'AutoScalingReplacingUpdate': MapValue({'WillReplace': Known(True)})})",
    }
    assert repr(meta["BucketB"]["DependsOn"]) == "Known('Queue')"
    assert meta["Queue"] == {}


@pytest.mark.parametrize(
    ("written", "places"),
    [
        ("Gone", ["t.yaml:3:53"]),
        ("[A, Gone, Missing]", ["t.yaml:3:57", "t.yaml:3:63"]),
        ("A", []),
        ("[]", []),
        ("Never", []),
    ],
)
def test_dependency_on_what_is_not_there(written: str, places: list[str], unit_of: UnitOf) -> None:
    unit = unit_of(
        "Resources:\n  A: {Type: AWS::SQS::Queue}\n"
        f"  B: {{Type: AWS::SQS::Queue,             DependsOn: {written}}}\n"
        "  Never: {Type: AWS::SQS::Queue, Condition: Unmet}\n"
        "Conditions: {Unmet: !Equals [a, b]}\n"
    )
    assert [str(problem.location) for problem in unit.problems] == places
    assert [resource.address for resource in unit.resources] == ["A", "B"]


def test_properties_may_depend_on_a_condition_as_a_whole(unit_of: UnitOf) -> None:
    unit = unit_of(
        """\
Conditions: {C: !Equals [!Ref AWS::Region, eu-west-1]}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      Fn::If:
        - C
        - {DelaySeconds: 1, QueueName: q}
        - !If [C, 1, {DelaySeconds: 2}]
"""
    )
    assert unit.problems == ()
    body = unit.resources[0].body
    assert repr(body.get("DelaySeconds")) == "Choice(C is true ? Known(1) : Known(2))"
    assert repr(body.get("QueueName")) == "Choice(C is true ? Known('q') : Known(None))"


def test_properties_are_a_mapping_in_each_case(unit_of: UnitOf) -> None:
    unit = unit_of(
        "Conditions: {C: !Equals [!Ref AWS::Region, eu-west-1]}\n"
        "Resources: {Queue: {Type: AWS::SQS::Queue, Properties: !If [C, {DelaySeconds: 1}, 2]}}\n"
    )
    assert [problem.message for problem in unit.problems] == ["Properties is not a mapping."]
