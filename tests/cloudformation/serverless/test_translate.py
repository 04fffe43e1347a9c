"""What the transform is given, what it refuses, and what it may not reach."""

import importlib
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wa_scan.api import ScanOptions, scan
from wa_scan.blocks import EvaluatedUnit
from wa_scan.cloudformation.evaluate import EvaluateOptions, evaluate_text
from wa_scan.cloudformation.serverless import translate as module
from wa_scan.errors import ProblemKind

SAM = "Transform: AWS::Serverless-2016-10-31\n"
EXTENDED = "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\n"
GOOD = """\
  Good:
    Type: AWS::Serverless::Function
    Properties: {Handler: a.b, Runtime: python3.13, CodeUri: src}
"""


def types_of(unit: EvaluatedUnit) -> dict[str, str]:
    return {resource.address: resource.type for resource in unit.resources}


def problems_of(unit: EvaluatedUnit) -> list[tuple[int, str]]:
    return [
        (problem.location.start_line if problem.location else 0, problem.message) for problem in unit.problems
    ]


@pytest.mark.parametrize(
    ("bad", "line", "message"),
    [
        ("    Type: AWS::Serverless::Api\n", 7, "Missing required property 'StageName'"),
        (
            "    Type: AWS::Serverless::SimpleTable\n    Properties:\n      PrimaryKey: 4\n",
            10,
            "Type of property 'PrimaryKey' is invalid",
        ),
        (
            "    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n"
            "      Runtime: python3.13\n      CodeUri: s\n"
            "      Events:\n        Own: {Type: Api, Properties: {Path: /, Method: get}}\n"
            "        Odd: {Type: Carrier, Properties: {}}\n",
            15,
            "Event with id [Odd] is invalid",
        ),
        ("    Type: AWS::Serverless::Function\n    Properties: text\n", 7, "'Properties' should be a map"),
    ],
    ids=["required property", "type of a property", "event", "properties"],
)
def test_one_bad_resource_is_left_as_it_is(bad: str, line: int, message: str) -> None:
    unit = evaluate_text(f"{SAM}Resources:\n{GOOD}  # one that is not\n  Bad:\n{bad}", "t.yaml")
    types = types_of(unit)
    assert types["Good"] == "AWS::Lambda::Function"
    assert types["GoodRole"] == "AWS::IAM::Role"
    assert types["Bad"] == bad.split("\n")[0].split(": ")[1]
    first = problems_of(unit)[0]
    assert first[0] == line
    assert first[1].startswith("The SAM transform refuses Bad: ")
    assert message in first[1]


def test_many_bad_resources() -> None:
    bad = "".join(f"  Bad{n}: {{Type: AWS::Serverless::Api, Properties: {{Auth: 3}}}}\n" for n in range(20))
    unit = evaluate_text(SAM + "Resources:\n" + GOOD + bad, "t.yaml")
    assert types_of(unit)["Good"] == "AWS::Lambda::Function"
    assert [line for line, _ in problems_of(unit)] == list(range(6, 26))


def test_globals_that_are_refused() -> None:
    text = SAM + "Globals:\n  Function:\n    Colour: red\nResources:\n" + GOOD
    unit = evaluate_text(text, "t.yaml")
    assert types_of(unit) == {"Good": "AWS::Serverless::Function"}
    ((line, message),) = problems_of(unit)
    assert line == 2
    assert "'Colour' is not a supported property of 'Function'" in message


@pytest.mark.parametrize("named", [True, False], ids=["while at it", "without saying where"])
def test_a_resource_that_the_translator_trips_over(named: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from samtranslator.model.sam_resources import SamSimpleTable
    from samtranslator.translator.translator import Translator

    def trip(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    if named:
        monkeypatch.setattr(SamSimpleTable, "to_cloudformation", trip)
    else:
        connectors = Translator._get_embedded_connectors

        def trip_over_tables(self: Any, resources: Any) -> Any:
            if any(each["Type"] == "AWS::Serverless::SimpleTable" for each in resources.values()):
                raise ZeroDivisionError
            return connectors(self, resources)

        monkeypatch.setattr(Translator, "_get_embedded_connectors", trip_over_tables)
    text = (
        SAM
        + "Resources:\n"
        + GOOD
        + "  Table: {Type: AWS::Serverless::SimpleTable}\n"
        + GOOD.replace("Good", "Z")
    )
    unit = evaluate_text(text, "t.yaml")
    types = types_of(unit)
    assert types["Table"] == "AWS::Serverless::SimpleTable"
    assert types["Good"] == types["Z"] == "AWS::Lambda::Function"
    assert problems_of(unit) == [
        (6, "The SAM transform refuses Table: the translator fails: ZeroDivisionError.")
    ]


def test_more_than_cloudformation_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PARTS", 1)
    unit = evaluate_text(SAM + "Resources:\n" + GOOD + GOOD.replace("Good", "More"), "t.yaml")
    assert set(types_of(unit).values()) == {"AWS::Serverless::Function"}
    (problem,) = unit.problems
    assert problem.kind is ProblemKind.LIMIT_REACHED


def test_a_text_is_made_up_where_the_translator_wants_one() -> None:
    text = (
        SAM
        + "Parameters: {Alias: {Type: String}}\nResources:\n"
        + GOOD.replace("CodeUri: src", "CodeUri: !Sub 's3://${Alias}/x', AutoPublishAlias: !Ref Alias")
    )
    unit = evaluate_text(text, "t.yaml")
    assert unit.problems == ()
    assert "AWS::Lambda::Alias" in types_of(unit).values()


def test_globals_are_merged_as_sam_merges_them() -> None:
    text = SAM + (
        "Globals: {Function: {Runtime: python3.13, Layers: [a], Environment: {Variables: {A: 1, B: 2}}}}\n"
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {Handler: a.b, CodeUri: s, Layers: [b], Environment: {Variables: {B: 3}}}\n"
    )
    function = evaluate_text(text, "t.yaml").resources[0]
    assert [str(layer) for layer, _ in function.body.get("Layers").items()] == ["Known('a')", "Known('b')"]
    variables = function.body.get("Environment").get("Variables")
    assert str(variables) == "MapValue({'A': Known(1), 'B': Known(3)})"


@pytest.mark.parametrize("names", ["[Alpha, Beta]", "!Ref Names"], ids=["list", "parameter"])
def test_loops_run_first(names: str) -> None:
    loop = EXTENDED + (
        "Parameters: {Names: {Type: CommaDelimitedList, Default: 'Alpha,Beta'}}\nResources:\n"
        f"  Fn::ForEach::Functions:\n    - Name\n    - {names}\n    - F${{Name}}:\n"
        "        Type: AWS::Serverless::Function\n"
        "        Properties:\n          Handler: a.b\n          Runtime: python3.13\n          CodeUri: src\n"
        "          FunctionName: !Sub 'f-${Name}'\n          Description: !Ref Name\n"
        "          Events: {Tick: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}}\n"
        "Outputs:\n  Fn::ForEach::Arns:\n    - Name\n    - [Alpha]\n"
        "    - Out${Name}: {Value: !GetAtt 'F${Name}.Arn'}\n"
    )
    unit = evaluate_text(loop, "t.yaml")
    assert unit.problems == ()
    made = types_of(unit)
    assert {name for name in made if name.startswith("FAlpha")} == {
        "FAlpha",
        "FAlphaRole",
        "FAlphaTick",
        "FAlphaTickPermission",
    }
    beta = next(resource for resource in unit.resources if resource.address == "FBeta")
    assert str(beta.body.get("FunctionName")) == "Known('f-Beta')"
    assert str(beta.body.get("Description")) == "Known('Beta')"
    assert beta.location.start_line == 7
    assert str(unit.outputs["OutAlpha"].get("Value")) == "Unknown(FAlpha.Arn)"


def test_attributes_are_kept() -> None:
    attributes = "    DeletionPolicy: Retain\n    DependsOn: Queue\n    Metadata: {Reason: kept}\n"
    queue = "  Queue: {Type: AWS::SQS::Queue}\n"
    unit = evaluate_text(SAM + "Resources:\n" + GOOD + attributes + queue, "t.yaml")
    good = next(resource for resource in unit.resources if resource.address == "Good")
    assert {name: str(value) for name, value in good.meta.entries.items()} == {
        "DeletionPolicy": "Known('Retain')",
        "DependsOn": "Known('Queue')",
        "Metadata": "MapValue({'Reason': Known('kept')})",
    }
    found = good.meta.get("Metadata").get("Reason").origin
    assert found is not None
    assert found.location.start_line == 8


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("CodeUri: src", "CodeUri: ../elsewhere/that/is/not/there.zip"),
        ("CodeUri: src", "CodeUri: {Bucket: b, Key: k}"),
        ("CodeUri: src", "CodeUri: !Sub 's3://${AWS::AccountId}-code/x.zip'"),
        (", CodeUri: src", ""),
        (", CodeUri: src", ", PackageType: Image"),
        ("CodeUri: src", "InlineCode: pass"),
    ],
    ids=["local", "bucket and key", "with parameters", "none", "an image that is built", "inline"],
)
def test_code_need_not_be_there(before: str, after: str) -> None:
    text = GOOD.replace(before, after)
    if "Image" in after:
        text = text.replace("Handler: a.b, Runtime: python3.13, ", "").replace("Handler: a.b, ", "")
        text = text.replace("Runtime: python3.13, ", "")
    unit = evaluate_text(SAM + "Resources:\n" + text, "t.yaml")
    assert unit.problems == ()
    assert types_of(unit) == {"Good": "AWS::Lambda::Function", "GoodRole": "AWS::IAM::Role"}


def test_references_to_what_is_made() -> None:
    text = SAM + (
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n"
        "      Runtime: python3.13\n      CodeUri: s\n      AutoPublishAlias: live\n"
        "      Events: {A: {Type: Api, Properties: {Path: /, Method: get}}}\n"
        "Outputs:\n  Alias: {Value: !Ref F.Alias}\n  Url: {Value: !Ref ServerlessRestApi}\n"
        "  Odd: {Value: !Ref Nothing}\n"
    )
    unit = evaluate_text(text, "t.yaml")
    assert str(unit.outputs["Alias"].get("Value")) == "Unknown(FAliaslive)"
    assert str(unit.outputs["Url"].get("Value")) == "Unknown(ServerlessRestApi)"
    assert problems_of(unit) == [(14, "There is no parameter or resource Nothing.")]


def test_region_decides_the_partition() -> None:
    text = SAM + "Resources:\n" + GOOD
    found = {}
    for region in ("eu-west-1", "cn-north-1", "us-gov-west-1"):
        unit = evaluate_text(text, "t.yaml", EvaluateOptions({"AWS::Region": region}))
        role = next(resource for resource in unit.resources if resource.address == "GoodRole")
        (arn, _), *_ = role.body.get("ManagedPolicyArns").items()
        found[region] = (arn.text or "").split(":")[1]
    assert found == {"eu-west-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"}


def test_no_session_is_made_and_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    boto3: Any = importlib.import_module("boto3")

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("AWS's configuration is nobody's business")

    text = (
        SAM
        + "Resources:\n"
        + GOOD
        + (
            "  App:\n    Type: AWS::Serverless::Application\n"
            "    Properties: {Location: {ApplicationId: 'arn:aws:serverlessrepo:us-east-1:1:applications/a', "
            "SemanticVersion: 1.0.0}}\n"
        )
    )
    plain = evaluate_text(text, "t.yaml")
    (tmp_path / "config").write_text("[default]\nregion = cn-north-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    monkeypatch.setattr(boto3.session, "Session", refuse)
    monkeypatch.setattr(boto3, "client", refuse)
    logging.getLogger("samtranslator").setLevel(logging.DEBUG)
    again = evaluate_text(text, "t.yaml")
    assert again.problems == plain.problems == ()
    assert [str(each.body) for each in again.resources] == [str(each.body) for each in plain.resources]
    assert capfd.readouterr() == ("", "")


def test_applications(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(
        SAM
        + "Resources:\n  Local: {Type: AWS::Serverless::Application, Properties: {Location: nested.yaml}}\n"
        + "  Repository:\n    Type: AWS::Serverless::Application\n    Properties:\n      Location:\n"
        + "        ApplicationId: arn:aws:serverlessrepo:us-east-1:1:applications/a\n"
        + "        SemanticVersion: 1.0.0\n"
    )
    (tmp_path / "nested.yaml").write_text(SAM + "Resources:\n" + GOOD)
    report = scan([tmp_path], ScanOptions())
    assert {resource.address for resource in report.resources} == {
        "Local",
        "Local/Good",
        "Local/GoodRole",
        "Repository",
    }
    (unfound,) = report.coverage.modules_not_found
    assert unfound.call == "Repository"
    assert unfound.source == "arn:aws:serverlessrepo:us-east-1:1:applications/a 1.0.0"
    assert unfound.location.start_line == 7


def test_included_definition(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(
        SAM
        + "Resources:\n  Api:\n    Type: AWS::Serverless::Api\n    Properties:\n      StageName: live\n"
        + "      DefinitionBody:\n"
        + "        Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}\n"
    )
    (tmp_path / "api.yaml").write_text(
        "swagger: '2.0'\ninfo: {title: shop, version: '1'}\npaths: {/x: {get: {}}}\n"
    )
    from wa_scan.cloudformation.evaluate import evaluate_template
    from wa_scan.sources.units import Template

    unit = evaluate_template(Template(tmp_path / "template.yaml", "template.yaml", tmp_path))
    assert unit.problems == ()
    body = unit.resources[0].body.get("Body")
    title = body.get("info").get("title")
    assert str(title) == "Known('shop')"
    assert title.origin is not None
    assert title.origin.location[0].endswith("api.yaml")
    assert title.origin.location[1] == 2


@pytest.mark.parametrize(
    ("text", "is_imported"),
    [
        ("Resources: {Q: {Type: AWS::SQS::Queue}}", False),
        ("Transform: AWS::Serverless-2016-10-31\nResources: {Q: {Type: AWS::SQS::Queue}}", False),
        ("Transform: AWS::Serverless-2016-10-31\nResources: {Q: {Type: AWS::Serverless::SimpleTable}}", True),
    ],
    ids=["no transform", "nothing to transform", "transform"],
)
def test_imported_where_it_is_needed(text: str, is_imported: bool) -> None:
    program = (
        "import sys, json\nfrom wa_scan.cloudformation.evaluate import evaluate_text\n"
        f"evaluate_text({text!r}, 't.yaml')\nprint(json.dumps('samtranslator' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) is is_imported
