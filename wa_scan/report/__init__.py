"""Reports: what a scan found, for people and for other programs.

Takes a `Report` and a `ReportContext`; gives text. A format is a module with a function
`render(report, context) -> str`; it is imported when it is asked for. Equal inputs give equal bytes:
no times, no absolute paths, no host names.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final, cast

from wa_scan.errors import UsageError
from wa_scan.report.context import ReportContext
from wa_scan.review.report import Report

__all__ = ["FORMATS", "ReportContext", "render"]

FORMATS: Final[Mapping[str, str]] = {
    "text": "wa_scan.report.text",
    "json": "wa_scan.report.json_report",
    "sarif": "wa_scan.report.sarif",
}


def render(name: str, report: Report, context: ReportContext) -> str:
    """`report` in the format `name`, ending with a newline. Raises `UsageError` for an unknown format."""
    module = FORMATS.get(name)
    if module is None:
        raise UsageError(f"There is no report format {name!r}. Formats: {', '.join(FORMATS)}.")
    write = cast("Callable[[Report, ReportContext], str]", import_module(module).render)
    return write(report, context)
