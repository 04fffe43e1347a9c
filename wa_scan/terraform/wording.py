"""Expressions as text, for the symbols and conditions that people read."""

from collections.abc import Callable
from decimal import Decimal

from wa_scan.terraform.syntax import (
    Binary,
    Call,
    Conditional,
    Expression,
    For,
    GetAttr,
    Index,
    Interpolation,
    Literal,
    Name,
    Object,
    Parentheses,
    Splat,
    SplatElement,
    Template,
    TemplateIf,
    Tuple,
    Unary,
)

LONGEST = 120
DEEPEST = 12


def expression_text(expression: Expression) -> str:
    """The expression on one line, in Terraform's own layout, cut after `LONGEST` characters."""
    text = _text(expression, DEEPEST)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _text(expression: Expression, depth: int) -> str:
    if depth == 0:
        return "…"
    write = _WRITERS.get(type(expression))
    return write(expression, depth - 1) if write is not None else "…"


def _list(expressions: list[Expression], depth: int) -> str:
    shown = [_text(each, depth) for each in expressions[:8]]
    return ", ".join([*shown, "…"] if len(expressions) > 8 else shown)


def _literal(it: Literal, depth: int) -> str:
    if it.value is None:
        return "null"
    if isinstance(it.value, bool):
        return "true" if it.value else "false"
    return _number(it.value)


def _number(value: Decimal) -> str:
    return str(value) if abs(value.adjusted()) > 40 else f"{value:f}"


def _template(it: Template, depth: int) -> str:
    shown = []
    for part in it.parts[:8]:
        if isinstance(part, str):
            shown.append(part.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")[:LONGEST])
        elif isinstance(part, Interpolation):
            shown.append(f"${{{_text(part.expression, depth)}}}")
        elif isinstance(part, TemplateIf):
            shown.append(f"%{{ if {_text(part.condition, depth)} }}…%{{ endif }}")
        else:
            shown.append(f"%{{ for {part.value} in {_text(part.collection, depth)} }}…%{{ endfor }}")
    return '"' + "".join(shown) + '"'


def _object(it: Object, depth: int) -> str:
    items = [f"{_text(item.key, depth)} = {_text(item.value, depth)}" for item in it.items[:8]]
    if len(it.items) > 8:
        items.append("…")
    return "{ " + ", ".join(items) + " }" if items else "{}"


def _for(it: For, depth: int) -> str:
    names = f"{it.key_name}, {it.value_name}" if it.key_name else it.value_name
    head = f"for {names} in {_text(it.collection, depth)} : "
    tail = f" if {_text(it.condition, depth)}" if it.condition is not None else ""
    value = _text(it.value, depth)
    if it.key is None:
        return f"[{head}{value}{tail}]"
    more = "..." if it.group else ""
    return f"{{{head}{_text(it.key, depth)} => {value}{more}{tail}}}"


def _splat(it: Splat, depth: int) -> str:
    star = "[*]" if it.full else ".*"
    return _text(it.source, depth) + star + _text(it.each, depth)


def _call(it: Call, depth: int) -> str:
    return f"{it.name}({_list(it.arguments, depth)}{'...' if it.expand else ''})"


_WRITERS: dict[type[Expression], Callable[..., str]] = {
    Literal: _literal,
    Template: _template,
    Object: _object,
    For: _for,
    Splat: _splat,
    Call: _call,
    SplatElement: lambda it, depth: "",
    Name: lambda it, depth: it.name,
    GetAttr: lambda it, depth: f"{_text(it.source, depth)}.{it.name}",
    Index: lambda it, depth: f"{_text(it.source, depth)}[{_text(it.key, depth)}]",
    Conditional: lambda it, depth: (
        f"{_text(it.condition, depth)} ? {_text(it.then, depth)} : {_text(it.otherwise, depth)}"
    ),
    Binary: lambda it, depth: f"{_text(it.left, depth)} {it.operator} {_text(it.right, depth)}",
    Unary: lambda it, depth: it.operator + _text(it.operand, depth),
    Parentheses: lambda it, depth: f"({_text(it.inner, depth)})",
    Tuple: lambda it, depth: f"[{_list(it.elements, depth)}]",
}
