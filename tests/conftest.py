"""What tests of whole scans need."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.whole_scans import NEIGHBOURS, NEIGHBOURS_FINDINGS, RULE, Files, Run, Scan, checked, write

# Long, since other processes may want the machine, too: what hangs would hang for ever.
SECONDS = 120

# No test of random input fails for a busy machine, and a pipeline's run can be repeated.
settings.register_profile(
    "any-machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("any-machine")


@pytest.fixture
def scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """`scan({name: content}, *arguments)` writes the files beside the neighbours' into `tmp_path / "infra"`
    and scans that folder, or the paths and options given. A scan that hangs fails."""
    from wa_scan.cli.main import main

    folder = tmp_path / "infra"
    folder.mkdir()
    reports = tmp_path / "reports"
    monkeypatch.chdir(folder)

    def run(files: Files, *arguments: str, neighbours: bool = True) -> Scan:
        write(folder, NEIGHBOURS | files if neighbours else files)
        targets = ("-f", "text", "-f", f"json={reports}/report.json", "-f", f"sarif={reports}/report.sarif")
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main([*targets, *RULE, *(arguments or (".",))])
        said = capfd.readouterr()
        assert isinstance(end.value.code, int)
        found = checked(end.value.code, said.out, said.err, reports)
        if neighbours and not arguments:
            assert found.findings >= NEIGHBOURS_FINDINGS
        return found

    def stop(*_: object) -> None:
        raise TimeoutError(f"not done after {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield run
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
