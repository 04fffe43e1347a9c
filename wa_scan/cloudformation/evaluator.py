"""Nodes to values: literals, collections and calls of intrinsic functions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from wa_scan.cloudformation.equality import Equalities
from wa_scan.cloudformation.narrowing import where
from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode, name_of, text_of
from wa_scan.cloudformation.parameters import Parameter
from wa_scan.cloudformation.pseudo import STACKS_OWN, pseudo_parameter
from wa_scan.cloudformation.texts import distribute, literal, stand, with_bindings
from wa_scan.errors import Entry, Problem, ProblemKind, ProblemLevel, WaScanError
from wa_scan.values import (
    Choice,
    Guard,
    Known,
    ListValue,
    Location,
    MapValue,
    Origin,
    Symbol,
    Unknown,
    Value,
    choose,
)
from wa_scan.values.kinds import Reason

MAX_WORK = 20_000_000
"""Characters put together for one template with those that it nests, and values made, each of which costs
`VALUE_WORK`."""
VALUE_WORK = 20


class EvaluationError(WaScanError):
    """A call that CloudFormation would refuse. Caught at the call: the rest is still evaluated."""

    def __init__(self, message: str, location: Location) -> None:
        super().__init__(message)
        self.message = message
        self.location = location


class WorkLimitError(WaScanError):
    """The template makes more of little text than a real one does."""


class Budget:
    """The work that a template and those that it nests may still make."""

    def __init__(self) -> None:
        self.work = 0

    def spend(self, amount: int) -> None:
        """Raises `WorkLimitError` at the limit."""
        self.work += amount
        if self.work > MAX_WORK:
            raise WorkLimitError


@dataclass
class Scope:
    """What names in a template stand for, and what went wrong so far.

    `has_macros`: a transform runs before deployment, so that names may come into being that are not
    written. `conditions` is filled while conditions are evaluated, before any resource is.
    `prefix`: what the names of a nested stack's own things begin with, `Child/`. `is_elsewhere`: it is
    deployed to other accounts or regions than the root template. `outputs` gives the attributes of nested
    stacks (name, attribute, place, whether for a condition), `imports` what other stacks export, both None
    where that is not known. `lists`: the lists that texts were joined from, with the delimiter, by symbol.
    `addresses`: the construct paths of resources by logical ID, where there are constructs.
    """

    file: str
    parameters: Mapping[str, Parameter]
    resource_types: Mapping[str, str]
    mappings: Mapping[str, MappingNode]
    equalities: Equalities
    given: Mapping[str, str] = field(default_factory=dict)
    has_macros: bool = False
    conditions: dict[str, Guard] = field(default_factory=dict)
    condition_origins: dict[str, Origin] = field(default_factory=dict)
    problems: dict[Problem, None] = field(default_factory=dict)
    expansions: int = 0
    budget: Budget = field(default_factory=Budget)
    prefix: str = ""
    is_elsewhere: bool = False
    outputs: "Callable[[str, str, Location, bool], Value | None] | None" = None
    imports: Callable[[Value], Value | None] | None = None
    lists: dict[Symbol, tuple[str, Unknown]] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)

    def own(self, name: str) -> str:
        """The name of something of this stack among those of all stacks of the root template."""
        return self.addresses.get(name) or self.prefix + name

    def pseudo(self, name: str) -> str:
        """The name of a pseudo parameter's value: that of the region is the same in nested stacks."""
        return self.own(name) if self.is_elsewhere or name in STACKS_OWN else name

    def problem(
        self,
        kind: ProblemKind,
        message: str,
        location: Location,
        level: ProblemLevel = ProblemLevel.ERROR,
        hint: str | None = None,
        entry: Entry | None = None,
    ) -> None:
        """Report once, however often the same node is evaluated."""
        self.problems[Problem(kind, message, location, level, hint, entry)] = None

    def spend(self, amount: int) -> None:
        """Count work that grows faster than the template. Raises `WorkLimitError` at the limit."""
        self.budget.spend(amount)


Function = Callable[["Evaluator", Node], Value]


class Evaluator:
    """Evaluates nodes of one template under a guard.

    `under`: what surely holds where the node stands (a resource's condition, the branches of
    `Fn::If` around it): choices that it settles are settled. `in_condition`: parameters then stand
    for all values that a deployment may give them, not for their defaults; `in_each_case`: as a choice,
    where they are few. `bindings`: the
    variables of `Fn::ForEach`. `way`: from what a transform made the resource that is evaluated.
    """

    def __init__(self, scope: Scope, functions: Mapping[str, Function], in_condition: bool = False) -> None:
        self.scope = scope
        self.functions = functions
        self.in_condition = in_condition
        self.in_each_case = False
        self.under = Guard.ALWAYS
        self.bindings: Mapping[str, Value] = {}
        self.way: Origin | None = None
        # The first parameter that a condition asked for, for the trace of what it decides.
        self.parameter_origin: Origin | None = None

    @contextmanager
    def given(self, guard: Guard) -> Iterator[None]:
        outer = self.under
        self.under = outer & guard
        try:
            yield
        finally:
            self.under = outer

    @contextmanager
    def binding(self, bindings: Mapping[str, Value]) -> Iterator[None]:
        outer = self.bindings
        self.bindings = {**outer, **bindings}
        try:
            yield
        finally:
            self.bindings = outer

    def text(self, node: Node | None) -> str | None:
        """The text of a scalar that is text, with the variables of loops; None for anything else."""
        found = text_of(node)
        return with_bindings(found, self.bindings) if found and self.bindings else found

    def name(self, node: Node | None) -> str | None:
        """As `text`, where a name is wanted: of numbers and bools the characters that are written."""
        found = name_of(node)
        return with_bindings(found, self.bindings) if found and self.bindings else found

    # --- nodes ----------------------------------------------------------------------------

    def property(self, key: Location, node: Node, text: str) -> Value:
        """The value of the property that is written `key: node`.

        A scalar's place is key and value, a collection's its key, so that what is absent in the
        collection is reported at its header.
        """
        self.scope.spend(VALUE_WORK)
        is_call = isinstance(node, MappingNode) and node.function is not None
        whole = key.to(node.location) if key.file == node.location.file else key
        written = self.text(node)
        if written is not None:
            return literal(written, Origin(whole, text, self.way))
        if isinstance(node, ScalarNode):
            return Known(node.data, Origin(whole, text, self.way))
        if is_call:
            return _at(self.operand(node), key, whole, text)
        return self._collection(node, Origin(key, text, self.way), text)

    def operand(self, node: Node) -> Value:
        """The value of a function's argument: its origin is the way to it, None where it is literal."""
        if isinstance(node, ScalarNode):
            written = self.text(node)
            return literal(written, None) if written is not None else Known(node.data)
        if isinstance(node, MappingNode) and node.function is not None:
            return self.call(node.function, node)
        return self._collection(node, None, "item")

    def _collection(self, node: Node, origin: Origin | None, text: str) -> Value:
        if isinstance(node, SequenceNode):
            return ListValue(
                [
                    self.property(_header(item), item, f"{text}[{index}]")
                    for index, item in enumerate(node.items)
                ],
                origin,
            )
        if not isinstance(node, MappingNode):
            raise TypeError(f"{type(node).__name__} is not a collection")
        entries: dict[str, Value] = {}
        rest: Unknown | None = None
        for key, (place, child) in node.entries.items():
            if key.startswith("Fn::"):
                if key.startswith("Fn::ForEach::"):
                    from wa_scan.cloudformation.loops import expand

                    for made in expand(self, key, place, child):
                        with self.binding(made.bindings), self.given(made.exists):
                            value = self.property(made.key, made.node, f"property {made.name}")
                        entries[made.name] = choose(made.exists, value, Known(None), origin)
                    continue
                if key == "Fn::Transform":
                    found = self.call(key, MappingNode({key: node.entries[key]}, place.to(child.location)))
                    rest = found if isinstance(found, Unknown) else None
                    continue
            name = with_bindings(key, self.bindings) if self.bindings else key
            entries[name] = self.property(place, child, f"property {name}")
        return MapValue(entries, origin, rest)

    # --- calls ----------------------------------------------------------------------------

    def call(self, name: str, node: MappingNode) -> Value:
        """The value of the call `node` of the function `name`."""
        function = self.functions.get(name)
        argument = node.entries[name].value
        if function is None:
            if self.scope.has_macros:
                return self._unknown_call(name, node.location, Reason.UNSUPPORTED)
            short = f"!{name.removeprefix('Fn::')}"
            self.scope.problem(
                ProblemKind.EVALUATION_ERROR, f"There is no function {name} ({short}).", node.location
            )
            return self._unknown_call(name, node.location, Reason.ERROR)
        if isinstance(argument, MappingNode) and argument.function == "Fn::Transform":
            # The arguments are what a macro makes.
            self.call("Fn::Transform", argument)
            return self._unknown_call(name, node.location, Reason.UNSUPPORTED)
        return self.attempt(name, node.location, lambda: function(self, argument))

    def attempt(self, name: str, location: Location, compute: Callable[[], Value]) -> Value:
        """`compute()`, or an unknown value where it raises `EvaluationError`, which is then reported."""
        try:
            return compute()
        except EvaluationError as error:
            self.scope.problem(ProblemKind.EVALUATION_ERROR, error.message, error.location)
            return self._unknown_call(name, location, Reason.ERROR)

    def _unknown_call(self, name: str, location: Location, reason: Reason) -> Unknown:
        symbol = Symbol(self.scope.own(f"{name} at {location}"))
        return Unknown(symbol, reason, references=frozenset())

    def distribute(
        self,
        name: str,
        location: Location,
        values: Sequence[Value],
        compute: Callable[[Sequence[Value]], Value],
    ) -> Value:
        """`compute` for each way in which the choices among `values` can fall here."""
        return distribute(
            values, lambda ways: self.attempt(name, location, lambda: compute(ways)), self.under
        )

    # --- names ----------------------------------------------------------------------------

    def reference(self, name: str, location: Location) -> Value:
        """What `Ref` of `name` gives."""
        bound = self.bindings.get(name)
        if bound is not None:
            return bound
        scope = self.scope
        if name in scope.given and name.startswith("AWS::"):
            return Known(str(scope.given[name]))
        pseudo = pseudo_parameter(name, scope.pseudo(name))
        if pseudo is not None:
            return pseudo
        parameter = scope.parameters.get(name)
        if parameter is not None:
            scope.spend(len(parameter.given or ""))
            if self.in_condition:
                values = scope.equalities.values(parameter.symbol) if self.in_each_case else ()
                if values and parameter.is_open:
                    value = parameter.one_of(values, scope.equalities)
                else:
                    value = parameter.condition_value()
                self.parameter_origin = self.parameter_origin or value.origin or parameter.origin
                return value
            return self._never_empty(parameter.value_under(scope.equalities, self.under))
        if name in scope.resource_types:
            own = scope.own(name)
            return Unknown(Symbol(own, own, "Ref"), never_null=True)
        if scope.has_macros:
            own = scope.own(name)
            return Unknown(Symbol(own, own, "Ref"), Reason.UNSUPPORTED, never_null=True)
        raise EvaluationError(f"There is no parameter or resource {name}.", location)

    def attribute(self, resource: str, attribute: str, location: Location) -> Value:
        """What `Fn::GetAtt` of `resource` and `attribute` gives."""
        reason = Reason.COMPUTED
        scope = self.scope
        if resource not in scope.resource_types:
            if not scope.has_macros:
                raise EvaluationError(f"There is no resource {resource}.", location)
            reason = Reason.UNSUPPORTED
        elif scope.outputs is not None and attribute.startswith("Outputs."):
            output = scope.outputs(resource, attribute.removeprefix("Outputs."), location, self.in_condition)
            if output is not None:
                return where(self.under, output, scope.equalities)
        own = scope.own(resource)
        return Unknown(Symbol(f"{own}.{attribute}", own, attribute), reason, never_null=True)

    def condition(self, name: str, location: Location) -> Guard:
        """When the condition `name` holds. Raises `EvaluationError` where there is none."""
        found = self.scope.conditions.get(name)
        if found is None and self.scope.has_macros:
            return Guard.of(self.scope.own(name))
        if found is None:
            raise EvaluationError(f"There is no condition {name}.", location)
        return found

    def _never_empty(self, value: Value) -> Value:
        # A template that compares a parameter with "" foresees that it may be empty.
        if not isinstance(value, Unknown) or not self.scope.equalities.is_compared(value.symbol, ""):
            return value
        empty = self.scope.equalities.equal(value.symbol, "")
        if (self.under & empty).is_never:
            return value
        return Unknown(value.symbol, value.reason, value.origin, value.references, never_null=False)


def _header(item: Node) -> Location:
    """A list item's header: a mapping's first key, else the item."""
    if isinstance(item, MappingNode) and item.function is None:
        for key, _ in item.entries.values():
            return key if item.location.contains(key) else item.location
    return item.location


def _at(value: Value, key: Location, whole: Location, text: str) -> Value:
    """`value` where it now stands, the way it came behind that."""
    if isinstance(value, Choice):
        if_true = _at(value.if_true, key, whole, text)
        if_false = _at(value.if_false, key, whole, text)
        return choose(value.guard, if_true, if_false, Origin(whole, text, value.origin))
    if isinstance(value, ListValue):
        elements = [
            # What was written right here keeps its own, narrower place.
            element
            if element.origin is not None and whole.contains(element.origin.location)
            else _at(element, key, whole, text)
            for element in value.elements
        ]
        return ListValue(elements, Origin(key, text, value.origin), value.rest, value.references)
    if isinstance(value, MapValue):
        return MapValue(value.entries, Origin(key, text, value.origin), value.rest, value.references)
    return stand(value, Origin(whole, text, value.origin))
