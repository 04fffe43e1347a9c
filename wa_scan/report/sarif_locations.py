"""Where SARIF results point: repository-relative URIs and regions in UTF-16 columns."""

import os
from pathlib import Path
from urllib.parse import quote

import sarif_om

from wa_scan.report.context import ReportContext
from wa_scan.review.report import Report
from wa_scan.sources.paths import absolute_path
from wa_scan.sources.texts import SourceTexts
from wa_scan.values import Location

BASE_ID = "SRCROOT"


class Locations:
    """Makes SARIF locations for the files of one report.

    URIs are relative to the top of the repository; where there is none to the working directory, or, for what
    was scanned outside of it, to the innermost folder that holds everything scanned.
    """

    def __init__(self, report: Report, context: ReportContext) -> None:
        self._texts = context.texts
        self._working_directory = absolute_path(context.working_directory)
        self._base = self._base_folder(report, context)
        self._uris: dict[str, str] = {}

    def uri(self, file: str) -> str:
        found = self._uris.get(file)
        if found is None:
            path = self._texts.path(file) or self._working_directory / file
            found = self._uris[file] = quote(os.fsencode(self._relative(path)), safe="/-._~")
        return found

    def location(
        self,
        at: Location,
        *,
        text: str | None = None,
        identity: int = -1,
        addresses: tuple[str, ...] = (),
    ) -> sarif_om.Location:
        """`text`: the location's message. `addresses`: of the resources that it stands for."""
        return sarif_om.Location(
            id=identity,
            message=sarif_om.Message(text=text) if text else None,
            physical_location=sarif_om.PhysicalLocation(
                artifact_location=sarif_om.ArtifactLocation(uri=self.uri(at.file), uri_base_id=BASE_ID),
                region=region(at, self._texts),
            ),
            logical_locations=[
                sarif_om.LogicalLocation(fully_qualified_name=address, kind="resource")
                for address in addresses
            ]
            or None,
        )

    def _relative(self, path: Path) -> str:
        # realpath, since resolve() raises for a circle of links before Python 3.13.
        real, real_base = Path(os.path.realpath(path)), Path(os.path.realpath(self._base))
        for place, base in ((path, self._base), (real, real_base)):
            if place.is_relative_to(base):
                return place.relative_to(base).as_posix()
        return Path(os.path.relpath(path, self._base)).as_posix()

    def _base_folder(self, report: Report, context: ReportContext) -> Path:
        if context.repository_root is not None:
            return context.repository_root.absolute()
        here = self._working_directory
        scanned = [Path(os.path.normpath(here / path)) for path in report.paths]
        if all(path.is_relative_to(here) for path in scanned):
            return here
        try:
            common = Path(os.path.commonpath(scanned))
        except ValueError:  # different drives
            return here
        return common.parent if common.is_file() else common


def region(at: Location, texts: SourceTexts) -> sarif_om.Region:
    """The region of `at` with 1-based lines, and columns in UTF-16 code units, the last one exclusive."""
    start_line, end_line = max(at.start_line, 1), max(at.end_line, at.start_line, 1)
    start = _utf16_column(texts.line(at.file, start_line), at.start_column)
    end = _utf16_column(texts.line(at.file, end_line), at.end_column)
    if start_line == end_line and end < start:
        end = start
    return sarif_om.Region(start_line=start_line, start_column=start, end_line=end_line, end_column=end)


def _utf16_column(line: str | None, column: int) -> int:
    column = max(column, 1)
    if line is None or line.isascii():
        return column
    return column + sum(character > "\uffff" for character in line[: column - 1])
