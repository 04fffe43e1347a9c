"""Nested stacks and stack sets: what flows in, what flows out, and what things are called."""

from pathlib import Path

import pytest

from wa_scan.blocks import EvaluatedResource, EvaluatedUnit
from wa_scan.cloudformation.evaluate import EvaluateOptions, Templates
from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.sources.units import Template
from wa_scan.values import Choice, Known, ListValue, Unknown, Value

DATABASE = """\
Parameters:
  Subnets: {Type: List<AWS::EC2::Subnet::Id>}
  Env: {Type: String, Default: test}
  Multi: {Type: String, Default: 'true'}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Group:
    Type: AWS::RDS::DBSubnetGroup
    Properties: {SubnetIds: !Ref Subnets}
  Instance:
    Type: AWS::RDS::DBInstance
    Properties:
      MultiAZ: !Ref Multi
      DBSubnetGroupName: !Ref Group
      DeletionProtection: !If [IsProd, true, false]
Outputs:
  Name: {Value: !Ref Instance}
  Subnets: {Value: !Join [",", !Ref Subnets]}
"""

PARENT = """\
Parameters:
  Env: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Zones: {Type: List<AWS::EC2::Subnet::Id>}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  A: {Type: AWS::EC2::Subnet}
  B: {Type: AWS::EC2::Subnet}
  Db:
    Type: AWS::CloudFormation::Stack
    Condition: IsProd
    Properties:
      TemplateURL: ./db/database.yaml
      Tags: [{Key: team, Value: shop}]
      Parameters:
        Subnets: !Join [",", [!Ref A, !Ref B]]
        Multi: false
        Env: !Ref Env
  Other:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: db/database.yaml
      Parameters: {Subnets: !Join [",", !Ref Zones]}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Dimensions: [{Name: DBInstanceIdentifier, Value: !GetAtt Db.Outputs.Name}]
      Handed: !Sub "${Other.Outputs.Name}"
      Split: !Split [",", !GetAtt Other.Outputs.Subnets]
"""


# Given a logical ID, a file and the parameters.
STACK = "  {}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {}, Parameters: {{{}}}}}}}\n"


def evaluate(folder: Path, files: dict[str, str], **parameters: str) -> EvaluatedUnit:
    """The unit of the first of `files`."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    first = next(iter(files))
    root = Template(folder / first, first, folder)
    paths = [str(folder / name) for name in files]
    return Templates([root], EvaluateOptions(parameters), paths, folder).evaluate(root)


def at(unit: EvaluatedUnit, address: str) -> EvaluatedResource:
    return next(resource for resource in unit.resources if resource.address == address)


def symbol(value: Value) -> tuple[str, str | None]:
    assert isinstance(value, Unknown)
    return value.symbol.text, value.symbol.resource


@pytest.fixture
def shop(tmp_path: Path) -> EvaluatedUnit:
    return evaluate(tmp_path, {"main.yaml": PARENT, "db/database.yaml": DATABASE})


def test_addresses_existence_calls_and_tags(shop: EvaluatedUnit) -> None:
    assert shop.problems == ()
    assert [resource.address for resource in shop.resources] == [
        *("A", "Alarm", "B", "Db", "Db/Group", "Db/Instance", "Other", "Other/Group", "Other/Instance")
    ]
    assert shop.files_read == ("main.yaml", "db/database.yaml")
    inner = at(shop, "Db/Instance")
    assert str(inner.exists) == "IsProd is true"
    assert inner.location.file == "db/database.yaml"
    assert [(step.location[:2], step.text) for step in inner.calls] == [(("main.yaml", 9), "nested stack Db")]
    assert isinstance(inner.default_tags, ListValue)
    assert inner.default_tags.elements[0].get("Key").text == "team"
    assert at(shop, "Other/Instance").default_tags is None


def test_parameters_flow_in_with_their_way(shop: EvaluatedUnit) -> None:
    multi = at(shop, "Db/Instance").body.get("MultiAZ")
    assert multi.scalar == "false"
    assert multi.origin is not None
    assert [(step.location[:2], step.text) for step in multi.origin] == [
        (("main.yaml", 17), "parameter Multi of Db"),
        (("db/database.yaml", 4), "parameter Multi"),
        (("db/database.yaml", 14), "property MultiAZ"),
    ]
    assert at(shop, "Other/Instance").body.get("MultiAZ").scalar == "true"


def test_lists_are_joined_and_split_again(shop: EvaluatedUnit) -> None:
    subnets = at(shop, "Db/Group").body.get("SubnetIds")
    assert isinstance(subnets, ListValue)
    assert [symbol(element) for element in subnets.elements] == [("A", "A"), ("B", "B")]
    # A list of which only the name is known stays that one list, on the way in and out.
    assert symbol(at(shop, "Other/Group").body.get("SubnetIds")) == ("Zones", None)
    assert symbol(at(shop, "Alarm").body.get("Split")) == ("Zones", None)


def test_outputs_flow_out(shop: EvaluatedUnit) -> None:
    alarm = at(shop, "Alarm").body
    (dimension,) = (value for value, _ in alarm.get("Dimensions").items())
    assert symbol(dimension.get("Value")) == ("Db/Instance", "Db/Instance")
    assert symbol(alarm.get("Handed")) == ("Other/Instance", "Other/Instance")


def test_conditions_of_a_child_are_about_what_it_is_handed(shop: EvaluatedUnit) -> None:
    # Db is there only when Env is prod, so its own comparison with prod is settled.
    assert at(shop, "Db/Instance").body.get("DeletionProtection").scalar is True
    assert at(shop, "Other/Instance").body.get("DeletionProtection").scalar is False


def test_two_stacks_of_one_template_are_independent(tmp_path: Path) -> None:
    child = """\
Parameters: {Size: {Type: String}}
Conditions: {IsLarge: !Equals [!Ref Size, large]}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {P: !If [IsLarge, 1, 2], Id: !Ref AWS::StackId, R: !Ref AWS::Region}
"""
    files = {
        "main.yaml": "Parameters: {S: {Type: String}}\nResources:\n"
        + STACK.format("One", "q.yaml", "Size: !Ref S")
        + STACK.format("Two", "q.yaml", "Size: !Ref S")
        + STACK.format("Three", "q.yaml", "Size: !Ref AWS::StackName"),
        "q.yaml": child,
    }
    unit = evaluate(tmp_path, files)
    one, two, three = (at(unit, f"{name}/Queue").body for name in ("One", "Two", "Three"))
    guards = [value.guard for body in (one, two, three) if isinstance(value := body.get("P"), Choice)]
    # What both are handed is the same in both, under the name that it has outside.
    assert [str(guard) for guard in guards] == [
        *('S is "large"', 'S is "large"', 'AWS::StackName is "large"'),
    ]
    assert symbol(one.get("Id"))[0] == "One/AWS::StackId"
    assert symbol(two.get("Id"))[0] == "Two/AWS::StackId"
    assert symbol(one.get("R")) == symbol(two.get("R"))


def test_a_condition_of_a_stack_of_its_own_is_named_after_it(tmp_path: Path) -> None:
    child = DATABASE.replace("Default: test", "AllowedValues: [test, prod], Default: test")
    stacks = (STACK.format(name, "c.yaml", "Subnets: 'a,b'") for name in ("One", "Two"))
    main = "Resources:\n" + "".join(stacks)
    unit = evaluate(tmp_path, {"main.yaml": main, "c.yaml": child})
    found = {
        name: value.guard
        for name in ("One", "Two")
        if isinstance(value := at(unit, f"{name}/Instance").body.get("DeletionProtection"), Choice)
    }
    assert {name: str(guard) for name, guard in found.items()} == {
        "One": "One/IsProd is true",
        "Two": "Two/IsProd is true",
    }
    assert not (found["One"] & ~found["Two"]).is_never


def test_stacks_in_stacks_and_what_they_hand_on(tmp_path: Path) -> None:
    stack = "{{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {0}, Parameters: {{Key: {1}}}}}}}"
    files = {
        "main.yaml": "Resources:\n  Key: {Type: AWS::KMS::Key}\n  Outer: "
        + stack.format("mid/mid.yaml", "!GetAtt Key.Arn")
        + "\nOutputs: {Q: {Value: !GetAtt [Outer, Outputs.Queue]}}\n",
        "mid/mid.yaml": "Parameters: {Key: {Type: String}}\nResources:\n  Inner: "
        + stack.format("../leaf.yaml", "!Ref Key")
        + "\nOutputs: {Queue: {Value: !GetAtt Inner.Outputs.Queue}}\n",
        "leaf.yaml": "Parameters: {Key: {Type: String}}\nResources:\n"
        "  Queue: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !Ref Key}}\n"
        "Outputs: {Queue: {Value: !GetAtt Queue.Arn}}\n",
    }
    unit = evaluate(tmp_path, files)
    assert unit.problems == ()
    queue = at(unit, "Outer/Inner/Queue")
    assert symbol(queue.body.get("KmsMasterKeyId")) == ("Key.Arn", "Key")
    assert [step.text for step in queue.calls] == ["nested stack Outer", "nested stack Outer/Inner"]
    assert symbol(unit.outputs["Q"].get("Value")) == ("Outer/Inner/Queue.Arn", "Outer/Inner/Queue")


@pytest.mark.parametrize(
    ("url", "nested"),
    [
        ("https://s3.amazonaws.com/bucket/templates/db/database.yaml", True),
        (
            "!Sub 'https://${AWS::Region}.s3.amazonaws.com/${AWS::StackName}/db/database.yaml?versionId=1'",
            True,
        ),
        ("!Sub 'https://bucket.s3.${AWS::URLSuffix}/${AWS::StackName}db/database.yaml'", True),
        ("!Join ['', ['https://s3.amazonaws.com/', !Ref AWS::Region, '/db/database.yaml']]", True),
        (
            "!If [C, 'https://a.s3.amazonaws.com/db/database.yaml', 'https://b.amazonaws.com/db/database.yaml']",
            True,
        ),
        ("https://s3.amazonaws.com/bucket/other.yaml", False),
        ("!Sub 'https://s3.amazonaws.com/bucket/db/${AWS::StackName}.yaml'", False),
        ("!Sub 'https://s3.amazonaws.com/bucket/db/${AWS::StackName}database.yaml'", False),
        ("!Ref AWS::StackName", False),
        ("../outside.yaml", False),
        ("/etc/passwd", False),
        ("db", False),
        ('"db/database.yaml\\0"', False),
    ],
)
def test_urls_stand_for_files_of_the_tree(url: str, nested: bool, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(DATABASE)
    main = (
        "Conditions: {C: !Equals [!Ref AWS::Region, x]}\n"
        "Resources:\n  Db:\n    Type: AWS::CloudFormation::Stack\n"
        f"    Properties:\n      TemplateURL: {url}\n      Parameters: {{Subnets: a}}\n"
    )
    unit = evaluate(tmp_path / "tree", {"main.yaml": main, "db/database.yaml": DATABASE})
    assert [resource.address for resource in unit.resources] == (
        ["Db", "Db/Group", "Db/Instance"] if nested else ["Db"]
    )
    assert [(one.call, one.location.start_line, one.is_stack) for one in unit.unfound_modules] == (
        [] if nested else [("Db", 6, True)]
    )


def test_a_url_that_several_files_fit_stands_for_none(tmp_path: Path) -> None:
    main = (
        "Resources: {Db: {Type: AWS::CloudFormation::Stack, Properties: "
        "{TemplateURL: 'https://s3.amazonaws.com/x/database.yaml', Parameters: {Subnets: a}}}}"
    )
    unit = evaluate(tmp_path, {"main.yaml": main, "a/database.yaml": DATABASE, "b/database.yaml": DATABASE})
    assert [one.source for one in unit.unfound_modules] == ["https://s3.amazonaws.com/x/database.yaml"]


def test_a_file_of_that_name_that_takes_other_parameters_is_another_one(tmp_path: Path) -> None:
    main = (
        "Resources: {Db: {Type: AWS::CloudFormation::Stack, Properties: "
        "{TemplateURL: 'https://s3.amazonaws.com/b/database.yaml', Parameters: {Subnets: a, Engine: x}}}}"
    )
    unit = evaluate(tmp_path, {"main.yaml": main, "a/database.yaml": DATABASE})
    assert [one.call for one in unit.unfound_modules] == ["Db"]


def test_an_asset_of_the_cdk_is_named_by_metadata(tmp_path: Path) -> None:
    main = """\
Resources:
  Db:
    Type: AWS::CloudFormation::Stack
    Metadata: {"aws:asset:path": Db.nested.template.json, "aws:asset:property": TemplateURL}
    Properties: {TemplateURL: !Sub "https://s3.${AWS::Region}.amazonaws.com/cdk/0123.json"}
"""
    child = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}'
    unit = evaluate(tmp_path, {"main.yaml": main, "Db.nested.template.json": child})
    assert [resource.address for resource in unit.resources] == ["Db", "Db/Queue"]


def test_what_is_missing_or_too_much_is_said(tmp_path: Path) -> None:
    main = """\
Resources:
  Db:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: db.yaml, Parameters: {Extra: 1}}
Outputs:
  Nothing: {Value: !GetAtt Db.Outputs.Nothing}
"""
    unit = evaluate(tmp_path, {"main.yaml": main, "db.yaml": DATABASE})
    assert sorted((problem.message, problem.level) for problem in unit.problems) == [
        ("The nested stack Db gets no value for Subnets.", ProblemLevel.ERROR),
        ("The nested stack Db has no output Nothing.", ProblemLevel.ERROR),
        ("The template of the nested stack Db has no parameter Extra.", ProblemLevel.ERROR),
    ]


def test_a_template_that_nests_itself_is_a_cycle(tmp_path: Path) -> None:
    stack = "Resources: {Next: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: %s}}}"
    unit = evaluate(tmp_path, {"a.yaml": stack % "b.yaml", "b.yaml": stack % "a.yaml"})
    (problem,) = unit.problems
    assert (problem.kind, problem.location and problem.location.file) == (ProblemKind.MODULE_CYCLE, "b.yaml")
    assert [resource.address for resource in unit.resources] == ["Next", "Next/Next"]


def test_stacks_that_need_each_other_are_an_error(tmp_path: Path) -> None:
    stacks = (STACK.format(name, "c.yaml", f"P: !GetAtt {other}.Outputs.O") for name, other in ("AB", "BA"))
    child = (
        "Parameters: {P: {Type: String}}\nResources: {Q: {Type: AWS::SQS::Queue}}\n"
        "Outputs: {O: {Value: !Ref P}}\n"
    )
    files = {"main.yaml": "Resources:\n" + "".join(stacks), "c.yaml": child}
    unit = evaluate(tmp_path, files)
    assert {problem.kind for problem in unit.problems} == {ProblemKind.EVALUATION_ERROR}
    assert [resource.address for resource in unit.resources] == ["A", "A/Q", "B", "B/Q"]


def test_a_broken_child_is_reported_with_its_place(tmp_path: Path) -> None:
    main = "Resources: {Db: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: db.yaml}}}"
    unit = evaluate(tmp_path, {"main.yaml": main, "db.yaml": "Resources: {\n"})
    (problem,) = unit.problems
    assert problem.kind is ProblemKind.SYNTAX_ERROR
    assert problem.location is not None
    assert problem.location.file == "db.yaml"


def test_many_levels_and_many_stacks_end(tmp_path: Path) -> None:
    stack = "  {}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {}.yaml}}}}\n"
    files = {
        f"{level}.yaml": "Resources:\n" + stack.format("A", level + 1) + stack.format("B", level + 1)
        for level in range(30)
    }
    unit = evaluate(tmp_path, files)
    assert {problem.kind for problem in unit.problems} == {ProblemKind.LIMIT_REACHED}


def test_a_hundred_stacks_that_hand_on_what_the_last_one_gave(tmp_path: Path) -> None:
    handed = [f"!GetAtt S{number + 1}.Outputs.O" for number in range(99)]
    chain = [STACK.format(f"S{n}", "c.yaml", f"P: {value}") for n, value in enumerate([*handed, "end"])]
    child = (
        "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, end]}\n"
        "Resources: {Q: {Type: AWS::SQS::Queue, Condition: C, Properties: {QueueName: !Ref P}}}\n"
        "Outputs: {O: {Value: !Ref P}}\n"
    )
    unit = evaluate(tmp_path, {"main.yaml": "Resources:\n" + "".join(chain), "c.yaml": child})
    assert unit.problems == ()
    assert at(unit, "S0/Q").body.get("QueueName").scalar == "end"


STACK_SET = """\
Parameters: {Name: {Type: String, Default: logs}}
Resources:
  Key: {Type: AWS::KMS::Key}
  Everywhere:
    Type: AWS::CloudFormation::StackSet
    Properties:
      StackSetName: everywhere
      Parameters:
        - {ParameterKey: Key, ParameterValue: !GetAtt Key.Arn}
      TemplateBody: %s
"""


def test_a_stack_set_has_its_template_as_a_block(tmp_path: Path) -> None:
    body = (
        "|\n        Parameters: {Key: {Type: String}}\n        Resources:\n          Bucket:\n"
        "            Type: AWS::S3::Bucket\n            Properties:\n              P: !Ref Key\n"
        "              R: !Ref AWS::Region\n"
    )
    unit = evaluate(tmp_path, {"main.yaml": STACK_SET % body})
    assert unit.problems == ()
    bucket = at(unit, "Everywhere/Bucket")
    assert bucket.location == ("main.yaml", 13, 11, 13, 17)
    value = bucket.body.get("P")
    assert symbol(value) == ("Key.Arn", "Key")
    assert value.origin is not None
    assert value.origin.location == ("main.yaml", 16, 15, 16, 26)
    # A stack of a set is in some other region.
    assert symbol(bucket.body.get("R")) == ("Everywhere/AWS::Region", None)


def test_a_stack_set_has_its_template_as_a_text(tmp_path: Path) -> None:
    body = '"{\\"Resources\\": {\\"Queue\\": {\\"Type\\": \\"AWS::SQS::Queue\\"}}}"'
    unit = evaluate(tmp_path, {"main.yaml": STACK_SET % body})
    queue = at(unit, "Everywhere/Queue")
    assert queue.location[:3] == ("main.yaml", 10, 21)
    assert queue.type == "AWS::SQS::Queue"


def test_a_stack_set_has_a_template_of_the_tree(tmp_path: Path) -> None:
    main = (STACK_SET % "").replace("TemplateBody: ", "TemplateURL: set.yaml")
    child = (
        "Parameters: {Key: {Type: String}}\n"
        "Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {K: !Ref Key}}}"
    )
    unit = evaluate(tmp_path, {"main.yaml": main, "set.yaml": child})
    assert symbol(at(unit, "Everywhere/Queue").body.get("K")) == ("Key.Arn", "Key")


def test_a_value_that_is_taken_away_leaves_the_default(tmp_path: Path) -> None:
    main = PARENT.replace("Multi: false", "Multi: !Ref AWS::NoValue")
    unit = evaluate(tmp_path, {"main.yaml": main, "db/database.yaml": DATABASE})
    multi = at(unit, "Db/Instance").body.get("MultiAZ")
    assert isinstance(multi, Known)
    assert multi.data == "true"


@pytest.mark.parametrize(
    "parameters", ["!If [C, {A: x}, {A: y, B: z}]", "!If [C, {A: x}, !Ref AWS::NoValue]"]
)
def test_parameters_may_depend_on_a_condition_as_a_whole(parameters: str, tmp_path: Path) -> None:
    main = f"""\
Conditions: {{C: !Equals [!Ref AWS::Region, eu-west-1]}}
Resources:
  Queues:
    Type: AWS::CloudFormation::Stack
    Properties: {{TemplateURL: q.yaml, Parameters: {parameters}}}
"""
    child = """\
Parameters: {A: {Type: String}, B: {Type: String, Default: d}}
Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${A}-${B}'}}}
"""
    unit = evaluate(tmp_path, {"main.yaml": main, "q.yaml": child})
    assert unit.problems == ()
    name = at(unit, "Queues/Queue").body.get("QueueName")
    assert isinstance(name, Choice)
    assert name.if_true.text == "x-d"
    assert name.if_false.text == ("y-z" if "z" in parameters else None)


def test_parameters_that_a_macro_makes_may_be_any(tmp_path: Path) -> None:
    main = """\
Resources:
  Queues:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: q.yaml, Parameters: {Fn::Transform: {Name: Mine, Parameters: {P: 1}}}}
"""
    child = (
        "Parameters: {A: {Type: String}}\nResources: {Q: {Type: AWS::SQS::Queue, Properties: {N: !Ref A}}}\n"
    )
    unit = evaluate(tmp_path, {"main.yaml": main, "q.yaml": child})
    assert [one.level for one in unit.problems] == [ProblemLevel.NOTE]
    assert isinstance(at(unit, "Queues/Q").body.get("N"), Unknown)


def test_parameters_of_a_stack_set_may_depend_on_conditions(tmp_path: Path) -> None:
    main = """\
Conditions: {C: !Equals [!Ref AWS::Region, eu-west-1]}
Resources:
  Queues:
    Type: AWS::CloudFormation::StackSet
    Properties:
      TemplateURL: q.yaml
      Parameters:
        - {ParameterKey: A, ParameterValue: x}
        - !If [C, {ParameterKey: B, ParameterValue: y}, !Ref AWS::NoValue]
"""
    child = """\
Parameters: {A: {Type: String}, B: {Type: String, Default: d}}
Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${A}-${B}'}}}
"""
    unit = evaluate(tmp_path, {"main.yaml": main, "q.yaml": child})
    assert unit.problems == ()
    name = at(unit, "Queues/Queue").body.get("QueueName")
    assert isinstance(name, Choice)
    assert (str(name.guard), name.if_true.text, name.if_false.text) == ("C is true", "x-y", "x-d")
