"""What a resource or module says beside its arguments: `lifecycle`, `depends_on`, `provisioner`;
and the top-level `terraform` and `provider` blocks.
"""

from collections.abc import Iterator
from dataclasses import replace

from wa_scan.terraform.bodies import BlockList, add_block, evaluate_attribute
from wa_scan.terraform.configuration import ModuleConfig, ResourceConfig
from wa_scan.terraform.convert import convert
from wa_scan.terraform.dispatch import evaluate
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.export import Exporter
from wa_scan.terraform.literals import LITERALS
from wa_scan.terraform.modules import ModuleInstance
from wa_scan.terraform.references import Reference, references
from wa_scan.terraform.resources import ResourceInstance
from wa_scan.terraform.scope import Scope
from wa_scan.terraform.syntax import Block, Body, Expression, Object, Template, Tuple
from wa_scan.terraform.types import BOOL
from wa_scan.terraform.values import SECRET
from wa_scan.terraform.wording import expression_text
from wa_scan.values import Guard, Known, ListValue, MapValue, Origin, Symbol, Value


def meta_of(
    module: ModuleInstance,
    config: ResourceConfig,
    instance: ResourceInstance,
    exporter: Exporter,
    earlier: MapValue | None = None,
) -> MapValue:
    """`depends_on`, `lifecycle`, `provisioner` and `connection` of a resource instance. `earlier`: that of
    another instance of the block, given back where this one's could be no other.
    """
    body = config.block.body
    if earlier is not None and not any(block.type in ("provisioner", "connection") for block in body.blocks):
        for block in body.blocks:
            if block.type == "lifecycle":
                _check_conditions(module, block, instance)
        return earlier
    entries: dict[str, Value] = {}
    depends = body.attributes.get("depends_on")
    if depends is not None:
        entries["depends_on"] = _addresses(
            depends.value, Origin(depends.location, "attribute depends_on"), module
        )
    blocks = [block for block in body.blocks if block.type in ("lifecycle", "provisioner", "connection")]
    if not blocks:
        return MapValue(entries, Origin(config.block.header, instance.address)) if entries else NO_META
    scope = instance.scope.with_names({"self": instance.value})
    for kind in ("lifecycle", "provisioner", "connection"):
        found = [block for block in blocks if block.type == kind]
        if found:
            made = [
                _lifecycle(module, block, instance, exporter)
                if kind == "lifecycle"
                else _with_labels(module, block, scope, exporter)
                for block in found
            ]
            entries[kind] = ListValue(made, Origin(found[0].header, f"block {kind}"))
    return MapValue(entries, Origin(config.block.header, instance.address))


NO_META = MapValue({})


def _with_labels(module: ModuleInstance, block: Block, scope: Scope, exporter: Exporter) -> Value:
    """A block whose label becomes `type`: `provisioner "local-exec"`, `backend "s3"`."""
    lists: dict[str, BlockList] = {}
    words = {
        name: attribute for name, attribute in block.body.attributes.items() if name in ("when", "on_failure")
    }
    rest = {name: a for name, a in block.body.attributes.items() if name not in words}
    plain = replace(block, body=Body(rest, block.body.blocks, block.body.location))
    add_block(lists, plain, scope, module.evaluation.report)
    made = exporter.body(lists[block.type].elements[0][0])
    entries = dict(made.entries)
    for name, attribute in words.items():
        # Written as a bare word.
        entries[name] = Known(
            expression_text(attribute.value).strip('"'), Origin(attribute.location, f"attribute {name}")
        )
    return MapValue(entries, Origin(block.header, f"block {block.type}"))


def _lifecycle(module: ModuleInstance, block: Block, instance: ResourceInstance, exporter: Exporter) -> Value:
    """Its conditions are checked besides: Terraform stops where one does not hold."""
    entries: dict[str, Value] = {}
    for name, attribute in block.body.attributes.items():
        origin = Origin(attribute.location, f"attribute {name}")
        if name in ("ignore_changes", "replace_triggered_by"):
            entries[name] = _addresses(attribute.value, origin, module)
        else:
            # Decided before anything is evaluated.
            value = evaluate_attribute(attribute, LITERALS, module.evaluation.report)
            entries[name] = exporter.value(value)
    _check_conditions(module, block, instance)
    return MapValue(entries, Origin(block.header, "block lifecycle"))


def _check_conditions(module: ModuleInstance, lifecycle: Block, instance: ResourceInstance) -> None:
    for inner in lifecycle.body.blocks:
        scope = instance.scope
        if inner.type == "postcondition":
            # Mostly asks what is known only after apply.
            scope = scope.with_names({"self": instance.value})
        elif inner.type != "precondition":
            continue
        check_condition(inner, scope, module, f"a {inner.type} of {instance.address}", instance.exists)


def _addresses(expression: Expression, origin: Origin, module: ModuleInstance) -> Value:
    """A list of addresses, which are not evaluated; `all` as the one word."""
    if not isinstance(expression, Tuple):
        return Known(expression_text(expression).strip('"'), origin)
    found: list[Value] = []
    for element in expression.elements:
        symbols = frozenset(
            Symbol(module.prefix + text, module.prefix + text)
            for reference in references(element)
            if (text := _resource_address(reference)) is not None
        )
        text = expression_text(element).strip('"')
        found.append(Known(text, Origin(element.location, origin.text), symbols))
    return ListValue(found, origin)


def _resource_address(reference: Reference) -> str | None:
    names = reference.names
    if names[0] == "data":
        return ".".join(names[:3]) if len(names) > 2 else None
    if names[0] in ("var", "local", "module", "path", "each", "count", "self", "terraform"):
        return None
    return ".".join(names[:2]) if len(names) > 1 else None


def check_condition(block: Block, scope: Scope, module: ModuleInstance, what: str, when: Guard) -> None:
    """Reports a condition that surely does not hold, with its own message."""
    condition = block.body.attributes.get("condition")
    if condition is None:
        return
    try:
        value = convert(evaluate(condition.value, scope), BOOL)
    except EvaluationError as error:
        module.evaluation.report(error, condition.value.location, when)
        return
    if value.data is not False:
        return
    message = block.body.attributes.get("error_message")
    said = ""
    if message is not None:
        try:
            text = evaluate(message.value, scope)
            if isinstance(text.data, str) and text.marks.isdisjoint(SECRET):
                said = f": {text.data}"
        except EvaluationError as error:
            module.evaluation.report(error, message.value.location, when)
    module.evaluation.refuse(f"{what} does not hold{said}", condition.location, when)


def terraform_settings(module: ModuleInstance, exporter: Exporter) -> dict[str, Value]:
    """`terraform`: its blocks as one; `provider`: a list, each with its `name`."""
    entries: dict[str, Value] = {}
    first: Block | None = None
    for block in module.config.terraform:
        first = first or block
        for attribute in block.body.attributes.values():
            value = evaluate_attribute(attribute, LITERALS, module.evaluation.report)
            entries[attribute.name] = exporter.value(value)
        for inner in block.body.blocks:
            made = _static_block(inner, module, exporter)
            before = entries.get(inner.type)
            elements = before.elements if isinstance(before, ListValue) else ()
            entries[inner.type] = ListValue((*elements, made), Origin(inner.header, f"block {inner.type}"))
    found: dict[str, Value] = {}
    if first is not None:
        found["terraform"] = MapValue(entries, Origin(first.header, "block terraform"))
    providers = [
        _named(exporter.body(body), name[0], block)
        for name, block in module.config.providers.items()
        if (body := module.providers.get(name)) is not None
    ]
    if providers:
        found["provider"] = ListValue(providers, providers[0].origin)
    return found


def module_calls(config: ModuleConfig) -> Iterator[MapValue]:
    """The module calls of a folder with their `name`, `source` and `version`, as they are written."""
    for name, block in config.calls.items():
        place = block.label_locations[0] if block.label_locations else block.header
        entries: dict[str, Value] = {"name": Known(name, Origin(place, "label"))}
        for argument in ("source", "version"):
            attribute = block.body.attributes.get(argument)
            text = _key_text(attribute.value) if attribute is not None else None
            if attribute is not None and text is not None:
                entries[argument] = Known(text, Origin(attribute.location, f"attribute {argument}"))
        yield MapValue(entries, Origin(block.header, f"module.{name}"))


def _static_block(block: Block, module: ModuleInstance, exporter: Exporter) -> Value:
    """`required_providers` and `backend` hold nothing but literals, and provider names as addresses."""
    lists: dict[str, BlockList] = {}
    body = block.body
    if block.type == "required_providers":
        plain = {}
        for name, attribute in body.attributes.items():
            value = attribute.value
            if isinstance(value, Object):
                kept = [i for i in value.items if _key_text(i.key) != "configuration_aliases"]
                value = Object(value.location, kept)
            plain[name] = replace(attribute, value=value)
        body = Body(plain, body.blocks, body.location)
    add_block(lists, replace(block, body=body), module.scope, module.evaluation.report)
    return exporter.body(lists[block.type].elements[0][0])


def _key_text(expression: Expression) -> str | None:
    return expression.literal if isinstance(expression, Template) else None


def _named(body: MapValue, name: str, block: Block) -> Value:
    origin = Origin(block.header, "block provider")
    place = block.label_locations[0] if block.label_locations else block.header
    return MapValue({"name": Known(name, Origin(place, "label")), **body.entries}, origin)
