"""Module calls: where their source is, their instances, and what a reference to one gives."""

from os.path import realpath
from pathlib import Path
from posixpath import normpath

from wa_scan.blocks import UnfoundModule
from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.terraform.choices import choose
from wa_scan.terraform.configuration import ModuleConfig
from wa_scan.terraform.context import DEEPEST_MODULES, MOST_MODULE_INSTANCES
from wa_scan.terraform.declarations import META_CALL_ARGUMENTS
from wa_scan.terraform.dispatch import evaluate
from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.external_modules import ModuleCall, Package
from wa_scan.terraform.files import is_within
from wa_scan.terraform.instances import Expansion, Instance, Repetition, expand
from wa_scan.terraform.modules import CallSite, ModuleInstance, module_object
from wa_scan.terraform.packages.errors import without_password
from wa_scan.terraform.resources import unexpanded
from wa_scan.terraform.scope import Scope, Step
from wa_scan.terraform.symbolic import RepeatedData, open_object
from wa_scan.terraform.syntax import Block, GetAttr, Index, Template
from wa_scan.terraform.types import DYNAMIC
from wa_scan.terraform.values import NO_MARKS, TfValue, object_of, tuple_of
from wa_scan.values import Guard, Symbol
from wa_scan.values.kinds import Reason

_Found = tuple[ModuleConfig, Package | None]
MOST_GUARDS = 5
LONGEST_NAMED = 120


class ModuleCalls:
    """All instances of one module call. Without `modules` where the module is not found."""

    def __init__(self, address: str, expansion: Expansion, modules: list[ModuleInstance]) -> None:
        self.address = address
        self.expansion = expansion
        self.modules = modules
        self.found = bool(modules) or not expansion.instances
        self._whole: TfValue | None = None

    def reference(self, steps: list[Step], scope: Scope) -> tuple[TfValue, int]:
        """What `module.x` and the steps after it mean, and how many of `steps` that took.

        An output that is named is evaluated alone, so that two modules can use outputs of each other.
        """
        repetition = self.expansion.repetition
        if not self.found:
            return self._unfound(), 1
        if repetition is Repetition.SINGLE:
            if len(steps) > 1 and isinstance(steps[1], GetAttr):
                return _output(self.modules[0], steps[1]), 2
        elif len(steps) > 1 and isinstance(steps[1], GetAttr):
            raise EvaluationError(
                f'{self.address} has "{repetition.value}" set, so one of its instances must be named',
                steps[1].location,
            )
        elif len(steps) > 2 and isinstance(steps[1], Index) and isinstance(steps[2], GetAttr):
            key = evaluate(steps[1].key, scope).data
            for own, module in zip(self.expansion.instances, self.modules, strict=True):
                if own.key == key and own.exists.is_always and type(own.key) is type(key):
                    return _output(module, steps[2]), 3
        if self._whole is None:
            self._whole = self._collection()
        return self._whole, 1

    def _unfound(self) -> TfValue:
        found = open_object(Symbol(self.address), Reason.MODULE)
        if self.expansion.repetition is Repetition.SINGLE:
            return found
        keys = [own.key for own in self.expansion.instances]
        certain = all(own.exists.is_always for own in self.expansion.instances)
        if not self.expansion.is_complete or not certain:
            return TfValue(DYNAMIC, RepeatedData(Symbol(self.address), found), NO_MARKS)
        members = [
            open_object(Symbol(self.address + own.suffix), Reason.MODULE) for own in self.expansion.instances
        ]
        if self.expansion.repetition is Repetition.COUNT:
            return tuple_of(members)
        return object_of({str(key): member for key, member in zip(keys, members, strict=True)})

    def _collection(self) -> TfValue:
        if self.expansion.repetition is Repetition.SINGLE:
            return module_object(self.modules[0])
        members = list(zip(self.expansion.instances, self.modules, strict=True))
        guards = {own.exists for own, _ in members if not own.exists.is_always}
        if not self.expansion.is_complete or len(guards) > MOST_GUARDS:
            # Outputs of the instance that stands for all.
            attributes = self.modules[-1].outputs()
            symbol = Symbol(f"{self.address}[*]")
            member = open_object(symbol, Reason.COMPUTED, attributes)
            return TfValue(DYNAMIC, RepeatedData(Symbol(self.address), member), NO_MARKS)
        return self._under(sorted(guards, key=str), Guard.ALWAYS, members)

    def _under(
        self, guards: list[Guard], when: Guard, members: list[tuple[Instance, ModuleInstance]]
    ) -> TfValue:
        if not guards:
            present = [(own.key, module) for own, module in members if when.implies(own.exists)]
            if self.expansion.repetition is Repetition.COUNT:
                return tuple_of(module_object(module) for _, module in present)
            return object_of({str(key): module_object(module) for key, module in present})
        first, rest = guards[0], guards[1:]
        if when.implies(first) or (when & first).is_never:
            return self._under(rest, when, members)
        return choose(
            first,
            self._under(rest, when & first, members),
            self._under(rest, when & ~first, members),
        )


def _output(module: ModuleInstance, step: GetAttr) -> TfValue:
    if step.name not in module.config.outputs:
        raise EvaluationError(f'{module.address} has no output named "{step.name}"', step.location)
    return module.output(step.name)


def expand_call(parent: ModuleInstance, block: Block) -> ModuleCalls:
    """The instances of a module call. What is wrong with it is reported."""
    evaluation = parent.evaluation
    address = f"{parent.prefix}module.{block.labels[0]}"
    base = parent.scope.at_place(address, {}).sharing()
    try:
        expansion = expand(block.body, base, address)
    except EvaluationError as error:
        evaluation.report(error, block.header, parent.exists)
        expansion = unexpanded(block, address)
    found = _find(parent, block, address)
    if found is None:
        return ModuleCalls(address, expansion, [])
    config, package = found
    for name, argument in block.body.attributes.items():
        if name not in META_CALL_ARGUMENTS and name not in config.variables:
            evaluation.refuse(f'the module {address} has no variable named "{name}"', argument.name_location)
    modules = []
    for instance in expansion.instances:
        evaluation.module_instances += 1
        if evaluation.module_instances > MOST_MODULE_INSTANCES:
            message = f"there are more than {MOST_MODULE_INSTANCES} module instances"
            evaluation.report(LimitReachedError(message, block.header), block.header)
            return ModuleCalls(address, expansion, [])
        own = address + instance.suffix
        call = CallSite(parent, block, base.at_place(own, instance.names), own)
        assert parent.files is not None
        modules.append(
            ModuleInstance(
                evaluation,
                config,
                parent.files,
                own,
                call,
                parent.exists & instance.exists,
                package=package,
            )
        )
    return ModuleCalls(address, expansion, modules)


def _find(parent: ModuleInstance, block: Block, address: str) -> _Found | None:
    """The module that is called, and its package; None, and noted, where it is not to be had."""
    evaluation = parent.evaluation
    attribute = block.body.attributes.get("source")
    source = attribute.value.literal if attribute and isinstance(attribute.value, Template) else None
    if attribute is None or source is None:
        evaluation.refuse(f"{address} needs a source that is plain text", block.header)
        return _not_found(parent, block, address, "")
    place = attribute.location
    if source.startswith(("./", "../")) or source in (".", ".."):
        directory = Path(normpath(parent.config.directory / source))
        package = parent.package
        if not is_within(directory, parent.tree):
            evaluation.add(
                Problem(
                    ProblemKind.OUTSIDE_TREE,
                    f"{address} is outside the scanned folder and was not looked at",
                    place,
                    ProblemLevel.NOTE,
                    "scan the folder that holds both",
                )
            )
            return _not_found(parent, block, address, source)
        if not directory.is_dir():
            evaluation.refuse(f"the folder of {address} does not exist: {source}", place)
            return _not_found(parent, block, address, source)
    else:
        found = evaluation.external_module(_external_call(parent, block, address, source))
        if found is None:
            return _not_found(parent, block, address, source)
        directory, package = found.directory, found.package
    real = realpath(directory)
    above: ModuleInstance | None = parent
    depth = 0
    while above is not None:
        depth += 1
        # A folder may be reached by many names, through symbolic links.
        if realpath(above.config.directory) == real:
            message = f"the module {_named(address)} calls itself"
            evaluation.add(Problem(ProblemKind.MODULE_CYCLE, message, block.header))
            return None
        if depth > DEEPEST_MODULES:
            message = f"modules are nested more than {DEEPEST_MODULES} deep at {_named(address)}"
            evaluation.add(Problem(ProblemKind.LIMIT_REACHED, message, block.header))
            return None
        above = above.call.parent if above.call is not None else None
    return evaluation.config(directory, package.folder if package is not None else None), package


def _external_call(parent: ModuleInstance, block: Block, address: str, source: str) -> ModuleCall:
    version = block.body.attributes.get("version")
    return ModuleCall(
        ".".join((*parent.path, block.labels[0])),
        address,
        source,
        # What is no plain text is no constraint either, and is refused as such.
        (version.value.literal if isinstance(version.value, Template) else None) or ""
        if version is not None
        else None,
        block.body.attributes["source"].location,
        parent.tree,
    )


def _named(address: str) -> str:
    """An address for a sentence."""
    return address if len(address) <= LONGEST_NAMED else f"…{address[-LONGEST_NAMED:]}"


def _not_found(parent: ModuleInstance, block: Block, address: str, source: str) -> _Found | None:
    unfound = UnfoundModule(address, without_password(source), block.header)
    parent.evaluation.unfound.setdefault((address, block.header), unfound)
    return None
