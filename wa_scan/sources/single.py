"""The one unit that a path names."""

from pathlib import Path

from wa_scan.errors import UsageError
from wa_scan.sources.discover import discover
from wa_scan.sources.paths import absolute_path, display_path, is_below, tree_of
from wa_scan.sources.units import PlanFile, RootModule, Template
from wa_scan.sources.walk import MODULE_SUFFIXES, Walk


def unit_at(path: Path, working_directory: Path) -> PlanFile | RootModule | Template:
    """The root module in the folder `path` or around that file, whoever else calls it; or the template or
    plan that it is; or where a folder has no Terraform of its own the only unit below. Raises `UsageError`.
    """
    absolute = working_directory / path
    if absolute.is_dir() and _has_module(absolute):
        return root_module_at(path, working_directory)
    if absolute.is_file() and absolute.name.endswith(MODULE_SUFFIXES):
        return root_module_at(path.parent, working_directory)
    discovery = discover((path,), working_directory, callers=False)
    units: list[PlanFile | RootModule | Template] = [
        *discovery.roots,
        *discovery.templates,
        *discovery.plans,
    ]
    if len(units) == 1:
        return units[0]
    if not units:
        why = "; ".join(problem.message for problem in discovery.problems[:1])
        raise UsageError(f"there is no Terraform and no CloudFormation in {path}{why and f': {why}'}")
    some = ", ".join(unit.display for unit in units[:5]) + (", …" if len(units) > 5 else "")
    raise UsageError(f"{path} has {len(units)} root modules, templates and plans; name one of them: {some}")


def root_module_at(path: Path, working_directory: Path) -> RootModule:
    """The folder `path` as a root module, whatever is in it."""
    directory = absolute_path(path, working_directory)
    tree = tree_of(directory)
    if not is_below(directory, tree):
        # A link that was named is followed wherever it leads: what it leads to was asked for.
        directory = directory.resolve()
        tree = tree_of(directory)
    left_out: set[str] = set()
    for folder in Walk(directory, tree, working_directory, terraform_only=True).folders():
        left_out.update(folder.left_out)
    return RootModule(directory, display_path(directory, working_directory), tree, frozenset(left_out))


def _has_module(directory: Path) -> bool:
    try:
        return any(each.name.endswith(MODULE_SUFFIXES) for each in directory.iterdir())
    except OSError as error:
        raise UsageError(f"{directory} cannot be read: {error.strerror}") from error
