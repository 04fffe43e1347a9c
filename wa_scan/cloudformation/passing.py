"""Parameters that a template hands to a stack that it nests.

A value keeps what it is: its symbol, its guards and the way it came, which goes on from the property of the
parent through the parameter of the child.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from wa_scan.cloudformation.equality import Equalities
from wa_scan.cloudformation.evaluator import EvaluationError
from wa_scan.cloudformation.narrowing import where
from wa_scan.cloudformation.parameters import Parameter
from wa_scan.cloudformation.texts import join_parts, parts_of, scalar_text, split_text, stand
from wa_scan.values import (
    Absent,
    Choice,
    Guard,
    Known,
    ListValue,
    Location,
    MapValue,
    Origin,
    Symbol,
    Text,
    Unknown,
    Value,
    choose,
)
from wa_scan.values.kinds import Reason

Lists = Mapping[Symbol, tuple[str, Unknown]]
Evaluate = Callable[[bool], Value]


class Argument:
    """What the parent hands over, evaluated when it is asked for: `evaluate` takes whether for a condition,
    where what is open stands for all its values. `place`: where it is written."""

    def __init__(self, evaluate: Evaluate, place: Location | None = None) -> None:
        self._evaluate = evaluate
        self._place = place
        self._values: dict[bool, Value] = {}
        self._pending: set[bool] = set()

    def value(self, for_condition: bool) -> Value:
        """Raises `EvaluationError` where it is needed for itself."""
        found = self._values.get(for_condition)
        if found is None:
            if for_condition in self._pending and self._place is not None:
                raise EvaluationError("This is handed to a nested stack that it comes from.", self._place)
            self._pending.add(for_condition)
            found = self._values[for_condition] = self._evaluate(for_condition)
        return found


_NOTHING = Argument(lambda _: Known(None))


@dataclass(frozen=True, slots=True)
class PassedParameter(Parameter):
    """A parameter that gets its value from the parent. `default`: the parameter as it is where nothing is
    handed over, which `AWS::NoValue` means; `lists` as in `Scope`."""

    argument: Argument = _NOTHING
    default: Parameter | None = None
    lists: Lists = field(default_factory=dict)

    @staticmethod
    def of(parameter: Parameter, argument: Argument, lists: Lists) -> "PassedParameter":
        known = argument.value(True)
        return PassedParameter(
            name=parameter.name,
            type=parameter.type,
            origin=type(parameter.origin)(parameter.origin.location, f"parameter {parameter.name}"),
            given=scalar_text(known.data) if isinstance(known, Known) and known.data is not None else None,
            allowed=parameter.allowed,
            is_open=False,
            prefix=parameter.prefix,
            argument=argument,
            default=parameter,
            lists=lists,
        )

    def value(self, equalities: Equalities) -> Value:
        return self._received(self.argument.value(False), lambda own: own.value(equalities))

    def value_under(self, equalities: Equalities, under: Guard) -> Value:
        value = where(under, self.argument.value(False), equalities)
        return self._received(value, lambda own: own.value_under(equalities, under))

    def condition_value(self) -> Value:
        return self._received(self.argument.value(True), lambda own: own.condition_value())

    def _received(self, value: Value, default: Callable[[Parameter], Value]) -> Value:
        if isinstance(value, Absent) or (isinstance(value, Known) and value.data is None):
            return default(self.default) if self.default is not None else self.unknown()
        origin = self._from(value)
        if isinstance(value, Choice):
            if_true = self._received(value.if_true, default)
            return choose(value.guard, if_true, self._received(value.if_false, default), origin)
        if self.is_looked_up:
            unknown = self.unknown()
            return Unknown(unknown.symbol, unknown.reason, origin, unknown.references, never_null=True)
        if isinstance(value, Known):
            typed = self._typed(scalar_text(value.data))
            if isinstance(typed, ListValue):
                return ListValue([stand(element, origin) for element in typed.elements], origin)
            return stand(typed, origin)
        if isinstance(value, MapValue):
            return self._something(value)
        if self.is_list:
            return self._list(value)
        if isinstance(value, ListValue):
            # Where a text is wanted CloudFormation takes a list as a text with commas.
            parts = [parts_of(element) for element in value.elements]
            pieces = [(*own, ",") for own in parts if own is not None]
            if value.rest is not None or len(pieces) < len(parts):
                return self._something(value)
            return stand(join_parts([part for own in pieces for part in own][:-1]), origin)
        return stand(value, origin)

    def _list(self, value: Value) -> Value:
        origin = self._from(value)
        if isinstance(value, Text) or (isinstance(value, Unknown) and value.symbol in self.lists):
            found = split_text(value, ",", self.lists)
            if found is None:
                return self._something(value)
            value = found
        if isinstance(value, ListValue):
            elements = [stand(element, self._from(element)) for element in value.elements]
            return ListValue(elements, origin, value.rest, value.references)
        return stand(value, origin)

    def _something(self, value: Value) -> Unknown:
        """A value of which only what went into it is known."""
        return Unknown(self.symbol, Reason.COMPUTED, self._from(value), value.all_references())

    def _from(self, value: Value) -> Origin:
        return type(self.origin)(self.origin.location, self.origin.text, value.origin)
