"""The `Resources` section to evaluated resources."""

from collections.abc import Mapping
from typing import NamedTuple

from wa_scan.blocks import EvaluatedResource, Language, Mode
from wa_scan.cloudformation.evaluator import EvaluationError, Evaluator, WorkLimitError
from wa_scan.cloudformation.loops import Bindings, entries_of
from wa_scan.cloudformation.nodes import GeneratedNode, MappingNode, Node, SequenceNode, text_of
from wa_scan.cloudformation.texts import with_bindings
from wa_scan.errors import ProblemKind
from wa_scan.values import Choice, Guard, Known, Location, MapValue, Origin, Step, Unknown, Value, choose

RESOURCE_ATTRIBUTES = (
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "UpdatePolicy",
    "UpdateReplacePolicy",
)


class WrittenResource(NamedTuple):
    """A resource as it stands in the template, or in a loop that was run. `exists`: when the loop makes it,
    apart from the resource's own condition."""

    type: str
    key: Location
    node: MappingNode
    bindings: Bindings
    exists: Guard = Guard.ALWAYS


def find_resources(section: MappingNode, evaluator: Evaluator) -> dict[str, WrittenResource]:
    """The resources by logical ID, those without a type reported and left out."""
    scope = evaluator.scope
    found: dict[str, WrittenResource] = {}
    for name, key, node, bindings, exists in entries_of(evaluator, section):
        if name == "Fn::Transform":
            evaluator.call(name, MappingNode({name: section.entries[name]}, node.location))
            scope.has_macros = True
            continue
        if isinstance(node, MappingNode) and "Fn::Transform" in node.entries and "Type" not in node.entries:
            evaluator.operand(node)
            scope.has_macros = True
            continue
        type_ = text_of(node.get("Type")) if isinstance(node, MappingNode) else None
        if type_ and bindings:
            type_ = with_bindings(type_, bindings)
        if not name.strip():
            scope.problem(ProblemKind.EVALUATION_ERROR, "A resource has no logical ID.", key)
        elif not isinstance(node, MappingNode) or not type_:
            what = "has no type" if isinstance(node, MappingNode) else "is not a mapping"
            scope.problem(ProblemKind.EVALUATION_ERROR, f"The resource {name} {what}.", key)
        else:
            if name in found:
                message = f"Loops make several resources {name}; the last one counts."
                scope.problem(ProblemKind.EVALUATION_ERROR, message, key)
            found[name] = WrittenResource(type_, key, node, bindings, exists)
    return found


def evaluate_resources(
    written: Mapping[str, WrittenResource],
    evaluator: Evaluator,
    stack_tags: Value | None = None,
    calls: tuple[Step, ...] = (),
) -> list[EvaluatedResource]:
    """The resources that a deployment can have, in the order of their logical IDs. What `evaluator` is under
    holds for all of them; `calls`: the nested stacks that lead here."""
    found: list[EvaluatedResource] = []
    for name in sorted(written):
        resource = written[name]
        try:
            with evaluator.binding(resource.bindings):
                exists = evaluator.under & resource.exists & existence(resource.node, evaluator)
                if not exists.is_never:
                    with evaluator.given(exists):
                        found.append(_evaluate(name, resource, exists, evaluator, stack_tags, calls))
        except RecursionError:
            message = f"The resource {name} is nested too deeply or depends on too much; it was skipped."
            evaluator.scope.problem(ProblemKind.LIMIT_REACHED, message, resource.key)
        except WorkLimitError:
            message = f"The template makes too much of its text; from {name} on nothing was looked at."
            evaluator.scope.problem(ProblemKind.LIMIT_REACHED, message, resource.key)
            break
    evaluator.way = None
    return found


def existence(node: MappingNode, evaluator: Evaluator) -> Guard:
    """When there is what `node` declares: the guard of its `Condition`."""
    condition = node.get("Condition")
    if condition is None:
        return Guard.ALWAYS
    name = evaluator.name(condition)
    try:
        if name is None:
            raise EvaluationError("Condition takes the name of a condition.", condition.location)
        return evaluator.condition(name, condition.location)
    except EvaluationError as error:
        evaluator.scope.problem(ProblemKind.EVALUATION_ERROR, error.message, error.location)
        return Guard.ALWAYS


def _evaluate(
    name: str,
    resource: WrittenResource,
    exists: Guard,
    evaluator: Evaluator,
    stack_tags: Value | None,
    calls: tuple[Step, ...],
) -> EvaluatedResource:
    node = resource.node
    evaluator.way = node.way if isinstance(node, GeneratedNode) else None
    header = Origin(resource.key, f"resource {name}", evaluator.way)
    address, written = evaluator.scope.own(name), evaluator.scope.prefix + name
    meta: dict[str, Value] = {
        key: evaluator.property(place, child, f"attribute {key}")
        for key, (place, child) in node.entries.items()
        if key in RESOURCE_ATTRIBUTES
    }
    _check_dependencies(node.get("DependsOn"), evaluator)
    return EvaluatedResource(
        address=address,
        type=resource.type,
        mode=Mode.MANAGED,
        language=Language.CLOUDFORMATION,
        body=_body(node.get("Properties"), header, evaluator),
        location=resource.key,
        extent=_extent(resource.key, node.location),
        meta=MapValue(meta, header),
        exists=exists,
        default_tags=stack_tags,
        calls=calls,
        aliases=() if address == written else (written,),
    )


def _check_dependencies(node: Node | None, evaluator: Evaluator) -> None:
    """Report names of resources that there are not."""
    if node is None:
        return
    scope = evaluator.scope
    for item in node.items if isinstance(node, SequenceNode) else [node]:
        name = evaluator.name(item)
        if name is not None and name not in scope.resource_types and not scope.has_macros:
            message = f"There is no resource {name} to depend on."
            scope.problem(ProblemKind.EVALUATION_ERROR, message, item.location)


def _extent(key: Location, node: Location) -> Location:
    """From the key to the end of what stands there; included files are elsewhere."""
    return key.to(node) if key.file == node.file else key


def _body(properties: Node | None, header: Origin, evaluator: Evaluator) -> MapValue:
    if properties is None:
        return MapValue({}, header)
    found = _as_map(evaluator.operand(properties), header)
    if found is None:
        evaluator.scope.problem(
            ProblemKind.EVALUATION_ERROR, "Properties is not a mapping.", properties.location
        )
        return MapValue({}, header)
    return found


def _as_map(value: Value, header: Origin) -> MapValue | None:
    """`value` as a body; of a choice between bodies each property is a choice. None for what is no map."""
    if isinstance(value, MapValue):
        return MapValue(value.entries, header, value.rest, value.references)
    if isinstance(value, Unknown):
        return MapValue({}, header, value)
    if isinstance(value, Known) and value.data is None:
        return MapValue({}, header)
    if not isinstance(value, Choice):
        return None
    one, other = _as_map(value.if_true, header), _as_map(value.if_false, header)
    if one is None or other is None:
        return None
    nothing = Known(None, header)

    def branch(body: MapValue, key: str) -> Value:
        return nothing if body.rest is None and key not in body.entries else body.get(key)

    entries = {
        key: choose(value.guard, branch(one, key), branch(other, key), header)
        for key in dict.fromkeys((*one.entries, *other.entries))
    }
    return MapValue(entries, header, one.rest or other.rest, one.references | other.references)
