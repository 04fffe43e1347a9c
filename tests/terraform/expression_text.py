"""Trees as text, fully bracketed, and as nested tuples without places."""

from dataclasses import fields, is_dataclass
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
    TemplateFor,
    TemplateIf,
    Tuple,
    Unary,
)
from wa_scan.values import Location


def text(node: Expression) -> str:
    """The expression with brackets that show how it was understood."""
    match node:
        case Literal(value=value):
            return (
                "null" if value is None else str(value) if isinstance(value, Decimal) else str(value).lower()
            )
        case Template():
            return "<" + "|".join(part_text(part) for part in node.parts) + ">"
        case Name():
            return node.name
        case GetAttr():
            return f"{text(node.source)}.{node.name}"
        case Index(legacy=True):
            return f"{text(node.source)}.{text(node.key)}"
        case Index():
            return f"{text(node.source)}[{text(node.key)}]"
        case Splat():
            return f"{text(node.source)}{'[*]' if node.full else '.*'}{{{text(node.each)}}}"
        case SplatElement():
            return "@"
        case Call():
            arguments = ", ".join(text(argument) for argument in node.arguments)
            return f"{node.name}({arguments}{'...' if node.expand else ''})"
        case Conditional():
            return f"({text(node.condition)} ? {text(node.then)} : {text(node.otherwise)})"
        case Binary():
            return f"({text(node.left)} {node.operator} {text(node.right)})"
        case Unary():
            return f"({node.operator}{text(node.operand)})"
        case Parentheses():
            return f"paren({text(node.inner)})"
        case Tuple():
            return "[" + ", ".join(text(element) for element in node.elements) + "]"
        case Object():
            return "{" + ", ".join(f"{text(item.key)}={text(item.value)}" for item in node.items) + "}"
        case For():
            names = f"{node.key_name}, {node.value_name}" if node.key_name else node.value_name
            result = text(node.value) if node.key is None else f"{text(node.key)} => {text(node.value)}"
            group = "..." if node.group else ""
            condition = f" if {text(node.condition)}" if node.condition else ""
            return f"for({names} in {text(node.collection)}: {result}{group}{condition})"
    raise TypeError(type(node))


def part_text(part: str | Interpolation | TemplateIf | TemplateFor) -> str:
    """A part of a template, likewise."""
    match part:
        case str():
            return part
        case Interpolation():
            return "${" + text(part.expression) + "}"
        case TemplateIf():
            return f"if {text(part.condition)} {text(part.then)} else {text(part.otherwise)}"
        case TemplateFor():
            names = f"{part.key}, {part.value}" if part.key else part.value
            return f"for {names} in {text(part.collection)} {text(part.body)}"
    raise TypeError(type(part))


def shape(node: object) -> object:
    """The tree without its places, to compare two of them."""
    if isinstance(node, Location):
        return None
    if isinstance(node, list):
        return [shape(child) for child in node]
    if isinstance(node, dict):
        return {key: shape(child) for key, child in node.items()}
    if is_dataclass(node):
        return type(node).__name__, *(shape(getattr(node, item.name)) for item in fields(node))
    return node
