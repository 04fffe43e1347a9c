"""Functions that convert, and those about sensitivity."""

from collections.abc import Sequence

from wa_scan.terraform.convert import convert
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.functions.signature import (
    Context,
    Implementation,
    Needs,
    any_parameter,
    function,
    refuse,
)
from wa_scan.terraform.types import (
    BOOL,
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
from wa_scan.terraform.values import (
    SECRET,
    SENSITIVE,
    ChoiceData,
    Mark,
    TfValue,
    UnknownData,
    boolean,
    object_of,
    tuple_of,
)

_ANY = any_parameter("v", Needs.NOTHING, nullable=True, keeps_marks=True)
_VALUE = any_parameter("value", Needs.NOTHING, nullable=True, keeps_marks=True)


def _conversion(wanted: Type) -> Implementation:
    def to_wanted(arguments: Sequence[TfValue], context: Context) -> TfValue:
        try:
            return convert(arguments[0], wanted)
        except EvaluationError as error:
            raise refuse(f'invalid value for "v": {error.message}', 0) from None

    return to_wanted


for _name, _type in (
    ("tostring", STRING),
    ("tonumber", NUMBER),
    ("tobool", BOOL),
    ("tolist", ListType(DYNAMIC)),
    ("toset", SetType(DYNAMIC)),
    ("tomap", MapType(DYNAMIC)),
):
    function(_name, _ANY, returns=_type)(_conversion(_type))


@function("sensitive", _VALUE, returns=DYNAMIC)
def _sensitive(arguments: Sequence[TfValue], context: Context) -> TfValue:
    return arguments[0].with_marks(SENSITIVE)


@function("nonsensitive", _VALUE, returns=DYNAMIC)
def _nonsensitive(arguments: Sequence[TfValue], context: Context) -> TfValue:
    return arguments[0].without_marks(SECRET)


@function("issensitive", _VALUE, returns=BOOL)
def _issensitive(arguments: Sequence[TfValue], context: Context) -> TfValue:
    return boolean(Mark.SENSITIVE in arguments[0].marks)


@function("ephemeralasnull", _VALUE, returns=DYNAMIC, never_null=False)
def _ephemeralasnull(arguments: Sequence[TfValue], context: Context) -> TfValue:
    return _without_ephemeral(arguments[0], {})


def _without_ephemeral(value: TfValue, memo: dict[int, TfValue]) -> TfValue:
    if Mark.EPHEMERAL in value.marks:
        return TfValue(value.type, None, value.marks - {Mark.EPHEMERAL}, value.origin)
    data = value.data
    if isinstance(data, UnknownData | ChoiceData) or not isinstance(data, tuple | dict):
        return value
    found = memo.get(id(value))
    if found is None:
        found = memo[id(value)] = _without_ephemeral_inside(value, data, memo)
    return found


def _without_ephemeral_inside(
    value: TfValue, data: tuple[TfValue, ...] | dict[str, TfValue], memo: dict[int, TfValue]
) -> TfValue:
    inside = data if isinstance(data, tuple) else data.values()
    items = [_without_ephemeral(item, memo) for item in inside]
    if all(one is other for one, other in zip(items, inside, strict=True)):
        return value
    if isinstance(data, dict):
        entries = dict(zip(data, items, strict=True))
        if isinstance(value.type, ObjectType):
            return object_of(entries, value.origin).with_marks(value.marks)
        return TfValue(value.type, entries, value.marks, value.origin)
    if isinstance(value.type, TupleType):
        return tuple_of(items, value.origin).with_marks(value.marks)
    return TfValue(value.type, tuple(items), value.marks, value.origin)
