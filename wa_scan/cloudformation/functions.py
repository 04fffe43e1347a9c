"""The intrinsic functions, each from its argument's node to a value.

Source: AWS CloudFormation user guide, "Intrinsic function reference". Arguments are checked only as
far as needed to go on; what CloudFormation would surely refuse raises `EvaluationError`.
"""

from collections.abc import Mapping, Sequence

from wa_scan.cloudformation.arguments import arguments_of
from wa_scan.cloudformation.evaluator import EvaluationError, Evaluator, Function
from wa_scan.cloudformation.list_functions import cidr, get_azs, length, select
from wa_scan.cloudformation.mappings import find_in_map
from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode
from wa_scan.cloudformation.string_functions import join, split, sub, to_json_string
from wa_scan.cloudformation.texts import (
    display,
    stand,
    symbol_of,
)
from wa_scan.cloudformation.transforms import INCLUDE
from wa_scan.errors import Entry, ProblemKind, ProblemLevel
from wa_scan.values import (
    Guard,
    Known,
    Origin,
    Symbol,
    Unknown,
    Value,
    choose,
)
from wa_scan.values.kinds import Reason


def ref(evaluator: Evaluator, argument: Node) -> Value:
    name = evaluator.name(argument)
    if name is None:
        known = evaluator.operand(argument).text if isinstance(argument, MappingNode) else None
        if known is None:
            raise EvaluationError("Ref takes the name of a parameter or resource.", argument.location)
        name = known
    return evaluator.reference(name, argument.location)


def get_att(evaluator: Evaluator, argument: Node) -> Value:
    text = evaluator.text(argument)
    if text is not None:
        resource, dot, attribute = text.partition(".")
        if not dot:
            raise EvaluationError("Fn::GetAtt takes a resource and an attribute.", argument.location)
        return evaluator.attribute(resource, attribute, argument.location)
    resource_node, *attributes = arguments_of(argument, 2, None, "Fn::GetAtt")
    name = evaluator.name(resource_node) or evaluator.operand(resource_node).text
    if name is None:
        raise EvaluationError("Fn::GetAtt takes the logical ID of a resource.", resource_node.location)
    path = ".".join(display(evaluator.operand(node)) for node in attributes)
    return evaluator.attribute(name, path, argument.location)


def if_(evaluator: Evaluator, argument: Node) -> Value:
    name_node, true_node, false_node = arguments_of(argument, 3, 3, "Fn::If")
    name = evaluator.name(name_node)
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


def import_value(evaluator: Evaluator, argument: Node) -> Value:
    def of_name(values: Sequence[Value]) -> Value:
        (name,) = values
        imports = evaluator.scope.imports
        imported = imports(name) if imports is not None else None
        if imported is not None:
            return imported
        symbol = symbol_of(f"Fn::ImportValue {display(name)}")
        return Unknown(
            symbol, Reason.DATA, name.origin, name.references | frozenset((symbol,)), never_null=True
        )

    name = evaluator.operand(argument)
    return evaluator.distribute("Fn::ImportValue", argument.location, [name], of_name)


def get_stack_output(evaluator: Evaluator, argument: Node) -> Value:
    """An output of a stack that is not known here, which need not export it."""
    entries = argument.entries if isinstance(argument, MappingNode) else {}
    if not {"StackName", "OutputName"} <= entries.keys():
        message = "Fn::GetStackOutput takes a StackName and an OutputName."
        raise EvaluationError(message, argument.location)

    def of_names(values: Sequence[Value]) -> Value:
        symbol = symbol_of(f"Fn::GetStackOutput {' '.join(map(display, values))}")
        references = frozenset((symbol,)).union(*(value.references for value in values))
        return Unknown(symbol, Reason.DATA, values[0].origin, references, never_null=True)

    names = ("StackName", "OutputName", "Region", "RoleArn")
    given = [evaluator.operand(entries[name].value) for name in names if name in entries]
    return evaluator.distribute("Fn::GetStackOutput", argument.location, given, of_names)


def transform(evaluator: Evaluator, argument: Node) -> Value:
    name = evaluator.text(argument.get("Name")) if isinstance(argument, MappingNode) else None
    if name != INCLUDE:
        _note_macro(evaluator, name, argument)
    symbol = Symbol(evaluator.scope.own(f"Fn::Transform at {argument.location}"))
    return Unknown(symbol, Reason.UNSUPPORTED, references=frozenset())


def _note_macro(evaluator: Evaluator, name: str | None, argument: Node) -> None:
    evaluator.scope.problem(
        ProblemKind.NOT_LOOKED_AT,
        f"What the macro {name or ''} puts here was not looked at.".replace("  ", " "),
        argument.location,
        ProblemLevel.NOTE,
        entry=Entry("What these macros put into templates was not looked at:", name) if name else None,
    )


def truth(evaluator: Evaluator, name: str, argument: Node) -> Value:
    """A condition function where a value is wanted: true or false, depending on the guard."""
    from wa_scan.cloudformation.conditions import guard_of

    guard = guard_of(evaluator, name, argument)
    return choose(guard, Known(True), Known(False))


def _condition_function(name: str) -> Function:
    return lambda evaluator, argument: truth(evaluator, name, argument)


FUNCTIONS: Mapping[str, Function] = {
    "Ref": ref,
    "Fn::Base64": base64,
    "Fn::Cidr": cidr,
    "Fn::FindInMap": find_in_map,
    "Fn::GetAZs": get_azs,
    "Fn::GetAtt": get_att,
    "Fn::GetStackOutput": get_stack_output,
    "Fn::If": if_,
    "Fn::ImportValue": import_value,
    "Fn::Join": join,
    "Fn::Length": length,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::Sub": sub,
    "Fn::ToJsonString": to_json_string,
    "Fn::Transform": transform,
    **{name: _condition_function(name) for name in ("Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or")},
}
"""Every intrinsic function by its long name."""
