"""What was not read, not checked or not looked at, in the text report."""

from wa_scan.errors import Problem, ProblemLevel
from wa_scan.report.page import Page, counted
from wa_scan.review.report import Coverage, Report
from wa_scan.values import Location

_INDENT = "  "
_MOST_LISTED = 10
_MOST_TYPES = 12


def add_coverage(page: Page, report: Report) -> None:
    errors = [problem for problem in report.problems if problem.level is ProblemLevel.ERROR]
    notes = [problem for problem in report.problems if problem.level is ProblemLevel.NOTE]
    named = {problem.location.file for problem in report.problems if problem.location is not None}
    unnamed = [file for file in report.coverage.files_not_read if file not in named]
    if errors or unnamed:
        page.line()
        page.line(page.palette.bad("Could not be read or checked"))
        for problem in errors:
            _add_problem(page, problem)
        for file in unnamed:
            page.line(f"{_INDENT}{page.palette.place(page.clean(file))}")
    if notes or not _is_quiet(report.coverage):
        page.line()
        page.line(page.palette.strong("Not looked at"))
        for problem in notes[:_MOST_LISTED]:
            _add_problem(page, problem)
        _add_more(page, len(notes) - _MOST_LISTED)
        _add_modules(page, report.coverage)
        _add_types(page, report.coverage)
        _add_unknown(page, report.coverage)


def _is_quiet(coverage: Coverage) -> bool:
    return not (coverage.modules_not_found or coverage.unmapped_types or coverage.verdicts.unknown)


def _add_problem(page: Page, problem: Problem) -> None:
    palette = page.palette
    place = page.clean(_place(problem.location)) if problem.location is not None else ""
    message = page.clean(problem.message)
    if place and len(_INDENT) + len(place) + 2 + len(message) <= page.width:
        page.line(f"{_INDENT}{palette.place(place)}  {message}")
    else:
        if place:
            page.line(f"{_INDENT}{palette.place(place)}")
        page.paragraph(message, _INDENT * 2 if place else _INDENT)
    if problem.hint:
        page.paragraph(page.clean(problem.hint), _INDENT * 2)


def _place(location: Location) -> str:
    """The file alone where the whole of it is meant."""
    return location.file if location[1:] == (1, 1, 1, 1) else str(location)


def _add_modules(page: Page, coverage: Coverage) -> None:
    modules = coverage.modules_not_found
    if not modules:
        return
    verb = "is" if len(modules) == 1 else "are"
    text = f"{counted(len(modules), 'module')} {verb} not on disk; terraform init downloads them:"
    page.paragraph(text, _INDENT)
    for module in modules[:_MOST_LISTED]:
        place = page.clean(str(module.location))
        page.line(
            f"{_INDENT * 2}{page.palette.place(place)}  {page.clean(f'{module.call}: {module.source}')}"
        )
    _add_more(page, len(modules) - _MOST_LISTED)


def _add_types(page: Page, coverage: Coverage) -> None:
    types = sorted(coverage.unmapped_types.items(), key=lambda item: (-item[1], item[0]))
    if not types:
        return
    shown = ", ".join(f"{type_} ({count:,})" for type_, count in types[:_MOST_TYPES])
    more = f" and {len(types) - _MOST_TYPES:,} more types" if len(types) > _MOST_TYPES else ""
    of = counted(sum(count for _, count in types), "resource")
    page.paragraph(page.clean(f"{of} of types that no rule knows yet: {shown}{more}."), _INDENT)


def _add_unknown(page: Page, coverage: Coverage) -> None:
    unknown = coverage.verdicts.unknown
    if not unknown:
        return
    verdicts = counted(unknown, "verdict")
    verb, them = ("depends", "it") if unknown == 1 else ("depend", "them")
    listed = "" if page.context.show_unknown else f"; --show-unknown lists {them}"
    text = f"{verdicts} {verb} on values that are not in the code{listed}. --var and --parameter give values."
    page.paragraph(text, _INDENT)


def _add_more(page: Page, number: int) -> None:
    if number > 0:
        page.line(f"{_INDENT * 2}… and {number:,} more; -f json lists them all.")
