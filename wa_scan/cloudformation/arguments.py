"""What intrinsic functions share: reading their arguments and making unknown results."""

from wa_scan.cloudformation.evaluator import EvaluationError
from wa_scan.cloudformation.nodes import Node, SequenceNode
from wa_scan.cloudformation.texts import scalar_text, symbol_of
from wa_scan.values import Known, Unknown, Value
from wa_scan.values.kinds import NO_REFERENCES, Reason


def arguments_of(node: Node, least: int, most: int | None, name: str) -> list[Node]:
    """The arguments of the function `name`. Raises `EvaluationError` unless there are `least` to `most`."""
    if not isinstance(node, SequenceNode) or len(node.items) < least or (most and len(node.items) > most):
        wanted = f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
        raise EvaluationError(f"{name} takes a list of {wanted} arguments.", node.location)
    return node.items


def integer_of(value: Value) -> int | None:
    """The whole number that `value` surely is."""
    if isinstance(value, Known):
        try:
            return int(scalar_text(value.data))
        except ValueError:
            return None
    return None


def derived(text: str, *values: Value, reason: Reason = Reason.COMPUTED) -> Unknown:
    """An unknown value that was made from `values`."""
    references = NO_REFERENCES.union(*(value.all_references() for value in values))
    unknown = next((value for value in values if isinstance(value, Unknown)), None)
    origin = next((value.origin for value in values if value.origin is not None), None)
    if unknown is not None:
        reason = unknown.reason
    return Unknown(symbol_of(text), reason, origin, references, never_null=True)
