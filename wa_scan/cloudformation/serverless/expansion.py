"""Loops, run before the transform: CloudFormation applies `AWS::LanguageExtensions` first.

Evaluation runs loops too, but as bindings of variables; the translator needs what they make.
"""

from wa_scan.cloudformation.evaluator import Evaluator
from wa_scan.cloudformation.loops import FOR_EACH, expand
from wa_scan.cloudformation.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.cloudformation.texts import scalar_text, with_bindings
from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.values import Known, Location

_EXPANDED = ("Resources", "Conditions", "Outputs")


def without_loops(root: MappingNode, evaluator: Evaluator) -> MappingNode:
    """`root` with what its loops make in place of the loops. What cannot be run is reported and left out."""
    entries = dict(root.entries)
    for name in _EXPANDED:
        entry = entries.get(name)
        if entry is not None and _has_loop(entry.value):
            entries[name] = Entry(entry.key, _expanded(entry.value, evaluator))
    return MappingNode(entries, root.location, root.size)


def _has_loop(node: Node) -> bool:
    todo = [node]
    while todo:
        node = todo.pop()
        if isinstance(node, SequenceNode):
            todo += node.items
        elif isinstance(node, MappingNode):
            if any(key.startswith(FOR_EACH) for key in node.entries):
                return True
            todo += [entry.value for entry in node.entries.values()]
    return False


def _expanded(node: Node, evaluator: Evaluator) -> Node:
    if isinstance(node, ScalarNode):
        if isinstance(node.data, str) and evaluator.bindings:
            return ScalarNode(with_bindings(node.data, evaluator.bindings), node.location)
        return node
    if isinstance(node, SequenceNode):
        items = [_expanded(item, evaluator) for item in node.items]
        return SequenceNode(items, node.location, 1 + sum(item.size for item in items))
    if not isinstance(node, MappingNode):
        return node
    bound = _bound(node, evaluator)
    if bound is not None:
        return bound
    entries: dict[str, Entry] = {}
    for key, (place, child) in node.entries.items():
        if not key.startswith(FOR_EACH):
            _add(entries, with_bindings(key, evaluator.bindings), place, child, evaluator)
            continue
        for made in expand(evaluator, key, place, child):
            if not made.exists.is_always:
                # The transform takes resources under conditions by name, and this has none.
                message = f"What {key} makes under a condition was not looked at."
                evaluator.scope.problem(ProblemKind.NOT_LOOKED_AT, message, place, ProblemLevel.NOTE)
                continue
            with evaluator.binding(made.bindings):
                _add(entries, made.name, made.key, made.node, evaluator)
    size = 1 + sum(entry.value.size for entry in entries.values())
    return MappingNode(entries, node.location, size)


def _add(entries: dict[str, Entry], name: str, key: Location, node: Node, evaluator: Evaluator) -> None:
    made = _expanded(node, evaluator)
    evaluator.scope.spend(made.size)
    entries[name] = Entry(key, made)


def _bound(node: MappingNode, evaluator: Evaluator) -> Node | None:
    """The value of the variable that `node` refers to."""
    if node.function != "Ref" or not evaluator.bindings:
        return None
    name = evaluator.text(node.entries["Ref"].value)
    value = evaluator.bindings.get(name) if name is not None else None
    if not isinstance(value, Known) or value.data is None:
        return None
    return ScalarNode(scalar_text(value.data), node.location)
