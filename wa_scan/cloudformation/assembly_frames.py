"""Source lines in the stack traces that constructs leave in a cloud assembly.

A frame is one line, written by Node.js or the runtimes of the other languages behind it:

    new Shop (/app/lib/shop.ts:12:5)        at new Shop (file:///app/lib/shop.mjs:12:5)
    C:\\app\\lib\\shop.ts:12:5               File "/app/shop.py", line 12, in __init__

The paths may be those of another machine: meant is the file in the scanned tree whose path ends alike.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from wa_scan.sources.paths import display_path, is_below
from wa_scan.sources.walk import SKIPPED_FOLDERS
from wa_scan.values import Location, Step

_LARGEST = 2_000_000
_LONGEST = 2_000
_MOST_FRAMES = 50
_CALL = re.compile(r"(?:at )?(?:(?P<function>\S.*?) )?\((?P<place>.+)\)\Z")
_PLACE = re.compile(r"(?P<file>.+?):(?P<line>[0-9]{1,7})(?::(?P<column>[0-9]{1,7}))?\Z")
_PYTHON = re.compile(r'File "(?P<file>.+)", line (?P<line>[0-9]{1,7})(?:, in (?P<function>.+))?\Z')
_DRIVE = re.compile(r"/?[A-Za-z]:[\\/]")
_SYNTHESIS = re.compile(r"\b(?:App|Stage)\.synth\b|\bprivate[\\/]synthesis\.js")
_ELSEWHERE = SKIPPED_FOLDERS | {"dist-packages", "jsii-runtime"}


class Frame(NamedTuple):
    """`parts`: the file's path. `line` and `column` 1-based, the column 0 where it is not told."""

    function: str
    parts: tuple[str, ...]
    line: int
    column: int


def frame_of(text: str) -> Frame | None:
    """The frame that a line of a stack trace is, None for any other line and for code of libraries."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    found = _PYTHON.match(text)
    function = found["function"] if found is not None else None
    if found is None:
        call = _CALL.match(text)
        function = call["function"] if call is not None else None
        found = _PLACE.match(call["place"] if call is not None else text.removeprefix("at "))
        if found is None:
            return None
    file = found["file"]
    if file.startswith("file://"):
        file = unquote(file.removeprefix("file://"))
    if file.startswith(("node:", "internal/", "<", "...")):
        return None
    if _DRIVE.match(file):
        file = file.lstrip("/")[2:]
    parts = tuple(part for part in re.split(r"[\\/]", file) if part not in ("", "."))
    if not parts or ".." in parts or _ELSEWHERE.intersection(parts):
        return None
    column = found.groupdict().get("column")
    return Frame(function or "", parts, int(found["line"]), int(column) if column else 0)


class SourceLines:
    """The lines that frames mean, in the tree around an assembly.

    `folder`: the assembly's; `tree`: what nothing is read outside of (absolute both).
    """

    def __init__(self, folder: Path, tree: Path, working_directory: Path) -> None:
        self._folder = folder
        self._tree = tree
        self._working_directory = working_directory
        self._files: dict[tuple[str, ...], tuple[str, list[str]] | None] = {}

    def steps(self, trace: Iterable[str]) -> tuple[Step, ...]:
        """The places in the tree that a trace (innermost frame first) leads through, outermost first."""
        found: list[Step] = []
        for text, _ in zip(trace, range(_MOST_FRAMES), strict=False):
            # Made while the app was synthesised: whoever asked for that did not ask for this construct.
            if _SYNTHESIS.search(text):
                break
            frame = frame_of(text)
            place = self._place(frame) if frame is not None else None
            if frame is not None and place is not None:
                found.append(Step(place, f"in {frame.function}" if frame.function else "called here"))
        found.reverse()
        return tuple(found)

    def _place(self, frame: Frame) -> Location | None:
        if frame.parts not in self._files:
            self._files[frame.parts] = self._read(frame.parts)
        file = self._files[frame.parts]
        # A line that is not there: the source has changed since, or it is another file.
        if file is None or not 0 < frame.line <= len(file[1]):
            return None
        line = file[1][frame.line - 1].rstrip()
        first = len(line) - len(line.lstrip()) + 1
        column = frame.column if 0 < frame.column <= len(line) else first
        return Location(file[0], frame.line, column, frame.line, max(len(line), column) + 1)

    def _read(self, parts: tuple[str, ...]) -> tuple[str, list[str]] | None:
        path = self._find(parts)
        if path is None:
            return None
        try:
            text = path.read_bytes().decode("utf-8-sig", "replace")
        except OSError:
            return None
        return display_path(path, self._working_directory), text.split("\n")

    def _find(self, parts: tuple[str, ...]) -> Path | None:
        """The file whose path ends like `parts`, the longer the better, below one of the folders around the
        assembly. A name alone counts in the folder of the app only."""
        whole = Path(os.sep, *parts)
        if self._is_readable(whole):
            return whole
        around = [each for each in self._folder.parents if is_below(each, self._tree)]
        for count in range(len(parts), 0, -1):
            for folder in around if count > 1 else around[:1]:
                path = folder.joinpath(*parts[-count:])
                if self._is_readable(path):
                    return path
        return None

    def _is_readable(self, path: Path) -> bool:
        try:
            return (
                is_below(path, self._tree)
                and not is_below(path, self._folder)
                and path.is_file()
                and path.stat().st_size <= _LARGEST
            )
        except (OSError, ValueError):
            return False
