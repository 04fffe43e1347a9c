"""The SARIF 2.1.0 report, as GitHub code scanning and SARIF viewers read it.

HRI is an error, MRI a warning, LRI a note. Unknown verdicts are results only when asked for: a
reader that ignores `kind` would show them as failures.
"""

from collections.abc import Sequence

import sarif_om

from wa_scan.engine.findings import Finding, Status
from wa_scan.report.context import ReportContext
from wa_scan.report.json_text import json_text
from wa_scan.report.masking import Masks
from wa_scan.report.sarif_locations import BASE_ID, Locations
from wa_scan.report.sarif_notifications import Notifications
from wa_scan.report.sarif_objects import serialise
from wa_scan.report.sarif_results import results_of
from wa_scan.report.sarif_rules import rule_descriptor, semantic_version
from wa_scan.report.summary import outcome_of
from wa_scan.review.report import Report

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# What the results are measured by. The tool has no address of its own on the web yet.
INFORMATION_URI = "https://docs.aws.amazon.com/wellarchitected/latest/framework/welcome.html"

# GitHub refuses a run with more.
MOST_RESULTS = 25_000


def render(report: Report, context: ReportContext) -> str:
    """The report as a SARIF 2.1.0 log."""
    log = serialise(sarif_om.SarifLog(version="2.1.0", schema_uri=SCHEMA, runs=[_run(report, context)]))
    # Readers that sniff look for the schema and the version at the top.
    return json_text({name: log[name] for name in ("$schema", "version", "runs")})


def _run(report: Report, context: ReportContext) -> sarif_om.Run:
    masks = Masks(secret for finding in report.findings for secret in finding.secrets)
    locations = Locations(report, context)
    notifications = Notifications(locations, masks)
    findings = _chosen(report, context)
    for problem in report.problems:
        notifications.add_problem(problem)
    notifications.add_coverage(report)
    if len(findings) > MOST_RESULTS:
        left_out = len(findings) - MOST_RESULTS
        text = f"{left_out} results of the lowest risk were left out: code scanning accepts {MOST_RESULTS}."
        notifications.add_note("results-cut", text)
        findings = findings[:MOST_RESULTS]

    rules = {rule.id: rule for rule in (*report.rules, *(finding.rule for finding in findings))}
    indices = {id_: index for index, id_ in enumerate(rules)}
    outcome = outcome_of(report, context)
    return sarif_om.Run(
        tool=sarif_om.Tool(
            driver=sarif_om.ToolComponent(
                name="wa-scan",
                version=context.version,
                semantic_version=semantic_version(context.version),
                information_uri=INFORMATION_URI,
                rules=[rule_descriptor(rule) for rule in rules.values()],
                notifications=list(notifications.descriptors()) or None,
            )
        ),
        invocations=[
            sarif_om.Invocation(
                execution_successful=outcome.errors == 0,
                exit_code=outcome.exit_status,
                tool_execution_notifications=notifications.execution or None,
                tool_configuration_notifications=notifications.configuration or None,
            )
        ],
        original_uri_base_ids={
            BASE_ID: sarif_om.ArtifactLocation(
                description=sarif_om.Message(text="The top of the repository that was scanned.")
            )
        },
        column_kind="utf16CodeUnits",
        results=results_of(findings, indices, locations, context.texts, masks),
        automation_details=(
            sarif_om.RunAutomationDetails(id=f"{context.category.rstrip('/')}/") if context.category else None
        ),
    )


def _chosen(report: Report, context: ReportContext) -> Sequence[Finding]:
    """The findings that become results, of the highest risk first."""
    return [
        finding for finding in report.findings if finding.status is not Status.UNKNOWN or context.show_unknown
    ]
