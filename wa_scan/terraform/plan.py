"""From a plan as JSON to every resource instance with its values, joined with the source it was made from."""

import gc
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from wa_scan.blocks import EvaluatedResource, EvaluatedUnit, Language, Mode
from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.sources.units import PlanFile, RootModule
from wa_scan.terraform.context import EvaluateOptions, Evaluation
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.evaluate import deep_recursion, evaluate_root, open_root
from wa_scan.terraform.export import Exporter
from wa_scan.terraform.files import ParsedFiles
from wa_scan.terraform.functions.json_text import decode_json
from wa_scan.terraform.plan_configuration import PlanConfiguration
from wa_scan.terraform.plan_document import PlanDocument
from wa_scan.terraform.plan_likeness import agrees
from wa_scan.terraform.plan_mirrors import mirrored
from wa_scan.terraform.plan_places import PlacedInstance
from wa_scan.terraform.plan_policies import TYPE as POLICY_DOCUMENT
from wa_scan.terraform.plan_policies import planned_policy
from wa_scan.terraform.plan_providers import PlanProviders
from wa_scan.terraform.plan_records import (
    PlannedInstance,
    PlanRecords,
    as_map,
    module_steps,
    read_records,
    without_keys,
)
from wa_scan.terraform.plan_values import planned_body
from wa_scan.terraform.plan_written import NOT_TOLD, Written
from wa_scan.terraform.source_text import TerraformSyntaxError
from wa_scan.terraform.variables import Given
from wa_scan.values import Guard, Known, ListValue, Location, MapValue, Origin, Step, Symbol, Unknown, Value
from wa_scan.values.kinds import Reason

# The plan of ten thousand resources has some tens of megabytes.
LARGEST_PLAN = 300_000_000


@dataclass(frozen=True, slots=True)
class EvaluatedPlan:
    """`source`: the root module that the plan was joined with, so that it need not be judged by itself."""

    unit: EvaluatedUnit
    source: RootModule | None = None


def evaluate_plan(
    plan: PlanFile,
    options: EvaluateOptions | None = None,
    parsed: ParsedFiles | None = None,
) -> EvaluatedPlan:
    """Evaluates a plan. Never raises for bad input: what is wrong is among the unit's problems.

    `options`, `parsed`: what its source is evaluated with, as for `evaluate_root`. The states of other root
    modules are in the plan itself.
    """
    options = options or EvaluateOptions()
    parsed = parsed if parsed is not None else ParsedFiles()
    with deep_recursion(), _without_collection():
        try:
            return _evaluated(plan, options, parsed)
        except TerraformSyntaxError as error:
            kind = ProblemKind.LIMIT_REACHED if error.limit else ProblemKind.SYNTAX_ERROR
            return EvaluatedPlan(_empty(plan, Problem(kind, error.message, error.location)))
        except RecursionError:
            place = Location(plan.display, 1, 1, 1, 1)
            message = f"{plan.display} is nested too deeply to be evaluated"
            return EvaluatedPlan(_empty(plan, Problem(ProblemKind.LIMIT_REACHED, message, place)))


@contextmanager
def _without_collection() -> Iterator[None]:
    """Millions of objects come to be, none of them in circles: looking for those takes half of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _empty(plan: PlanFile, problem: Problem) -> EvaluatedUnit:
    return EvaluatedUnit(plan.display, Language.TERRAFORM, (), problems=(problem,))


def _evaluated(plan: PlanFile, options: EvaluateOptions, parsed: ParsedFiles) -> EvaluatedPlan:
    place = Location(plan.display, 1, 1, 1, 1)
    try:
        if plan.path.stat().st_size > LARGEST_PLAN:
            message = f"the plan is larger than {LARGEST_PLAN // 1_000_000} MB and was not read"
            return EvaluatedPlan(_empty(plan, Problem(ProblemKind.LIMIT_REACHED, message, place)))
        data = plan.path.read_bytes()
    except OSError as error:
        message = f"the file cannot be read: {(error.strerror or type(error).__name__).lower()}"
        return EvaluatedPlan(_empty(plan, Problem(ProblemKind.UNREADABLE_FILE, message, place)))
    document = PlanDocument(plan.display, data)
    records = read_records(document)
    if records is None:
        message = "this is not the plan that `terraform show -json PLAN` prints"
        return EvaluatedPlan(_empty(plan, Problem(ProblemKind.SYNTAX_ERROR, message, place)))
    problems = list(_reservations(records, place))
    source = _source_of(plan, records, options, parsed)
    joined: EvaluatedUnit | None = None
    if source is not None:
        planned = _given_by_plan(records, document, source, options, parsed)
        joined = evaluate_root(source, replace(options, planned=planned), parsed)
        problems += _weighed(joined.problems)
    elif plan.is_source_named:
        message = f"nothing in {plan.sources[0].display} is in the plan, so places are those of the plan"
        problems.append(Problem(ProblemKind.EVALUATION_ERROR, message, place, ProblemLevel.NOTE))
    return EvaluatedPlan(_Planner(plan, document, records, joined).unit(problems), source)


def _reservations(records: PlanRecords, place: Location) -> Iterator[Problem]:
    """What makes the plan less than what there will be."""
    kind = ProblemKind.EVALUATION_ERROR
    if records.version.partition(".")[0] not in ("0", "1"):
        message = f"plans of format {records.version} are newer than those that wa-scan knows"
        yield Problem(kind, message, place, ProblemLevel.NOTE)
    if records.is_errored:
        hint = "Mend what `terraform plan` reports and plan again."
        yield Problem(kind, "planning failed, so the plan lacks some resources", place, hint=hint)
    elif not records.is_complete:
        message = (
            "the plan is partial (-target, or changes that were put off), and what it lacks is not judged"
        )
        yield Problem(kind, message, place, ProblemLevel.NOTE)


def _weighed(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Problems of the source as such; what it lacks or gets wrong did not keep Terraform from planning."""
    for problem in problems:
        is_evaluation = problem.kind is ProblemKind.EVALUATION_ERROR
        yield replace(problem, level=ProblemLevel.NOTE) if is_evaluation else problem


def _source_of(
    plan: PlanFile, records: PlanRecords, options: EvaluateOptions, parsed: ParsedFiles
) -> RootModule | None:
    """The first root module that has anything of what the plan has."""
    root = as_map(as_map(records.configuration).get("root_module"))
    names = {f"module.{name}" for name in as_map(root.get("module_calls"))}
    for instance in records.instances.values():
        steps, module = module_steps(instance.address)
        names.add(f"module.{steps[0][0]}" if steps else instance.base[len(module) :])
    for address in records.deleted:
        names.add(without_keys(address))
    for source in plan.sources:
        config = Evaluation(source, options, parsed).config(source.directory)
        declared = {each.address for each in config.resources.values()}
        declared |= {f"module.{name}" for name in config.calls}
        if declared & names:
            return source
    return None


def _given_by_plan(
    records: PlanRecords,
    document: PlanDocument,
    source: RootModule,
    options: EvaluateOptions,
    parsed: ParsedFiles,
) -> Mapping[str, Given]:
    """The variables for which the plan has other values than the source would have by itself."""
    root = open_root(Evaluation(source, options, parsed))
    exporter = Exporter()
    found: dict[str, Given] = {}
    for name, data in records.variables.items():
        if name not in root.config.variables:
            continue
        try:
            if agrees(exporter.value(root.variable(name)), data):
                continue
            value = decode_json(json.dumps(data))
        except (EvaluationError, ValueError):
            continue
        place = document.key_or_value(records.variables_start, (name,))
        place = place or Location(document.path, 1, 1, 1, 1)
        text = f"variable {name} of the plan"
        found[name] = Given(value.with_origin(Origin(place, text)), text, place)
    return found


class _Planner:
    """Makes the resources of one plan."""

    def __init__(
        self, plan: PlanFile, document: PlanDocument, records: PlanRecords, joined: EvaluatedUnit | None
    ) -> None:
        self._plan = plan
        self._document = document
        self._records = records
        self._joined = joined
        self._configuration = PlanConfiguration(records)
        self._providers = PlanProviders(records, self._configuration, document)
        self._types = frozenset(one.type for one in records.instances.values())
        self._by_address: dict[str, EvaluatedResource] = {}
        self._by_block: dict[str, EvaluatedResource] = {}
        # None for what is being made.
        self._made: dict[str, EvaluatedResource | None] = {}
        self._policies: dict[str, Value | None] = {}
        # The calls that lead into each module of the source, by its address without keys.
        self._calls: dict[str, tuple[Step, ...]] = {}
        if joined is not None:
            self._index(joined)

    def _index(self, joined: EvaluatedUnit) -> None:
        for resource in joined.resources:
            self._by_address[resource.address] = resource
            self._by_block[without_keys(resource.address)] = resource
            for depth, step in enumerate(resource.calls, start=1):
                self._calls.setdefault(without_keys(step.text), resource.calls[:depth])
        for module in joined.unfound_modules:
            outer = without_keys(module.call).rpartition(".module.")[0]
            step = Step(module.location, module.call)
            self._calls.setdefault(without_keys(module.call), (*self._calls.get(outer, ()), step))

    def unit(self, problems: list[Problem]) -> EvaluatedUnit:
        records, joined = self._records, self._joined
        resources = [self._resource(instance) for instance in records.instances.values()]
        files = [self._plan.display]
        settings: dict[str, Value] = {}
        providers = self._providers.settings()
        if joined is not None:
            resources += self._unplanned(joined)
            files += joined.files_read
            settings = dict(joined.settings)
        elif providers is not None:
            settings["provider"] = providers
        return EvaluatedUnit(
            name=self._plan.display,
            language=Language.TERRAFORM,
            resources=tuple(resources),
            inputs=joined.inputs if joined is not None else dict(self._inputs()),
            outputs=joined.outputs if joined is not None else dict(self._outputs()),
            settings=settings,
            files_read=tuple(dict.fromkeys(files)),
            problems=tuple(problems),
            external_folders=joined.external_folders if joined is not None else (),
        )

    def _unplanned(self, joined: EvaluatedUnit) -> Iterator[EvaluatedResource]:
        """What only the source has: data sources, and resources that planning did not come to."""
        planned = {one.base for one in self._records.instances.values()}
        planned |= {without_keys(address) for address in (*planned, *self._records.deleted)}
        for resource in joined.resources:
            is_missing = self._records.is_errored and self._plan.is_source_scanned
            wanted = resource.mode is Mode.DATA or is_missing
            if wanted and without_keys(resource.address) not in planned:
                yield resource

    def _resource(self, instance: PlannedInstance) -> EvaluatedResource:
        found = self._made.get(instance.address)
        if found is None:
            # A policy may ask for the document that it refers to, which may ask for others.
            self._made[instance.address] = None
            found = self._made[instance.address] = self._make(instance)
        return found

    def _policy(self, address: str) -> Value | None:
        if address in self._policies:
            return self._policies[address]
        instance = self._records.instances.get(address)
        policy: Value | None = None
        if (
            instance is not None
            and instance.type == POLICY_DOCUMENT
            and self._made.get(address, 0) is not None
        ):
            data = self._resource(instance)
            policy = planned_policy(data.body, data.location)
        self._policies[address] = policy
        return policy

    def _make(self, instance: PlannedInstance) -> EvaluatedResource:
        placed = PlacedInstance(instance, self._document, self._configuration, self._policy)
        source = self._by_address.get(instance.address)
        if source is None and self._by_block:
            source = self._by_block.get(without_keys(instance.address))
        calls = self._calls_to(instance)
        block = self._configuration.block(instance)
        expression: object = as_map(block).get("expressions", {}) if block is not None else NOT_TOLD
        inside: Origin | None = None
        if source is None and calls:
            inside = Origin(calls[-1].location, instance.address)
        value = source.body if source is not None else None
        written = Written(placed, (), value, expression, True, inside)
        own = source.origin if source is not None else inside or placed.origin
        body = planned_body(
            instance.values,
            instance.unknown,
            instance.sensitive,
            written,
            mirrored(instance, value, expression, self._types),
        )
        meta = source.meta if source is not None else _meta(block, own, instance)
        location = own.location
        return EvaluatedResource(
            address=instance.address,
            type=instance.type,
            mode=instance.mode,
            language=Language.TERRAFORM,
            body=MapValue(body.entries, body.origin or own, body.rest, body.references),
            location=location,
            extent=source.extent if source is not None else location if inside else placed.extent(),
            meta=MapValue({**meta.entries, "plan": _change(instance, own)}, meta.origin or own),
            exists=Guard.ALWAYS,
            calls=source.calls if source is not None else calls[:-1],
            default_tags=self._default_tags(instance, source, own),
            region=self._providers.region(instance, source.region if source is not None else None, own),
        )

    def _default_tags(
        self, instance: PlannedInstance, source: EvaluatedResource | None, own: Origin
    ) -> Value | None:
        if instance.mode is Mode.DATA:
            return None
        given = source.default_tags if source is not None else None
        return self._providers.default_tags(instance, given, own)

    def _calls_to(self, instance: PlannedInstance) -> tuple[Step, ...]:
        """The calls that lead to the innermost module around the instance that the source has."""
        if not self._calls:
            return ()
        module = without_keys(instance.module.removesuffix("."))
        while module:
            found = self._calls.get(module)
            if found is not None:
                return found
            outer, inner, _ = module.rpartition(".module.")
            module = outer if inner else ""
        return ()

    def _inputs(self) -> Iterator[tuple[str, Value]]:
        declared = as_map(self._configuration.root.get("variables"))
        for name, data in self._records.variables.items():
            place = self._document.key_or_value(self._records.variables_start, (name,))
            origin = Origin(place or Location(self._plan.display, 1, 1, 1, 1), f"variable {name}")
            if as_map(declared.get(name)).get("sensitive") is True:
                yield name, Unknown(Symbol(f"var.{name}"), Reason.INPUT, origin)
            elif isinstance(data, str | int | float | bool) or data is None:
                yield name, Known(data, origin)

    def _outputs(self) -> Iterator[tuple[str, Value]]:
        for name, symbols in self._configuration.module_outputs():
            symbol = Symbol(f"output.{name}")
            yield name, Unknown(symbol, references=frozenset((symbol, *symbols)))


def _change(instance: PlannedInstance, origin: Origin) -> Value:
    """What will be done, for those who ask: the actions, and the arguments that force a replacement."""
    return MapValue(
        {
            "actions": ListValue([Known(action, origin) for action in instance.actions], origin),
            "replace_paths": ListValue([Known(path, origin) for path in instance.replace_paths], origin),
        },
        origin,
    )


def _meta(block: object, origin: Origin, instance: PlannedInstance) -> MapValue:
    """What the configuration tells beside the arguments; of `lifecycle` it tells nothing."""
    entries: dict[str, Value] = {}
    if instance.mode is Mode.MANAGED:
        symbol = Symbol(f"lifecycle of {instance.address}")
        entries["lifecycle"] = Unknown(symbol, Reason.UNSUPPORTED, origin)
    provisioners = as_map(block).get("provisioners")
    made: list[Value] = []
    for provisioner in provisioners if isinstance(provisioners, list) else ():
        kind = as_map(provisioner).get("type")
        if not isinstance(kind, str):
            continue
        body: dict[str, Value] = {"type": Known(kind, origin)}
        for name, expression in as_map(as_map(provisioner).get("expressions")).items():
            constant = as_map(expression).get("constant_value")
            if isinstance(constant, str | int | float | bool):
                body[name] = Known(constant, origin)
            else:
                body[name] = Unknown(Symbol(f"{name} of a provisioner of {instance.address}"), origin=origin)
        made.append(MapValue(body, origin))
    if made:
        entries["provisioner"] = ListValue(made, origin)
    return MapValue(entries, origin)
