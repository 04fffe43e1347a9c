"""What a plan says of each resource instance, whatever version of the format it is in.

Terraform, "JSON Output Format": 0.1 (Terraform 0.12) to 1.2. What newer versions add is passed over.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wa_scan.blocks import Mode
from wa_scan.terraform.instances import key_suffix
from wa_scan.terraform.plan_document import PLAN_SHAPE, Placed, PlanDocument

Json = Mapping[str, object]
NOTHING: Json = {}

_MODULE_STEP = re.compile(r'module\.([^.\[]+)(\[(?:"(?:[^"\\]|\\.)*+"|[^"\]]*+)\])?(?:\.|$)')


@dataclass(frozen=True, slots=True)
class PlannedInstance:
    """One instance of a resource or data source as it will be.

    `address`: as Terraform prints it; `base`: without the key, which is `key` as it is printed (`[0]`).
    `module`: the address of its module with a dot at the end, or empty. `values`: in the form of the
    provider's schema. `unknown`, `sensitive`: of the same form, with true for what is. `start`: where its
    JSON object begins, and `within`: the path from there to `values`. `exists_already`: it is in the
    prior state.
    """

    address: str
    base: str
    key: str
    module: str
    mode: Mode
    type: str
    name: str
    values: Json
    unknown: object
    sensitive: object
    start: int
    end: int
    within: tuple[str, ...]
    actions: tuple[str, ...] = ()
    replace_paths: tuple[str, ...] = ()
    exists_already: bool = False


@dataclass(slots=True)
class PlanRecords:
    """A plan, read. `instances`: by address, in the order of the plan. `deleted`: addresses that go away.
    `configuration`: None where the plan has none."""

    version: str
    instances: dict[str, PlannedInstance] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    variables: dict[str, object] = field(default_factory=dict)
    variables_start: int = 0
    outputs: Json = field(default_factory=dict)
    configuration: Json | None = None
    configuration_start: int = 0
    is_errored: bool = False
    is_complete: bool = True


def read_records(document: PlanDocument) -> PlanRecords | None:
    """What the document says; None where it is no plan. Raises `TerraformSyntaxError`."""
    top = document.read(PLAN_SHAPE)
    if not isinstance(top, dict) or not isinstance(top.get("format_version"), str):
        return None
    if "planned_values" not in top and "resource_changes" not in top:
        return None
    records = PlanRecords(top["format_version"])
    records.is_errored = top.get("errored") is True
    records.is_complete = top.get("complete") is not False
    given = _placed(top.get("variables"))
    if given is not None:
        records.variables_start = given.start
        for name, entry in as_map(given.value).items():
            if isinstance(entry, dict) and "value" in entry:
                records.variables[name] = entry["value"]
    configuration = _placed(top.get("configuration"))
    if configuration is not None and isinstance(configuration.value, dict):
        records.configuration = configuration.value
        records.configuration_start = configuration.start
    planned = as_map(top.get("planned_values"))
    records.outputs = as_map(planned.get("outputs"))
    changes = dict(_changes(top.get("resource_changes"), records))
    prior = as_map(as_map(as_map(top.get("prior_state")).get("values")).get("root_module"))
    for placed, module in _in_modules(prior, ""):
        if as_map(placed.value).get("mode") == "data":
            _add(records, placed, module, None)
    for placed, module in _in_modules(as_map(planned.get("root_module")), ""):
        _add(records, placed, module, changes)
    for placed in changes.values():
        # Old and partial plans may name a resource only here.
        _add_change(records, placed)
    return records


def _changes(written: object, records: PlanRecords) -> Iterator[tuple[str, Placed]]:
    for placed in written if isinstance(written, list) else ():
        change = as_map(placed.value)
        address = change.get("address")
        # A deposed object is one that is only waiting to be destroyed.
        if not isinstance(address, str) or "deposed" in change:
            continue
        address = _full(address, change, str(change.get("module_address") or ""))
        if set(_texts(as_map(change.get("change")).get("actions"))) & {"delete", "forget"} and not (
            isinstance(as_map(change.get("change")).get("after"), dict)
        ):
            records.deleted.add(address)
        yield address, placed


def _in_modules(root: Json, address: str) -> Iterator[tuple[Placed, str]]:
    """The resources of a module and all below it, each with the address of its module."""
    todo = [(root, address)]
    while todo:
        module, address = todo.pop()
        for placed in _list(module.get("resources")):
            if isinstance(placed, Placed) and isinstance(placed.value, dict):
                yield placed, address
        children = [as_map(child) for child in _list(module.get("child_modules"))]
        todo += [(child, str(child.get("address") or address)) for child in reversed(children)]


def _full(address: str, entry: Json, module: str) -> str:
    """The address with its module and key, which Terraform 0.12 leaves away in places."""
    if module and not address.startswith(f"{module}."):
        address = f"{module}.{address}"
    index = entry.get("index")
    if not address.endswith("]") and isinstance(index, int | str) and not isinstance(index, bool):
        address += key_suffix(index)
    return address


def _add(records: PlanRecords, placed: Placed, module: str, changes: Mapping[str, Placed] | None) -> None:
    entry = as_map(placed.value)
    address = entry.get("address")
    if not isinstance(address, str):
        return
    address = _full(address, entry, module)
    changed = changes.get(address) if changes is not None else None
    change = as_map(as_map(changed.value).get("change")) if changed is not None else NOTHING
    values = as_map(entry.get("values"))
    sensitive = entry.get("sensitive_values")
    made = _instance(address, entry, values, placed, ("values",), change, sensitive)
    if made is not None and address not in records.deleted:
        records.instances[address] = made


def _add_change(records: PlanRecords, placed: Placed) -> None:
    entry = as_map(placed.value)
    address = entry.get("address")
    change = as_map(entry.get("change"))
    after = change.get("after")
    if not isinstance(address, str) or not isinstance(after, dict):
        return
    address = _full(address, entry, str(entry.get("module_address") or ""))
    if address in records.instances or address in records.deleted:
        return
    made = _instance(address, entry, after, placed, ("change", "after"), change, None)
    if made is not None:
        records.instances[address] = made


def _instance(
    address: str,
    entry: Json,
    values: Json,
    placed: Placed,
    within: tuple[str, ...],
    change: Json,
    sensitive: object,
) -> PlannedInstance | None:
    type_, name = entry.get("type"), entry.get("name")
    if not isinstance(type_, str) or not isinstance(name, str):
        return None
    _, module = module_steps(address)
    own = address[len(module) :]
    mode = Mode.DATA if entry.get("mode") == "data" or own.startswith("data.") else Mode.MANAGED
    base = f"{module}{'data.' if mode is Mode.DATA else ''}{type_}.{name}"
    marks = change.get("after_sensitive")
    return PlannedInstance(
        address=address,
        base=base,
        key=address[len(base) :],
        module=module,
        mode=mode,
        type=type_,
        name=name,
        values=values,
        unknown=change.get("after_unknown", False),
        sensitive=_either(marks, sensitive),
        start=placed.start,
        end=placed.end,
        within=within,
        actions=_texts(change.get("actions")),
        replace_paths=tuple(
            ".".join(map(str, path)) for path in map(_list, _list(change.get("replace_paths"))) if path
        ),
        exists_already=change.get("before") is not None,
    )


def _either(one: object, other: object) -> object:
    """What either marks; both may be there, and neither is complete in every version."""
    if one is True or other is True:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _either(one.get(key), other.get(key)) for key in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [_either(a, b) for a, b in zip(one, other, strict=True)]
    return one or other


def module_steps(address: str) -> tuple[list[tuple[str, str]], str]:
    """The module calls of an address as (name, key as printed), and that part of it with its last dot."""
    found: list[tuple[str, str]] = []
    at = 0
    while (step := _MODULE_STEP.match(address, at)) is not None:
        found.append((step[1], step[2] or ""))
        at = step.end()
    return found, address[:at]


_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*+"|[^"\]]*+)\]')


def without_keys(address: str) -> str:
    """The address of the block: without any instance key."""
    return _KEY.sub("", address) if "[" in address else address


def without_last_key(address: str) -> str:
    """The address of the block, in the module instance that it is in."""
    if not address.endswith("]"):
        return address
    _, module = module_steps(address)
    return module + _KEY.sub("", address[len(module) :])


def as_map(value: object) -> Json:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else NOTHING


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in _list(value) if isinstance(each, str))


def _placed(value: object) -> Placed | None:
    return value if isinstance(value, Placed) else None
