"""The intrinsic functions that make texts."""

import re
from collections.abc import Mapping, Sequence

from wa_scan.cloudformation.arguments import arguments_of, derived
from wa_scan.cloudformation.evaluator import VALUE_WORK, EvaluationError, Evaluator
from wa_scan.cloudformation.nodes import MappingNode, Node
from wa_scan.cloudformation.texts import (
    Part,
    display,
    given_up,
    join_parts,
    parts_of,
    scalar_text,
    split_text,
)
from wa_scan.values import Choice, Known, ListValue, MapValue, Origin, Text, Unknown, Value
from wa_scan.values.kinds import Reason

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")


def sub(evaluator: Evaluator, argument: Node) -> Value:
    template = evaluator.text(argument)
    variables: dict[str, Value] = {}
    if template is None:
        template_node, variables_node = arguments_of(argument, 2, 2, "Fn::Sub")
        template = evaluator.text(template_node)
        if template is None or not isinstance(variables_node, MappingNode):
            raise EvaluationError("Fn::Sub takes a text and a mapping of variables.", argument.location)
        variables = {name: evaluator.operand(node) for name, (_, node) in variables_node.entries.items()}
    pieces: list[Value] = []
    for index, piece in enumerate(_PLACEHOLDER.split(template)):
        if index % 2 == 0:
            if piece:
                pieces.append(Known(piece))
        elif piece.startswith("!"):
            pieces.append(Known(f"${{{piece[1:]}}}"))
        else:
            pieces.append(_named(evaluator, piece.strip(), variables, argument))
    return _concatenate(evaluator, "Fn::Sub", argument, pieces)


def _named(evaluator: Evaluator, name: str, variables: Mapping[str, Value], argument: Node) -> Value:
    if name in variables:
        return variables[name]
    resource, dot, attribute = name.partition(".")
    if dot and name not in evaluator.bindings:
        return evaluator.attribute(resource, attribute, argument.location)
    return evaluator.reference(name, argument.location)


def join(evaluator: Evaluator, argument: Node) -> Value:
    delimiter_node, list_node = arguments_of(argument, 2, 2, "Fn::Join")
    delimiter = evaluator.operand(delimiter_node).text
    if delimiter is None:
        raise EvaluationError("The delimiter of Fn::Join is not a text.", delimiter_node.location)

    def joined(whole: Unknown) -> Unknown:
        text = derived(f'Fn::Join "{delimiter}" {display(whole)}', whole)
        evaluator.scope.lists[text.symbol] = (delimiter, whole)
        return text

    def of_list(values: Sequence[Value]) -> Value:
        (found,) = values
        if isinstance(found, ListValue):
            pieces = found.elements if found.rest is None else (*found.elements, joined(found.rest))
            return _concatenate(evaluator, "Fn::Join", argument, pieces, delimiter)
        if isinstance(found, Unknown):
            return joined(found)
        raise EvaluationError("Fn::Join takes a list of texts.", list_node.location)

    return evaluator.distribute("Fn::Join", argument.location, [evaluator.operand(list_node)], of_list)


def _concatenate(
    evaluator: Evaluator, name: str, argument: Node, pieces: Sequence[Value], delimiter: str = ""
) -> Value:
    def of_pieces(values: Sequence[Value]) -> Value:
        parts: list[Part] = []
        previous: Origin | None = None
        present = [value for value in values if not (isinstance(value, Known) and value.data is None)]
        for index, value in enumerate(present):
            if delimiter and index:
                parts.append(delimiter)
            own = parts_of(value)
            if own is None:
                place = evaluator.scope.own(f"{name} at {argument.location}[{index}]")
                own = (derived(place, value, reason=Reason.UNSUPPORTED),)
            previous = previous or value.origin
            parts += own
            length = sum(len(part) if isinstance(part, str) else VALUE_WORK for part in own)
            evaluator.scope.spend(length + len(delimiter) + 1)
        return join_parts(parts, previous)

    return evaluator.distribute(name, argument.location, pieces, of_pieces)


def split(evaluator: Evaluator, argument: Node) -> Value:
    delimiter_node, text_node = arguments_of(argument, 2, 2, "Fn::Split")
    delimiter = evaluator.operand(delimiter_node).text
    if not delimiter:
        raise EvaluationError("The delimiter of Fn::Split is not a text.", delimiter_node.location)

    def of_text(values: Sequence[Value]) -> Value:
        (value,) = values
        if isinstance(value, Known):
            pieces = scalar_text(value.data).split(delimiter)
            evaluator.scope.spend(VALUE_WORK * len(pieces))
            return ListValue([Known(piece, value.origin) for piece in pieces], value.origin)
        if isinstance(value, Unknown | Text):
            pieces_of_text = split_text(value, delimiter, evaluator.scope.lists)
            if pieces_of_text is not None:
                return pieces_of_text
            return derived(f'Fn::Split "{delimiter}" {display(value)}', value)
        raise EvaluationError("Fn::Split takes a text.", text_node.location)

    return evaluator.distribute("Fn::Split", argument.location, [evaluator.operand(text_node)], of_text)


def to_json_string(evaluator: Evaluator, argument: Node) -> Value:
    value = evaluator.operand(argument)
    parts: list[Part] = []
    _write_json(value, parts)
    return join_parts(parts, value.origin)


def _write_json(value: Value, parts: list[Part]) -> None:
    from json import dumps

    if isinstance(value, Known):
        parts.append(dumps(value.data))
    elif isinstance(value, MapValue):
        parts.append("{")
        entries = [(k, v) for k, v in value.entries.items() if not (isinstance(v, Known) and v.data is None)]
        for index, (key, item) in enumerate(entries):
            parts.append(f"{',' if index else ''}{dumps(key)}:")
            _write_json(item, parts)
        parts.append("}")
    elif isinstance(value, ListValue):
        parts.append("[")
        for index, item in enumerate((*value.elements, *((value.rest,) if value.rest is not None else ()))):
            if index:
                parts.append(",")
            _write_json(item, parts)
        parts.append("]")
    elif isinstance(value, Choice):
        parts.append(given_up(value))
    else:
        parts.append('"')
        parts += [dumps(p)[1:-1] if isinstance(p, str) else p for p in parts_of(value) or ()]
        parts.append('"')
