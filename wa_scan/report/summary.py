"""The figures that every report format gives."""

from dataclasses import dataclass

from wa_scan.engine.findings import Status
from wa_scan.engine.framework import Risk
from wa_scan.errors import ProblemLevel
from wa_scan.report.context import ReportContext
from wa_scan.review.report import Report


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a report comes to.

    `reasons` for an exit status other than 0, of: `findings` (at or above `fail_on`), `errors` (something
    that should have been read or checked was not), `incomplete` (something was out of reach, with `strict`).
    """

    exit_status: int
    reasons: tuple[str, ...]
    failed: int
    at_or_above: int
    by_risk: dict[Risk, int]
    unknown: int
    suppressed: int
    errors: int


def outcome_of(report: Report, context: ReportContext) -> Outcome:
    """The counts of a report, its exit status and the reasons for that."""
    by_risk = dict.fromkeys(Risk, 0)
    statuses = dict.fromkeys(Status, 0)
    for finding in report.findings:
        statuses[finding.status] += 1
        if finding.status is Status.FAIL:
            by_risk[finding.rule.risk] += 1
    fail_on = context.fail_on
    at_or_above = 0 if fail_on is None else sum(by_risk[risk] for risk in Risk if risk.at_or_above(fail_on))
    errors = sum(problem.level is ProblemLevel.ERROR for problem in report.problems)
    reasons = []
    if at_or_above:
        reasons.append("findings")
    if errors:
        reasons.append("errors")
    if context.strict and (len(report.problems) > errors or not report.coverage.is_complete):
        reasons.append("incomplete")
    return Outcome(
        report.exit_status(fail_on, context.strict),
        tuple(reasons),
        statuses[Status.FAIL],
        at_or_above,
        by_risk,
        statuses[Status.UNKNOWN],
        statuses[Status.SUPPRESSED],
        errors,
    )
