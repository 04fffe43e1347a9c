"""The files of a configuration: which are read, parsed once each, and never outside the scanned tree."""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import join, normpath
from typing import TYPE_CHECKING

from wa_scan.errors import Problem, ProblemKind
from wa_scan.terraform.errors import (
    EvaluationError,
    FileUnavailableError,
    LimitReachedError,
    OutsideTreeError,
)
from wa_scan.terraform.functions.filesystem import SandboxedFiles
from wa_scan.terraform.syntax import ConfigFile
from wa_scan.values import Location

if TYPE_CHECKING:
    from wa_scan.terraform.configuration import ModuleConfig
    from wa_scan.terraform.external_modules import ExternalModules

# Larger files hold data, not configuration.
LARGEST_FILE = 20_000_000
# In which variable files are looked for that Terraform reads only when they are named.
MOST_FOLDERS = 100

_CONFIG_SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What came of one file; `config` is None where it could not be read at all."""

    config: ConfigFile | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class DirectoryFiles:
    """The configuration files of one folder, in the order in which Terraform reads them."""

    primary: tuple[Path, ...]
    override: tuple[Path, ...]
    variables: tuple[Path, ...]


@dataclass(slots=True)
class ParsedFiles:
    """Files by absolute path, each read and parsed once however many modules use it."""

    # The modules made of them, by folder, how it is displayed, tree, and what is left out.
    modules: "dict[tuple[Path, str, Path, AbstractSet[str]], ModuleConfig]" = field(default_factory=dict)
    _files: dict[Path, ParsedFile] = field(default_factory=dict)

    def config(self, path: Path, display: str) -> ParsedFile:
        found = self._files.get(path)
        if found is None:
            found = self._files[path] = _parse(path, display)
        return found


def _parse(path: Path, display: str) -> ParsedFile:
    place = Location(display, 1, 1, 1, 1)
    try:
        with path.open("rb") as file:  # a device has no size of its own
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        message = f"the file cannot be read: {(error.strerror or type(error).__name__).lower()}"
        return ParsedFile(None, (Problem(ProblemKind.UNREADABLE_FILE, message, place),))
    if len(data) > LARGEST_FILE:
        message = f"the file is larger than {LARGEST_FILE // 1_000_000} MB and was not read"
        return ParsedFile(None, (Problem(ProblemKind.LIMIT_REACHED, message, place),))
    if path.name.endswith(".json"):
        from wa_scan.terraform.json_syntax import parse_json_config as parse
    else:
        from wa_scan.terraform.parse import parse_config as parse
    config, problems = parse(display, data)
    return ParsedFile(config, tuple(problems))


class ScannedFiles(SandboxedFiles):
    """The files that functions such as `file` may read, those of the scanned tree.

    Tells what is merely out of reach apart from what Terraform would refuse as well.
    """

    def __init__(
        self,
        tree: Path,
        base: Path,
        note_read: Callable[[Path], None],
        external: "ExternalModules | None" = None,
    ) -> None:
        """`note_read` is told of every file that is read. `external`: modules whose files are read, too."""
        super().__init__(tree, base)
        self._external = external
        self._tree = tree
        self._start = base
        self._note_read = note_read

    def read(self, path: str) -> bytes:
        try:
            package = self._package(path)
            if package is not None:
                files, inside = package
                data = files.read(inside)
                assert self._external is not None
                self._note_read(self._external.real_path(path))
                return data
            data = super().read(path)
            self._note_read(Path(normpath(self._start / path)))
            return data
        except LimitReachedError:
            raise
        except EvaluationError as error:
            if self._is_outside(path):
                raise OutsideTreeError(error.message, argument=0) from None
            raise FileUnavailableError(error.message, argument=0) from None

    def exists(self, path: str) -> bool:
        try:
            package = self._package(path)
            return package[0].exists(package[1]) if package is not None else super().exists(path)
        except EvaluationError as error:
            if self._is_outside(path):
                raise OutsideTreeError(error.message, argument=0) from None
            raise

    def list(self, path: str) -> Iterator[str]:
        try:
            package = self._package(path)
            yield from package[0].list(package[1]) if package is not None else super().list(path)
        except EvaluationError as error:
            if self._is_outside(path):
                raise OutsideTreeError(error.message, argument=0) from None
            raise

    def _package(self, path: str) -> tuple[SandboxedFiles, str] | None:
        """The files that a path into a fetched module leads to, and the path among them."""
        return self._external.files(path) if self._external is not None else None

    def _is_outside(self, path: str) -> bool:
        return "\0" not in path and not is_within(self._start / path, self._tree)


def is_within(path: Path, tree: Path) -> bool:
    """Whether `path`, once all symbolic links are followed, is `tree` or below it."""
    try:
        return path.resolve().is_relative_to(tree.resolve())
    except (OSError, RuntimeError, ValueError):
        return False


def is_config_name(name: str) -> bool:
    """Whether Terraform reads a file of this name as configuration."""
    if name.startswith(".") or name.endswith("~") or (name.startswith("#") and name.endswith("#")):
        return False
    return name.endswith(_CONFIG_SUFFIXES)


def list_directory(directory: Path, tree: Path, left_out: AbstractSet[str] = frozenset()) -> DirectoryFiles:
    """The configuration and variable files directly in `directory`, without those `left_out` (absolute
    paths); none where it cannot be listed."""
    try:
        names = sorted(
            entry.name
            for entry in directory.iterdir()
            if str(entry) not in left_out and entry.is_file() and is_within(entry, tree)
        )
    except OSError:
        names = []
    present = set(names)
    primary: list[Path] = []
    override: list[Path] = []
    for name in names:
        if not is_config_name(name):
            continue
        stem, suffix = _split(name)
        # OpenTofu reads main.tofu in place of main.tf.
        if suffix.startswith(".tf") and stem + suffix.replace(".tf", ".tofu") in present:
            continue
        is_override = stem == "override" or stem.endswith("_override")
        (override if is_override else primary).append(directory / name)
    return DirectoryFiles(
        tuple(primary), tuple(override), tuple(directory / name for name in _variable_files(names))
    )


def _split(name: str) -> tuple[str, str]:
    for suffix in (".tf.json", ".tofu.json", ".tf", ".tofu"):
        if name.endswith(suffix):
            return name[: -len(suffix)], suffix
    return name, ""


def _variable_files(names: list[str]) -> Iterator[str]:
    """In order of precedence, later wins: terraform.tfvars, its JSON twin, all automatic ones by name."""
    for name in ("terraform.tfvars", "terraform.tfvars.json"):
        if name in names:
            yield name
    for name in names:
        if name.endswith((".auto.tfvars", ".auto.tfvars.json")) and not name.startswith("."):
            yield name


def other_variable_files(directory: Path, tree: Path, left_out: AbstractSet[str]) -> list[Path]:
    """Variable files in `directory` and the folders in it that Terraform reads only when they are named."""
    found: list[Path] = []
    folders = [directory, *_entries_of(directory, Path.is_dir)]
    for folder in folders[:MOST_FOLDERS]:
        if not is_within(folder, tree):
            continue
        files = _entries_of(folder, Path.is_file)
        automatic = set(_variable_files([file.name for file in files])) if folder is directory else set()
        found += (
            file
            for file in files
            if file.name.endswith((".tfvars", ".tfvars.json"))
            and file.name not in automatic
            and str(file) not in left_out
            and is_within(file, tree)
        )
    return found


def _entries_of(folder: Path, wanted: Callable[[Path], bool]) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith(".") and wanted(entry))
    except OSError:
        return []


def display_of(path: Path, root: Path, root_display: str) -> str:
    """`path` as reports print it, given how they print `root`."""
    try:
        relative = path.relative_to(root).as_posix()
    except ValueError:
        relative = Path(*([".."] * _steps_up(path, root)), path.relative_to(_common(path, root))).as_posix()
    return normpath(join(root_display, relative)) if root_display != "." else normpath(relative)


def _common(path: Path, root: Path) -> Path:
    for parent in (root, *root.parents):
        if path.is_relative_to(parent):
            return parent
    return Path(path.anchor)


def _steps_up(path: Path, root: Path) -> int:
    common = _common(path, root)
    return len(root.parts) - len(common.parts)
