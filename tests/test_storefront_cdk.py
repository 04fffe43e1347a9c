"""The storefront as a CDK app: its assembly has the Terraform one's findings, at the lines of the app."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from wa_scan.api import ScanOptions, scan
from wa_scan.review.report import Report

FIXTURES = Path(__file__).parents[1] / "fixtures"
APP = FIXTURES / "storefront-cdk"
EXPECTED = json.loads((FIXTURES / "storefront" / "expected.json").read_text())


@pytest.fixture(scope="module")
def report() -> Report:
    return scan(["cdk.out"], ScanOptions(working_directory=APP))


def found_in(report: Report) -> set[tuple[str, str]]:
    return {(finding.rule.id, address) for finding in report.failures() for address in finding.instances}


def test_every_planted_flaw_is_found_and_nothing_else(report: Report) -> None:
    assert found_in(report) == {(entry["rule"], entry["cdk"]["address"]) for entry in EXPECTED}


@pytest.mark.parametrize("entry", EXPECTED, ids=lambda entry: entry["rule"])
def test_a_flaw_is_found_where_its_construct_is_made(report: Report, entry: dict[str, Any]) -> None:
    (finding,) = (each for each in report.failures() if each.rule.id == entry["rule"])
    assert finding.location.file.startswith("lib/")
    line = (APP / finding.location.file).read_text().split("\n")[finding.location.start_line - 1]
    expected = entry["cdk"]["line"]
    assert expected is None or line.strip() == expected
    template = finding.related[-1]
    assert template.location.file == "cdk.out/Storefront.template.json"
    assert template.text == f"{finding.resource.address} in the template"


def test_the_place_in_the_template_is_that_of_the_property(report: Report) -> None:
    (finding,) = (each for each in report.failures() if each.rule.id == "SEC-CACHE-01")
    at = finding.related[0].location
    line = (APP / at.file).read_text().split("\n")[at.start_line - 1]
    assert line[at.start_column - 1 :] == '"TransitEncryptionEnabled": false'


def test_the_scores_are_those_of_the_other_languages(report: Report) -> None:
    terraform = scan([FIXTURES / "storefront" / "terraform"])
    assert report.counts() == terraform.counts()


def test_nothing_stays_unread_but_what_the_cdk_adds(report: Report) -> None:
    assert report.problems == ()
    assert report.coverage.files_read == ("cdk.out/Storefront.template.json",)
    assert dict(report.coverage.unmapped_types) == {}
    provider = "Storefront/Custom::VpcRestrictDefaultSGCustomResourceProvider"
    assert [one.address for one in report.resources if one.is_upkeep] == [
        "Storefront/CDKMetadata/Default",
        f"{provider}/Handler",
        f"{provider}/Role",
        "Storefront/Network/Vpc/RestrictDefaultSecurityGroupCustomResource/Default",
    ]
    assert report.coverage.upkeep == 4


def test_a_resource_is_found_by_its_logical_id(report: Report) -> None:
    unit = "cdk.out/Storefront.template.json"
    table = report.graph.find(unit, "DataCarts72E516E2")
    assert table is not None
    assert table is report.graph.find(unit, "Storefront/Data/Carts/Resource")


def test_without_the_source_findings_stand_in_the_template(tmp_path: Path) -> None:
    shutil.copytree(APP / "cdk.out", tmp_path / "cdk.out")
    report = scan(["."], ScanOptions(working_directory=tmp_path))
    assert found_in(report) == {(entry["rule"], entry["cdk"]["address"]) for entry in EXPECTED}
    assert {finding.location.file for finding in report.failures()} == {"cdk.out/Storefront.template.json"}


def test_only_the_scanned_path_is_looked_at_for_source(tmp_path: Path) -> None:
    shutil.copytree(APP / "cdk.out", tmp_path / "app" / "cdk.out")
    shutil.copytree(APP / "lib", tmp_path / "app" / "lib")
    outside = scan(["app/cdk.out"], ScanOptions(working_directory=tmp_path))
    inside = scan(["app"], ScanOptions(working_directory=tmp_path))
    assert {f.location.file for f in outside.failures()} == {"app/cdk.out/Storefront.template.json"}
    assert {Path(f.location.file).parent.as_posix() for f in inside.failures()} == {"app/lib"}


def test_the_template_alone_has_the_same_flaws_under_logical_ids(report: Report, tmp_path: Path) -> None:
    shutil.copy(APP / "cdk.out" / "Storefront.template.json", tmp_path / "template.json")
    alone = scan(["template.json"], ScanOptions(working_directory=tmp_path))
    assert sorted(f.rule.id for f in alone.failures()) == sorted(entry["rule"] for entry in EXPECTED)
    assert "DataCarts72E516E2" in {f.resource.address for f in alone.failures()}
    assert alone.coverage.upkeep == report.coverage.upkeep


def test_a_broken_manifest_is_said_and_the_template_still_judged(tmp_path: Path) -> None:
    shutil.copytree(APP / "cdk.out", tmp_path / "cdk.out")
    manifest = tmp_path / "cdk.out" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"artifacts": {', '"artifacts": {{', 1))
    broken = scan(["cdk.out"], ScanOptions(working_directory=tmp_path))
    (problem,) = broken.problems
    assert str(problem.location).startswith("cdk.out/manifest.json:3:")
    assert sorted(f.rule.id for f in broken.failures()) == sorted(entry["rule"] for entry in EXPECTED)


def test_the_committed_assembly_names_no_other_machine_s_folders() -> None:
    for file in (APP / "cdk.out").rglob("*"):
        if file.is_file():
            text = file.read_text("utf-8", "replace")
            assert "/home/" not in text, file
            assert "/Users/" not in text, file
