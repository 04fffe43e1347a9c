"""How paths are printed, and which folder bounds what may be read."""

import os
from pathlib import Path


def absolute_path(path: str | Path, base: str | Path = "") -> Path:
    """`path`, if it is relative that in `base`, as an absolute one without `..`. Links are not followed: a
    path stands for what its user sees there."""
    return Path(os.path.abspath(os.path.join(base, path)))


def display_path(path: str | Path, working_directory: str | Path) -> str:
    """`path` as reports print it: relative to the working directory (`../` where it is not below it),
    with `/`. The working directory itself is `.`."""
    absolute = os.path.abspath(os.path.join(working_directory, path))
    try:
        shown = os.path.relpath(absolute, working_directory)
    except ValueError:
        # On another drive there is no relative path.
        shown = absolute
    return shown.replace(os.sep, "/")


class RepositoryNames:
    """What files and folders are called from the top of the repository around them, whatever the working
    directory; outside of repositories as reports print them."""

    def __init__(self, working_directory: Path) -> None:
        self._working_directory = working_directory
        self._names: dict[str, str] = {}

    def __call__(self, display: str) -> str:
        found = self._names.get(display)
        if found is None:
            found = self._names[display] = self._name(display)
        return found

    def _name(self, display: str) -> str:
        path = absolute_path(display, self._working_directory)
        try:
            root = repository_root(path)
        except OSError:  # names of units need not be paths, and may be too long for one
            return display
        return display if root is None else path.relative_to(root).as_posix()


def repository_root(path: Path) -> Path | None:
    """The folder at or above the absolute `path` that holds a `.git`, None outside of repositories."""
    for folder in (path, *path.parents):
        # A file in work trees and submodules, a folder elsewhere.
        if (folder / ".git").exists():
            return folder
    return None


def tree_of(path: Path) -> Path:
    """The folder that nothing is read outside of when the absolute `path` is scanned: the
    repository around it, or the path itself (the folder of a file)."""
    folder = path if path.is_dir() else path.parent
    return repository_root(folder) or folder


def is_below(path: str | Path, folder: str | Path) -> bool:
    """Whether the resolved `path` lies in the resolved `folder` or is it."""
    real = os.path.realpath(path)
    base = os.path.realpath(folder)
    return real == base or real.startswith(base if base.endswith(os.sep) else base + os.sep)
