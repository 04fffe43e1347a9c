"""Expressions evaluated one by one against a root module, as `terraform console -plan` does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from wa_scan.errors import Problem
from wa_scan.sources.units import RootModule
from wa_scan.terraform.context import EvaluateOptions, Evaluation
from wa_scan.terraform.declarations import refused_references
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.evaluate import deep_recursion, open_root
from wa_scan.terraform.expressions import evaluate
from wa_scan.terraform.lexer import Context, Lexer
from wa_scan.terraform.modules import ModuleInstance
from wa_scan.terraform.notation import notation, type_notation
from wa_scan.terraform.parse import parse_argument
from wa_scan.terraform.source_text import TerraformSyntaxError
from wa_scan.terraform.syntax import Call, Expression
from wa_scan.terraform.type_json import written_size
from wa_scan.terraform.values import Mark, TfValue, deep_marks
from wa_scan.values import Location
from wa_scan.values.forms import MOST_PARTS, TOO_LARGE

if TYPE_CHECKING:
    from wa_scan.terraform.states import RemoteStates

INPUT = "<expression>"
"""The file in locations inside the expression itself."""


class RefusedError(Exception):
    """Terraform refuses the expression. `location`: in the expression, whose file is `INPUT`, or in a
    template file that it renders."""

    def __init__(self, message: str, location: Location) -> None:
        super().__init__(message)
        self.message = message
        self.location = location


class Console:
    """Evaluates expressions where `module` is the root module. Use it within `open_console`."""

    def __init__(self, evaluation: Evaluation, module: ModuleInstance) -> None:
        self._evaluation = evaluation
        self._module = module
        self._told = 0

    def shown(self, text: str) -> str:
        """The value of an expression as Terraform's console writes it; of `type(x)`, which exists there only
        and only by itself, the type. Raises `RefusedError`.
        """
        expression = self._parsed(text)
        if isinstance(expression, Call) and expression.name in ("type", "core::type"):
            if len(expression.arguments) != 1 or expression.expand:
                raise RefusedError('"type" takes exactly one argument', expression.name_location)
            return type_notation(self._evaluated(expression.arguments[0]).type)
        return notation(self._evaluated(expression))

    def value(self, text: str) -> TfValue:
        """The value of an expression, for keeping: raises `RefusedError` for ephemeral ones, too, and for
        those whose type cannot be written out."""
        expression = self._parsed(text)
        found = self._evaluated(expression)
        if Mark.EPHEMERAL in deep_marks(found):
            raise RefusedError("an ephemeral value is not for keeping", expression.location)
        if written_size(found.type) > MOST_PARTS:
            raise RefusedError(f"this is {TOO_LARGE}", expression.location)
        return found

    def new_problems(self) -> list[Problem]:
        """What evaluation has met in the configuration since this was last asked."""
        found = list(self._evaluation.problems.values())[self._told :]
        self._told += len(found)
        return found

    def _parsed(self, text: str) -> Expression:
        try:
            return parse_argument(text, INPUT)
        except TerraformSyntaxError as error:
            raise RefusedError(error.message, error.location) from None

    def _evaluated(self, expression: Expression) -> TfValue:
        self._evaluation.begin_anew()
        for message, place in refused_references(self._module.config, expression):
            raise RefusedError(message, place)
        try:
            return evaluate(expression, self._module.scope)
        except EvaluationError as error:
            raise RefusedError(error.message, error.location or expression.location) from None


@contextmanager
def open_console(
    root: RootModule, options: EvaluateOptions, states: "RemoteStates | None" = None
) -> Iterator[Console]:
    """A console on a root module, of which only what expressions ask for is evaluated. `states`: of the
    root modules around it, with the same options."""
    evaluation = states.evaluation(root) if states is not None else Evaluation(root, options)
    with deep_recursion():
        yield Console(evaluation, states.open(root) if states is not None else open_root(evaluation))


def goes_on(text: str) -> bool:
    """Whether an expression cannot end here, because a bracket or a heredoc is open."""
    probe = f"{text}\n0"
    tokens = Lexer(probe, 0, Context.GROUP).run()
    if not tokens.openers:
        return False
    innermost = tokens.types[tokens.openers[-1]]
    # Behind a bracket that is closed wrongly, or a mistake, there are no tokens.
    return innermost.startswith("HEREDOC") or (innermost != "DBLQUOTE" and tokens.ends[-2] == len(probe))
