"""Putting a report together."""

from collections.abc import Mapping, Sequence

from wa_scan.aws.resources import Resource
from wa_scan.blocks import Mode
from wa_scan.engine.findings import RuleRun, VerdictCounts
from wa_scan.engine.ruleset import RuleSet
from wa_scan.engine.run import natural
from wa_scan.errors import Problem, ProblemKind
from wa_scan.graph.graph import Graph
from wa_scan.review.report import Coverage, Report
from wa_scan.review.scores import overall_score, pillar_scores

# A file with one of these was not read, or not all of it.
_NOT_READ = frozenset({ProblemKind.SYNTAX_ERROR, ProblemKind.NOT_A_TEMPLATE})
# These may also stand at a place in a file that was read, and be about what it asks for.
_PERHAPS_NOT_READ = frozenset(
    {ProblemKind.UNREADABLE_FILE, ProblemKind.OUTSIDE_TREE, ProblemKind.LIMIT_REACHED}
)


def build_report(
    *,
    rules: RuleSet,
    run: RuleRun,
    graph: Graph,
    unmapped: Mapping[str, int],
    problems: Sequence[Problem] = (),
    paths: Sequence[str] = (),
) -> Report:
    """The report of one scan.

    `unmapped`: instances of AWS types without a mapping, by type. `problems`: those of finding and
    reading the sources; those of the rules are added.
    """
    every = sorted(dict.fromkeys((*problems, *rules.problems, *run.problems)), key=_problem_order)
    managed = [resource for resource in graph.resources if resource.mode is Mode.MANAGED]
    scores = pillar_scores(rules.rules, run.verdicts)
    return Report(
        findings=run.findings,
        rules=rules.rules,
        resources=tuple(sorted(managed, key=_resource_order)),
        problems=tuple(every),
        coverage=_coverage(run, graph, managed, unmapped, every),
        scores=scores,
        overall=overall_score(scores),
        graph=graph,
        paths=tuple(paths),
    )


def _coverage(
    run: RuleRun,
    graph: Graph,
    managed: Sequence[Resource],
    unmapped: Mapping[str, int],
    problems: Sequence[Problem],
) -> Coverage:
    opened = {file for unit in graph.units for file in unit.files_read}
    not_read = {
        problem.location.file
        for problem in problems
        if problem.location is not None
        and (
            problem.kind in _NOT_READ
            or (problem.kind in _PERHAPS_NOT_READ and problem.location.file not in opened)
        )
    }
    read = opened - not_read
    mapped = sum(1 for resource in managed if resource.type is not None)
    verdicts = VerdictCounts()
    for counts in run.verdicts.values():
        verdicts = verdicts.plus(counts)
    unfound = {module for unit in graph.units for module in unit.unfound_modules}
    return Coverage(
        files_read=tuple(sorted(read)),
        files_not_read=tuple(sorted(not_read)),
        resources_total=mapped + sum(unmapped.values()),
        resources_mapped=mapped,
        upkeep=sum(1 for resource in managed if resource.is_upkeep),
        unmapped_types=dict(sorted(unmapped.items())),
        modules_not_found=tuple(sorted(unfound, key=lambda one: (one.location, one.call))),
        verdicts=verdicts,
    )


def _problem_order(problem: Problem) -> tuple[object, ...]:
    place = problem.location
    return (place is None, place or (), problem.kind.value, problem.message, problem.level.value)


def _resource_order(resource: Resource) -> tuple[object, ...]:
    return (resource.unit, natural(resource.address), resource.location)
