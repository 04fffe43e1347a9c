"""Functions on lists, sets and tuples: they give sequences, or say something about one."""

from collections.abc import Hashable, Iterable, Sequence

from wa_scan.terraform.arithmetic import add
from wa_scan.terraform.choices import boolean_under, guard_of
from wa_scan.terraform.convert import convert, unify
from wa_scan.terraform.equality import equals
from wa_scan.terraform.errors import EvaluationError, LimitReachedError
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
    texts,
    unknown_call,
)
from wa_scan.terraform.graphemes import graphemes
from wa_scan.terraform.operators import index
from wa_scan.terraform.sets import Identities
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
    FALSE,
    NO_MARKS,
    Marks,
    Number,
    Survey,
    TfValue,
    UnknownData,
    boolean,
    list_of,
    number,
    tuple_of,
)
from wa_scan.values import Guard

# Elements of one result; more come from runaway products, not from configurations.
MAX_ELEMENTS = 100_000
# Terraform's own limit.
MAX_RANGE = 1024

_LIST = Parameter("list", ListType(DYNAMIC))
_OPEN_LIST = Parameter("list", ListType(DYNAMIC), needs=Needs.SHALLOW, keeps_marks=True)
_SEQUENCE = any_parameter("list", Needs.SHALLOW, keeps_marks=True)


def all_marks(arguments: Iterable[TfValue]) -> Marks:
    """The marks of the arguments themselves."""
    return NO_MARKS.union(*(value.marks for value in arguments))


@function("length", any_parameter("value", Needs.NOTHING, keeps_marks=True), returns=NUMBER)
def _length(arguments: Sequence[TfValue], context: Context) -> TfValue:
    source = arguments[0]
    type_, data = source.type, source.data
    if isinstance(type_, TupleType):
        return number(len(type_.elements)).with_marks(source.marks)
    if isinstance(type_, ObjectType):
        return number(len(type_.attributes)).with_marks(source.marks)
    if type_ is not STRING and type_ is not DYNAMIC and not isinstance(type_, ListType | MapType | SetType):
        raise refuse("argument must be a string, a collection type, or a structural type", 0)
    if isinstance(data, UnknownData):
        return unknown_call("length", arguments, NUMBER)
    if isinstance(data, str):
        return number(len(graphemes(data))).with_marks(source.marks)
    assert isinstance(data, tuple | dict)
    if isinstance(type_, SetType) and len(data) > 1 and has_unknown(source):
        return unknown_call("length", arguments, NUMBER)
    return number(len(data)).with_marks(source.marks)


def has_unknown(value: TfValue) -> bool:
    survey = Survey(value)
    return survey.unknown is not None or survey.has_choice


@function("concat", variadic=any_parameter("seqs", Needs.NOTHING, keeps_marks=True), returns=DYNAMIC)
def _concat(arguments: Sequence[TfValue], context: Context) -> TfValue:
    if not arguments:
        raise EvaluationError("at least one argument is required")
    known = True
    for position, value in enumerate(arguments):
        if not isinstance(value.type, ListType | TupleType) and value.type is not DYNAMIC:
            if not known:
                # Terraform does not look at what follows a list of which it does not know the length.
                return unknown_call("concat", arguments, DYNAMIC)
            raise refuse("all arguments must be lists or tuples", position)
        known = known and not isinstance(value.data, UnknownData)
    common: Type | None = None
    if all(isinstance(value.type, ListType) for value in arguments):
        common = unify([value.type for value in arguments])
    if not known:
        return _partly_concatenated(arguments, common or DYNAMIC)
    marks = all_marks(arguments)
    if common is not None and common is not DYNAMIC:
        arguments = [convert(value, common) for value in arguments]
    items = [item for value in arguments for item in elements(value)]
    check_size(len(items))
    if isinstance(common, ListType):
        element = common.element
        if items and all(item.type is items[0].type for item in items):
            # An empty list without an element type leaves that to the others.
            element = items[0].type
        return list_of(element, items).with_marks(marks)
    return tuple_of(items).with_marks(marks)


def _partly_concatenated(arguments: Sequence[TfValue], type_: Type) -> TfValue:
    """Keeps the elements that are surely in a list of which some parts are not known."""
    found = unknown_call("concat", arguments, type_)
    data = found.data
    assert isinstance(data, UnknownData)
    contents: list[TfValue] = []
    for value in arguments:
        given = value.data.contents if isinstance(value.data, UnknownData) else value.data
        if isinstance(given, tuple):
            contents += (item.with_marks(value.marks) for item in given)
    if not contents:
        return found
    partly = UnknownData(data.symbol, data.reason, data.never_null, None, tuple(contents))
    return TfValue(type_, partly, found.marks)


def check_size(count: int) -> None:
    """Raises `LimitReachedError` for more than `MAX_ELEMENTS`."""
    if count > MAX_ELEMENTS:
        raise LimitReachedError("the result would have too many elements")


def _chunks_type(arguments: Sequence[TfValue]) -> Type:
    return ListType(arguments[0].type)


@function(
    "chunklist",
    _OPEN_LIST,
    Parameter("size", NUMBER, keeps_marks=True),
    returns=_chunks_type,
)
def _chunklist(arguments: Sequence[TfValue], context: Context) -> TfValue:
    source = arguments[0]
    size = integer(arguments[1], 1)
    if size < 0:
        raise refuse("the size must be positive", 1)
    items = elements(source)
    marks = all_marks(arguments)
    size = size or max(len(items), 1)
    chunks = [TfValue(source.type, items[start : start + size]) for start in range(0, len(items), size)]
    return list_of(source.type, chunks).with_marks(marks)


@function("compact", Parameter("list", ListType(STRING)), returns=ListType(STRING), hands_on=True)
def _compact(arguments: Sequence[TfValue], context: Context) -> TfValue:
    return list_of(STRING, [item for item in elements(arguments[0]) if item.data])


def _same_type(arguments: Sequence[TfValue]) -> Type:
    return arguments[0].type


@function("distinct", _LIST, returns=_same_type, hands_on=True)
def _distinct(arguments: Sequence[TfValue], context: Context) -> TfValue:
    source = arguments[0]
    seen: dict[Hashable, TfValue] = {}
    identities = Identities()
    for item in elements(source):
        seen.setdefault(identities.of(item), item)
    return TfValue(source.type, tuple(seen.values()))


def _reversed_type(arguments: Sequence[TfValue]) -> Type:
    type_ = arguments[0].type
    if isinstance(type_, TupleType):
        return TupleType(reversed(type_.elements))
    if isinstance(type_, ListType | SetType):
        return ListType(type_.element)
    if type_ is DYNAMIC:
        return DYNAMIC
    raise refuse("can only reverse list or tuple values", 0)


@function("reverse", _SEQUENCE, returns=_reversed_type)
def _reverse(arguments: Sequence[TfValue], context: Context) -> TfValue:
    type_ = _reversed_type(arguments)
    return TfValue(type_, tuple(reversed(elements(arguments[0]))), arguments[0].marks)


def _slice_type(arguments: Sequence[TfValue]) -> Type:
    type_ = arguments[0].type
    if isinstance(type_, SetType):
        raise refuse("cannot slice a set, because its elements do not have indices", 0)
    if isinstance(type_, ListType | TupleType):
        # Checks the indexes that are known.
        bounds = _slice_bounds(arguments)
        if isinstance(type_, ListType):
            return type_
        return TupleType(type_.elements[bounds[0] : bounds[1]]) if bounds else DYNAMIC
    if type_ is DYNAMIC:
        return DYNAMIC
    raise refuse("must be a list or tuple value", 0)


def _slice_bounds(arguments: Sequence[TfValue]) -> tuple[int, int] | None:
    source, first, last = arguments
    length: int | None = None
    if isinstance(source.type, TupleType):
        length = len(source.type.elements)
    elif isinstance(source.data, tuple):
        length = len(source.data)
    found: list[int] = []
    for position, value, name in ((1, first, "start"), (2, last, "end")):
        if isinstance(value.data, UnknownData):
            continue
        at = integer(value, position)
        if at < 0:
            raise refuse(f"the {name} index must not be less than zero", position)
        if length is not None and at > length:
            raise refuse(f"the {name} index must not be greater than the length of the list", position)
        found.append(at)
    if len(found) < 2:
        return None
    if found[0] > found[1]:
        raise refuse("the start index must not be greater than the end index", 1)
    return found[0], found[1]


@function(
    "slice",
    _SEQUENCE,
    number_parameter("start_index"),
    number_parameter("end_index"),
    returns=_slice_type,
)
def _slice(arguments: Sequence[TfValue], context: Context) -> TfValue:
    type_ = _slice_type(arguments)
    bounds = _slice_bounds(arguments)
    assert bounds is not None
    source = arguments[0]
    return TfValue(type_, elements(source)[bounds[0] : bounds[1]], source.marks)


@function(
    "sort", Parameter("list", ListType(STRING), needs=Needs.RESOLVED), returns=ListType(STRING), hands_on=True
)
def _sort(arguments: Sequence[TfValue], context: Context) -> TfValue:
    if has_unknown(arguments[0]):
        whole = unknown_call("sort", arguments, ListType(STRING))
        if isinstance(arguments[0].data, UnknownData):
            return whole
        # How many there are is known, but not which is where.
        count = len(elements(arguments[0]))
        return list_of(STRING, [index(whole, number(at)) for at in range(count)])
    texts(arguments[0], 0)
    return list_of(STRING, sorted(elements(arguments[0]), key=text))


@function("range", variadic=number_parameter("params"), returns=ListType(NUMBER))
def _range(arguments: Sequence[TfValue], context: Context) -> TfValue:
    given = [value.data for value in arguments if isinstance(value.data, Number)]
    if not 1 <= len(given) <= 3:
        raise EvaluationError("must have one, two, or three arguments")
    start, end = (0, given[0]) if len(given) == 1 else (given[0], given[1])
    step = given[2] if len(given) == 3 else (-1 if end < start else 1)
    down = step < 0
    if (end > start) if down else (end < start):
        raise refuse("the end must lie from the start in the direction of the step", 1)
    if step == 0 and start != end:
        raise refuse("the step must not be zero", 2)
    found: list[TfValue] = []
    at: Number = start
    while (at > end) if down else (at < end):
        if len(found) >= MAX_RANGE:
            raise EvaluationError(f"more than {MAX_RANGE} values were generated")
        found.append(number(at))
        at = add(at, step)
    return list_of(NUMBER, found)


_BOOLS = Parameter("list", ListType(BOOL), needs=Needs.SHALLOW)


@function("alltrue", _BOOLS, returns=BOOL)
def _alltrue(arguments: Sequence[TfValue], context: Context) -> TfValue:
    guard = Guard.ALWAYS
    for item in elements(arguments[0]):
        if item.data is None:
            return FALSE
        guard = guard & _guard(item)
        if guard.is_never:
            return FALSE
    return boolean_under(guard)


@function("anytrue", _BOOLS, returns=BOOL)
def _anytrue(arguments: Sequence[TfValue], context: Context) -> TfValue:
    guard = Guard.NEVER
    for item in elements(arguments[0]):
        if item.data is not None:
            guard = guard | _guard(item)
    return boolean_under(guard)


def _guard(item: TfValue) -> Guard:
    found = guard_of(item)
    # A branch that is null is not true.
    return Guard.NEVER if found is None else found


@function(
    "matchkeys",
    Parameter("values", ListType(DYNAMIC)),
    Parameter("keys", ListType(DYNAMIC)),
    Parameter("searchset", ListType(DYNAMIC)),
    returns=_same_type,
    hands_on=True,
)
def _matchkeys(arguments: Sequence[TfValue], context: Context) -> TfValue:
    values, keys, wanted = arguments
    if unify([keys.type, wanted.type]) is None:
        raise refuse("keys and searchset must be of the same type", 1)
    if len(elements(keys)) != len(elements(values)):
        raise refuse("the length of keys and values should be equal", 1)
    common = unify([keys.type, wanted.type])
    assert common is not None
    identities = Identities()
    wanted, alike = convert(wanted, common), convert(keys, common)
    sought = {identities.of(item) for item in elements(wanted)}
    found = [
        value
        for value, key in zip(elements(values), elements(alike), strict=True)
        if identities.of(key) in sought
    ]
    return TfValue(values.type, tuple(found))


@function(
    "contains", any_parameter("list", Needs.NOTHING), any_parameter("value", Needs.NOTHING), returns=BOOL
)
def _contains(arguments: Sequence[TfValue], context: Context) -> TfValue:
    source, wanted = arguments
    is_list = isinstance(source.type, ListType | SetType | TupleType)
    if isinstance(source.data, UnknownData) or (isinstance(wanted.data, UnknownData) and not is_list):
        return unknown_call("contains", arguments, BOOL)
    if not is_list:
        raise refuse("argument must be list, tuple, or set", 0)
    guard = Guard.NEVER
    doubtful = False
    for item in elements(source):
        same = equals(item, wanted)
        holds = None if isinstance(same.data, UnknownData) else guard_of(same)
        if holds is None:
            doubtful = True
        else:
            guard = guard | holds
        if guard.is_always:
            return boolean(True)
    if doubtful:
        return unknown_call("contains", arguments, BOOL)
    return boolean_under(guard)
