"""`Fn::ForEach`: the loops of the `AWS::LanguageExtensions` transform.

Source: AWS CloudFormation user guide, "Fn::ForEach".
"""

from collections.abc import Iterator, Mapping

from wa_scan.cloudformation.evaluator import Evaluator
from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.cloudformation.texts import display, scalar_text, with_bindings
from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.values import Choice, Known, ListValue, Location, Value

FOR_EACH = "Fn::ForEach::"
MAX_EXPANSIONS = 5_000
"""Entries that the loops of one template may make."""

Bindings = Mapping[str, Value]


def entries_of(evaluator: Evaluator, section: MappingNode) -> Iterator[tuple[str, Location, Node, Bindings]]:
    """The entries of a section, those that its loops make included: name, place, node, and the
    variables under which the node is to be evaluated."""
    for name, (key, node) in section.entries.items():
        if name.startswith(FOR_EACH):
            yield from expand(evaluator, name, key, node)
        else:
            yield name, key, node, evaluator.bindings


def expand(
    evaluator: Evaluator, name: str, key: Location, node: Node
) -> Iterator[tuple[str, Location, Node, Bindings]]:
    """The entries that the loop `name: node` makes. What it runs over has to be known."""
    scope = evaluator.scope
    if not isinstance(node, SequenceNode) or len(node.items) != 3:
        _problem(evaluator, f"{name} takes a variable, a collection and a mapping.", node.location)
        return
    variable = evaluator.name(node.items[0])
    collection, template = node.items[1:]
    if variable is None or not isinstance(template, MappingNode):
        _problem(evaluator, f"{name} takes a variable, a collection and a mapping.", node.location)
        return
    values = _texts(evaluator, collection)
    if values is None:
        scope.problem(
            ProblemKind.NOT_LOOKED_AT,
            f"What {name} runs over is not known before deployment; nothing that it makes was looked at.",
            collection.location,
            ProblemLevel.NOTE,
        )
        return
    for value in values:
        bindings = {**evaluator.bindings, variable: Known(value)}
        for inner, (place, child) in template.entries.items():
            with evaluator.binding(bindings):
                if inner.startswith(FOR_EACH):
                    yield from expand(evaluator, inner, place, child)
                    continue
                scope.expansions += 1
                if scope.expansions > MAX_EXPANSIONS:
                    scope.problem(
                        ProblemKind.LIMIT_REACHED,
                        f"The loops of this template make more than {MAX_EXPANSIONS} entries.",
                        key,
                    )
                    return
                expanded = with_bindings(inner, bindings)
            yield expanded, place, child, bindings


def _texts(evaluator: Evaluator, collection: Node) -> list[str] | None:
    if isinstance(collection, SequenceNode):
        texts: list[str] = []
        for item in collection.items:
            own = [_literal(evaluator, item)] if isinstance(item, ScalarNode) else _texts(evaluator, item)
            if own is None:
                return None
            texts += own
        return texts
    value = evaluator.operand(collection)
    if isinstance(value, Known) and value.data is not None:
        return [scalar_text(value.data)]
    if not isinstance(value, ListValue) or value.rest is not None:
        return None
    if any(isinstance(element, Choice) or not isinstance(element, Known) for element in value.elements):
        return None
    return [display(element) for element in value.elements]


def _literal(evaluator: Evaluator, item: ScalarNode) -> str:
    written = evaluator.name(item)
    return scalar_text(item.data) if written is None else written


def _problem(evaluator: Evaluator, message: str, location: Location) -> None:
    evaluator.scope.problem(ProblemKind.EVALUATION_ERROR, message, location)
