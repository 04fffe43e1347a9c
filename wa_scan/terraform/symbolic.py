"""Unknown values that know more than their symbol: resources, their blocks, elements of unknown lists.

A reference to a whole resource is unknown to every function and operator (its provider decides what
else it holds), yet `.bucket` of it is what was configured and `.arn` a symbol of its own.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from wa_scan.terraform.errors import EvaluationError, OutputUnavailableError
from wa_scan.terraform.symbols import bounded, element_symbol, quoted
from wa_scan.terraform.types import DYNAMIC, STRING, ListType, MapType, ObjectType, SetType, TupleType, Type
from wa_scan.terraform.values import (
    NO_MARKS,
    ChoiceData,
    Data,
    Marks,
    Number,
    TfValue,
    UnknownData,
)
from wa_scan.values import Guard, Origin, Symbol
from wa_scan.values.kinds import Reason

_OWN_KEY = re.compile(r"\b(each\.(key|value)|count\.index)\b")
# What one value refers to, at most; beyond it only the last reference is kept.
MOST_SYMBOLS = 16


class OpenData(UnknownData):
    """An object of which only some attributes are known: a resource, a nested block of one, a module
    that was not found.

    `attributes` are known; all others are named after `symbol`. What belongs to a resource is marked with
    its symbol, known or not, so that the reference stays visible in whatever is made of it.
    """

    __slots__ = ("attributes",)

    def __init__(
        self,
        symbol: Symbol,
        reason: Reason,
        attributes: Mapping[str, TfValue],
    ) -> None:
        super().__init__(symbol, reason, never_null=True)
        self.attributes = attributes

    def attribute(self, name: str, origin: Origin | None) -> TfValue:
        """`name` of this object: what is configured, marked with its symbol, or an unknown.

        What is null in the configuration is decided by the provider, hence unknown here.
        """
        symbol = attribute_symbol(self.symbol, name)
        found = self.attributes.get(name)
        marks = frozenset((symbol,)) if symbol.resource is not None else NO_MARKS
        if found is None or found.data is None:
            # Marked too, so that what is computed from it still refers to the resource.
            sure = is_identity(name)
            return unknown(symbol, self.reason, STRING if sure else DYNAMIC, sure, origin, marks)
        if len(found.marks) > MOST_SYMBOLS:
            # Along a chain of resources the nearest matters.
            kept = frozenset(mark for mark in found.marks if not isinstance(mark, Symbol))
            found = TfValue(found.type, found.data, kept, found.origin)
        return found.with_marks(marks)


def joined(marks: Marks, others: Marks) -> Marks:
    """The marks of what depends on many values, such as on the condition for each element: of more symbols
    than `MOST_SYMBOLS` the first ones stand for all."""
    if others <= marks:
        return marks
    if len(marks) >= MOST_SYMBOLS:
        others = frozenset(mark for mark in others if not isinstance(mark, Symbol))
    return marks | others


def is_identity(name: str) -> bool:
    """Whether providers always give a computed attribute of this name a value, and that a string."""
    return name in ("id", "arn", "identifier", "cluster_identifier") or name.endswith(("_id", "_arn"))


def open_object(
    symbol: Symbol,
    reason: Reason = Reason.COMPUTED,
    attributes: Mapping[str, TfValue] | None = None,
    origin: Origin | None = None,
) -> TfValue:
    """An object of which only `attributes` are known; others are unknown under symbols of their own."""
    marks = frozenset((symbol,)) if symbol.resource is not None else NO_MARKS
    return TfValue(DYNAMIC, OpenData(symbol, reason, attributes or {}), marks, origin)


def _outer_marks(source: TfValue, data: UnknownData) -> Marks:
    """The marks that an attribute takes over: not that of the object as a whole."""
    return source.marks - {data.symbol} if data.symbol in source.marks else source.marks


def unknown(
    symbol: Symbol | str,
    reason: Reason = Reason.COMPUTED,
    type: Type = DYNAMIC,
    never_null: bool = False,
    origin: Origin | None = None,
    marks: Marks = NO_MARKS,
) -> TfValue:
    """A value of which only the type and what it stands for are known."""
    named = symbol if isinstance(symbol, Symbol) else Symbol(bounded(symbol))
    return TfValue(type, UnknownData(named, reason, never_null), marks, origin)


def attribute_symbol(symbol: Symbol, name: str) -> Symbol:
    """The symbol of an attribute of what `symbol` stands for."""
    return element_symbol(symbol, f".{name}")


def index_symbol(symbol: Symbol, key: str | Number) -> Symbol:
    """The symbol of an element of what `symbol` stands for."""
    return element_symbol(symbol, f"[{quoted(key)}]" if isinstance(key, str) else f"[{key}]")


def attribute_of(source: TfValue, data: UnknownData, name: str, type: Type) -> TfValue:
    """`source.name` where `source` is not known."""
    if isinstance(data, OpenData):
        return data.attribute(name, source.origin).with_marks(_outer_marks(source, data))
    symbol = attribute_symbol(data.symbol, name)
    found = UnknownData(symbol, data.reason)
    return TfValue(type, found, _narrowed(source, data, symbol), source.origin)


def element_of(source: TfValue, data: UnknownData, key: str | Number) -> TfValue:
    """`source[key]` where `source` is not known but `key` is."""
    if isinstance(data, OpenData) and isinstance(key, str):
        return data.attribute(key, source.origin).with_marks(_outer_marks(source, data))
    symbol = index_symbol(data.symbol, key)
    found = UnknownData(symbol, data.reason)
    marks = _narrowed(source, data, symbol)
    return TfValue(element_type(source.type, key), found, marks, source.origin)


def _narrowed(source: TfValue, data: UnknownData, symbol: Symbol) -> Marks:
    """The marks of a part of `source`: its own symbol in place of that of the whole."""
    if data.symbol not in source.marks:
        return source.marks
    return source.marks - {data.symbol} | {symbol}


def element_type(type: Type, key: str | Number) -> Type:
    """The type of `value[key]` for a value of this type; dynamic where that is not known."""
    if isinstance(type, ListType | SetType | MapType):
        return type.element
    if isinstance(type, TupleType) and isinstance(key, int) and 0 <= key < len(type.elements):
        return type.elements[key]
    if isinstance(type, ObjectType) and isinstance(key, str):
        return type.by_name.get(key, DYNAMIC)
    return DYNAMIC


def leaves(value: TfValue) -> int:
    """How many values a choice may be, counted without walking what is shared twice."""
    return _leaves(value, {})


def _leaves(value: TfValue, counted: dict[int, int]) -> int:
    data = value.data
    if not isinstance(data, ChoiceData):
        return 1
    found = counted.get(id(data))
    if found is None:
        found = _leaves(data.if_true, counted) + _leaves(data.if_false, counted)
        counted[id(data)] = found
    return found


def each_leaf(value: TfValue, change: Callable[[TfValue], TfValue]) -> TfValue:
    """A choice between what `change` makes of each value that `value` may be."""
    data = value.data
    if not isinstance(data, ChoiceData):
        return change(value)
    if_true = each_leaf(data.if_true, change)
    if_false = each_leaf(data.if_false, change)
    if if_true is data.if_true and if_false is data.if_false:
        return value
    made: Data = ChoiceData(data.guard, if_true, if_false)
    type = if_true.type if if_true.type is if_false.type else DYNAMIC
    return TfValue(type, made, value.marks | if_true.marks | if_false.marks, value.origin)


def each_possible(
    value: TfValue,
    change: Callable[[TfValue], TfValue],
    doubts: list[Guard] | None,
    guard: Guard = Guard.ALWAYS,
) -> TfValue:
    """What `change` makes of each side of a choice. A side for which Terraform refuses it is left out,
    since nothing is ever deployed there, and its guard goes to `doubts`. Raises where all sides fail.
    """
    data = value.data
    if not isinstance(data, ChoiceData):
        return change(value)
    try:
        if_true = each_possible(data.if_true, change, doubts, guard & data.guard)
    except EvaluationError:
        if_false = each_possible(data.if_false, change, doubts, guard & ~data.guard)
        if doubts is not None:
            doubts.append(guard & data.guard)
        return if_false.with_marks(value.marks)
    try:
        if_false = each_possible(data.if_false, change, doubts, guard & ~data.guard)
    except EvaluationError:
        if doubts is not None:
            doubts.append(guard & ~data.guard)
        return if_true.with_marks(value.marks)
    if if_true is data.if_true and if_false is data.if_false:
        return value
    type = if_true.type if if_true.type is if_false.type else DYNAMIC
    marks = value.marks | if_true.marks | if_false.marks
    return TfValue(type, ChoiceData(data.guard, if_true, if_false), marks, value.origin)


class DeferredData(OpenData):
    """An object whose attributes are worked out when they are asked for: the outputs of another root module.

    `find` gives None for what is not to be known. `is_complete`: there are no attributes but `names`.
    """

    __slots__ = ("_find", "_is_complete", "_names")

    def __init__(
        self,
        symbol: Symbol,
        reason: Reason,
        names: Iterable[str],
        find: Callable[[str], TfValue | None],
        is_complete: bool,
    ) -> None:
        super().__init__(symbol, reason, {})
        self._names = frozenset(names)
        self._find = find
        self._is_complete = is_complete

    def attribute(self, name: str, origin: Origin | None) -> TfValue:
        found = self._find(name) if name in self._names else None
        if found is not None and found.data is not None:
            return found.with_marks(frozenset((attribute_symbol(self.symbol, name),)))
        if self._is_complete and (found is not None or name not in self._names):
            raise OutputUnavailableError(f'there is no "{name}" in {self.symbol.text}')
        return super().attribute(name, origin)

    def whole(self) -> TfValue:
        """The object with all its attributes, of which those that are null are none."""
        found = {name: self._find(name) for name in sorted(self._names)}
        known = {
            name: super(DeferredData, self).attribute(name, None) if value is None else value
            for name, value in found.items()
            if value is None or value.data is not None
        }
        if self._is_complete:
            return TfValue(ObjectType((name, value.type) for name, value in known.items()), known)
        return open_object(self.symbol, self.reason, known)


def settled(value: TfValue) -> TfValue:
    """`value`, worked out as a whole where that was deferred."""
    data = value.data
    if isinstance(data, DeferredData):
        return data.whole().with_marks(value.marks).with_origin(value.origin)
    return value


class RepeatedData(UnknownData):
    """A collection of objects of which it is not known how many there are; `member` stands for each.

    `exists`: when there is one at all, None where that has no name yet.
    """

    __slots__ = ("exists", "member")

    def __init__(self, symbol: Symbol, member: TfValue, exists: Guard | None = None) -> None:
        reason = member.data.reason if isinstance(member.data, UnknownData) else Reason.COMPUTED
        super().__init__(symbol, reason, never_null=True)
        self.member = member
        self.exists = exists

    def at(self, key: str | Number) -> TfValue:
        """The member with this key, if there is one."""
        data = self.member.data
        if not isinstance(data, OpenData):
            return self.member
        shown = f"[{quoted(key)}]" if isinstance(key, str) else f"[{key}]"
        symbol = Symbol(self.symbol.text + shown, data.symbol.resource)
        return open_object(symbol, data.reason, data.attributes, self.member.origin)

    def under(self, key: str) -> TfValue | None:
        """The member under a key that is not known, displayed as `key`; None where members are no objects."""
        data = self.member.data
        if not isinstance(data, OpenData):
            return None
        attributes = {name: value for name, value in data.attributes.items() if not _is_of_one(value.data)}
        symbol = Symbol(bounded(f"{self.symbol.text}[{key}]"), data.symbol.resource)
        return open_object(symbol, data.reason, attributes, self.member.origin)


def _is_of_one(data: Data) -> bool:
    """Whether this is unknown for the key of the very instance that it was evaluated for."""
    return isinstance(data, UnknownData) and _OWN_KEY.search(data.symbol.text) is not None
