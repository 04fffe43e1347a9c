"""The intrinsic functions, each from its argument's node to a value.

Source: AWS CloudFormation user guide, "Intrinsic function reference". Arguments are checked only as
far as needed to go on; what CloudFormation would surely refuse raises `EvaluationError`.
"""

import re
from collections.abc import Mapping, Sequence

from wa_scan.cloudformation.evaluator import VALUE_WORK, EvaluationError, Evaluator, Function
from wa_scan.cloudformation.mappings import find_in_map
from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode, text_of
from wa_scan.cloudformation.texts import (
    Part,
    display,
    given_up,
    join_parts,
    parts_of,
    scalar_text,
    stand,
    symbol_of,
)
from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.values import (
    Choice,
    Guard,
    Known,
    ListValue,
    MapValue,
    Origin,
    Symbol,
    Text,
    Unknown,
    Value,
    choose,
)
from wa_scan.values.kinds import NO_REFERENCES, Reason

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")


def ref(evaluator: Evaluator, argument: Node) -> Value:
    name = text_of(argument)
    if name is None:
        known = evaluator.operand(argument).text if isinstance(argument, MappingNode) else None
        if known is None:
            raise EvaluationError("Ref takes the name of a parameter or resource.", argument.location)
        name = known
    return evaluator.reference(name, argument.location)


def get_att(evaluator: Evaluator, argument: Node) -> Value:
    text = text_of(argument)
    if text is not None:
        resource, dot, attribute = text.partition(".")
        if not dot:
            raise EvaluationError("Fn::GetAtt takes a resource and an attribute.", argument.location)
        return evaluator.attribute(resource, attribute, argument.location)
    resource_node, *attributes = _items(argument, 2, None, "Fn::GetAtt")
    name = evaluator.operand(resource_node).text
    if name is None:
        raise EvaluationError("Fn::GetAtt takes the logical ID of a resource.", resource_node.location)
    path = ".".join(display(evaluator.operand(node)) for node in attributes)
    return evaluator.attribute(name, path, argument.location)


def sub(evaluator: Evaluator, argument: Node) -> Value:
    template = text_of(argument)
    variables: dict[str, Value] = {}
    if template is None:
        template_node, variables_node = _items(argument, 2, 2, "Fn::Sub")
        template = text_of(template_node)
        if template is None or not isinstance(variables_node, MappingNode):
            raise EvaluationError("Fn::Sub takes a text and a mapping of variables.", argument.location)
        variables = {
            name: evaluator.operand(node) for name, (_, node) in variables_node.entries.items()
        }
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
    delimiter_node, list_node = _items(argument, 2, 2, "Fn::Join")
    delimiter = evaluator.operand(delimiter_node).text
    if delimiter is None:
        raise EvaluationError("The delimiter of Fn::Join is not a text.", delimiter_node.location)

    def of_list(values: Sequence[Value]) -> Value:
        (found,) = values
        if isinstance(found, ListValue):
            return _concatenate(evaluator, "Fn::Join", argument, found.elements, delimiter)
        if isinstance(found, Unknown):
            return _derived(f'Fn::Join "{delimiter}" {display(found)}', found)
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
                own = (_derived(f"{name} at {argument.location}[{index}]", value, reason=Reason.UNSUPPORTED),)
            previous = previous or value.origin
            parts += own
            length = sum(len(part) if isinstance(part, str) else VALUE_WORK for part in own)
            evaluator.scope.spend(length + len(delimiter) + 1)
        return join_parts(parts, previous)

    return evaluator.distribute(name, argument.location, pieces, of_pieces)


def select(evaluator: Evaluator, argument: Node) -> Value:
    index_node, list_node = _items(argument, 2, 2, "Fn::Select")
    if isinstance(list_node, SequenceNode):
        # Elements may be lists of their own; only the one that is selected counts.
        found: Value = ListValue([evaluator.operand(item) for item in list_node.items])
    else:
        found = evaluator.operand(list_node)

    def of_list(values: Sequence[Value]) -> Value:
        index_value, items = values
        index = _integer(index_value)
        if index is None:
            if isinstance(index_value, Unknown | Text):
                return _derived(f"Fn::Select {display(index_value)} of {display(items)}", items)
            raise EvaluationError("The index of Fn::Select is not a number.", index_node.location)
        if isinstance(items, Unknown):
            symbol = items.symbol
            return Unknown(
                Symbol(f"{symbol.text}[{index}]", symbol.resource, symbol.attribute),
                items.reason,
                items.origin,
                items.references,
                never_null=True,
            )
        if not isinstance(items, ListValue):
            raise EvaluationError("Fn::Select takes a list.", list_node.location)
        elements = [item for item in items.elements if not (isinstance(item, Known) and item.data is None)]
        if not 0 <= index < len(elements):
            raise EvaluationError(
                f"Fn::Select asks for element {index} of a list of {len(elements)}.", argument.location
            )
        return elements[index]

    return evaluator.distribute(
        "Fn::Select", argument.location, [evaluator.operand(index_node), found], of_list
    )


def split(evaluator: Evaluator, argument: Node) -> Value:
    delimiter_node, text_node = _items(argument, 2, 2, "Fn::Split")
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
            return _derived(f'Fn::Split "{delimiter}" {display(value)}', value)
        raise EvaluationError("Fn::Split takes a text.", text_node.location)

    return evaluator.distribute("Fn::Split", argument.location, [evaluator.operand(text_node)], of_text)


def if_(evaluator: Evaluator, argument: Node) -> Value:
    name_node, true_node, false_node = _items(argument, 3, 3, "Fn::If")
    name = text_of(name_node)
    if name is None:
        raise EvaluationError("Fn::If takes the name of a condition.", name_node.location)
    guard = evaluator.condition(name, name_node.location)
    if evaluator.under.implies(guard):
        return _branch(evaluator, name, true_node, guard, "true")
    if (evaluator.under & guard).is_never:
        return _branch(evaluator, name, false_node, ~guard, "false")
    return choose(
        guard,
        _branch(evaluator, name, true_node, guard, "true"),
        _branch(evaluator, name, false_node, ~guard, "false"),
        Origin(argument.location, f"Fn::If {name}", evaluator.scope.condition_origins.get(name)),
    )


def _branch(evaluator: Evaluator, name: str, node: Node, guard: Guard, holds: str) -> Value:
    text = f"Fn::If {name}: {holds}"
    with evaluator.given(guard):
        if isinstance(node, ScalarNode):
            decided_by = evaluator.scope.condition_origins.get(name)
            return stand(evaluator.operand(node), Origin(node.location, text, decided_by))
        return evaluator.property(node.location, node, text)


def base64(evaluator: Evaluator, argument: Node) -> Value:
    """The text itself: what rules look for in user data is the plain text."""
    return evaluator.operand(argument)


def get_azs(evaluator: Evaluator, argument: Node) -> Value:
    region = evaluator.operand(argument)
    known = display(region) or "AWS::Region"
    return Unknown(
        Symbol(f"Fn::GetAZs {known}"), Reason.DATA, references=frozenset(), never_null=True
    )


def cidr(evaluator: Evaluator, argument: Node) -> Value:
    items = _items(argument, 2, 3, "Fn::Cidr")

    def of_block(values: Sequence[Value]) -> Value:
        block, count = values[0], _integer(values[1])
        bits = _integer(values[2]) if len(values) > 2 else 8
        if isinstance(block, Known) and count is not None and bits is not None:
            blocks = _subnets(evaluator, scalar_text(block.data), count, bits, argument)
            return ListValue([Known(text, block.origin) for text in blocks], block.origin)
        return _derived("Fn::Cidr " + " ".join(display(value) for value in values), *values)

    return evaluator.distribute(
        "Fn::Cidr", argument.location, [evaluator.operand(item) for item in items], of_block
    )


def _subnets(evaluator: Evaluator, block: str, count: int, bits: int, argument: Node) -> list[str]:
    from ipaddress import ip_network

    try:
        network = ip_network(block, strict=False)
    except ValueError:
        raise EvaluationError(f"Fn::Cidr: {block} is not a CIDR block.", argument.location) from None
    prefix = network.max_prefixlen - bits
    if not 1 <= count <= 256 or not network.prefixlen <= prefix <= network.max_prefixlen:
        raise EvaluationError(f"Fn::Cidr cannot make {count} blocks of {block}.", argument.location)
    size = 1 << bits
    if count * size > network.num_addresses:
        raise EvaluationError(f"{block} has no room for {count} blocks of {size}.", argument.location)
    evaluator.scope.spend(VALUE_WORK * count)
    first = network.network_address
    return [f"{first + index * size}/{prefix}" for index in range(count)]


def import_value(evaluator: Evaluator, argument: Node) -> Value:
    def of_name(values: Sequence[Value]) -> Value:
        (name,) = values
        symbol = symbol_of(f"Fn::ImportValue {display(name)}")
        return Unknown(
            symbol, Reason.DATA, name.origin, name.references | frozenset((symbol,)), never_null=True
        )

    name = evaluator.operand(argument)
    return evaluator.distribute("Fn::ImportValue", argument.location, [name], of_name)


def transform(evaluator: Evaluator, argument: Node) -> Value:
    name = text_of(argument.get("Name")) if isinstance(argument, MappingNode) else None
    evaluator.scope.problem(
        ProblemKind.EVALUATION_ERROR,
        f"What the macro {name or ''} puts here was not looked at.".replace("  ", " "),
        argument.location,
        ProblemLevel.NOTE,
    )
    symbol = Symbol(f"Fn::Transform at {argument.location}")
    return Unknown(symbol, Reason.UNSUPPORTED, references=frozenset())


def length(evaluator: Evaluator, argument: Node) -> Value:
    def of_list(values: Sequence[Value]) -> Value:
        (items,) = values
        if isinstance(items, ListValue) and items.rest is None and not _has_choice(items):
            return Known(len(list(items.items())), items.origin)
        if isinstance(items, ListValue | Unknown):
            return _derived(f"Fn::Length {display(items)} at {argument.location}", items)
        raise EvaluationError("Fn::Length takes a list.", argument.location)

    return evaluator.distribute("Fn::Length", argument.location, [evaluator.operand(argument)], of_list)


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
        for index, item in enumerate(value.elements):
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


def truth(evaluator: Evaluator, name: str, argument: Node) -> Value:
    """A condition function where a value is wanted: true or false, depending on the guard."""
    from wa_scan.cloudformation.conditions import guard_of

    guard = guard_of(evaluator, name, argument)
    return choose(guard, Known(True), Known(False))


def _condition_function(name: str) -> Function:
    return lambda evaluator, argument: truth(evaluator, name, argument)


def _items(node: Node, least: int, most: int | None, name: str) -> list[Node]:
    if not isinstance(node, SequenceNode) or len(node.items) < least or (most and len(node.items) > most):
        wanted = f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
        raise EvaluationError(f"{name} takes a list of {wanted} arguments.", node.location)
    return node.items


def _integer(value: Value) -> int | None:
    if isinstance(value, Known):
        try:
            return int(scalar_text(value.data))
        except ValueError:
            return None
    return None


def _derived(text: str, *values: Value, reason: Reason = Reason.COMPUTED) -> Unknown:
    """An unknown value that was made from `values`."""
    references = NO_REFERENCES.union(*(value.all_references() for value in values))
    unknown = next((value for value in values if isinstance(value, Unknown)), None)
    origin = next((value.origin for value in values if value.origin is not None), None)
    if unknown is not None:
        reason = unknown.reason
    return Unknown(symbol_of(text), reason, origin, references, never_null=True)


def _has_choice(items: ListValue) -> bool:
    return any(isinstance(element, Choice) for element in items.elements)


FUNCTIONS: Mapping[str, Function] = {
    "Ref": ref,
    "Fn::Base64": base64,
    "Fn::Cidr": cidr,
    "Fn::FindInMap": find_in_map,
    "Fn::GetAZs": get_azs,
    "Fn::GetAtt": get_att,
    "Fn::If": if_,
    "Fn::ImportValue": import_value,
    "Fn::Join": join,
    "Fn::Length": length,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::Sub": sub,
    "Fn::ToJsonString": to_json_string,
    "Fn::Transform": transform,
    **{
        name: _condition_function(name)
        for name in ("Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or")
    },
}
"""Every intrinsic function by its long name."""
