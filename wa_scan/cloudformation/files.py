"""The files of templates: found, read and decoded, each once a scan, and never outside the scanned tree."""

import os
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wa_scan.cloudformation.decode import decode
from wa_scan.cloudformation.nodes import Node
from wa_scan.errors import Problem, ProblemKind
from wa_scan.sources.path_suffixes import PathSuffixes
from wa_scan.sources.paths import display_path, is_below
from wa_scan.sources.units import Template
from wa_scan.values import Location

MAX_BYTES = 5_000_000
"""CloudFormation itself takes at most 1 MB."""


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """A file as it was read: `root` is None where nothing could be decoded, `text` where it was not read.
    `is_partial`: what has syntax errors was left out."""

    template: Template
    text: str | None
    root: Node | None
    problems: tuple[Problem, ...] = ()
    is_partial: bool = False


class TemplateFiles:
    """The files that the templates of a scan can refer to.

    `candidates`: absolute paths of the files that were met and may be templates or parts of some. `base`:
    what paths are printed relative to, None for what the templates' are. `nested` grows with what templates
    nest: absolute paths.
    """

    def __init__(self, candidates: Iterable[str] = (), base: Path | None = None) -> None:
        self._base = base
        self._suffixes: PathSuffixes | None = None
        self._candidates = tuple(candidates)
        self._read: dict[Path, TemplateFile] = {}
        self.nested: set[Path] = set()

    def read(self, template: Template) -> TemplateFile:
        found = self._read.get(template.path)
        if found is None:
            text, problem = _read(template)
            if text is None:
                found = TemplateFile(template, None, None, (problem,) if problem is not None else ())
            else:
                found = of_text(text, template)
            self._read[template.path] = found
        return found

    def beside(self, template: Template, path: str) -> Template | None:
        """The file that a path names which is relative to the folder of `template`; None where there is
        none in the tree."""
        if "\0" in path or posixpath.isabs(path):
            return None
        named = Path(os.path.normpath(template.path.parent / path))
        try:
            if not is_below(named, template.tree) or not named.is_file():
                return None
        except (OSError, ValueError):
            return None
        return self._template(named, template)

    def fitting(self, template: Template, tail: Sequence[str]) -> tuple[Template, int] | None:
        """The one file in the tree of `template`, if it is one, that shares the longest end with `tail`, and
        of how many parts that is."""
        if self._suffixes is None:
            self._suffixes = PathSuffixes(self._candidates)
        paths, length = self._suffixes.fitting(tail, str(template.tree))
        found = [path for path in paths if Path(path) != template.path]
        return (self._template(Path(found[0]), template), length) if len(found) == 1 else None

    def _template(self, path: Path, beside: Template) -> Template:
        if self._base is not None:
            return Template(path, display_path(path, self._base), beside.tree)
        relative = os.path.relpath(path, beside.path.parent).replace(os.sep, "/")
        folder = posixpath.dirname(beside.display)
        return Template(path, posixpath.normpath(posixpath.join(folder, relative)), beside.tree)


def of_text(text: str, template: Template) -> TemplateFile:
    """`text` as if it had been read from the file of `template`."""
    decoded = decode(text, template.display)
    return TemplateFile(template, text, decoded.root, decoded.problems, decoded.is_partial)


def _read(template: Template) -> tuple[str | None, Problem | None]:
    start = Location(template.display, 1, 1, 1, 1)
    try:
        if not template.path.resolve().is_relative_to(template.tree.resolve()):
            message = "The file lies outside of what is scanned; it was not read."
            return None, Problem(ProblemKind.OUTSIDE_TREE, message, start)
        if not template.path.is_file():
            return None, Problem(ProblemKind.UNREADABLE_FILE, "This is not a file.", start)
        with template.path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError, RuntimeError) as error:
        # RuntimeError: a circle of symbolic links, before Python 3.13.
        reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)
        return None, Problem(ProblemKind.UNREADABLE_FILE, f"The file cannot be read: {reason}.", start)
    if len(data) > MAX_BYTES:
        message = f"The file is larger than {MAX_BYTES // 1_000_000} MB; it was not read."
        return None, Problem(ProblemKind.LIMIT_REACHED, message, start)
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        place = Location(template.display, line, column, line, column + 1)
        return None, Problem(ProblemKind.UNREADABLE_FILE, "The file is not UTF-8 text.", place)
