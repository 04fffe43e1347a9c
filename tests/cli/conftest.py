"""Runs the real command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import Result, Run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("scan", ".", cwd=..., **environment)`; the working directory is `tmp_path`."""

    def run_here(*args: str | Path, cwd: Path = tmp_path, **environment: str) -> Result:
        kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
        done = subprocess.run(
            [sys.executable, "-m", "wa_scan", *map(str, args)],
            cwd=cwd,
            env={**kept, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run_here
