"""What rules find."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from wa_scan.aws.resources import Resource
from wa_scan.engine.rules import Rule
from wa_scan.errors import Problem
from wa_scan.values import Guard, Location, Step


class Status(Enum):
    """What a finding says; those that fail decide the exit status."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's verdict on one place, with every instance of the resource that it holds for.

    `resource`: the first instance; `instances`: the addresses of all, sorted. `location`: the attribute, or
    the block's header where something is absent; always in a file of the scan. `when`: the
    guard under which it fails, `Guard.ALWAYS` for always. `trace`: the value's way, oldest step
    first, the last being `location`; empty for what is absent. `related`: other places that tell why.
    `secrets`: texts that must never be printed whole, wherever they occur in source lines or messages.
    `fingerprint`: stable over moved lines and reformatting, unique in a report.
    """

    rule: Rule
    status: Status
    message: str
    resource: Resource
    location: Location
    fingerprint: str
    when: Guard = Guard.ALWAYS
    trace: tuple[Step, ...] = ()
    related: tuple[Step, ...] = ()
    instances: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    @property
    def remediation(self) -> str:
        """How to fix it, in the words of the language that the resource is written in."""
        return self.rule.fix[self.resource.language]


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """How many verdicts (rule × resource) came out which way."""

    passed: int = 0
    failed: int = 0
    unknown: int = 0

    def plus(self, other: "VerdictCounts") -> "VerdictCounts":
        return VerdictCounts(
            self.passed + other.passed, self.failed + other.failed, self.unknown + other.unknown
        )


@dataclass(frozen=True, slots=True)
class RuleRun:
    """What running the rules over a graph gave.

    `verdicts`: by rule id, every rule that ran. A resource counts once for a rule, with its worst verdict.
    `problems`: rules that raised, and what they were looking at.
    """

    findings: tuple[Finding, ...]
    verdicts: Mapping[str, VerdictCounts] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    problems: tuple[Problem, ...] = ()
