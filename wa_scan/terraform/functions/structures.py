"""Functions on maps and objects, and those that make them."""

from collections.abc import Sequence

from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.functions.collections import all_marks
from wa_scan.terraform.functions.signature import (
    Context,
    Needs,
    Parameter,
    any_parameter,
    elements,
    entries,
    function,
    refuse,
    text,
    texts,
    unknown_call,
)
from wa_scan.terraform.symbols import element_symbol, quoted
from wa_scan.terraform.types import DYNAMIC, STRING, ListType, MapType, ObjectType, TupleType, Type
from wa_scan.terraform.values import (
    Survey,
    TfValue,
    UnknownData,
    list_of,
    map_of,
    object_of,
    string,
    tuple_of,
    unknown,
)


@function(
    "merge",
    variadic=any_parameter("maps", Needs.NOTHING, nullable=True, keeps_marks=True),
    returns=DYNAMIC,
    never_null=False,
)
def _merge(arguments: Sequence[TfValue], context: Context) -> TfValue:
    if not arguments:
        return object_of({})
    first = arguments[0].type
    matching = True
    known = True
    for position, value in enumerate(arguments):
        type_ = value.type
        if type_ is DYNAMIC:
            known = known and value.data is None
            matching = False
            continue
        if not isinstance(type_, MapType | ObjectType):
            untyped = any(before.type is DYNAMIC for before in arguments[:position])
            if untyped and any(isinstance(other.data, UnknownData) for other in arguments):
                # Terraform does not look at what follows something that has no type yet.
                return unknown_call("merge", arguments, DYNAMIC, never_null=False)
            raise refuse("arguments must be maps or objects", position)
        matching = matching and type_ is first
        known = known and not isinstance(value.data, UnknownData)
    if not known:
        return _partly_merged(arguments, first if matching else DYNAMIC)
    found: dict[str, TfValue] = {}
    for value in arguments:
        if isinstance(value.data, dict):
            found.update(value.data)
    marks = all_marks(arguments)
    if matching and isinstance(first, MapType):
        return map_of(first.element, found).with_marks(marks)
    return object_of(found).with_marks(marks)


def _partly_merged(arguments: Sequence[TfValue], type_: Type) -> TfValue:
    """What is surely in a merged map of which some parts are not known. What an unknown part may
    replace is there, but unknown.
    """
    found = unknown_call("merge", arguments, type_, never_null=False)
    data = found.data
    assert isinstance(data, UnknownData)
    contents: dict[str, TfValue] = {}
    for value in arguments:
        given = value.data
        if isinstance(given, UnknownData):
            for key in contents:
                symbol = element_symbol(data.symbol, f"[{quoted(key)}]")
                contents[key] = unknown(DYNAMIC, symbol, data.reason)
            given = given.contents
        if isinstance(given, dict):
            contents.update((key, item.with_marks(value.marks)) for key, item in given.items())
    if not contents:
        return found
    partly = UnknownData(data.symbol, data.reason, data.never_null, None, contents)
    return TfValue(type_, partly, found.marks)


def _zipped_type(arguments: Sequence[TfValue]) -> Type:
    type_ = arguments[1].type
    if type_ is not DYNAMIC and not isinstance(type_, ListType | TupleType):
        raise refuse("values argument must be a list or tuple value", 1)
    return MapType(type_.element) if isinstance(type_, ListType) else DYNAMIC


@function(
    "zipmap",
    Parameter("keys", ListType(STRING), needs=Needs.SHALLOW, keeps_marks=True),
    any_parameter("values", Needs.SHALLOW, keeps_marks=True),
    returns=_zipped_type,
)
def _zipmap(arguments: Sequence[TfValue], context: Context) -> TfValue:
    _zipped_type(arguments)
    keys, values = arguments
    type_ = values.type
    survey = Survey(keys)
    if survey.unknown is not None or survey.has_choice:
        result = MapType(type_.element) if isinstance(type_, ListType) else DYNAMIC
        return unknown_call("zipmap", arguments, result)
    names = texts(keys, 0)
    items = elements(values)
    if len(names) != len(items):
        raise EvaluationError(f"number of keys ({len(names)}) does not match number of values ({len(items)})")
    marks = survey.marks | values.marks
    found = dict(zip(names, items, strict=True))
    if isinstance(type_, ListType):
        return map_of(type_.element, found).with_marks(marks)
    return object_of(found).with_marks(marks)


@function(
    "transpose",
    Parameter("values", MapType(ListType(STRING))),
    returns=MapType(ListType(STRING)),
)
def _transpose(arguments: Sequence[TfValue], context: Context) -> TfValue:
    turned: dict[str, list[TfValue]] = {}
    for key, members in entries(arguments[0]):
        if members.data is None:
            raise refuse("a list in the map is null", 0)
        for member in elements(members):
            if member.data is None:
                raise refuse("an element of a list in the map is null", 0)
            turned.setdefault(text(member), []).append(string(key))
    lists = {key: list_of(STRING, members) for key, members in turned.items()}
    return map_of(ListType(STRING), lists)


def _keys_type(arguments: Sequence[TfValue]) -> Type:
    type_ = arguments[0].type
    if isinstance(type_, MapType):
        return ListType(STRING)
    if isinstance(type_, ObjectType):
        return TupleType([STRING] * len(type_.attributes))
    if type_ is DYNAMIC:
        return DYNAMIC
    raise refuse("must have map or object type", 0)


@function("keys", any_parameter("inputMap", Needs.NOTHING, keeps_marks=True), returns=_keys_type)
def _keys(arguments: Sequence[TfValue], context: Context) -> TfValue:
    source = arguments[0]
    type_ = _keys_type(arguments)
    if isinstance(source.type, ObjectType):
        return tuple_of(map(string, source.type.by_name)).with_marks(source.marks)
    if isinstance(source.data, UnknownData):
        return unknown_call("keys", arguments, type_)
    return list_of(STRING, [string(key) for key, _ in entries(source)]).with_marks(source.marks)


def _values_type(arguments: Sequence[TfValue]) -> Type:
    type_ = arguments[0].type
    if isinstance(type_, MapType):
        return ListType(type_.element)
    if isinstance(type_, ObjectType):
        return TupleType(item for _, item in type_.attributes)
    if type_ is DYNAMIC:
        return DYNAMIC
    raise refuse("values() requires a map as the first argument", 0)


@function("values", any_parameter("mapping", Needs.SHALLOW, keeps_marks=True), returns=_values_type)
def _values(arguments: Sequence[TfValue], context: Context) -> TfValue:
    type_ = _values_type(arguments)
    return TfValue(type_, tuple(item for _, item in entries(arguments[0])), arguments[0].marks)
