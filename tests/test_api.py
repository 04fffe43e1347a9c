"""The whole way as a library call."""

from pathlib import Path

import pytest

from wa_scan import Report, Risk, ScanOptions, UsageError, scan
from wa_scan.api import evaluate
from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.sources.discover import discover

TEMPLATE = """\
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      DBInstanceClass: db.t4g.medium
      AllocatedStorage: "20"
      MultiAZ: false
"""
MODULE = """\
resource "aws_db_instance" "main" {
  engine            = "postgres"
  instance_class    = "db.t4g.medium"
  allocated_storage = 20
  multi_az          = false
}
"""
ONE_RULE = ("rds-single-az",)


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    (tmp_path / "infra/db").mkdir(parents=True)
    (tmp_path / "infra/t.yaml").write_text(TEMPLATE)
    (tmp_path / "infra/db/main.tf").write_text(MODULE)
    return tmp_path


def failures(report: Report) -> set[tuple[str, str, str]]:
    return {(f.rule.name, f.resource.address, str(f.location)) for f in report.failures()}


def test_both_languages_in_one_report(infra: Path) -> None:
    report = scan(["infra"], ScanOptions(working_directory=infra, rules=ONE_RULE))
    assert failures(report) == {
        ("rds-single-az", "Database", "infra/t.yaml:8:7"),
        ("rds-single-az", "aws_db_instance.main", "infra/db/main.tf:5:3"),
    }
    assert report.coverage.files_read == ("infra/db/main.tf", "infra/t.yaml")
    assert report.paths == ("infra",)
    assert report.exit_status(Risk.HRI) == 1


def test_without_options_the_working_directory_is_the_processs(
    infra: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(infra)
    assert {file for _, _, file in failures(scan([Path("infra/t.yaml")]))} >= {"infra/t.yaml:8:7"}


def test_a_rule_that_does_not_exist_is_wrong_usage(infra: Path) -> None:
    with pytest.raises(UsageError, match="no rule is called 'nope'"):
        scan(["infra"], ScanOptions(working_directory=infra, skip_rules=("nope",)))


def test_nothing_to_scan_is_a_problem_unless_allowed(tmp_path: Path) -> None:
    options = ScanOptions(working_directory=tmp_path)
    assert [p.kind for p in scan(["."], options).problems] == [ProblemKind.NOTHING_TO_SCAN]
    assert scan(["."], ScanOptions(working_directory=tmp_path, allow_empty=True)).problems == ()


def test_what_is_ignored_is_counted_where_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.tf\n")
    (tmp_path / "main.tf").write_text(MODULE)
    (problem,) = scan(["."], ScanOptions(working_directory=tmp_path)).problems
    assert problem.hint == "git ignores what may be infrastructure (1 files): name it to scan it."


def test_ignored_files_take_no_part(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine.tf\n*.tfvars\n")
    (tmp_path / "main.tf").write_text('variable "a" {\n  default = "x"\n}\n')
    (tmp_path / "mine.tf").write_text(MODULE)
    (tmp_path / "terraform.tfvars").write_text('a = "ignored"\n')
    report = scan(["."], ScanOptions(working_directory=tmp_path))
    assert (report.coverage.files_read, report.resources) == (("main.tf",), ())


def test_a_part_has_no_score(infra: Path) -> None:
    options = ScanOptions(working_directory=infra, rules=ONE_RULE)
    assert scan(["infra"], options).overall == 0
    part = scan(["infra/db/main.tf"], options)
    assert (part.overall, part.scores) == (None, {})
    assert failures(part) == {("rds-single-az", "aws_db_instance.main", "infra/db/main.tf:5:3")}


def test_progress_names_each_unit_before_it_is_evaluated(infra: Path) -> None:
    heard: list[tuple[int, int, str]] = []
    options = ScanOptions(working_directory=infra)
    evaluate(discover([Path("infra")], infra), options, lambda *step: heard.append(step))
    assert heard == [(0, 2, "infra/db"), (1, 2, "infra/t.yaml")]


def test_a_fault_in_one_unit_spares_the_others(infra: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("wa_scan.terraform.evaluate.evaluate_root", fail)
    report = scan(["infra"], ScanOptions(working_directory=infra, rules=ONE_RULE))
    assert failures(report) == {("rds-single-az", "Database", "infra/t.yaml:8:7")}
    assert [(p.kind, p.location and p.location.file) for p in report.problems] == [
        (ProblemKind.INTERNAL_ERROR, "infra/db")
    ]
    assert report.exit_status(None) == 2


@pytest.mark.parametrize("each_instance", [False, True])
def test_fingerprints_in_a_repository_do_not_depend_on_the_working_directory(
    infra: Path, each_instance: bool
) -> None:
    (infra / ".git").mkdir()
    prints = {
        frozenset(
            finding.fingerprint
            for finding in scan(
                [infra / "infra"], ScanOptions(working_directory=folder, each_instance=each_instance)
            ).findings
        )
        for folder in (infra, infra / "infra", infra / "infra/db", infra.parent)
    }
    assert len(prints) == 1
    assert len(prints.pop()) > 2


def test_parameters_that_no_template_has_are_said(infra: Path) -> None:
    options = ScanOptions(working_directory=infra, rules=ONE_RULE, parameters={"Stage": "prod"})
    (problem,) = scan(["infra"], options).problems
    assert (problem.message, problem.location, problem.level) == (
        "No template that was scanned has a parameter Stage.",
        None,
        ProblemLevel.NOTE,
    )


def test_a_parameter_of_a_nested_template_is_its_parents_to_hand_over(infra: Path) -> None:
    (infra / "infra/t.yaml").write_text("Parameters: {Stage: {Type: String}}\n" + TEMPLATE)
    (infra / "infra/parent.yaml").write_text(
        "Resources:\n"
        "  Inner:\n"
        "    Type: AWS::CloudFormation::Stack\n"
        "    Properties: {TemplateURL: ./t.yaml, Parameters: {Stage: dev}}\n"
    )
    options = ScanOptions(working_directory=infra, rules=ONE_RULE, parameters={"Stage": "prod"})
    (problem,) = scan(["infra"], options).problems
    assert problem.hint == "a nested template has the values that its parent hands it"
