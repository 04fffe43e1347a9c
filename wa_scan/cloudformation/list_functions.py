"""The intrinsic functions that make lists, take from them or count them."""

from collections.abc import Sequence

from wa_scan.cloudformation.arguments import arguments_of, derived, integer_of
from wa_scan.cloudformation.evaluator import VALUE_WORK, EvaluationError, Evaluator
from wa_scan.cloudformation.nodes import Node, SequenceNode
from wa_scan.cloudformation.texts import display, scalar_text
from wa_scan.values import Choice, Known, ListValue, Symbol, Text, Unknown, Value
from wa_scan.values.kinds import Reason


def select(evaluator: Evaluator, argument: Node) -> Value:
    index_node, list_node = arguments_of(argument, 2, 2, "Fn::Select")
    if isinstance(list_node, SequenceNode):
        # Elements may be lists of their own; only the one that is selected counts.
        found: Value = ListValue([evaluator.operand(item) for item in list_node.items])
    else:
        found = evaluator.operand(list_node)

    def of_list(values: Sequence[Value]) -> Value:
        index_value, items = values
        index = integer_of(index_value)
        if index is None:
            if isinstance(index_value, Unknown | Text):
                return derived(f"Fn::Select {display(index_value)} of {display(items)}", items)
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
        if items.rest is not None:
            # What its elements are is known, but not which comes first.
            return derived(f"Fn::Select {index} of {display(items.rest)} and others", items)
        elements = [item for item in items.elements if not (isinstance(item, Known) and item.data is None)]
        if not 0 <= index < len(elements):
            raise EvaluationError(
                f"Fn::Select asks for element {index} of a list of {len(elements)}.", argument.location
            )
        return elements[index]

    return evaluator.distribute(
        "Fn::Select", argument.location, [evaluator.operand(index_node), found], of_list
    )


def get_azs(evaluator: Evaluator, argument: Node) -> Value:
    region = evaluator.operand(argument)
    known = display(region) or evaluator.scope.pseudo("AWS::Region")
    return Unknown(Symbol(f"Fn::GetAZs {known}"), Reason.DATA, references=frozenset(), never_null=True)


def cidr(evaluator: Evaluator, argument: Node) -> Value:
    items = arguments_of(argument, 2, 3, "Fn::Cidr")

    def of_block(values: Sequence[Value]) -> Value:
        block, count = values[0], integer_of(values[1])
        bits = integer_of(values[2]) if len(values) > 2 else 8
        if isinstance(block, Known) and count is not None and bits is not None:
            blocks = _subnets(evaluator, scalar_text(block.data), count, bits, argument)
            return ListValue([Known(text, block.origin) for text in blocks], block.origin)
        return derived("Fn::Cidr " + " ".join(display(value) for value in values), *values)

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


def length(evaluator: Evaluator, argument: Node) -> Value:
    def of_list(values: Sequence[Value]) -> Value:
        (items,) = values
        if isinstance(items, ListValue) and items.rest is None and not _has_choice(items):
            return Known(len(list(items.items())), items.origin)
        if isinstance(items, ListValue | Unknown):
            return derived(evaluator.scope.own(f"Fn::Length {display(items)} at {argument.location}"), items)
        raise EvaluationError("Fn::Length takes a list.", argument.location)

    return evaluator.distribute("Fn::Length", argument.location, [evaluator.operand(argument)], of_list)


def _has_choice(items: ListValue) -> bool:
    return any(isinstance(element, Choice) for element in items.elements)
