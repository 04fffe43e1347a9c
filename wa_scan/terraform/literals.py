"""Expressions that may neither refer to anything nor call functions, such as defaults and flags."""

from collections.abc import Iterator

from wa_scan.terraform.convert import convert
from wa_scan.terraform.dispatch import evaluate
from wa_scan.terraform.errors import EvaluationError, InvalidReferenceError, LimitReachedError
from wa_scan.terraform.functions.filesystem import FileAccess
from wa_scan.terraform.scope import Scope, Step
from wa_scan.terraform.syntax import Block, Expression, Template
from wa_scan.terraform.types import BOOL, STRING
from wa_scan.terraform.values import TfValue
from wa_scan.values import Location


class LiteralNames:
    """Where nothing can be referred to: defaults of variables and variable files."""

    address = ""
    files: FileAccess | None = None
    allows_calls = False
    short_circuits = False

    def spend(self, steps: int) -> None:
        if steps > 1_000_000:
            raise LimitReachedError("this goes over too many elements")

    def template(self, text: str, path: str) -> Template:
        raise InvalidReferenceError("functions cannot be called here")

    def provider_function(self, name: str) -> str:
        raise InvalidReferenceError("functions cannot be called here")

    def resolve(self, name: str, at: Expression, steps: list[Step], scope: Scope) -> tuple[TfValue, int]:
        raise InvalidReferenceError("only literal values are allowed here, no references", at.location)


LITERALS = Scope(LiteralNames())
_FLAGS = {"variable": ("sensitive", "nullable", "ephemeral"), "output": ("sensitive", "ephemeral")}


def literal_value(expression: Expression) -> TfValue:
    """The value of an expression that may neither refer to anything nor call functions."""
    return evaluate(expression, LITERALS)


def flag(block: Block, name: str) -> bool:
    """Whether the argument `name` says true, be it as text."""
    attribute = block.body.attributes.get(name)
    if attribute is None:
        return False
    try:
        return convert(literal_value(attribute.value), BOOL).data is True
    except EvaluationError:
        return False


def refused_literals(block: Block) -> Iterator[tuple[str, Location]]:
    """What is no bool or text where a variable or an output must say one, each with its place."""
    wanted = {**dict.fromkeys(_FLAGS.get(block.type, ()), BOOL), "description": STRING}
    for name, type in wanted.items():
        attribute = block.body.attributes.get(name)
        if attribute is None:
            continue
        try:
            convert(literal_value(attribute.value), type)
        except EvaluationError as error:
            yield f'"{name}": {error.message}', error.location or attribute.value.location
