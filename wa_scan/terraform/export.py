"""Terraform's values as the rest of wa-scan sees them."""

from collections.abc import Iterable
from decimal import Decimal

from wa_scan.terraform.bodies import BlockList, EvaluatedBody
from wa_scan.terraform.rooting import rooted
from wa_scan.terraform.symbolic import DeferredData, OpenData, settled
from wa_scan.terraform.values import ChoiceData, TfValue, UnknownData
from wa_scan.values import (
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
)
from wa_scan.values.kinds import NO_REFERENCES, Scalar

DEEPEST = 200


class Exporter:
    """Converts values, each distinct one once: what is shared before is shared after."""

    def __init__(self) -> None:
        # The value is kept beside its result, so that its id stays its own.
        self._values: dict[int, tuple[TfValue, Value]] = {}
        self._elements: dict[int, tuple[tuple[TfValue, ...], tuple[Value, ...]]] = {}
        self._entries: dict[int, tuple[dict[str, TfValue], dict[str, Value]]] = {}
        self._bodies: dict[int, tuple[EvaluatedBody, MapValue]] = {}
        self._blocks: dict[int, tuple[BlockList, ListValue]] = {}
        self._depth = 0

    def value(self, value: TfValue) -> Value:
        found = self._values.get(id(value))
        if found is not None:
            return found[1]
        made = self._make(value)
        self._values[id(value)] = (value, made)
        return made

    def _make(self, value: TfValue) -> Value:
        if type(value.data) is DeferredData:
            value = settled(value)
        data = value.data
        origin = value.origin
        references = (
            frozenset(mark for mark in value.marks if isinstance(mark, Symbol))
            if value.marks
            else NO_REFERENCES
        )
        if data is None or isinstance(data, str | bool | int):
            return Known(data, origin, references)
        if isinstance(data, Decimal):
            return Known(_scalar(data), origin, references)
        if self._depth > DEEPEST:
            return Unknown(Symbol("a value nested too deeply"), origin=origin, references=references)
        self._depth += 1
        try:
            if isinstance(data, tuple):
                return ListValue(self._all(data), origin, references=references)
            if isinstance(data, dict):
                return MapValue(self._named(data), origin, references=references)
            if isinstance(data, ChoiceData):
                return self._choice(value, data, references)
            return self._unknown(value, data, references)
        finally:
            self._depth -= 1

    def _all(self, data: tuple[TfValue, ...]) -> tuple[Value, ...]:
        found = self._elements.get(id(data))
        if found is None:
            found = self._elements[id(data)] = (data, tuple([self.value(item) for item in data]))
        return found[1]

    def _named(self, data: dict[str, TfValue]) -> dict[str, Value]:
        found = self._entries.get(id(data))
        if found is None:
            made = {key: self.value(item) for key, item in data.items()}
            found = self._entries[id(data)] = (data, made)
        return found[1]

    def _choice(self, value: TfValue, data: ChoiceData, references: frozenset[Symbol]) -> Value:
        if_true = self._placed(data.if_true, value.origin)
        if_false = self._placed(data.if_false, value.origin)
        made = choose(data.guard, if_true, if_false, value.origin)
        if isinstance(made, Choice) and references:
            made.references = made.references | references
        return made

    def _placed(self, value: TfValue, origin: Origin | None) -> Value:
        """A branch stands where the whole choice does, unless it knows better."""
        if value.origin is None and origin is not None and not isinstance(value.data, tuple | dict):
            return self._make(value.with_origin(origin))
        return self.value(value)

    def _unknown(self, value: TfValue, data: UnknownData, references: frozenset[Symbol]) -> Value:
        if data.parts is not None:
            return self._text(value, data.parts, references)
        symbol = data.symbol
        own = references if isinstance(data, OpenData) and symbol.resource is None else references | {symbol}
        rest = Unknown(symbol, data.reason, value.origin, own, data.never_null)
        if isinstance(data, OpenData) and data.attributes:
            entries = {name: self.value(item) for name, item in data.attributes.items()}
            return MapValue(entries, value.origin, rest, own)
        if isinstance(data.contents, dict):
            return MapValue(self._named(data.contents), value.origin, rest, own)
        if data.contents is not None:
            return ListValue(self._all(data.contents), value.origin, rest, own)
        return rest

    def _text(self, value: TfValue, parts: Iterable["str | TfValue"], references: frozenset[Symbol]) -> Value:
        made: list[str | Unknown] = []
        for part in parts:
            if isinstance(part, str):
                made.append(part)
                continue
            shown = self.value(part)
            if isinstance(shown, Unknown):
                made.append(shown)
            elif isinstance(shown, Text):
                made += shown.parts
            else:
                among = shown.all_references()
                named = ", ".join(sorted(symbol.text for symbol in among)) or "condition"
                made.append(Unknown(Symbol(named), references=among))
        text = Text(tuple(made), value.origin)
        if references:
            text.references = text.references | references
        return text

    # --- bodies -------------------------------------------------------------------------------

    def body(self, body: EvaluatedBody) -> MapValue:
        """Attributes and nested blocks under their names; the origin is the block's header."""
        found = self._bodies.get(id(body))
        if found is not None:
            return found[1]
        entries: dict[str, Value] = {name: self._attribute(value) for name, value in body.attributes.items()}
        for kind, blocks in body.blocks.items():
            entries[kind] = self._block_list(kind, blocks)
        made = MapValue(entries, Origin(body.header, "block"))
        self._bodies[id(body)] = (body, made)
        return made

    def _attribute(self, value: TfValue) -> Value:
        made = self.value(value)
        if isinstance(made, ListValue | MapValue) and value.origin is not None:
            return rooted(made, value.origin)
        return made

    def _block_list(self, kind: str, blocks: BlockList) -> ListValue:
        found = self._blocks.get(id(blocks))
        if found is not None:
            return found[1]
        elements: list[Value] = []
        for body, guard in blocks.elements:
            inner = self.body(body)
            origin = Origin(body.header, f"block {kind}")
            placed = MapValue(inner.entries, origin, inner.rest, inner.references)
            elements.append(
                placed if guard is Guard.ALWAYS else choose(guard, placed, Known(None, origin), origin)
            )
        rest = self.value(blocks.rest) if blocks.rest is not None else None
        origin_of_list = elements[0].origin if elements else None
        made = ListValue(elements, origin_of_list, rest if isinstance(rest, Unknown) else None)
        self._blocks[id(blocks)] = (blocks, made)
        return made


def _scalar(data: Decimal) -> Scalar:
    if data.is_finite() and data.adjusted() < 400 and data == data.to_integral_value():
        return int(data)
    return float(data)
