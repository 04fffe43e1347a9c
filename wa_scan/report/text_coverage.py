"""What was not read, not checked or not looked at, in the text report."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from wa_scan.blocks import UnfoundModule
from wa_scan.errors import Problem, ProblemLevel
from wa_scan.report.page import Page, counted
from wa_scan.review.report import Coverage, Report
from wa_scan.values import Location

_INDENT = "  "
_MOST_LISTED = 10
_MOST_IN_FILE = 5
_MOST_PLACES = 3
_MOST_TYPES = 12

Key = TypeVar("Key", bound=Hashable)


def add_coverage(page: Page, report: Report) -> None:
    """Writes what was not looked at."""
    errors = [problem for problem in report.problems if problem.level is ProblemLevel.ERROR]
    notes = [problem for problem in report.problems if problem.level is ProblemLevel.NOTE]
    named = {problem.location.file for problem in report.problems if problem.location is not None}
    unnamed = [file for file in report.coverage.files_not_read if file not in named]
    if errors or unnamed:
        page.line()
        page.line(page.palette.bad("Could not be read or checked"))
        _add_errors(page, errors)
        for file in unnamed:
            page.line(f"{_INDENT}{page.palette.place(page.clean(file))}")
    if notes or not _is_quiet(report.coverage):
        page.line()
        page.line(page.palette.strong("Not looked at"))
        _add_notes(page, notes)
        _add_modules(page, report.coverage)
        _add_types(page, report.coverage)
        _add_upkeep(page, report.coverage)
        _add_unknown(page, report.coverage)


def _add_errors(page: Page, errors: Sequence[Problem]) -> None:
    """Every file is named, however many there are, and the first few errors of each."""
    for file, group in _grouped(errors, lambda problem: problem.location and problem.location.file):
        if file is None or len(group) == 1:
            for problem in group:
                _add_problem(page, problem)
            continue
        page.line(f"{_INDENT}{page.palette.place(page.clean(file))}")
        shown = [(_line_and_column(problem), problem) for problem in group[:_MOST_IN_FILE]]
        widest = max(len(at) for at, _ in shown)
        for at, problem in shown:
            page.paragraph(page.clean(problem.message), _INDENT * 2, f"{at:{widest}}  ")
            _add_hint(page, problem)
        _add_more(page, len(group) - _MOST_IN_FILE)


def _add_notes(page: Page, notes: Sequence[Problem]) -> None:
    """Files that were left out, every one; of the rest each message once with the first of its places, and
    those that differ in one name as a list of these."""
    for message, group in _grouped([note for note in notes if _is_whole(note)], lambda note: note.message):
        page.paragraph(page.clean(message), _INDENT)
        _add_hint(page, group[0])
        for problem in group:
            if problem.location is not None:
                page.line(f"{_INDENT * 2}{page.palette.place(page.clean(_place(problem.location)))}")
    groups = _grouped([note for note in notes if not _is_whole(note)], _sort)
    for _, group in groups[:_MOST_LISTED]:
        if len(group) == 1:
            _add_problem(page, group[0])
            continue
        if group[0].entry is not None and any(note.message != group[0].message for note in group):
            _add_entries(page, group[0].entry.heading, group)
            continue
        page.paragraph(page.clean(group[0].message), _INDENT)
        _add_hint(page, group[0])
        for problem in group[:_MOST_PLACES]:
            if problem.location is not None:
                page.line(f"{_INDENT * 2}{page.palette.place(page.clean(_place(problem.location)))}")
        _add_more(page, len(group) - _MOST_PLACES)
    _add_more(page, len(groups) - _MOST_LISTED)


def _sort(problem: Problem) -> str:
    return problem.message if problem.entry is None else problem.entry.heading


def _add_entries(page: Page, heading: str, group: Sequence[Problem]) -> None:
    """A line for each name, with the first of its places."""
    page.paragraph(heading, _INDENT)
    _add_hint(page, group[0])
    names = _grouped(group, lambda problem: problem.entry.name if problem.entry else "")
    for name, of_name in names[:_MOST_LISTED]:
        at = of_name[0].location
        place = f"{page.palette.place(page.clean(_place(at)))}  " if at is not None else ""
        more = f" (+ {counted(len(of_name) - 1, 'more place')})" if len(of_name) > 1 else ""
        page.line(f"{_INDENT * 2}{place}{page.clean(name)}{more}")
    _add_more(page, len(names) - _MOST_LISTED)


def _is_whole(problem: Problem) -> bool:
    """Whether a problem is a whole file's."""
    return problem.location is not None and problem.location[1:] == (1, 1, 1, 1)


def _grouped(problems: Sequence[Problem], key: Callable[[Problem], Key]) -> list[tuple[Key, list[Problem]]]:
    """Groups in the order of their first problems."""
    groups: dict[Key, list[Problem]] = {}
    for problem in problems:
        groups.setdefault(key(problem), []).append(problem)
    return list(groups.items())


def _is_quiet(coverage: Coverage) -> bool:
    return not (
        coverage.modules_not_found or coverage.unmapped_types or coverage.upkeep or coverage.verdicts.unknown
    )


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
    _add_hint(page, problem)


def _add_hint(page: Page, problem: Problem) -> None:
    if problem.hint:
        page.paragraph(page.clean(problem.hint), _INDENT * 2)


def _line_and_column(problem: Problem) -> str:
    at = problem.location
    return "" if at is None else f"{at.start_line}:{at.start_column}"


def _place(location: Location) -> str:
    """The file alone where the whole of it is meant."""
    return location.file if location[1:] == (1, 1, 1, 1) else str(location)


def _add_modules(page: Page, coverage: Coverage) -> None:
    modules = [module for module in coverage.modules_not_found if not module.is_stack]
    _add_unfound(page, modules, "module", "; terraform init or --download-modules fetches them:")
    stacks = [module for module in coverage.modules_not_found if module.is_stack]
    _add_unfound(page, stacks, "nested template", ":")


def _add_unfound(page: Page, modules: Sequence[UnfoundModule], what: str, hint: str) -> None:
    if not modules:
        return
    verb = "is" if len(modules) == 1 else "are"
    page.paragraph(f"{counted(len(modules), what)} {verb} not on disk{hint}", _INDENT)
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


def _add_upkeep(page: Page, coverage: Coverage) -> None:
    if coverage.upkeep:
        verb = "is" if coverage.upkeep == 1 else "are"
        what = f"{counted(coverage.upkeep, 'resource')} that the AWS CDK adds for its own upkeep"
        page.paragraph(f"{what} {verb} not judged.", _INDENT)


def _add_unknown(page: Page, coverage: Coverage) -> None:
    unknown = coverage.verdicts.unknown
    if not unknown:
        return
    verdicts = counted(unknown, "verdict")
    verb, them = ("depends", "it") if unknown == 1 else ("depend", "them")
    listed = "" if page.context.show_unknown else f"; --show-unknown lists {them}"
    given = "--var, --var-file and --parameter give values."
    text = f"{verdicts} {verb} on values that are not in the code{listed}. {given}"
    page.paragraph(text, _INDENT)


def _add_more(page: Page, number: int) -> None:
    if number > 0:
        page.line(f"{_INDENT * 2}… and {number:,} more; -f json lists them all.")
