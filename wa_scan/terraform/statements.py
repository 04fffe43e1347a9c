"""What a module says about its objects, apart from their arguments: `moved`, `removed`, `import`,
`depends_on`, `replace_triggered_by`, `ignore_changes`. Terraform refuses what is no address there, and
what contradicts the rest.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wa_scan.blocks import Mode
from wa_scan.terraform.configuration import ModuleConfig, ResourceConfig
from wa_scan.terraform.declarations import refusal
from wa_scan.terraform.providers import provider_name
from wa_scan.terraform.references import references
from wa_scan.terraform.syntax import (
    Attribute,
    Block,
    Body,
    Expression,
    GetAttr,
    Index,
    Literal,
    Name,
    Object,
    Template,
    Tuple,
)
from wa_scan.terraform.versions import parse_constraint
from wa_scan.values import Location

Refusal = tuple[str, Location]
# The source of the provider that Terraform has inside.
BUILTIN = "terraform.io/builtin/terraform"
_BUILTIN_ATTRIBUTES = ("input", "triggers_replace", "id", "output")


@dataclass(frozen=True, slots=True)
class Target:
    """An address as it is written. `modules`: the calls it leads through, with their keys; `names`: type
    and name of the resource (with `data` before them), empty for a module; `key`: of the last step, if any.
    """

    modules: tuple[str, ...]
    names: tuple[str, ...]
    key: str | None

    @property
    def configured(self) -> tuple[str, ...]:
        """The block that declares it, whichever of its instances is meant."""
        return (*(module.partition("[")[0] for module in self.modules), *self.names)

    @property
    def resource(self) -> tuple[Mode, str, str] | None:
        """The resource, where it is one of the module itself."""
        if self.modules or len(self.names) < 2:
            return None
        if self.names[0] == "data":
            return (Mode.DATA, self.names[1], self.names[2]) if len(self.names) > 2 else None
        return Mode.MANAGED, self.names[0], self.names[1]


def target_of(expression: Expression, static: bool = True) -> Target | None:
    """None for what is no address. Unless `static`, keys may be anything."""
    pieces: list[str | Expression] = []
    node = expression
    while isinstance(node, GetAttr | Index):
        pieces.append(node.name if isinstance(node, GetAttr) else node.key)
        node = node.source
    if not isinstance(node, Name):
        return None
    pieces.append(node.name)
    pieces.reverse()
    modules: list[str] = []
    names: list[str] = []
    key: str | None = None
    for at, piece in enumerate(pieces):
        if isinstance(piece, str):
            if piece == "module" and not names and at + 1 < len(pieces):
                key = None
                modules.append("module")
            elif modules and modules[-1] == "module":
                modules[-1] = f"module.{piece}"
            else:
                key = None
                names.append(piece)
            continue
        shown = _key_text(piece)
        if shown is None and static:
            return None
        key = shown or "*"
        if modules and not names:
            modules[-1] += f"[{key}]"
    if names and len(names) != (3 if names[0] == "data" else 2):
        return None
    return Target(tuple(modules), tuple(names), key)


def _key_text(key: Expression) -> str | None:
    if isinstance(key, Literal) and key.value is not None:
        return str(key.value)
    return f'"{key.literal}"' if isinstance(key, Template) and key.literal is not None else None


def refused_statements(config: ModuleConfig) -> Iterator[Refusal]:
    """All that is wrong with them in a module, each with its place."""
    yield from _moves(config)
    for block in config.removed:
        yield from _removal(config, block)
    for block in config.imports:
        yield from _import(config, block)
    for resource in config.resources.values():
        yield from _dependencies(resource.block)
        yield from _lifecycle(config, resource)
        yield from _provider(config, resource)
    for block in (*config.outputs.values(), *config.calls.values()):
        yield from _dependencies(block)
    yield from _settings(config.terraform)


def _argument(block: Block, name: str) -> Attribute | None:
    return block.body.attributes.get(name)


def _missing(block: Block, names: Iterable[str]) -> Iterator[Refusal]:
    for name in names:
        if _argument(block, name) is None:
            yield f'the argument "{name}" is required', block.header


def _moves(config: ModuleConfig) -> Iterator[Refusal]:
    seen: dict[Target, Target] = {}
    for block in config.moved:
        yield from _missing(block, ("from", "to"))
        start, end = _argument(block, "from"), _argument(block, "to")
        if start is None or end is None:
            continue
        old, new = target_of(start.value), target_of(end.value)
        for found, attribute in ((old, start), (new, end)):
            if found is None:
                yield "an address is needed here, with literal keys", attribute.value.location
        if old is None or new is None:
            continue
        if bool(old.names) is not bool(new.names):
            yield '"from" and "to" must both be resources or both be modules', block.header
        elif old == new:
            yield "this moves something to where it is already", block.header
        elif seen.setdefault(old, new) != new:
            yield "another block moves the same object elsewhere", block.header
        elif old.key is None and old.configured != new.configured and _is_declared(config, old):
            yield "what is moved away from here is still declared", block.header


def _is_declared(config: ModuleConfig, target: Target) -> bool:
    if target.names:
        return target.resource in config.resources
    return len(target.modules) == 1 and target.modules[0].removeprefix("module.") in config.calls


def _removal(config: ModuleConfig, block: Block) -> Iterator[Refusal]:
    yield from _missing(block, ("from",))
    attribute = _argument(block, "from")
    if attribute is None:
        return
    target = target_of(attribute.value)
    if target is None or target.key is not None or any("[" in module for module in target.modules):
        yield "the address of a resource or module is needed here, without keys", attribute.value.location
    elif _is_declared(config, target):
        yield "what is removed here is still declared", attribute.value.location


def _import(config: ModuleConfig, block: Block) -> Iterator[Refusal]:
    # Terraform 1.12 knows objects by their identity as well.
    yield from _missing(block, ("to",) if "identity" in block.body.attributes else ("to", "id"))
    attribute = _argument(block, "to")
    if attribute is None:
        return
    target = target_of(attribute.value, static=False)
    if target is None or not target.names:
        yield "the address of a resource is needed here", attribute.value.location
    elif target.resource is not None and target.resource not in config.resources:
        yield "the resource to import to is not declared", attribute.value.location


def _dependencies(block: Block) -> Iterator[Refusal]:
    depends = _argument(block, "depends_on")
    if depends is None:
        return
    if not isinstance(depends.value, Tuple):
        yield "a list of references is needed here", depends.value.location
        return
    for element in depends.value.elements:
        node = element
        while isinstance(node, GetAttr | Index):
            node = node.source
        # Those to what is not declared are refused elsewhere, quoted ones taken as of old.
        if not isinstance(node, Name) or node.name in ("var", "local", "path", "terraform", "each", "count"):
            continue
        if target_of(element) is None:
            yield "depends_on takes whole objects, not attributes of them", element.location


def _lifecycle(config: ModuleConfig, resource: ResourceConfig) -> Iterator[Refusal]:
    for block in resource.block.body.blocks:
        if block.type == "provisioner":
            yield from _destroying(block)
        if block.type != "lifecycle":
            continue
        triggers = _argument(block, "replace_triggered_by")
        if triggers is not None:
            for reference in references(triggers.value):
                why = refusal(config, reference.root.name, reference.steps, {"each": None, "count": None})
                if why is not None:
                    yield why, reference.root.location
        ignored = _argument(block, "ignore_changes")
        if resource.type == "terraform_data" and ignored is not None and isinstance(ignored.value, Tuple):
            for element in ignored.value.elements:
                name = _first_name(element)
                if name is not None and name not in _BUILTIN_ATTRIBUTES:
                    yield f'there is no argument "{name}"', element.location


def _first_name(expression: Expression) -> str | None:
    while isinstance(expression, GetAttr | Index):
        expression = expression.source
    if isinstance(expression, Template):
        return expression.literal
    return expression.name if isinstance(expression, Name) else None


_OF_ITSELF = ("self", "path", "terraform")
_OF_THE_INSTANCE = (("count", "index"), ("each", "key"))


def _destroying(block: Block) -> Iterator[Refusal]:
    """When an object is destroyed its configuration may be gone: what is done then knows only the object."""
    when = _argument(block, "when")
    if when is None or _first_name(when.value) != "destroy":
        return
    for body in _bodies(block.body):
        for name, attribute in body.attributes.items():
            if name in ("when", "on_failure"):
                continue
            for reference in references(attribute.value):
                names = reference.names
                if names[0] not in _OF_ITSELF and names[:2] not in _OF_THE_INSTANCE:
                    message = "a destroy provisioner can refer only to self, each.key and count.index"
                    yield message, reference.root.location


def _bodies(body: Body) -> Iterator[Body]:
    yield body
    for block in body.blocks:
        yield from _bodies(block.body)


def _provider(config: ModuleConfig, resource: ResourceConfig) -> Iterator[Refusal]:
    given = _argument(resource.block, "provider")
    named = provider_name(given.value) if given is not None else None
    if given is None or named is None or not named[1]:
        return
    if named not in config.providers and named not in _passed_in(config):
        yield f"there is no provider configuration {'.'.join(named)}", given.value.location


def _passed_in(config: ModuleConfig) -> set[tuple[str, str]]:
    """The provider configurations that the callers of a module give it."""
    found: set[tuple[str, str]] = set()
    for entry in required_providers(config).values():
        if isinstance(entry, Object):
            for item in entry.items:
                if _word(item.key) == "configuration_aliases" and isinstance(item.value, Tuple):
                    names = map(provider_name, item.value.elements)
                    found.update(name for name in names if name is not None)
    return found


def required_providers(config: ModuleConfig) -> dict[str, Expression]:
    """What the module says of the providers that it uses, by local name."""
    return {
        name: attribute.value
        for block in config.terraform
        for inner in block.body.blocks
        if inner.type == "required_providers"
        for name, attribute in inner.body.attributes.items()
    }


def provider_source(entry: Expression) -> str | None:
    """The `source` of an entry of `required_providers`."""
    if not isinstance(entry, Object):
        return None
    for item in entry.items:
        if _word(item.key) == "source" and isinstance(item.value, Template):
            return item.value.literal
    return None


def _word(key: Expression) -> str | None:
    return key.name if isinstance(key, Name) else key.literal if isinstance(key, Template) else None


def _settings(blocks: list[Block]) -> Iterator[Refusal]:
    for block in blocks:
        wanted = _argument(block, "required_version")
        text = wanted.value.literal if wanted is not None and isinstance(wanted.value, Template) else None
        if wanted is not None and text is not None and parse_constraint(text) is None:
            yield "this is no version constraint", wanted.value.location
