"""Values of one template as another one sees them: each name says whose it is.

What is unknown in `network.yaml` is unknown elsewhere under a name such as `network.yaml: Vpc`, which belongs
to no resource there; the same holds for the conditions of choices.
"""

from wa_scan.values import (
    Absent,
    Choice,
    Guard,
    Known,
    ListValue,
    MapValue,
    Origin,
    Symbol,
    Text,
    Unknown,
    Value,
    choose,
    settled,
)
from wa_scan.values.atoms import shown


class Adopter:
    """Adopts values of the unit displayed as `unit`."""

    def __init__(self, unit: str) -> None:
        self._mark = f"{unit}: "
        self._guards: dict[Guard, Guard] = {}

    def value(self, value: Value, origin: Origin | None) -> Value:
        """`value`, whose way begins with `origin` where it came some way."""
        if isinstance(value, Known):
            return Known(value.data, origin, self._symbols(value.references))
        if isinstance(value, Unknown):
            return self._unknown(value, origin)
        if isinstance(value, Text):
            parts = (part if isinstance(part, str) else self._unknown(part, None) for part in value.parts)
            return Text(tuple(parts), origin)
        if isinstance(value, Choice):
            # Elsewhere nothing asks which value a parameter of this unit has: its default holds.
            guard = settled(value.guard)
            if_true = self.value(value.if_true, value.if_true.origin or origin)
            return choose(
                self._guard(guard),
                if_true,
                self.value(value.if_false, value.if_false.origin or origin),
                origin,
            )
        if isinstance(value, ListValue):
            elements = [self.value(element, element.origin) for element in value.elements]
            rest = self._unknown(value.rest, value.rest.origin) if value.rest is not None else None
            return ListValue(elements, origin, rest, self._symbols(value.references))
        if isinstance(value, MapValue):
            entries = {key: self.value(item, item.origin) for key, item in value.entries.items()}
            rest = self._unknown(value.rest, value.rest.origin) if value.rest is not None else None
            return MapValue(entries, origin, rest, self._symbols(value.references))
        return Absent(origin)

    def _unknown(self, value: Unknown, origin: Origin | None) -> Unknown:
        references = self._symbols(value.references)
        return Unknown(self._symbol(value.symbol), value.reason, origin, references, value.never_null)

    def _symbol(self, symbol: Symbol) -> Symbol:
        # What came from a third template keeps the name that it has.
        return symbol if ": " in symbol.text else Symbol(self._mark + symbol.text)

    def _symbols(self, symbols: frozenset[Symbol]) -> frozenset[Symbol]:
        return frozenset(self._symbol(symbol) for symbol in symbols)

    def _guard(self, guard: Guard) -> Guard:
        if guard.is_always or guard.is_never:
            return guard
        found = self._guards.get(guard)
        if found is None:
            # What follows a NUL keeps atoms apart that people see as the same.
            atom = Guard.of(f"{self._mark}{shown(guard.atom)}\0{guard.atom}")
            found = atom.choose(self._guard(guard.high), self._guard(guard.low))
            self._guards[guard] = found
        return found
