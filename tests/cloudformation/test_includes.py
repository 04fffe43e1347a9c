"""`AWS::Include`: what it puts where, and where that then stands."""

from pathlib import Path

import pytest

from tests.cloudformation.test_nested_stacks import at, evaluate
from wa_scan.errors import ProblemKind, ProblemLevel

INCLUDE = "{Fn::Transform: {Name: AWS::Include, Parameters: {Location: %s}}}"


def test_an_include_in_a_property(tmp_path: Path) -> None:
    main = (
        "Resources:\n  Api:\n    Type: AWS::ApiGateway::RestApi\n    Properties:\n      Name: a\n      Body: "
        + INCLUDE % "./api.yaml"
    )
    unit = evaluate(tmp_path, {"main.yaml": main, "api.yaml": "openapi: 3.0.1\ninfo: {title: !Ref Api}\n"})
    assert unit.problems == ()
    assert unit.files_read == ("main.yaml", "api.yaml")
    body = at(unit, "Api").body.get("Body")
    version = body.get("openapi")
    assert version.scalar == "3.0.1"
    assert version.origin is not None
    assert version.origin.location == ("api.yaml", 1, 1, 1, 15)
    assert body.get("info").get("title").all_references()
    assert at(unit, "Api").extent.file == "main.yaml"


def test_an_include_among_resources_and_beside_properties(tmp_path: Path) -> None:
    files = {
        "main.yaml": "Resources:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: more.yaml}}\n"
        "  Own:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: own\n"
        "      Fn::Transform: {Name: AWS::Include, Parameters: {Location: shared.json}}\n",
        "more.yaml": "More:\n  Type: AWS::SNS::Topic\n",
        "shared.json": '{"QueueName": "shared", "KmsMasterKeyId": "alias/aws/sqs"}',
    }
    unit = evaluate(tmp_path, files)
    assert unit.problems == ()
    assert [(one.address, one.location.file) for one in unit.resources] == [
        ("More", "more.yaml"),
        ("Own", "main.yaml"),
    ]
    own = at(unit, "Own").body
    assert (own.get("QueueName").scalar, own.get("KmsMasterKeyId").scalar) == ("own", "alias/aws/sqs")


@pytest.mark.parametrize(
    "transform",
    [
        "Transform: {Name: AWS::Include, Parameters: {Location: %s}}",
        "Transform: [{Name: AWS::Include, Parameters: {Location: %s}}]",
        "Fn::Transform: {Name: AWS::Include, Parameters: {Location: %s}}",
    ],
)
def test_an_include_at_the_top(transform: str, tmp_path: Path) -> None:
    files = {
        "main.yaml": transform % "!Ref Where" + "\nParameters: {Where: {Type: String, Default: rest.yaml}}\n",
        "rest.yaml": "Conditions: {C: {Fn::Equals: [{Ref: Where}, x]}}\n"
        "Resources: {Queue: {Type: AWS::SQS::Queue, Condition: C}}\n",
    }
    unit = evaluate(tmp_path, files, Where="rest.yaml")
    assert unit.resources == ()
    assert unit.problems == ()
    files["rest.yaml"] = files["rest.yaml"].replace("x]", "rest.yaml]")
    assert [one.address for one in evaluate(tmp_path, files, Where="rest.yaml").resources] == ["Queue"]


def test_an_address_in_s3_stands_for_the_file_that_fits(tmp_path: Path) -> None:
    main = "Resources: " + INCLUDE % "s3://bucket/snippets/queues.yaml"
    unit = evaluate(tmp_path, {"main.yaml": main, "snippets/queues.yaml": "Q: {Type: AWS::SQS::Queue}\n"})
    assert [one.address for one in unit.resources] == ["Q"]


def test_what_is_not_in_the_tree_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("Q: {Type: AWS::SQS::Queue}\n")
    main = "Resources: {T: {Type: AWS::SNS::Topic, Properties: " + INCLUDE % "../secret.yaml" + "}}"
    unit = evaluate(tmp_path / "tree", {"main.yaml": main})
    (problem,) = unit.problems
    assert (problem.kind, problem.level) == (ProblemKind.NOT_LOOKED_AT, ProblemLevel.NOTE)
    assert problem.message == "What ../secret.yaml includes here is not in the tree."
    assert [one.address for one in unit.resources] == ["T"]


def test_an_include_in_what_is_included_is_not_carried_out(tmp_path: Path) -> None:
    files = {
        "main.yaml": "Resources: " + INCLUDE % "a.yaml",
        "a.yaml": "A: {Type: AWS::SNS::Topic}\nFn::Transform: "
        "{Name: AWS::Include, Parameters: {Location: a.yaml}}\n",
    }
    unit = evaluate(tmp_path, files)
    assert [problem.message for problem in unit.problems] == [
        "CloudFormation does not carry out an include inside what is included."
    ]
    assert [one.address for one in unit.resources] == ["A"]
