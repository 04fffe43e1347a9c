"""What was written for a value of a plan: where, with which references, or nothing at all.

Two witnesses tell: the source beside the plan, evaluated, and the plan's own `configuration`, which has
references and constants but no places. Either may be missing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from wa_scan.terraform.plan_configuration import is_expression
from wa_scan.terraform.plan_likeness import agrees, matched, settled
from wa_scan.terraform.plan_places import PlacedInstance, PlanOrigin
from wa_scan.terraform.symbolic import is_identity
from wa_scan.values import (
    Choice,
    Known,
    ListValue,
    MapValue,
    Origin,
    Scalar,
    Symbol,
    Text,
    Unknown,
    Value,
)
from wa_scan.values.kinds import NO_REFERENCES, Reason

Steps = tuple[str | int, ...]


class Block(dict[str, object]):
    """The expressions of one nested block; without arguments it is not the same as no references."""

    __slots__ = ()


class NotTold:
    """No expression is there for this, and none would be if it were written (a `dynamic` block)."""


NOT_TOLD = NotTold()


class Written:
    """`value`: what the source has there. `expression`: what the configuration has, None for nothing.
    `inside`: where it stands if neither says so. `symbols`: what it refers to, where that is known better.

    `is_configured`: whether somebody wrote it; None where neither witness can tell.
    """

    __slots__ = ("_inside", "_instance", "_steps", "_symbols", "expression", "is_configured", "value")

    def __init__(
        self,
        instance: PlacedInstance,
        steps: Steps,
        value: Value | None,
        expression: object,
        is_configured: bool | None,
        inside: Origin | None,
        symbols: tuple[Symbol, ...] | None = None,
    ) -> None:
        self._instance = instance
        self._steps = steps
        self.value = value
        self.expression = expression
        self.is_configured = is_configured
        self._inside = inside
        self._symbols = symbols

    @property
    def origin(self) -> Origin:
        if self.value is not None and self.value.origin is not None:
            return self.value.origin
        if self._inside is not None:
            return self._inside
        instance, steps = self._instance, self._steps
        if not steps:
            return instance.origin
        names = [step for step in steps if isinstance(step, str)]
        is_block = isinstance(steps[-1], int) and isinstance(self.expression, dict)
        text = f"{'block' if is_block else 'attribute'} {names[-1]}" if names else instance.address
        return PlanOrigin(partial(instance.location, steps), text)

    # --- values ----------------------------------------------------------------------------

    def known(self, data: Scalar) -> Value:
        """The known scalar `data`; the way that a different value in the source came is not its way."""
        value = self.value
        origin = self.origin
        if not isinstance(value, Known):
            references = self.references(data)
        else:
            references = value.references
            if value.data == data and type(value.data) is type(data):
                return value
            if not agrees(value, data):
                origin = Origin(origin.location, origin.text)
        return Known(data, origin, references)

    def references(self, data: Scalar = None) -> frozenset[Symbol]:
        found = self.value.all_references() if self.value is not None else NO_REFERENCES
        if found and _has_resource(found):
            return found
        expression = self.expression
        if expression is None or (isinstance(expression, dict) and "constant_value" in expression):
            return found
        return found | frozenset(self._instance.narrowed(self.symbols, data))

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """What the configuration says that it refers to."""
        if self._symbols is None:
            self._symbols = self._instance.symbols(self.expression)
        return self._symbols

    def unknown(self, path: str) -> Value:
        """What is known only after apply: with the parts that the source knows, if it does."""
        value = self.value
        if value is not None and is_partly_unknown(value):
            symbol = value.symbol if isinstance(value, Unknown) else None
            if symbol is None or symbol.resource is not None or len(self.symbols) != 1:
                return value
        document = self._instance.policy(self.symbols, self.origin)
        if document is not None:
            return document
        origin = self.origin
        references = self.references()
        of_resources = self.symbols or tuple(symbol for symbol in references if symbol.resource is not None)
        if len(of_resources) == 1 and len(self._instance.elements(of_resources[0])) == 1:
            only = of_resources[0]
            is_data = only.text.startswith("data.") or ".data." in only.text
            reason = Reason.DATA if is_data else Reason.COMPUTED
            never_null = only.attribute is not None and is_identity(only.attribute)
            return Unknown(only, reason, origin, references | {only}, never_null)
        own = Symbol(f"{self._instance.address}.{path}")
        never_null = is_identity(path.rpartition(".")[2])
        return Unknown(own, Reason.COMPUTED, origin, references | {own}, never_null)

    def secret(self, path: str, data: object) -> Value:
        """Something sensitive, which is known only as far as the code itself tells it."""
        value = self.value
        if value is not None and not self._instance.comes_from_plan(value):
            return value
        expression = self.expression
        if isinstance(expression, dict) and "constant_value" in expression:
            constant = expression["constant_value"]
            if isinstance(constant, str | bool | int | float) and constant == data:
                return Known(constant, self.origin)
        symbol = Symbol(f"{self._instance.address}.{path} (sensitive)")
        return Unknown(symbol, Reason.INPUT, self.origin, self.references() | {symbol}, never_null=True)

    # --- parts -----------------------------------------------------------------------------

    def member(self, name: str, data: object) -> "Written":
        expression = self.expression
        inner: object = None
        if isinstance(expression, NotTold):
            inner = expression
        elif isinstance(expression, dict):
            is_one = self._steps and not isinstance(expression, Block) and is_expression(expression)
            inner = expression if is_one else expression.get(name)
        return self._part(name, inner, *self._source_member(name, data))

    def tells_of(self, name: str) -> bool | None:
        """Whether somebody wrote something called `name` here; None where neither witness can tell."""
        value, expression = self.value, self.expression
        if isinstance(value, MapValue):
            return name in value.entries or value.rest is not None
        if value is not None:
            return True
        return (
            None if isinstance(expression, NotTold) else isinstance(expression, dict) and name in expression
        )

    def _source_member(self, name: str, data: object) -> tuple[Value | None, bool | None]:
        """What the source has there, and whether it is written; None where the source does not tell."""
        value = self.value
        if value is None:
            return None, None
        if isinstance(value, ListValue) and len(value.elements) == 1:
            value = settled(value.elements[0], data)
        if isinstance(value, MapValue):
            found = value.entries.get(name)
            if found is not None:
                return settled(found, data), True
            return (None, None) if value.rest is not None else (None, False)
        # A known scalar has no parts; of anything else they are not told.
        return None, None

    def elements(self, data: Sequence[object]) -> list["Written"]:
        value = self.value
        if isinstance(value, MapValue):
            value = ListValue([value], value.origin)
        expressions = self._expressions(data)
        symbols = self._symbols_of_elements(data)
        if isinstance(value, ListValue):
            values = matched(value, data)
            told: list[bool | None] = [True] * len(data)
        else:
            values = [None] * len(data)
            told = [None if value is None else True] * len(data)
        made = []
        for at, inner in enumerate(expressions):
            part = self._part(at, inner, values[at], told[at])
            if symbols is not None:
                part._symbols = symbols[at]
            made.append(part)
        return made

    def _part(self, step: str | int, expression: object, value: Value | None, told: bool | None) -> "Written":
        is_configured = told
        if told is None:
            is_configured = None if isinstance(expression, NotTold) else expression is not None
            if self.value is not None:
                is_configured = True
        inside = self._inside
        if self.value is not None and self.value.origin is not None:
            inside = self.value.origin
        return Written(self._instance, (*self._steps, step), value, expression, is_configured, inside)

    def _expressions(self, data: Sequence[object]) -> list[object]:
        """The expression of each element: of nested blocks their own, of a list that of the whole."""
        expression = self.expression
        if not isinstance(expression, list):
            # Blocks that no expression is there for come from a `dynamic` block, or from the provider.
            absent = NOT_TOLD if any(isinstance(item, dict) for item in data) else None
            return [expression if expression is not None else absent] * len(data)
        left = list(expression)
        found: list[object] = []
        for at, item in enumerate(data):
            best = next((one for one in left if _may_be(one, item)), None)
            if best is None and at < len(expression) == len(data):
                best = expression[at]
            if best is not None and best in left:
                left.remove(best)
            found.append(Block(best) if isinstance(best, dict) else NOT_TOLD)
        return found

    def _symbols_of_elements(self, data: Sequence[object]) -> list[tuple[Symbol, ...]] | None:
        """One symbol for each element, where there are as many and none of them is known."""
        if not isinstance(self.expression, dict) or not is_expression(self.expression):
            return None
        if len(data) < 2 and len(self.symbols) < 2:
            return None
        every = [each for symbol in self.symbols for each in self._instance.elements(symbol)]
        if len(every) == len(data) and all(item is None for item in data):
            return [(symbol,) for symbol in every]
        return None

    def others(self, names: Mapping[str, object]) -> Iterator[tuple[str, Value]]:
        """What is written and not among `names`, which the plan has: it is known only after apply."""
        if isinstance(self.value, MapValue):
            yield from ((name, value) for name, value in self.value.entries.items() if name not in names)
        elif self.value is None and isinstance(self.expression, dict):
            for name in self.expression:
                if name not in names:
                    yield name, self.member(name, None).unknown(name)


def is_partly_unknown(value: Value) -> bool:
    """Whether something in `value`, at any depth, is not known for sure."""
    todo: list[Value] = [value]
    while todo:
        at = todo.pop()
        if isinstance(at, Unknown | Text | Choice):
            return True
        if isinstance(at, ListValue):
            if at.rest is not None:
                return True
            todo += at.elements
        elif isinstance(at, MapValue):
            if at.rest is not None:
                return True
            todo += at.entries.values()
    return False


def _may_be(expression: object, item: object) -> bool:
    """Whether a nested block may be this object: all constants in it agree."""
    if not isinstance(expression, dict) or not isinstance(item, dict):
        return False
    for name, inner in expression.items():
        if isinstance(inner, dict) and item.get(name) != inner.get("constant_value", item.get(name)):
            return False
    return True


def _has_resource(references: Iterable[Symbol]) -> bool:
    return any(symbol.resource is not None for symbol in references)
