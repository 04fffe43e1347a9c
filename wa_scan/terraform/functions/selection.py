"""Functions that pick one of what they are given: it keeps its origin."""

from collections.abc import Sequence

from wa_scan.terraform.convert import convert, unify
from wa_scan.terraform.equality import same
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.functions.collections import all_marks
from wa_scan.terraform.functions.signature import (
    Context,
    Needs,
    Parameter,
    any_parameter,
    elements,
    function,
    integer,
    number_parameter,
    refuse,
    text,
    unknown_call,
)
from wa_scan.terraform.operators import index
from wa_scan.terraform.types import (
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
)
from wa_scan.terraform.values import Survey, TfValue, UnknownData, null, number

_SEQUENCE = any_parameter("list", Needs.NOTHING, keeps_marks=True)


def _element_type(arguments: Sequence[TfValue]) -> Type:
    type_ = arguments[0].type
    if isinstance(type_, SetType):
        raise refuse("cannot read elements from a set: convert it to a list first", 0)
    if type_ is not DYNAMIC and not isinstance(type_, ListType | TupleType):
        raise refuse("cannot read elements from what is no list", 0)
    return type_.element if isinstance(type_, ListType) else DYNAMIC


@function("element", _SEQUENCE, number_parameter("index"), returns=_element_type)
def _element(arguments: Sequence[TfValue], context: Context) -> TfValue:
    _element_type(arguments)
    source, key = arguments
    type_ = source.type
    at = integer(key, 1)
    if isinstance(type_, TupleType):
        length = len(type_.elements)
    elif isinstance(source.data, tuple):
        length = len(source.data)
    else:
        # How it wraps around depends on a length that is not known.
        return unknown_call("element", arguments, getattr(type_, "element", DYNAMIC), never_null=False)
    if length == 0:
        raise refuse("cannot use element with an empty list", 0)
    # The remainder of truncated division, so that multiples of the length below zero are the first.
    if at < 0 and at % length:
        raise refuse("cannot use element with a negative index", 1)
    return index(source, number(at % length))


@function(
    "index", any_parameter("list", Needs.NOTHING), any_parameter("value", Needs.NOTHING), returns=NUMBER
)
def _index(arguments: Sequence[TfValue], context: Context) -> TfValue:
    source, wanted = arguments
    is_list = isinstance(source.type, ListType | TupleType)
    if isinstance(source.data, UnknownData) or isinstance(wanted.data, UnknownData):
        return unknown_call("index", arguments, NUMBER)
    if not is_list:
        raise refuse("argument must be a list or tuple", 0)
    if not elements(source):
        raise refuse("cannot search an empty list", 0)
    for position, item in enumerate(elements(source)):
        found = same(item, wanted)
        if found is None:
            return unknown_call("index", arguments, NUMBER)
        if found:
            return number(position)
    raise EvaluationError("item not found")


@function(
    "lookup",
    any_parameter("inputMap", Needs.NOTHING, keeps_marks=True),
    Parameter("key", STRING, needs=Needs.NOTHING, keeps_marks=True),
    variadic=any_parameter("default", Needs.NOTHING, nullable=True, keeps_marks=True),
    returns=DYNAMIC,
    never_null=False,
)
def _lookup(arguments: Sequence[TfValue], context: Context) -> TfValue:
    source, key, *rest = arguments
    if len(rest) > 1:
        raise EvaluationError("lookup() takes two or three arguments")
    type_ = source.type
    marks = all_marks((source, key))
    default = rest[0] if rest else None
    wanted: Type = DYNAMIC
    if isinstance(type_, MapType):
        wanted = type_.element
        if default is not None:
            try:
                default = convert(default, wanted)
            except EvaluationError:
                raise refuse("the default value must have the same type as the map elements", 2) from None
    elif not isinstance(type_, ObjectType) and type_ is not DYNAMIC:
        raise refuse("lookup() requires a map as the first argument", 0)
    name = key.data
    if isinstance(type_, ObjectType) and isinstance(name, str):
        if name in type_.by_name:
            return index(source, key)
        if default is not None:
            return default.with_marks(marks)
        raise refuse(f'the given object has no attribute "{name}"', 0)
    if isinstance(name, str) and isinstance(source.data, UnknownData):
        contents = source.data.contents
        if isinstance(contents, dict) and name in contents:
            return contents[name].with_marks(marks)
    if isinstance(name, UnknownData) or isinstance(source.data, UnknownData):
        return unknown_call("lookup", arguments, wanted, never_null=False)
    assert isinstance(source.data, dict)
    if text(key) in source.data:
        return source.data[text(key)].with_marks(marks)
    if default is not None:
        return default.with_marks(marks)
    raise refuse(f'the given map has no element with the key "{text(key)}"', 1)


_VALUES = any_parameter("vals", Needs.NOTHING, nullable=True)


@function("coalesce", variadic=_VALUES, returns=DYNAMIC)
def _coalesce(arguments: Sequence[TfValue], context: Context) -> TfValue:
    if not arguments:
        raise EvaluationError("at least one argument is required")
    common = unify([value.type for value in arguments])
    if common is None:
        raise EvaluationError("all arguments must have the same type")
    for position, value in enumerate(arguments):
        try:
            found = value if value.type is common or common is DYNAMIC else convert(value, common)
        except EvaluationError:
            # Terraform takes what does not convert after all for null.
            continue
        data = found.data
        if isinstance(data, UnknownData):
            surely = data.parts is not None and any(isinstance(part, str) for part in data.parts)
            if surely or (data.never_null and common is not STRING and common is not DYNAMIC):
                return found
            if position == len(arguments) - 1:
                return found
            return unknown_call("coalesce", arguments[position:], common)
        if data is None or (data == "" and common is STRING):
            continue
        return found
    raise EvaluationError("no non-null, non-empty-string arguments")


@function("coalescelist", variadic=_VALUES, returns=DYNAMIC)
def _coalescelist(arguments: Sequence[TfValue], context: Context) -> TfValue:
    if not arguments:
        raise EvaluationError("at least one argument is required")
    for position, value in enumerate(arguments):
        if isinstance(value.data, UnknownData):
            break
        if not isinstance(value.type, ListType | TupleType):
            raise refuse("coalescelist arguments must be lists or tuples", position)
    for position, value in enumerate(arguments):
        if isinstance(value.data, UnknownData):
            same = all(other.type is value.type for other in arguments)
            return unknown_call("coalescelist", arguments[position:], value.type if same else DYNAMIC)
        if value.data is not None and elements(value):
            return value
    raise EvaluationError("no non-null, non-empty arguments")


@function("one", _SEQUENCE, returns=DYNAMIC, never_null=False)
def _one(arguments: Sequence[TfValue], context: Context) -> TfValue:
    source = arguments[0]
    type_ = source.type
    if not isinstance(type_, ListType | SetType | TupleType):
        if type_ is DYNAMIC:
            return unknown_call("one", arguments, DYNAMIC)
        raise refuse("must be a list, set, or tuple value with either zero or one elements", 0)
    if isinstance(type_, TupleType):
        if len(type_.elements) > 1:
            raise refuse("must be a list, set, or tuple value with either zero or one elements", 0)
        if not type_.elements:
            return null(DYNAMIC).with_marks(source.marks)
    element = type_.elements[0] if isinstance(type_, TupleType) else type_.element
    if isinstance(source.data, UnknownData):
        return unknown_call("one", arguments, element, never_null=False)
    items = elements(source)
    if not items:
        return null(element).with_marks(source.marks)
    if len(items) > 1:
        if isinstance(type_, SetType) and Survey(source).unknown is not None:
            return unknown_call("one", arguments, element, never_null=False)
        raise refuse("must be a list, set, or tuple value with either zero or one elements", 0)
    return items[0].with_marks(source.marks)
