"""Finding and loading rules: being in the folder is the registration."""

import hashlib
import importlib.util
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import cast

import msgspec

from wa_scan.aws.resources import Resource
from wa_scan.datafiles import line_of_key, read_folder
from wa_scan.engine.conditions import DeclarationError
from wa_scan.engine.declarations import rule_from_declaration
from wa_scan.engine.examples import Supplement, remedies_of
from wa_scan.engine.framework import Pillar
from wa_scan.engine.functions import RuleFunction
from wa_scan.engine.ruleset import LoadedRule, RuleSet
from wa_scan.engine.verdicts import Verdict
from wa_scan.errors import Problem, ProblemKind, ProblemLevel, UsageError
from wa_scan.graph.graph import Graph
from wa_scan.values import Location

__all__ = ["LoadedRule", "RuleSet", "load_rules", "rules_folder"]

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_FOLDERS = {pillar.value.replace("-", "_"): pillar for pillar in Pillar}
_EXAMPLES = ".examples"


def rules_folder() -> Path:
    """The rules that come with wa-scan: inside the package where installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "rules"
    return inside if inside.is_dir() else package.parent / "rules"


def load_rules(folders: Sequence[Path] = ()) -> RuleSet:
    """The rules that come with wa-scan and those in `folders`, in the order of their ids.

    Every folder holds one folder a pillar (`reliability/`, `cost_optimization/`, …). What cannot be loaded
    is a problem and hides no other rule; of two rules with the same id or name the first
    stays. Raises `UsageError` for a folder that is not there.
    """
    found: list[LoadedRule] = []
    problems: list[Problem] = []
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"the rules folder {folder} does not exist")
    for folder in (rules_folder(), *folders):
        for one in _load_folder(folder):
            if isinstance(one, Problem):
                problems.append(one)
            else:
                found.append(one)
    kept: dict[str, LoadedRule] = {}
    for one in found:
        words = (one.rule.id, one.rule.name, *one.rule.aliases)
        clash = next((kept[word] for word in words if word in kept), None)
        if clash is not None:
            problems.append(
                _problem(
                    one.file, f"its id, name or alias is already that of {clash.rule.id} in {clash.file}"
                )
            )
            continue
        kept.update(dict.fromkeys(words, one))
    unique = {one.rule.id: one for one in kept.values()}
    return RuleSet(tuple(unique[id_] for id_ in sorted(unique)), tuple(problems))


def _load_folder(folder: Path) -> Iterator[LoadedRule | Problem]:
    found = read_folder(folder, recursive=True)
    for error in found.errors.values():
        yield _problem(error.file, error.message, error.line, error.column)
    functions = {
        path.relative_to(folder).with_suffix("").as_posix(): path
        for path in sorted(folder.glob("*/*.py"))
        if not path.name.startswith(("_", "."))
    }
    for path in sorted(folder.glob("*.py")):
        yield _problem(path, f"is not in a folder named after a pillar ({', '.join(_FOLDERS)})")
    if not found.data and not found.errors and not functions and not any(folder.glob("*.py")):
        yield Problem(
            ProblemKind.RULE_NOT_LOADED,
            f"there are no rules in {_shown(folder)}",
            level=ProblemLevel.NOTE,
            hint="rule files stand in folders named after the pillars; see docs/writing-rules.md",
        )
    for place, data in found.data.items():
        if place.endswith(_EXAMPLES):
            if place.removesuffix(_EXAMPLES) not in functions:
                yield _problem(folder / f"{place}.yaml", "there is no rule file beside these examples")
            continue
        yield _guarded(folder, place, ".yaml", partial(_declared, data))
    for place in functions:
        supplement = found.data.get(place + _EXAMPLES)
        yield _guarded(folder, place, ".py", partial(_function, supplement))


def _guarded(
    folder: Path, place: str, suffix: str, load: Callable[[str, Pillar, Path], LoadedRule]
) -> LoadedRule | Problem:
    """The boundary around one rule file."""
    path = folder / f"{place}{suffix}"
    above, _, stem = place.rpartition("/")
    pillar = _FOLDERS.get(above)
    if pillar is None:
        return _problem(path, f"is not in a folder named after a pillar ({', '.join(_FOLDERS)})")
    if not _NAME.fullmatch(stem):
        return _problem(path, "its name must be lower-case words joined by underscores")
    try:
        return load(stem.replace("_", "-"), pillar, path)
    except DeclarationError as error:
        return _problem(path, str(error), line_of_key(path, error.key) if suffix == ".yaml" else None)
    except (Exception, SystemExit) as error:
        line = error.lineno if isinstance(error, SyntaxError) and error.filename == str(path) else None
        return _problem(path, f"{type(error).__name__}: {error}", line)


def _declared(data: object, name: str, pillar: Pillar, path: Path) -> LoadedRule:
    rule, check = rule_from_declaration(data, name, pillar)
    return LoadedRule(rule, path, each=check)


def _function(supplement: object, name: str, pillar: Pillar, path: Path) -> LoadedRule:
    function = _import_rule(path)
    examples = []
    if supplement is not None:
        try:
            examples = msgspec.convert(supplement, Supplement).examples
        except msgspec.ValidationError as error:
            raise DeclarationError(f"{path.stem}{_EXAMPLES}.yaml", str(error)) from error
    rule = function.rule_named(name, pillar, remedies_of(examples))
    if function.is_per_resource:
        each = cast("Callable[[Resource, Graph], Iterable[Verdict]]", function.check)
        return LoadedRule(rule, path, each=each)
    return LoadedRule(rule, path, whole=cast("Callable[[Graph], Iterable[Verdict]]", function.check))


def _import_rule(path: Path) -> RuleFunction:
    digest = hashlib.sha256(str(path.parent).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    name = f"wa_scan_rule_{digest}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise DeclarationError("the file", "cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    function = getattr(module, path.stem, None)
    if not isinstance(function, RuleFunction) or function.name != path.stem:
        raise DeclarationError("the file", f"has no function {path.stem} decorated with @rule(...)")
    return function


def _problem(path: Path, message: str, line: int | None = None, column: int | None = None) -> Problem:
    shown = _shown(path)
    at_line, at_column = line or 1, column or 1
    return Problem(
        ProblemKind.RULE_NOT_LOADED,
        f"the rule file {shown} was not loaded: {message}",
        Location(shown, at_line, at_column, at_line, at_column),
        hint="docs/writing-rules.md describes the form of rule files",
    )


def _shown(path: Path) -> str:
    with suppress(ValueError, OSError):
        return path.resolve().relative_to(Path.cwd()).as_posix()
    return path.as_posix()
