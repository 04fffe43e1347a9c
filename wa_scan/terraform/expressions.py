"""The value of an expression at one place of a configuration.

`evaluate(expression, scope)` raises `EvaluationError`, located, where Terraform refuses the
expression. Importing this module brings in the evaluators of all kinds of expression.
"""

from decimal import Decimal

from wa_scan.terraform import calls, conditions, iteration, operators
from wa_scan.terraform.arithmetic import canonical
from wa_scan.terraform.convert import convert
from wa_scan.terraform.dispatch import EVALUATORS, evaluate, evaluates
from wa_scan.terraform.equality import equals
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.instances import some_instance
from wa_scan.terraform.rendering import render_template
from wa_scan.terraform.scope import Scope, Step
from wa_scan.terraform.symbolic import (
    OpenData,
    RepeatedData,
    attribute_of,
    each_possible,
    element_of,
    unknown,
)
from wa_scan.terraform.symbols import bounded, element_symbol, quoted
from wa_scan.terraform.syntax import (
    Expression,
    GetAttr,
    Index,
    Literal,
    Name,
    Object,
    Parentheses,
    Template,
    Tuple,
)
from wa_scan.terraform.types import DYNAMIC, STRING
from wa_scan.terraform.values import (
    FALSE,
    NO_MARKS,
    NULL,
    TRUE,
    ChoiceData,
    TfValue,
    UnknownData,
    number,
    object_of,
    string,
    tuple_of,
)
from wa_scan.terraform.wording import expression_text
from wa_scan.values import Guard, Origin, Symbol

__all__ = ["apply_steps", "evaluate"]

# Imported for the evaluators that they register.
_REGISTERED = (calls, conditions, iteration, render_template)

_small_numbers = {Decimal(n): number(n) for n in range(-1, 100)}


@evaluates(Literal)
def _literal(expression: Literal, scope: Scope) -> TfValue:
    value = expression.value
    if value is None:
        return NULL
    if value is True or value is False:
        return TRUE if value else FALSE
    found = _small_numbers.get(value)
    if found is not None:
        return found
    return number(canonical(value))


@evaluates(Parentheses)
def _parentheses(expression: Parentheses, scope: Scope) -> TfValue:
    return evaluate(expression.inner, scope)


@evaluates(Tuple)
def _tuple(expression: Tuple, scope: Scope) -> TfValue:
    found = []
    for element in expression.elements:
        value = evaluate(element, scope)
        at = Origin(element.location, "element", value.origin)
        found.append(TfValue(value.type, value.data, value.marks, at))
    return tuple_of(found)


@evaluates(Object)
def _object(expression: Object, scope: Scope) -> TfValue:
    found: dict[str, TfValue] = {}
    marks = NO_MARKS
    is_open = False
    replaced: set[str] = set()
    for item in expression.items:
        key_expression = item.key
        name = key_expression.literal if type(key_expression) is Template else None
        if name is None:
            key = _object_key(key_expression, scope)
            marks = marks | key.marks
            name = key.data if isinstance(key.data, str) else None
        value = evaluate(item.value, scope)
        if name is None:
            is_open = True
            # Of equal keys the last one wins.
            replaced.update(other for other in found if equals(key, string(other)).data is not False)
            continue
        place = key_expression.location.to(item.value.location)
        at = Origin(place, f"key {name}", value.origin)
        found[name] = TfValue(value.type, value.data, value.marks, at)
        replaced.discard(name)
    if is_open:
        return _open_object(expression, scope, found, replaced).with_marks(marks)
    return object_of(found).with_marks(marks)


def _open_object(expression: Object, scope: Scope, found: dict[str, TfValue], replaced: set[str]) -> TfValue:
    """An object with keys that are not known, which may be those in `replaced`."""
    text = expression_text(expression)
    symbol = Symbol(bounded(f"{text} in {scope.place}" if scope.place else text))
    contents = {
        name: unknown(element_symbol(symbol, f"[{quoted(name)}]")) if name in replaced else value
        for name, value in found.items()
    }
    return TfValue(DYNAMIC, UnknownData(symbol, contents=contents or None))


def _object_key(expression: Expression, scope: Scope) -> TfValue:
    if isinstance(expression, GetAttr | Index):
        raise EvaluationError(
            "put a computed object key in parentheses, or in quotes if it is meant as text",
            expression.location,
        )
    if isinstance(expression, Name):
        return TfValue(STRING, expression.name)
    key = evaluate(expression, scope)
    if key.data is None:
        raise EvaluationError("the key of an object is null", expression.location)
    try:
        return convert(key, STRING)
    except EvaluationError:
        raise EvaluationError("the key of an object must be text", expression.location) from None


@evaluates(Name)
def _name(expression: Name, scope: Scope) -> TfValue:
    found = scope.names.get(expression.name)
    if found is not None:
        return found
    return scope.module.resolve(expression.name, expression, [], scope)[0]


def _traversal(expression: GetAttr | Index, scope: Scope) -> TfValue:
    # Iterative, so that a long chain of steps needs no deep recursion.
    steps: list[Step] = []
    node: Expression = expression
    while isinstance(node, GetAttr | Index):
        steps.append(node)
        node = node.source
    steps.reverse()
    if isinstance(node, Name):
        value = scope.names.get(node.name)
        taken = 0
        if value is None:
            value, taken = scope.module.resolve(node.name, node, steps, scope)
    else:
        value = evaluate(node, scope)
        taken = 0
    return apply_steps(value, steps, taken, scope)


EVALUATORS[GetAttr] = _traversal
EVALUATORS[Index] = _traversal


def apply_steps(value: TfValue, steps: list[Step], start: int, scope: Scope) -> TfValue:
    """`value` after the steps from `start` on."""
    for step in steps[start:]:
        try:
            if isinstance(step, GetAttr):
                value = attribute(value, step.name, scope.doubts)
            else:
                value = index(value, evaluate(step.key, scope), scope.doubts)
        except EvaluationError as error:
            if error.location is None:
                error.location = step.location
            raise
    return value


def attribute(source: TfValue, name: str, doubts: list[Guard] | None = None) -> TfValue:
    """`source.name`."""
    data = source.data
    if isinstance(data, UnknownData):
        if isinstance(data, OpenData):
            return attribute_of(source, data, name, DYNAMIC)
        # Says whether such an attribute can be there at all.
        checked = operators.get_attr(source, name)
        return attribute_of(source, data, name, checked.type)
    if isinstance(data, ChoiceData):
        return each_possible(source, lambda leaf: attribute(leaf, name, doubts), doubts)
    if isinstance(data, tuple) and len(data) == 1 and isinstance(data[0].data, OpenData):
        # A nested block that may occur only once is an object, which its syntax does not show.
        return attribute(data[0], name)
    return operators.get_attr(source, name)


def index(source: TfValue, key: TfValue, doubts: list[Guard] | None = None) -> TfValue:
    """`source[key]`."""
    data = source.data
    if isinstance(data, ChoiceData):
        return each_possible(source, lambda leaf: index(leaf, key, doubts), doubts)
    if isinstance(key.data, ChoiceData):
        return each_possible(key, lambda leaf: index(source, leaf, doubts), doubts)
    if isinstance(key.data, UnknownData):
        # Says whether there can be such an element at all.
        checked = operators.index(source, key)
        member: TfValue | None = None
        if isinstance(data, RepeatedData):
            member = data.under(key.data.symbol.text)
        elif isinstance(data, tuple | dict):
            member = some_instance(data, key.data.symbol)
        return checked if member is None else member.with_marks(source.marks | key.marks)
    if isinstance(data, UnknownData):
        known = key.data
        if isinstance(data, RepeatedData) and isinstance(known, str | int):
            return data.at(known)
        # Says whether there can be elements at all.
        checked = operators.index(source, key)
        if isinstance(known, str | int | Decimal) and not isinstance(known, bool):
            found = element_of(source, data, known).with_marks(key.marks)
            return TfValue(checked.type, found.data, found.marks, found.origin)
        return checked
    return operators.index(source, key)
