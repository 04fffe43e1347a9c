"""The `Rules` section, as far as it says by itself which values a parameter may have.

Source: AWS CloudFormation user guide, "Rules section syntax". An assertion that always holds and is about one
parameter works like its `AllowedValues`; what others say is not used (see docs/decisions/guards.md).
"""

from collections.abc import Iterator
from dataclasses import replace

from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode, text_of
from wa_scan.cloudformation.parameters import Parameter
from wa_scan.cloudformation.texts import scalar_text


def with_assertions(parameters: dict[str, Parameter], rules: Node | None) -> dict[str, Parameter]:
    """`parameters` with the values that the rules leave them, where they have no value from outside. A
    default that a rule refuses leaves its parameter as it is: such a template is not deployed with it."""
    found = dict(parameters)
    for name, values in _restrictions(rules):
        parameter = found.get(name)
        if parameter is None or parameter.is_list or parameter.is_looked_up:
            continue
        if parameter.given is not None and not parameter.is_open:
            continue
        allowed = tuple(each for each in parameter.allowed or values if each in values)
        if allowed and (parameter.given is None or parameter.given in allowed):
            is_open = parameter.given is None or len(set(allowed)) > 1
            found[name] = replace(parameter, allowed=allowed, is_open=is_open)
    return found


def _restrictions(rules: Node | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Parameters with the values that an assertion leaves them."""
    for _, rule in rules.entries.values() if isinstance(rules, MappingNode) else ():
        assertions = rule.get("Assertions") if isinstance(rule, MappingNode) else None
        if isinstance(rule, MappingNode) and rule.get("RuleCondition") is None:
            for assertion in assertions.items if isinstance(assertions, SequenceNode) else ():
                if isinstance(assertion, MappingNode):
                    yield from _of_assertion(assertion.get("Assert"))


def _of_assertion(node: Node | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    arguments = node.get(node.function or "") if isinstance(node, MappingNode) else None
    if not isinstance(node, MappingNode) or not isinstance(arguments, SequenceNode):
        return
    if node.function == "Fn::And":
        for item in arguments.items:
            yield from _of_assertion(item)
    if len(arguments.items) != 2:
        return
    one, other = arguments.items
    if node.function == "Fn::Contains" and isinstance(one, SequenceNode):
        pairs = [(other, one.items)]
    elif node.function == "Fn::Equals":
        pairs = [(one, [other]), (other, [one])]
    else:
        return
    for reference, literals in pairs:
        name = text_of(reference.get("Ref")) if isinstance(reference, MappingNode) else None
        values = tuple(scalar_text(each.data) for each in literals if isinstance(each, ScalarNode))
        if name is not None and values and len(values) == len(literals):
            yield name, values
