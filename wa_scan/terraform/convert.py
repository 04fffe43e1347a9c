"""Converting values to type constraints, as cty's `convert` package does.

A value that fits already is given back as it is; what is inside is shared wherever it does not
change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wa_scan.terraform.arithmetic import number_text, parse_number
from wa_scan.terraform.choices import TooManyChoicesError, choose, distribute
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.sets import set_of
from wa_scan.terraform.symbolic import DeferredData, settled
from wa_scan.terraform.symbols import call_symbol
from wa_scan.terraform.type_json import TypeJson, type_to_json
from wa_scan.terraform.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    Primitive,
    SetType,
    TupleType,
    Type,
)
from wa_scan.terraform.unification import conforms, converted_type, has_dynamic, unify, without_optional
from wa_scan.terraform.values import (
    ChoiceData,
    Survey,
    TfValue,
    UnknownData,
    null,
    object_of,
    tuple_of,
)
from wa_scan.values.kinds import Reason

__all__ = [
    "Defaults",
    "TypeJson",
    "apply_defaults",
    "branch_type",
    "conforms",
    "convert",
    "converted_type",
    "to_text",
    "type_to_json",
    "unify",
    "without_optional",
]


def convert(value: TfValue, wanted: Type) -> TfValue:
    """`value` as one of type `wanted`. Raises `EvaluationError` where Terraform would.

    `dynamic` in `wanted` takes what is there; as the element of a collection it becomes the one
    type that all elements convert to. Attributes that `wanted` does not name are dropped, optional
    ones that are missing become null (see `apply_defaults` for their defaults).
    """
    if value.type is wanted or wanted is DYNAMIC:
        return value
    try:
        return _convert(value, wanted, {})
    except RecursionError:
        raise EvaluationError("the value is nested too deeply") from None


# What has been converted already, by id and type: values may share much inside. The value itself is
# kept beside the result, so that its id stays its own.
_Memo = dict[tuple[int, Type], tuple[TfValue, TfValue]]


def _convert(value: TfValue, wanted: Type, memo: _Memo) -> TfValue:
    if value.type is wanted or wanted is DYNAMIC:
        return value
    if type(value.data) is DeferredData:
        value = settled(value)
    data = value.data
    if isinstance(data, ChoiceData):
        return _convert_choice(value, data, wanted, memo)
    if data is None or isinstance(data, UnknownData):
        type_ = converted_type(value.type, wanted)
        if type_ is None:
            raise EvaluationError(_mismatch(value.type, wanted))
        if type_ is value.type:
            return value
        if isinstance(data, UnknownData) and (data.parts is not None or data.contents is not None):
            data = _converted_unknown(data, type_, memo)
        return TfValue(type_, data, value.marks, value.origin)
    if isinstance(wanted, Primitive):
        return _convert_primitive(value, wanted)
    key = (id(value), wanted)
    known = memo.get(key)
    if known is None:
        known = memo[key] = (value, _convert_composite(value, wanted, memo))
    return known[1]


def _convert_composite(value: TfValue, wanted: Type, memo: _Memo) -> TfValue:
    data = value.data
    if isinstance(data, tuple):
        if isinstance(wanted, ListType | SetType):
            return _convert_sequence(value, data, wanted, memo)
        if isinstance(wanted, TupleType):
            return _convert_tuple(value, data, wanted, memo)
    elif isinstance(data, dict):
        if isinstance(wanted, MapType):
            return _convert_map(value, data, wanted, memo)
        if isinstance(wanted, ObjectType):
            return _convert_object(value, data, wanted, memo)
    raise EvaluationError(_mismatch(value.type, wanted))


def _converted_unknown(data: UnknownData, wanted: Type, memo: _Memo) -> UnknownData:
    """With what is known of it, as far as that goes with the other type."""
    parts = data.parts if wanted is STRING else None
    contents: tuple[TfValue, ...] | dict[str, TfValue] | None = None
    if isinstance(data.contents, dict) and isinstance(wanted, MapType):
        element = wanted.element
        contents = {key: _convert(item, element, memo) for key, item in data.contents.items()}
    elif isinstance(data.contents, tuple) and isinstance(wanted, ListType | SetType):
        contents = tuple(_convert(item, wanted.element, memo) for item in data.contents)
    return UnknownData(data.symbol, data.reason, data.never_null, parts, contents)


def _convert_choice(value: TfValue, choice: ChoiceData, wanted: Type, memo: _Memo) -> TfValue:
    if_true, if_false = (_convert(side, wanted, memo) for side in (choice.if_true, choice.if_false))
    if if_true is choice.if_true and if_false is choice.if_false:
        return value
    found = choose(choice.guard, if_true, if_false).with_marks(value.marks)
    return found if value.origin is None else found.with_origin(value.origin)


def _convert_primitive(value: TfValue, wanted: Primitive) -> TfValue:
    data = value.data
    if wanted is STRING:
        text = _scalar_text(value)
        if text is not None:
            return TfValue(STRING, text, value.marks, value.origin)
    elif wanted is NUMBER and isinstance(data, str):
        number = parse_number(data)
        if number is None:
            raise EvaluationError("a number is required")
        return TfValue(NUMBER, number, value.marks, value.origin)
    elif wanted is BOOL and isinstance(data, str):
        if data not in _BOOLS:
            raise EvaluationError("a bool is required")
        return TfValue(BOOL, _BOOLS[data], value.marks, value.origin)
    raise EvaluationError(_mismatch(value.type, wanted))


_BOOLS = {"true": True, "1": True, "false": False, "0": False}


def _scalar_text(value: TfValue) -> str | None:
    data = value.data
    if isinstance(data, str):
        return data
    if isinstance(data, bool):
        return "true" if data else "false"
    if data is None or isinstance(data, tuple | dict | UnknownData | ChoiceData):
        return None
    return number_text(data)


def _element(source: Type, wanted: Type, whole: Type) -> Type:
    """The element type that `wanted` (perhaps `dynamic`) becomes for elements of `source`."""
    if wanted is not DYNAMIC:
        return wanted
    if isinstance(source, ListType | SetType | MapType):
        return source.element
    if isinstance(source, TupleType):
        items: list[Type] = list(source.elements)
    elif isinstance(source, ObjectType):
        items = [item for _, item in source.attributes]
    else:
        raise EvaluationError(_mismatch(source, whole))
    if not items:
        return DYNAMIC
    found = unify(items)
    if found is None:
        raise EvaluationError("all elements must be of the same type")
    return found


def _convert_sequence(
    value: TfValue, data: tuple[TfValue, ...], wanted: ListType | SetType, memo: _Memo
) -> TfValue:
    source = value.type
    element = _element(source, wanted.element, wanted)
    if not data:
        type_ = converted_type(source, wanted)
        if type_ is None:
            raise EvaluationError(_mismatch(source, wanted))
        return value if type_ is source else TfValue(type_, (), value.marks, value.origin)
    if isinstance(wanted, SetType) and any(item.is_choice for item in data):
        # Which elements are the same depends on the branch, so the set as a whole does.
        plain = tuple_of(data)
        if Survey(plain).has_choice:
            try:
                found = distribute(data, lambda items: _convert(tuple_of(items), wanted, {}))
            except TooManyChoicesError:
                type_ = SetType(without_optional(element))
                unknown = UnknownData(call_symbol("toset", [value]), Reason.UNSUPPORTED, True)
                return TfValue(type_, unknown, value.marks, value.origin)
            return found.with_marks(value.marks).with_origin(value.origin)
    items = _uniform([_convert(item, element, memo) for item in data], memo)
    element = _type_of_all(items)
    if isinstance(wanted, SetType):
        made = set_of(element, items, value.origin)
        return made.with_marks(value.marks)
    type_ = ListType(element)
    if type_ is source:
        return value
    return TfValue(type_, tuple(items), value.marks, value.origin)


def _typed_nulls(items: list[TfValue]) -> list[TfValue]:
    """In a map (not in a list) a null without a type takes that of the other elements."""
    types = {item.type for item in items if item.type is not DYNAMIC}
    if len(types) != 1:
        return items
    (only,) = types
    return [
        TfValue(only, None, item.marks, item.origin) if item.data is None and item.type is DYNAMIC else item
        for item in items
    ]


def _uniform(items: list[TfValue], memo: _Memo) -> list[TfValue]:
    """Brings elements that still differ in type (where the constraint says `any`) together."""
    first = items[0].type
    if all(item.type is first for item in items):
        return items
    common = unify([item.type for item in items])
    if common is None:
        raise EvaluationError("all elements must be of the same type")
    if common is not DYNAMIC:
        items = [_convert(item, common, memo) for item in items]
        first = items[0].type
    if any(item.type is not first for item in items) and not any(map(_may_change_type, items)):
        raise EvaluationError("all elements must be of the same type")
    return items


def _may_change_type(item: TfValue) -> bool:
    """Whether something in it is not known, not even its type."""
    survey = Survey(item)
    return (survey.unknown is not None or survey.has_choice) and has_dynamic(item.type)


def _type_of_all(items: Sequence[TfValue]) -> Type:
    first = items[0].type
    return first if all(item.type is first for item in items) else DYNAMIC


def _convert_tuple(value: TfValue, data: tuple[TfValue, ...], wanted: TupleType, memo: _Memo) -> TfValue:
    if not isinstance(value.type, TupleType):
        raise EvaluationError(_mismatch(value.type, wanted))
    if len(data) != len(wanted.elements):
        raise EvaluationError(f"a tuple of {len(wanted.elements)} elements is required")
    items: list[TfValue] = []
    for position, (item, to) in enumerate(zip(data, wanted.elements, strict=True)):
        try:
            items.append(_convert(item, to, memo))
        except EvaluationError as error:
            raise _inside(error, f"element {position}") from None
    type_ = TupleType(item.type for item in items)
    if type_ is value.type:
        return value
    return TfValue(type_, tuple(items), value.marks, value.origin)


def _convert_map(value: TfValue, data: dict[str, TfValue], wanted: MapType, memo: _Memo) -> TfValue:
    source = value.type
    element = _element(source, wanted.element, wanted)
    if not data:
        type_ = converted_type(source, wanted)
        if type_ is None:
            raise EvaluationError(_mismatch(source, wanted))
        return value if type_ is source else TfValue(type_, {}, value.marks, value.origin)
    items: list[TfValue] = []
    for key in data:
        try:
            items.append(_convert(data[key], element, memo))
        except EvaluationError as error:
            raise _inside(error, f'element "{key}"') from None
    items = _uniform(_typed_nulls(items), memo)
    type_ = MapType(_type_of_all(items))
    if type_ is source:
        return value
    return TfValue(type_, dict(zip(data, items, strict=True)), value.marks, value.origin)


def _convert_object(value: TfValue, data: dict[str, TfValue], wanted: ObjectType, memo: _Memo) -> TfValue:
    items: dict[str, TfValue] = {}
    for name, to in wanted.attributes:
        item = data.get(name)
        if item is not None:
            try:
                items[name] = _convert(item, to, memo)
            except EvaluationError as error:
                raise _inside(error, f'attribute "{name}"') from None
        elif name in wanted.optional:
            items[name] = null(without_optional(to), value.origin)
        else:
            raise EvaluationError(f'attribute "{name}" is required')
    type_ = ObjectType((name, item.type) for name, item in items.items())
    if type_ is value.type and all(items[name] is data[name] for name in items):
        return value
    return TfValue(type_, items, value.marks, value.origin)


def _inside(error: EvaluationError, where: str) -> EvaluationError:
    return type(error)(f"{where}: {error.message}", error.location, error.argument)


def _mismatch(source: Type, wanted: Type) -> str:
    if isinstance(wanted, ObjectType) and isinstance(source, ObjectType):
        for name, to in wanted.attributes:
            item = source.by_name.get(name)
            if item is None and name not in wanted.optional:
                return f'attribute "{name}" is required'
            if item is not None and converted_type(item, to) is None:
                return f'attribute "{name}": {_mismatch(item, to)}'
    return f"{_with_article(wanted)} is required"


def _with_article(wanted: Type) -> str:
    if isinstance(wanted, Primitive):
        return f"a {wanted.name}"
    if isinstance(wanted, ObjectType):
        return "an object"
    if isinstance(wanted, TupleType):
        return "a tuple"
    assert isinstance(wanted, ListType | SetType | MapType)
    kind = "list" if isinstance(wanted, ListType) else "set" if isinstance(wanted, SetType) else "map"
    element = wanted.element
    return f"a {kind}" + (f" of {element}" if element in (STRING, NUMBER, BOOL) else "")


def to_text(value: TfValue) -> str:
    """A known scalar as text, as in a template. Raises for null, collections and unknown ones."""
    text = _scalar_text(value)
    if text is None:
        raise EvaluationError("a string is required")
    return text


def branch_type(then: TfValue, otherwise: TfValue) -> Type:
    """The type that a conditional converts the branch to that it takes. Raises if there is none.

    A null without a type takes the type of the other branch; against a value whose type is not
    known yet it is `dynamic`, as which values stay as they are.
    """
    left, right = then.type, otherwise.type
    if left is right:
        return left
    if left is DYNAMIC and then.is_null:
        return right
    if right is DYNAMIC and otherwise.is_null:
        return left
    if left is DYNAMIC or right is DYNAMIC:
        return DYNAMIC
    common = unify((left, right))
    if common is None:
        raise EvaluationError(
            "inconsistent conditional result types: the true and false results must have consistent types"
        )
    return common


@dataclass(frozen=True, slots=True)
class Defaults:
    """The defaults of `optional(type, default)` in a type constraint, at one level.

    `values`: by attribute, converted to the attribute's type. `children`: what is deeper, by
    attribute; by position as text for a tuple; under `""` for the elements of a collection.
    """

    type: Type
    values: Mapping[str, TfValue] = field(default_factory=dict)
    children: Mapping[str, "Defaults"] = field(default_factory=dict)


def apply_defaults(value: TfValue, defaults: Defaults) -> TfValue:
    """`value` with defaults in place of missing and null attributes, before it is converted.

    A null or unknown value as a whole stays as it is.
    """
    data = value.data
    if not defaults.values and not defaults.children:
        return value
    if isinstance(data, ChoiceData):
        if_true = apply_defaults(data.if_true, defaults)
        if_false = apply_defaults(data.if_false, defaults)
        return choose(data.guard, if_true, if_false).with_marks(value.marks)
    if isinstance(data, tuple):
        items = [
            apply_defaults(item, child) if (child := _child(defaults, str(position))) else item
            for position, item in enumerate(data)
        ]
        if all(one is other for one, other in zip(items, data, strict=True)):
            return value
        made = tuple_of(items, value.origin)
        if isinstance(value.type, SetType):
            # An unordered value stays one, so that the order given does not count.
            made = convert(made, SetType(DYNAMIC))
        return made.with_marks(value.marks)
    if isinstance(data, dict):
        entries = {
            key: apply_defaults(item, child) if (child := _child(defaults, key)) else item
            for key, item in data.items()
        }
        for key, default in defaults.values.items():
            present = entries.get(key)
            if present is None or present.data is None:
                child = defaults.children.get(key)
                entries[key] = apply_defaults(default, child) if child else default
        return object_of(entries, value.origin).with_marks(value.marks)
    return value


def _child(defaults: Defaults, key: str) -> Defaults | None:
    if isinstance(defaults.type, ListType | SetType | MapType):
        return defaults.children.get("")
    return defaults.children.get(key)
