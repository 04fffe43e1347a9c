"""The hooks under the real pre-commit, which builds an environment for them as it does for users."""

import sys
from pathlib import Path

import pytest

from tests.cli.running import MULTI_AZ, SINGLE_AZ, write
from tests.environments import command, commit_all, copy_of_checkout, needs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needs("pre_commit")
    return copy_of_checkout(tmp_path_factory.mktemp("hooks"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps environments: one for all tests."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def repository(hooks: Path, tmp_path: Path) -> Path:
    revision = command("git", "rev-parse", "HEAD", cwd=hooks).strip()
    arguments = "[--rule, rds-single-az]"
    config = (
        f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks:\n"
        f"  - {{id: wa-scan, args: {arguments}}}\n  - {{id: wa-scan-full, args: {arguments}}}\n"
    )
    write(
        tmp_path,
        {
            ".pre-commit-config.yaml": config,
            "flawed.yaml": SINGLE_AZ,
            "sound.yaml": MULTI_AZ,
            "values.yaml": "a: 1\n",
            "README.md": "nothing\n",
        },
    )
    commit_all(tmp_path)
    return tmp_path


def pre_commit(repository: Path, home: Path, *args: str, status: int) -> str:
    return command(
        sys.executable,
        "-m",
        "pre_commit",
        "run",
        *args,
        cwd=repository,
        status=status,
        PRE_COMMIT_HOME=str(home),
    )


def test_a_flaw_in_a_named_file_stops_the_commit(repository: Path, home: Path) -> None:
    out = pre_commit(repository, home, "wa-scan", "--files", "flawed.yaml", "values.yaml", status=1)
    assert "flawed.yaml:8:" in out
    assert "rds-single-az" in out


def test_other_files_do_not(repository: Path, home: Path) -> None:
    out = pre_commit(repository, home, "wa-scan", "--files", "sound.yaml", "values.yaml", status=0)
    assert "Passed" in out


def test_files_that_cannot_hold_infrastructure_do_not_even_start_it(repository: Path, home: Path) -> None:
    assert "Skipped" in pre_commit(repository, home, "wa-scan", "--files", "README.md", status=0)


def test_the_full_hook_reviews_everything_at_its_stages(repository: Path, home: Path) -> None:
    out = pre_commit(repository, home, "wa-scan-full", "--hook-stage", "manual", status=1)
    assert "flawed.yaml:8:" in out
    assert "wa-scan-full" not in pre_commit(repository, home, "--files", "sound.yaml", status=0)
