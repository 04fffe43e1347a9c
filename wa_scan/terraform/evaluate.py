"""From a root module to every resource instance with its values."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from wa_scan.blocks import EvaluatedResource, EvaluatedUnit, Language, Mode
from wa_scan.errors import Problem, ProblemKind
from wa_scan.sources.units import RootModule
from wa_scan.terraform import declarations, expressions
from wa_scan.terraform.configuration import ModuleConfig, ResourceConfig
from wa_scan.terraform.context import EvaluateOptions, Evaluation
from wa_scan.terraform.export import Exporter
from wa_scan.terraform.files import ParsedFiles, ScannedFiles
from wa_scan.terraform.imports import imported_ids
from wa_scan.terraform.literals import flag, refused_literals
from wa_scan.terraform.modules import ModuleInstance
from wa_scan.terraform.providers import provider_of
from wa_scan.terraform.resources import EvaluatedBlock, ResourceInstance, is_computed
from wa_scan.terraform.settings import check_condition, meta_of, module_calls, terraform_settings
from wa_scan.terraform.stacks import notes_on_stacks
from wa_scan.terraform.statements import refused_statements
from wa_scan.terraform.values import Mark, deep_marks
from wa_scan.terraform.variables import given_values
from wa_scan.values import ListValue, Location, MapValue, Value

if TYPE_CHECKING:
    from wa_scan.terraform.states import RemoteStates

__all__ = ["EvaluateOptions", "ParsedFiles", "evaluate_root", "open_root"]

# Brings in the evaluators of all kinds of expression.
_EVALUATORS = expressions.evaluate

# Python frames, not C stack: chains of references between resources and modules need some.
RECURSION = 12_000


def evaluate_root(
    root: RootModule,
    options: EvaluateOptions | None = None,
    parsed: ParsedFiles | None = None,
    observe: Callable[[ModuleInstance], None] | None = None,
    states: "RemoteStates | None" = None,
) -> EvaluatedUnit:
    """Evaluates a root module with all local modules that it calls. Never raises for bad input: what
    is wrong is among the unit's problems, and only what depends on it is unknown.

    `parsed`: shared between root modules, so that modules they have in common are parsed once.
    `observe`: sees every module instance once all that is in it has been evaluated. `states`: of the
    root modules that are scanned along, this one included, with the same `options` and `parsed`.
    """
    if states is not None:
        evaluation = states.evaluation(root)
    else:
        evaluation = Evaluation(root, options or EvaluateOptions(), parsed)
    with deep_recursion():
        try:
            module = states.open(root) if states is not None else open_root(evaluation)
            unit = _unit(module, observe)
            if states is not None:
                states.close(root)
            return unit
        except RecursionError:
            message = f"{root.display} is nested too deeply to be evaluated"
            place = Location(root.display, 1, 1, 1, 1)
            evaluation.add(Problem(ProblemKind.LIMIT_REACHED, message, place))
            return EvaluatedUnit(
                root.display,
                Language.TERRAFORM,
                (),
                files_read=tuple(evaluation.files_read),
                problems=tuple(evaluation.problems.values()),
            )


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Allows deeper recursion than Python does by default, for as long as it lasts."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def open_root(evaluation: Evaluation) -> ModuleInstance:
    """The root module, with nothing evaluated yet."""
    root = evaluation.root
    config = evaluation.config(root.directory)
    given = given_values(evaluation)
    for name, value in given.items():
        # Terraform only warns about values in files, for the sake of files shared by several roots.
        if name not in config.variables and value.source.startswith("--var "):
            evaluation.refuse(f'there is no variable named "{name}" to take the value of --var', None)
    files = ScannedFiles(root.tree, root.directory, evaluation.note_read, evaluation.external)
    module = ModuleInstance(evaluation, config, files, given=given)
    if config.imports:
        evaluation.read_imports = partial(imported_ids, module)
    return module


def _unit(root: ModuleInstance, observe: Callable[[ModuleInstance], None] | None) -> EvaluatedUnit:
    evaluation = root.evaluation
    exporter = Exporter()
    resources: list[EvaluatedResource] = []
    checked: set[int] = set()
    calls: list[Value] = []
    todo = [root]
    while todo:
        module = todo.pop()
        if id(module.config) not in checked:
            checked.add(id(module.config))
            for message, place in _refusals(module.config):
                evaluation.refuse(message, place)
            calls += module_calls(module.config)
        _evaluate_all(module)
        resources += _resources(module, exporter)
        if observe is not None:
            observe(module)
        todo += reversed(module.children())
    # What is wrong with imports is said even if nothing asks for them.
    evaluation.imported("")
    settings = terraform_settings(root, exporter)
    if calls:
        settings["module"] = ListValue(calls)
    resources.sort(key=_order)
    return EvaluatedUnit(
        name=evaluation.root.display,
        language=Language.TERRAFORM,
        resources=tuple(resources),
        inputs={name: exporter.value(root.variable(name)) for name in root.config.variables},
        outputs={name: exporter.value(value) for name, value in root.outputs().items()},
        settings=settings,
        files_read=tuple(evaluation.files_read),
        problems=(*evaluation.problems.values(), *notes_on_stacks(resources)),
        unfound_modules=tuple(evaluation.unfound.values()),
        external_folders=tuple(evaluation.external.folders),
    )


def _refusals(config: ModuleConfig) -> Iterator[tuple[str, Location]]:
    """What is wrong in a module however it is called."""
    yield from declarations.undeclared(config)
    yield from refused_statements(config)
    for block in (*config.variables.values(), *config.outputs.values()):
        yield from refused_literals(block)


_NUMBER = re.compile(r"\[(\d{1,9})\]")


def _order(resource: EvaluatedResource) -> list[str | int]:
    """By address, instances by number. Texts and numbers alternate, so that like meets like."""
    pieces = _NUMBER.split(resource.address)
    return [int(piece) if at % 2 else piece for at, piece in enumerate(pieces)]


def _evaluate_all(module: ModuleInstance) -> None:
    """Asks for everything once, so that all that is wrong is found, used or not."""
    evaluation = module.evaluation
    for name, variable in module.variables.items():
        module.variable(name)
        for block in variable.block.body.blocks:
            if block.type == "validation":
                check_condition(block, module.scope, module, f"a validation of var.{name}", module.exists)
    for name in module.config.locals:
        module.local(name)
    for name, block in module.config.outputs.items():
        output = module.output(name)
        for inner in block.body.blocks:
            if inner.type == "precondition":
                check_condition(
                    inner, module.scope, module, f"a precondition of output {name}", module.exists
                )
        is_ephemeral = Mark.EPHEMERAL in deep_marks(output)
        if is_ephemeral and (module.call is None or not flag(block, "ephemeral")):
            evaluation.refuse(
                f'the output "{name}" cannot take an ephemeral value', block.header, module.exists
            )
        if module.call is None and Mark.SENSITIVE in deep_marks(output) and not flag(block, "sensitive"):
            evaluation.refuse(
                f'the output "{name}" contains sensitive values and must say `sensitive = true`',
                block.header,
            )


def _resources(module: ModuleInstance, exporter: Exporter) -> Iterator[EvaluatedResource]:
    for block in module.resources():
        if not block.instances:
            continue
        default_tags, region = _from_provider(module, block, exporter)
        if block.config.mode is Mode.DATA:
            default_tags = None
        meta: MapValue | None = None
        for instance in block.instances:
            meta = meta_of(module, block.config, instance, exporter, meta)
            body = _body(block.config, instance, exporter)
            yield EvaluatedResource(
                address=instance.address,
                type=block.config.type,
                mode=block.config.mode,
                language=Language.TERRAFORM,
                body=body,
                location=block.config.block.header,
                extent=block.config.block.location,
                meta=meta,
                exists=instance.exists,
                calls=module.way,
                default_tags=default_tags,
                region=region,
            )


def _body(config: ResourceConfig, instance: ResourceInstance, exporter: Exporter) -> MapValue:
    body = exporter.body(instance.body)
    if is_computed(config) and isinstance(instance.value.data, dict):
        # The schema is known, hence also what is computed or left out.
        whole = exporter.value(instance.value)
        assert isinstance(whole, MapValue)
        body = MapValue({**whole.entries, **body.entries}, body.origin)
    return body


def _from_provider(
    module: ModuleInstance, block: EvaluatedBlock, exporter: Exporter
) -> tuple[Value | None, Value | None]:
    """The default tags and the region of the provider configuration that a resource uses."""
    provider = module.providers.get(provider_of(block.config))
    if provider is None:
        return None, None
    found = exporter.body(provider)
    tags: Value | None = None
    defaults = provider.blocks.get("default_tags")
    if defaults is not None and defaults.elements:
        given = found.get("default_tags").get("tags")
        tags = given if given.origin is not None or isinstance(given, MapValue) else None
    region = provider.attributes.get("region")
    return tags, exporter.value(region) if region is not None else None
