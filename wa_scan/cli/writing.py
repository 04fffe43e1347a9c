"""Writing reports to files and standard output."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from wa_scan.cli import terminal
from wa_scan.cli.options import Target
from wa_scan.errors import Problem, ProblemLevel, UsageError
from wa_scan.report import ReportContext, render
from wa_scan.report.printable import printable
from wa_scan.review.report import Report
from wa_scan.sources.paths import repository_root
from wa_scan.sources.texts import SourceTexts
from wa_scan.sources.units import Discovery
from wa_scan.values import Location


def report_context(report: Report, discovery: Discovery, working_directory: Path) -> ReportContext:
    """Where the texts and the repository of a scan are."""
    # Displayed names are relative to the working directory, or absolute. No line of a plan is ever shown:
    # all that is sensitive stands in it, often on one line with everything else.
    shown = _files_of(report) - {plan.display for plan in discovery.plans}
    files = {file: working_directory / file for file in sorted(shown)}
    return ReportContext(
        texts=SourceTexts(files),
        repository_root=_repository_of(discovery, working_directory),
        working_directory=working_directory,
    )


def _files_of(report: Report) -> set[str]:
    files = {*report.coverage.files_read, *report.coverage.files_not_read}
    files.update(location.file for location in _locations(report))
    return files


def _locations(report: Report) -> Iterator[Location]:
    for finding in report.findings:
        yield finding.location
        yield from (step.location for step in (*finding.trace, *finding.related))
    yield from (resource.location for resource in report.resources)
    yield from (problem.location for problem in report.problems if problem.location is not None)


def _repository_of(discovery: Discovery, working_directory: Path) -> Path | None:
    """The repository around what was scanned; of several the first, which is the order of the paths."""
    for path in discovery.paths:
        found = repository_root(working_directory / path)
        if found is not None:
            return found
    return None


def write_reports(report: Report, context: ReportContext, targets: Sequence[Target], colour: str) -> None:
    """Render and write each report, files first. Raises `UsageError` for a file that cannot be written."""
    for target in sorted(targets, key=lambda target: target.file is None):
        if target.file is None:
            here = replace(
                context,
                colour=terminal.wants_colour(colour, sys.stdout),
                width=terminal.width_of(sys.stdout),
            )
            terminal.write(render(target.format, report, here))
        else:
            _write_file(target.file, render(target.format, report, replace(context, colour=False)))


def _write_file(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Bytes, since reports are the same on every system.
        path.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise UsageError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from error


def say_problems(problems: Iterable[Problem]) -> None:
    """On standard error, for those who do not see the text report: what should have been done and was not."""
    for problem in problems:
        if problem.level is ProblemLevel.ERROR:
            place = f"{_place(problem.location)}: " if problem.location is not None else ""
            hint = f" ({problem.hint})" if problem.hint else ""
            click.echo(f"Error: {printable(place + problem.message + hint)}", err=True)


def _place(location: Location) -> str:
    """The file alone where the whole of it is meant."""
    return location.file if location[1:] == (1, 1, 1, 1) else str(location)
