"""A unit seen as one workload, for the rules that look at the whole of it."""

import re
from collections.abc import Iterable, Iterator

from wa_scan.aws.resources import Resource
from wa_scan.blocks import Mode
from wa_scan.engine.instances import answers
from wa_scan.engine.verdicts import Verdict, require
from wa_scan.errors import ProblemLevel
from wa_scan.graph.graph import Graph
from wa_scan.values import Choice, Guard, Known, ListValue, MapValue, Step, Text, Truth, Value, any_of
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN

# What users notice when it breaks, the most telling first.
SERVING = (
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
    "AWS::ECS::Service",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::EC2::Instance",
    "AWS::Lambda::Function",
)
# So many units that lack the same are one decision, not as many oversights.
MANY = 5
RELATED = 5
"""How many further resources a finding names."""
_MOST_VALUES = 20_000
_STACK = "AWS::CloudFormation::Stack"
_DEPLOYMENT_ONLY = ("Custom::", "AWS::CloudFormation::CustomResource", "AWS::CloudFormation::Macro")


def by_unit(graph: Graph, *types: str) -> dict[str, list[Resource]]:
    """The resources of `types` of each unit that has one, in the order of `types`; those that are there
    only under a condition come last.

    Without what stands behind a custom resource or a macro, and so serves nobody but CloudFormation.
    """
    found: dict[str, list[Resource]] = {}
    for resource in graph.of_type(*types):
        sources = (link.source.source_type for link in graph.edges(into=resource))
        if not resource.is_upkeep and not any(source.startswith(_DEPLOYMENT_ONLY) for source in sources):
            found.setdefault(resource.unit, []).append(resource)
    return {unit: sorted(each, key=is_conditional) for unit, each in found.items()}


def each_or_all(
    units: Iterable[tuple[Truth, list[Resource]]], *, path: str, too: str, message: str
) -> Iterator[Verdict]:
    """A verdict for each unit, given as whether it is right and the resources to show (at least one); for
    `MANY` units that are surely wrong one verdict, for all of them.

    `too`: what is said of each further resource ("is on demand too"); `message`: what is said of many units,
    `{count}` of them.
    """
    wrong: list[tuple[Truth, list[Resource]]] = []
    for holds, shown in units:
        if holds.is_surely_false:
            wrong.append((holds, shown))
        else:
            yield _about(shown, holds, path, too)
    if len(wrong) < MANY:
        for holds, shown in wrong:
            yield _about(shown, holds, path, too)
    else:
        firsts = [shown[0] for _, shown in wrong]
        yield _about(firsts, wrong[0][0], path, too, message.format(count=len(firsts)))


def _about(shown: list[Resource], holds: Truth, path: str, too: str, message: str | None = None) -> Verdict:
    others = [Step(each.location, f"{each.address} {too}") for each in shown[1 : RELATED + 1]]
    return require(holds, at=shown[0], path=path, message=message, related=others)


def is_used(resource: Resource, graph: Graph) -> Truth:
    """Whether others notice when `resource`, of a type of `SERVING`, fails: an instance may be a bastion."""
    return answers(resource, graph) if resource.type == "AWS::EC2::Instance" else TRUE


def is_conditional(resource: Resource) -> bool:
    """Whether a resource is there only under a condition."""
    return not resource.exists.is_always


def has(graph: Graph, unit: str, *types: str) -> Truth:
    """Whether there is a resource of one of `types` in `unit`."""
    return any_of(Truth.when(resource.exists) for resource in graph.of_type(*types, unit=unit))


def has_source_type(graph: Graph, unit: str, pattern: re.Pattern[str]) -> Truth:
    """Whether there is a resource in `unit` whose type as written matches, of whatever provider."""
    return any_of(
        Truth.when(resource.exists)
        for resource in graph.in_unit(unit)
        if resource.mode is Mode.MANAGED and pattern.match(resource.source_type)
    )


def may_have_more(graph: Graph, unit: str) -> Truth:
    """Unknown where a module or a nested stack that was not looked into may bring anything; else false."""
    evaluated = graph.unit(unit)
    if evaluated is not None and evaluated.unfound_modules:
        return UNKNOWN
    stacks = list(graph.of_type(_STACK, unit=unit))
    # What a stack made by another language contains is not looked at. What a nested stack contains is,
    # unless it is among the unfound ones or an error says what stood in the way.
    if any(stack.source_type != _STACK for stack in stacks):
        return UNKNOWN
    if evaluated is not None and not any(each.level is ProblemLevel.ERROR for each in evaluated.problems):
        return FALSE
    looked_into = {step.location for resource in graph.in_unit(unit) for step in resource.calls}
    return Truth.of(None if any(stack.location not in looked_into for stack in stacks) else False)


def mentions(value: Value, pattern: re.Pattern[str]) -> Truth:
    """Whether `pattern` is found in a key or in the known part of a text anywhere inside `value`.

    What is not known counts as not mentioning it.
    """
    return any_of(Truth.when(guard) for text, guard in _texts(value) if pattern.search(text) is not None)


def _texts(value: Value) -> Iterator[tuple[str, Guard]]:
    todo: list[tuple[Value, Guard]] = [(value, Guard.ALWAYS)]
    count = 0
    while todo and count < _MOST_VALUES:
        at, guard = todo.pop()
        count += 1
        if isinstance(at, Choice):
            todo += ((leaf, guard & inner) for leaf, inner in at.alternatives())
        elif isinstance(at, MapValue):
            for key, entry in at.entries.items():
                yield key, guard
                todo.append((entry, guard))
        elif isinstance(at, ListValue):
            todo += ((item, guard) for item in at.elements)
        elif isinstance(at, Text):
            yield written(at), guard
        elif isinstance(at, Known) and isinstance(at.data, str):
            yield at.data, guard


def written(value: Value) -> str:
    """The text that `value` is, unknown parts (and no text at all) being `x`."""
    if isinstance(value, Text):
        return "".join(part if isinstance(part, str) else "x" for part in value.parts)
    return value.text or "x"
