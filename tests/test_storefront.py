"""The storefront: the same shop in both languages, with the same findings, at the lines that are to blame."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wa_scan.api import ScanOptions, scan
from wa_scan.engine.findings import Status
from wa_scan.review.report import Report

FIXTURES = Path(__file__).parents[1] / "fixtures"
EXPECTED = json.loads((FIXTURES / "storefront" / "expected.json").read_text())
LANGUAGES = ("terraform", "cloudformation")


def scanned(*parts: str) -> Report:
    return scan([FIXTURES.joinpath(*parts)], ScanOptions())


def line_of(report: Report, file: str, number: int) -> str:
    return (Path.cwd() / file).read_text().split("\n")[number - 1].strip()


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def report(language: str) -> Report:
    return scanned("storefront", language)


def test_every_planted_flaw_is_found_and_nothing_else(language: str, report: Report) -> None:
    found = {(f.rule.id, address) for f in report.failures() for address in f.instances}
    assert found == {(entry["rule"], entry[language]["address"]) for entry in EXPECTED}


@pytest.mark.parametrize("entry", EXPECTED, ids=lambda entry: entry["rule"])
def test_a_flaw_is_found_at_the_line_that_is_to_blame(
    language: str, report: Report, entry: dict[str, Any]
) -> None:
    lines = {
        line_of(report, f.location.file, f.location.start_line)
        for f in report.failures()
        if f.rule.id == entry["rule"]
    }
    expected = entry[language]["line"]
    # Null: any line of the resource will do, but one.
    assert len(lines) == 1 if expected is None else lines == {expected}


def test_nothing_stays_unread(report: Report) -> None:
    assert report.problems == ()
    assert report.coverage.files_not_read == ()
    assert report.coverage.modules_not_found == ()
    assert dict(report.coverage.unmapped_types) == {}


def test_both_languages_have_the_same_scores() -> None:
    terraform, cloudformation = (scanned("storefront", each) for each in LANGUAGES)
    assert terraform.scores == cloudformation.scores
    assert terraform.counts() == cloudformation.counts()


def test_the_trace_of_the_database_leads_back_to_the_tfvars_file() -> None:
    (finding,) = (f for f in scanned("storefront", "terraform").failures() if f.rule.id == "REL-RDS-01")
    assert [Path(step.location.file).name for step in finding.trace] == [
        "terraform.tfvars",
        "main.tf",
        "main.tf",
    ]
    assert finding.trace[0].location.start_line == 6


@pytest.mark.parametrize("mended", LANGUAGES)
def test_the_mended_shop_has_no_finding(mended: str) -> None:
    report = scanned("storefront-mended", mended)
    assert [(f.rule.id, f.instances) for f in report.findings if f.status is Status.FAIL] == []
    assert report.problems == ()
    assert report.exit_status(None) == 0
