"""Modules that are no folders of the configuration: what `terraform init` installed, or the module store has.

What is installed lies in the scanned tree (`.terraform/modules`). What the store has lies in its cache: each
package there may be read as a whole, and nothing around it. To the configuration it appears to lie where
`terraform init` would have put it, so that `path.module` and what is made of it are the same everywhere.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath
from typing import TYPE_CHECKING

from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.terraform.files import display_of, is_within
from wa_scan.terraform.functions.filesystem import SandboxedFiles
from wa_scan.values import Location

if TYPE_CHECKING:
    from wa_scan.sources.units import RootModule
    from wa_scan.terraform.packages.store import ModuleStore

LARGEST_MANIFEST = 5_000_000
_INSTALLED = ".terraform/modules"


@dataclass(frozen=True, slots=True)
class ModuleCall:
    """A call as it is written. `key`: the names of the calls that lead there, with dots; `place`: of its
    source; `tree`: what the calling module may read."""

    key: str
    address: str
    source: str
    version: str | None
    place: Location
    tree: Path


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the store. `folder`: absolute; `mount`: where it appears to be, from the root module."""

    folder: Path
    mount: str

    def appearance(self, directory: Path) -> str:
        """What `path.module` is in a folder of the package."""
        try:
            inside = directory.relative_to(self.folder)
        except ValueError:  # written as a path through a link
            inside = directory.resolve().relative_to(self.folder.resolve())
        return normpath(f"{self.mount}/{inside.as_posix()}")


@dataclass(frozen=True, slots=True)
class ExternalModule:
    """`package` is None for what was installed, which is part of the tree."""

    directory: Path
    package: Package | None = None


@dataclass(frozen=True, slots=True)
class _Installed:
    """An entry of the list that `terraform init` leaves."""

    directory: Path
    source: str
    version: str | None


class ExternalModules:
    """Those of one root module. `problems` and `folders` grow with what is asked for.

    `folders`: those of installed and fetched modules, as reports print them.
    """

    def __init__(self, root: "RootModule", store: "ModuleStore | None") -> None:
        self._root = root
        self._store = store
        self._installed: dict[str, _Installed] | None = None
        self._mounts: dict[str, Package] = {}
        self._files: dict[str, SandboxedFiles] = {}
        self.problems: list[Problem] = []
        self.folders: dict[str, None] = {}

    def find(self, call: ModuleCall) -> ExternalModule | None:
        """None where it is not to be had, which is among the `problems` if something went wrong."""
        if self._installed is None:
            self._installed = self._read_manifest()
        installed = self._installed.get(call.key)
        differs = installed is not None and not _is_meant(call, installed)
        if installed is None or differs:
            fetched = self._fetched(call)
            if fetched is not None:
                return fetched
        if installed is None:
            return None
        if differs:
            self._add(
                call.place,
                f"{call.address} is read as installed, but its call now names another source or version",
                "run `terraform init`",
            )
        # Of a module in a folder of its package the other folders are not the user's either.
        own = self._root.directory / _INSTALLED / call.key
        package = own if installed.directory.is_relative_to(own) else installed.directory
        self.folders[self._display(package)] = None
        return ExternalModule(installed.directory)

    def _fetched(self, call: ModuleCall) -> ExternalModule | None:
        if self._store is None:
            return None
        from wa_scan.terraform.packages.errors import ModuleUnavailableError

        try:
            found = self._store.find(call.source, call.version, call.tree)
        except ModuleUnavailableError as error:
            self._add(call.place, f"{call.address} cannot be fetched: {error.message}", error.hint)
            return None
        package = Package(found.package, f"{_INSTALLED}/{call.key}")
        self._mounts[call.key] = package
        self._files[call.key] = SandboxedFiles(package.folder, package.folder)
        self.folders[self._display(package.folder)] = None
        return ExternalModule(found.directory, package)

    # --- files of packages, by where they appear to be ---------------------------------------------------

    def files(self, path: str) -> tuple[SandboxedFiles, str] | None:
        """The files of the package that a relative path leads into, and the path in there."""
        found = self._inside(path)
        return (self._files[found[0]], found[1]) if found is not None else None

    def real_path(self, path: str) -> Path:
        """The file that a path names which is relative to the root module."""
        found = self._inside(path)
        if found is None:
            return self._root.directory / path
        return self._mounts[found[0]].folder / found[1]

    def _inside(self, path: str) -> tuple[str, str] | None:
        if not self._mounts:
            return None
        normal = normpath(path)
        if not normal.startswith(f"{_INSTALLED}/"):
            return None
        key, _, rest = normal.removeprefix(f"{_INSTALLED}/").partition("/")
        return (key, rest or ".") if key in self._mounts else None

    # --- what terraform init left --------------------------------------------------------------------------

    def _read_manifest(self) -> dict[str, _Installed]:
        """By key. Modules whose folders are missing or outside the tree are left out."""
        root, tree = self._root.directory, self._root.tree
        manifest = root / _INSTALLED / "modules.json"
        found: dict[str, _Installed] = {}
        try:
            if not manifest.is_file() or not is_within(manifest, tree):
                return {}
            if manifest.stat().st_size > LARGEST_MANIFEST:
                raise ValueError("it is too large")
            for entry in json.loads(manifest.read_bytes())["Modules"]:
                directory = Path(normpath((root / str(entry["Dir"])).absolute()))
                if is_within(directory, tree) and directory.is_dir():
                    version = entry.get("Version")
                    found[str(entry["Key"])] = _Installed(
                        directory, str(entry.get("Source", "")), version if isinstance(version, str) else None
                    )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            place = Location(self._display(manifest), 1, 1, 1, 1)
            message = "the list of installed modules cannot be read, so none of them is used"
            self._add(place, message, "run `terraform init`")
            return {}
        return found

    def _display(self, path: Path) -> str:
        return display_of(path, self._root.directory, self._root.display)

    def _add(self, place: Location, message: str, hint: str | None) -> None:
        self.problems.append(Problem(ProblemKind.MODULE_UNAVAILABLE, message, place, ProblemLevel.NOTE, hint))


def _is_meant(call: ModuleCall, installed: _Installed) -> bool:
    """Whether what is installed is what the call names now. What is not noted counts as the same."""
    from wa_scan.terraform.packages.sources import is_same
    from wa_scan.terraform.versions import parse_constraint, parse_version

    if installed.source and not is_same(call.source, installed.source):
        return False
    constraint = parse_constraint(call.version) if call.version is not None else None
    version = parse_version(installed.version) if installed.version is not None else None
    return constraint is None or version is None or constraint.newest([version]) is not None
