"""Scans of whole folders through the command line's entry point, and what must hold of every one of them.

Beside what a test is about lie two neighbours, one in each language, with one finding each: whatever the rest
holds, these must be found.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft202012Validator

from wa_scan.report.printable import printable

RULE = ("--rule", "rds-single-az")
ROOT = Path(__file__).parents[1]

DATABASE = """\
resource "aws_db_instance" "{}" {{
  engine         = "postgres"
  instance_class = "db.t4g.medium"
  multi_az       = false
}}
"""
TEMPLATE = """\
Resources:
  {}:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      MultiAZ: false
"""
NEIGHBOURS: dict[str, str | bytes] = {
    "neighbour/main.tf": DATABASE.format("neighbour"),
    "neighbour.yaml": TEMPLATE.format("Neighbour"),
}
NEIGHBOURS_FINDINGS = {
    ("aws_db_instance.neighbour", "neighbour/main.tf:4:3"),
    ("Neighbour", "neighbour.yaml:6:7"),
}

Content = str | bytes
Files = dict[str, Content]


@dataclass(frozen=True)
class Scan:
    """What came of a scan. `report` and `sarif`: the documents, which fit their schemas."""

    status: int
    out: str
    err: str
    report: dict[str, Any]
    sarif: dict[str, Any]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Kind and place of each problem, the place None where there is none."""
        return [(problem["kind"], _place(problem["location"])) for problem in self.report["errors"]]

    @property
    def messages(self) -> list[str]:
        return [problem["message"] for problem in self.report["errors"]]

    @property
    def findings(self) -> set[tuple[str, str]]:
        """Address and place of each finding."""
        return {(one["resource"]["address"], _place(one["location"])) for one in self.report["findings"]}

    @property
    def not_read(self) -> list[str]:
        found: list[str] = self.report["coverage"]["files"]["not_read"]
        return found

    @property
    def notified(self) -> set[str]:
        """The files that SARIF notifications point at."""
        found = set()
        for invocation in self.sarif["runs"][0]["invocations"]:
            for kind in ("toolExecutionNotifications", "toolConfigurationNotifications"):
                for notification in invocation.get(kind, []):
                    for location in notification.get("locations", []):
                        uri = location["physicalLocation"]["artifactLocation"]["uri"]
                        found.add(unquote(uri, errors="surrogateescape"))
        return found


Run = Callable[..., Scan]


def write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def checked(status: int, out: str, err: str, folder: Path) -> Scan:
    """The scan, after what must hold of every one: the reports of `folder` fit their schemas, no traceback is
    shown, nothing acts on the terminal, and every file that was not read is named everywhere."""
    report = json.loads((folder / "report.json").read_text("utf-8"))
    sarif = json.loads((folder / "report.sarif").read_text("utf-8"))
    assert [
        error.message for error in _schema("docs/schemas/report-1.0.schema.json").iter_errors(report)
    ] == []
    assert [
        error.message for error in _schema("tests/report/schemas/sarif-2.1.0.json").iter_errors(sarif)
    ] == []
    scan = Scan(status, out, err, report, sarif)
    assert "Traceback" not in out + err
    assert "fault of wa-scan" not in out + err
    assert "internal-error" not in {kind for kind, _ in scan.problems}
    assert all(line == printable(line) for line in (out + err).split("\n"))
    assert status == report["summary"]["exit"]["status"]
    assert len(out) < 200_000
    # What is no text is `?` in JSON only.
    notified = {file.encode("utf-8", "replace").decode(): file for file in scan.notified}
    for file in scan.not_read:
        assert file in notified
        assert printable(notified[file]) in out + err
    return scan


def _place(location: dict[str, Any] | None) -> str:
    return f"{location['file']}:{location['start_line']}:{location['start_column']}" if location else ""


@cache
def _schema(path: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / path).read_text("utf-8-sig")))
