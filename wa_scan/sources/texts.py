"""The text of scanned files, for showing the lines that a finding points at."""

from collections.abc import Mapping
from pathlib import Path


class SourceTexts:
    """Lines of source by display path, read when asked for and kept.

    `files`: display path to absolute path. A file that is gone or cannot be decoded has no lines;
    undecodable bytes are replaced.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._lines: dict[str, tuple[str, ...]] = {}

    def lines(self, file: str) -> tuple[str, ...]:
        """All lines without their ends; empty where there is no such text."""
        found = self._lines.get(file)
        if found is None:
            path = self._files.get(file)
            try:
                text = path.read_bytes().decode("utf-8-sig", "replace") if path else ""
            except OSError:
                text = ""
            # Not splitlines(): form feeds and U+2028 do not end a line in either language.
            found = self._lines[file] = tuple(line.removesuffix("\r") for line in text.split("\n"))
        return found

    def line(self, file: str, number: int) -> str | None:
        """Line `number` (1-based), None where there is none."""
        lines = self.lines(file)
        return lines[number - 1] if 0 < number <= len(lines) else None
