import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.report.hand_made import (
    DATABASE,
    SECRET,
    SINGLE_AZ,
    UNTAGGED,
    Workspace,
    finding,
    location,
    report,
    resource,
)
from wa_scan.blocks import UnfoundModule
from wa_scan.engine.findings import Status, VerdictCounts
from wa_scan.engine.framework import Pillar, Risk
from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.report import render
from wa_scan.review.report import Coverage, Report
from wa_scan.values import Guard, Step

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "schemas" / "report-1.0.schema.json").read_text(encoding="utf-8")
)


@pytest.fixture
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(SCHEMA)
    return Draft202012Validator(SCHEMA)


def rendered(report_: Report, workspace: Workspace, **settings: object) -> Any:
    return json.loads(render("json", report_, workspace({"db.tf": DATABASE}, **settings)))


def everything() -> Report:
    return report(
        finding(
            when=Guard.of("IsProd"),
            trace=(
                Step(location("terraform.tfvars", 1, 1, 17), "multi_az"),
                Step(location("db.tf", 2, 3, 19), "aws_db_instance.main.multi_az"),
            ),
            instances=("aws_db_instance.main[0]", "aws_db_instance.main[1]"),
            related=(Step(location("db.tf", 3, 3, 8), "the subnet group"),),
        ),
        finding(SECRET, fingerprint="2", secrets=("hunter2-hunter2",), message="It is hunter2-hunter2"),
        finding(UNTAGGED, fingerprint="3", of=resource("custom.x", type_="custom", canonical=None)),
        finding(UNTAGGED, fingerprint="4", status=Status.UNKNOWN),
        finding(UNTAGGED, fingerprint="5", status=Status.SUPPRESSED),
        problems=(
            Problem(ProblemKind.SYNTAX_ERROR, "Unclosed brace.", location("x.tf", 3, 1, 2), hint="Close it."),
            Problem(ProblemKind.RULE_FAILED, "REL-X-01 failed.", level=ProblemLevel.NOTE),
        ),
        coverage=Coverage(
            files_read=("db.tf",),
            files_not_read=("x.tf",),
            resources_total=5,
            resources_mapped=3,
            upkeep=2,
            unmapped_types={"aws_b": 1, "aws_a": 1},
            modules_not_found=(UnfoundModule("module.vpc", "a/b/aws", location("db.tf", 1, 1, 5)),),
            verdicts=VerdictCounts(10, 3, 2),
        ),
        scores={Pillar.RELIABILITY: 50},
        overall=50,
    )


@pytest.mark.parametrize("case", ["nothing", "everything"])
def test_every_report_fits_the_published_schema(
    case: str, validator: Draft202012Validator, workspace: Workspace
) -> None:
    document = rendered(report() if case == "nothing" else everything(), workspace)
    assert [error.message for error in validator.iter_errors(document)] == []


def test_the_schema_refuses_what_it_does_not_know(
    validator: Draft202012Validator, workspace: Workspace
) -> None:
    document = rendered(everything(), workspace)
    document["findings"][0]["resource"]["more"] = 1
    document["errors"][0]["kind"] = "new-kind"
    del document["coverage"]["verdicts"]["pass"]
    assert len(list(validator.iter_errors(document))) == 3


def test_the_schema_knows_every_kind_of_problem() -> None:
    assert set(SCHEMA["$defs"]["error"]["properties"]["kind"]["enum"]) == {kind.value for kind in ProblemKind}


def test_a_finding(workspace: Workspace) -> None:
    assert rendered(everything(), workspace)["findings"][0] == {
        "rule_id": "REL-RDS-01",
        "rule_name": "rds-single-az",
        "title": SINGLE_AZ.title,
        "pillar": "reliability",
        "pillars": ["reliability"],
        "risk": "HRI",
        "status": "fail",
        "when": "IsProd is true",
        "message": SINGLE_AZ.title,
        "why": SINGLE_AZ.why,
        "resource": {
            "address": "aws_db_instance.main",
            "type": "aws_db_instance",
            "canonical_type": "AWS::RDS::DBInstance",
            "unit": ".",
        },
        "instances": ["aws_db_instance.main[0]", "aws_db_instance.main[1]"],
        "location": {"file": "db.tf", "start_line": 2, "start_column": 3, "end_line": 2, "end_column": 19},
        "trace": [
            {"file": "terraform.tfvars", "start_line": 1, "end_line": 1, "text": "multi_az"},
            {"file": "db.tf", "start_line": 2, "end_line": 2, "text": "aws_db_instance.main.multi_az"},
        ],
        "related": [{"file": "db.tf", "start_line": 3, "end_line": 3, "text": "the subnet group"}],
        "best_practices": ["REL10-BP01"],
        "remediation": "Set `multi_az = true`.",
        "fingerprint": "5f0c",
    }


def test_what_holds_always_has_no_guard_and_stands_for_itself(workspace: Workspace) -> None:
    found = rendered(report(finding()), workspace)["findings"][0]
    assert (found["when"], found["instances"]) == (None, ["aws_db_instance.main"])


def test_the_order_of_the_report_is_kept(workspace: Workspace) -> None:
    found = rendered(everything(), workspace)["findings"]
    assert [(each["fingerprint"], each["status"]) for each in found] == [
        ("5f0c", "fail"),
        ("2", "fail"),
        ("3", "fail"),
        ("4", "unknown"),
        ("5", "suppressed"),
    ]


def test_summary(workspace: Workspace) -> None:
    summary = rendered(everything(), workspace)["summary"]
    assert summary["by_risk"] == {"HRI": 2, "MRI": 0, "LRI": 1}
    assert summary["by_pillar"]["cost-optimization"] == {"HRI": 0, "MRI": 0, "LRI": 1}
    assert summary["exit"] == {
        "status": 2,
        "reasons": ["findings", "errors"],
        "fail_on": "HRI",
        "strict": False,
    }
    figures = {name: summary[name] for name in ("findings", "unknown", "suppressed", "errors", "files")}
    assert figures == {"findings": 3, "unknown": 1, "suppressed": 1, "errors": 1, "files": 1}


def test_what_is_out_of_reach_counts_only_when_strict(workspace: Workspace) -> None:
    incomplete = report(coverage=Coverage(unmapped_types={"aws_x": 1}))
    assert rendered(incomplete, workspace)["summary"]["exit"]["reasons"] == []
    strict = rendered(incomplete, workspace, strict=True)["summary"]["exit"]
    assert (strict["status"], strict["reasons"]) == (2, ["incomplete"])


def test_never_failing(workspace: Workspace) -> None:
    summary = rendered(report(finding()), workspace, fail_on=None)["summary"]
    assert summary["exit"] == {"status": 0, "reasons": [], "fail_on": "never", "strict": False}
    lenient = rendered(report(finding(UNTAGGED)), workspace, fail_on=Risk.MRI)["summary"]
    assert lenient["exit"]["status"] == 0


def test_errors_and_coverage(workspace: Workspace) -> None:
    document = rendered(everything(), workspace)
    assert document["errors"][0] == {
        "kind": "syntax-error",
        "level": "error",
        "message": "Unclosed brace.",
        "location": {"file": "x.tf", "start_line": 3, "start_column": 1, "end_line": 3, "end_column": 2},
        "hint": "Close it.",
    }
    assert document["errors"][1]["location"] is None
    assert document["coverage"] == {
        "files": {"read": ["db.tf"], "not_read": ["x.tf"]},
        "resources": {"total": 5, "mapped": 3, "upkeep": 2},
        "unmapped_types": {"aws_a": 1, "aws_b": 1},
        "modules_not_found": [
            {
                "call": "module.vpc",
                "source": "a/b/aws",
                "location": {
                    "file": "db.tf",
                    "start_line": 1,
                    "start_column": 1,
                    "end_line": 1,
                    "end_column": 5,
                },
            }
        ],
        "verdicts": {"pass": 10, "fail": 3, "unknown": 2},
    }
    assert document["scores"]["overall"] == 50
    assert document["scores"]["pillars"]["reliability"] == 50
    assert document["scores"]["pillars"]["security"] is None


def test_secrets_are_masked(workspace: Workspace) -> None:
    text = render("json", everything(), workspace({"db.tf": DATABASE}))
    assert "hunter2-hunter2" not in text
    assert "It is hu****" in text


def test_equal_reports_give_equal_bytes(workspace: Workspace, tmp_path: Path) -> None:
    context = workspace({"db.tf": DATABASE})
    text = render("json", everything(), context)
    assert text == render("json", everything(), context)
    assert str(tmp_path) not in text
