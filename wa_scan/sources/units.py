"""The units of a scan."""

from dataclasses import dataclass
from pathlib import Path

from wa_scan.errors import Problem


@dataclass(frozen=True, slots=True)
class RootModule:
    """A folder of Terraform files that is evaluated on its own.

    `directory`: absolute. `display`: as reports print it, relative to the working directory where
    it is below it, with `/`. `tree`: the absolute folder that nothing is read outside of (the
    scanned path, or the repository around it).
    """

    directory: Path
    display: str
    tree: Path


@dataclass(frozen=True, slots=True)
class Template:
    """A CloudFormation template. `path` absolute, `display` and `tree` as for `RootModule`."""

    path: Path
    display: str
    tree: Path


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found under the given paths.

    `roots` and `templates` in the order of their display names. `files_seen`: how many files the walk
    looked at. `problems`: what could not be read.
    """

    roots: tuple[RootModule, ...]
    templates: tuple[Template, ...]
    files_seen: int = 0
    problems: tuple[Problem, ...] = ()
