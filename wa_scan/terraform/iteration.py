"""`for` expressions and splats."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from wa_scan.terraform import convert
from wa_scan.terraform.dispatch import evaluate, evaluates
from wa_scan.terraform.errors import EvaluationError, FatalError
from wa_scan.terraform.scope import Scope
from wa_scan.terraform.symbolic import (
    RepeatedData,
    each_possible,
    element_type,
    joined,
    leaves,
    settled,
    unknown,
)
from wa_scan.terraform.symbols import bounded
from wa_scan.terraform.syntax import Expression, For, GetAttr, Index, Splat, SplatElement
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
    NO_MARKS,
    ChoiceData,
    Marks,
    TfValue,
    UnknownData,
    number,
    object_of,
    tuple_of,
)
from wa_scan.terraform.wording import expression_text
from wa_scan.values import Guard
from wa_scan.values.kinds import Reason

MOST_BRANCHES = 64

_ANYTHING = unknown("an element")


def pairs(collection: TfValue) -> Iterator[tuple[TfValue, TfValue]]:
    """Keys and values of a known collection, in Terraform's order; a set's keys are its elements."""
    data = collection.data
    if isinstance(data, dict):
        for key, value in data.items():
            yield TfValue(STRING, key), value
    elif isinstance(data, tuple):
        is_set = isinstance(collection.type, SetType)
        for index, element in enumerate(data):
            yield (element if is_set else number(index)), element


E = TypeVar("E", bound=Expression)


def evaluated_once(anew: Callable[[E, Scope], TfValue]) -> Callable[[E, Scope], TfValue]:
    """What does not differ between the things that an expression is evaluated for is not gone over for each:
    `element(aws_subnet.a[*].id, count.index)` would take the square of their number.
    """

    def once(expression: E, scope: Scope) -> TfValue:
        shared = scope.shared
        # What is inside a splat or a template may use more than its names.
        if shared is None or scope.element is not None or scope.template:
            return anew(expression, scope)
        if not shared.names_in(expression).isdisjoint(scope.names):
            return anew(expression, scope)
        found = shared.values.get(id(expression))
        if found is None:
            doubts: list[Guard] = []
            value = anew(expression, scope.in_common(doubts))
            found = shared.values[id(expression)] = (expression, value, doubts)
        if scope.doubts is not None:
            scope.doubts += found[2]
        return found[1]

    return once


def _uncertain(expression: Expression, collection: TfValue, scope: Scope, marks: Marks) -> TfValue:
    """The result over something that is not known."""
    data = collection.data
    reason = data.reason if isinstance(data, UnknownData) else Reason.COMPUTED
    text = expression_text(expression)
    if scope.place:
        text = f"{text} in {scope.place}"
    return unknown(text, reason, marks=marks, origin=collection.origin)


def _over_each(
    expression: E, collection: TfValue, scope: Scope, over: Callable[[E, TfValue, Scope], TfValue]
) -> TfValue:
    """What `over` makes of a collection, or of each one that a choice may be."""
    if isinstance(collection.data, ChoiceData) and leaves(collection) > MOST_BRANCHES:
        return _uncertain(expression, collection, scope, collection.marks)
    return each_possible(collection, lambda leaf: over(expression, leaf, scope), scope.doubts)


@evaluates(For)
@evaluated_once
def _for(expression: For, scope: Scope) -> TfValue:
    collection = settled(evaluate(expression.collection, scope))
    return _over_each(expression, collection, scope, _for_over)


def _for_over(expression: For, collection: TfValue, scope: Scope) -> TfValue:
    data = collection.data
    if data is None:
        raise EvaluationError(
            "a null value cannot be iterated over in a 'for' expression", expression.collection.location
        )
    if isinstance(data, UnknownData) and collection.type not in (STRING, NUMBER, BOOL):
        return _for_unknown(expression, collection, data, scope)
    if not isinstance(data, dict | tuple):
        raise EvaluationError(
            "a 'for' expression needs a list, set, tuple, map or object to go over",
            expression.collection.location,
        )
    scope.module.spend(len(data))
    scope = scope.sharing()
    if expression.condition is not None:
        # As HCL does, also for an empty collection: what is refused whatever the element may be.
        _included(expression, scope.with_names(_names(expression, _ANYTHING, _ANYTHING)), NO_MARKS)
    marks = collection.marks
    elements: list[TfValue] = []
    items: dict[str, TfValue] = {}
    groups: dict[str, list[TfValue]] = {}
    for at, member in pairs(collection):
        inner = scope.with_names(_names(expression, at, member))
        if expression.condition is not None:
            included, marks = _included(expression, inner, marks)
            if included is None:
                return _uncertain(expression, collection, scope, marks)
            if not included:
                continue
        if expression.key is None:
            elements.append(evaluate(expression.value, inner))
            continue
        key, marks = _key(expression.key, inner, marks)
        if key is None:
            return _uncertain(expression, collection, scope, marks)
        made = evaluate(expression.value, inner)
        if expression.group:
            groups.setdefault(key, []).append(made)
        elif key in items:
            raise EvaluationError(
                f"two different items produced the key \"{bounded(key)}\" in this 'for' expression",
                expression.key.location,
            )
        else:
            items[key] = made
    if expression.key is None:
        return tuple_of(elements).with_marks(marks)
    for name, members in groups.items():
        items[name] = tuple_of(members)
    return object_of(items).with_marks(marks)


def _names(expression: For, key: TfValue, member: TfValue) -> dict[str, TfValue]:
    """What the names of the expression stand for at one member."""
    if expression.key_name is None:
        return {expression.value_name: member}
    return {expression.key_name: key, expression.value_name: member}


def _for_unknown(expression: For, collection: TfValue, data: UnknownData, scope: Scope) -> TfValue:
    """Over an unknown collection, evaluated for one member that stands for all, to see what it refers to."""
    if isinstance(data, RepeatedData):
        member = data.member
    else:
        symbol = data.symbol._replace(text=bounded(f"{data.symbol.text}[*]"))
        member = unknown(symbol, data.reason, element_type(collection.type, 0), marks=collection.marks)
    key = unknown(f"{data.symbol.text}[*].key", data.reason)
    marks = collection.marks
    inner = scope.with_names(_names(expression, key, member))
    for part in (expression.key, expression.value, expression.condition):
        if part is None:
            continue
        try:
            made = evaluate(part, inner)
        except FatalError:
            raise
        except EvaluationError:
            continue
        marks = marks | made.marks
        if part is expression.value and expression.key is None and isinstance(data, RepeatedData):
            own = made.data
            if isinstance(own, UnknownData):
                # `[for s in aws_subnet.s : s.id]` is `aws_subnet.s[*].id`.
                return unknown(own.symbol, data.reason, marks=made.marks)
    return _uncertain(expression, collection, scope, marks)


def _included(expression: For, inner: Scope, marks: Marks) -> tuple[bool | None, Marks]:
    """Whether the condition holds (None: not known), and the marks with the condition's."""
    assert expression.condition is not None
    condition = evaluate(expression.condition, inner)
    if condition.data is None:
        raise EvaluationError("the 'if' clause of a 'for' is null", expression.condition.location)
    try:
        condition = convert.convert(condition, BOOL)
    except EvaluationError:
        raise EvaluationError(
            "the 'if' clause of a 'for' must be true or false", expression.condition.location
        ) from None
    marks = joined(marks, condition.marks)
    data = condition.data
    return (data if isinstance(data, bool) else None), marks


def _key(expression: Expression, inner: Scope, marks: Marks) -> tuple[str | None, Marks]:
    """The key of an item (None: not known), and the marks with the key's."""
    key = evaluate(expression, inner)
    if key.data is None:
        raise EvaluationError("the key of a 'for' expression is null", expression.location)
    try:
        key = convert.convert(key, STRING)
    except EvaluationError:
        raise EvaluationError("the key of a 'for' expression must be text", expression.location) from None
    marks = joined(marks, key.marks)
    return (key.data if isinstance(key.data, str) else None), marks


@evaluates(Splat)
@evaluated_once
def _splat(expression: Splat, scope: Scope) -> TfValue:
    source = settled(evaluate(expression.source, scope))
    return _over_each(expression, source, scope, _splat_over)


def _splat_over(expression: Splat, source: TfValue, scope: Scope) -> TfValue:
    data, type = source.data, source.type
    is_sequence = isinstance(type, ListType | SetType | TupleType)
    if data is None:
        if is_sequence:
            raise EvaluationError("a splat cannot be applied to a null list", expression.source.location)
        return TfValue(TupleType(()), (), source.marks)
    if isinstance(data, UnknownData):
        return _unknown_splat(expression, source, data, scope, is_sequence)
    scope.module.spend(len(data) if isinstance(data, tuple) else 1)
    elements = data if is_sequence and isinstance(data, tuple) else (source,)
    found = [evaluate(expression.each, scope.at_element(element)) for element in elements]
    if isinstance(type, ListType | SetType):
        if not found:
            return TfValue(ListType(_type_of_each(expression, type.element, scope)), (), source.marks)
        first = found[0].type
        if all(each.type is first for each in found):
            return TfValue(ListType(first), tuple(found), source.marks)
    return tuple_of(found).with_marks(source.marks)


def _type_of_each(expression: Splat, element: Type, scope: Scope) -> Type:
    """What the splat would make of an element, of which there is none."""
    try:
        return evaluate(expression.each, scope.at_element(unknown("element", type=element))).type
    except EvaluationError:
        return DYNAMIC


def _unknown_splat(
    expression: Splat, source: TfValue, data: UnknownData, scope: Scope, is_sequence: bool
) -> TfValue:
    if not is_sequence and source.type is not DYNAMIC:
        # Never a list whatever it turns out to be, hence a list of one, or of none if it is null.
        made = tuple_of([evaluate(expression.each, scope.at_element(source))]).with_marks(source.marks)
        if data.never_null or isinstance(source.type, MapType | ObjectType):
            return made
    each_type = source.type.element if isinstance(source.type, ListType | SetType) else DYNAMIC
    if each_type is not DYNAMIC:
        # Says whether this can be asked of the elements at all.
        one = unknown("element", type=each_type)
        each_type = evaluate(expression.each, scope.at_element(one)).type
    if isinstance(data, RepeatedData):
        element = evaluate(expression.each, scope.at_element(data.member))
        if isinstance(element.data, UnknownData):
            return unknown(element.data.symbol, data.reason, marks=element.marks)
        return _uncertain(expression, source, scope, source.marks | element.marks)
    rest = ""
    node = expression.each
    while not isinstance(node, SplatElement):
        if isinstance(node, GetAttr):
            rest = f".{node.name}{rest}"
        elif isinstance(node, Index):
            rest = f"[{expression_text(node.key)}]{rest}"
        else:
            return _uncertain(expression, source, scope, source.marks)
        node = node.source
    symbol = data.symbol._replace(text=bounded(f"{data.symbol.text}[*]{rest}"))
    if symbol.resource is not None:
        attribute = (symbol.attribute or "") + rest
        symbol = symbol._replace(attribute=attribute.lstrip(".") or None)
    type = ListType(each_type) if isinstance(source.type, ListType | SetType) else DYNAMIC
    return unknown(symbol, data.reason, type, marks=source.marks, origin=source.origin)


@evaluates(SplatElement)
def _splat_element(expression: SplatElement, scope: Scope) -> TfValue:
    if scope.element is None:
        raise EvaluationError("there is no splat here", expression.location)
    return scope.element
