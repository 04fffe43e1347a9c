"""Function calls, with the special forms `try` and `can`."""

from collections.abc import Callable, Mapping

from wa_scan.terraform import functions
from wa_scan.terraform.conditions import truth
from wa_scan.terraform.dispatch import evaluate, evaluates
from wa_scan.terraform.errors import EvaluationError, FatalError, InvalidReferenceError, LimitReachedError
from wa_scan.terraform.iteration import evaluated_once, pairs
from wa_scan.terraform.provider_functions import PREFIX, call_builtin
from wa_scan.terraform.rendering import render_template
from wa_scan.terraform.scope import Scope
from wa_scan.terraform.symbolic import element_of, settled, unknown
from wa_scan.terraform.syntax import Call, Expression, GetAttr, Index, Name, Splat
from wa_scan.terraform.types import BOOL, DYNAMIC, ListType, SetType, TupleType
from wa_scan.terraform.values import (
    FALSE,
    NO_MARKS,
    TRUE,
    ChoiceData,
    Survey,
    TfValue,
    UnknownData,
    is_wholly_known,
    tuple_of,
)
from wa_scan.terraform.wording import expression_text
from wa_scan.values import Guard, Location, Symbol

# `slice` of an unknown list gives that many separate unknowns, up to this many.
LONGEST_SLICE = 100
LIMIT_STEPS = 50_000
"""How many elements a call that came to a limit counts for."""
_SELECTING = ("element", "lookup", "one")
_TEMPLATE_FUNCTIONS = ("templatefile", "templatestring", "core::templatefile", "core::templatestring")


@evaluates(Call)
@evaluated_once
def _call(expression: Call, scope: Scope) -> TfValue:
    if not scope.module.allows_calls:
        raise InvalidReferenceError("functions cannot be called here", expression.location)
    special = _SPECIAL.get(expression.name)
    if special is not None:
        return special(expression, scope)
    if expression.name in _TEMPLATE_FUNCTIONS:
        _check_template_call(expression, scope)
    arguments = [settled(evaluate(argument, scope)) for argument in expression.arguments]
    if expression.expand:
        last = arguments[-1]
        spread = _expanded(expression, last)
        if spread is None:
            return _unknown_call(expression, arguments, scope)
        arguments[-1:] = spread
    shortcut = _PARTLY_KNOWN.get(expression.name)
    if shortcut is not None:
        found = shortcut(arguments)
        if found is not None:
            return found

    def evaluate_template(template_text: str, path: str, names: Mapping[str, TfValue]) -> TfValue:
        return _render(template_text, path, names, scope)

    try:
        if expression.name.startswith("provider::"):
            name = scope.module.provider_function(expression.name)
            if name.startswith(PREFIX):
                return call_builtin(name, arguments)
        result = functions.call(expression.name, arguments, scope.module.files, evaluate_template)
        if not isinstance(result.data, UnknownData) or _is_selected(expression.name, arguments):
            return result
        return _referring(result, arguments)
    except EvaluationError as error:
        if error.location is None:
            error.location = _blamed(expression, error.argument)
        if isinstance(error, LimitReachedError):
            # Coming to a limit took long; that must not be done again and again.
            scope.module.spend(LIMIT_STEPS)
        raise


def _is_selected(name: str, arguments: list[TfValue]) -> bool:
    """Whether the result is a part of the first argument as it is, which refers to nothing but its own."""
    return name.removeprefix("core::") in _SELECTING and not any(
        isinstance(argument.data, UnknownData | ChoiceData) for argument in arguments
    )


def _referring(result: TfValue, arguments: list[TfValue]) -> TfValue:
    """An unknown result, marked with all resources that went into it, at whatever depth."""
    symbols: set[Symbol] = set()
    for argument in arguments:
        symbols.update(mark for mark in Survey(argument).marks if isinstance(mark, Symbol))
    return result.with_marks(frozenset(symbols)) if symbols else result


def _check_template_call(expression: Call, scope: Scope) -> None:
    if scope.template:
        raise EvaluationError(
            f'"{expression.name}" cannot be called from inside a template', expression.name_location
        )
    if expression.name == "templatestring" and expression.arguments:
        source = expression.arguments[0]
        while isinstance(source, GetAttr | Index | Splat):
            source = source.source
        if not isinstance(source, Name):
            raise EvaluationError(
                'the first argument of "templatestring" must be a reference to a template kept elsewhere',
                expression.arguments[0].location,
            )


def _blamed(expression: Call, argument: int | None) -> Location:
    if argument is None or not expression.arguments:
        return expression.name_location
    return expression.arguments[min(argument, len(expression.arguments) - 1)].location


def _expanded(expression: Call, last: TfValue) -> list[TfValue] | None:
    """The arguments that `last...` stands for; None where they are not known."""
    data = last.data
    if isinstance(data, UnknownData | ChoiceData):
        return None
    if data is None:
        raise EvaluationError("the expanded argument (...) is null", expression.arguments[-1].location)
    if not isinstance(last.type, ListType | SetType | TupleType):
        raise EvaluationError(
            "the expanded argument (...) must be a list, set or tuple", expression.arguments[-1].location
        )
    return [element.with_marks(last.marks) for _, element in pairs(last)]


def _unknown_call(expression: Call, arguments: list[TfValue], scope: Scope) -> TfValue:
    marks = NO_MARKS.union(*(argument.marks for argument in arguments))
    text = expression_text(expression)
    return unknown(f"{text} in {scope.place}" if scope.place else text, marks=marks)


def _render(text: str, path: str, names: Mapping[str, TfValue], scope: Scope) -> TfValue:
    return render_template(scope.module.template(text, path), scope.for_template(names))


def _try(expression: Call, scope: Scope) -> TfValue:
    if not expression.arguments:
        raise EvaluationError('"try" needs at least one argument', expression.name_location)
    return _try_from(expression, _arguments(expression, scope), 0, scope)


def _try_from(expression: Call, arguments: list[Expression], start: int, scope: Scope) -> TfValue:
    first_error: EvaluationError | None = None
    for at in range(start, len(arguments)):
        doubts: list[Guard] = []
        try:
            value = evaluate(arguments[at], scope.with_doubts(doubts))
        except FatalError:
            raise
        except EvaluationError as error:
            first_error = first_error or error
            continue
        fails = Guard.NEVER
        for doubt in doubts:
            fails = fails | doubt
        if fails.is_never or at + 1 == len(arguments):
            return value
        other = _try_from(expression, arguments, at + 1, scope)
        type = value.type if value.type is other.type else DYNAMIC
        return TfValue(type, ChoiceData(~fails, value, other), value.marks | other.marks)
    assert first_error is not None
    raise EvaluationError(
        f"none of the arguments of try() can be evaluated: {first_error.message}", expression.location
    )


def _arguments(expression: Call, scope: Scope) -> list[Expression]:
    if expression.expand:
        raise EvaluationError('"try" and "can" take no expanded argument (...)', expression.location)
    return expression.arguments


def _can(expression: Call, scope: Scope) -> TfValue:
    arguments = _arguments(expression, scope)
    if len(arguments) != 1:
        raise EvaluationError('"can" takes exactly one argument', expression.name_location)
    doubts: list[Guard] = []
    try:
        value = evaluate(arguments[0], scope.with_doubts(doubts))
    except FatalError:
        raise
    except EvaluationError:
        return FALSE
    fails = Guard.NEVER
    for doubt in doubts:
        fails = fails | doubt
    if not fails.is_never:
        return truth(~fails, FALSE)
    if not is_wholly_known(value):
        text = expression_text(expression)
        return unknown(f"{text} in {scope.place}" if scope.place else text, type=BOOL)
    return TRUE


_SPECIAL: dict[str, Callable[[Call, Scope], TfValue]] = {"try": _try, "can": _can}


def _slice(arguments: list[TfValue]) -> TfValue | None:
    """`slice(unknown, 0, 3)` is three unknowns that can be told apart."""
    if len(arguments) != 3:
        return None
    source, start, end = (argument.data for argument in arguments)
    if not isinstance(source, UnknownData):
        return None
    if arguments[0].type is not DYNAMIC and not isinstance(arguments[0].type, ListType | TupleType):
        return None
    if type(start) is not int or type(end) is not int or not 0 <= start <= end <= start + LONGEST_SLICE:
        return None
    return tuple_of([element_of(arguments[0], source, at) for at in range(start, end)])


def _element(arguments: list[TfValue]) -> TfValue | None:
    """`element(unknown, 1)`: wrapping around, two indexes may give the same element, but the second
    is written as another one on purpose.
    """
    if len(arguments) != 2:
        return None
    source, at = arguments[0].data, arguments[1].data
    if not isinstance(source, UnknownData) or type(at) is not int or not 0 <= at < 2**63:
        return None
    if arguments[0].type is not DYNAMIC and not isinstance(arguments[0].type, ListType | TupleType):
        return None
    return element_of(arguments[0], source, at)


_PARTLY_KNOWN: dict[str, Callable[[list[TfValue]], TfValue | None]] = {
    "slice": _slice,
    "element": _element,
}
