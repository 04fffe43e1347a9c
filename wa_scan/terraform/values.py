"""Terraform's values while they are evaluated: cty's, and what they know of themselves besides.

Private to this package; `export` turns them into `wa_scan.values`.
"""

from decimal import Decimal
from enum import Enum

from wa_scan.terraform.types import BOOL, DYNAMIC, NUMBER, STRING, Type
from wa_scan.values import Guard, Origin, Symbol
from wa_scan.values.kinds import Reason

Number = int | Decimal


class Mark(Enum):
    """Properties that spread from operands to results, as in cty."""

    SENSITIVE = "sensitive"
    EPHEMERAL = "ephemeral"


Marks = frozenset[Mark | Symbol]
NO_MARKS: Marks = frozenset()


class UnknownData:
    """`data` of a value that is not known: its symbol and what is known all the same."""

    __slots__ = ("never_null", "parts", "reason", "symbol")

    def __init__(
        self,
        symbol: Symbol,
        reason: Reason = Reason.COMPUTED,
        never_null: bool = False,
        parts: "tuple[str | TfValue, ...] | None" = None,
    ) -> None:
        self.symbol = symbol
        self.reason = reason
        self.never_null = never_null
        # For a string of which some is known: literal texts and unknown strings, in order.
        self.parts = parts


class ChoiceData:
    """`data` of a conditional whose condition is not known."""

    __slots__ = ("guard", "if_false", "if_true")

    def __init__(self, guard: Guard, if_true: "TfValue", if_false: "TfValue") -> None:
        self.guard = guard
        self.if_true = if_true
        self.if_false = if_false


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

    def with_origin(self, origin: Origin | None) -> "TfValue":
        return TfValue(self.type, self.data, self.marks, origin)

    def with_marks(self, marks: Marks) -> "TfValue":
        return self if marks <= self.marks else TfValue(
            self.type, self.data, self.marks | marks, self.origin
        )

    def __repr__(self) -> str:
        return f"TfValue({self.type}, {self.data!r})"


Data = (
    None
    | str
    | bool
    | int
    | Decimal
    | tuple[TfValue, ...]
    | dict[str, TfValue]
    | UnknownData
    | ChoiceData
)

TRUE = TfValue(BOOL, True)
FALSE = TfValue(BOOL, False)
NULL = TfValue(DYNAMIC, None)


def string(text: str, origin: Origin | None = None) -> TfValue:
    return TfValue(STRING, text, NO_MARKS, origin)


def number(value: Number, origin: Origin | None = None) -> TfValue:
    return TfValue(NUMBER, value, NO_MARKS, origin)


def boolean(value: bool) -> TfValue:
    return TRUE if value else FALSE
