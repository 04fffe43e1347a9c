"""What git ignores: `.gitignore` files from the repository's root down, and `.git/info/exclude`."""

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from wa_scan.sources.git_index import TrackedNames, tracked_names

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# A pattern becomes a regular expression whose matching time grows with the power of its stars;
# scanned trees are not trusted, and real patterns have one to three.
_STARS_LIMIT = 5
_SIZE_LIMIT = 1_000_000


class IgnoreRules:
    """The ignore files that hold in one folder, innermost first; the innermost that decides wins."""

    def __init__(self, folder: str, spec: "GitIgnoreSpec", above: "IgnoreRules | None") -> None:
        self._prefix = len(folder.rstrip("/")) + 1
        self._spec = spec
        self._above = above

    def ignores(self, path: str, *, is_folder: bool = False) -> bool:
        """Whether the absolute `path`, below the folder of these rules, is ignored by a pattern."""
        rules: IgnoreRules | None = self
        while rules is not None:
            relative = path[rules._prefix :] + ("/" if is_folder else "")
            decision = rules._spec.check_file(relative).include
            if decision is not None:
                return decision
            rules = rules._above
        return False


class Repository:
    """A git repository as far as ignoring goes. `root`: absolute."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._prefix = len(str(root).rstrip("/")) + 1

    @cached_property
    def _tracked(self) -> TrackedNames:
        return tracked_names(self._root)

    def tracks(self, path: str, *, is_folder: bool = False) -> bool:
        """Whether git tracks the absolute `path` (something below it, for a folder)."""
        name = path[self._prefix :]
        return self._tracked.any_below(name) if is_folder else name in self._tracked

    def rules_above(self, folder: Path) -> IgnoreRules | None:
        """The rules that hold for `folder` itself, from the root to its parent."""
        rules = _with_file(self._root, self._root / ".git" / "info" / "exclude", None)
        if folder != self._root:
            for at in reversed([p for p in folder.parents if p == self._root or self._root in p.parents]):
                rules = rules_in(at, rules)
        return rules


def rules_in(folder: Path, above: IgnoreRules | None) -> IgnoreRules | None:
    """The rules that hold for what lies in `folder`."""
    return _with_file(folder, folder / ".gitignore", above)


def _with_file(folder: Path, file: Path, above: IgnoreRules | None) -> IgnoreRules | None:
    try:
        if not file.is_file() or file.stat().st_size > _SIZE_LIMIT:
            return above
        text = file.read_text("utf-8-sig", "replace")
    except OSError:
        return above
    patterns = [line for line in text.splitlines() if line.replace("**", "*").count("*") <= _STARS_LIMIT]

    from pathspec import GitIgnoreSpec

    try:
        spec = GitIgnoreSpec.from_lines(patterns)
    except (ValueError, re.error):  # re.error: a range such as [z-a]
        # One bad pattern must not switch off the others: git skips it too.
        spec = GitIgnoreSpec.from_lines(line for line in patterns if _is_valid(line))
    return IgnoreRules(str(folder), spec, above)


def _is_valid(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True
