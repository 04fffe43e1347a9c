"""Values from elsewhere (another stack of the same tree) as they are where a condition holds."""

from wa_scan.cloudformation.equality import Equalities
from wa_scan.cloudformation.texts import literal
from wa_scan.values import Choice, Guard, Unknown, Value, choose, is_ruled_out


def where(under: Guard, value: Value, equalities: Equalities) -> Value:
    """`value` where `under` holds: no default that it excludes, but the other values that there may be."""
    found = value
    while isinstance(found, Choice) and is_ruled_out(found.guard, under):
        found = found.if_false
    if found is value or not isinstance(found, Unknown):
        return found
    *others, last = equalities.values_under(found.symbol, under) or (None,)
    if last is None:
        return found
    narrowed = literal(last, found.origin)
    for text in reversed(others):
        guard = equalities.equal(found.symbol, text)
        narrowed = choose(guard, literal(text, found.origin), narrowed, found.origin)
    return narrowed
