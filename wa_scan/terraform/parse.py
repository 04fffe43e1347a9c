"""Terraform's native syntax to the tree of `syntax`.

    text -> lexer -> tokens -> LALR driver (table of `grammar`, actions of `tree`) -> nodes

The grammar is python-hcl2's, made exact by `grammar`; the driver here replaces Lark's own, which
makes an object for every token and every rule and so takes several times as long.
"""

import re
from functools import cache
from typing import Any

from wa_scan.errors import Problem, ProblemKind
from wa_scan.terraform.grammar import parse_table
from wa_scan.terraform.lexer import Context, Lexer, Tokens
from wa_scan.terraform.source_text import SourceText, TerraformSyntaxError
from wa_scan.terraform.syntax import Attribute, Block, Body, ConfigFile, Expression, Template
from wa_scan.terraform.tree import Action, TreeBuilder, action_for

__all__ = ["TerraformSyntaxError", "parse_config", "parse_expression", "parse_template"]

MAX_PROBLEMS = 20
"""After so many syntax errors the rest of a file is not looked at."""

_TOP_LEVEL = re.compile(
    r"^(?:resource|data|variable|output|locals|module|provider|terraform|moved|import|removed|check|ephemeral)"
    r"(?:[ \t]+(?:\"[^\"\n]*\"|[\w-]+))*[ \t]*\{",
    re.MULTILINE,
)


def parse_config(path: str, data: bytes) -> tuple[ConfigFile, list[Problem]]:
    """Parse a `.tf`, `.tofu` or `.tfvars` file; `path` as reports print it.

    Where the text is wrong there is a problem with the place, and the tree holds the top-level
    blocks before and after the one that is wrong.
    """
    problems: list[Problem] = []
    text = _decode(path, data, problems)
    source = SourceText(path, text)
    items: list[Attribute | Block] = []
    duplicates: list[Attribute] = []
    start = 0
    while True:
        run = _Run(source, Context.BODY, "start", start)
        try:
            body = run.parse()
        except TerraformSyntaxError as error:
            problems.append(_problem(error))
            items += run.completed()
            duplicates += run.builder.duplicates
            following = _TOP_LEVEL.search(text, max(run.failed_at, start + 1))
            if following is None or len(problems) >= MAX_PROBLEMS:
                break
            start = following.start()
        else:
            items += [*body.attributes.values(), *body.blocks]
            duplicates += run.builder.duplicates
            break
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
        for attribute in duplicates
    ]
    return ConfigFile(path, whole, duplicate_attributes=duplicates), problems


def parse_expression(text: str, path: str) -> Expression:
    """Parse one expression, which may span lines. Raises `TerraformSyntaxError`."""
    expression: Expression = _Run(SourceText(path, text), Context.GROUP, "expression_start").parse()
    return expression


def parse_template(text: str, path: str, line: int = 1, column: int = 1) -> Template:
    """Parse a template file's text, which begins at `line` and `column` of `path`. Raises
    `TerraformSyntaxError`.
    """
    return parse_template_source(SourceText(path, text, line, column))


def parse_template_source(source: SourceText) -> Template:
    """Like `parse_template`, for text that knows its places."""
    template: Template = _Run(source, Context.BARE, "template_start").parse()
    return template


def _decode(path: str, data: bytes, problems: list[Problem]) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8-sig", "replace")
        place = SourceText(path, good).location(len(good), len(good))
        problems.append(
            Problem(ProblemKind.SYNTAX_ERROR, "This byte is not valid UTF-8; Terraform reads UTF-8 only", place)
        )
        return data.decode("utf-8-sig", "replace")


def _problem(error: TerraformSyntaxError) -> Problem:
    kind = ProblemKind.LIMIT_REACHED if error.too_deep else ProblemKind.SYNTAX_ERROR
    return Problem(kind, error.message, error.location)


@cache
def _reductions() -> list[tuple[int, str, Action | None]]:
    """For every production: its length, its origin and its action."""
    return [
        (len(production.symbols), production.origin, action_for(production.name, production.origin, production.symbols))
        for production in parse_table().productions
    ]


class _Run:
    """One run of the LALR parser. After an error `failed_at` is its offset."""

    def __init__(self, source: SourceText, context: Context, symbol: str, start: int = 0) -> None:
        self.source = source
        self.symbol = symbol
        self.failed_at = start
        self.tokens: Tokens = Lexer(source.text, start).run(context)
        self.builder = TreeBuilder(source, self.tokens)
        self._values: list[Any] = []

    def parse(self) -> Any:
        """The value of the start symbol. Raises `TerraformSyntaxError`."""
        table = parse_table()
        actions = table.actions
        gotos = table.gotos
        reductions = _reductions()
        first, last = table.starts[self.symbol]
        builder = self.builder
        values = self._values
        states = [first]
        token = 0
        for token, kind in enumerate(self.tokens.types):
            while True:
                state = states[-1]
                if state == last and kind == "$END":
                    if self.tokens.error is not None:
                        raise self._error(token)
                    return values[-1]
                act = actions[state].get(kind)
                if act is None:
                    raise self._error(token)
                if act >= 0:
                    states.append(act)
                    values.append(token)
                    break
                size, origin, action = reductions[~act]
                if size == 1:
                    if action is not None:
                        try:
                            values[-1] = action(builder, [values[-1]])
                        except TerraformSyntaxError:
                            self.failed_at = self.tokens.starts[token]
                            raise
                    states[-1] = gotos[states[-2]][origin]
                    continue
                if size:
                    children = values[-size:]
                    del values[-size:]
                    del states[-size:]
                else:
                    children = []
                assert action is not None
                try:
                    values.append(action(builder, children))
                except TerraformSyntaxError:
                    self.failed_at = self.tokens.starts[token]
                    raise
                states.append(gotos[states[-1]][origin])
        raise AssertionError("the last token is always $END")

    def completed(self) -> list[Attribute | Block]:
        """The top-level items that were whole before the error."""
        for value in self._values:
            if type(value) is list:
                return [item for item in value if type(item) is Attribute or type(item) is Block]
            if type(value) is not int:
                break
        return []

    def _error(self, token: int) -> TerraformSyntaxError:
        tokens = self.tokens
        if tokens.error is not None and token >= len(tokens.types) - 1:
            message, start, end = tokens.error
        else:
            message = f"Unexpected {tokens.types[token]}"
            start, end = tokens.starts[token], tokens.ends[token]
        self.failed_at = start
        return TerraformSyntaxError(message, self.source.location(start, end))
