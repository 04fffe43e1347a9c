"""From paths to units."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from wa_scan.errors import Problem, ProblemKind
from wa_scan.sources.assemblies import Assembly, is_asset, nested_templates, read_assembly
from wa_scan.sources.module_calls import called_folder, local_sources, reached_from, root_folders
from wa_scan.sources.paths import absolute_path, display_path, is_below, repository_root, tree_of
from wa_scan.sources.plan_files import looks_like_plan, no_plan_because
from wa_scan.sources.sniff import MANIFEST, looks_like_template
from wa_scan.sources.template_calls import mentioned_in, mentioned_templates, nested_by
from wa_scan.sources.units import Discovery, PlanFile, RootModule, Template
from wa_scan.sources.walk import (
    MODULE_SUFFIXES,
    TERRAFORM_SUFFIXES,
    Walk,
    WalkedFolder,
    problem_with,
    reason,
)

# Beyond this nothing is parsed: CloudFormation itself takes 1 MB at most.
SIZE_LIMIT = 20_000_000
_LOOK = 1_000_000


def discover(
    paths: Sequence[Path],
    working_directory: Path,
    *,
    hook: bool = False,
    source: Path | None = None,
    callers: bool = True,
) -> Discovery:
    """The units under `paths` (files or folders, relative ones to `working_directory`).

    A named Terraform file stands for the root modules of its repository that it belongs to, a named template
    that others nest for those (unless `callers` is false), narrowed to what concerns the file. A named file
    that is no infrastructure is a problem, unless `hook` is set: pre-commit names files by their suffixes
    only. `source`: the root module that plans were made from, else the one in the plan's folder or nearest
    above it. Never raises for what it meets on the disk.
    """
    search = _Search(absolute_path(working_directory), hook, source)
    search.wants_callers = callers
    for path in paths:
        search.add(absolute_path(path, search.working_directory))
    return search.result()


class _Search:
    def __init__(self, working_directory: Path, hook: bool, source: Path | None = None) -> None:
        self.working_directory = working_directory
        self._hook = hook
        self._source = source
        self._plans: dict[str, Path] = {}
        self._trees: dict[str, Path] = {}
        self._calls: dict[str, set[str]] = {}
        self._templates: dict[str, Template] = {}
        self._assemblies: dict[Path, Assembly | None] = {}
        self._nested: set[str] = set()
        self._mentioned: dict[str, tuple[str, ...]] = {}
        self._candidates: dict[str, None] = {}
        self.wants_callers = True
        self._ignored_assemblies: list[str] = []
        self._named_modules: dict[str, Path] = {}
        self._named_templates: set[str] = set()
        self._named_files: set[str] = set()
        self._left_out: set[str] = set()
        self._problems: list[Problem] = []
        self._paths: list[str] = []
        self._files_seen = 0
        self._ignored = 0

    def add(self, path: Path) -> None:
        self._paths.append(self._display(path))
        try:
            if path.exists() and not is_below(path, tree_of(path)):
                # A link that was named is followed wherever it leads: what it leads to was asked for.
                path = Path(os.path.realpath(path))
            if path.is_dir():
                self._add_folder(path)
            elif path.is_file():
                self._files_seen += 1
                self._add_file(path)
            elif not self._hook:
                self._report(path, ProblemKind.UNREADABLE_FILE, _why_no_file(path))
        except (OSError, ValueError) as error:  # ValueError: a null byte in the path
            why = reason(error) if isinstance(error, OSError) else str(error)
            self._report(path, ProblemKind.UNREADABLE_FILE, f"the path cannot be read: {why}")

    def _add_folder(self, path: Path) -> None:
        tree = tree_of(path)
        walk = Walk(path, tree, self.working_directory, terraform_only=False)
        for folder in walk.folders():
            if folder.path in self._trees:
                continue
            self._trees[folder.path] = tree
            self._left_out.update(folder.left_out)
            self._ignored += folder.ignored
            if folder.module_files:
                self._calls[folder.path] = _calls_of(folder, tree)
            if MANIFEST in folder.candidates and self._add_assembly(Path(folder.path), tree):
                folder.candidates.remove(MANIFEST)
                folder.inner = [path for path in folder.inner if not is_asset(path)]
            for name in folder.candidates:
                self._candidates[f"{folder.path}/{name}"] = None
                self._look_at(Path(folder.path, name), tree, named=False)
        self._problems += walk.problems
        self._ignored_assemblies += walk.ignored_assemblies
        self._files_seen += walk.files_seen

    def _add_file(self, path: Path) -> None:
        if path.name.endswith(TERRAFORM_SUFFIXES):
            self._named_files.add(self._display(path))
            self._named_modules[str(path.parent)] = tree_of(path)
        elif path.name == MANIFEST and self._add_assembly(path.parent, tree_of(path)):
            return
        else:
            self._look_at(path, tree_of(path), named=True)

    def _add_assembly(self, folder: Path, tree: Path) -> bool:
        """Take the templates that the assembly in `folder` names; whether there is one."""
        assembly = self._assembly(folder, tree)
        if assembly is None:
            return False
        for template in assembly.stacks:
            self._look_at(template, tree, named=False)
        return True

    def _assembly(self, folder: Path, tree: Path) -> Assembly | None:
        if folder not in self._assemblies:
            assembly = read_assembly(folder, tree, self.working_directory)
            self._assemblies[folder] = assembly
            self._problems += assembly.problems if assembly is not None else ()
        return self._assemblies[folder]

    def _template(self, path: Path, data: bytes, tree: Path) -> Template:
        assembly = self._assembly(path.parent, tree)
        if assembly is not None:
            self._nested.update(str(path.parent / name) for name in nested_templates(data))
        stack = assembly.stacks.get(path) if assembly is not None else None
        return Template(path, self._display(path), tree, stack)

    def _look_at(self, path: Path, tree: Path, *, named: bool) -> None:
        """Take the file as a template or a plan if it looks like one."""
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                data = file.read(SIZE_LIMIT if size <= SIZE_LIMIT else _LOOK)
        except OSError as error:
            self._report(path, ProblemKind.UNREADABLE_FILE, f"the file cannot be read: {reason(error)}")
            return
        if looks_like_plan(data):
            self._plans[str(path)] = tree
        elif looks_like_template(data):
            if size > SIZE_LIMIT:
                self._report(
                    path,
                    ProblemKind.LIMIT_REACHED,
                    f"the file is larger than {SIZE_LIMIT // 1_000_000} MB and was not read",
                )
                return
            if str(path) not in self._templates:
                self._templates[str(path)] = self._template(path, data, tree)
                self._mentioned[str(path)] = mentioned_templates(data)
            if named:
                self._named_templates.add(str(path))
        elif named and (why := no_plan_because(data)) is not None:
            self._report(path, ProblemKind.NOT_A_TEMPLATE, *why)
        elif named and not self._hook:
            self._report(
                path,
                ProblemKind.NOT_A_TEMPLATE,
                "the file is neither Terraform nor a CloudFormation template",
                "A template has `Resources`, with a `Type` of the form `AWS::Service::Resource` in each.",
            )

    def result(self) -> Discovery:
        whole = root_folders(self._calls)
        narrowed = self._roots_of_named(set(self._calls))
        left_out = frozenset(self._left_out)
        units = sorted({*whole, *narrowed}, key=self._display)
        roots = tuple(
            RootModule(Path(folder), self._display(folder), self._trees[folder], left_out) for folder in units
        )
        own, nested, callers = self._sorted_templates()
        return Discovery(
            roots,
            own,
            self._files_seen,
            tuple(self._problems),
            frozenset(self._named_files),
            frozenset(self._display(unit) for unit in (*narrowed, *callers) if unit not in whole),
            self._ignored,
            tuple(self._paths),
            tuple(self._plan(path, left_out, set(units)) for path in sorted(self._plans, key=self._display)),
            tuple(sorted(self._display(path) for path in self._ignored_assemblies)),
            nested,
            tuple(self._candidates),
        )

    def _sorted_templates(self) -> tuple[tuple[Template, ...], tuple[Template, ...], set[str]]:
        """Those that are units, those that others nest, and which are there only for named ones that they
        nest, directly or not."""
        outside = self._templates_around_named() if self.wants_callers else {}
        calls = nested_by({**{path: names for path, (_, names) in outside.items()}, **self._mentioned})
        # What a stack of an assembly nests is part of it.
        roots = set(root_folders(calls)) - self._nested
        callers = {
            root
            for root in roots & outside.keys()
            if reached_from([root], calls) & self._named_templates and root not in self._templates
        }
        own = self._templates.keys() & (roots if self.wants_callers else roots | self._named_templates)
        named = {self._display(path) for path in self._named_templates - own}
        self._named_files |= named if callers else set()
        found = {**self._templates, **{path: template for path, (template, _) in outside.items()}}

        def in_order(paths: Iterable[str]) -> tuple[Template, ...]:
            return tuple(sorted((found[path] for path in paths), key=lambda template: template.display))

        return in_order({*own, *callers}), in_order(self._templates.keys() - own), callers

    def _templates_around_named(self) -> dict[str, tuple[Template, tuple[str, ...]]]:
        """The templates that nest others, in the repositories of named templates which no walk has covered,
        with what they mention."""
        found: dict[str, tuple[Template, tuple[str, ...]]] = {}
        trees = {self._templates[path].tree for path in self._named_templates - self._candidates.keys()}
        for tree in sorted(trees):
            walk = Walk(tree, tree, self.working_directory, terraform_only=False)
            for folder in walk.folders():
                for name in folder.candidates:
                    path = Path(folder.path, name)
                    self._candidates[str(path)] = None
                    mentioned = mentioned_in(path) if str(path) not in self._templates else ()
                    if mentioned:
                        found[str(path)] = (Template(path, self._display(path), tree), mentioned)
                if repository_root(tree) is None:
                    # The tree is the file's own folder, which may hold anything below.
                    break
        return found

    def _plan(self, path: str, left_out: frozenset[str], units: set[str]) -> PlanFile:
        plan = Path(path)
        tree = self._plans[path]
        folders = [plan.parent, *(each for each in plan.parents[1:] if is_below(each, tree))]
        if self._source is not None:
            folders = [absolute_path(self._source, self.working_directory)]
            tree = tree_of(folders[0])
        sources = tuple(
            RootModule(folder, self._display(folder), tree, left_out)
            for folder in folders
            if self._source is not None or _holds_module(folder)
        )
        scanned = any(str(source.directory) in units for source in sources)
        return PlanFile(
            plan, self._display(plan), self._plans[path], sources, self._source is not None, scanned
        )

    def _roots_of_named(self, walked: set[str]) -> list[str]:
        """The root modules that reach the folders of named files which no walk has covered."""
        wanted = {folder: tree for folder, tree in self._named_modules.items() if folder not in walked}
        found: set[str] = set()
        for tree in sorted(set(wanted.values())):
            folders = {folder for folder, its_tree in wanted.items() if its_tree == tree}
            calls = self._calls_in_tree(tree, folders)
            for root in root_folders(calls):
                if reached_from([root], calls) & folders:
                    found.add(root)
                    self._trees.setdefault(root, tree)
        return sorted(found)

    def _calls_in_tree(self, tree: Path, folders: Iterable[str]) -> dict[str, set[str]]:
        calls: dict[str, set[str]] = {}
        # Without a repository around it the tree is the file's own folder: nothing to search.
        if repository_root(tree) is not None:
            walk = Walk(tree, tree, self.working_directory, terraform_only=True)
            for folder in walk.folders():
                self._left_out.update(folder.left_out)
                if folder.module_files:
                    calls[folder.path] = _calls_of(folder, tree)
        for name in folders:
            # A named file counts though git ignores it or the folder around it.
            here = WalkedFolder(name)
            here.module_files = sorted(n for n in os.listdir(name) if n.endswith(MODULE_SUFFIXES))
            if here.module_files:
                calls.setdefault(name, _calls_of(here, tree))
        named = {str(self.working_directory / file) for file in self._named_files}
        self._left_out -= named
        return calls

    def _display(self, path: str | Path) -> str:
        return display_path(path, self.working_directory)

    def _report(self, path: Path, kind: ProblemKind, what: str, hint: str | None = None) -> None:
        self._problems.append(problem_with(self._display(path), kind, what, hint=hint))


def _calls_of(folder: WalkedFolder, tree: Path) -> set[str]:
    """The folders inside the tree that a folder's module files call."""
    found: set[str] = set()
    for name in folder.module_files:
        path = f"{folder.path}/{name}"
        try:
            if not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                data = file.read(SIZE_LIMIT)
        except OSError:
            continue  # evaluation reads it again and says so
        for source in local_sources(data, is_json=name.endswith(".json")):
            called = called_folder(folder.path, source)
            if called is not None and is_below(called, tree):
                found.add(called)
    return found


def _holds_module(folder: Path) -> bool:
    try:
        return any(name.endswith(MODULE_SUFFIXES) for name in os.listdir(folder))
    except OSError:
        return False


def _why_no_file(path: Path) -> str:
    if path.is_symlink():
        return "the path is a broken symbolic link"
    return "the path is neither a file nor a folder" if path.exists() else "there is no such file or folder"
