"""The ticket shop of functions: the same in Terraform, CloudFormation and AWS SAM, with the same findings,
at the lines that are to blame."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import networkx
import pytest
from networkx.algorithms.isomorphism import categorical_multiedge_match, categorical_node_match

from tests.report.test_drawing_of_storefront import described, drawn
from wa_scan.api import ScanOptions, scan
from wa_scan.cli.main import main
from wa_scan.review.report import Report

FIXTURES = Path(__file__).parents[1] / "fixtures"
EXPECTED = json.loads((FIXTURES / "serverless" / "expected.json").read_text())
LANGUAGES = ("terraform", "cloudformation", "sam")


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    return {each: scan(["."], ScanOptions(FIXTURES / "serverless" / each)) for each in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_planted_flaw_is_found_and_nothing_else(language: str, reports: dict[str, Report]) -> None:
    found = [(f.rule.id, address) for f in reports[language].failures() for address in f.instances]
    assert sorted(found) == sorted((entry["rule"], entry[language]["address"]) for entry in EXPECTED)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("entry", EXPECTED, ids=lambda entry: entry["rule"])
def test_a_flaw_is_found_at_the_line_that_is_to_blame(
    language: str, reports: dict[str, Report], entry: dict[str, Any]
) -> None:
    (finding,) = (each for each in reports[language].failures() if each.rule.id == entry["rule"])
    text = (FIXTURES / "serverless" / language / finding.location.file).read_text()
    line = text.split("\n")[finding.location.start_line - 1]
    assert line.strip() == entry[language]["line"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_stays_unread_or_unknown(language: str, reports: dict[str, Report]) -> None:
    report = reports[language]
    assert report.problems == ()
    assert report.coverage.files_not_read == ()
    assert report.coverage.modules_not_found == ()
    assert dict(report.coverage.unmapped_types) == {}
    assert report.findings == report.failures()


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_all_languages_have_the_same_scores(language: str, reports: dict[str, Report]) -> None:
    assert reports[language].scores == reports["terraform"].scores
    assert reports[language].counts() == reports["terraform"].counts()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mended_shop_has_no_finding(language: str) -> None:
    report = scan(["."], ScanOptions(FIXTURES / "serverless-mended" / language))
    assert [(f.rule.id, f.status, f.instances) for f in report.findings] == []
    assert report.problems == ()
    assert report.exit_status(None) == 0


@pytest.mark.parametrize("fixture", ["serverless", "serverless-mended"])
@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_all_languages_draw_the_same(fixture: str, language: str) -> None:
    terraform, other = (drawn(FIXTURES / fixture / each) for each in (LANGUAGES[0], language))
    assert described(other) == described(terraform)
    assert networkx.is_isomorphic(
        other,
        terraform,
        node_match=categorical_node_match("type", None),
        edge_match=categorical_multiedge_match("kind", None),
    )


def test_an_api_is_drawn_with_what_answers_it() -> None:
    drawing = drawn(FIXTURES / "serverless" / "terraform")
    api = "aws_apigatewayv2_api.this"
    assert {(target, data["kind"]) for _, target, data in drawing.out_edges(api, data=True)} == {
        ("module.book.aws_lambda_function.this", "invokes"),
        ("module.show.aws_lambda_function.this", "invokes"),
    }


def test_given_parameters_are_shown_as_json(capfd: pytest.CaptureFixture[str]) -> None:
    template = FIXTURES / "serverless" / "sam" / "template.yaml"
    with pytest.raises(SystemExit) as stopped:
        main(["inspect", str(template), "-f", "json"])
    shown = json.loads(capfd.readouterr().out)
    assert stopped.value.code == 0
    environment = shown["resources"]["Confirm"]["Environment"]["Variables"]
    assert environment == {"SENDER": "tickets.example.com"}
