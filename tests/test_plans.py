"""The storefront's plan: the same findings as from its Terraform, and none twice."""

import json
import shutil
import time
from pathlib import Path

import pytest

from tests.terraform.plan_building import block, constant, instance, plan_of, refers
from tests.terraform.plan_writer import SCHEMA, write_plan
from wa_scan.api import ScanOptions, scan
from wa_scan.engine.findings import Finding, Status
from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.review.report import Report

FIXTURES = Path(__file__).parents[1] / "fixtures"
SOURCE = FIXTURES / "storefront" / "terraform"
PLAN = FIXTURES / "plans" / "storefront.json"


def seen(finding: Finding) -> tuple[object, ...]:
    return (
        finding.rule.id,
        finding.status,
        str(finding.location),
        finding.instances,
        finding.message,
        str(finding.when),
        [str(step.location) for step in finding.trace],
        finding.fingerprint,
    )


def findings(report: Report) -> list[tuple[object, ...]]:
    return [seen(finding) for finding in report.findings]


def from_source() -> Report:
    return scan([SOURCE], ScanOptions(working_directory=FIXTURES))


def test_a_plan_with_its_source_gives_the_same_findings_at_the_same_places() -> None:
    report = scan([PLAN], ScanOptions(working_directory=FIXTURES, source=SOURCE))
    assert findings(report) == findings(from_source())
    assert report.problems == ()
    assert report.scores == from_source().scores


def test_a_plan_and_its_source_together_give_them_once(tmp_path: Path) -> None:
    shutil.copytree(SOURCE, tmp_path / "infra")
    alone = scan([tmp_path / "infra"], ScanOptions(working_directory=tmp_path))
    (tmp_path / "infra" / "plans").mkdir()
    shutil.copy(PLAN, tmp_path / "infra" / "plans" / "prod.json")
    both = scan([tmp_path / "infra"], ScanOptions(working_directory=tmp_path))
    assert findings(both) == findings(alone)
    assert {resource.unit for resource in both.resources} == {"infra/plans/prod.json"}
    assert "infra/plans/prod.json" in both.coverage.files_read
    assert "infra/modules/data/main.tf" in both.coverage.files_read


def test_a_plan_alone_finds_them_in_its_json() -> None:
    report = scan([PLAN], ScanOptions(working_directory=FIXTURES))

    def failures(of: Report) -> set[tuple[str, tuple[str, ...]]]:
        return {(f.rule.id, f.instances) for f in of.findings if f.status is Status.FAIL}

    assert failures(report) == failures(from_source())
    assert {finding.location.file for finding in report.findings} == {"plans/storefront.json"}
    (finding,) = (f for f in report.findings if f.rule.id == "REL-RDS-01")
    line = PLAN.read_text().split("\n")[finding.location.start_line - 1]
    at = finding.location
    assert line[at.start_column - 1 : at.end_column - 1] == '"multi_az": false'


@pytest.mark.skipif(not SCHEMA.exists(), reason="the provider's schema is not here")
def test_the_plan_in_the_fixtures_is_the_one_that_is_written() -> None:
    assert json.loads(PLAN.read_text()) == json.loads(json.dumps(write_plan(SOURCE)))


def database(name: str, **values: object) -> dict[str, object]:
    fixed = {"engine": "postgres", "instance_class": "db.t4g.medium", "allocated_storage": 20}
    return instance(f"aws_db_instance.{name}", {**fixed, "multi_az": False, **values})


def test_a_source_that_a_plan_is_not_of_is_judged_by_itself(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_db_instance" "b" {\n  engine = "postgres"\n}\n')
    (tmp_path / "plan.json").write_text(json.dumps(plan_of(database("a"))))
    report = scan([tmp_path], ScanOptions(working_directory=tmp_path, rules=("rds-single-az",)))
    assert [(f.resource.address, f.location.file) for f in report.failures()] == [
        ("aws_db_instance.b", "main.tf"),
        ("aws_db_instance.a", "plan.json"),
    ]


def test_a_source_that_was_named_and_does_not_fit_is_said(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "main.tf").write_text('resource "aws_sqs_queue" "q" {}\n')
    (tmp_path / "plan.json").write_text(json.dumps(plan_of(database("a"))))
    options = ScanOptions(working_directory=tmp_path, source=Path("other"), rules=("rds-single-az",))
    (problem,) = scan(["plan.json"], options).problems
    assert problem.level is ProblemLevel.NOTE
    assert problem.message == "nothing in other is in the plan, so places are those of the plan"


def test_a_failed_plan_leaves_what_it_lacks_to_the_source(tmp_path: Path) -> None:
    block_of = 'resource "aws_db_instance" "{}" {{\n  engine = "postgres"\n}}\n'
    (tmp_path / "main.tf").write_text(block_of.format("a") + block_of.format("late"))
    (tmp_path / "plan.json").write_text(json.dumps(plan_of(database("a"), errored=True)))
    options = ScanOptions(working_directory=tmp_path, rules=("rds-single-az",))
    report = scan(["."], options)
    assert [f.resource.address for f in report.failures()] == ["aws_db_instance.a", "aws_db_instance.late"]
    assert [problem.level for problem in report.problems] == [ProblemLevel.ERROR]
    assert [f.resource.address for f in scan(["plan.json"], options).failures()] == ["aws_db_instance.a"]


def test_what_is_newer_than_the_plan_is_judged_as_the_source_has_it(tmp_path: Path) -> None:
    block_of = 'resource "aws_db_instance" "{}" {{\n  engine = "postgres"\n}}\n'
    (tmp_path / "main.tf").write_text(block_of.format("a") + block_of.format("new"))
    (tmp_path / "plan.json").write_text(json.dumps(plan_of(database("a"))))
    report = scan(["."], ScanOptions(working_directory=tmp_path, rules=("rds-single-az",)))
    assert [f.resource.address for f in report.failures()] == ["aws_db_instance.a", "aws_db_instance.new"]
    (problem,) = report.problems
    assert problem.level is ProblemLevel.NOTE
    assert problem.message == (
        "the plan lacks what its source has, which is judged as it is there: aws_db_instance.new"
    )


def test_plans_of_two_environments_name_the_instances_of_both(tmp_path: Path) -> None:
    text = 'resource "aws_db_instance" "a" {\n  engine = "postgres"\n  multi_az = var.x\n}\nvariable "x" {}\n'
    (tmp_path / "main.tf").write_text(text)
    for name, multi_az in (("dev", False), ("prod", True)):
        (tmp_path / f"{name}.json").write_text(json.dumps(plan_of(database("a", multi_az=multi_az))))
    options = ScanOptions(working_directory=tmp_path, rules=("rds-single-az",))
    (finding,) = scan(["."], options).failures()
    assert str(finding.location) == "main.tf:3:3"
    assert finding.resource.unit == "dev.json"


def test_ten_thousand_resources_take_seconds(tmp_path: Path) -> None:
    queues = [
        instance(
            f"aws_sqs_queue.q{number}",
            {"name": f"q-{number}", "kms_master_key_id": None, "tags": {"Owner": "me"}, "policy": ""}
            | {f"setting_{at}": at for at in range(20)},
            {"arn": True, "id": True, "redrive_policy": True},
        )
        for number in range(10_000)
    ]
    blocks = [
        block(f"aws_sqs_queue.q{number}", {"name": refers("var.name"), "tags": constant({"Owner": "me"})})
        for number in range(10_000)
    ]
    (tmp_path / "plan.json").write_text(json.dumps(plan_of(*queues, configuration={"resources": blocks})))
    started = time.process_time()
    report = scan(["plan.json"], ScanOptions(working_directory=tmp_path, rules=("resource-untagged",)))
    # Some three seconds on a machine that has nothing else to do.
    assert time.process_time() - started < 20
    assert len(report.resources) == 10_000
    assert report.problems == ()


def test_a_broken_plan_is_a_problem_of_the_scan(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(plan_of(database("a")))[:-40])
    report = scan(["plan.json"], ScanOptions(working_directory=tmp_path))
    (problem,) = report.problems
    assert problem.kind is ProblemKind.SYNTAX_ERROR
    assert report.coverage.files_not_read == ("plan.json",)
    assert report.exit_status(None) == 2
