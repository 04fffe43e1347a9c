"""Terraform's operators, indexes, attributes and templates on values.

Everything takes values that may be unknown or choices and raises `EvaluationError` where Terraform
would refuse; locations are filled in by the caller.
"""

from collections.abc import Callable, Sequence

from wa_scan.terraform import arithmetic
from wa_scan.terraform.choices import (
    TooManyChoicesError,
    boolean_under,
    distribute,
    guard_of,
)
from wa_scan.terraform.convert import convert
from wa_scan.terraform.equality import equals, reason_of
from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.symbols import bounded, element_symbol, expression_text, operation_symbol, quoted
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
    Number,
    TfValue,
    UnknownData,
    boolean,
    normal_form,
    number,
    string,
    tuple_of,
)
from wa_scan.values import Symbol
from wa_scan.values.kinds import Reason

__all__ = [
    "MAX_TEXT",
    "binary",
    "concat_template",
    "equals",
    "get_attr",
    "index",
    "splat_elements",
    "unary",
]

# Characters in one text; longer ones come from runaway doubling, not from configurations.
MAX_TEXT = 5_000_000

_ARITHMETIC: dict[str, Callable[[Number, Number], Number]] = {
    "+": arithmetic.add,
    "-": arithmetic.subtract,
    "*": arithmetic.multiply,
    "/": arithmetic.divide,
    "%": arithmetic.modulo,
}
_COMPARISON: dict[str, Callable[[Number, Number], bool]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


def binary(operator: str, left: TfValue, right: TfValue) -> TfValue:
    """`left operator right`, for the operators of `syntax.Binary`."""
    if operator == "==":
        return equals(left, right)
    if operator == "!=":
        return _not(equals(left, right))
    wanted = BOOL if operator in ("&&", "||") else NUMBER
    left = _operand(left, wanted, "left")
    right = _operand(right, wanted, "right")
    if wanted is BOOL:
        return _logic(operator, left, right)
    if isinstance(left.data, ChoiceData) or isinstance(right.data, ChoiceData):
        try:
            return distribute((left, right), lambda sides: _numeric(operator, *sides))
        except TooManyChoicesError:
            return _unknown_result(operator, left, right)
    return _numeric(operator, left, right)


def _operand(value: TfValue, wanted: Type, side: str) -> TfValue:
    if value.data is None:
        raise EvaluationError(f"the {side} operand must not be null")
    if value.type is wanted:
        return value
    try:
        found = convert(value, wanted)
    except EvaluationError as error:
        raise EvaluationError(f"unsuitable value for the {side} operand: {error.message}") from None
    if found.data is None:
        raise EvaluationError(f"the {side} operand must not be null")
    return found


def _numeric(operator: str, left: TfValue, right: TfValue) -> TfValue:
    a, b = left.data, right.data
    if a is None or b is None:
        raise EvaluationError(f"the {'left' if a is None else 'right'} operand must not be null")
    if isinstance(a, UnknownData) or isinstance(b, UnknownData):
        return _unknown_result(operator, left, right)
    assert isinstance(a, Number)
    assert isinstance(b, Number)
    compare = _COMPARISON.get(operator)
    found = boolean(compare(a, b)) if compare else number(_ARITHMETIC[operator](a, b))
    marks = left.marks | right.marks
    return found.with_marks(marks) if marks else found


def _unknown_result(operator: str, left: TfValue, right: TfValue) -> TfValue:
    symbol = operation_symbol(operator, left, right)
    type_ = BOOL if operator in _COMPARISON else NUMBER
    data = UnknownData(symbol, reason_of(left, right), True)
    return TfValue(type_, data, left.marks | right.marks)


def _logic(operator: str, left: TfValue, right: TfValue) -> TfValue:
    marks = left.marks | right.marks
    first, second = guard_of(left), guard_of(right)
    if first is None or second is None:
        raise EvaluationError("an operand of a logical operator must not be null")
    return boolean_under(first & second if operator == "&&" else first | second).with_marks(marks)


def unary(operator: str, operand: TfValue) -> TfValue:
    """`-operand` or `!operand`."""
    if operator == "!":
        return _not(_operand(operand, BOOL, "right"))
    value = _operand(operand, NUMBER, "right")
    if isinstance(value.data, ChoiceData):
        return distribute((value,), lambda sides: _negated(sides[0]))
    return _negated(value)


def _not(value: TfValue) -> TfValue:
    guard = guard_of(value)
    if guard is None:
        raise EvaluationError("the operand must not be null")
    return boolean_under(~guard).with_marks(value.marks)


def _negated(value: TfValue) -> TfValue:
    data = value.data
    if isinstance(data, UnknownData):
        symbol = Symbol(bounded(f"-{expression_text(value)}"))
        return TfValue(NUMBER, UnknownData(symbol, data.reason, True), value.marks)
    if data is None:
        raise EvaluationError("the operand must not be null")
    assert isinstance(data, Number)
    return TfValue(NUMBER, arithmetic.negate(data), value.marks)


def index(source: TfValue, key: TfValue) -> TfValue:
    """`source[key]`."""
    if isinstance(source.data, ChoiceData) or isinstance(key.data, ChoiceData):
        try:
            return distribute((source, key), lambda sides: _index(sides[0], sides[1]))
        except TooManyChoicesError:
            return _unknown_element(source, key, DYNAMIC)
    return _index(source, key)


def _index(source: TfValue, key: TfValue) -> TfValue:
    type_ = source.type
    if source.data is None:
        raise EvaluationError("attempt to index null value")
    if key.data is None:
        raise EvaluationError("invalid index: the given key is null")
    if isinstance(type_, ListType | TupleType):
        return _index_sequence(source, _key(key, NUMBER))
    if isinstance(type_, MapType | ObjectType):
        return _index_keyed(source, _key(key, STRING))
    if type_ is DYNAMIC:
        if isinstance(key.data, str) and (found := _surely_inside(source, key.data)) is not None:
            return found.with_marks(key.marks)
        return _unknown_element(source, key, DYNAMIC)
    if isinstance(type_, SetType):
        raise EvaluationError("elements of a set have no index: convert it to a list first")
    raise EvaluationError("invalid index: this value does not have any indices")


def _key(key: TfValue, wanted: Type) -> TfValue:
    try:
        return convert(key, wanted)
    except EvaluationError as error:
        raise EvaluationError(f"invalid index: {error.message}") from None


def _index_sequence(source: TfValue, key: TfValue) -> TfValue:
    data, at, type_ = source.data, key.data, source.type
    count = len(data) if isinstance(data, tuple) else None
    if isinstance(type_, TupleType):
        count = len(type_.elements)
    if isinstance(at, UnknownData):
        return _unknown_element(source, key, getattr(type_, "element", DYNAMIC))
    assert isinstance(at, Number)
    if not isinstance(at, int):
        at = 0 if at == 0 else -1
    if at < 0 or (count is not None and at >= count):
        raise EvaluationError("invalid index: there is no element at this index")
    if isinstance(data, tuple):
        return data[at].with_marks(source.marks | key.marks)
    element = type_.elements[at] if isinstance(type_, TupleType) else getattr(type_, "element", DYNAMIC)
    return _unknown_element(source, number(at).with_marks(key.marks), element)


def _index_keyed(source: TfValue, key: TfValue) -> TfValue:
    data, name, type_ = source.data, key.data, source.type
    if isinstance(name, UnknownData):
        return _unknown_element(source, key, type_.element if isinstance(type_, MapType) else DYNAMIC)
    assert isinstance(name, str)
    if isinstance(data, dict):
        found = data.get(name)
        if found is None:
            raise EvaluationError(f"invalid index: there is no element with the key {quoted(name)}")
        return found.with_marks(source.marks | key.marks)
    if isinstance(type_, ObjectType):
        attribute = type_.by_name.get(name)
        if attribute is None:
            raise EvaluationError(f"invalid index: there is no attribute {quoted(name)}")
        return _unknown_element(source, key, attribute)
    inside = _surely_inside(source, name)
    if inside is not None:
        return inside.with_marks(key.marks)
    return _unknown_element(source, key, type_.element if isinstance(type_, MapType) else DYNAMIC)


def _surely_inside(source: TfValue, name: str) -> TfValue | None:
    """The entry of a map that is not wholly known, where that much of it is."""
    data = source.data
    if not isinstance(data, UnknownData) or not isinstance(data.contents, dict):
        return None
    found = data.contents.get(name)
    return None if found is None else found.with_marks(source.marks)


def _unknown_element(source: TfValue, key: TfValue, type_: Type) -> TfValue:
    step = f"[{expression_text(key)}]"
    return _part_of(source, step, type_).with_marks(key.marks)


def _part_of(source: TfValue, step: str, type_: Type) -> TfValue:
    data = source.data
    if isinstance(data, UnknownData):
        unknown = UnknownData(element_symbol(data.symbol, step), data.reason)
    else:
        symbol = Symbol(bounded(f"{expression_text(source)}{step}"))
        unknown = UnknownData(symbol, reason_of(source))
    return TfValue(type_, unknown, source.marks, source.origin)


def get_attr(source: TfValue, name: str) -> TfValue:
    """`source.name`."""
    data, type_ = source.data, source.type
    if isinstance(data, ChoiceData):
        try:
            return distribute((source,), lambda sides: get_attr(sides[0], name))
        except TooManyChoicesError:
            return _part_of(source, f".{name}", DYNAMIC)
    if data is None:
        raise EvaluationError(f'attempt to get attribute "{name}" from null value')
    if isinstance(data, dict):
        found = data.get(name)
        if found is None:
            kind = "element" if isinstance(type_, MapType) else "attribute"
            raise EvaluationError(f'this object does not have an {kind} named "{name}"')
        return found.with_marks(source.marks) if source.marks else found
    inside = _surely_inside(source, name)
    if inside is not None:
        return inside
    if isinstance(type_, ObjectType):
        attribute = type_.by_name.get(name)
        if attribute is None:
            raise EvaluationError(f'this object does not have an attribute named "{name}"')
        return _part_of(source, f".{name}", attribute)
    if isinstance(type_, MapType):
        return _part_of(source, f".{name}", type_.element)
    if type_ is DYNAMIC:
        return _part_of(source, f".{name}", DYNAMIC)
    if isinstance(type_, ListType | TupleType | SetType):
        raise EvaluationError(
            f'this value does not have an attribute "{name}": it is a collection; '
            "use an index or a splat expression to reach its elements"
        )
    raise EvaluationError(f'this value does not have an attribute "{name}"')


def splat_elements(source: TfValue) -> tuple[TfValue, ...] | None:
    """What `source[*]` goes over; None where that is not known.

    Null gives nothing (a null list is refused), anything that is no list, set or tuple itself. A
    choice of sources is for the caller to go into.
    """
    data, type_ = source.data, source.type
    if isinstance(type_, ListType | SetType | TupleType):
        if data is None:
            raise EvaluationError("splat expressions cannot be applied to null sequences")
        return data if isinstance(data, tuple) else None
    if data is None:
        return ()
    if isinstance(data, UnknownData) and (type_ is DYNAMIC or not data.never_null):
        return None
    return (source,)


def concat_template(parts: Sequence[TfValue]) -> TfValue:
    """The text that the parts of a template make.

    Parts that are not known stay parts of an unknown string. A conditional part gives a choice of
    texts. Raises for null and for what does not convert to text.
    """
    texts: list[TfValue] = []
    open_ = False
    for part in parts:
        if part.data is None:
            raise EvaluationError("the expression result is null: cannot include a null value in a string")
        try:
            text = convert(part, STRING)
        except EvaluationError as error:
            if isinstance(part.data, UnknownData):
                # Terraform looks at the type only once the value is known.
                open_ = True
                unknown = UnknownData(part.data.symbol, part.data.reason)
                texts.append(TfValue(STRING, unknown, part.marks, part.origin))
                continue
            raise EvaluationError(f"cannot include the given value in a string: {error.message}") from None
        open_ = open_ or not isinstance(text.data, str)
        texts.append(text)
    if not open_ or not any(text.is_choice for text in texts):
        return _joined(texts)
    try:
        return distribute(texts, _joined)
    except TooManyChoicesError:
        return _joined([_hidden(text) for text in texts])


def _hidden(text: TfValue) -> TfValue:
    """A choice of texts as one unknown text."""
    if not text.is_choice:
        return text
    symbol = Symbol(bounded(expression_text(text)))
    return TfValue(STRING, UnknownData(symbol, Reason.UNSUPPORTED, True), text.marks, text.origin)


def _joined(texts: Sequence[TfValue]) -> TfValue:
    marks: Marks = NO_MARKS.union(*(text.marks for text in texts if text.marks))
    pieces: list[str | TfValue] = []
    for text in texts:
        data = text.data
        if data is None:
            raise EvaluationError("the expression result is null: cannot include a null value in a string")
        if isinstance(data, str):
            added: tuple[str | TfValue, ...] = (data,)
        elif isinstance(data, UnknownData) and data.parts is not None:
            added = data.parts
        else:
            added = (text,)
        for piece in added:
            if isinstance(piece, str) and pieces and isinstance(last := pieces[-1], str):
                pieces[-1] = last + piece
            elif piece != "":
                pieces.append(piece)
    if sum(len(piece) for piece in pieces if isinstance(piece, str)) > MAX_TEXT or len(pieces) > 10_000:
        raise LimitReachedError("the text is too long")
    if not pieces:
        return string("").with_marks(marks)
    only = pieces[0]
    if len(pieces) == 1:
        if isinstance(only, TfValue):
            return only.with_marks(marks)
        return TfValue(STRING, normal_form(only), marks, texts[0].origin if len(texts) == 1 else None)
    return unknown_text(pieces).with_marks(marks)


def unknown_text(pieces: Sequence[str | TfValue]) -> TfValue:
    """A string of known and unknown pieces."""
    parts = tuple(normal_form(piece) if isinstance(piece, str) else piece for piece in pieces)
    shown = "".join(part if isinstance(part, str) else f"${{{expression_text(part)}}}" for part in parts)
    unknown = tuple_of([part for part in parts if isinstance(part, TfValue)])
    data = UnknownData(Symbol(bounded(f'"{shown}"')), reason_of(unknown), True, parts)
    return TfValue(STRING, data)
