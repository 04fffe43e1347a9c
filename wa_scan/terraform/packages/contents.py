"""Writing the files of a module package into a folder, and nothing outside of it, from whatever it comes."""

import os
from collections.abc import Iterable
from pathlib import Path

from wa_scan.terraform.packages.errors import ModuleUnavailableError

MOST_ENTRIES = 50_000
LARGEST_CONTENTS = 300_000_000
_LONGEST_NAME = 1_000
_DEEPEST = 60


class PackageWriter:
    """Writes below `folder`, which exists and is empty. Links come last, so that no file goes through one.

    Raises `ModuleUnavailableError` for a name that leads out of the folder and beyond the limits: whoever
    made such a package means harm.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._links: dict[str, str] = {}
        self._entries = 0
        self.size = 0

    def file(self, name: str, chunks: Iterable[bytes]) -> None:
        path = self._place(name)
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as out:
                for chunk in chunks:
                    self.size += len(chunk)
                    if self.size > LARGEST_CONTENTS:
                        megabytes = LARGEST_CONTENTS // 1_000_000
                        raise ModuleUnavailableError(f"it unpacks to more than {megabytes} MB")
                    out.write(chunk)
        except OSError as error:
            raise _unwritable(error) from None

    def link(self, name: str, target: str) -> None:
        """A symbolic link; one that leads out of the package is left out in the end."""
        if self._place(name) is not None:
            self._links[name] = target

    def pass_over(self, name: str) -> None:
        """An entry that is not written, but whose name is checked and that counts."""
        self._place(name)

    def finish(self) -> None:
        """Makes the links."""
        root = self._folder.resolve()
        made: list[Path] = []
        for name, target in self._links.items():
            path = self._folder / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                if not path.parent.resolve().is_relative_to(root) or os.path.lexists(path):
                    continue
                path.symlink_to(target)
                made.append(path)
                _remove_if_outside(path, root)
            except (OSError, RuntimeError, ValueError, NotImplementedError):
                continue  # a system without links, or a circle of them
        for path in made:
            # Links made later may have changed where it leads.
            _remove_if_outside(path, root)

    def _place(self, name: str) -> Path | None:
        """Where to write what is called `name`; None for the folder itself."""
        self._entries += 1
        if self._entries > MOST_ENTRIES:
            raise ModuleUnavailableError(f"it has more than {MOST_ENTRIES} entries")
        parts = [part for part in name.split("/") if part not in ("", ".")]
        hostile = name.startswith("/") or ".." in parts or "\0" in name
        foreign = os.sep == "\\" and ("\\" in name or ":" in name)
        if hostile or foreign or len(name) > _LONGEST_NAME or len(parts) > _DEEPEST:
            raise ModuleUnavailableError("it has an entry whose name leads out of it or is too long")
        return self._folder.joinpath(*parts) if parts else None


def _remove_if_outside(path: Path, root: Path) -> None:
    try:
        inside = path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a circle of links
        inside = False
    if not inside:
        path.unlink(missing_ok=True)


def _unwritable(error: OSError) -> ModuleUnavailableError:
    return ModuleUnavailableError(f"it cannot be unpacked ({(error.strerror or str(error)).lower()})")
