"""Type constraints of variables: `list(object({ name = string, port = optional(number, 80) }))`."""

from wa_scan.terraform.convert import Defaults, convert, without_optional
from wa_scan.terraform.dispatch import evaluate
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.scope import Scope
from wa_scan.terraform.syntax import (
    Call,
    Expression,
    Literal,
    Name,
    Object,
    Parentheses,
    Template,
    Tuple,
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
from wa_scan.terraform.values import TfValue
from wa_scan.values import Origin

_PRIMITIVES = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": DYNAMIC}
_COLLECTIONS = {"list": ListType, "set": SetType, "map": MapType}


def constraint_of(expression: Expression, scope: Scope) -> tuple[Type, Defaults]:
    """The type that `expression` describes, with the defaults of its optional attributes.

    `scope` is for those defaults, which may be only literals. Raises `EvaluationError`.
    """
    if isinstance(expression, Parentheses):
        return constraint_of(expression.inner, scope)
    if isinstance(expression, Name):
        found = _PRIMITIVES.get(expression.name)
        if found is not None:
            return found, Defaults(found)
        if expression.name in _COLLECTIONS:
            # Written without an element type, as before Terraform 0.12.
            return _collection(expression.name, DYNAMIC, Defaults(DYNAMIC))
    if isinstance(expression, Template) and expression.literal is not None:
        # Quoted, as before Terraform 0.12.
        legacy = {"string": STRING, "list": ListType(DYNAMIC), "map": MapType(DYNAMIC)}
        kind = legacy.get(expression.literal)
        if kind is not None:
            return kind, Defaults(kind)
    if isinstance(expression, Call):
        return _constructed(expression, scope)
    raise EvaluationError("this is not a type", expression.location)


def _constructed(call: Call, scope: Scope) -> tuple[Type, Defaults]:
    if len(call.arguments) != 1 or call.expand:
        raise EvaluationError(f"{call.name}(...) takes one type", call.location)
    argument = call.arguments[0]
    if call.name in _COLLECTIONS:
        return _collection(call.name, *constraint_of(argument, scope))
    if call.name == "tuple" and isinstance(argument, Tuple):
        inner = [constraint_of(element, scope) for element in argument.elements]
        made = TupleType(type for type, _ in inner)
        return made, Defaults(made, {}, {str(at): defaults for at, (_, defaults) in enumerate(inner)})
    if call.name == "object" and isinstance(argument, Object):
        return _object(argument, scope)
    raise EvaluationError("this is not a type", call.location)


def _collection(name: str, element: Type, defaults: Defaults) -> tuple[Type, Defaults]:
    made = _COLLECTIONS[name](element)
    has_defaults = defaults.values or defaults.children
    return made, Defaults(made, {}, {"": defaults} if has_defaults else {})


def _object(literal: Object, scope: Scope) -> tuple[Type, Defaults]:
    attributes: dict[str, Type] = {}
    optional: set[str] = set()
    values: dict[str, TfValue] = {}
    children: dict[str, Defaults] = {}
    for item in literal.items:
        name = _key(item.key)
        expression = item.value
        default: Expression | None = None
        if isinstance(expression, Call) and expression.name == "optional":
            if len(expression.arguments) not in (1, 2):
                raise EvaluationError("optional(...) takes a type and a default", expression.location)
            optional.add(name)
            default = expression.arguments[1] if len(expression.arguments) == 2 else None
            expression = expression.arguments[0]
        type, inner = constraint_of(expression, scope)
        attributes[name] = type
        if inner.values or inner.children:
            children[name] = inner
        if default is not None:
            values[name] = _default(default, type, scope, name)
    made = ObjectType(attributes.items(), frozenset(optional))
    return made, Defaults(made, values, children)


def _key(expression: Expression) -> str:
    if isinstance(expression, Template) and expression.literal is not None:
        return expression.literal
    if isinstance(expression, Name):
        return expression.name
    if isinstance(expression, Literal):
        return str(expression.value)
    raise EvaluationError("the name of an attribute must be a plain word", expression.location)


def _default(expression: Expression, type: Type, scope: Scope, name: str) -> TfValue:
    value = evaluate(expression, scope)
    value = value.with_origin(Origin(expression.location, f"default of {name}", value.origin))
    try:
        # Defaults of what is deeper are applied later, so only the shape is checked here.
        convert(value, type)
    except EvaluationError as error:
        raise EvaluationError(
            f"this default does not fit its type: {error.message}", expression.location
        ) from None
    return value if value.data is not None else convert(value, without_optional(type))
