"""Running rules over a graph: verdicts become findings."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial

from wa_scan.aws.resources import Resource
from wa_scan.blocks import Mode
from wa_scan.engine.findings import Finding, RuleRun, Status, VerdictCounts
from wa_scan.engine.fingerprints import block_address, digest, without_count
from wa_scan.engine.places import Elsewhere, Shown, deciding_value, shown_at
from wa_scan.engine.rules import Rule
from wa_scan.engine.ruleset import LoadedRule, RuleSet
from wa_scan.engine.verdicts import Verdict
from wa_scan.errors import Problem, ProblemKind
from wa_scan.graph.graph import Graph
from wa_scan.values import Guard, Location, Step

_RELATED_AT_MOST = 10


def run_rules(rules: RuleSet, graph: Graph, each_instance: bool = False) -> RuleRun:
    """Judges everything in `graph` by `rules`. Never raises: a rule that does is a problem.

    What is wrong with several instances of a block is one finding, with `each_instance` one for each.
    """
    groups: dict[tuple[object, ...], _Group] = {}
    verdicts: dict[str, VerdictCounts] = {}
    problems: list[Problem] = []
    external = tuple(sorted({f"{folder}/" for unit in graph.units for folder in unit.external_folders}))
    generated = frozenset(file for unit in graph.units for file in unit.generated_files)
    elsewhere = Elsewhere(external, generated)
    for loaded in rules.loaded:
        worst: dict[Resource, Status | None] = {}
        for verdict, status in _verdicts(loaded, graph, problems):
            if verdict.resource not in worst or _WEIGHT[status] > _WEIGHT[worst[verdict.resource]]:
                worst[verdict.resource] = status
            if status is not None:
                try:
                    _add(groups, loaded.rule, verdict, status, elsewhere, each_instance)
                except Exception as error:
                    problems.append(_failed(loaded.rule, verdict.resource, error))
        found = list(worst.values())
        verdicts[loaded.rule.id] = VerdictCounts(
            found.count(None), found.count(Status.FAIL), found.count(Status.UNKNOWN)
        )
    findings = _with_fingerprints(sorted((group.finding() for group in groups.values()), key=finding_order))
    return RuleRun(tuple(findings), verdicts, rules.rules, tuple(problems))


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


_DIGITS = re.compile(r"([0-9]{1,18})")


# An address is asked for once for each rule that finds something in it.
@lru_cache(maxsize=20_000)
def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts `x[2]` before `x[10]`."""
    pieces = _DIGITS.split(text)
    return tuple((int(piece), "") if at % 2 else (-1, piece) for at, piece in enumerate(pieces))


_WEIGHT = {None: 0, Status.SUPPRESSED: 0, Status.UNKNOWN: 1, Status.FAIL: 2}


def _judge(verdict: Verdict) -> Status | None:
    """None for a pass."""
    if not verdict.fails.is_never:
        return Status.FAIL
    return Status.UNKNOWN if not verdict.unknown.is_never else None


_Judged = tuple[Verdict, Status | None]


def _verdicts(loaded: LoadedRule, graph: Graph, problems: list[Problem]) -> Iterator[_Judged]:
    """What a rule says, up to where it raises. One boundary a rule and resource."""
    rule = loaded.rule
    if rule.resources and not graph.types().intersection(rule.resources):
        return
    if loaded.whole is not None:
        yield from _bounded(partial(loaded.whole, graph), rule, None, problems)
    elif loaded.each is not None:
        for resource in graph.of_type(*rule.resources):
            if resource.is_upkeep:
                continue
            yield from _bounded(partial(loaded.each, resource, graph), rule, resource, problems)


def _bounded(
    check: Callable[[], Iterable[Verdict]], rule: Rule, resource: Resource | None, problems: list[Problem]
) -> Iterator[_Judged]:
    looked_at = resource
    try:
        for verdict in check():
            looked_at = resource or verdict.resource
            about = verdict.resource
            if about.mode is Mode.MANAGED and not about.exists.is_never and not about.is_upkeep:
                yield verdict, _judge(verdict)
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


@dataclass(slots=True)
class _Group:
    """Verdicts that are one finding: same rule, status, location, message and guard.

    `instance`: unit and address where every instance has a finding of its own, else empty.
    """

    rule: Rule
    status: Status
    when: Guard
    message: str
    location: Location
    instance: tuple[str, ...]
    # The members as (resource, verdict, where it is shown).
    members: list[tuple[Resource, Verdict, Shown]] = field(default_factory=list)

    def finding(self) -> Finding:
        members = self.members
        if len(members) > 1:
            members = sorted(members, key=lambda one: (one[0].unit, natural(one[0].address)))
        resource, verdict, shown = members[0]
        related: dict[Step, None] = {}
        for _, other, place in members:
            related.update(dict.fromkeys((*other.related, *place.related)))
        secrets = sorted({text for _, other, _ in members for text in other.secrets})
        addresses = {one.address for one, _, _ in members}
        # Kept as text until all findings are there, since it must be unique among them.
        kept = "\0".join((*_identity(self.rule, resource, verdict, shown), *self.instance))
        return Finding(
            rule=self.rule,
            status=self.status,
            message=self.message,
            resource=resource,
            location=self.location,
            fingerprint=kept,
            when=self.when,
            trace=shown.trace,
            related=tuple(related)[:_RELATED_AT_MOST],
            instances=tuple(sorted(addresses, key=natural)),
            secrets=tuple(secrets),
        )


def _add(
    groups: dict[tuple[object, ...], _Group],
    rule: Rule,
    verdict: Verdict,
    status: Status,
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
        group = groups[key] = _Group(rule, status, when, message, shown.location, instance)
    group.members.append((verdict.resource, verdict, shown))


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


def _identity(rule: Rule, resource: Resource, verdict: Verdict, shown: Shown) -> tuple[str, ...]:
    """What makes a finding the same one tomorrow: nothing that moves with lines or instances."""
    in_module = resource.location.file == shown.location.file
    block = block_address(resource.address, keep_modules=not in_module, calls=len(resource.calls))
    return (rule.id, shown.location.file, block, verdict.path or shown.decider)


def _with_fingerprints(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Unique fingerprints: of several alike, the first keeps the plain one."""
    from dataclasses import replace

    taken: set[str] = set()
    for finding in findings:
        parts = finding.fingerprint.split("\0")
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
