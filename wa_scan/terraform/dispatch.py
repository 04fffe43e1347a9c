"""Which function evaluates which kind of expression.

Apart from `expressions`, so that the evaluators of `for`, templates and calls can call back.
"""

from collections.abc import Callable
from typing import TypeVar

from wa_scan.terraform.errors import EvaluationError, InternalFaultError, StateCycleError
from wa_scan.terraform.scope import Scope
from wa_scan.terraform.syntax import Expression
from wa_scan.terraform.values import TfValue

E = TypeVar("E", bound=Expression)
Evaluator = Callable[[E, Scope], TfValue]

EVALUATORS: dict[type[Expression], Callable[..., TfValue]] = {}


def evaluates(kind: type[E]) -> Callable[[Evaluator[E]], Evaluator[E]]:
    """Registers a function as the one that evaluates expressions of this kind."""

    def register(function: Evaluator[E]) -> Evaluator[E]:
        EVALUATORS[kind] = function
        return function

    return register


def evaluate(expression: Expression, scope: Scope) -> TfValue:
    """The value of `expression`. Raises `EvaluationError`, located, where Terraform refuses it."""
    try:
        return EVALUATORS[type(expression)](expression, scope)
    except EvaluationError as error:
        if error.location is None:
            error.location = expression.location
        raise
    except RecursionError:
        raise EvaluationError(
            "this expression, or what it refers to, is nested too deeply", expression.location
        ) from None
    except StateCycleError:
        raise
    except Exception as fault:
        # The one boundary around evaluation: whatever is written, a scan goes on.
        import logging

        kind = type(fault).__name__
        logging.getLogger("wa_scan").debug("while evaluating %s", expression.location, exc_info=True)
        raise InternalFaultError(
            f"wa-scan could not evaluate this ({kind}); please report it", expression.location
        ) from fault
