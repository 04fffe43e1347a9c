"""The units of a scan."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from wa_scan.errors import Problem


@dataclass(frozen=True, slots=True)
class RootModule:
    """A folder of Terraform files that is evaluated on its own.

    `directory`: absolute. `display`: as reports print it, relative to the working directory where
    it is below it, with `/`. `tree`: the absolute folder that nothing is read outside of (the
    scanned path, or the repository around it). `left_out`: absolute paths of Terraform files, of this or
    other folders, that are not read because git ignores them or they are links out of the tree.
    """

    directory: Path
    display: str
    tree: Path
    left_out: AbstractSet[str] = field(default=frozenset(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Stack:
    """What a cloud assembly of the AWS CDK says of the stack that a template is for.

    `artifact`: its name in the manifest; `name`: that of the stack once deployed; `path`: that of its
    construct. `folder`: the assembly's, absolute. `account`, `region`: where it is deployed, None where the
    app leaves that open. `parameters`, `tags`: given with the deployment. `metadata`: what constructs left
    behind, by construct path, as the manifest has it; `metadata_file`: where there is more of it.
    """

    artifact: str
    name: str
    path: str
    folder: Path
    working_directory: Path
    account: str | None = None
    region: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, object] = field(default_factory=dict)
    metadata_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A CloudFormation template. `path` absolute, `display` and `tree` as for `RootModule`.

    `stack`: what the cloud assembly around it says of it, if there is one.
    """

    path: Path
    display: str
    tree: Path
    stack: Stack | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan as `terraform show -json` prints it. `path` absolute, `display` and `tree` as for `RootModule`.

    `sources`: the root modules that it may be of, the likeliest first; `is_source_named`: the user named
    the one. `is_source_scanned`: they are units of the scan themselves, as far as no plan is of them.
    """

    path: Path
    display: str
    tree: Path
    sources: tuple[RootModule, ...] = ()
    is_source_named: bool = False
    is_source_scanned: bool = False


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found under the given paths.

    `roots`, `templates` and `plans` in the order of their display names. `files_seen`: how many files the
    walk looked at. `problems`: what could not be read. `narrowed`: the names of units that are there only for
    the sake of `named_files` (display names) that belong to them: of these only what concerns those
    files is wanted. `infrastructure_ignored`: how many Terraform files and possible templates git ignores.
    `paths`: what was asked for, as reports print it. `ignored_assemblies`: folders that hold a cloud assembly
    and that git ignores. `nested_templates`: those that other templates seem to nest. `candidates`: absolute
    paths of the files that may be templates or parts of some.
    """

    roots: tuple[RootModule, ...]
    templates: tuple[Template, ...]
    files_seen: int = 0
    problems: tuple[Problem, ...] = ()
    named_files: frozenset[str] = frozenset()
    narrowed: frozenset[str] = frozenset()
    infrastructure_ignored: int = 0
    paths: tuple[str, ...] = ()
    plans: tuple[PlanFile, ...] = ()
    ignored_assemblies: tuple[str, ...] = ()
    nested_templates: tuple[Template, ...] = ()
    candidates: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.roots and not self.templates and not self.plans
