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
