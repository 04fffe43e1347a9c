"""Instances of modules: what names mean in them, each thing evaluated once and when it is asked for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath
from typing import TYPE_CHECKING

from wa_scan.blocks import Mode
from wa_scan.terraform import declarations
from wa_scan.terraform.configuration import ModuleConfig, ResourceConfig, ResourceKey
from wa_scan.terraform.context import Evaluation
from wa_scan.terraform.dispatch import evaluate
from wa_scan.terraform.entries import value_or_entries
from wa_scan.terraform.errors import CyclicReferenceError, EvaluationError, InvalidReferenceError
from wa_scan.terraform.instances import Repetition
from wa_scan.terraform.literals import flag
from wa_scan.terraform.providers import ProviderName, Providers
from wa_scan.terraform.resources import EvaluatedBlock, evaluate_resource
from wa_scan.terraform.scope import Scope, Step
from wa_scan.terraform.statements import BUILTIN, provider_source, required_providers
from wa_scan.terraform.symbolic import unknown
from wa_scan.terraform.syntax import Attribute, Block, Expression, GetAttr, Index, Template
from wa_scan.terraform.types import BOOL, STRING
from wa_scan.terraform.values import Mark, TfValue, object_of, string
from wa_scan.terraform.variables import Given, Variable, declare, root_value
from wa_scan.values import Guard, Location, Origin
from wa_scan.values import Step as WayStep
from wa_scan.values.kinds import Reason

if TYPE_CHECKING:
    from wa_scan.terraform.external_modules import Package
    from wa_scan.terraform.functions.filesystem import FileAccess
    from wa_scan.terraform.module_calls import ModuleCalls


@dataclass(frozen=True, slots=True)
class CallSite:
    """Where a module instance is called: `scope` knows `each` and `count` of the call."""

    parent: "ModuleInstance"
    block: Block
    scope: Scope
    address: str

    @property
    def name(self) -> str:
        return self.block.labels[0]


class ModuleInstance:
    """A module with its arguments. `address`: `module.a["x"].module.b`, empty for the root; `path`: the
    names of the calls that lead here; `exists`: when there is such an instance; `package`: what its folder
    lies in if it was fetched from elsewhere.
    """

    allows_calls = True

    def __init__(
        self,
        evaluation: Evaluation,
        config: ModuleConfig,
        files: "FileAccess",
        address: str = "",
        call: CallSite | None = None,
        exists: Guard = Guard.ALWAYS,
        given: dict[str, Given] | None = None,
        package: "Package | None" = None,
    ) -> None:
        self.evaluation = evaluation
        self.config = config
        self.cyclic = declarations.cyclic(config)
        self.files: FileAccess | None = files
        self.address = address
        self.prefix = f"{address}." if address else ""
        self.call = call
        self.exists = exists
        self.package = package
        self.scope = Scope(self, place=address)
        self.providers = Providers(self)
        self.path: tuple[str, ...] = (*call.parent.path, call.name) if call else ()
        self.way: tuple[WayStep, ...] = (
            (*call.parent.way, WayStep(call.block.header, call.address)) if call else ()
        )
        self._given = given or {}
        self._values: dict[tuple[str, str], TfValue] = {}
        self._resources: dict[ResourceKey, EvaluatedBlock] = {}
        self._calls: dict[str, ModuleCalls] = {}
        # What is being evaluated, to find cycles.
        # With how many outputs of other root modules were being asked for when it began.
        self._pending: dict[tuple[str, ...], int] = {}

    # --- names ----------------------------------------------------------------------------

    @property
    def short_circuits(self) -> bool:
        return self.evaluation.options.short_circuits

    def spend(self, steps: int) -> None:
        self.evaluation.spend(steps)

    def template(self, text: str, path: str) -> Template:
        return self.evaluation.template(text, path)

    def provider_function(self, name: str) -> str:
        _, local, function = name.split("::", 2)
        declared = required_providers(self.config)
        if local not in declared:
            # A module that says nothing of providers has its functions where it is used.
            if declared:
                raise EvaluationError(f'"required_providers" of this module has no "{local}"')
            return name
        source = provider_source(declared[local]) or local
        return f"provider::{'terraform' if source == BUILTIN else local}::{function}"

    def resolve(self, name: str, at: Expression, steps: list[Step], scope: Scope) -> tuple[TfValue, int]:
        if scope.template:
            raise EvaluationError(f'the template is not given a value named "{name}"', at.location)
        if name == "resource" and len(steps) > 1 and isinstance(steps[0], GetAttr):
            found, taken = self.resolve(steps[0].name, at, steps[1:], scope)
            return found, taken + 1
        refused = declarations.refusal(self.config, name, steps, scope.names)
        if refused is not None:
            raise InvalidReferenceError(refused, at.location)
        first = steps[0] if steps else None
        if name == "var" and isinstance(first, GetAttr):
            return self.variable(first.name), 1
        if name == "local" and isinstance(first, GetAttr):
            return self.local(first.name), 1
        if name == "module" and isinstance(first, GetAttr):
            return self._module_reference(first.name, steps, scope)
        if name == "path" and isinstance(first, GetAttr):
            return self._path(first.name), 1
        if name == "terraform" and isinstance(first, GetAttr):
            return self._terraform(first.name), 1
        if name in ("data", "ephemeral"):
            kind, label = _attribute_name(steps[0]), _attribute_name(steps[1])
            type = f"ephemeral.{kind}" if name == "ephemeral" else kind
            return self._resource_reference((Mode.DATA, type, label), steps, 2)
        return self._resource_reference((Mode.MANAGED, name, _attribute_name(steps[0])), steps, 1)

    def _resource_reference(self, key: ResourceKey, steps: list[Step], taken: int) -> tuple[TfValue, int]:
        found = self.resource(key)
        following = steps[taken:]
        if following and found.repetition is not Repetition.SINGLE:
            first = following[0]
            if isinstance(first, GetAttr):
                name = found.config.address
                shown = "0" if found.repetition is Repetition.COUNT else '"key"'
                raise EvaluationError(
                    f'{name} has "{found.repetition.value}" set, so one of its instances must be '
                    f"named, as in {name}[{shown}]",
                    first.location,
                )
            if len(following) > 1 and isinstance(following[1], Index) and not following[1].legacy:
                raise EvaluationError(
                    "an attribute must follow the instance key, with a dot", following[1].location
                )
        return found.value, taken

    def _path(self, name: str) -> TfValue:
        if name == "cwd":
            return unknown("path.cwd", Reason.UNSUPPORTED, never_null=True)
        if name == "root":
            return string(".")
        if self.package is not None:
            return string(self.package.appearance(self.config.directory))
        root = self.evaluation.root.directory
        return string(_relative(self.config.directory, root))

    @property
    def tree(self) -> Path:
        """What nothing is read outside of for this module."""
        return self.package.folder if self.package is not None else self.evaluation.root.tree

    def _terraform(self, name: str) -> TfValue:
        if name == "workspace":
            named = self.evaluation.options.workspace
            if named is not None:
                return string(named)
            return unknown("terraform.workspace", Reason.INPUT, STRING, never_null=True)
        ephemeral = frozenset((Mark.EPHEMERAL,))
        return unknown(f"terraform.{name}", Reason.UNSUPPORTED, BOOL, never_null=True, marks=ephemeral)

    # --- values, each evaluated once ----------------------------------------------------------

    def _once(self, kind: str, name: str, compute: Callable[[str], TfValue]) -> TfValue:
        key = (kind, name)
        found = self._values.get(key)
        if found is None:
            self._enter(key)
            try:
                found = compute(name)
            finally:
                del self._pending[key]
            self._values[key] = found
        return found

    def _enter(self, key: tuple[str, ...]) -> None:
        states = self.evaluation.states
        since = self._pending.get(key)
        if since is not None:
            if states is not None:
                states.refuse_cycle(since)
            raise CyclicReferenceError(f"{'.'.join(key)} refers to itself, directly or through others")
        self._pending[key] = states.depth if states is not None else 0

    def variable(self, name: str) -> TfValue:
        return self._once("var", name, self._variable)

    @property
    def variables(self) -> dict[str, Variable]:
        declared = self.evaluation.declared.get(id(self.config))
        if declared is None:
            # Once for all instances; the configuration is kept by the evaluation, hence its id.
            declared = self.evaluation.declared[id(self.config)] = {
                name: declare(name, block, self.evaluation) for name, block in self.config.variables.items()
            }
        return declared

    def _variable(self, name: str) -> TfValue:
        variable = self.variables[name]
        call = self.call
        if call is None:
            return root_value(variable, self._given.get(name), self.evaluation)
        argument = call.block.body.attributes.get(name)
        if argument is None:
            if variable.default is None:
                self.refuse(f'the required argument "{name}" of {call.address} is missing', call.block.header)
                return unknown(f"{self.prefix}var.{name}", Reason.ERROR, variable.type)
            return variable.default
        try:
            value = variable.accept(evaluate(argument.value, call.scope))
        except EvaluationError as error:
            self.report(error, argument.value.location)
            return unknown(f"{self.prefix}var.{name}", Reason.ERROR)
        text = f"argument {name} of {call.address}"
        return value.with_origin(Origin(argument.location, text, value.origin))

    def _refuse_cycle(self, node: declarations.Node) -> None:
        """Refuses a reference to `node` from what it refers to itself: every such reference, so that it
        does not matter which is evaluated first.
        """
        members = self.cyclic.get(node)
        if members is not None and any(self._key(member) in self._pending for member in members):
            raise CyclicReferenceError(*declarations.cycle_refusal(self.config, members))

    def _key(self, node: declarations.Node) -> tuple[str, ...]:
        return ("local", node) if isinstance(node, str) else (self.config.resources[node].address,)

    def local(self, name: str) -> TfValue:
        if self.cyclic:
            self._refuse_cycle(name)
        if ("local", name) not in self._values:
            self._evaluate_needed(name)
        return self._once("local", name, self._local)

    def _evaluate_needed(self, start: declarations.Node) -> None:
        for node in declarations.evaluation_order(self.config, start, self._is_begun):
            if isinstance(node, str):
                self._once("local", node, self._local)
            else:
                self._evaluate_resource(node)

    def _is_begun(self, node: declarations.Node) -> bool:
        done = ("local", node) in self._values if isinstance(node, str) else node in self._resources
        return done or self._key(node) in self._pending

    def _local(self, name: str) -> TfValue:
        attribute = self.config.locals[name]
        value = self.value_of(attribute, f"local.{name}", self.scope)
        return value.with_origin(Origin(attribute.location, f"local.{name}", value.origin))

    def value_of(self, attribute: Attribute, text: str, scope: Scope) -> TfValue:
        """The value of an attribute; unknown under the name `text`, and reported, if it is refused."""
        return value_or_entries(attribute.value, scope, self.report, self.prefix + text)

    def report(self, error: EvaluationError, location: Location) -> None:
        self.evaluation.report(error, location, self.exists)

    def refuse(self, message: str, location: Location) -> None:
        self.evaluation.refuse(message, location, self.exists)

    def output(self, name: str) -> TfValue:
        return self._once("output", name, self._output)

    def _output(self, name: str) -> TfValue:
        block = self.config.outputs[name]
        attribute = block.body.attributes.get("value")
        if attribute is None:
            self.refuse(f'the output "{name}" has no value', block.header)
            return unknown(f"{self.prefix}output.{name}", Reason.ERROR)
        value = self.value_of(attribute, f"output.{name}", self.scope)
        if flag(block, "sensitive"):
            value = value.with_marks(frozenset((Mark.SENSITIVE if self.call is None else Mark.WITHHELD,)))
        where = f"output {name} of {self.address}" if self.address else f"output {name}"
        return value.with_origin(Origin(attribute.location, where, value.origin))

    def outputs(self) -> dict[str, TfValue]:
        return {name: self.output(name) for name in self.config.outputs}

    def resource(self, key: ResourceKey) -> EvaluatedBlock:
        if self.cyclic:
            self._refuse_cycle(key)
        found = self._resources.get(key)
        if found is None:
            self._evaluate_needed(key)
            found = self._evaluate_resource(key)
        return found

    def _evaluate_resource(self, key: ResourceKey) -> EvaluatedBlock:
        found = self._resources.get(key)
        if found is None:
            config = self.config.resources[key]
            begun = (config.address,)
            self._enter(begun)
            try:
                self._follow_dependencies(config)
                found = evaluate_resource(config, self.scope, self.prefix, self.exists, self.evaluation)
            finally:
                del self._pending[begun]
            self._resources[key] = found
        return found

    def _follow_dependencies(self, config: ResourceConfig) -> None:
        """A cycle through `depends_on` is one too, though no value goes round."""
        depends = config.block.body.attributes.get("depends_on")
        if depends is None:
            return
        for key in declarations.depended_on(self.config, depends.value):
            if self.config.resources[key] is config:
                continue
            try:
                self.resource(key)
            except EvaluationError as error:
                self.report(error, depends.location)

    def resources(self) -> Iterable[EvaluatedBlock]:
        return [self.resource(key) for key in self.config.resources]

    def provider_scope(self, name: ProviderName) -> Scope:
        place = f"{self.prefix}provider.{'.'.join(part for part in name if part)}"
        return self.scope.at_place(place, {})

    # --- module calls -------------------------------------------------------------------------

    def called(self, name: str) -> "ModuleCalls":
        from wa_scan.terraform.module_calls import expand_call

        found = self._calls.get(name)
        if found is None:
            self._enter(("module", name))
            try:
                found = expand_call(self, self.config.calls[name])
            finally:
                del self._pending["module", name]
            self._calls[name] = found
        return found

    def children(self) -> list["ModuleInstance"]:
        return [child for name in self.config.calls for child in self.called(name).modules]

    def _module_reference(self, name: str, steps: list[Step], scope: Scope) -> tuple[TfValue, int]:
        return self.called(name).reference(steps, scope)


def module_object(module: ModuleInstance) -> TfValue:
    """What `module.NAME` is: its outputs."""
    return object_of(module.outputs())


def _attribute_name(step: Step) -> str:
    assert isinstance(step, GetAttr)
    return step.name


def _relative(directory: Path, root: Path) -> str:
    from os.path import relpath

    return normpath(relpath(directory, root).replace("\\", "/"))
