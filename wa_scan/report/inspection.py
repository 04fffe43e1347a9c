"""What is seen of a unit, as text for people and as JSON."""

from collections.abc import Iterable, Iterator, Sequence

from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.inspection import Inspection, Way
from wa_scan.report.forms import SENSITIVE, entry_lines, json_form, json_object, text_form
from wa_scan.report.json_text import JsonObject, json_text
from wa_scan.report.printable import printable
from wa_scan.sources.texts import SourceTexts
from wa_scan.values import Location, Step


def is_refused(problem: Problem) -> bool:
    """Whether Terraform would stop here: for it a file that is missing now is missing."""
    return problem.level is ProblemLevel.ERROR or problem.kind is ProblemKind.UNREADABLE_FILE


def inspection_json(inspection: Inspection) -> str:
    """The contract is `outputs`, `resources` and `errors`; what is sensitive is shown."""
    problems = inspection.unit.problems
    return json_text(
        {
            "outputs": json_object(inspection.outputs),
            "resources": {at: json_object(body) for at, body in inspection.resources.items()},
            "data_sources": {at: json_object(body) for at, body in inspection.data_sources.items()},
            "attributes": {at: json_object(named) for at, named in inspection.attributes.items()},
            "exists_when": dict(inspection.exists_when),
            "errors": [_problem(problem) for problem in problems if is_refused(problem)],
            "notes": [_problem(problem) for problem in problems if not is_refused(problem)],
            "modules_not_found": [
                {"call": module.call, "source": module.source, "location": _location(module.location)}
                for module in inspection.unit.unfound_modules
            ],
        }
    )


def _problem(problem: Problem) -> JsonObject:
    return {
        "kind": problem.kind.value,
        "message": problem.message,
        "location": None if problem.location is None else _location(problem.location),
        "hint": problem.hint,
    }


def _location(location: Location) -> JsonObject:
    return dict(location._asdict())


def inspection_text(inspection: Inspection) -> str:
    """For a terminal: what is sensitive is not shown."""
    lines: list[str] = []
    if inspection.outputs:
        lines += ["outputs", *_indented(entry_lines(inspection.outputs, 2)), ""]
    for address, body in (*inspection.resources.items(), *inspection.data_sources.items()):
        when = inspection.exists_when.get(address)
        lines += [printable(f"{address}  (when {when})" if when else address)]
        lines += _indented(entry_lines(body, 2))
        attributes = inspection.attributes.get(address, {})
        lines += [*_indented(f"attribute {line}" for line in entry_lines(attributes, 2)), ""]
    for module in inspection.unit.unfound_modules:
        lines.append(printable(f"{module.call} is not looked at: its source {module.source} is not on disk"))
    return "\n".join(lines).rstrip("\n") + "\n" if lines else "There are no outputs and no resources.\n"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def ways_json(ways: Sequence[Way], texts: SourceTexts) -> str:
    """One entry for each value that it may be, with `when` null where it is sure."""
    return json_text(
        {
            "ways": [
                {
                    "when": None if way.when.is_always else str(way.when),
                    "value": json_form(way.form),
                    "trace": [_step(step, texts) for step in way.steps],
                }
                for way in ways
            ]
        }
    )


def _step(step: Step, texts: SourceTexts) -> JsonObject:
    line = texts.line(step.location.file, step.location.start_line)
    return {**_location(step.location), "text": step.text, "source": line}


def ways_text(ways: Sequence[Way], texts: SourceTexts) -> str:
    """The value, then one step a line, the oldest first: the place, what happened there, the source."""
    lines: list[str] = []
    for way in ways:
        value = text_form(way.form)
        lines.append(value if way.when.is_always else f"when {printable(str(way.when))}: {value}")
        rows = [
            (printable(str(step.location)), printable(step.text), _source(step, texts, way.is_sensitive))
            for step in way.steps
        ]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)] if rows else [0, 0]
        lines += [f"  {at:{widths[0]}}  {text:{widths[1]}}  {source}".rstrip() for at, text, source in rows]
    return "\n".join(lines) + "\n"


def _source(step: Step, texts: SourceTexts, is_sensitive: bool) -> str:
    line = texts.line(step.location.file, step.location.start_line) or ""
    return SENSITIVE if is_sensitive and line else printable(" ".join(line.split()))
