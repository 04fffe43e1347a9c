"""The LALR parser: tokens in, the value of the start symbol out.

It replaces Lark's own driver, which makes an object for every token and every rule and so takes
several times as long; the table is the one that Lark compiled.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from wa_scan.terraform.grammar import ParseTable, parse_table
from wa_scan.terraform.lexer import Context, Lexer, Tokens
from wa_scan.terraform.source_text import SourceText, TerraformSyntaxError
from wa_scan.terraform.syntax import Attribute, Block
from wa_scan.terraform.syntax_errors import explain
from wa_scan.terraform.tree import Action, TreeBuilder, action_for

_Reduction = tuple[int, str, Action | None]
"""A rule's length, its origin and its action."""


@cache
def _table() -> tuple[ParseTable, list[_Reduction]]:
    table = parse_table()
    return table, [
        (len(rule.symbols), rule.origin, action_for(rule.name, rule.origin, rule.symbols))
        for rule in table.productions
    ]


class Run:
    """One run of the LALR parser. After an error `failed_at` is its offset."""

    def __init__(self, source: SourceText, context: Context, symbol: str, start: int = 0) -> None:
        self.source = source
        self.symbol = symbol
        self.failed_at = start
        self.tokens: Tokens = Lexer(source.text, start, context).run()
        self.builder = TreeBuilder(source, self.tokens)
        self._values: list[Any] = []

    def parse(self) -> Any:
        """The value of the start symbol. Raises `TerraformSyntaxError`."""
        table, reductions = _table()
        actions = table.actions
        gotos = table.gotos
        first, last = table.starts[self.symbol]
        builder = self.builder
        values = self._values
        states = [first]
        token = 0
        try:
            for token, kind in enumerate(self.tokens.types):
                while True:
                    state = states[-1]
                    if state == last and kind == "$END":
                        if self.tokens.error is not None:
                            raise self._error(token, ())
                        return values[-1]
                    act = actions[state].get(kind)
                    if act is None:
                        raise self._error(token, actions[state])
                    if act >= 0:
                        states.append(act)
                        values.append(token)
                        break
                    size, origin, action = reductions[~act]
                    if size == 1:
                        if action is not None:
                            values[-1] = action(builder, [values[-1]])
                        states[-1] = gotos[states[-2]][origin]
                        continue
                    children = values[-size:] if size else []
                    if size:
                        del values[-size:]
                        del states[-size:]
                    assert action is not None
                    values.append(action(builder, children))
                    states.append(gotos[states[-1]][origin])
        except TerraformSyntaxError:
            self.failed_at = self._failed_at(token)
            raise
        raise AssertionError("the last token is always $END")

    def _failed_at(self, token: int) -> int:
        tokens = self.tokens
        if tokens.openers and token == len(tokens.types) - 1:
            # What is never closed swallowed the blocks after it: look for them behind its start.
            return tokens.starts[tokens.openers[0]]
        return tokens.starts[token]

    def completed(self) -> list[Attribute | Block]:
        """The top-level items that were whole before the error."""
        items: list[Attribute | Block] = []
        for value in self._values:
            if type(value) is int and self.tokens.types[value] == "NL_OR_COMMENT":
                continue
            if type(value) is list and not items and value and isinstance(value[0], Attribute | Block):
                items += [item for item in value if type(item) is not int]
                continue
            if isinstance(value, Attribute | Block):
                items.append(value)
            break
        return items

    def _error(self, token: int, expected: Iterable[str]) -> TerraformSyntaxError:
        tokens = self.tokens
        error = tokens.error
        if error is not None and token == len(tokens.types) - 1:
            place = self.source.location(error.start, error.end)
            return TerraformSyntaxError(error.message, place, limit=error.limit)
        message, about = explain(tokens, token, frozenset(expected))
        return TerraformSyntaxError(message, self.builder.token(about))
