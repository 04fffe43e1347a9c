"""Terraform's values while they are evaluated: cty's, and what they know of themselves besides.

Private to this package; `export` turns them into `wa_scan.values`.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from unicodedata import normalize

from wa_scan.terraform.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    TupleType,
    Type,
)
from wa_scan.values import Guard, Origin, Symbol
from wa_scan.values.kinds import Reason

Number = int | Decimal


class Mark(Enum):
    """Properties that spread from operands to results, as in cty.

    WITHHELD: an output of a module says `sensitive`. To Terraform 1.11.4 the value is like any other where
    the module is called; it is not shown all the same.
    """

    SENSITIVE = "sensitive"
    EPHEMERAL = "ephemeral"
    WITHHELD = "withheld"


Marks = frozenset[Mark | Symbol]
NO_MARKS: Marks = frozenset()
SENSITIVE: Marks = frozenset((Mark.SENSITIVE,))
# What is not to be shown.
SECRET: Marks = frozenset((Mark.SENSITIVE, Mark.WITHHELD))


def sensitivity(marks: Marks) -> Marks:
    """Without the symbols of resources."""
    return frozenset(mark for mark in marks if isinstance(mark, Mark))


class UnknownData:
    """`data` of a value that is not known: its symbol and what is known all the same."""

    __slots__ = ("contents", "never_null", "parts", "reason", "symbol")

    def __init__(
        self,
        symbol: Symbol,
        reason: Reason = Reason.COMPUTED,
        never_null: bool = False,
        parts: "tuple[str | TfValue, ...] | None" = None,
        contents: "tuple[TfValue, ...] | dict[str, TfValue] | None" = None,
    ) -> None:
        self.symbol = symbol
        self.reason = reason
        self.never_null = never_null
        # For a string of which some is known: literal texts and unknown strings, in order.
        self.parts = parts
        # For a map or a list of which some is known: entries that are surely there, or elements that
        # surely are among the others, in this order.
        self.contents = contents

    def __repr__(self) -> str:
        return f"<{self.symbol.text}>"


class ChoiceData:
    """`data` of a conditional whose condition is not known."""

    __slots__ = ("guard", "if_false", "if_true")

    def __init__(self, guard: Guard, if_true: "TfValue", if_false: "TfValue") -> None:
        self.guard = guard
        self.if_true = if_true
        self.if_false = if_false

    def __repr__(self) -> str:
        return f"({self.guard} ? {self.if_true!r} : {self.if_false!r})"


class TfValue:
    """A value of a Terraform expression; never changed once made.

    `data`: None for null; str (NFC), bool or Number; a tuple of values for lists, sets (in
    Terraform's order, without duplicates) and tuples; a dict by key for maps and objects;
    `UnknownData`; `ChoiceData`. `marks`: sensitivity, and the symbols of the resources whose
    attributes went into it. `origin`: where it was written and the way it came.
    """

    __slots__ = ("data", "marks", "origin", "type")

    def __init__(
        self,
        type: Type,
        data: "Data",
        marks: Marks = NO_MARKS,
        origin: Origin | None = None,
    ) -> None:
        self.type = type
        self.data = data
        self.marks = marks
        self.origin = origin

    @property
    def is_null(self) -> bool:
        return self.data is None

    @property
    def is_unknown(self) -> bool:
        """Not known itself; its elements may be unknown all the same."""
        return isinstance(self.data, UnknownData)

    @property
    def is_choice(self) -> bool:
        return isinstance(self.data, ChoiceData)

    def with_origin(self, origin: Origin | None) -> "TfValue":
        return TfValue(self.type, self.data, self.marks, origin)

    def with_marks(self, marks: Marks) -> "TfValue":
        """With `marks` added."""
        if marks <= self.marks:
            return self
        return TfValue(self.type, self.data, self.marks | marks, self.origin)

    def without_marks(self, marks: Marks) -> "TfValue":
        """With `marks` taken off this value itself; what is inside keeps them."""
        if not marks & self.marks:
            return self
        return TfValue(self.type, self.data, self.marks - marks, self.origin)

    def __repr__(self) -> str:
        return f"TfValue({self.type!r}, {_shown(self.data, 3)})"


def _shown(data: object, depth: int) -> str:
    """For people; not all of it where it is deep, since what is shared may be huge written out."""
    if not isinstance(data, tuple | dict):
        return repr(data)
    if not depth or len(data) > 20:
        return f"({len(data)} elements)"
    if isinstance(data, tuple):
        return f"({', '.join(_shown(item.data, depth - 1) for item in data)})"
    inside = (f"{key!r}: {_shown(item.data, depth - 1)}" for key, item in data.items())
    return f"{{{', '.join(inside)}}}"


Data = None | str | bool | int | Decimal | tuple[TfValue, ...] | dict[str, TfValue] | UnknownData | ChoiceData

TRUE = TfValue(BOOL, True)
FALSE = TfValue(BOOL, False)
NULL = TfValue(DYNAMIC, None)


def string(text: str, origin: Origin | None = None) -> TfValue:
    """A known text; brought to normal form C, as Terraform does with every text."""
    return TfValue(STRING, normal_form(text), NO_MARKS, origin)


_SURROGATES = re.compile("[\ud800-\udfff]")


def normal_form(text: str) -> str:
    """In normal form C; half a surrogate pair, which is no character, is replaced as Go does."""
    if text.isascii():
        return text
    return normalize("NFC", _SURROGATES.sub("\ufffd", text))


def number(value: Number, origin: Origin | None = None) -> TfValue:
    return TfValue(NUMBER, value, NO_MARKS, origin)


def boolean(value: bool) -> TfValue:
    return TRUE if value else FALSE


def null(type: Type = DYNAMIC, origin: Origin | None = None) -> TfValue:
    return TfValue(type, None, NO_MARKS, origin)


def tuple_of(elements: Iterable[TfValue], origin: Origin | None = None) -> TfValue:
    """What `[a, b]` gives."""
    items = tuple(elements)
    return TfValue(TupleType(item.type for item in items), items, NO_MARKS, origin)


def object_of(attributes: Mapping[str, TfValue], origin: Origin | None = None) -> TfValue:
    """What `{a = 1}` gives."""
    items = {key: attributes[key] for key in sorted(attributes)}
    return TfValue(ObjectType((key, item.type) for key, item in items.items()), items, NO_MARKS, origin)


def list_of(element: Type, elements: Iterable[TfValue], origin: Origin | None = None) -> TfValue:
    """A list whose elements all have the type `element` already."""
    return TfValue(ListType(element), tuple(elements), NO_MARKS, origin)


def map_of(element: Type, entries: Mapping[str, TfValue], origin: Origin | None = None) -> TfValue:
    """A map whose values all have the type `element` already."""
    items = {key: entries[key] for key in sorted(entries)}
    return TfValue(MapType(element), items, NO_MARKS, origin)


def unknown(
    type: Type,
    symbol: Symbol,
    reason: Reason = Reason.COMPUTED,
    never_null: bool = False,
    marks: Marks = NO_MARKS,
    origin: Origin | None = None,
) -> TfValue:
    return TfValue(type, UnknownData(symbol, reason, never_null), marks, origin)


_SCALARS = frozenset({str, bool, int, Decimal, type(None)})


class Survey:
    """What is inside a value at any depth, in one walk over what it shares."""

    __slots__ = ("has_choice", "marks", "unknown")

    def __init__(self, value: TfValue) -> None:
        self.marks: Marks = value.marks
        self.unknown: TfValue | None = None
        """The first value found that is not known."""
        self.has_choice = False
        data = value.data
        if isinstance(data, tuple | dict | UnknownData | ChoiceData):
            self._walk(value)

    def _walk(self, value: TfValue) -> None:
        seen: set[int] = set()
        found: set[Mark | Symbol] = set(self.marks)
        todo = [value]
        while todo:
            at = todo.pop()
            if at.marks:
                found |= at.marks
            data = at.data
            if type(data) in _SCALARS:
                continue  # most of what is inside, and this is asked very often
            inside: Iterable[TfValue]
            if isinstance(data, tuple):
                inside = reversed(data)
            elif isinstance(data, dict):
                inside = data.values()
            elif isinstance(data, UnknownData):
                if self.unknown is None:
                    self.unknown = at
                if data.contents is None:
                    continue
                known = data.contents
                inside = known if isinstance(known, tuple) else known.values()
            elif isinstance(data, ChoiceData):
                self.has_choice = True
                inside = (data.if_true, data.if_false)
            else:
                continue
            if id(data) not in seen:
                seen.add(id(data))
                todo += inside
        self.marks = frozenset(found)


def deep_marks(value: TfValue) -> Marks:
    """The marks of a value and of everything inside it."""
    return Survey(value).marks


def is_wholly_known(value: TfValue) -> bool:
    """Whether nothing inside is unknown or a choice."""
    survey = Survey(value)
    return survey.unknown is None and not survey.has_choice
