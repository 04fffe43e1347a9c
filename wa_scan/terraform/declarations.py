"""What a module declares, and which references to it Terraform refuses before evaluating anything."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from wa_scan.blocks import Mode
from wa_scan.terraform.configuration import ModuleConfig, ResourceKey
from wa_scan.terraform.cycles import cycles
from wa_scan.terraform.references import Reference, body_references, references
from wa_scan.terraform.scope import Step
from wa_scan.terraform.syntax import Block, Body, Expression, GetAttr
from wa_scan.values import Location

META_CALL_ARGUMENTS = frozenset(("source", "version", "count", "for_each", "providers", "depends_on"))

_PATHS = ("module", "root", "cwd")
_TERRAFORM = ("workspace", "applying")


def refusal(
    config: ModuleConfig, name: str, steps: Sequence[Step], names: Mapping[str, object]
) -> str | None:
    """Why the reference `name` with `steps` is refused; None where it is right."""
    first = steps[0].name if steps and isinstance(steps[0], GetAttr) else None
    if name in ("each", "count", "self"):
        if name in names:
            return None
        needed = {"each": 'with "for_each"', "count": 'with "count"', "self": "in a provisioner"}
        return f'"{name}" can only be used {needed[name]}'
    if first is None:
        return f'"{name}" is not a value by itself'
    if name == "var":
        return None if first in config.variables else f'there is no variable named "{first}"'
    if name == "local":
        return None if first in config.locals else f'there is no local value named "{first}"'
    if name == "module":
        return None if first in config.calls else f'there is no module call named "{first}"'
    if name == "path":
        return None if first in _PATHS else f'"path" has no attribute named "{first}"'
    if name == "terraform":
        return None if first in _TERRAFORM else f'"terraform" has no attribute named "{first}"'
    if name in ("data", "ephemeral"):
        second = steps[1].name if len(steps) > 1 and isinstance(steps[1], GetAttr) else None
        if second is None:
            return f'a reference to "{name}" needs a type and a name'
        type = f"ephemeral.{first}" if name == "ephemeral" else first
        if (Mode.DATA, type, second) in config.resources:
            return None
        return f"{name}.{first}.{second} is not declared"
    if (Mode.MANAGED, name, first) in config.resources:
        return None
    return f"{name}.{first} is not declared"


# A local value by its name, or a resource.
Node = str | ResourceKey


def evaluation_order(config: ModuleConfig, start: Node, is_begun: Callable[[Node], bool]) -> Iterator[Node]:
    """What `start` needs of the same module and is not begun, each after what it needs itself.

    So that long chains of references need no deep recursion.
    """
    seen = {start}
    todo: list[tuple[Node, Iterator[Node]]] = [(start, iter(_needed(config, start)))]
    while todo:
        at, needed = todo[-1]
        for other in needed:
            if other not in seen and not is_begun(other):
                seen.add(other)
                todo.append((other, iter(_needed(config, other))))
                break
        else:
            todo.pop()
            if at != start:
                yield at


def cyclic(config: ModuleConfig) -> Mapping[Node, frozenset[Node]]:
    """The local values and resources that are in a cycle, each with all that are in it."""
    if config.cyclic is None:
        nodes: list[Node] = [*config.locals, *config.resources]
        config.cyclic = cycles(nodes, partial(_needed, config))
    return config.cyclic


def cycle_refusal(config: ModuleConfig, members: frozenset[Node]) -> tuple[str, Location]:
    """What is said of a cycle, and where: at the first of its members by name."""
    by_name = {
        f"local.{node}" if isinstance(node, str) else config.resources[node].address: node for node in members
    }
    name, *others = sorted(by_name)
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    through = f", through {', '.join(others[:3])}{more}" if others else ""
    message, first = f"{name} refers to itself{through}", by_name[name]
    if isinstance(first, str):
        return message, config.locals[first].value.location
    return message, config.resources[first].block.header


def _needed(config: ModuleConfig, node: Node) -> list[Node]:
    found = config.needed.get(node)
    if found is None:
        if isinstance(node, str):
            inside = references(config.locals[node].value)
        else:
            inside = _resource_references(config.resources[node].block.body)
        found = [other for reference in inside if (other := _node(config, reference)) is not None]
        if not isinstance(node, str) and node in found and not _refers_to_itself(config, node):
            found = [other for other in found if other != node]
        config.needed[node] = found = list(dict.fromkeys(found))
    return found


def _refers_to_itself(config: ModuleConfig, key: ResourceKey) -> bool:
    """Not only in `depends_on`, where Terraform does not mind."""
    body = config.resources[key].block.body
    others = {name: attribute for name, attribute in body.attributes.items() if name != "depends_on"}
    found = _resource_references(Body(others, body.blocks, body.location))
    return any(_node(config, reference) == key for reference in found)


def depended_on(config: ModuleConfig, expression: Expression) -> Iterator[ResourceKey]:
    """The resources of the module that a `depends_on` names."""
    for reference in references(expression):
        node = _node(config, reference)
        if node is not None and not isinstance(node, str):
            yield node


def _node(config: ModuleConfig, reference: Reference) -> Node | None:
    names = reference.names
    if len(names) < 2:
        return None
    if names[0] == "local":
        return names[1] if names[1] in config.locals else None
    key: ResourceKey = (Mode.MANAGED, names[0], names[1])
    if names[0] == "data" and len(names) > 2:
        key = (Mode.DATA, names[1], names[2])
    return key if key in config.resources else None


def undeclared(config: ModuleConfig) -> list[tuple[str, Location]]:
    """All references in a module to what it does not declare, each with the reason and the place; and all
    cycles.

    Terraform refuses these wherever they stand, also in a branch that is never taken.
    """
    if config.refused is None:
        found = dict.fromkeys(cyclic(config).values())
        config.refused = [*_undeclared(config), *(cycle_refusal(config, members) for members in found)]
    return config.refused


def _undeclared(config: ModuleConfig) -> Iterator[tuple[str, Location]]:
    for attribute in config.locals.values():
        yield from _refused(config, references(attribute.value), ())
    for block in config.outputs.values():
        yield from _refused(config, body_references(block.body), ())
    for block in config.checks:
        asserts = [inner for inner in block.body.blocks if inner.type == "assert"]
        yield from _refused(config, body_references(Body({}, asserts, block.body.location)), ())
    for resource in config.resources.values():
        yield from _refused(config, _resource_references(resource.block.body), _repeated(resource.block))
    for block in config.calls.values():
        inner = Body(
            {k: v for k, v in block.body.attributes.items() if k != "providers"},
            [],
            block.body.location,
        )
        yield from _refused(config, body_references(inner), _repeated(block))


def refused_references(
    config: ModuleConfig, expression: Expression, names: Sequence[str] = ()
) -> Iterator[tuple[str, Location]]:
    """The same for one expression, in which `names` (`each`, `count`, `self`) exist."""
    yield from _refused(config, references(expression), names)


def _repeated(block: Block) -> tuple[str, ...]:
    if "for_each" in block.body.attributes:
        return ("each",)
    return ("count",) if "count" in block.body.attributes else ()


def _resource_references(body: Body) -> Iterator[Reference]:
    """Without the places where names are addresses, not references."""
    for name, attribute in body.attributes.items():
        if name != "provider":
            yield from references(attribute.value)
    plain = [block for block in body.blocks if block.type not in ("lifecycle", "provisioner", "connection")]
    yield from body_references(Body({}, plain, body.location))


def _refused(
    config: ModuleConfig, found: Iterator[Reference], names: Sequence[str]
) -> Iterator[tuple[str, Location]]:
    there = dict.fromkeys(names)
    for reference in found:
        if reference.root.name in there:
            continue
        why = refusal(config, reference.root.name, reference.steps, there)
        if why is not None:
            yield why, reference.root.location
