"""The figures at the end of the text report, and its last line."""

from wa_scan.engine.framework import Pillar, Risk
from wa_scan.report.page import Page, counted
from wa_scan.report.summary import Outcome
from wa_scan.review.report import Report

_COLUMN = 7


def add_table(page: Page, report: Report) -> None:
    """Failures and scores by pillar, and by when each risk wants fixing."""
    palette = page.palette
    counts = report.counts()
    names = max(len(pillar.title) for pillar in Pillar) + 2
    page.line()
    heads = "".join(palette.risk(risk, f"{risk.value:>{_COLUMN}}") for risk in Risk)
    # What is narrowed to a few files has no scores.
    scored = bool(report.scores) or report.overall is not None
    heads += f"{'all':>{_COLUMN}}" + (f"{'score':>{_COLUMN}}" if scored else "")
    page.line(f"{palette.strong('Summary'.ljust(names))}{heads}")
    for pillar in Pillar:
        score = _score(report.scores.get(pillar)) if scored else ""
        page.line("  " + _row(pillar.title, names - 2, counts[pillar]) + score)
    total = {risk: sum(row[risk] for row in counts.values()) for risk in Risk}
    overall = _score(report.overall) if scored else ""
    page.line("  " + palette.strong(_row("All pillars", names - 2, total) + overall))
    page.line()
    page.paragraph("; ".join(f"{risk.value}: {risk.fix_by}" for risk in Risk) + ".", "  ")
    if scored and any(len(finding.rule.pillars) > 1 for finding in report.failures()):
        page.paragraph(
            "The score is the share of checks met. A finding is counted under its first pillar and lowers "
            "the scores of all of its pillars.",
            "  ",
        )


def _row(name: str, width: int, counts: dict[Risk, int]) -> str:
    cells = [counts[risk] for risk in Risk]
    figures = "".join(f"{count or '-':>{_COLUMN}}" for count in (*cells, sum(cells)))
    return f"{name.ljust(width)}{figures}"


def _score(score: int | None) -> str:
    return f"{'-' if score is None else score:>{_COLUMN}}"


def add_outcome(page: Page, report: Report, outcome: Outcome) -> None:
    """Writes the last line: how much there is, and what it was found in."""
    palette = page.palette
    page.line()
    looked_at = (
        f"in {counted(len(report.coverage.files_read), 'file')}, "
        f"{counted(report.coverage.resources_total, 'resource')}"
    )
    sentences = [f"{_findings(page, outcome)} {looked_at}."]
    if outcome.errors:
        sentences.append(f"{counted(outcome.errors, 'error')}: not everything was reviewed.")
    elif "incomplete" in outcome.reasons:
        sentences.append("Not everything was reviewed, which --strict asks for.")
    paint = palette.bad if outcome.exit_status else palette.good
    page.line(paint(" ".join(sentences)))


def _findings(page: Page, outcome: Outcome) -> str:
    suppressed = f" ({outcome.suppressed:,} suppressed)" if outcome.suppressed else ""
    fail_on = page.context.fail_on
    below = outcome.failed - outcome.at_or_above
    if not outcome.failed:
        return f"No findings{suppressed}"
    if fail_on is None or fail_on is Risk.LRI:
        return f"{counted(outcome.failed, 'finding')}{suppressed}"
    least = f"at or above {fail_on.value}"
    if not outcome.at_or_above:
        return f"No findings {least}, {below:,} below it{suppressed},"
    rest = f", {below:,} below it" if below else ""
    return f"{counted(outcome.at_or_above, 'finding')} {least}{rest}{suppressed}{',' if rest else ''}"
