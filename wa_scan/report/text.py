"""The report that a person reads in a terminal.

Findings by risk and rule, each with its source line; then the figures, what could not be looked at,
and in the last line what it comes to.
"""

from wa_scan.engine.findings import Status
from wa_scan.report.context import ReportContext
from wa_scan.report.masking import Masks
from wa_scan.report.page import Page
from wa_scan.report.summary import outcome_of
from wa_scan.report.text_coverage import add_coverage
from wa_scan.report.text_findings import add_findings
from wa_scan.report.text_summary import add_outcome, add_table
from wa_scan.review.report import Report


def render(report: Report, context: ReportContext) -> str:
    """The report for people."""
    page = Page(context, Masks(secret for finding in report.findings for secret in finding.secrets))
    add_findings(page, [each for each in report.findings if each.status is Status.FAIL])
    if context.show_unknown:
        add_findings(page, [each for each in report.findings if each.status is Status.UNKNOWN])
    outcome = outcome_of(report, context)
    if outcome.failed:
        add_table(page, report)
    add_coverage(page, report)
    add_outcome(page, report, outcome)
    return page.text()
