"""From the flat run of a template's parts to its tree.

The order of steps is that of HCL's own parser: `~` strips the neighbouring literal (in a heredoc
or a template file every line is a literal of its own), then `<<-` removes the indentation that
all lines share, then `if` and `for` directives enclose what stands between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from wa_scan.terraform.source_text import TerraformSyntaxError
from wa_scan.terraform.syntax import Expression, Interpolation, Template, TemplateFor, TemplateIf
from wa_scan.values import Location

TemplatePart = str | Interpolation | TemplateIf | TemplateFor


@dataclass(slots=True)
class TemplateSequence:
    """`${…}` or `%{…}`, with whether a `~` strips before and after it."""

    location: Location
    strip_before: bool
    strip_after: bool


@dataclass(slots=True)
class InterpolationSequence(TemplateSequence):
    expression: Expression


@dataclass(slots=True)
class IfSequence(TemplateSequence):
    condition: Expression


@dataclass(slots=True)
class ElseSequence(TemplateSequence):
    pass


@dataclass(slots=True)
class EndIfSequence(TemplateSequence):
    pass


@dataclass(slots=True)
class ForSequence(TemplateSequence):
    key: str | None
    value: str
    collection: Expression


@dataclass(slots=True)
class EndForSequence(TemplateSequence):
    pass


FlatPart = str | TemplateSequence


def build_template(
    parts: Sequence[FlatPart], location: Location, *, heredoc: bool = False, flush: bool = False
) -> Template:
    """`flush` for `<<-`. Raises `TerraformSyntaxError` where directives do not pair up."""
    literals_only = all(isinstance(part, str) for part in parts)
    if not (literals_only and not flush):
        parts = _stripped(parts)
        if flush:
            parts = _flushed(parts)
    if literals_only:
        text = "".join(part for part in parts if isinstance(part, str))
        return Template(location, [text] if text else [], heredoc)
    return _nested(parts, location, heredoc)


def _stripped(parts: Sequence[FlatPart]) -> list[FlatPart]:
    stripped: list[FlatPart] = []
    strip_next = False
    for part in parts:
        if isinstance(part, str):
            stripped.append(part.lstrip() if strip_next else part)
            strip_next = False
            continue
        if part.strip_before and stripped and isinstance(stripped[-1], str):
            stripped[-1] = stripped[-1].rstrip()
        stripped.append(part)
        strip_next = part.strip_after
    return stripped


def _flushed(parts: list[FlatPart]) -> list[FlatPart]:
    """Without the indentation that all lines share. A line that begins with a sequence has none;
    blank lines neither count nor change.
    """
    line_starts: list[int] = []
    indent: int | None = None
    newline = True
    for number, part in enumerate(parts):
        if newline:
            newline = False
            if not isinstance(part, str):
                indent = 0
            elif part.strip() or not part.endswith("\n"):
                spaces = len(part) - len(part.lstrip())
                indent = spaces if indent is None else min(indent, spaces)
                line_starts.append(number)
        if isinstance(part, str) and part.endswith("\n"):
            newline = True
    if indent:
        for number in line_starts:
            line = parts[number]
            assert isinstance(line, str)
            parts[number] = line[indent:]
    return parts


@dataclass(slots=True)
class _Open:
    """A directive whose end has not come: its parts so far, and for an `if` those before `else`."""

    start: IfSequence | ForSequence | None
    parts: list[TemplatePart]
    body_start: Location
    then: Template | None = None


def _nested(parts: Sequence[FlatPart], location: Location, heredoc: bool) -> Template:
    stack = [_Open(None, [], location)]

    def close(end: Location) -> Template:
        top = stack[-1]
        body = Location(
            end.file, top.body_start.end_line, top.body_start.end_column, end.start_line, end.start_column
        )
        return Template(body, top.parts, heredoc)

    for part in parts:
        top = stack[-1]
        if isinstance(part, str):
            if part:
                if top.parts and isinstance(top.parts[-1], str):
                    top.parts[-1] += part
                else:
                    top.parts.append(part)
        elif isinstance(part, InterpolationSequence):
            top.parts.append(Interpolation(part.expression, part.location))
        elif isinstance(part, IfSequence | ForSequence):
            stack.append(_Open(part, [], part.location))
        elif isinstance(part, ElseSequence):
            if not isinstance(top.start, IfSequence) or top.then is not None:
                raise TerraformSyntaxError("This else belongs to no if", part.location)
            top.then = close(part.location)
            top.parts = []
            top.body_start = part.location
        elif isinstance(part, EndIfSequence):
            start = top.start
            if not isinstance(start, IfSequence):
                raise TerraformSyntaxError(_unpaired("endif", top), part.location)
            last = close(part.location)
            stack.pop()
            empty = Template(
                Location(part.location.file, *part.location[1:3], *part.location[1:3]), [], heredoc
            )
            then, otherwise = (last, empty) if top.then is None else (top.then, last)
            stack[-1].parts.append(
                TemplateIf(start.condition, then, otherwise, start.location.to(part.location))
            )
        elif isinstance(part, EndForSequence):
            start_for = top.start
            if not isinstance(start_for, ForSequence):
                raise TerraformSyntaxError(_unpaired("endfor", top), part.location)
            body = close(part.location)
            stack.pop()
            stack[-1].parts.append(
                TemplateFor(
                    start_for.key,
                    start_for.value,
                    start_for.collection,
                    body,
                    start_for.location.to(part.location),
                )
            )
    unclosed = stack[-1].start
    if unclosed is not None:
        word = "if" if isinstance(unclosed, IfSequence) else "for"
        raise TerraformSyntaxError(f"This {word} directive has no %{{ end{word} }}", unclosed.location)
    found = stack[-1].parts
    if len(found) == 1 and isinstance(found[0], Interpolation) and "" in parts:
        # A literal that `~` made empty still makes text of what stands beside it.
        found.insert(0, "")
    return Template(location, found, heredoc)


def _unpaired(word: str, top: _Open) -> str:
    if top.start is None:
        return f"This {word} belongs to no {word.removeprefix('end')}"
    opened = "if" if isinstance(top.start, IfSequence) else "for"
    return (
        f"This {word} stands inside the {opened} of line {top.start.location.start_line}, which is still open"
    )
