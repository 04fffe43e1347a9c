"""`Fn::FindInMap` and the `Mappings` section."""

from collections.abc import Sequence

from wa_scan.cloudformation.evaluator import VALUE_WORK, EvaluationError, Evaluator
from wa_scan.cloudformation.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.cloudformation.texts import display, scalar_text, stand, symbol_of
from wa_scan.errors import Problem, ProblemKind
from wa_scan.values import Guard, Known, Origin, Unknown, Value, choose
from wa_scan.values.kinds import NO_REFERENCES, Reason

MAX_ROWS = 8
"""Different values in a mapping up to which an unknown key gives a choice between them."""


def read_mappings(section: Node | None, problems: list[Problem]) -> dict[str, MappingNode]:
    """The mappings of the `Mappings` section by name."""
    if section is None:
        return {}
    if not isinstance(section, MappingNode):
        problems.append(Problem(ProblemKind.EVALUATION_ERROR, "Mappings is not a mapping.", section.location))
        return {}
    found = {}
    for name, (_, node) in section.entries.items():
        if isinstance(node, MappingNode):
            found[name] = node
        else:
            message = f"The mapping {name} has no keys."
            problems.append(Problem(ProblemKind.EVALUATION_ERROR, message, node.location))
    return found


def find_in_map(evaluator: Evaluator, argument: Node) -> Value:
    if not isinstance(argument, SequenceNode) or len(argument.items) not in (3, 4):
        raise EvaluationError(
            "Fn::FindInMap takes a mapping, two keys and a mapping with DefaultValue.", argument.location
        )
    map_node, *key_nodes = argument.items[:3]
    options = argument.items[3] if len(argument.items) == 4 else None
    default = options.get("DefaultValue") if isinstance(options, MappingNode) else None

    def look_up(values: Sequence[Value]) -> Value:
        name, top, second = values
        if not isinstance(name, Known):
            return _unknown(evaluator, values)
        mapping = evaluator.scope.mappings.get(scalar_text(name.data))
        if mapping is None:
            if default is not None:
                return evaluator.operand(default)
            if evaluator.scope.has_macros or not isinstance(map_node, ScalarNode):
                # Of a name that is looked up, those without a mapping cannot be meant.
                return _unknown(evaluator, values)
            raise EvaluationError(f"There is no mapping {display(name)}.", map_node.location)
        return _in_level(mapping, top, [second], [scalar_text(name.data)])

    def _in_level(level: MappingNode, key: Value, further: list[Value], path: list[str]) -> Value:
        if isinstance(key, Known):
            text = scalar_text(key.data)
            entry = level.entries.get(text)
            if entry is None:
                if default is not None:
                    return evaluator.operand(default)
                where = ".".join(path)
                raise EvaluationError(f"The mapping {where} has no key {text}.", argument.location)
            return _in_entry(entry, further, [*path, text])
        if not isinstance(key, Unknown):
            return _unknown(evaluator, (Known(path[0]), key, *further))
        if isinstance(further[0] if further else None, Known):
            # Rows without the second key cannot be meant: their deployment fails.
            second = scalar_text(further[0].scalar)
            rows = {
                text: entry
                for text, entry in level.entries.items()
                if isinstance(entry.value, MappingNode) and second in entry.value.entries
            }
        else:
            rows = level.entries
        return _by_row(rows, key, further, path)

    def _in_entry(entry: Entry, further: list[Value], path: list[str]) -> Value:
        if further:
            if not isinstance(entry.value, MappingNode):
                raise EvaluationError(f"{'.'.join(path)} has no keys.", argument.location)
            return _in_level(entry.value, further[0], further[1:], path)
        found = evaluator.property(entry.key, entry.value, f"mapping {'.'.join(path)}")
        chosen_by = next((key.origin for key in keys if key.origin is not None), None)
        if chosen_by is not None and found.origin is not None:
            return stand(found, Origin(found.origin.location, found.origin.text, chosen_by))
        return found

    def _by_row(rows: dict[str, Entry], key: Unknown, further: list[Value], path: list[str]) -> Value:
        found = {text: _in_entry(entry, further, [*path, text]) for text, entry in rows.items()}
        groups: dict[object, tuple[Value, list[str]]] = {}
        for text, value in found.items():
            content = (value.scalar,) if isinstance(value, Known) else repr(value)
            groups.setdefault(content, (value, []))[1].append(text)
        evaluator.scope.spend(VALUE_WORK * len(rows))
        if default is not None or not 0 < len(groups) <= MAX_ROWS:
            return _unknown(evaluator, (Known(path[0]), key, *further))
        (last, _), *others = reversed(groups.values())
        result = last
        for value, texts in others:
            guard = Guard.NEVER
            for text in texts:
                guard = guard | evaluator.scope.equalities.equal(key.symbol, text)
            result = choose(guard, value, result)
        return result

    keys = [_key(evaluator, node) for node in (map_node, *key_nodes)]
    return evaluator.distribute("Fn::FindInMap", argument.location, keys, look_up)


def _key(evaluator: Evaluator, node: Node) -> Value:
    written = evaluator.name(node) if isinstance(node, ScalarNode) else None
    return evaluator.operand(node) if written is None else Known(written)


def _unknown(evaluator: Evaluator, keys: Sequence[Value]) -> Value:
    references = NO_REFERENCES.union(*(key.all_references() for key in keys))
    origin = next((key.origin for key in keys if key.origin is not None), None)
    text = " ".join(display(key) for key in keys)
    symbol = symbol_of(evaluator.scope.own(f"Fn::FindInMap {text}"))
    return Unknown(symbol, Reason.INPUT, origin, references, never_null=True)
