"""A SAM template and what the translator makes of it have the same findings, those of the first one at the
lines that their author wrote."""

from pathlib import Path

import pytest

from tests.cloudformation.serverless.reference import compiled
from wa_scan.api import ScanOptions, scan
from wa_scan.cloudformation.decode import decode
from wa_scan.cloudformation.nodes import MappingNode
from wa_scan.engine.findings import Status
from wa_scan.errors import ProblemLevel
from wa_scan.review.report import Report

CORPORA = Path(__file__).parents[3].parent / "shared" / "corpora"
TEMPLATES = Path(__file__).parent / "templates"
TRANSFORM = "AWS::Serverless-2016-10-31"


def is_serverless(path: Path) -> bool:
    if path.suffix not in (".yaml", ".yml", ".json", ".template") or not path.is_file():
        return False
    text = path.read_text(encoding="utf-8", errors="replace")
    decoded = decode(text, path.name)
    return TRANSFORM in text and decoded.root is not None and not decoded.problems


CORPUS = sorted(path for path in CORPORA.rglob("*") if is_serverless(path)) if CORPORA.is_dir() else []


def findings(report: Report) -> set[tuple[str, str, Status]]:
    return {
        (found.rule.id, address, found.status) for found in report.findings for address in found.instances
    }


def check(path: Path, folder: Path) -> Report:
    written, made = folder / "written" / f"template{path.suffix}", folder / "made" / "template.json"
    for file, text in ((written, path.read_text(encoding="utf-8-sig")), (made, compiled(path))):
        file.parent.mkdir()
        file.write_text(text, encoding="utf-8")
    report = scan([written], ScanOptions())
    expected = scan([made], ScanOptions())
    assert not [problem for problem in expected.problems if problem.level is ProblemLevel.ERROR]
    assert findings(report) == findings(expected)
    assert_written(report, path.read_text(encoding="utf-8-sig"))
    return report


def assert_written(report: Report, text: str) -> None:
    """Each finding stands in a resource or in `Globals`, and so does each step that leads to it."""
    root = decode(text, "x").root
    assert isinstance(root, MappingNode)
    areas = [
        entry.key.to(entry.value.location)
        for name in ("Resources", "Globals", "Parameters", "Conditions")
        if (entry := root.entries.get(name))
    ]
    resources = root.get("Resources")
    assert isinstance(resources, MappingNode)
    headers = [entry.key.to(entry.value.location) for entry in resources.entries.values()]
    shared = root.entries.get("Globals")
    if shared is not None:
        headers.append(shared.key.to(shared.value.location))
    for found in report.findings:
        at = found.location._replace(file="x")
        assert any(area.contains(at) for area in headers), found
        for step in found.trace:
            assert any(area.contains(step.location._replace(file="x")) for area in areas), (found, step)


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.yaml")), ids=lambda path: path.stem)
def test_same_findings(path: Path, tmp_path: Path) -> None:
    report = check(path, tmp_path)
    assert report.problems == ()


@pytest.mark.skipif(not CORPUS, reason="the corpora are not beside this checkout")
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.relative_to(CORPORA).as_posix())
def test_same_findings_in_real_templates(path: Path, tmp_path: Path) -> None:
    check(path, tmp_path)
