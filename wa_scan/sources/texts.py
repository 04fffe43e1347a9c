"""The text of scanned files, for showing the lines that a finding points at."""

from collections.abc import Mapping
from pathlib import Path

# Larger files are not read as configuration either.
LARGEST = 20_000_000


class SourceTexts:
    """Lines of source by display path, read when asked for and kept.

    `files`: display path to absolute path. What is gone, no regular file (a pipe would be waited for) or
    larger than `LARGEST` has no lines; undecodable bytes are replaced.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._lines: dict[str, tuple[str, ...]] = {}

    def path(self, file: str) -> Path | None:
        """The absolute path of a display path, None where it is none of the scan's."""
        return self._files.get(file)

    def text(self, file: str) -> str:
        """The whole file, with its byte-order mark and its line ends; read anew at every call."""
        path = self._files.get(file)
        try:
            if path is None or not path.is_file() or path.stat().st_size > LARGEST:
                return ""
            return path.read_bytes().decode("utf-8", "replace")
        except OSError:
            return ""

    def lines(self, file: str) -> tuple[str, ...]:
        """All lines without their ends; empty where there is no such text."""
        found = self._lines.get(file)
        if found is None:
            if file not in self._files:
                return ()
            text = self.text(file).removeprefix("\ufeff")
            # Not splitlines(): form feeds and U+2028 do not end a line in either language.
            found = self._lines[file] = tuple(line.removesuffix("\r") for line in text.split("\n"))
        return found

    def line(self, file: str, number: int) -> str | None:
        """Line `number` (1-based), None where there is none."""
        lines = self.lines(file)
        return lines[number - 1] if 0 < number <= len(lines) else None
