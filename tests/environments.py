"""Virtual environments and copies of the checkout, for tests of what users install."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def needs(module: str) -> None:
    """Skip where a development tool is missing; in the pipeline nothing may be."""
    if importlib.util.find_spec(module) is None:
        if os.environ.get("WA_SCAN_CI"):
            pytest.fail(f"{module} is not installed")
        pytest.skip(f"{module} is not installed: pip install -e '.[dev]'")


def command(*args: str | Path, cwd: Path, status: int | None = 0, **environment: str) -> str:
    """The output of a command, with its errors; `status` None for any."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GIT_"))}
    done = subprocess.run(
        [str(arg) for arg in args],
        cwd=cwd,
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
    )
    assert status is None or done.returncode == status, f"{args} gave {done.returncode}:\n{done.stdout}"
    return done.stdout


def copy_of_checkout(folder: Path) -> Path:
    """The checkout as it would be committed now, as a repository of its own."""
    listed = command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    commit_all(folder)
    return folder


def commit_all(folder: Path) -> None:
    command("git", "init", "--quiet", "--initial-branch=main", cwd=folder)
    command("git", "add", "--all", cwd=folder)
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    command("git", *who, "commit", "--quiet", "--no-verify", "-m", "x", cwd=folder)


def virtual_environment(folder: Path) -> Path:
    """A clean one; gives its folder of programs."""
    command(sys.executable, "-m", "venv", folder, cwd=folder.parent)
    return folder / "bin"
