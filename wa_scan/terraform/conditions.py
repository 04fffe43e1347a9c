"""Conditions that are not known: conditionals, logic and the guards that they turn into."""

from wa_scan.terraform import choices, operators
from wa_scan.terraform.branches import conditional
from wa_scan.terraform.convert import convert
from wa_scan.terraform.dispatch import evaluate, evaluates
from wa_scan.terraform.errors import EvaluationError, FatalError
from wa_scan.terraform.scope import Scope
from wa_scan.terraform.symbolic import leaves, unknown
from wa_scan.terraform.syntax import Binary, Conditional, Expression, Unary
from wa_scan.terraform.types import BOOL, DYNAMIC
from wa_scan.terraform.values import ChoiceData, TfValue, UnknownData
from wa_scan.terraform.wording import expression_text
from wa_scan.values import Guard
from wa_scan.values.kinds import Reason

# A guard over more conditions than this is no longer worked with but stands for itself.
MOST_ATOMS = 12
# A value that may be more than so many different ones is just unknown.
MOST_LEAVES = 256
_COMPARISONS = ("==", "<", "<=", ">", ">=")


def guard_of(value: TfValue) -> Guard | None:
    """When this bool is true; None where it is no bool, null or beyond what guards can say."""
    try:
        guard = choices.guard_of(convert(value, BOOL))
    except EvaluationError:
        return None
    return _bounded(guard) if guard is not None else None


def _bounded(guard: Guard) -> Guard | None:
    return guard if len(guard.atoms()) <= MOST_ATOMS else None


def truth(guard: Guard, like: TfValue) -> TfValue:
    """The bool that is true under `guard`, with the marks and the origin of `like`."""
    found = choices.boolean_under(guard).with_marks(like.marks)
    return found if like.origin is None else found.with_origin(like.origin)


def is_open(value: TfValue) -> bool:
    """Whether something outside decides what this is."""
    return isinstance(value.data, UnknownData | ChoiceData)


@evaluates(Unary)
def _unary(expression: Unary, scope: Scope) -> TfValue:
    operand = evaluate(expression.operand, scope)
    result = operators.unary(expression.operator, operand)
    if expression.operator == "!" and is_open(operand):
        guard = guard_of(operand)
        if guard is not None:
            return truth(~guard, result)
    return result


@evaluates(Binary)
def _binary(expression: Binary, scope: Scope) -> TfValue:
    operator = expression.operator
    left = evaluate(expression.left, scope)
    try:
        # Both sides always: `false && tobool("x")` is an error in Terraform 1.11 too.
        right = evaluate(expression.right, scope)
        result = operators.binary(operator, left, right)
    except FatalError:
        raise
    except EvaluationError:
        if scope.module.short_circuits and _decides(operator, left):
            return left
        raise
    if not isinstance(result.data, UnknownData):
        return result
    if operator in ("&&", "||"):
        first, second = guard_of(left), guard_of(right)
        if first is not None and second is not None:
            joined = _bounded(first & second if operator == "&&" else first | second)
            if joined is not None:
                return truth(joined, result)
    elif operator == "!=":
        same = operators.binary("==", left, right)
        guard = guard_of(same)
        if guard is not None:
            return truth(~guard, result)
    elif operator in _COMPARISONS:
        # As if `? true : false` followed: a finding can then say on which side it holds.
        guard = guard_of(result)
        if guard is not None:
            return truth(guard, result)
    return result


def _decides(operator: str, left: TfValue) -> bool:
    return operator in ("&&", "||") and left.data is (operator == "||")


@evaluates(Conditional)
def _conditional(expression: Conditional, scope: Scope) -> TfValue:
    condition = evaluate(expression.condition, scope)
    then = _branch(expression.then, scope)
    otherwise = _branch(expression.otherwise, scope)
    data = condition.data
    if isinstance(then, EvaluationError) or isinstance(otherwise, EvaluationError):
        return _one_failed(expression, condition, then, otherwise, scope)
    if isinstance(data, UnknownData):
        guard_text = data.symbol.text
    elif isinstance(data, ChoiceData):
        guard = guard_of(condition)
        if guard is not None:
            condition = truth(guard, condition)
        guard_text = expression_text(expression.condition)
    else:
        guard_text = ""
    result = conditional(condition, then, otherwise, guard_text=guard_text)
    if isinstance(result.data, ChoiceData) and leaves(result) > MOST_LEAVES:
        # What is made of it would be too much to follow.
        text = expression_text(expression)
        text = f"{text} in {scope.place}" if scope.place else text
        return unknown(text, type=result.type, marks=result.marks, origin=result.origin)
    return result


def _branch(expression: Expression, scope: Scope) -> "TfValue | EvaluationError":
    try:
        return evaluate(expression, scope)
    except FatalError:
        raise
    except EvaluationError as error:
        return error


def _one_failed(
    expression: Conditional,
    condition: TfValue,
    then: TfValue | EvaluationError,
    otherwise: TfValue | EvaluationError,
    scope: Scope,
) -> TfValue:
    """An error counts only in the branch that is taken, and then the types are not compared."""
    stand_in = unknown("error", Reason.ERROR)
    # Checks the condition itself: null and what is no bool are refused.
    conditional(condition, stand_in, stand_in, guard_text="")
    guard = guard_of(condition)
    if guard is None:
        return unknown("error", Reason.ERROR)
    if guard.is_always or guard.is_never:
        taken = then if guard.is_always else otherwise
        if isinstance(taken, EvaluationError):
            raise taken
        return taken.with_marks(condition.marks)
    if isinstance(then, EvaluationError):
        then = _failed(expression.then, scope)
    if isinstance(otherwise, EvaluationError):
        otherwise = _failed(expression.otherwise, scope)
    return TfValue(DYNAMIC, ChoiceData(guard, then, otherwise), condition.marks)


def _failed(branch: Expression, scope: Scope) -> TfValue:
    # Named after what is written: the place in the file may change, the value stays the same.
    text = expression_text(branch)
    return unknown(f"{text} in {scope.place}" if scope.place else text, Reason.ERROR)
