"""How a function is declared: its parameters, what it returns, and what it can do with
arguments that are not wholly known.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from wa_scan.terraform.equality import reason_of
from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.symbols import call_symbol
from wa_scan.terraform.types import DYNAMIC, NUMBER, STRING, ListType, Type
from wa_scan.terraform.values import (
    NO_MARKS,
    Marks,
    Number,
    TfValue,
    UnknownData,
    boolean,
    list_of,
    null,
    number,
    string,
)
from wa_scan.values.kinds import Reason

if TYPE_CHECKING:
    from wa_scan.terraform.functions.filesystem import FileAccess

RenderTemplate = Callable[[str, str, Mapping[str, TfValue]], TfValue]
"""Renders a template: its text, the path to show for it, the variables it may use."""


class Needs(Enum):
    """How much of an argument must be known, or else the result is not."""

    DEEP = "everything inside it"
    SHALLOW = "itself: the function does not look at its elements, but may hand them on"
    RESOLVED = "which branch every choice inside it takes; unknown values may remain"
    NOTHING = "nothing: the function deals with unknown values itself"


@dataclass(frozen=True, slots=True)
class Parameter:
    """`type`: what arguments are converted to. `nullable`: null is let through.

    `keeps_marks`: the function itself carries over the marks of the argument (cty's AllowMarked);
    otherwise those of the argument and of all that is inside become marks of the result.
    """

    name: str
    type: Type
    nullable: bool = False
    needs: Needs = Needs.DEEP
    keeps_marks: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What functions may use besides their arguments."""

    files: "FileAccess | None" = None
    render_template: RenderTemplate | None = None


Implementation = Callable[[Sequence[TfValue], Context], TfValue]
ReturnType = Callable[[Sequence[TfValue]], Type]


@dataclass(frozen=True, slots=True)
class Signature:
    """`returns`: the type of the result, or what works it out from the arguments (and may refuse
    them) before their values are known. `never_null`: an unknown result is sure to be something.
    `hands_on`: the elements of the result are elements of arguments, with their own symbols, so that
    the result as a whole need not have them.
    """

    name: str
    parameters: tuple[Parameter, ...]
    variadic: Parameter | None
    returns: Type | ReturnType
    implementation: Implementation
    never_null: bool = True
    impure: bool = False
    hands_on: bool = False


FUNCTIONS: dict[str, Signature] = {}

Plain = str | bool | Number | Sequence[str] | None
PlainImplementation = Callable[..., Plain]


def function(
    name: str,
    *parameters: Parameter,
    returns: Type | ReturnType,
    variadic: Parameter | None = None,
    never_null: bool = True,
    impure: bool = False,
    hands_on: bool = False,
) -> Callable[[Implementation], Implementation]:
    """Registers a function on values: it gets the converted arguments."""

    def register(implementation: Implementation) -> Implementation:
        FUNCTIONS[name] = Signature(
            name, parameters, variadic, returns, implementation, never_null, impure, hands_on
        )
        return implementation

    return register


def plain(
    name: str, *parameters: Parameter, returns: Type, variadic: Parameter | None = None
) -> Callable[[PlainImplementation], PlainImplementation]:
    """Registers a function on known scalars: it gets and gives plain Python data.

    Lists and sets of text are given as a list and may be returned as one.
    """

    def register(implementation: PlainImplementation) -> PlainImplementation:
        def on_values(arguments: Sequence[TfValue], context: Context) -> TfValue:
            return wrap(implementation(*(value.data for value in arguments)), returns)

        FUNCTIONS[name] = Signature(name, parameters, variadic, returns, on_values)
        return implementation

    return register


def wrap(data: Plain, type_: Type) -> TfValue:
    """Plain data as a value of type `type_`."""
    if isinstance(data, str):
        return string(data)
    if isinstance(data, bool):
        return boolean(data)
    if isinstance(data, Number):
        return number(data)
    if data is None:
        return null(type_)
    assert isinstance(type_, ListType)
    return list_of(STRING, map(string, data))


def elements(value: TfValue) -> tuple[TfValue, ...]:
    """The elements of a known list, set or tuple."""
    assert isinstance(value.data, tuple)
    return value.data


def entries(value: TfValue) -> Iterator[tuple[str, TfValue]]:
    """The entries of a known map or object in the order of their keys."""
    data = value.data
    assert isinstance(data, dict)
    for key in sorted(data):
        yield key, data[key]


def text(value: TfValue) -> str:
    """The text of a known string."""
    assert isinstance(value.data, str)
    return value.data


def texts(value: TfValue, argument: int | None = None) -> list[str]:
    """The texts of a known list of strings. Raises where one is null."""
    found = []
    for item in elements(value):
        if not isinstance(item.data, str):
            raise EvaluationError("an element is null; a list of text is required", None, argument)
        found.append(item.data)
    return found


def integer(value: TfValue, argument: int | None = None) -> int:
    """A known whole number of 64 bits. Raises for all others."""
    data = value.data
    if isinstance(data, int):
        if not -(2**63) <= data < 2**63:
            raise EvaluationError("a whole number of at most 64 bits is required", None, argument)
        return data
    if isinstance(data, Number) and data == 0:
        return 0
    raise EvaluationError("a whole number is required", None, argument)


def unknown_call(
    name: str,
    arguments: Sequence[TfValue],
    type_: Type,
    reason: Reason | None = None,
    never_null: bool = True,
) -> TfValue:
    """The unknown value that `name(arguments)` stands for, with the marks of the arguments."""
    marks: Marks = NO_MARKS
    for value in arguments:
        if value.marks:
            marks = marks | value.marks
    if reason is None:
        reason = reason_of(*arguments)
    data = UnknownData(call_symbol(name, arguments), reason, never_null and type_ is not DYNAMIC)
    return TfValue(type_, data, marks)


def refuse(message: str, argument: int | None = None) -> EvaluationError:
    """The error about the argument at the 0-based index `argument`."""
    return EvaluationError(message, None, argument)


def limited(message: str, argument: int | None = None) -> LimitReachedError:
    """As `refuse`, for what Terraform takes and is too much for wa-scan."""
    return LimitReachedError(message, None, argument)


# What most parameters are.
def string_parameter(name: str) -> Parameter:
    return Parameter(name, STRING)


def number_parameter(name: str) -> Parameter:
    return Parameter(name, NUMBER)


def any_parameter(
    name: str, needs: Needs = Needs.DEEP, nullable: bool = False, keeps_marks: bool = False
) -> Parameter:
    return Parameter(name, DYNAMIC, nullable, needs, keeps_marks)
