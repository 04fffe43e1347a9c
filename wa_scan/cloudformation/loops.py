"""`Fn::ForEach`: the loops of the `AWS::LanguageExtensions` transform.

Source: AWS CloudFormation user guide, "Fn::ForEach".
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from wa_scan.cloudformation.evaluator import Evaluator
from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.cloudformation.texts import scalar_text, with_bindings
from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.values import Guard, Known, ListValue, Location, Value

FOR_EACH = "Fn::ForEach::"
MAX_EXPANSIONS = 5_000
"""Entries that the loops of one template may make."""

Bindings = Mapping[str, Value]


class LoopEntry(NamedTuple):
    """An entry of a section or mapping, or one that a loop made of it. `bindings`: the variables under which
    the node is to be evaluated; `exists`: when the loop runs over the value that this was made for."""

    name: str
    key: Location
    node: Node
    bindings: Bindings
    exists: Guard = Guard.ALWAYS


def entries_of(evaluator: Evaluator, section: MappingNode) -> Iterator[LoopEntry]:
    """The entries of a section, those that its loops make included."""
    for name, (key, node) in section.entries.items():
        if name.startswith(FOR_EACH):
            yield from expand(evaluator, name, key, node)
        else:
            yield LoopEntry(name, key, node, evaluator.bindings)


def expand(evaluator: Evaluator, name: str, key: Location, node: Node) -> Iterator[LoopEntry]:
    """The entries that the loop `name: node` makes. What it runs over has to be known; where that depends on
    conditions, so do the entries."""
    scope = evaluator.scope
    if not isinstance(node, SequenceNode) or len(node.items) != 3:
        _problem(evaluator, f"{name} takes a variable, a collection and a mapping.", node.location)
        return
    variable = evaluator.name(node.items[0])
    collection, template = node.items[1:]
    if variable is None or not isinstance(template, MappingNode):
        _problem(evaluator, f"{name} takes a variable, a collection and a mapping.", node.location)
        return
    values = dict(_texts(evaluator, collection))
    unknown = values.pop(None, Guard.NEVER)
    if not unknown.is_never:
        what = "nothing that it makes" if not values else "not all that it may make"
        scope.problem(
            ProblemKind.NOT_LOOKED_AT,
            f"What {name} runs over is not known before deployment; {what} was looked at.",
            collection.location,
            ProblemLevel.NOTE,
        )
    for value, exists in values.items():
        bindings = {**evaluator.bindings, variable: Known(value)}
        for inner, (place, child) in template.entries.items():
            with evaluator.binding(bindings), evaluator.given(exists):
                if inner.startswith(FOR_EACH):
                    for made in expand(evaluator, inner, place, child):
                        yield made._replace(exists=exists & made.exists)
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
            yield LoopEntry(expanded, place, child, bindings, exists)


def _texts(evaluator: Evaluator, collection: Node) -> dict[str | None, Guard]:
    """What a loop runs over, in order, each with when it does; None for what is not known."""
    found: dict[str | None, Guard] = {}

    def add(text: str | None, guard: Guard) -> None:
        if evaluator.under.implies(guard):
            found[text] = Guard.ALWAYS
        elif not (evaluator.under & guard).is_never:
            found[text] = found.get(text, Guard.NEVER) | guard

    for item in collection.items if isinstance(collection, SequenceNode) else [collection]:
        if isinstance(item, ScalarNode):
            add(_literal(evaluator, item), Guard.ALWAYS)
        elif isinstance(item, SequenceNode):
            for text, guard in _texts(evaluator, item).items():
                add(text, guard)
        else:
            for leaf, guard in _leaves(evaluator.operand(item)):
                add(None if leaf is None else scalar_text(leaf.data), guard)
    return found


def _leaves(value: Value) -> Iterator[tuple[Known | None, Guard]]:
    """The elements of a list, or a text on its own, each with its guard; None for what is not known."""
    for alternative, guard in value.alternatives():
        if isinstance(alternative, ListValue):
            for element in alternative.elements:
                for leaf, inner in element.alternatives():
                    if not isinstance(leaf, Known):
                        yield None, guard & inner
                    elif leaf.data is not None:
                        yield leaf, guard & inner
            if alternative.rest is not None:
                yield None, guard
        elif not isinstance(alternative, Known):
            yield None, guard
        elif alternative.data is not None:
            yield alternative, guard


def _literal(evaluator: Evaluator, item: ScalarNode) -> str:
    written = evaluator.name(item)
    return scalar_text(item.data) if written is None else written


def _problem(evaluator: Evaluator, message: str, location: Location) -> None:
    evaluator.scope.problem(ProblemKind.EVALUATION_ERROR, message, location)
