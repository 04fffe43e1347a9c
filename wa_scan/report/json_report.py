"""The JSON report, `docs/schemas/report-1.0.schema.json`.

The schema's version changes with every change of shape: the second number for what only adds, the first for
what may break a reader.
"""

from collections.abc import Iterable

from wa_scan.aws.resources import Resource
from wa_scan.engine.findings import Finding
from wa_scan.engine.framework import Pillar, Risk
from wa_scan.errors import Problem
from wa_scan.report.context import ReportContext
from wa_scan.report.json_text import JsonObject, JsonValue, json_text
from wa_scan.report.masking import Masks
from wa_scan.report.summary import Outcome, outcome_of
from wa_scan.review.report import Coverage, Report
from wa_scan.values import Location, Step

SCHEMA_VERSION = "1.0"


def render(report: Report, context: ReportContext) -> str:
    """The report as JSON text."""
    return json_text(document(report, context))


def document(report: Report, context: ReportContext) -> JsonObject:
    """The report as `docs/schemas/report-1.0.schema.json` has it; secrets are masked."""
    masks = Masks(secret for finding in report.findings for secret in finding.secrets)
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "wa-scan", "version": context.version},
        "summary": _summary(report, context, outcome_of(report, context)),
        "scores": {
            "overall": report.overall,
            "pillars": {pillar.value: report.scores.get(pillar) for pillar in Pillar},
        },
        "findings": [_finding(finding, masks) for finding in report.findings],
        "resources": [_resource(resource) for resource in report.resources],
        "errors": [_problem(problem, masks) for problem in report.problems],
        "coverage": _coverage(report.coverage),
    }


def _summary(report: Report, context: ReportContext, outcome: Outcome) -> JsonObject:
    return {
        "findings": outcome.failed,
        "unknown": outcome.unknown,
        "suppressed": outcome.suppressed,
        "errors": outcome.errors,
        "files": len(report.coverage.files_read),
        "resources": report.coverage.resources_total,
        "rules": len(report.rules),
        "by_risk": {risk.value: count for risk, count in outcome.by_risk.items()},
        "by_pillar": {
            pillar.value: {risk.value: count for risk, count in row.items()}
            for pillar, row in report.counts().items()
        },
        "fix_by": {risk.value: risk.fix_by for risk in Risk},
        "exit": {
            "status": outcome.exit_status,
            "reasons": list(outcome.reasons),
            "fail_on": context.fail_on.value if context.fail_on else "never",
            "strict": context.strict,
        },
    }


def _finding(finding: Finding, masks: Masks) -> JsonObject:
    rule, resource = finding.rule, finding.resource
    return {
        "rule_id": rule.id,
        "rule_name": rule.name,
        "title": rule.title,
        "pillar": rule.pillar.value,
        "pillars": [pillar.value for pillar in rule.pillars],
        "risk": rule.risk.value,
        "status": finding.status.value,
        "when": None if finding.when.is_always else masks(str(finding.when)),
        "message": masks(finding.message),
        "why": rule.why,
        "resource": {
            "address": resource.address,
            "type": resource.source_type,
            "canonical_type": resource.type,
            "unit": resource.unit,
        },
        "instances": list(finding.instances or (resource.address,)),
        "location": _location(finding.location),
        "trace": _steps(finding.trace, masks),
        "related": _steps(finding.related, masks),
        "best_practices": list(rule.best_practices),
        "remediation": finding.remediation,
        "fingerprint": finding.fingerprint,
    }


def _location(location: Location | None) -> JsonObject | None:
    return None if location is None else dict(location._asdict())


def _steps(steps: Iterable[Step], masks: Masks) -> list[JsonValue]:
    return [
        {
            "file": step.location.file,
            "start_line": step.location.start_line,
            "end_line": step.location.end_line,
            "text": masks(step.text),
        }
        for step in steps
    ]


def _resource(resource: Resource) -> JsonObject:
    return {
        "address": resource.address,
        "type": resource.source_type,
        "canonical_type": resource.type,
        "location": _location(resource.location),
        "unit": resource.unit,
        **({"aliases": list(resource.aliases)} if resource.aliases else {}),
        **({"upkeep": True} if resource.is_upkeep else {}),
    }


def _problem(problem: Problem, masks: Masks) -> JsonObject:
    return {
        "kind": problem.kind.value,
        "level": problem.level.value,
        "message": masks(problem.message),
        "location": _location(problem.location),
        "hint": problem.hint,
    }


def _coverage(coverage: Coverage) -> JsonObject:
    return {
        "files": {"read": list(coverage.files_read), "not_read": list(coverage.files_not_read)},
        "resources": {
            "total": coverage.resources_total,
            "mapped": coverage.resources_mapped,
            **({"upkeep": coverage.upkeep} if coverage.upkeep else {}),
        },
        "unmapped_types": {
            type_: coverage.unmapped_types[type_] for type_ in sorted(coverage.unmapped_types)
        },
        "modules_not_found": [
            {"call": module.call, "source": module.source, "location": _location(module.location)}
            for module in coverage.modules_not_found
        ],
        "verdicts": {
            "pass": coverage.verdicts.passed,
            "fail": coverage.verdicts.failed,
            "unknown": coverage.verdicts.unknown,
        },
    }
