"""Running rules over a graph: verdicts become findings."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from wa_scan.aws.resources import Resource
from wa_scan.blocks import Mode
from wa_scan.engine.alike import Alike, tells_itself
from wa_scan.engine.findings import Finding, RuleRun, Status, VerdictCounts
from wa_scan.engine.fingerprints import digest, without_count
from wa_scan.engine.grouping import Group, natural
from wa_scan.engine.places import Elsewhere, deciding_value, shown_at
from wa_scan.engine.rules import Rule
from wa_scan.engine.ruleset import LoadedRule, RuleSet
from wa_scan.engine.verdicts import Verdict
from wa_scan.errors import Problem, ProblemKind
from wa_scan.graph.graph import Graph
from wa_scan.values import Guard

__all__ = ["finding_order", "natural", "run_rules"]


def run_rules(
    rules: RuleSet, graph: Graph, each_instance: bool = False, *, lasting: Callable[[str], str] = str
) -> RuleRun:
    """Judges everything in `graph` by `rules`. Never raises: a rule that does is a problem.

    What is wrong with several instances of a block is one finding, with `each_instance` one for each.
    `lasting`: what stands in fingerprints for a file or unit as reports print it.
    """
    groups: dict[tuple[object, ...], Group] = {}
    verdicts: dict[str, VerdictCounts] = {}
    problems: list[Problem] = []
    external = tuple(sorted({f"{folder}/" for unit in graph.units for folder in unit.external_folders}))
    generated = frozenset(file for unit in graph.units for file in unit.generated_files)
    elsewhere = Elsewhere(external, generated)
    alike = None if each_instance else Alike(graph)
    for loaded in rules.loaded:
        # With how many others like it each resource was judged, and the worst verdict.
        worst: dict[Resource, tuple[Status | None, int]] = {}
        for verdict, status, resources in _verdicts(loaded, graph, alike, problems):
            before = worst.get(verdict.resource)
            if before is None or _WEIGHT[status] > _WEIGHT[before[0]]:
                worst[verdict.resource] = (status, len(resources))
            if status is not None:
                try:
                    _add(groups, loaded.rule, verdict, status, resources, elsewhere, each_instance)
                except Exception as error:
                    problems.append(_failed(loaded.rule, verdict.resource, error))
        verdicts[loaded.rule.id] = _counts(worst.values())
    made = sorted((group.finding() for group in groups.values()), key=finding_order)
    findings = _with_fingerprints(made, lasting, each_instance)
    return RuleRun(tuple(findings), verdicts, rules.rules, tuple(problems))


def _counts(worst: Iterable[tuple[Status | None, int]]) -> VerdictCounts:
    times: dict[Status | None, int] = {}
    for status, count in worst:
        times[status] = times.get(status, 0) + count
    return VerdictCounts(times.get(None, 0), times.get(Status.FAIL, 0), times.get(Status.UNKNOWN, 0))


def finding_order(finding: Finding) -> tuple[object, ...]:
    """The one total order of all reports."""
    at = finding.location
    return (
        finding.rule.risk.rank,
        finding.rule.id,
        at.file,
        at.start_line,
        at.start_column,
        natural(finding.resource.address),
        str(finding.when),
        finding.status.value,
        finding.message,
        at,
        finding.fingerprint,
    )


_WEIGHT = {None: 0, Status.SUPPRESSED: 0, Status.UNKNOWN: 1, Status.FAIL: 2}


def _judge(verdict: Verdict) -> Status | None:
    """None for a pass."""
    if not verdict.fails.is_never:
        return Status.FAIL
    return Status.UNKNOWN if not verdict.unknown.is_never else None


_Judged = tuple[Verdict, Status | None, Sequence[Resource]]


def _verdicts(
    loaded: LoadedRule, graph: Graph, alike: Alike | None, problems: list[Problem]
) -> Iterator[_Judged]:
    """What a rule says, up to where it raises, each with the resources that it holds for, the verdict's own
    first. One boundary a rule and resource."""
    rule = loaded.rule
    if rule.resources and not graph.types().intersection(rule.resources):
        return
    if loaded.whole is not None:
        yield from _bounded(partial(loaded.whole, graph), rule, None, problems)
    elif loaded.each is not None:
        if alike is None:
            same: Iterable[Sequence[Resource]] = ((each,) for each in graph.of_type(*rule.resources))
        else:
            same = alike.of_type(*rule.resources)
        each = loaded.each
        for resources in same:
            if resources[0].is_upkeep:
                continue
            yield from _for_all(lambda resource: each(resource, graph), rule, resources, problems)


def _for_all(
    check: Callable[[Resource], Iterable[Verdict]],
    rule: Rule,
    resources: Sequence[Resource],
    problems: list[Problem],
) -> Iterator[_Judged]:
    """What is said of the first of `resources`, which are alike, holds for all unless it names that one."""
    first, others = resources[0], resources[1:]
    if not others:
        yield from _bounded(partial(check, first), rule, first, problems)
        return
    failed = len(problems)
    said = list(_bounded(partial(check, first), rule, first, problems))
    if len(problems) == failed and not any(tells_itself(verdict, first) for verdict, _, _ in said):
        yield from ((verdict, status, resources) for verdict, status, _ in said)
        return
    yield from said
    for other in others:
        yield from _bounded(partial(check, other), rule, other, problems)


def _bounded(
    check: Callable[[], Iterable[Verdict]], rule: Rule, resource: Resource | None, problems: list[Problem]
) -> Iterator[_Judged]:
    looked_at = resource
    try:
        for verdict in check():
            looked_at = resource or verdict.resource
            about = verdict.resource
            if about.mode is Mode.MANAGED and not about.exists.is_never and not about.is_upkeep:
                yield verdict, _judge(verdict), (about,)
    # Whatever a rule does wrong must not end the scan; RecursionError and MemoryError are among it, and so is
    # an exit, whose status would be taken for the scan's.
    except (Exception, SystemExit) as error:
        problems.append(_failed(rule, looked_at, error, after=resource is None))


def _failed(rule: Rule, resource: Resource | None, error: BaseException, after: bool = False) -> Problem:
    subject = f" {'after' if after else 'at'} {resource.address}" if resource else ""
    return Problem(
        ProblemKind.RULE_FAILED,
        f"the rule {rule.id} ({rule.name}) failed{subject}: {type(error).__name__}: {error}",
        resource.location if resource else None,
        hint="its other findings may be incomplete; please report this with the input that shows it",
    )


def _add(
    groups: dict[tuple[object, ...], Group],
    rule: Rule,
    verdict: Verdict,
    status: Status,
    resources: Sequence[Resource],
    elsewhere: Elsewhere,
    each_instance: bool,
) -> None:
    when = verdict.fails if status is Status.FAIL else verdict.unknown
    shown = shown_at(verdict, when, elsewhere)
    message = _message(rule, verdict, when)
    instance = (verdict.resource.unit, verdict.resource.address) if each_instance else ()
    key = (rule.id, status, shown.location, message, when, instance)
    group = groups.get(key)
    if group is None:
        group = groups[key] = Group(rule, status, when, message, shown.location, instance)
    if len(resources) == 1 or not any(verdict.resource.address in step.text for step in shown.related):
        group.add(verdict, shown, resources)
        return
    for resource in resources:
        own = replace(verdict, resource=resource)
        group.add(own, shown_at(own, when, elsewhere), (resource,))


def _message(rule: Rule, verdict: Verdict, when: Guard) -> str:
    """The verdict's message, `{value}` in it being the value that decides."""
    message = verdict.message or rule.title
    if "{value}" in message:
        value = deciding_value(verdict, when)
        data = value.scalar if value is not None else None
        if value is not None and value.origin is not None and value.origin.is_secret:
            data = "a secret"
        shown = "not set" if data is None else str(data).lower() if isinstance(data, bool) else str(data)
        message = message.replace("{value}", shown)
    return message


def _with_fingerprints(
    findings: Iterable[Finding], lasting: Callable[[str], str], each_instance: bool
) -> Iterator[Finding]:
    """Unique fingerprints: of several alike, the first keeps the plain one."""
    taken: set[str] = set()
    for finding in findings:
        rule, file, *rest = finding.fingerprint.split("\0")
        resource = finding.resource
        instance = (lasting(resource.unit), resource.address) if each_instance else ()
        parts = (rule, lasting(file), *rest, *instance)
        further = (finding.status.value, without_count(finding.resource.address), str(finding.when))
        attempts: list[tuple[str, ...]] = [(), further, (*further, finding.message)]
        found = next((d for more in attempts if (d := digest((*parts, *more))) not in taken), None)
        ordinal = 2
        while found is None:
            candidate = digest((*parts, *further, finding.message, str(ordinal)))
            found = candidate if candidate not in taken else None
            ordinal += 1
        taken.add(found)
        yield replace(finding, fingerprint=found)
