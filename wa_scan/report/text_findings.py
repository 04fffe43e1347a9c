"""Findings as a person reads them: by rule, each place with its line of source."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from wa_scan.blocks import Language
from wa_scan.engine.findings import Finding, Status
from wa_scan.report.excerpts import excerpt
from wa_scan.report.page import Page, counted
from wa_scan.report.printable import printable
from wa_scan.values import Step

_INDENT = "  "
_GUTTER = 6
_MOST_STEPS = 4
_MOST_RELATED = 3


def add_findings(page: Page, findings: Sequence[Finding]) -> None:
    """`findings`: of one status, in the order of the report."""
    for _, group in groupby(findings, key=lambda finding: finding.rule.id):
        _add_rule(page, list(group))


def _add_rule(page: Page, findings: list[Finding]) -> None:
    rule, palette = findings[0].rule, page.palette
    unknown = findings[0].status is Status.UNKNOWN
    risk = palette.faint("unknown") if unknown else palette.risk(rule.risk, rule.risk.value)
    pillars = ", ".join(pillar.title.lower() for pillar in rule.pillars)
    name = palette.strong(page.clean(f"{rule.id} {rule.name}"))
    page.line()
    page.line(f"{risk} {name} {palette.faint(f'({pillars})')}")
    page.paragraph(page.clean(rule.title), _INDENT)
    page.paragraph(page.clean(rule.why), _INDENT, "Why: ")
    for label, fix in _fixes(findings):
        page.paragraph(page.clean(fix), _INDENT, label)
    limit = page.context.places_per_rule
    for finding in findings[:limit]:
        page.line()
        _add_place(page, finding)
    if limit is not None and len(findings) > limit:
        page.line()
        more = counted(len(findings) - limit, "more place")
        page.line(f"{_INDENT}… and {more}; -f json lists them all.")


def _fixes(findings: list[Finding]) -> Iterator[tuple[str, str]]:
    """The fix in the languages of the findings, each with its label."""
    fixes = {finding.resource.language: finding.remediation for finding in findings}
    if len(set(fixes.values())) == 1:
        yield "Fix: ", findings[0].remediation
        return
    for language in Language:
        if language in fixes:
            yield f"Fix in {language.title}: ", fixes[language]


def _add_place(page: Page, finding: Finding) -> None:
    palette = page.palette
    # A poor password may be a word of the path, which has to stay what it is.
    place, address = printable(str(finding.location)), page.address(finding.resource.address)
    others = len(finding.instances) - 1
    more = f" (+ {counted(others, 'more instance')})" if others > 0 else ""
    shown = palette.strong(address) + palette.faint(more)
    if len(_INDENT) + len(place) + 2 + len(address) + len(more) <= page.width:
        page.line(f"{_INDENT}{palette.place(place)}  {shown}")
    else:
        page.line(f"{_INDENT}{palette.place(place)}")
        page.line(f"{_INDENT}{shown}")
    _add_source(page, finding)
    note = " " * _GUTTER + "= "
    if _differs(finding.message, finding.rule.title):
        page.paragraph(page.clean(finding.message), " " * _GUTTER, "= ")
    if not finding.when.is_always:
        verb = "unknown" if finding.status is Status.UNKNOWN else "fails"
        page.paragraph(page.clean(f"{verb} when {finding.when}"), " " * _GUTTER, "= ")
    if len(finding.trace) > 1:
        page.paragraph(page.clean(_way(finding.trace, finding.location.file)), " " * _GUTTER, "= ")
    # The address says already which modules lead here.
    related = [step for step in finding.related if step not in finding.resource.calls]
    for step in related[:_MOST_RELATED]:
        text = f"see {_station(step, finding.location.file)}"
        page.paragraph(page.clean(text), " " * _GUTTER, "= ")
    if len(related) > _MOST_RELATED:
        page.line(f"{note}and {counted(len(related) - _MOST_RELATED, 'more related place')}")


def _add_source(page: Page, finding: Finding) -> None:
    at, palette = finding.location, page.palette
    line = page.context.texts.line(at.file, at.start_line)
    if line is None:
        return
    bar = palette.faint("|")
    end = at.end_column if at.end_line == at.start_line else None
    shown = excerpt(line, at.start_column, end, page.width - _GUTTER - 2, page.masks)
    page.line(f"{palette.faint(f'{at.start_line:>{_GUTTER - 1}}')} {bar} {shown.text}")
    mark = "^" * shown.length
    mark = palette.faint(mark) if finding.status is Status.UNKNOWN else palette.risk(finding.rule.risk, mark)
    page.line(f"{' ' * _GUTTER}{bar} {' ' * shown.offset}{mark}")


def _way(trace: Sequence[Step], file: str) -> str:
    """Where the value came from, without its last step: that is the place itself, in `file`."""
    steps, left_out = list(trace[:-1]), 0
    if len(steps) > _MOST_STEPS:
        left_out = len(steps) - _MOST_STEPS + 1
        del steps[1 : 1 + left_out]
    shown: list[str] = []
    for step in steps:
        shown.append(_station(step, file))
        file = step.location.file
        if left_out and len(shown) == 1:
            shown.append(f"… {left_out} steps …")
            file = ""
    return "from " + " → ".join(shown)


def _station(step: Step, file: str) -> str:
    """A step for a reader who has `file` in mind. Its text is left out where it only names its file."""
    at = step.location
    place = f"line {at.start_line}" if at.file == file else f"{at.file}:{at.start_line}"
    return place if at.file.endswith(step.text) else f"{place} {step.text}"


def _differs(message: str, title: str) -> bool:
    return message.strip().rstrip(".").casefold() != title.strip().rstrip(".").casefold()
