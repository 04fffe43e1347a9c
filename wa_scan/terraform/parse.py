"""Terraform's native syntax to the tree of `syntax`.

    text -> lexer -> tokens -> LALR driver (table of `grammar`, actions of `tree`) -> nodes

The grammar is python-hcl2's, made exact by `grammar`.
"""

import re
from bisect import bisect_right
from typing import Any

from wa_scan.errors import Problem, ProblemKind
from wa_scan.terraform.driver import Run
from wa_scan.terraform.lexer import MAX_TOKENS, Context, Tokens
from wa_scan.terraform.nesting import MAX_DEPTH, deepest_excess, too_deep
from wa_scan.terraform.source_text import EscapedText, SourceText, TerraformSyntaxError
from wa_scan.terraform.syntax import Attribute, Block, Body, ConfigFile, Expression, Template

__all__ = [
    "TerraformSyntaxError",
    "parse_argument",
    "parse_config",
    "parse_expression",
    "parse_expression_source",
    "parse_template",
    "parse_template_source",
]

NOT_UTF_8 = "This is not valid UTF-8, in which Terraform's files are written"
MAX_PROBLEMS = 20
"""After so many syntax errors the rest of a file is not looked at."""

_TOP_LEVEL_BLOCK = re.compile(
    r"^(?:resource|data|variable|output|locals|module|provider|terraform|moved|import|removed|check|ephemeral)"
    r"(?:[ \t]+(?:\"[^\"\n]*+\"|[\w-]++))*+[ \t]*+\{",
    re.MULTILINE,
)
_TOP_LEVEL_ARGUMENT = re.compile(r"^[^\W\d][\w-]*+[ \t]*+=", re.MULTILINE)
_UNDECODED = re.compile("[\udc80-\udcff]")


def parse_config(path: str, data: bytes) -> tuple[ConfigFile, list[Problem]]:
    """Parse a `.tf`, `.tofu` or `.tfvars` file; `path` as reports print it.

    Where the text is wrong there is a problem with the place, and the tree holds the top-level
    blocks before and after the one that is wrong. One thing is accepted that Terraform refuses: a
    heredoc whose end is the end of the file, without a newline.
    """
    text, undecoded = _decode(data)
    source = SourceText(path, text)
    problems: list[Problem] = []
    items: list[Attribute | Block] = []
    duplicates: list[Attribute] = []
    next_item = _TOP_LEVEL_ARGUMENT if path.endswith(".tfvars") else _TOP_LEVEL_BLOCK
    start = 0
    effort = 0
    while True:
        run = Run(source, Context.BODY, "start", start)
        effort += len(text) - start
        try:
            body = run.parse()
            found = [*body.attributes.values(), *body.blocks]
            failed_at = None
        except TerraformSyntaxError as error:
            problems.append(_problem(error))
            found = run.completed()
            failed_at = run.failed_at
        for item in found:
            excess = deepest_excess(item) if run.tokens.deepest > MAX_DEPTH else None
            if excess is None:
                items.append(item)
            else:
                problems.append(_problem(too_deep(excess)))
        # What an unclosed brace swallowed is read twice.
        known = {attribute.location for attribute in duplicates}
        duplicates += [again for again in run.builder.duplicates if again.location not in known]
        problems += _undecoded_in(run.tokens, undecoded, source)
        if failed_at is None or len(problems) >= MAX_PROBLEMS or effort > 3 * len(text) + 300_000:
            break
        if len(run.tokens.types) > MAX_TOKENS:
            break
        following = next_item.search(text, max(failed_at, start + 1))
        if following is None:
            break
        start = following.start()
    whole = Body({}, [], source.location(0, len(text)))
    for item in items:
        if isinstance(item, Block):
            whole.blocks.append(item)
        elif item.name in whole.attributes:
            duplicates.append(item)
        else:
            whole.attributes[item.name] = item
    problems += [
        Problem(
            ProblemKind.SYNTAX_ERROR,
            f"The argument {attribute.name} is set twice here; the first one is taken",
            attribute.name_location,
        )
        for attribute in duplicates[:MAX_PROBLEMS]
    ]
    problems.sort(key=lambda problem: problem.location or source.location(0, 0))
    return ConfigFile(path, whole, duplicate_attributes=duplicates), problems


def parse_expression(text: str, path: str) -> Expression:
    """Parse one expression, which may span lines. Raises `TerraformSyntaxError`."""
    return parse_expression_source(SourceText(path, text))


def parse_expression_source(source: SourceText) -> Expression:
    """Like `parse_expression`, for text that knows its places."""
    expression: Expression = _whole(Run(source, Context.GROUP, "expression_start"))
    return expression


def parse_argument(text: str, path: str) -> Expression:
    """Parse what may stand after the `=` of an argument: unlike `parse_expression` it ends with its line
    unless a bracket is open. Raises `TerraformSyntaxError`.
    """
    before, after = "it = ", "\n"
    offsets = [*[0] * len(before), *range(len(text) + 1), len(text)]
    source = EscapedText(SourceText(path, text), before + text + after, offsets)
    run = Run(source, Context.BODY, "start")
    body: Body = _whole(run)
    extra = [attribute.location for name, attribute in body.attributes.items() if name != "it"]
    extra += [attribute.location for attribute in run.builder.duplicates]
    extra += [block.location for block in body.blocks]
    if extra:
        raise TerraformSyntaxError("An expression ends with its line, unless a bracket is open", min(extra))
    return body.attributes["it"].value


def parse_template(text: str, path: str, line: int = 1, column: int = 1) -> Template:
    """Parse a template file's text, which begins at `line` and `column` of `path`. Raises
    `TerraformSyntaxError`.
    """
    return parse_template_source(SourceText(path, text, line, column))


def parse_template_source(source: SourceText) -> Template:
    """Like `parse_template`, for text that knows its places."""
    template: Template = _whole(Run(source, Context.BARE, "template_start"))
    return template


def _whole(run: Run) -> Any:
    value = run.parse()
    excess = deepest_excess(value) if run.tokens.deepest > MAX_DEPTH else None
    if excess is not None:
        raise too_deep(excess)
    return value


def _decode(data: bytes) -> tuple[str, list[int]]:
    """The text, and where bytes that are not UTF-8 were replaced."""
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        text = data.decode("utf-8-sig", "surrogateescape")
        return _UNDECODED.sub("\ufffd", text), [found.start() for found in _UNDECODED.finditer(text)]


def _undecoded_in(tokens: Tokens, undecoded: list[int], source: SourceText) -> list[Problem]:
    """A problem for the first byte that is not UTF-8; in a comment, as in Terraform, it does no harm."""
    for offset in undecoded:
        token = bisect_right(tokens.starts, offset) - 1
        if token >= 0 and offset < tokens.ends[token]:
            place = source.location(offset, offset + 1)
            return [Problem(ProblemKind.SYNTAX_ERROR, NOT_UTF_8, place)]
    return []


def _problem(error: TerraformSyntaxError) -> Problem:
    kind = ProblemKind.LIMIT_REACHED if error.limit else ProblemKind.SYNTAX_ERROR
    return Problem(kind, error.message, error.location)
