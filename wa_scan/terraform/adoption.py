"""Values of one root module as another one sees them: each name says whose it is.

`aws_vpc.main.id` of the root module in `network` is `network: aws_vpc.main.id` elsewhere, and belongs to no
resource there; the same holds for the conditions of choices.
"""

from wa_scan.terraform.symbolic import DeferredData, OpenData, RepeatedData
from wa_scan.terraform.symbols import bounded
from wa_scan.terraform.values import NO_MARKS, ChoiceData, Data, Marks, TfValue, UnknownData
from wa_scan.values import Guard, Symbol


class Adopter:
    """Adopts values of the root module displayed as `unit`.

    `names`: every name that any adopter gave, shared between them, so that what one root module hands on
    from another keeps its name.
    """

    def __init__(self, unit: str, names: set[str]) -> None:
        self._unit = unit
        self._names = names
        # The value is kept beside its result, so that its id stays its own.
        self._values: dict[int, tuple[TfValue, TfValue]] = {}
        self._guards: dict[Guard, Guard] = {}

    def value(self, value: TfValue) -> TfValue:
        """Without marks of sensitivity, which a state does not keep."""
        found = self._values.get(id(value))
        if found is not None:
            return found[1]
        data = self._data(value.data)
        marks = self._marks(value.marks) if value.marks else value.marks
        made = value
        if data is not value.data or marks != value.marks:
            made = TfValue(value.type, data, marks, value.origin)
        self._values[id(value)] = (value, made)
        return made

    def _data(self, data: Data) -> Data:
        if isinstance(data, tuple):
            items = self._all(data)
            return data if all(new is old for new, old in zip(items, data, strict=True)) else items
        if isinstance(data, dict):
            entries = self._named(data)
            return data if all(entries[key] is item for key, item in data.items()) else entries
        if isinstance(data, ChoiceData):
            return ChoiceData(self.guard(data.guard), self.value(data.if_true), self.value(data.if_false))
        if isinstance(data, DeferredData):
            return self.value(data.whole()).data
        if isinstance(data, UnknownData):
            return self._unknown(data)
        return data

    def _all(self, values: tuple[TfValue, ...]) -> tuple[TfValue, ...]:
        return tuple([self.value(item) for item in values])

    def _named(self, values: dict[str, TfValue]) -> dict[str, TfValue]:
        return {key: self.value(item) for key, item in values.items()}

    def _unknown(self, data: UnknownData) -> UnknownData:
        symbol = self._symbol(data.symbol)
        if isinstance(data, OpenData):
            return OpenData(symbol, data.reason, self._named(dict(data.attributes)))
        if isinstance(data, RepeatedData):
            exists = self.guard(data.exists) if data.exists is not None else None
            return RepeatedData(symbol, self.value(data.member), exists)
        parts = data.parts
        if parts is not None:
            parts = tuple(part if isinstance(part, str) else self.value(part) for part in parts)
        contents = data.contents
        if contents is not None:
            contents = self._all(contents) if isinstance(contents, tuple) else self._named(contents)
        return UnknownData(symbol, data.reason, data.never_null, parts, contents)

    def _marks(self, marks: Marks) -> Marks:
        symbols = [self._symbol(mark) for mark in marks if isinstance(mark, Symbol)]
        return frozenset(symbols) if symbols else NO_MARKS

    def _symbol(self, symbol: Symbol) -> Symbol:
        if symbol.text in self._names and symbol.resource is None:
            return symbol
        return Symbol(self._name(symbol.text))

    def _name(self, text: str) -> str:
        made = bounded(f"{self._unit}: {text}")
        self._names.add(made)
        return made

    def guard(self, guard: Guard) -> Guard:
        """The same condition on the other root module's terms."""
        if guard.is_always or guard.is_never:
            return guard
        found = self._guards.get(guard)
        if found is None:
            atom = guard.atom if guard.atom in self._names else self._name(guard.atom)
            found = Guard.of(atom).choose(self.guard(guard.high), self.guard(guard.low))
            self._guards[guard] = found
        return found
