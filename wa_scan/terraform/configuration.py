"""A module as it is written: the blocks of one folder, merged as Terraform merges them.

Nothing is evaluated here. Made once for each folder, however often it is called.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from wa_scan.blocks import Mode
from wa_scan.errors import Problem, ProblemKind
from wa_scan.terraform.block_schemas import refused_parts
from wa_scan.terraform.files import DirectoryFiles, ParsedFiles, display_of
from wa_scan.terraform.references import Reference, body_references, references
from wa_scan.terraform.syntax import Attribute, Block, Body, ConfigFile, Template
from wa_scan.values import Location

K = TypeVar("K")
V = TypeVar("V")
ResourceKey = tuple[Mode, str, str]

# Blocks that are merged argument by argument when an override file has them too.
_MERGED_BLOCKS = ("lifecycle",)


@dataclass(slots=True)
class ResourceConfig:
    """A `resource`, `data` or `ephemeral` block. `address` is without the module: `data.aws_ami.x`."""

    mode: Mode
    type: str
    name: str
    block: Block
    _by_instance: dict[int, bool] = field(default_factory=dict)

    @property
    def address(self) -> str:
        prefix = "" if self.mode is Mode.MANAGED else f"{self.block.type}."
        return f"{prefix}{self.type}.{self.name}"

    def differs_by_instance(self, part: Attribute | Block) -> bool:
        """Whether the value of this attribute or nested block depends on `each` or `count`."""
        found = self._by_instance.get(id(part))
        if found is None:
            found = self._by_instance[id(part)] = any(
                reference.root.name in ("each", "count") for reference in _references(part)
            )
        return found


def _references(part: Attribute | Block) -> Iterator[Reference]:
    if isinstance(part, Attribute):
        return references(part.value)
    outer = Body({}, [part], part.location)
    return body_references(outer)


@dataclass(slots=True)
class ModuleConfig:
    """All blocks of a folder. `display`: the folder as reports print it."""

    directory: Path
    display: str
    variables: dict[str, Block] = field(default_factory=dict)
    locals: dict[str, Attribute] = field(default_factory=dict)
    outputs: dict[str, Block] = field(default_factory=dict)
    resources: dict[ResourceKey, ResourceConfig] = field(default_factory=dict)
    calls: dict[str, Block] = field(default_factory=dict)
    # By local name and alias ("" for the default configuration).
    providers: dict[tuple[str, str], Block] = field(default_factory=dict)
    terraform: list[Block] = field(default_factory=list)
    imports: list[Block] = field(default_factory=list)
    moved: list[Block] = field(default_factory=list)
    removed: list[Block] = field(default_factory=list)
    checks: list[Block] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    # Every reference to what is not declared, once that was looked for.
    refused: list[tuple[str, Location]] | None = None
    # What each local value (by name) and resource needs of the others, once that was asked.
    needed: dict[str | ResourceKey, list[str | ResourceKey]] = field(default_factory=dict)
    # Those of them that are in a cycle, each with all that are in it, once that was asked.
    cyclic: Mapping[str | ResourceKey, frozenset[str | ResourceKey]] | None = None


def load_module(directory: Path, display: str, listed: DirectoryFiles, parsed: ParsedFiles) -> ModuleConfig:
    """The module in `directory`. What cannot be read or parsed is among its `problems`."""
    module = ModuleConfig(directory, display)
    for path in listed.primary:
        config = _parsed(module, path, parsed)
        if config is not None:
            for block in config.body.blocks:
                _declare(module, block)
    for path in listed.override:
        config = _parsed(module, path, parsed)
        if config is not None:
            for block in config.body.blocks:
                _override(module, block)
    return module


def _parsed(module: ModuleConfig, path: Path, parsed: ParsedFiles) -> ConfigFile | None:
    shown = display_of(path, module.directory, module.display)
    found = parsed.config(path, shown)
    module.problems += found.problems
    if found.config is not None:
        module.files.append(shown)
        for attribute in found.config.body.attributes.values():
            if not found.config.json:
                _refuse(module, "an argument is not expected here, only blocks", attribute.location)
    return found.config


def _refuse(module: ModuleConfig, message: str, location: Location) -> None:
    module.problems.append(Problem(ProblemKind.EVALUATION_ERROR, message, location))


def _declare(module: ModuleConfig, block: Block) -> None:
    kind, labels = block.type, block.labels
    for message, place in refused_parts(block):
        _refuse(module, message, place)
    if kind in ("resource", "data", "ephemeral"):
        if len(labels) != 2:
            return _refuse(module, f"a {kind} block needs a type and a name", block.header)
        mode = Mode.MANAGED if kind == "resource" else Mode.DATA
        config = ResourceConfig(mode, labels[0], labels[1], block)
        # An ephemeral resource only looks, as a data source does, under a name of its own.
        type = f"ephemeral.{labels[0]}" if kind == "ephemeral" else labels[0]
        _once(module, module.resources, (mode, type, labels[1]), config, block)
    elif kind in ("variable", "output", "module"):
        if len(labels) != 1:
            return _refuse(module, f"a {kind} block needs a name", block.header)
        tables = {"variable": module.variables, "output": module.outputs, "module": module.calls}
        _once(module, tables[kind], labels[0], block, block)
    elif kind == "locals":
        for name, attribute in block.body.attributes.items():
            if name in module.locals:
                _refuse(module, f'a local value "{name}" is already declared', attribute.name_location)
            else:
                module.locals[name] = attribute
    elif kind == "provider":
        if len(labels) != 1:
            return _refuse(module, "a provider block needs a name", block.header)
        _once(module, module.providers, (labels[0], provider_alias(block)), block, block)
    elif kind == "terraform":
        module.terraform.append(block)
    elif kind == "import":
        module.imports.append(block)
    elif kind == "check":
        module.checks.append(block)
        for inner in block.body.blocks:
            if inner.type == "data":
                _declare(module, inner)
    elif kind == "moved":
        module.moved.append(block)
    elif kind == "removed":
        module.removed.append(block)
    else:
        _refuse(module, f'blocks of type "{kind}" are not expected here', block.header)
    return None


def _once(module: ModuleConfig, table: dict[K, V], key: K, value: V, block: Block) -> None:
    if key in table:
        name = " ".join([block.type, *(f'"{label}"' for label in block.labels)])
        _refuse(module, f"{name} is already declared in this module", block.header)
    else:
        table[key] = value


def provider_alias(block: Block) -> str:
    """The alias of a `provider` block, empty for the default one."""
    alias = block.body.attributes.get("alias")
    if alias is not None and isinstance(alias.value, Template):
        return alias.value.literal or ""
    return ""


def _override(module: ModuleConfig, block: Block) -> None:
    """What is in an override file replaces, argument by argument, what is declared elsewhere."""
    kind, labels = block.type, block.labels
    if kind == "locals":
        for name, attribute in block.body.attributes.items():
            if name not in module.locals:
                _refuse(module, "there is no local value that this could override", attribute.name_location)
            module.locals[name] = attribute
        return
    if kind == "terraform":
        module.terraform.append(block)
        return
    tables: dict[str, dict[str, Block]] = {
        "variable": module.variables,
        "output": module.outputs,
        "module": module.calls,
    }
    if kind in tables and len(labels) == 1 and labels[0] in tables[kind]:
        base = tables[kind][labels[0]]
        tables[kind][labels[0]] = replace(base, body=_merged(base.body, block.body))
    elif kind in ("resource", "data") and len(labels) == 2:
        mode = Mode.MANAGED if kind == "resource" else Mode.DATA
        config = module.resources.get((mode, labels[0], labels[1]))
        if config is not None:
            config.block = replace(config.block, body=_merged(config.block.body, block.body))
            return
        _refuse(module, "there is nothing that this block could override", block.header)
    elif kind == "provider" and len(labels) == 1:
        key = (labels[0], provider_alias(block))
        known = module.providers.get(key)
        module.providers[key] = (
            replace(known, body=_merged(known.body, block.body)) if known is not None else block
        )
    elif kind in tables:
        _refuse(module, "there is nothing that this block could override", block.header)


def _merged(base: Body, over: Body) -> Body:
    replaced = {block.type for block in over.blocks if block.type not in _MERGED_BLOCKS}
    replaced |= {block.labels[0] for block in over.blocks if block.type == "dynamic" and block.labels}
    blocks = [block for block in base.blocks if _kind(block) not in replaced]
    for block in over.blocks:
        at = next((i for i, old in enumerate(blocks) if old.type == block.type), None)
        if block.type in _MERGED_BLOCKS and at is not None:
            blocks[at] = replace(blocks[at], body=_merged(blocks[at].body, block.body))
        else:
            blocks.append(block)
    attributes = {**base.attributes, **over.attributes}
    if "count" in attributes and not ("count" in base.attributes and "for_each" in base.attributes):
        # Terraform then goes by the count, whichever of the two the override has.
        attributes.pop("for_each", None)
    return Body(attributes, blocks, base.location)


def _kind(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def blocks_of(body: Body, kind: str) -> Iterable[Block]:
    return (block for block in body.blocks if block.type == kind)
