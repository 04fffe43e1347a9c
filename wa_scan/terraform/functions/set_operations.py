"""Functions on sets, and the product of several."""

from collections.abc import Callable, Hashable, Sequence
from itertools import product
from math import prod

from wa_scan.terraform.convert import convert, unify
from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.functions.collections import MAX_ELEMENTS, all_marks
from wa_scan.terraform.functions.signature import (
    Context,
    Needs,
    Parameter,
    any_parameter,
    elements,
    function,
    refuse,
    unknown_call,
)
from wa_scan.terraform.sets import Identities, set_of
from wa_scan.terraform.types import DYNAMIC, ListType, SetType, TupleType, Type
from wa_scan.terraform.values import Survey, TfValue, UnknownData, list_of, tuple_of

_FIRST = Parameter("first_set", SetType(DYNAMIC))
_OTHERS = Parameter("other_sets", SetType(DYNAMIC))
# What is in any of them is in the union, known or not.
_FIRST_OPEN = Parameter("first_set", SetType(DYNAMIC), needs=Needs.RESOLVED)
_OTHERS_OPEN = Parameter("other_sets", SetType(DYNAMIC), needs=Needs.RESOLVED)


def _common_set(arguments: Sequence[TfValue]) -> Type:
    """The type of the result; sets that are empty and know no element type do not count."""
    types = [value.type for value in arguments if not (value.type is SetType(DYNAMIC) and value.data == ())]
    if not types:
        return SetType(DYNAMIC)
    found = unify(types)
    if found is None:
        raise EvaluationError("the given sets must all have compatible element types")
    return found


def _combine(
    arguments: Sequence[TfValue],
    keep: Callable[[list[dict[Hashable, TfValue]]], list[TfValue]],
) -> TfValue:
    type_ = _common_set(arguments)
    assert isinstance(type_, SetType)
    if any(isinstance(value.data, UnknownData) for value in arguments):
        return unknown_call("setunion", arguments, type_)
    identities = Identities()
    converted = [convert(value, type_) for value in arguments]
    sets = [{identities.of(item): item for item in elements(value)} for value in converted]
    return set_of(type_.element, keep(sets))


@function("setunion", _FIRST_OPEN, variadic=_OTHERS_OPEN, returns=_common_set, hands_on=True)
def _setunion(arguments: Sequence[TfValue], context: Context) -> TfValue:
    return _combine(arguments, lambda sets: [item for each in sets for item in each.values()])


@function("setintersection", _FIRST, variadic=_OTHERS, returns=_common_set, hands_on=True)
def _setintersection(arguments: Sequence[TfValue], context: Context) -> TfValue:
    return _combine(
        arguments,
        lambda sets: [item for key, item in sets[0].items() if all(key in each for each in sets)],
    )


@function(
    "setsubtract",
    Parameter("a", SetType(DYNAMIC)),
    Parameter("b", SetType(DYNAMIC)),
    returns=_common_set,
    hands_on=True,
)
def _setsubtract(arguments: Sequence[TfValue], context: Context) -> TfValue:
    return _combine(arguments, lambda sets: [item for key, item in sets[0].items() if key not in sets[1]])


@function("setproduct", variadic=any_parameter("sets", Needs.NOTHING, keeps_marks=True), returns=DYNAMIC)
def _setproduct(arguments: Sequence[TfValue], context: Context) -> TfValue:
    if len(arguments) < 2:
        raise EvaluationError("at least two arguments are required")
    kinds: list[Type] = []
    for position, value in enumerate(arguments):
        type_ = value.type
        if isinstance(type_, SetType | ListType):
            kinds.append(type_.element)
        elif isinstance(type_, TupleType):
            common = unify(type_.elements) if type_.elements else DYNAMIC
            if common is None:
                raise refuse("all elements must be of the same type", position)
            kinds.append(common)
        elif type_ is DYNAMIC:
            return unknown_call("setproduct", arguments, DYNAMIC)
        else:
            raise refuse("a set or a list is required", position)
    element = TupleType(kinds)
    is_set = any(isinstance(value.type, SetType) for value in arguments)
    if any(_open_length(value) for value in arguments):
        return unknown_call("setproduct", arguments, SetType(element) if is_set else ListType(element))
    if prod(len(elements(value)) for value in arguments) * len(arguments) > MAX_ELEMENTS:
        raise LimitReachedError("the product would have too many elements")
    columns = [
        [convert(item, kind) for item in elements(value)]
        for value, kind in zip(arguments, kinds, strict=True)
    ]
    rows = [tuple_of(row) for row in product(*columns)]
    made = set_of(element, rows) if is_set else list_of(element, rows)
    return made.with_marks(all_marks(arguments))


def _open_length(value: TfValue) -> bool:
    """Whether it is not known how many elements there are."""
    if isinstance(value.data, UnknownData):
        return True
    if not isinstance(value.type, SetType) or len(elements(value)) < 2:
        return False
    survey = Survey(value)
    return survey.unknown is not None or survey.has_choice
