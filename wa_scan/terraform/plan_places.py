"""Where the instances of a plan stand: in the source, at a call, or in the plan's own JSON."""

from collections.abc import Callable, Sequence

from wa_scan.terraform.plan_configuration import PlanConfiguration
from wa_scan.terraform.plan_document import PlanDocument
from wa_scan.terraform.plan_records import PlannedInstance
from wa_scan.values import Known, Location, Origin, Symbol, Text, Value
from wa_scan.values.kinds import Scalar


class PlanOrigin(Origin):
    """A place in the JSON of a plan, looked for only when somebody asks: few are ever shown."""

    __slots__ = ("_find",)

    def __init__(self, find: Callable[[], Location], text: str) -> None:
        self._find = find
        self.text = text
        self.previous = None

    def __getattr__(self, name: str) -> Location:
        # Reached as long as `location` has no value.
        if name != "location":
            raise AttributeError(name)
        found = self.location = self._find()
        return found


class PlacedInstance:
    """One instance with the document that it is in and the configuration that tells of it."""

    __slots__ = ("_configuration", "_document", "_instance", "_policies")

    def __init__(
        self,
        instance: PlannedInstance,
        document: PlanDocument,
        configuration: PlanConfiguration,
        policies: Callable[[str], Value | None],
    ) -> None:
        """`policies`: gives the policy document of the data source at an address."""
        self._instance = instance
        self._policies = policies
        self._document = document
        self._configuration = configuration

    @property
    def address(self) -> str:
        return self._instance.address

    @property
    def origin(self) -> Origin:
        return PlanOrigin(self.header, self._instance.address)

    def header(self) -> Location:
        """The `address` of the instance's JSON object."""
        start = self._instance.start
        return self._document.key_or_value(start, ("address",)) or self._document.location(start, start + 1)

    def extent(self) -> Location:
        return self._document.location(self._instance.start, self._instance.end)

    def location(self, steps: Sequence[str | int]) -> Location:
        """The place of an attribute, or of the innermost thing around it that is there."""
        for length in range(len(steps), 0, -1):
            path = (*self._instance.within, *steps[:length])
            found = self._document.key_or_value(self._instance.start, path)
            if found is not None:
                return found
        return self.header()

    def symbols(self, expression: object) -> tuple[Symbol, ...]:
        return self._configuration.symbols(self._instance, expression) if expression is not None else ()

    def elements(self, symbol: Symbol) -> list[Symbol]:
        return self._configuration.elements(symbol)

    def policy(self, symbols: Sequence[Symbol], origin: Origin) -> Value | None:
        """The text of the policy document that is the one thing referred to, as far as it is known."""
        if len(symbols) != 1 or symbols[0].attribute not in ("json", "minified_json", None):
            return None
        found = self._policies(symbols[0].resource or "")
        if isinstance(found, Known):
            return Known(found.data, origin, found.references | {symbols[0]})
        if not isinstance(found, Text):
            return None
        text = Text(found.parts, origin)
        text.references = found.references | {symbols[0]}
        return text

    def narrowed(self, symbols: tuple[Symbol, ...], data: Scalar) -> Sequence[Symbol]:
        """Those of several symbols that have this value, if any are known to; else those that may have gone
        into it. What is known has not come from what is unknown."""
        if data is None or not symbols:
            return symbols
        symbols = tuple(one for one in symbols if not self._configuration.is_unknown(one))
        if not isinstance(data, str):
            return symbols
        found = [
            symbol if address == symbol.resource else Symbol(f"{address}.{name}", address, name)
            for symbol in symbols
            for address, value in self._configuration.value_of(symbol)
            if value == data and (name := symbol.attribute or "id")
        ]
        return found or symbols

    def comes_from_plan(self, value: Value) -> bool:
        """Whether the plan gave the value to the source in the first place."""
        steps = value.origin.steps() if value.origin is not None else []
        return any(step.location.file == self._document.path for step in steps)
