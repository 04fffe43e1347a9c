"""The `configuration` part of a plan: what each argument refers to, without the expressions themselves.

Terraform gives the references of an argument as a list of texts, each longest form first
(`aws_subnet.a[0].id`, `aws_subnet.a[0]`, `aws_subnet.a`). Local values are not resolved there and `dynamic`
blocks are left out; both are known only where there is a source to join.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from wa_scan.terraform.plan_records import (
    NOTHING,
    Json,
    PlannedInstance,
    PlanRecords,
    as_map,
    module_steps,
    without_last_key,
)
from wa_scan.terraform.symbols import bounded
from wa_scan.values import Symbol

_REFERENCE = re.compile(
    r'((?:data\.)?[A-Za-z_][\w-]*\.[\w-]+)(\[(?:"(?:[^"\\]|\\.)*+"|\d+)\])?((?:\.|\[).*)?', re.DOTALL
)
_OUTPUT = re.compile(r'module\.([\w-]+)(\[(?:"(?:[^"\\]|\\.)*+"|\d+)\])?(?:\.([\w-]+))?')
_LOCAL = ("each.", "count.", "local.", "path.", "terraform.", "self.", "self", "each", "ephemeral.")
_DEEPEST = 60
_MOST_SYMBOLS = 200
# What an expression is, as against a nested block.
_EXPRESSION_KEYS = frozenset({"constant_value", "references"})


class PlanConfiguration:
    """Asks the configuration; each answer is kept, since instances of one block ask alike."""

    def __init__(self, records: PlanRecords) -> None:
        self._root = as_map(as_map(records.configuration).get("root_module"))
        self.is_there = records.configuration is not None
        self.providers = as_map(as_map(records.configuration).get("provider_config"))
        self._blocks: dict[int, dict[str, Json]] = {}
        self._modules: dict[str, Json] = {}
        self._by_base: dict[str, dict[str, PlannedInstance]] = {}
        for instance in records.instances.values():
            self._by_base.setdefault(instance.base, {})[instance.key] = instance
        self._symbols: dict[tuple[str, str, tuple[str, ...]], tuple[Symbol, ...]] = {}
        self._module_addresses = list(dict.fromkeys(one.module for one in records.instances.values()))

    @property
    def root(self) -> Json:
        return self._root

    def block(self, instance: PlannedInstance) -> Json | None:
        """The configuration of a resource; None where the plan does not have it."""
        module = self._module(instance.module)
        blocks = self._blocks.get(id(module))
        if blocks is None:
            blocks = self._blocks[id(module)] = {}
            for entry in _list(module.get("resources")):
                resource = as_map(entry)
                prefix = "data." if resource.get("mode") == "data" else ""
                blocks[f"{prefix}{resource.get('type')}.{resource.get('name')}"] = resource
        return blocks.get(instance.base[len(instance.module) :])

    def symbols(self, instance: PlannedInstance, expression: object) -> tuple[Symbol, ...]:
        """What the resources and data sources that an expression refers to are called, each once."""
        references = tuple(_references(expression))
        if not references:
            return ()
        key = (instance.module, instance.address if _depends_on_key(references) else "", references)
        found = self._symbols.get(key)
        if found is None:
            made = dict.fromkeys(self._resolve(references, instance.module, instance.key, instance, 0))
            found = self._symbols[key] = tuple(made)[:_MOST_SYMBOLS]
        return found

    def elements(self, symbol: Symbol) -> list[Symbol]:
        """The symbols of all instances that a splat (`aws_subnet.a[*].id`) stands for, in order."""
        instances = self._by_base.get(symbol.resource or "", {})
        if list(instances) in ([], [""]):
            return [symbol]
        attribute = symbol.attribute or "id"
        return [Symbol(f"{one.address}.{attribute}", one.address, attribute) for one in instances.values()]

    def value_of(self, symbol: Symbol) -> Sequence[tuple[str, object]]:
        """The addresses that a symbol may mean, each with the value of the attribute if it is known."""
        instances = self._by_base.get(symbol.resource or "")
        if instances is None:
            return ()
        attribute = symbol.attribute or "id"
        return [(one.address, one.values.get(attribute)) for one in instances.values()]

    def is_unknown(self, symbol: Symbol) -> bool:
        """Whether an attribute is known only after apply, in every instance that the symbol may mean."""
        instances = self._by_base.get(without_last_key(symbol.resource or ""), {})
        if not instances or symbol.attribute is None:
            return False
        name = re.split(r"[.\[]", symbol.attribute, maxsplit=1)[0]
        named = [one for one in instances.values() if symbol.resource in (one.address, one.base)]
        return bool(named) and all(
            isinstance(one.unknown, dict) and one.unknown.get(name) is True for one in named
        )

    def module_outputs(self) -> Iterator[tuple[str, tuple[Symbol, ...]]]:
        """The outputs of the root module with what they refer to."""
        for name, output in as_map(self._root.get("outputs")).items():
            references = tuple(_references(as_map(output).get("expression")))
            yield name, tuple(dict.fromkeys(self._resolve(references, "", "", None, 0)))

    # --- references ------------------------------------------------------------------------

    def _module(self, address: str) -> Json:
        found = self._modules.get(address)
        if found is None:
            found = self._root
            for name, _ in module_steps(address)[0]:
                call = as_map(as_map(found.get("module_calls")).get(name))
                found = as_map(call.get("module"))
            self._modules[address] = found
        return found

    def _resolve(
        self,
        references: Sequence[str],
        module: str,
        key: str,
        instance: PlannedInstance | None,
        depth: int,
    ) -> Iterator[Symbol]:
        if depth > _DEEPEST:
            return
        by_key = any(reference.startswith(("each.", "count.")) for reference in references)
        for reference in _longest(references):
            if reference.startswith("var."):
                yield from self._argument(reference.split(".")[1].split("[")[0], module, depth)
            elif reference.startswith("module."):
                yield from self._output(reference, module, key if by_key else "", depth)
            elif reference.startswith("each.value") and instance is not None:
                block = self.block(instance) or NOTHING
                over = tuple(_references(block.get("for_each_expression")))
                if not any(each.startswith("each.") for each in over):
                    yield from self._resolve((*over, "each.key"), module, key, None, depth + 1)
            elif not reference.startswith(_LOCAL):
                yield from self._resource(reference, module, key if by_key else "")

    def _argument(self, name: str, module: str, depth: int) -> Iterator[Symbol]:
        """What the caller of a module gives for a variable."""
        steps, _ = module_steps(module)
        if not steps:
            return
        called, key = steps[-1]
        parent = module[: len(module) - len(f"module.{called}{key}.")]
        call = as_map(as_map(self._module(parent).get("module_calls")).get(called))
        references = tuple(_references(as_map(call.get("expressions")).get(name)))
        if any(reference.startswith("each.value") for reference in references):
            references += tuple(_references(call.get("for_each_expression")))
        yield from self._resolve(references, parent, key, None, depth + 1)

    def _output(self, reference: str, module: str, own_key: str, depth: int) -> Iterator[Symbol]:
        parts = _OUTPUT.match(reference)
        if parts is None:
            return
        name, key, output = parts[1], parts[2], parts[3]
        call = as_map(as_map(self._module(module).get("module_calls")).get(name))
        called = as_map(call.get("module"))
        outputs = as_map(called.get("outputs"))
        for each in [output] if output is not None else list(outputs):
            expression = as_map(outputs.get(each)).get("expression")
            references = tuple(_references(expression))
            for inner in self._instances_of_call(f"{module}module.{name}", key, own_key, call):
                yield from self._resolve(references, f"{inner}.", "", None, depth + 1)

    def _instances_of_call(self, base: str, key: str | None, own_key: str, call: Json) -> list[str]:
        if key is not None:
            return [base + key]
        if "count_expression" not in call and "for_each_expression" not in call:
            return [base]
        depth = len(module_steps(f"{base}.")[0])
        found = dict.fromkeys(
            base + module_steps(module)[0][depth - 1][1]
            for module in self._module_addresses
            if module.startswith(f"{base}[")
        )
        return [base + own_key] if base + own_key in found else list(found)

    def _resource(self, reference: str, module: str, own_key: str) -> Iterator[Symbol]:
        parts = _REFERENCE.fullmatch(reference)
        if parts is None:
            return
        base = module + parts[1]
        attribute = (parts[3] or "").removeprefix(".") or None
        key = parts[2]
        instances = self._by_base.get(base, {})
        if key is None and own_key and own_key in instances:
            key = own_key
        address = base + (key or "")
        splat = "[*]" if key is None and list(instances) not in ([], [""]) else ""
        text = f"{address}{splat}.{attribute}" if attribute else address + splat
        yield Symbol(bounded(text), address, attribute)


def _longest(references: Sequence[str]) -> Iterator[str]:
    """The references without the shorter forms that follow each of them."""
    head = last = ""
    for reference in references:
        is_form = len(reference) < len(last) and head.startswith((f"{reference}.", f"{reference}["))
        last = reference
        if not is_form:
            head = reference
            yield reference


def _depends_on_key(references: Sequence[str]) -> bool:
    return any(reference.startswith(("each.", "count.")) for reference in references)


def _references(expression: object) -> Iterator[str]:
    """All references in an expression, or in the expressions of a nested block."""
    todo = [expression]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += reversed(node)
        elif isinstance(node, dict):
            if is_expression(node):
                yield from (each for each in _list(node.get("references")) if isinstance(each, str))
            else:
                todo += reversed(list(node.values()))


def is_expression(node: Mapping[str, object]) -> bool:
    """Whether this is the expression of one argument and not a nested block with its arguments."""
    return _EXPRESSION_KEYS.issuperset(node) and (
        "constant_value" in node or isinstance(node.get("references", []), list)
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
