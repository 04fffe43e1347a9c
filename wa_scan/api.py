"""The whole way from paths to a report, as a library call.

    from wa_scan import scan
    report = scan(["infra"])
    for finding in report.failures(): ...

`scan` is `discover`, then `evaluate`, then `judge`; the command line calls the three by themselves.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wa_scan.errors import Entry, Problem, ProblemKind, ProblemLevel
from wa_scan.options import (
    ScanOptions,
    module_store,
    read_parameter_files,
    template_options,
    terraform_options,
)
from wa_scan.sources.discover import discover
from wa_scan.sources.paths import RepositoryNames
from wa_scan.sources.units import Discovery, PlanFile, RootModule, Template
from wa_scan.values import Location

if TYPE_CHECKING:
    from wa_scan.aws.normalise import Normalised
    from wa_scan.blocks import EvaluatedUnit
    from wa_scan.cloudformation.evaluate import Templates
    from wa_scan.engine.findings import Finding
    from wa_scan.engine.ruleset import RuleSet
    from wa_scan.graph.graph import Graph
    from wa_scan.review.report import Report
    from wa_scan.terraform.context import EvaluateOptions
    from wa_scan.terraform.files import ParsedFiles
    from wa_scan.terraform.packages.store import ModuleStore
    from wa_scan.terraform.states import RemoteStates

__all__ = [
    "Evaluation",
    "Progress",
    "ScanOptions",
    "evaluate",
    "judge",
    "load_rules",
    "scan",
    "states_around",
]

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All units, evaluated and normalised. `units`: without their resources, which the graph has. `unmapped`:
    instances of AWS types without a mapping, by type."""

    units: tuple["EvaluatedUnit", ...]
    graph: "Graph"
    problems: tuple[Problem, ...]
    unmapped: Mapping[str, int]


def scan(paths: Iterable[str | Path], options: ScanOptions | None = None) -> "Report":
    """Review the Terraform and CloudFormation under `paths`.

    Raises `UsageError` for options that cannot be, such as a rule that does not exist. Everything wrong
    with what is scanned is in the report's `problems`.
    """
    options = options or ScanOptions()
    given = [Path(path) for path in paths]
    rules = load_rules(options)
    discovery = discover(given, options.base, hook=options.hook, source=options.source)
    return judge(discovery, evaluate(discovery, options), rules, options)


def load_rules(options: ScanOptions) -> "RuleSet":
    """The rules that come with wa-scan and those of `options.rule_folders`, as far as they are selected.

    Raises `UsageError` for a selection that names no rule and for a folder that cannot be read."""
    from wa_scan.engine.loading import load_rules as load
    from wa_scan.engine.selection import selected

    return selected(load(options.rule_folders), options.rules, options.skip_rules, options.pillars)


def evaluate(discovery: Discovery, options: ScanOptions, progress: Progress | None = None) -> Evaluation:
    """Evaluate every unit and build the graph. `progress` hears of each unit before it is evaluated:
    how many are done, how many there are, its name."""
    from wa_scan.aws.crossing import links_across
    from wa_scan.graph.graph import Graph

    options, notes = read_parameter_files(options)
    units: list[EvaluatedUnit] = []
    normalised: list[Normalised] = []
    problems: list[Problem] = [*discovery.problems, *notes]
    unmapped: dict[str, int] = {}
    parsed = _parsed_files() if discovery.roots or discovery.plans else None
    # Plans come first: what one is of is not evaluated a second time without it.
    todo: list[PlanFile | RootModule | Template] = [
        *discovery.plans,
        *discovery.roots,
        *discovery.templates,
        # Those that turn out to be nested by none are evaluated by themselves.
        *discovery.nested_templates,
    ]
    planned: set[Path] = set()
    begun = 0

    def say(doing: str) -> None:
        if progress is not None:
            progress(begun, len(todo), f"{todo[begun].display}: {doing}")

    modules = module_store(options, say) if parsed is not None else None
    states = _remote_states(discovery, options, modules, parsed)
    templates = _templates(discovery, options)
    for done, unit in enumerate(todo):
        if isinstance(unit, RootModule) and unit.directory in planned:
            continue
        if templates is not None and isinstance(unit, Template) and templates.is_nested(unit):
            continue
        begun = done
        if progress is not None:
            progress(done, len(todo), unit.display)
        # The one boundary around a unit: evaluation reports bad input as problems, so whatever arrives
        # here is a fault of wa-scan, and the other units are still worth scanning.
        try:
            evaluated, resources = _evaluate_unit(unit, options, modules, parsed, states, templates, planned)
        except ImportError:
            raise  # a broken installation, which concerns every unit
        except Exception as error:
            import logging

            logging.getLogger("wa_scan").debug("while evaluating %s", unit.display, exc_info=True)
            problems.append(_internal_error(unit, error))
            continue
        # What rules see of resources is in the graph: of a large estate both would be kept to its end.
        units.append(replace(evaluated, resources=()))
        normalised.append(resources)
        problems += _weighed(evaluated.name, (*evaluated.problems, *resources.problems), discovery)
        for type_, count in resources.unmapped.items():
            unmapped[type_] = unmapped.get(type_, 0) + count
    every = [resource for each in normalised for resource in each.resources]
    across = links_across([one for each in normalised for one in each.foreign], every)
    graph = Graph(
        every,
        [*(link for each in normalised for link in each.links), *across],
        units,
    )
    problems += _unused_parameters(options, units, has_nested=bool(discovery.nested_templates))
    return Evaluation(tuple(units), graph, tuple(dict.fromkeys(problems)), unmapped)


def _parsed_files() -> "ParsedFiles":
    """Files that several root modules use are parsed once."""
    from wa_scan.terraform.files import ParsedFiles

    return ParsedFiles()


def _remote_states(
    discovery: Discovery,
    options: ScanOptions,
    modules: "ModuleStore | None",
    parsed: "ParsedFiles | None",
) -> "RemoteStates | None":
    """What root modules can know of each other's outputs."""
    if not discovery.roots or parsed is None:
        return None
    from wa_scan.terraform.states import RemoteStates

    return RemoteStates(discovery.roots, terraform_options(options, modules), parsed)


def states_around(root: RootModule, told: "EvaluateOptions", base: Path) -> "RemoteStates":
    """What `root` can know of the outputs of the other root modules in its tree, which are looked for only if
    it asks for a state. `told`: how all of them are evaluated."""
    from wa_scan.terraform.files import ParsedFiles
    from wa_scan.terraform.states import RemoteStates

    def others() -> Iterator[RootModule]:
        found = discover((root.tree,), base).roots
        yield from (other for other in found if other.directory != root.directory)

    return RemoteStates(others(), told, ParsedFiles())


def _templates(discovery: Discovery, options: ScanOptions) -> "Templates | None":
    """What templates can know of each other."""
    if not discovery.templates and not discovery.nested_templates:
        return None
    from wa_scan.cloudformation.evaluate import Templates

    told = template_options(options)
    return Templates(discovery.templates, told, discovery.candidates, options.base)


def _unused_parameters(
    options: ScanOptions, units: Iterable["EvaluatedUnit"], *, has_nested: bool
) -> Iterable[Problem]:
    """Parameters that are given a value and that no template has. `has_nested`: there may be nested ones."""
    if not options.parameters:
        return
    from wa_scan.blocks import Language
    from wa_scan.cloudformation.given_values import origin_of

    known = {name for unit in units if unit.language is Language.CLOUDFORMATION for name in unit.inputs}
    for name, given in options.parameters.items():
        origin = origin_of(given)
        if name not in known and not name.startswith("AWS::"):
            yield Problem(
                ProblemKind.NOT_LOOKED_AT,
                f"No template that was scanned has a parameter {name}.",
                origin.location if origin is not None else None,
                ProblemLevel.NOTE,
                hint="a nested template has the values that its parent hands it" if has_nested else None,
                entry=Entry("No template that was scanned has these parameters:", name),
            )


def _evaluate_unit(
    unit: PlanFile | RootModule | Template,
    options: ScanOptions,
    modules: "ModuleStore | None",
    parsed: "ParsedFiles | None",
    states: "RemoteStates | None",
    templates: "Templates | None",
    planned: set[Path],
) -> tuple["EvaluatedUnit", "Normalised"]:
    """`planned` gets the folder of the root module that a plan was joined with."""
    from wa_scan.aws.normalise import normalise

    if isinstance(unit, PlanFile):
        from wa_scan.terraform.plan import evaluate_plan

        plan = evaluate_plan(unit, terraform_options(options, modules), parsed)
        evaluated = plan.unit
        if plan.source is not None:
            planned.add(plan.source.directory)
    elif isinstance(unit, RootModule):
        from wa_scan.terraform.evaluate import evaluate_root

        evaluated = evaluate_root(unit, terraform_options(options, modules), parsed, states=states)
    else:
        assert templates is not None
        evaluated = templates.evaluate(unit)
    return evaluated, normalise(evaluated)


def _internal_error(unit: PlanFile | RootModule | Template, error: Exception) -> Problem:
    return Problem(
        ProblemKind.INTERNAL_ERROR,
        f"the unit could not be evaluated: wa-scan failed with {type(error).__name__}",
        Location(unit.display, 1, 1, 1, 1),
        hint="This is a fault of wa-scan. Run it again with --debug and report what it prints.",
    )


def _weighed(unit: str, problems: Iterable[Problem], discovery: Discovery) -> Iterable[Problem]:
    """A unit's problems; where only named files matter those of other files weigh as notes."""
    if unit not in discovery.narrowed:
        return problems
    return [
        problem
        if problem.location is None or problem.location.file in discovery.named_files
        else replace(problem, level=ProblemLevel.NOTE)
        for problem in problems
    ]


def judge(discovery: Discovery, evaluation: Evaluation, rules: "RuleSet", options: ScanOptions) -> "Report":
    """Run the rules and put the report together."""
    from wa_scan.engine.run import run_rules
    from wa_scan.review.build import build_report

    lasting = RepositoryNames(options.base)
    run = run_rules(rules, evaluation.graph, options.each_instance, lasting=lasting)
    if discovery.narrowed:
        wanted = (f for f in run.findings if _is_wanted(f, discovery, evaluation.graph))
        run = replace(run, findings=tuple(wanted))
    problems = [*evaluation.problems, *_emptiness(discovery, options)]
    report = build_report(
        rules=rules,
        run=run,
        graph=evaluation.graph,
        unmapped=evaluation.unmapped,
        problems=problems,
        paths=discovery.paths,
    )
    # A score is the whole unit's, and not that of what concerns a few of its files.
    return replace(report, scores={}, overall=None) if discovery.narrowed else report


def _is_wanted(finding: "Finding", discovery: Discovery, graph: "Graph") -> bool:
    """Whether a finding concerns a named file: its place, its value's way or the calls that lead to one of
    its instances."""
    if finding.resource.unit not in discovery.narrowed:
        return True
    instances = (
        graph.find(unit, address)
        for unit in sorted(discovery.narrowed)
        for address in (finding.resource.address, *finding.instances)
    )
    steps = list(finding.trace)
    for instance in instances:
        if instance is not None and instance.location == finding.resource.location:
            steps += instance.calls
    places = [finding.location, *(step.location for step in steps)]
    return any(place.file in discovery.named_files for place in places)


def _emptiness(discovery: Discovery, options: ScanOptions) -> Sequence[Problem]:
    if not discovery.is_empty or discovery.problems or options.allow_empty or options.hook:
        return ()
    ignored = discovery.infrastructure_ignored
    hint = "Give the path of a folder that has some, or say --allow-empty."
    if discovery.ignored_assemblies:
        hint = f"git ignores what the CDK wrote to {discovery.ignored_assemblies[0]}: name it to scan it."
    elif ignored:
        hint = f"git ignores what may be infrastructure ({ignored} files): name it to scan it."
    return (
        Problem(
            ProblemKind.NOTHING_TO_SCAN,
            f"there is no Terraform and no CloudFormation to scan in {' '.join(discovery.paths)}",
            hint=hint,
        ),
    )
