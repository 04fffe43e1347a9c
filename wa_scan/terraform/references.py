"""What an expression refers to, found without evaluating it."""

from collections.abc import Iterator
from dataclasses import dataclass

from wa_scan.terraform.scope import Step
from wa_scan.terraform.syntax import (
    Binary,
    Body,
    Call,
    Conditional,
    Expression,
    For,
    GetAttr,
    Index,
    Interpolation,
    Name,
    Object,
    Parentheses,
    Splat,
    Template,
    TemplateFor,
    TemplateIf,
    Tuple,
    Unary,
)

NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reference:
    """`root` and the attributes and indexes after it: `var.x`, `aws_instance.a[0].id`."""

    root: Name
    steps: tuple[Step, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The root and the attributes that directly follow it."""
        found = [self.root.name]
        for step in self.steps:
            if not isinstance(step, GetAttr):
                break
            found.append(step.name)
        return tuple(found)


def without_prefix(root: Name, steps: list[Step]) -> Reference:
    """`resource.aws_instance.a` is `aws_instance.a`, whatever the type is called."""
    first = steps[0] if steps else None
    if root.name == "resource" and isinstance(first, GetAttr) and len(steps) > 1:
        return Reference(Name(first.location, first.name), tuple(steps[1:]))
    return Reference(root, tuple(steps))


def references(expression: Expression, bound: frozenset[str] = NO_NAMES) -> Iterator[Reference]:
    """All references to things outside the expression; `bound` names are variables around it."""
    todo: list[tuple[Expression, frozenset[str]]] = [(expression, bound)]
    while todo:
        node, names = todo.pop()
        kind = type(node)
        if kind is GetAttr or kind is Index or kind is Name:
            steps: list[Step] = []
            while isinstance(node, GetAttr | Index):
                if type(node) is Index:
                    todo.append((node.key, names))
                steps.append(node)
                node = node.source
            if isinstance(node, Name):
                if node.name not in names:
                    steps.reverse()
                    yield without_prefix(node, steps)
            else:
                todo.append((node, names))
        elif isinstance(node, Template):
            _add_template(node, names, todo)
        elif isinstance(node, For):
            inner = names | {node.value_name} | ({node.key_name} if node.key_name else set())
            todo.append((node.collection, names))
            todo += [(each, inner) for each in (node.key, node.value, node.condition) if each is not None]
        else:
            todo += [(child, names) for child in _children(node)]


def _add_template(
    template: Template, names: frozenset[str], todo: list[tuple[Expression, frozenset[str]]]
) -> None:
    for part in template.parts:
        if isinstance(part, Interpolation):
            todo.append((part.expression, names))
        elif isinstance(part, TemplateIf):
            todo += [(part.condition, names), (part.then, names), (part.otherwise, names)]
        elif isinstance(part, TemplateFor):
            inner = names | {part.value} | ({part.key} if part.key else set())
            todo += [(part.collection, names), (part.body, inner)]


def _children(node: Expression) -> list[Expression]:
    if isinstance(node, Call):
        return node.arguments
    if isinstance(node, Tuple):
        return node.elements
    if isinstance(node, Object):
        # A bare word or text as key refers to nothing.
        found = [item.value for item in node.items]
        found += [item.key for item in node.items if not isinstance(item.key, Name)]
        return found
    if isinstance(node, Conditional):
        return [node.condition, node.then, node.otherwise]
    if isinstance(node, Binary):
        return [node.left, node.right]
    if isinstance(node, Unary):
        return [node.operand]
    if isinstance(node, Parentheses):
        return [node.inner]
    if isinstance(node, Splat):
        return [node.source, node.each]
    return []


def body_references(body: Body, bound: frozenset[str] = NO_NAMES) -> Iterator[Reference]:
    """All references in a body and its nested blocks; what `dynamic` blocks bind is known."""
    for attribute in body.attributes.values():
        yield from references(attribute.value, bound)
    for block in body.blocks:
        if block.type != "dynamic" or not block.labels:
            yield from body_references(block.body, bound)
            continue
        iterator = iterator_name(block.body, block.labels[0])
        for name, attribute in block.body.attributes.items():
            if name == "for_each":
                yield from references(attribute.value, bound)
            elif name != "iterator":
                yield from references(attribute.value, bound | {iterator})
        for inner in block.body.blocks:
            yield from body_references(inner.body, bound | {iterator})


def iterator_name(dynamic: Body, label: str) -> str:
    """The name under which a `dynamic` block's content sees the element that it is at."""
    given = dynamic.attributes.get("iterator")
    if given is None:
        return label
    if isinstance(given.value, Name):
        return given.value.name
    if isinstance(given.value, Template):
        return given.value.literal or label
    return label
