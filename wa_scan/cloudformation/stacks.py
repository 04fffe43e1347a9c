"""Stacks: a template with the values that it gets, and the stacks that it nests.

All stacks of one root template share their guards and what went wrong. The names of what belongs to a nested
stack begin with the logical IDs that lead to it, `Network/`, so that the same template nested twice is two
independent sets. A stack is opened (its parameters and conditions as conditions see them) before anything
is evaluated, each after those whose outputs it is handed; outputs are evaluated as they are asked for.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from wa_scan.blocks import EvaluatedResource, UnfoundModule
from wa_scan.cloudformation.assembly import Constructs
from wa_scan.cloudformation.assertions import with_assertions
from wa_scan.cloudformation.conditions import evaluate_conditions
from wa_scan.cloudformation.equality import Equalities
from wa_scan.cloudformation.evaluator import Budget, EvaluationError, Evaluator, Scope, WorkLimitError
from wa_scan.cloudformation.files import TemplateFile, TemplateFiles
from wa_scan.cloudformation.functions import FUNCTIONS
from wa_scan.cloudformation.includes import with_includes
from wa_scan.cloudformation.loops import LoopEntry, entries_of
from wa_scan.cloudformation.mappings import read_mappings
from wa_scan.cloudformation.nested import Nested, Unfound, find_nested, in_order, with_outer_tags
from wa_scan.cloudformation.nodes import MappingNode
from wa_scan.cloudformation.parameters import Parameter, read_parameters
from wa_scan.cloudformation.passing import Argument, PassedParameter
from wa_scan.cloudformation.resources import WrittenResource, evaluate_resources, existence, find_resources
from wa_scan.cloudformation.transforms import has_other_macros, note_transforms, transforms_of, translated
from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.values import Guard, Location, Step, Symbol, Unknown, Value

MAX_DEPTH = 20
"""Levels of nested stacks."""
MAX_STACKS = 1_000
"""Stacks of one root template."""

_EVERYWHERE = ("AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::URLSuffix")
_SETTINGS = ("AWSTemplateFormatVersion", "Description", "Metadata", "Transform", "Globals")

Imports = Callable[[Value, str], Value | None]


class StackTree:
    """What the stacks of one root template share. `imports`: what a stack (its prefix) gets by a name that
    other stacks export it by. `constructs`: what is known of the app that the templates were made by."""

    def __init__(
        self, files: TemplateFiles, imports: Imports | None = None, constructs: Constructs | None = None
    ) -> None:
        self.files = files
        self.imports = imports
        self.constructs = constructs
        self.equalities = Equalities({})
        self.budget = Budget()
        self.problems: dict[Problem, None] = {}
        self.lists: dict[Symbol, tuple[str, Unknown]] = {}
        self.files_read: dict[str, None] = {}
        self.unfound: dict[tuple[str, Location], UnfoundModule] = {}
        self.stacks = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """How a stack hangs in its tree.

    `given`: parameters of the root, and pseudo parameters. `arguments`: what the parent hands over. `exists`,
    `calls`, `tags` as for a resource. `nesting`: the files around it. `is_elsewhere`: it is in other accounts
    or regions. `is_named`: its file was named by a path.
    """

    prefix: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    exists: Guard = Guard.ALWAYS
    calls: tuple[Step, ...] = ()
    tags: Value | None = None
    nesting: tuple[Path, ...] = ()
    is_elsewhere: bool = False
    is_named: bool = True


class StackInstance:
    """`open` it, then ask."""

    def __init__(self, file: TemplateFile, root: MappingNode, frame: Frame, tree: StackTree) -> None:
        self.file = file
        self.frame = frame
        self.tree = tree
        self.root = root
        self.parameters: Mapping[str, Parameter] = {}
        self.children: dict[str, StackInstance | None] = {}
        self._written: dict[str, WrittenResource] = {}
        self._output_nodes: dict[str, LoopEntry] | None = None
        self._outputs: dict[tuple[str, bool], Value | None] = {}
        self._is_preparing = self._is_prepared = False
        imports = tree.imports
        self.scope = Scope(
            file=file.template.display,
            parameters=self.parameters,
            resource_types={},
            mappings={},
            equalities=tree.equalities,
            given=frame.given,
            problems=tree.problems,
            budget=tree.budget,
            prefix=frame.prefix,
            is_elsewhere=frame.is_elsewhere,
            outputs=self._output_of_child,
            imports=partial(_swapped, imports, frame.prefix) if imports is not None else None,
            lists=tree.lists,
        )
        self.evaluator = self._fresh()

    def _fresh(self, in_condition: bool = False) -> Evaluator:
        """An evaluator that is in the middle of nothing."""
        evaluator = Evaluator(self.scope, FUNCTIONS, in_condition)
        evaluator.under = self.frame.exists
        return evaluator

    # --- opening ------------------------------------------------------------------------------

    def prepare(self) -> bool:
        """Open and settle, once; whether that is done. Raises `RecursionError` and `WorkLimitError`."""
        if not self._is_prepared and not self._is_preparing:
            self._is_preparing = True
            try:
                self.open()
                self.settle()
                self._is_prepared = True
            finally:
                self._is_preparing = False
        return self._is_prepared

    def open(self) -> None:
        """Read what conditions need, here and in all nested stacks."""
        scope, tree = self.scope, self.tree
        tree.files_read[self.file.template.display] = None
        self._read_parameters()
        whole = with_includes(self.root, self.file, self.evaluator, tree.files)
        if whole.root is not self.root:
            self.root = whole.root
            tree.files_read.update(dict.fromkeys(whole.files_read))
            self._read_parameters()
        transforms = transforms_of(self.root)
        # What could not be read may be what is referred to.
        scope.has_macros = has_other_macros(transforms) or self.file.is_partial
        mapping_problems: list[Problem] = []
        scope.mappings = read_mappings(self.root.get("Mappings"), mapping_problems)
        tree.problems.update(dict.fromkeys(mapping_problems))
        self.root = translated(self.root, transforms, self.evaluator)
        evaluate_conditions(self.root.get("Conditions"), self._fresh(in_condition=True))
        section = self.root.get("Resources")
        if isinstance(section, MappingNode):
            self._written = find_resources(section, self.evaluator)
        elif section is not None:
            scope.problem(ProblemKind.EVALUATION_ERROR, "Resources is not a mapping.", section.location)
        scope.resource_types = {name: resource.type for name, resource in self._written.items()}
        if tree.constructs is not None:
            scope.addresses = tree.constructs.addresses(self._written, is_root=not self.frame.nesting)
        note_transforms(transforms, scope)
        for name in in_order(self._written):
            self.children[name] = self._open_child(name, self._written[name])

    def _read_parameters(self) -> None:
        problems: list[Problem] = []
        frame = self.frame
        given = frame.given if not frame.prefix else {}
        found = read_parameters(self.root.get("Parameters"), given, problems, frame.prefix)
        self.tree.problems.update(dict.fromkeys(problems))
        found = with_assertions(found, self.root.get("Rules"))
        for name, parameter in found.items():
            argument = frame.arguments.get(name)
            if argument is not None:
                found[name] = PassedParameter.of(parameter, argument, self.tree.lists)
            elif parameter.allowed and not parameter.is_list and not parameter.is_looked_up:
                self.tree.equalities.restrict(parameter.symbol, parameter.allowed)
        self.parameters = self.scope.parameters = found

    def _open_child(self, name: str, resource: WrittenResource) -> "StackInstance | None":
        frame, tree = self.frame, self.tree
        with self.evaluator.binding(resource.bindings):
            exists = frame.exists & resource.exists & existence(resource.node, self.evaluator)
        is_deployed = not exists.is_never
        nested = find_nested(
            name, resource, self._fresh, exists if is_deployed else frame.exists, self.file, tree.files
        )
        if not is_deployed:
            # What is never deployed is not scanned by itself either.
            if isinstance(nested, Nested):
                tree.files.nested.add(nested.file.template.path)
            return None
        address = self.scope.own(name)
        if isinstance(nested, Unfound):
            tree.unfound[address, nested.place] = UnfoundModule(address, nested.url, nested.place, True)
            return None
        path = nested.file.template.path
        if not nested.is_inline and path in (*frame.nesting, self.file.template.path):
            message = f"{name} nests the template that it is in, directly or not."
            self.scope.problem(ProblemKind.MODULE_CYCLE, message, resource.key)
            return None
        tree.stacks += 1
        if len(frame.nesting) + 1 >= MAX_DEPTH or tree.stacks > MAX_STACKS:
            limit = f"{MAX_STACKS} stacks" if tree.stacks > MAX_STACKS else f"{MAX_DEPTH} levels of stacks"
            message = f"There are more than {limit}; {name} was not looked at."
            self.scope.problem(ProblemKind.LIMIT_REACHED, message, resource.key)
            return None
        if not nested.is_inline:
            tree.files.nested.add(path)
        tree.files_read[nested.file.template.display] = None
        tree.problems.update(dict.fromkeys(nested.file.problems))
        if not isinstance(nested.file.root, MappingNode):
            return None
        child = StackInstance(
            nested.file,
            nested.file.root,
            Frame(
                prefix=f"{address}/",
                given={}
                if nested.is_elsewhere
                else {k: v for k, v in frame.given.items() if k in _EVERYWHERE},
                arguments=nested.arguments,
                exists=exists,
                calls=(*frame.calls, Step(resource.key, f"nested stack {address}")),
                tags=with_outer_tags(nested.tags, frame.tags),
                nesting=(*frame.nesting, self.file.template.path),
                is_elsewhere=nested.is_elsewhere or frame.is_elsewhere,
                is_named=nested.is_named,
            ),
            tree,
        )
        with self._limits(address, resource.key):
            child.open()
        return child

    def settle(self) -> None:
        """Evaluate what is handed to nested stacks. All conditions that may ask for it are open by now."""
        for child in self.children.values():
            if child is not None:
                for argument in child.frame.arguments.values():
                    argument.value(False)
                child.settle()

    # --- asking ---------------------------------------------------------------------------------

    def resources(self) -> list[EvaluatedResource]:
        """Those of this stack and of the stacks that it nests."""
        frame = self.frame
        found = evaluate_resources(self._written, self.evaluator, frame.tags, frame.calls)
        for child in self.children.values():
            if child is not None:
                found += child.resources()
        return found

    def inputs(self) -> dict[str, Value]:
        equalities = self.scope.equalities
        return {
            name: parameter.value_under(equalities, self.frame.exists)
            for name, parameter in self.parameters.items()
        }

    def settings(self) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name, (key, node) in self.root.entries.items():
            if name in _SETTINGS:
                with self._limits(name, key):
                    found[name] = self._fresh().property(key, node, name)
        return found

    def outputs(self) -> dict[str, Value]:
        """The outputs as they are written, with `Value` and `Export`."""
        found: dict[str, Value] = {}
        for name, (_, key, node, bindings, exists) in self._outputs_written().items():
            evaluator = self._fresh()
            with self._limits(name, key), evaluator.binding(bindings):
                guard = exists
                if isinstance(node, MappingNode):
                    guard = guard & existence(node, evaluator)
                if not guard.is_never:
                    with evaluator.given(guard):
                        found[name] = evaluator.property(key, node, f"output {name}")
        return found

    def output(self, name: str, for_condition: bool = False) -> Value | None:
        """The value of an output where there is one; None where it is not known."""
        key = (name, for_condition)
        if key not in self._outputs:
            self._outputs[key] = None
            written = self._outputs_written().get(name)
            self._outputs[key] = self._output_part(written, f"output {name}", for_condition, "Value")
        return self._outputs[key]

    def exports(self) -> Iterator[tuple[str, Value]]:
        """By output the name that it is exported by."""
        for name, written in self._outputs_written().items():
            found = self._output_part(written, f"export of {name}", False, "Export", "Name")
            if found is not None:
                yield name, found

    def _output_part(
        self, written: LoopEntry | None, text: str, for_condition: bool, *path: str
    ) -> Value | None:
        if written is None:
            return None
        _, key, node, bindings, exists = written
        found: Value | None = None
        evaluator = self._fresh(for_condition)
        with self._limits(text, key), evaluator.binding(bindings):
            guard = existence(node, evaluator) if isinstance(node, MappingNode) else Guard.ALWAYS
            with evaluator.given(exists & guard):
                for step in path:
                    entry = node.entries.get(step) if isinstance(node, MappingNode) else None
                    if entry is None:
                        return None
                    key, node = entry
                found = evaluator.property(key, node, text)
        return found

    def _outputs_written(self) -> dict[str, LoopEntry]:
        if self._output_nodes is None:
            self._output_nodes = {}
            section = self.root.get("Outputs")
            if isinstance(section, MappingNode):
                self._output_nodes = {each.name: each for each in entries_of(self._fresh(), section)}
            elif section is not None:
                self.scope.problem(
                    ProblemKind.EVALUATION_ERROR, "Outputs is not a mapping.", section.location
                )
        return self._output_nodes

    def _output_of_child(
        self, name: str, output: str, location: Location, for_condition: bool
    ) -> Value | None:
        """What `Fn::GetAtt` of a nested stack's output gives; None where the stack is not known."""
        resource = self._written.get(name)
        if resource is None or name not in self.children:
            if resource is not None and name in in_order({name: resource}):
                raise EvaluationError(f"The nested stack {name} needs what it gives.", location)
            return None
        child = self.children[name]
        if child is None:
            return None
        found = child.output(output, for_condition)
        if found is None and output not in child._outputs_written():
            if child.scope.has_macros or not child.frame.is_named:
                return None
            raise EvaluationError(f"The nested stack {name} has no output {output}.", location)
        return found

    @contextmanager
    def _limits(self, name: str, key: Location) -> Iterator[None]:
        try:
            yield
        except (RecursionError, WorkLimitError):
            message = f"{name} is nested too deeply or asks for too much work; it was skipped."
            self.scope.problem(ProblemKind.LIMIT_REACHED, message, key)

    def note_arguments(self) -> None:
        """Report parameters of nested stacks that are missing, and such as there are not."""
        for name, child in self.children.items():
            if child is None:
                continue
            level = ProblemLevel.ERROR if child.frame.is_named else ProblemLevel.NOTE
            key = self._written[name].key
            missing = [
                each.name
                for each in child.parameters.values()
                if each.given is None and not isinstance(each, PassedParameter) and each.is_open
            ]
            if missing:
                message = f"The nested stack {name} gets no value for {', '.join(missing)}."
                self.scope.problem(ProblemKind.EVALUATION_ERROR, message, key, level)
            unknown = [each for each in child.frame.arguments if each not in child.parameters]
            if unknown and not child.scope.has_macros:
                message = f"The template of the nested stack {name} has no parameter {', '.join(unknown)}."
                self.scope.problem(ProblemKind.EVALUATION_ERROR, message, key, level)
            child.note_arguments()


def _swapped(imports: Imports, prefix: str, name: Value) -> Value | None:
    return imports(name, prefix)
