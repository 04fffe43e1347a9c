"""The SARIF report, as GitHub code scanning reads it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.report.hand_made import (
    DATABASE,
    RULES,
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
from wa_scan.report import ReportContext, render
from wa_scan.report import sarif as sarif_report
from wa_scan.report.line_hash import line_hashes
from wa_scan.review.report import Coverage, Report
from wa_scan.sources.texts import SourceTexts
from wa_scan.values import Guard, Step


def run_of(report_: Report, context: ReportContext) -> Any:
    log = json.loads(render("sarif", report_, context))
    assert list(log) == ["$schema", "version", "runs"]
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return run


def test_a_result(workspace: Workspace) -> None:
    found = finding(
        of=resource(
            'module.db["a"].aws_db_instance.main[0]',
            calls=(Step(location("main.tf", 7, 1, 12), 'module "db"'),),
        ),
        instances=('module.db["a"].aws_db_instance.main[0]', 'module.db["b"].aws_db_instance.main[0]'),
        when=Guard.of("IsProd"),
        trace=(
            Step(location("terraform.tfvars", 1, 1, 17), "multi_az"),
            Step(location("db.tf", 2, 3, 19), "aws_db_instance.main.multi_az"),
        ),
        related=(Step(location("db.tf", 3, 3, 8), "the subnet group"),),
    )
    run = run_of(report(found), workspace({"db.tf": DATABASE}))
    (result,) = run["results"]
    place = {
        "artifactLocation": {"uri": "db.tf", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 19},
    }
    assert result == {
        "ruleId": "REL-RDS-01",
        "ruleIndex": 1,
        "level": "error",
        "message": {
            "text": (
                'module.db["a"].aws_db_instance.main[0]: A database runs in a single Availability Zone. '
                "This holds when IsProd is true. "
                'The same holds for module.db["b"].aws_db_instance.main[0]. '
                "How to fix: Set `multi_az = true`."
            )
        },
        "locations": [
            {
                "physicalLocation": place,
                "logicalLocations": [
                    {"fullyQualifiedName": f'module.db["{key}"].aws_db_instance.main[0]', "kind": "resource"}
                    for key in "ab"
                ],
            }
        ],
        "partialFingerprints": {
            "primaryLocationLineHash": line_hashes(DATABASE, [2])[2],
            "waScanFingerprint/v1": "5f0c",
        },
        "codeFlows": [
            {
                "threadFlows": [
                    {
                        "locations": [
                            {
                                "location": {
                                    "message": {"text": "multi_az"},
                                    "physicalLocation": {
                                        "artifactLocation": {
                                            "uri": "terraform.tfvars",
                                            "uriBaseId": "SRCROOT",
                                        },
                                        "region": {
                                            "startLine": 1,
                                            "startColumn": 1,
                                            "endLine": 1,
                                            "endColumn": 17,
                                        },
                                    },
                                }
                            },
                            {
                                "location": {
                                    "message": {"text": "aws_db_instance.main.multi_az"},
                                    "physicalLocation": place,
                                }
                            },
                        ]
                    }
                ]
            }
        ],
        "relatedLocations": [
            {
                "id": 0,
                "message": {"text": "the subnet group"},
                "physicalLocation": {
                    "artifactLocation": {"uri": "db.tf", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 3, "startColumn": 3, "endLine": 3, "endColumn": 8},
                },
            },
            {
                "id": 1,
                "message": {"text": 'module "db"'},
                "physicalLocation": {
                    "artifactLocation": {"uri": "main.tf", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 7, "startColumn": 1, "endLine": 7, "endColumn": 12},
                },
            },
        ],
    }


def test_an_address_in_the_message_is_not_said_twice(workspace: Workspace) -> None:
    found = finding(message="`aws_db_instance.main` runs in one zone")
    (result,) = run_of(report(found), workspace({}))["results"]
    assert result["message"]["text"].startswith("`aws_db_instance.main` runs in one zone. How to fix")


def test_nothing_in_a_message_is_a_link(workspace: Workspace) -> None:
    (result,) = run_of(report(finding(message="see [this](http://evil)")), workspace({}))["results"]
    assert "](" not in result["message"]["text"]


def test_levels(workspace: Workspace) -> None:
    rules = [replace(UNTAGGED, id=f"X-{risk.value}", risk=risk) for risk in Risk]
    run = run_of(report(*map(finding, rules)), workspace({}))
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    described = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in run["tool"]["driver"]["rules"]}
    assert described["X-HRI"] == "error"
    assert described["X-LRI"] == "note"


def test_rules_that_ran_are_described_with_or_without_results(workspace: Workspace) -> None:
    driver = run_of(report(), workspace({}))["tool"]["driver"]
    assert driver["name"] == "wa-scan"
    assert (driver["version"], driver["semanticVersion"]) == ("0.1.0", "0.1.0")
    assert [rule["id"] for rule in driver["rules"]] == [rule.id for rule in RULES]
    security = driver["rules"][2]
    assert security["name"] == "secret-in-code"
    assert security["shortDescription"]["text"] == "A secret is written in the code."
    assert security["fullDescription"]["text"].endswith("Whoever can read the repository can use it.")
    assert security["help"]["text"].splitlines() == [
        "A secret is written in the code.",
        "Why: Whoever can read the repository can use it.",
        "How to fix in Terraform: Read it from Secrets Manager.",
        "How to fix in CloudFormation: Use a dynamic reference to Secrets Manager.",
    ]
    assert "Read it from Secrets Manager." in security["help"]["markdown"]
    assert security["helpUri"].startswith("https://docs.aws.amazon.com/wellarchitected/")
    assert security["properties"] == {
        "tags": ["security", "HRI", "SEC02-BP03"],
        "precision": "high",
        "security-severity": "9.1",
    }


def test_only_security_rules_have_a_security_severity(workspace: Workspace) -> None:
    by_default = replace(SECRET, id="SEC-X-01", security_severity=None, risk=Risk.MRI)
    driver = run_of(report(finding(by_default)), workspace({}))["tool"]["driver"]
    properties = {rule["id"]: rule["properties"] for rule in driver["rules"]}
    assert properties["SEC-X-01"]["security-severity"] == "5.5"
    assert "problem.severity" not in properties["SEC-X-01"]
    assert properties["COST-TAG-01"]["problem.severity"] == "recommendation"
    assert properties["REL-RDS-01"]["problem.severity"] == "error"
    assert all("security-severity" not in properties[id_] for id_ in ("COST-TAG-01", "REL-RDS-01"))


def test_limits_of_rules(workspace: Workspace) -> None:
    long = replace(
        SINGLE_AZ,
        why="very " * 500 + "long",
        best_practices=tuple(f"REL10-BP{number:02}" for number in range(30)),
        pillars=tuple(Pillar),
    )
    rules = run_of(report(finding(replace(long, id="X-1"))), workspace({}))["tool"]["driver"]["rules"]
    rule = rules[-1]
    assert len(rule["fullDescription"]["text"]) == 1024
    assert rule["fullDescription"]["text"].endswith("…")
    assert len(rule["properties"]["tags"]) == 10


def test_columns_are_utf16_code_units(workspace: Workspace) -> None:
    context = workspace({"db.tf": "😀 = 名前\n𝒳𝒳 end\n"})
    run = run_of(report(finding(at=location("db.tf", 1, 5, 4, end_line=2))), context)
    assert run["columnKind"] == "utf16CodeUnits"
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 1, "startColumn": 6, "endLine": 2, "endColumn": 6}


def test_a_region_never_ends_before_it_starts(workspace: Workspace) -> None:
    run = run_of(report(finding(at=location("gone.tf", 0, 5, 2, end_line=0))), workspace({}))
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 1, "startColumn": 5, "endLine": 1, "endColumn": 5}


def test_uris_are_relative_to_the_repository_and_percent_encoded(tmp_path: Path) -> None:
    folder = tmp_path / "repository" / "infra"
    folder.mkdir(parents=True)
    names = ["a b#c?.tf", "ü:x%.tf"]
    context = ReportContext(
        texts=SourceTexts({name: folder / name for name in names}),
        repository_root=tmp_path / "repository",
        working_directory=folder,
    )
    run = run_of(report(*(finding(at=location(name, 1, 1, 2)) for name in names)), context)
    uris = [r["locations"][0]["physicalLocation"]["artifactLocation"] for r in run["results"]]
    assert uris == [
        {"uri": "infra/a%20b%23c%3F.tf", "uriBaseId": "SRCROOT"},
        {"uri": "infra/%C3%BC%3Ax%25.tf", "uriBaseId": "SRCROOT"},
    ]
    assert str(tmp_path) not in render("sarif", report(), context)


def test_uris_without_a_repository(tmp_path: Path) -> None:
    """Relative to the working directory, or to what was scanned where that lies outside of it."""
    scanned, elsewhere = tmp_path / "infra", tmp_path / "elsewhere"
    for folder in (scanned / "db", elsewhere):
        folder.mkdir(parents=True)
    shown = (scanned / "db" / "main.tf").as_posix()
    texts = SourceTexts({shown: scanned / "db" / "main.tf", "infra/db/main.tf": scanned / "db" / "main.tf"})

    def uri(working_directory: Path, path: str, file: str) -> str:
        context = ReportContext(texts=texts, working_directory=working_directory)
        run = run_of(report(finding(at=location(file, 1, 1, 2)), paths=(path,)), context)
        (result,) = run["results"]
        return str(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])

    assert uri(tmp_path, "infra", "infra/db/main.tf") == "infra/db/main.tf"
    assert uri(elsewhere, str(scanned), shown) == "db/main.tf"


def test_unknown_verdicts_are_results_only_when_asked_for(workspace: Workspace) -> None:
    found = report(finding(status=Status.UNKNOWN))
    assert run_of(found, workspace({}))["results"] == []
    (result,) = run_of(found, workspace({}, show_unknown=True))["results"]
    assert (result["kind"], result["level"]) == ("open", "none")


def test_suppressed_findings_say_so(workspace: Workspace) -> None:
    run = run_of(report(finding(status=Status.SUPPRESSED)), workspace({}))
    assert run["results"][0]["suppressions"] == [{"kind": "inSource"}]


def test_without_the_text_there_is_still_a_fingerprint(workspace: Workspace) -> None:
    (result,) = run_of(report(finding(at=location("gone.tf", 9, 1, 2))), workspace({}))["results"]
    assert result["partialFingerprints"]["primaryLocationLineHash"] == "5f0c"


def test_what_was_not_read_is_a_notification(workspace: Workspace) -> None:
    blind = report(
        problems=(
            Problem(ProblemKind.SYNTAX_ERROR, "Never closed", location("x y.tf", 3, 1, 2), hint="Close it"),
            Problem(ProblemKind.RULE_NOT_LOADED, "x.yaml: no such key."),
            Problem(ProblemKind.LIMIT_REACHED, "Too large.", level=ProblemLevel.NOTE),
        ),
        coverage=Coverage(
            unmapped_types={"aws_x": 2},
            modules_not_found=(UnfoundModule("module.vpc", "a/b/aws", location("db.tf", 1, 1, 2)),),
            verdicts=VerdictCounts(1, 0, 3),
        ),
    )
    run = run_of(blind, workspace({}))
    assert run["results"] == []
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    descriptors = [each["id"] for each in run["tool"]["driver"]["notifications"]]
    (configuration,) = invocation["toolConfigurationNotifications"]
    assert configuration == {
        "descriptor": {"id": "rule-not-loaded", "index": descriptors.index("rule-not-loaded")},
        "level": "error",
        "message": {"text": "x.yaml: no such key."},
    }
    execution = invocation["toolExecutionNotifications"]
    assert execution[0] == {
        "descriptor": {"id": "syntax-error", "index": descriptors.index("syntax-error")},
        "level": "error",
        "message": {"text": "Never closed. Close it."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "x%20y.tf", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 2},
                }
            }
        ],
    }
    assert [(each["descriptor"]["id"], each["level"]) for each in execution[1:]] == [
        ("limit-reached", "note"),
        ("module-not-found", "note"),
        ("unmapped-resource-type", "note"),
        ("undecided-verdicts", "note"),
    ]
    for notification in execution:
        assert descriptors[notification["descriptor"]["index"]] == notification["descriptor"]["id"]


@pytest.mark.parametrize("kind", ProblemKind)
def test_every_kind_of_problem_has_a_descriptor(kind: ProblemKind, workspace: Workspace) -> None:
    run = run_of(report(problems=(Problem(kind, "It happened."),)), workspace({}))
    (descriptor,) = run["tool"]["driver"]["notifications"]
    assert descriptor["id"] == kind.value
    assert descriptor["fullDescription"]["text"]
    assert descriptor["help"]["text"]


def test_a_clean_run(workspace: Workspace) -> None:
    run = run_of(report(), workspace({}))
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 0}]
    assert run["results"] == []
    assert "automationDetails" not in run


@pytest.mark.parametrize("category", ["infra", "infra/"])
def test_the_category(category: str, workspace: Workspace) -> None:
    assert run_of(report(), workspace({}, category=category))["automationDetails"] == {"id": "infra/"}


def test_too_many_results_are_cut_by_risk_and_said(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif_report, "MOST_RESULTS", 2)
    run = run_of(report(finding(), finding(SECRET), finding(UNTAGGED)), workspace({}))
    assert [result["level"] for result in run["results"]] == ["error", "error"]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["descriptor"]["id"] == "results-cut"
    assert notification["message"]["text"].startswith("1 result")


def test_a_hundred_instances(workspace: Workspace) -> None:
    addresses = tuple(f"aws_db_instance.main[{number}]" for number in range(100))
    (result,) = run_of(report(finding(instances=addresses)), workspace({}))["results"]
    assert len(result["locations"][0]["logicalLocations"]) == 50
    assert "aws_db_instance.main[4] and 95 more." in result["message"]["text"]


def test_secrets_are_masked(workspace: Workspace) -> None:
    secret = "hunter2-hunter2"
    found = report(
        finding(
            SECRET,
            message=f"It is {secret}",
            secrets=(secret,),
            when=Guard.of(secret),
            trace=(Step(location("db.tf", 1, 1, 2), secret),) * 2,
            related=(Step(location("db.tf", 1, 1, 2), secret),),
        ),
        problems=(Problem(ProblemKind.EVALUATION_ERROR, f"no such key {secret}"),),
    )
    text = render("sarif", found, workspace({"db.tf": f'x = "{secret}"\n'}))
    assert secret not in text
    assert "It is hu****" in text


def test_equal_reports_give_equal_bytes(workspace: Workspace, tmp_path: Path) -> None:
    context = workspace({"db.tf": DATABASE})
    text = render("sarif", report(finding()), context)
    assert text == render("sarif", report(finding()), context)
    assert str(tmp_path) not in text
