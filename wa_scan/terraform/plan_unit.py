"""The resources of a plan, each with what the source or the configuration tells of it."""

from collections.abc import Iterator

from wa_scan.blocks import EvaluatedResource, EvaluatedUnit, Language, Mode
from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.sources.units import PlanFile
from wa_scan.terraform.plan_configuration import PlanConfiguration
from wa_scan.terraform.plan_document import PlanDocument
from wa_scan.terraform.plan_mirrors import mirrored
from wa_scan.terraform.plan_places import PlacedInstance
from wa_scan.terraform.plan_policies import TYPE as POLICY_DOCUMENT
from wa_scan.terraform.plan_policies import planned_policy
from wa_scan.terraform.plan_providers import PlanProviders
from wa_scan.terraform.plan_records import (
    PlannedInstance,
    PlanRecords,
    as_map,
    without_keys,
)
from wa_scan.terraform.plan_values import planned_body
from wa_scan.terraform.plan_written import NOT_TOLD, Written
from wa_scan.values import Guard, Known, ListValue, Location, MapValue, Origin, Step, Symbol, Unknown, Value
from wa_scan.values.kinds import Reason


class Planner:
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
        self._planned = {without_keys(address) for address in (*records.instances, *records.deleted)}
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
            unplanned = self._unplanned(joined)
            resources += [one for one in joined.resources if one.mode is Mode.DATA and self._is_new(one)]
            if unplanned and not records.is_errored:
                problems.append(_outdated(unplanned, self._plan))
            if self._plan.is_source_scanned:
                resources += unplanned
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

    def _unplanned(self, joined: EvaluatedUnit) -> list[EvaluatedResource]:
        """Resources of the source that the plan lacks: they are new, or planning did not come to them."""
        return [
            resource
            for resource in joined.resources
            if resource.mode is Mode.MANAGED
            and (resource.exists.is_always or self._records.is_errored)
            and self._is_new(resource)
        ]

    def _is_new(self, resource: EvaluatedResource) -> bool:
        """Whether the plan has no instance of this block."""
        return without_keys(resource.address) not in self._planned

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


def _outdated(unplanned: list[EvaluatedResource], plan: PlanFile) -> Problem:
    """That the plan is older than the source, or of a part of it."""
    some = ", ".join(resource.address for resource in unplanned[:3])
    more = f" and {len(unplanned) - 3} more" if len(unplanned) > 3 else ""
    how = "judged as it is there" if plan.is_source_scanned else "not judged"
    return Problem(
        ProblemKind.EVALUATION_ERROR,
        f"the plan lacks what its source has, which is {how}: {some}{more}",
        Location(plan.display, 1, 1, 1, 1),
        ProblemLevel.NOTE,
        "Plan again, if the source has changed since.",
    )


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
