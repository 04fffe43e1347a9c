"""What the documentation promises."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "docs/decisions/*.md", "benchmarks/*.md")
    for path in ROOT.glob(pattern)
)


def help_text(*command: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "wa_scan", *command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    targets = re.findall(r"\]\((?!https?://)([^)#]+)\)", text)
    assert [t for t in targets if not ((ROOT / page).parent / t).exists()] == []


def test_files_that_pages_name_exist() -> None:
    named = {
        (page, path)
        for page in PAGES
        for path in re.findall(
            r"`((?:wa_scan|rules|tests|scripts|fixtures|benchmarks|docs)/[\w./-]+)`",
            (ROOT / page).read_text("utf-8"),
        )
    }
    assert len(named) > 20
    assert sorted((page, path) for page, path in named if not (ROOT / path).exists()) == []


def test_options_of_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    helps = "".join(help_text(*command) for command in ((), ("inspect",), ("console",)))
    known = set(re.findall(r"--[a-z-]+", helps)) | {"--hook-type"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= known


def test_every_format_is_in_the_readme_and_the_help() -> None:
    from wa_scan.report import FORMATS

    rows = re.findall(r"^\| `(\w+)` \| .* \|$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert set(FORMATS) <= set(rows)
    assert ", ".join(FORMATS) in " ".join(help_text().split())


def test_the_github_workflow_gates_and_uploads() -> None:
    workflow = yaml.safe_load((ROOT / "docs/ci/github-actions.yml").read_text("utf-8"))
    job = workflow["jobs"]["review"]
    assert job["permissions"]["security-events"] == "write"
    gate, upload = job["steps"][-2:]
    assert gate["run"].startswith("wa-scan . --fail-on HRI")
    assert "continue-on-error" not in gate
    assert upload["if"].startswith("always()")
    assert f"sarif={upload['with']['sarif_file']}" in gate["run"]


def test_the_gitlab_job_keeps_its_reports_when_it_fails() -> None:
    job = yaml.safe_load((ROOT / "docs/ci/gitlab-ci.yml").read_text("utf-8"))["wa-scan"]
    assert job["artifacts"]["when"] == "always"
    (gate,) = (line for line in job["script"] if line.startswith("wa-scan "))
    assert set(re.findall(r"=(\S+\.\w+)", gate)) == set(job["artifacts"]["paths"])


def test_nothing_tells_of_the_machine_it_was_made_on() -> None:
    pattern = re.compile(r"(^|[^A-Za-z0-9_.])/(work|home|root|tmp)/[a-z.]", re.MULTILINE)
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("scripts/*"), *ROOT.glob("docs/ci/*")]
    assert [p.name for p in pages if p.is_file() and pattern.search(p.read_text("utf-8"))] == []


def test_the_demo_of_the_readme_finds_the_planted_flaws() -> None:
    if not (Path(sys.prefix) / "bin/wa-scan").exists():
        if os.environ.get("WA_SCAN_CI"):
            pytest.fail("wa-scan is not installed")
        pytest.skip("wa-scan is not installed: scripts/install dev")
    environment = {**os.environ, "WA_SCAN_VENV": sys.prefix}
    done = subprocess.run(
        [ROOT / "scripts/demo", "-q", "-f", "json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "REL-RDS-01" in {finding["rule_id"] for finding in json.loads(done.stdout)["findings"]}
