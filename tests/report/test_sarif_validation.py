"""SARIF reports are accepted by the standard's schema and by Microsoft's SARIF Multitool.

`schemas/sarif-2.1.0.json` is the schema as the npm package `@microsoft/sarif-multitool-linux` 5.7.0
(MIT licence) carries it. The Multitool is installed by `scripts/install_sarif_multitool.sh`; its rule kind
`Ghas` is what GitHub demands.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.report.hand_made import DATABASE, SECRET, UNTAGGED, Workspace, finding, location, report, resource
from wa_scan.blocks import UnfoundModule
from wa_scan.engine.findings import Status, VerdictCounts
from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.report import render
from wa_scan.review.report import Coverage, Report
from wa_scan.values import Guard, Step

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
INSTALLED = (
    Path(__file__).parents[2]
    / ".tools/sarif-multitool/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
)

FINDINGS = (
    finding(
        instances=tuple(f'module.x["{number}"].aws_db_instance.main' for number in range(100)),
        when=Guard.of("IsProd") | ~Guard.of('var.env == "{0}"'),
        trace=(
            Step(location("terraform.tfvars", 1, 1, 17), "multi_az"),
            Step(location("db.tf", 2, 3, 19), "aws_db_instance.main.multi_az"),
        ),
        related=(Step(location("db.tf", 3, 3, 8), ""),),
    ),
    finding(SECRET, location("ü b/%41#x.tf", 1, 6, 8), secrets=("hunter2-hunter2",), fingerprint="2"),
    finding(SECRET, message="Odd {0} [text](1) \x1b[31m \u202e {name}", fingerprint="3"),
    finding(UNTAGGED, location("gone.tf", 7, 1, 2), of=resource("Ünïcode\udc80"), fingerprint="4"),
    finding(UNTAGGED, location("db.tf", 1, 1, 2, end_line=4), status=Status.UNKNOWN, fingerprint="5"),
    finding(UNTAGGED, location("db.tf", 4, 2, 2), status=Status.SUPPRESSED, fingerprint="6"),
)
PROBLEMS = (
    *(
        Problem(kind, f"{kind.value} happened", location("x y.tf", 3, 1, 2), hint="Do it")
        for kind in ProblemKind
    ),
    Problem(ProblemKind.RULE_FAILED, "REL-X-01 {0} failed [a](b).", level=ProblemLevel.NOTE),
)
COVERAGE = Coverage(
    files_read=("db.tf",),
    files_not_read=("x y.tf",),
    unmapped_types={"aws_x": 2},
    modules_not_found=(UnfoundModule("module.vpc", "a/b/aws", location("db.tf", 1, 1, 2)),),
    verdicts=VerdictCounts(1, 0, 3),
)
REPORTS = {
    "findings": report(*FINDINGS),
    "no findings": report(),
    "problems": report(problems=PROBLEMS, coverage=COVERAGE),
    "everything": report(*FINDINGS, problems=PROBLEMS, coverage=COVERAGE),
}
FILES = {"db.tf": DATABASE, "ü b/%41#x.tf": 'x = "😀"\n', "terraform.tfvars": "multi_az = false\n"}


@pytest.fixture(params=REPORTS)
def rendered(request: pytest.FixtureRequest, workspace: Workspace) -> str:
    chosen: Report = REPORTS[request.param]
    return render("sarif", chosen, workspace(FILES, show_unknown=True, category="infra"))


@pytest.fixture(scope="session")
def multitool() -> Path:
    program = Path(os.environ.get("SARIF_MULTITOOL") or INSTALLED)
    if not program.is_file():
        reason = f"no SARIF Multitool at {program.name}; scripts/install_sarif_multitool.sh installs it"
        if os.environ.get("SARIF_MULTITOOL_REQUIRED"):
            pytest.fail(reason)
        pytest.skip(reason)
    return program


def complaints(multitool: Path, log: str, folder: Path) -> list[str]:
    """The errors and warnings of the Multitool, as `RULE level message`."""
    file, output = folder / "report.sarif", folder / "verdict.sarif"
    file.write_text(log, encoding="utf-8")
    subprocess.run(
        [
            multitool,
            "validate",
            file,
            "--rule-kind",
            "Sarif;Ghas",
            "--level",
            "Error;Warning",
            "--output",
            output,
            "--log",
            "ForceOverwrite",
        ],
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        check=True,
        timeout=120,
    )
    (run,) = json.loads(output.read_text(encoding="utf-8-sig"))["runs"]
    assert run["invocations"][0]["executionSuccessful"], run["invocations"]
    return [
        f"{result['ruleId']} {result.get('level', 'warning')} {result['message']}"
        for result in run.get("results", [])
    ]


def test_fits_the_schema(rendered: str) -> None:
    validator = Draft202012Validator(SCHEMA)
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(json.loads(rendered))]
    assert errors == []


def test_the_multitool_has_nothing_to_say(rendered: str, multitool: Path, tmp_path: Path) -> None:
    assert complaints(multitool, rendered, tmp_path) == []


def test_the_multitool_would_have_something_to_say(
    workspace: Workspace, multitool: Path, tmp_path: Path
) -> None:
    """Its exit status shows nothing: this proves that its complaints are seen."""
    log = json.loads(render("sarif", REPORTS["findings"], workspace(FILES)))
    log["runs"][0]["results"][0]["ruleIndex"] = 99
    del log["runs"][0]["tool"]["driver"]["rules"][0]["help"]
    found = complaints(multitool, json.dumps(log), tmp_path)
    assert {line.split()[0] for line in found} >= {"GH2012"}
    assert len(found) >= 2
