"""The text report, read as a person would: whole."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

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
from wa_scan.blocks import Language, UnfoundModule
from wa_scan.engine.findings import Status, VerdictCounts
from wa_scan.engine.framework import Pillar, Risk
from wa_scan.errors import Entry, Problem, ProblemKind, ProblemLevel
from wa_scan.report import render
from wa_scan.review.report import Coverage
from wa_scan.values import Guard, Step

WHOLE = """\
HRI REL-RDS-01 rds-single-az (reliability)
  A database runs in a single Availability Zone
  Why: When that zone fails, the database is down until the zone is back.
  Fix: Set `multi_az = true`.

  db.tf:2:3  aws_db_instance.main[0] (+ 2 more instances)
    2 |   multi_az = var.multi_az
      |   ^^^^^^^^^^^^^^^^^^^^^^^
      = fails when var.env == "prod" is false
      = from terraform.tfvars:1 multi_az → variables.tf:4 variable "multi_az"

LRI COST-TAG-01 resource-untagged (cost optimization, operational excellence)
  A resource has no tags
  Why: Cost and ownership cannot be told.
  Fix: Add `tags`.

  db.tf:1:1  aws_db_instance.main
    1 | resource "aws_db_instance" "main" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = The instance has no tags, and the provider that makes it has no default
        tags either.

Summary                     HRI    MRI    LRI    all  score
  Operational excellence      -      -      -      -      -
  Security                    -      -      -      -    100
  Reliability                 1      -      -      1     50
  Performance efficiency      -      -      -      -      -
  Cost optimization           -      -      1      1      0
  Sustainability              -      -      -      -      -
  All pillars                 1      -      1      2     50

  HRI: fix within 30 days; MRI: fix within 90 days; LRI: plan in the backlog.
  The score is the share of checks met. A finding is counted under its first
  pillar and lowers the scores of all of its pillars.

1 finding at or above HRI, 1 below it, in 2 files, 57 resources.
"""


def test_findings(workspace: Workspace) -> None:
    found = report(
        finding(
            at=location("db.tf", 2, 3, 26),
            of=resource("aws_db_instance.main[0]"),
            instances=tuple(f"aws_db_instance.main[{index}]" for index in range(3)),
            when=~Guard.of('var.env == "prod"'),
            trace=(
                Step(location("terraform.tfvars", 1, 1, 17), "multi_az"),
                Step(location("variables.tf", 4, 1, 20), 'variable "multi_az"'),
                Step(location("db.tf", 2, 3, 26), "aws_db_instance.main.multi_az"),
            ),
        ),
        finding(
            UNTAGGED,
            location("db.tf", 1, 1, 34),
            message="The instance has no tags, and the provider that makes it has no default tags either.",
        ),
        coverage=Coverage(files_read=("db.tf", "variables.tf"), resources_total=57, resources_mapped=57),
        scores={Pillar.SECURITY: 100, Pillar.RELIABILITY: 50, Pillar.COST_OPTIMIZATION: 0},
        overall=50,
    )
    assert render("text", found, workspace({"db.tf": DATABASE.replace("= false", "= var.multi_az")})) == WHOLE


def test_nothing_found(workspace: Workspace) -> None:
    clean = report(coverage=Coverage(files_read=("a.tf", "b.tf"), resources_total=57, resources_mapped=57))
    assert render("text", clean, workspace({})) == "No findings in 2 files, 57 resources.\n"


def test_what_could_not_be_looked_at(workspace: Workspace) -> None:
    blind = report(
        problems=(
            Problem(
                ProblemKind.SYNTAX_ERROR,
                "This block is never closed.",
                location("broken.tf", 3, 1, 2),
                hint="Add a closing brace.",
            ),
            Problem(ProblemKind.UNREADABLE_FILE, "It is not UTF-8 text.", location("binary.tf", 1, 1, 1)),
            Problem(ProblemKind.RULE_NOT_LOADED, "rules/x.yaml: there is no key 'risc'."),
            Problem(
                ProblemKind.OUTSIDE_TREE,
                "file() asks for a file outside the scanned folder, which is not read.",
                location("some/rather/deep/folder/main.tf", 120, 17, 40),
                level=ProblemLevel.NOTE,
            ),
        ),
        coverage=Coverage(
            files_read=("db.tf",),
            files_not_read=("broken.tf", "secret.tf"),
            resources_total=14,
            resources_mapped=1,
            upkeep=2,
            unmapped_types={"aws_b": 1, "aws_a": 12},
            modules_not_found=(
                UnfoundModule("module.vpc", "terraform-aws-modules/vpc/aws", location("db.tf", 3, 1, 9)),
            ),
            verdicts=VerdictCounts(10, 0, 4),
        ),
    )
    assert (
        render("text", blind, workspace({}))
        == """\
Could not be read or checked
  broken.tf:3:1  This block is never closed.
    Add a closing brace.
  binary.tf  It is not UTF-8 text.
  rules/x.yaml: there is no key 'risc'.
  secret.tf

Not looked at
  some/rather/deep/folder/main.tf:120:17
    file() asks for a file outside the scanned folder, which is not read.
  1 module is not on disk; terraform init or --download-modules fetches them:
    db.tf:3:1  module.vpc: terraform-aws-modules/vpc/aws
  13 resources of types that no rule knows yet: aws_a (12), aws_b (1).
  2 resources that the AWS CDK adds for its own upkeep are not judged.
  4 verdicts depend on values that are not in the code; --show-unknown lists
  them. --var, --var-file and --parameter give values.

No findings in 1 file, 14 resources. 3 errors: not everything was reviewed.
"""
    )


@pytest.mark.parametrize(
    ("fail_on", "last"),
    [
        (Risk.HRI, "1 finding at or above HRI, 1 below it (1 suppressed), in 1 file, 1 resource."),
        (Risk.MRI, "1 finding at or above MRI, 1 below it (1 suppressed), in 1 file, 1 resource."),
        (Risk.LRI, "2 findings (1 suppressed) in 1 file, 1 resource."),
        (None, "2 findings (1 suppressed) in 1 file, 1 resource."),
    ],
)
def test_the_last_line_says_what_it_comes_to(fail_on: Risk | None, last: str, workspace: Workspace) -> None:
    found = report(finding(), finding(UNTAGGED), finding(UNTAGGED, status=Status.SUPPRESSED))
    text = render("text", found, workspace({}, fail_on=fail_on))
    assert text.splitlines()[-1] == last


def test_only_findings_below_the_gate(workspace: Workspace) -> None:
    text = render("text", report(finding(UNTAGGED)), workspace({}))
    assert text.splitlines()[-1] == "No findings at or above HRI, 1 below it, in 1 file, 1 resource."


def test_strict_says_that_it_is_not_content(workspace: Workspace) -> None:
    incomplete = report(coverage=Coverage(files_read=("a.tf",), unmapped_types={"aws_x": 1}))
    text = render("text", incomplete, workspace({}, strict=True))
    assert text.splitlines()[-1] == (
        "No findings in 1 file, 0 resources. Not everything was reviewed, which --strict asks for."
    )


def test_unknown_verdicts_are_listed_when_asked_for(workspace: Workspace) -> None:
    found = report(finding(status=Status.UNKNOWN, when=Guard.of("IsProd")))
    files = {"db.tf": DATABASE}
    assert "REL-RDS-01" not in render("text", found, workspace(files))
    assert render("text", found, workspace(files, show_unknown=True)).startswith(
        """\
unknown REL-RDS-01 rds-single-az (reliability)
  A database runs in a single Availability Zone
  Why: When that zone fails, the database is down until the zone is back.
  Fix: Set `multi_az = true`.

  db.tf:2:3  aws_db_instance.main
    2 |   multi_az = false
      |   ^^^^^^^^^^^^^^^^
      = unknown when IsProd is true
"""
    )


def test_a_fix_in_each_language_of_the_findings(workspace: Workspace) -> None:
    template = resource("Main", language=Language.CLOUDFORMATION)
    text = render("text", report(finding(), finding(of=template)), workspace({}))
    assert text.splitlines()[3:5] == [
        "  Fix in Terraform: Set `multi_az = true`.",
        "  Fix in CloudFormation: Set `MultiAZ` to true.",
    ]


def test_long_lists_are_cut_and_say_so(workspace: Workspace) -> None:
    places = [finding(at=location("db.tf", 2, 3, 19), fingerprint=str(number)) for number in range(47)]
    text = render("text", report(*places), workspace({"db.tf": DATABASE}))
    assert text.count("db.tf:2:3") == 10
    assert "  … and 37 more places; -f json lists them all.\n" in text
    text = render("text", report(*places), workspace({"db.tf": DATABASE}, places_per_rule=None))
    assert text.count("db.tf:2:3") == 47
    assert "more places" not in text


def test_long_traces_and_many_related_places_are_cut(workspace: Workspace) -> None:
    steps = tuple(Step(location("m.tf", number, 1, 2), f"step{number}") for number in range(1, 10))
    text = render("text", report(finding(trace=steps, related=steps[:5])), workspace({}, width=120))
    assert "= from m.tf:1 step1 → … 5 steps … → m.tf:7 step7 → line 8 step8\n" in text
    assert text.count("= see ") == 3
    assert "= and 2 more related places\n" in text


def test_a_missing_file_shows_no_source(workspace: Workspace) -> None:
    text = render("text", report(finding(at=location("gone.tf", 2, 3, 19))), workspace({}))
    assert "  gone.tf:2:3  aws_db_instance.main\n\nSummary" in text


def test_carriage_returns_and_a_byte_order_mark_do_not_show(workspace: Workspace) -> None:
    context = workspace({"db.tf": b"\xef\xbb\xbf" + DATABASE.replace("\n", "\r\n").encode()})
    text = render("text", report(finding(at=location("db.tf", 1, 1, 9))), context)
    assert '    1 | resource "aws_db_instance" "main" {\n      | ^^^^^^^^\n' in text


def test_a_long_address_stands_on_its_own_line(workspace: Workspace) -> None:
    address = 'module.database["europe"].module.primary.aws_db_instance.main[0]'
    text = render("text", report(finding(of=resource(address))), workspace({}, width=60))
    assert f"  db.tf:2:3\n  {address}\n" in text


@pytest.mark.parametrize("width", [20, 80, 140])
def test_lines_of_prose_and_source_keep_to_the_width(width: int, workspace: Workspace) -> None:
    rule = replace(SINGLE_AZ, why="word " * 60, title="word " * 30)
    found = report(finding(rule, location("db.tf", 1, 3, 900), message="other " * 50))
    text = render("text", found, workspace({"db.tf": "x" * 1000}, width=width))
    widest = max(len(line) for line in text.split("\nSummary")[0].splitlines())
    assert widest <= max(width, 44)


def test_text_from_scanned_files_cannot_act_on_the_terminal(workspace: Workspace) -> None:
    evil = "\x1b[2J\x1b]0;owned\x07\u202e\x9b\r"
    found = report(
        finding(
            at=location("db.tf", 1, 1, 5),
            of=resource(f"aws_x.{evil}"),
            message=f"It is {evil}",
            when=Guard.of(evil),
            trace=(Step(location(f"{evil}.tf", 1, 1, 2), evil), Step(location("db.tf", 1, 1, 5), evil)),
            related=(Step(location(f"{evil}.tf", 1, 1, 2), evil),),
        ),
        finding(UNTAGGED, location(f"{evil}.tf", 1, 1, 2)),
        problems=(Problem(ProblemKind.SYNTAX_ERROR, evil, location(evil, 1, 1, 2), hint=evil),),
        coverage=Coverage(
            files_not_read=(evil,),
            unmapped_types={evil: 1},
            modules_not_found=(UnfoundModule(evil, evil, location(evil, 1, 1, 2)),),
        ),
    )
    text = render("text", found, workspace({"db.tf": evil + "\n"}))
    assert all(line.isprintable() for line in text.split("\n"))
    assert "\\x1b[2J" in text


def test_markup_in_data_is_data(workspace: Workspace) -> None:
    found = report(finding(message="[red]not markup[/red] :smile:"))
    assert "= [red]not markup[/red] :smile:\n" in render("text", found, workspace({}, colour=True)).replace(
        "\x1b[2m", ""
    ).replace("\x1b[0m", "")


def test_colour_only_when_asked_for_and_then_only_colour(workspace: Workspace) -> None:
    found = report(finding(), finding(SECRET), problems=(Problem(ProblemKind.RULE_FAILED, "x"),))
    plain = render("text", found, workspace({"db.tf": DATABASE}))
    coloured = render("text", found, workspace({"db.tf": DATABASE}, colour=True))
    assert "\x1b" not in plain
    assert "\x1b[1;31mHRI\x1b[0m" in coloured
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == plain


def test_secrets_are_masked_for_every_finding(workspace: Workspace) -> None:
    source = 'a = "hunter2-hunter2"\nb = "hunter2-hunter2"\n'
    found = report(
        finding(SECRET, location("db.tf", 1, 5, 22), secrets=("hunter2-hunter2",), message="hunter2-hunter2"),
        finding(
            UNTAGGED,
            location("db.tf", 2, 5, 22),
            when=Guard.of('var.x == "hunter2-hunter2"'),
            trace=(Step(location("v.tf", 1, 1, 2), "hunter2-hunter2"),) * 2,
            related=(Step(location("v.tf", 1, 1, 2), "hunter2-hunter2"),),
        ),
    )
    text = render("text", found, workspace({"db.tf": source}))
    assert "hunter2" not in text
    assert '    2 | b = "hu****"\n      |     ^^^^^^^^\n' in text


def test_a_password_that_reads_like_the_name_of_a_resource_does_not_hide_the_name(
    workspace: Workspace,
) -> None:
    made = finding(SECRET, location("db.tf", 1, 5, 15), secrets=("postgres",))
    for name, shown in (
        ("aws_db_instance.postgres", "aws_db_instance.postgres"),
        ('aws_db_instance.postgres["postgres"]', 'aws_db_instance.postgres["po****"]'),
    ):
        resource = replace(made.resource, address=name)
        text = render(
            "text", report(replace(made, resource=resource)), workspace({"db.tf": 'a = "postgres"\n'})
        )
        assert f"  {shown}\n" in text


def test_equal_reports_give_equal_bytes(workspace: Workspace, tmp_path: Path) -> None:
    found, context = report(finding(), finding(UNTAGGED)), workspace({"db.tf": DATABASE})
    assert render("text", found, context) == render("text", found, context)
    assert str(tmp_path) not in render("text", found, context)


def test_many_errors_are_grouped_by_file_and_notes_by_message(workspace: Workspace) -> None:
    errors = [
        Problem(ProblemKind.EVALUATION_ERROR, f"Error {number}.", location("a.yaml", number, 5, 6))
        for number in range(8, 15)
    ]
    single = Problem(ProblemKind.SYNTAX_ERROR, "Never closed.", location("b.tf", 1, 1, 2))
    notes = [
        Problem(
            ProblemKind.EVALUATION_ERROR,
            "What the macro makes of this was not looked at.",
            location(f"{name}.yaml", 1, 12, 20),
            level=ProblemLevel.NOTE,
        )
        for name in "cdefg"
    ]
    text = render("text", report(problems=(*errors, single, *notes)), workspace({}))
    assert (
        text
        == """\
Could not be read or checked
  a.yaml
    8:5   Error 8.
    9:5   Error 9.
    10:5  Error 10.
    11:5  Error 11.
    12:5  Error 12.
    … and 2 more; -f json lists them all.
  b.tf:1:1  Never closed.

Not looked at
  What the macro makes of this was not looked at.
    c.yaml:1:12
    d.yaml:1:12
    e.yaml:1:12
    … and 2 more; -f json lists them all.

No findings in 1 file, 1 resource. 8 errors: not everything was reviewed.
"""
    )


def test_notes_that_differ_in_one_name_are_a_list_of_names(workspace: Workspace) -> None:
    def note(name: str, file: str, times: str = "") -> Problem:
        return Problem(
            ProblemKind.NOT_LOOKED_AT,
            f"What the custom resource {name}{times} does was not looked at.",
            location(file, 7, 3, 9),
            level=ProblemLevel.NOTE,
            entry=Entry("What these custom resources do was not looked at:", name),
        )

    alone = Problem(
        ProblemKind.NOT_LOOKED_AT,
        "What the macro Count makes of this template was not looked at.",
        location("m.yaml", 1, 12, 20),
        level=ProblemLevel.NOTE,
        entry=Entry("What these macros make of their templates was not looked at:", "Count"),
    )
    many = tuple(note(f"Custom::C{number:02}", "c.yaml") for number in range(9))
    problems = (
        note("Custom::A", "a.yaml"),
        alone,
        note("Custom::B", "b.yaml"),
        note("Custom::A", "b.yaml", " (2 times)"),
    )
    text = render("text", report(problems=(*problems, *many)), workspace({}))
    assert (
        text
        == """\
Not looked at
  What these custom resources do was not looked at:
    a.yaml:7:3  Custom::A (+ 1 more place)
    b.yaml:7:3  Custom::B
    c.yaml:7:3  Custom::C00
    c.yaml:7:3  Custom::C01
    c.yaml:7:3  Custom::C02
    c.yaml:7:3  Custom::C03
    c.yaml:7:3  Custom::C04
    c.yaml:7:3  Custom::C05
    c.yaml:7:3  Custom::C06
    c.yaml:7:3  Custom::C07
    … and 1 more; -f json lists them all.
  m.yaml:1:12  What the macro Count makes of this template was not looked at.

No findings in 1 file, 1 resource.
"""
    )


def test_without_scores_there_is_no_column_for_them(workspace: Workspace) -> None:
    text = render("text", report(finding(), finding(UNTAGGED)), workspace({}))
    assert (
        text[text.index("Summary") : text.index("\n\n1 finding")]
        == """\
Summary                     HRI    MRI    LRI    all
  Operational excellence      -      -      -      -
  Security                    -      -      -      -
  Reliability                 1      -      -      1
  Performance efficiency      -      -      -      -
  Cost optimization           -      -      1      1
  Sustainability              -      -      -      -
  All pillars                 1      -      1      2

  HRI: fix within 30 days; MRI: fix within 90 days; LRI: plan in the backlog."""
    )


def test_the_calls_that_lead_to_a_module_are_not_repeated(workspace: Workspace) -> None:
    call = Step(location("main.tf", 7, 1, 12), "module.db")
    found = finding(
        of=resource("module.db.aws_db_instance.main", calls=(call,)),
        related=(call, Step(location("net.tf", 3, 1, 2), "the subnet group")),
        trace=(
            Step(location("x/prod.tfvars", 1, 1, 2), "prod.tfvars"),
            Step(location("db.tf", 2, 3, 19), "a"),
        ),
    )
    text = render("text", report(found), workspace({"db.tf": DATABASE}))
    assert "^^^\n      = from x/prod.tfvars:1\n      = see net.tf:3 the subnet group\n\nSummary" in text
