"""The `Conditions` section as guards.

Atoms are named after the condition that is exactly that comparison, so that a finding can say "when
IsProd is false". Each condition is evaluated once, after those that it names.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import NamedTuple

from wa_scan.cloudformation.evaluator import EvaluationError, Evaluator
from wa_scan.cloudformation.loops import entries_of
from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode, name_of
from wa_scan.cloudformation.texts import display, join_parts, parts_of, scalar_text, with_bindings
from wa_scan.errors import ProblemKind, ProblemLevel, WaScanError
from wa_scan.values import Choice, Guard, Known, Location, Origin, Symbol, Text, Unknown, Value, is_assumption

MAX_GUARD_NODES = 256
MAX_GUARD_ATOMS = 64
MAX_COMBINATIONS = 64
"""Of the values of several parameters in one comparison that are tried one by one."""


class _TooComplexError(WaScanError):
    """A condition whose decision diagram would become too large."""


class _Condition(NamedTuple):
    key: Location
    node: Node
    bindings: Mapping[str, Value]


def evaluate_conditions(section: Node | None, evaluator: Evaluator) -> None:
    """Fill the scope's conditions from the `Conditions` section. `evaluator` is in a condition."""
    scope = evaluator.scope
    if section is None:
        return
    if not isinstance(section, MappingNode):
        scope.problem(ProblemKind.EVALUATION_ERROR, "Conditions is not a mapping.", section.location)
        return
    found = {
        each.name: _Condition(each.key, each.node, each.bindings) for each in entries_of(evaluator, section)
    }
    for name, condition in found.items():
        with evaluator.binding(condition.bindings):
            _name_comparison(evaluator, name, condition.node)
    for name in _in_order(found, evaluator):
        condition = found[name]
        with evaluator.binding(condition.bindings):
            evaluator.parameter_origin = None
            scope.conditions[name] = _evaluate(evaluator, name, condition)
            scope.condition_origins[name] = Origin(
                condition.key, f"condition {name}", evaluator.parameter_origin
            )


def guard_of(evaluator: Evaluator, name: str, argument: Node) -> Guard:
    """When the condition function `name` of `argument` holds. Raises `EvaluationError`."""
    if not evaluator.in_condition:
        inner = Evaluator(evaluator.scope, evaluator.functions, in_condition=True)
        inner.bindings = evaluator.bindings
        evaluator = inner
    try:
        return _guard_of_call(evaluator, name, argument)
    except _TooComplexError:
        return Guard.of(evaluator.scope.own(f"{name} at {argument.location}"))


def _evaluate(evaluator: Evaluator, name: str, condition: _Condition) -> Guard:
    scope = evaluator.scope
    try:
        return _guard(evaluator, condition.node)
    except EvaluationError as error:
        scope.problem(ProblemKind.EVALUATION_ERROR, error.message, error.location)
    except _TooComplexError:
        scope.problem(
            ProblemKind.LIMIT_REACHED,
            f"The condition {name} depends on too much; it counts as independent of all others.",
            condition.key,
            ProblemLevel.NOTE,
        )
    return Guard.of(scope.own(name))


def _guard(evaluator: Evaluator, node: Node) -> Guard:
    if isinstance(node, MappingNode) and len(node.entries) == 1:
        ((name, (_, argument)),) = node.entries.items()
        return _guard_of_call(evaluator, name, argument)
    if isinstance(node, ScalarNode) and isinstance(node.data, bool):
        return Guard.ALWAYS if node.data else Guard.NEVER
    raise EvaluationError("A condition is a condition function.", node.location)


def _guard_of_call(evaluator: Evaluator, name: str, argument: Node) -> Guard:
    if name == "Condition":
        other = evaluator.name(argument)
        if other is None:
            raise EvaluationError("Condition takes the name of a condition.", argument.location)
        return evaluator.condition(other, argument.location)
    if name == "Fn::Equals":
        if not isinstance(argument, SequenceNode) or len(argument.items) != 2:
            raise EvaluationError("Fn::Equals takes a list of 2 arguments.", argument.location)
        one, other_value = (evaluator.operand(item) for item in argument.items)
        if any(isinstance(value, Unknown) and _is_computed(value) for value in (one, other_value)):
            one, other_value = _in_each_case(evaluator, argument.items)
        return _equal(evaluator, one, other_value)
    if name in ("Fn::And", "Fn::Or", "Fn::Not"):
        return _combined(evaluator, name, argument)
    raise EvaluationError(f"{name} is not a condition function.", argument.location)


def _is_computed(value: Unknown) -> bool:
    """Whether a function made `value`, of what it may know more for each value of a parameter."""
    return value.symbol.resource is None and not value.symbol.text.replace("::", "").isalnum()


def _in_each_case(evaluator: Evaluator, operands: Sequence[Node]) -> list[Value]:
    evaluator.in_each_case = True
    try:
        return [evaluator.operand(item) for item in operands]
    finally:
        evaluator.in_each_case = False


def _combined(evaluator: Evaluator, name: str, argument: Node) -> Guard:
    if not isinstance(argument, SequenceNode) or not argument.items:
        raise EvaluationError(f"{name} takes a list of conditions.", argument.location)
    guards = [_guard(evaluator, item) for item in argument.items]
    if name == "Fn::Not":
        if len(guards) > 1:
            raise EvaluationError("Fn::Not takes a list of 1 condition.", argument.location)
        return ~guards[0]
    found = guards[0]
    for guard in guards[1:]:
        found = _small(found & guard if name == "Fn::And" else found | guard)
    return found


def _equal(evaluator: Evaluator, one: Value, other: Value) -> Guard:
    for value, against in ((one, other), (other, one)):
        if isinstance(value, Choice):
            if is_assumption(value.guard):
                # Conditions are judged for all values, not only for defaults.
                return _equal(evaluator, value.if_false, against)
            if_true = _equal(evaluator, value.if_true, against)
            return _small(value.guard.choose(if_true, _equal(evaluator, value.if_false, against)))
    equalities = evaluator.scope.equalities
    if isinstance(one, Known) and isinstance(other, Known):
        same = scalar_text(one.data) == scalar_text(other.data)
        return Guard.ALWAYS if same else Guard.NEVER
    for value, against in ((one, other), (other, one)):
        if isinstance(against, Known):
            text = scalar_text(against.data)
            if isinstance(value, Unknown):
                return equalities.equal(value.symbol, text)
            if isinstance(value, Text) and value.equals(text).is_surely_false:
                return Guard.NEVER
    told_apart = _by_value(evaluator, one, other)
    if told_apart is not None:
        return told_apart
    return equalities.same(_shown(one), _shown(other))


def _by_value(evaluator: Evaluator, one: Value, other: Value) -> Guard | None:
    """When the two are equal, worked out for each combination of the values that parameters in them may
    have; None where those are not few."""
    equalities = evaluator.scope.equalities
    symbols = [
        part.symbol
        for value in (one, other)
        for part in parts_of(value) or ()
        if isinstance(part, Unknown) and equalities.values(part.symbol)
    ]
    if not symbols or prod(len(equalities.values(symbol)) for symbol in set(symbols)) > MAX_COMBINATIONS:
        return None
    found = Guard.NEVER
    for text in equalities.values(symbols[0]):
        guard = equalities.equal(symbols[0], text)
        same = _equal(evaluator, _with(one, symbols[0], text), _with(other, symbols[0], text))
        found = found | (guard & same)
    return found


def _with(value: Value, symbol: Symbol, text: str) -> Value:
    """`value` where what `symbol` stands for is `text`."""
    parts = [
        text if isinstance(part, Unknown) and part.symbol == symbol else part
        for part in parts_of(value) or ()
    ]
    return join_parts(parts) if isinstance(value, Unknown | Text) else value


def _shown(value: Value) -> str:
    return display(value) if isinstance(value, Known | Unknown | Text) else repr(value)


def _name_comparison(evaluator: Evaluator, name: str, node: Node) -> None:
    """Let the comparison that the condition `name` is, or negates, be called by that name.

    What is handed to a nested stack keeps the names that it has outside: several stacks may get it.
    """
    scope = evaluator.scope
    holds = True
    while isinstance(node, MappingNode) and len(node.entries) == 1:
        ((function, (_, argument)),) = node.entries.items()
        if not isinstance(argument, SequenceNode):
            return
        if function == "Fn::Not" and len(argument.items) == 1:
            holds = not holds
            node = argument.items[0]
        elif function == "Fn::Equals" and len(argument.items) == 2:
            one, other = (evaluator.operand(item) for item in argument.items)
            if not isinstance(one, Known) or not isinstance(other, Known):
                if isinstance(one, Known):
                    one, other = other, one
                if not scope.prefix or _shown(one).startswith(scope.prefix):
                    scope.equalities.name(_shown(one), _shown(other), scope.own(name), holds)
            return
        else:
            return


def _in_order(conditions: Mapping[str, _Condition], evaluator: Evaluator) -> Iterator[str]:
    """The names, each after those that it names; of a circle, one is reported and comes first."""
    state: dict[str, bool] = {}  # False while what it names is being looked at
    for start in conditions:
        todo: list[tuple[str, Iterator[str]]] = []

        def enter(name: str, todo: list[tuple[str, Iterator[str]]] = todo) -> None:
            state[name] = False
            todo.append((name, iter(_named(conditions[name]))))

        if start not in state:
            enter(start)
        while todo:
            name, rest = todo[-1]
            following = next((other for other in rest if other in conditions), None)
            if following is None:
                todo.pop()
                state[name] = True
                if name not in evaluator.scope.conditions:
                    yield name
            elif following not in state:
                enter(following)
            elif not state[following] and following not in evaluator.scope.conditions:
                evaluator.scope.problem(
                    ProblemKind.EVALUATION_ERROR,
                    f"The condition {following} depends on itself.",
                    conditions[following].key,
                )
                evaluator.scope.conditions[following] = Guard.of(evaluator.scope.own(following))


def _named(condition: _Condition) -> list[str]:
    """The conditions that `condition` names."""
    found: list[str] = []
    seen: set[int] = set()
    todo = [condition.node]
    while todo:
        at = todo.pop()
        if id(at) in seen:
            continue
        seen.add(id(at))
        if isinstance(at, MappingNode):
            for key, (_, child) in at.entries.items():
                name = name_of(child)
                if key == "Condition" and name is not None:
                    found.append(with_bindings(name, condition.bindings))
                todo.append(child)
        elif isinstance(at, SequenceNode):
            todo += at.items
    return found


def _small(guard: Guard) -> Guard:
    """`guard`, or `_TooComplexError` where its diagram is too large to go on with."""
    seen: set[int] = set()
    atoms: set[str] = set()
    todo = [guard]
    while todo:
        at = todo.pop()
        if at.is_always or at.is_never or id(at) in seen:
            continue
        seen.add(id(at))
        atoms.add(at.atom)
        if len(seen) > MAX_GUARD_NODES or len(atoms) > MAX_GUARD_ATOMS:
            raise _TooComplexError
        todo += (at.high, at.low)
    return guard
