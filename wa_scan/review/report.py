"""Everything that one scan found out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wa_scan.aws.resources import Resource
from wa_scan.blocks import UnfoundModule
from wa_scan.engine.findings import Finding, Status, VerdictCounts
from wa_scan.engine.framework import Pillar, Risk
from wa_scan.engine.rules import Rule
from wa_scan.errors import Problem, ProblemLevel
from wa_scan.graph.graph import Graph


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was looked at and what was not.

    `files_read` and `files_not_read` as reports print them, sorted. `resources_total` counts managed AWS
    resource instances, `resources_mapped` those of a mapped type; `unmapped_types` counts instances by
    source type. `upkeep` counts the resources that tools added for their own upkeep, which are not judged.
    """

    files_read: tuple[str, ...] = ()
    files_not_read: tuple[str, ...] = ()
    resources_total: int = 0
    resources_mapped: int = 0
    upkeep: int = 0
    unmapped_types: Mapping[str, int] = field(default_factory=dict)
    modules_not_found: tuple[UnfoundModule, ...] = ()
    verdicts: VerdictCounts = field(default_factory=VerdictCounts)

    @property
    def is_complete(self) -> bool:
        """Nothing was out of reach: `--strict` asks for this."""
        return not (
            self.files_not_read or self.unmapped_types or self.modules_not_found or self.verdicts.unknown
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What a scan found out; every report format is made from this alone (and the source texts).

    `findings`: all of them (fail, unknown, suppressed) in one total order: risk, rule id, file, line,
    column, address, when. `rules`: the rules that ran, by id. `scores`: 0 to 100 for each pillar that had a
    verdict, and `overall` their mean; None where nothing was judged. `resources`: managed resources in
    the order of unit and address.
    """

    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    resources: tuple[Resource, ...]
    problems: tuple[Problem, ...]
    coverage: Coverage
    scores: Mapping[Pillar, int] = field(default_factory=dict)
    overall: int | None = None
    graph: Graph = field(default_factory=lambda: Graph(()))
    paths: tuple[str, ...] = ()

    def failures(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.status is Status.FAIL)

    def counts(self) -> dict[Pillar, dict[Risk, int]]:
        """Failures by pillar (a rule's first) and risk; every pillar and risk is there."""
        table = {pillar: dict.fromkeys(Risk, 0) for pillar in Pillar}
        for finding in self.failures():
            table[finding.rule.pillar][finding.rule.risk] += 1
        return table

    def exit_status(self, fail_on: Risk | None, strict: bool = False) -> int:
        """0: nothing at or above `fail_on` (None: never); 1: findings; 2: something that should
        have been read or checked could not be (with `strict` also what was out of reach)."""
        if any(problem.level is ProblemLevel.ERROR for problem in self.problems):
            return 2
        if strict and (self.problems or not self.coverage.is_complete):
            return 2
        if fail_on is not None and any(finding.rule.risk.at_or_above(fail_on) for finding in self.failures()):
            return 1
        return 0
