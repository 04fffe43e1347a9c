"""Timing whole processes in turn."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple


class Run(NamedTuple):
    """One run of a command: seconds on the clock, seconds of processor time, peak memory in MiB."""

    wall: float
    cpu: float
    peak: float
    status: int


def run(command: Sequence[str]) -> Run:
    """Runs `command`, its output thrown away."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, process.returncode)


def in_turn(commands: dict[str, Sequence[str]], times: int, warm_up: bool = True) -> dict[str, list[Run]]:
    """Runs all commands in turn, `times` times; before that each once to warm it up, which is not counted."""
    for command in commands.values() if warm_up else ():
        run(command)
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            runs[name].append(run(command))
    return runs


def table(runs: dict[str, list[Run]], against: str | None = None) -> str:
    """Medians (and minima) of each command; with `against` the ratio of each to that one."""
    lines = [
        f"{'':28} {'wall s':>14} {'cpu s':>14} {'peak MiB':>9} {'status':>6}" + (" ratio" if against else "")
    ]
    base = statistics.median(r.cpu for r in runs[against]) if against else None
    for name, each in runs.items():
        wall = [r.wall for r in each]
        cpu = [r.cpu for r in each]
        line = (
            f"{name:28} {statistics.median(wall):7.3f} ({min(wall):.3f}) {statistics.median(cpu):7.3f}"
            f" ({min(cpu):.3f}) {max(r.peak for r in each):9.1f} {each[-1].status:6}"
        )
        lines.append(line + (f" {statistics.median(cpu) / base:5.2f}" if base else ""))
    return "\n".join(lines)
