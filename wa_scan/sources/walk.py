"""Walking folders: what lies where, without what git ignores and what tools leave behind."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.sources.ignore import IgnoreRules, Repository, rules_in
from wa_scan.sources.paths import display_path, is_below
from wa_scan.sources.sniff import MANIFEST, TEMPLATE_SUFFIXES, looks_like_assembly
from wa_scan.values import Location

MODULE_SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json")
VARIABLE_SUFFIXES = (".tfvars", ".tfvars.json")
TERRAFORM_SUFFIXES = MODULE_SUFFIXES + VARIABLE_SUFFIXES

# Downloaded modules are reached through the calls that name them; the rest is never infrastructure.
SKIPPED_FOLDERS = frozenset(
    [
        *(".git", ".hg", ".svn", ".bzr"),
        *(".terraform", ".terragrunt-cache", ".aws-sam", ".serverless"),
        *("node_modules", "bower_components", "site-packages", "__pycache__", ".venv", ".eggs"),
        *(".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache"),
    ]
)
_LOOK = 1_000_000


@dataclass(slots=True)
class WalkedFolder:
    """A folder's files by what they may be; names, sorted. `left_out`: absolute paths of Terraform
    files that must not be read, being ignored by git or links out of the tree. `inner`: the folders in it
    that are walked next, absolute; what the caller takes out is not."""

    path: str
    module_files: list[str] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    ignored: int = 0
    inner: list[str] = field(default_factory=list)


class Walk:
    """One walk over the folder `top` inside `tree` (absolute both).

    `terraform_only`: do not look at files that may be templates. `files_seen`, `problems` and
    `ignored_assemblies` (absolute folders) grow as the iteration goes on.
    """

    def __init__(self, top: Path, tree: Path, working_directory: Path, *, terraform_only: bool) -> None:
        self._top = top
        self._tree = tree
        self._working_directory = str(working_directory)
        self._suffixes = MODULE_SUFFIXES if terraform_only else MODULE_SUFFIXES + TEMPLATE_SUFFIXES
        self._repository = Repository(tree) if (tree / ".git").exists() else None
        self._linked: set[str] = set()
        self.files_seen = 0
        self.problems: list[Problem] = []
        self.ignored_assemblies: list[str] = []

    def folders(self) -> Iterator[WalkedFolder]:
        """Every folder, the outer before the inner ones, in the order of their names."""
        todo: list[tuple[str, IgnoreRules | None]] = [(str(self._top), self._rules_above())]
        while todo:
            path, rules = todo.pop()
            folder = WalkedFolder(path)
            try:
                with os.scandir(path) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except OSError as error:
                self._report(path, ProblemKind.UNREADABLE_FILE, f"the folder cannot be read: {reason(error)}")
                continue
            names = {entry.name for entry in entries}
            if "pyvenv.cfg" in names and path != str(self._top):
                continue
            if ".gitignore" in names:
                rules = rules_in(Path(path), rules)
            for entry in entries:
                if self._is_folder(entry):
                    if entry.name in SKIPPED_FOLDERS:
                        continue
                    if not self._ignores(rules, entry.path, folder=True):
                        folder.inner.append(entry.path)
                    elif _holds_assembly(entry.path):
                        self.ignored_assemblies.append(entry.path)
                else:
                    self._sort_in(entry, rules, folder)
            yield folder
            todo.extend((path, rules) for path in reversed(folder.inner))

    def _rules_above(self) -> IgnoreRules | None:
        """What holds from above for the walk; a folder that is named though ignored is walked."""
        if self._repository is None:
            return None
        rules = self._repository.rules_above(self._top)
        if rules is not None and self._top != self._tree and rules.ignores(str(self._top), is_folder=True):
            return None
        return rules

    def _ignores(self, rules: IgnoreRules | None, path: str, *, folder: bool) -> bool:
        if rules is None or not rules.ignores(path, is_folder=folder):
            return False
        return self._repository is None or not self._repository.tracks(path, is_folder=folder)

    def _is_folder(self, entry: "os.DirEntry[str]") -> bool:
        if not entry.is_symlink():
            return entry.is_dir(follow_symlinks=False)
        try:
            if not entry.is_dir():
                return False
        except OSError:  # a circle of links
            return False
        # What is linked to inside the walk is met at its own place.
        real = os.path.realpath(entry.path)
        if is_below(real, self._top) or real in self._linked:
            return False
        if not is_below(real, self._tree):
            self._report_outside(entry.path)
            return False
        # A folder around the walk leads back into it, where all would be met a second time.
        if is_below(self._top, real):
            return False
        self._linked.add(real)
        return True

    def _sort_in(self, entry: "os.DirEntry[str]", rules: IgnoreRules | None, folder: WalkedFolder) -> None:
        self.files_seen += 1
        name = entry.name
        is_terraform = name.endswith(TERRAFORM_SUFFIXES)
        if not is_terraform and not name.lower().endswith(self._suffixes):
            return
        if self._ignores(rules, entry.path, folder=False):
            folder.ignored += 1
            if is_terraform:
                folder.left_out.append(entry.path)
            return
        if entry.is_symlink() and not self._link_is_fine(entry, is_terraform):
            if is_terraform:
                folder.left_out.append(entry.path)
            return
        # Pipes and devices are not files; opening one may wait for ever.
        if not entry.is_file():
            if is_terraform or name.lower().endswith(TEMPLATE_SUFFIXES):
                self._report(entry.path, ProblemKind.UNREADABLE_FILE, "this is not a regular file")
            return
        if is_terraform:
            # Terraform leaves editors' hidden and backup files out.
            if name.endswith(MODULE_SUFFIXES) and not name.startswith((".", "#")):
                folder.module_files.append(name)
        else:
            folder.candidates.append(name)

    def _link_is_fine(self, entry: "os.DirEntry[str]", is_terraform: bool) -> bool:
        target = Path(os.path.realpath(entry.path))
        if not target.exists():
            self._report(entry.path, ProblemKind.UNREADABLE_FILE, "the file is a broken symbolic link")
            return False
        if target.is_dir():
            return False
        if not is_below(target, self._tree):
            self._report_outside(entry.path)
            return False
        # A template is met at its own place; a Terraform file belongs to both modules.
        return is_terraform or not is_below(target, self._top)

    def _report_outside(self, path: str) -> None:
        self._report(
            path,
            ProblemKind.OUTSIDE_TREE,
            "a symbolic link to a place outside the scanned tree is not followed",
            ProblemLevel.NOTE,
        )

    def _report(
        self, path: str, kind: ProblemKind, what: str, level: ProblemLevel = ProblemLevel.ERROR
    ) -> None:
        self.problems.append(problem_with(display_path(path, self._working_directory), kind, what, level))


def _holds_assembly(folder: str) -> bool:
    path = f"{folder}/{MANIFEST}"
    try:
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            return looks_like_assembly(file.read(_LOOK))
    except OSError:
        return False


def problem_with(
    display: str,
    kind: ProblemKind,
    what: str,
    level: ProblemLevel = ProblemLevel.ERROR,
    hint: str | None = None,
) -> Problem:
    """A problem with a whole file or folder."""
    return Problem(kind, what, Location(display, 1, 1, 1, 1), level, hint)


def reason(error: OSError) -> str:
    """The system's words for what went wrong, without the path."""
    return (error.strerror or type(error).__name__).lower()
