"""What is left of an object or a list where Terraform refuses one of its entries: all the others."""

from collections.abc import Callable

from wa_scan.terraform.dispatch import evaluate
from wa_scan.terraform.errors import CyclicReferenceError, EvaluationError, FatalError
from wa_scan.terraform.scope import Scope
from wa_scan.terraform.symbolic import unknown
from wa_scan.terraform.symbols import element_symbol, quoted
from wa_scan.terraform.syntax import Expression, Name, Object, Parentheses, Template, Tuple
from wa_scan.terraform.values import TfValue, object_of, tuple_of
from wa_scan.values import Location, Origin, Symbol
from wa_scan.values.kinds import Reason

Report = Callable[[EvaluationError, Location], None]


def value_or_entries(expression: Expression, scope: Scope, report: Report, text: str) -> TfValue:
    """The value of an expression. Where it is refused, which is reported, an unknown named `text`; of what
    is written as an object or a list only the entries that are refused.
    """
    try:
        return evaluate(expression, scope)
    except (FatalError, CyclicReferenceError) as error:
        refused: EvaluationError = error
    except EvaluationError as error:
        refused = error
        found = _entries(expression, scope, report, Symbol(text))
        if found is not None:
            return found
    report(refused, expression.location)
    return unknown(text, Reason.ERROR)


def _entries(expression: Expression, scope: Scope, report: Report, symbol: Symbol) -> TfValue | None:
    """None for what is not written as an object or a list, or has keys to evaluate."""
    while isinstance(expression, Parentheses):
        expression = expression.inner
    if isinstance(expression, Tuple):
        return tuple_of(
            _entry(element, scope, report, element_symbol(symbol, f"[{at}]"), element.location, "element")
            for at, element in enumerate(expression.elements)
        )
    if not isinstance(expression, Object):
        return None
    found: dict[str, TfValue] = {}
    for item in expression.items:
        key = item.key
        name = key.name if isinstance(key, Name) else key.literal if isinstance(key, Template) else None
        if name is None:
            return None
        own = element_symbol(symbol, f"[{quoted(name)}]")
        place = key.location.to(item.value.location)
        found[name] = _entry(item.value, scope, report, own, place, f"key {name}")
    return object_of(found)


def _entry(
    expression: Expression, scope: Scope, report: Report, symbol: Symbol, place: Location, what: str
) -> TfValue:
    value = value_or_entries(expression, scope, report, symbol.text)
    return TfValue(value.type, value.data, value.marks, Origin(place, what, value.origin))
