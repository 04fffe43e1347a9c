"""What is seen of a unit: all its values as forms, and the way that one of them came."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from wa_scan.blocks import EvaluatedResource, EvaluatedUnit, Language, Mode
from wa_scan.errors import UsageError
from wa_scan.values import Absent, Choice, Guard, ListValue, MapValue, Step, Unknown, Value, choose, settled
from wa_scan.values.forms import ChoiceForm, Form, Former, SensitiveForm, UnknownForm

SHORTEST_SECRET = 6
"""Characters of a secret that is looked for in texts which other texts went into."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """`inputs` and `outputs`: by name. `resources` and `data_sources`: by address, arguments and nested
    blocks by name. `attributes`: by address, what a template says of resources beside their properties
    (`DeletionPolicy`). `exists_when`: by address, for those that may not be there.
    """

    unit: EvaluatedUnit
    inputs: Mapping[str, Form] = field(default_factory=dict)
    outputs: Mapping[str, Form] = field(default_factory=dict)
    resources: Mapping[str, dict[str, Form]] = field(default_factory=dict)
    data_sources: Mapping[str, dict[str, Form]] = field(default_factory=dict)
    exists_when: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, dict[str, Form]] = field(default_factory=dict)


def inspection_of(unit: EvaluatedUnit) -> Inspection:
    """What can be told from the unit alone."""
    former = Former(_secrets(unit))
    found: dict[Mode, dict[str, dict[str, Form]]] = {Mode.MANAGED: {}, Mode.DATA: {}}
    attributes: dict[str, dict[str, Form]] = {}
    for resource in unit.resources:
        written = _attributes(resource)
        if written:
            attributes[resource.address] = {name: former.form(value) for name, value in written.items()}
        form = former.form(resource.body)
        known = form.known if isinstance(form, UnknownForm) else form
        found[resource.mode][resource.address] = known if isinstance(known, dict) else {}
    return Inspection(
        unit,
        {name: former.form(value) for name, value in unit.inputs.items()},
        {name: former.form(value) for name, value in unit.outputs.items()},
        found[Mode.MANAGED],
        found[Mode.DATA],
        {one.address: str(one.exists) for one in unit.resources if not one.exists.is_always},
        attributes,
    )


def _attributes(resource: EvaluatedResource) -> Mapping[str, Value]:
    """The attributes of a template's resource; its `Condition` is told as `exists_when`."""
    if resource.language is not Language.CLOUDFORMATION:
        return {}
    return {name: value for name, value in resource.meta.entries.items() if name != "Condition"}


def _secrets(unit: EvaluatedUnit) -> tuple[str, ...]:
    """The values of secret inputs, but for those that are too short to be found in other texts."""
    inputs = unit.inputs.values()
    return tuple(
        text
        for text in (value.text for value in inputs if value.origin is not None and value.origin.is_secret)
        if text is not None and len(text) >= SHORTEST_SECRET
    )


@dataclass(frozen=True, slots=True)
class Way:
    """The way that a value came, or one of those that it may be (`when`), oldest step first.
    `is_sensitive`: the lines of source may hold what is not for everybody's eyes.
    """

    when: Guard
    form: Form
    steps: tuple[Step, ...]
    is_sensitive: bool


_PATH_STEP = re.compile(
    r"""\.?(?P<name>[^.\[\]"]+)|\[(?P<index>[0-9]{1,9})\]|\["(?P<key>(?:[^"\\]|\\.)*)"\]"""
)


def ways(inspection: Inspection, target: str) -> tuple[Way, ...]:
    """The ways to `ADDRESS.ARGUMENT`, `output.NAME` or `var.NAME`, each with further names and indexes.

    Raises `UsageError` where there is no such thing.
    """
    at, value, path = _start(inspection.unit, target)
    start = at
    steps = list(_path(path, target))
    is_sensitive = _is_sensitive(inspection, at, steps)
    for step in steps:
        found = _part(value, step)
        if isinstance(found, Absent):
            inside = f": it has {', '.join(sorted(value.entries))}" if isinstance(value, MapValue) else ""
            raise UsageError(f"{start} has no {step!r}{inside}" if inside else f"{start} has no {step!r}")
        start = f"{start}.{step}" if isinstance(step, str) else f"{start}[{step}]"
        value = found
    former = Former(_secrets(inspection.unit))
    exists = next((one.exists for one in inspection.unit.resources if one.address == at), Guard.ALWAYS)
    leaves = ((leaf, settled(guard), settled(guard & exists)) for leaf, guard in value.alternatives())
    forms = ((former.form(leaf), leaf, when) for leaf, when, here in leaves if not here.is_never)
    return tuple(
        Way(guard, SensitiveForm(form) if is_sensitive else form, _steps_to(value, leaf), is_sensitive)
        for form, leaf, guard in forms
    )


def _start(unit: EvaluatedUnit, target: str) -> tuple[str, Value, str]:
    """The longest address, output or input that `target` begins with, its value and the rest."""
    named: dict[str, Value] = {resource.address: _with_attributes(resource) for resource in unit.resources}
    named |= {f"output.{name}": value for name, value in unit.outputs.items()}
    named |= {f"var.{name}": value for name, value in unit.inputs.items()}
    fitting = [name for name in named if target == name or target.startswith((f"{name}.", f"{name}["))]
    if not fitting:
        import difflib

        near = difflib.get_close_matches(target.rpartition(".")[0] or target, named, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UsageError(f"there is no resource, output or variable that {target!r} begins with{hint}")
    name = max(fitting, key=len)
    return name, named[name], target[len(name) :]


def _with_attributes(resource: EvaluatedResource) -> MapValue:
    body, attributes = resource.body, _attributes(resource)
    if not attributes:
        return body
    return MapValue({**attributes, **body.entries}, body.origin, body.rest, body.references)


def _path(path: str, target: str) -> Iterator[str | int]:
    at = 0
    while at < len(path):
        found = _PATH_STEP.match(path, at)
        if found is None:
            raise UsageError(f"{target!r} is not of the form ADDRESS.ARGUMENT, as in aws_instance.a.tags")
        at = found.end()
        if found["index"] is not None:
            yield int(found["index"])
        else:
            yield found["name"] or re.sub(r"\\(.)", r"\1", found["key"] or "")


def _part(value: Value, step: str | int) -> Value:
    if isinstance(value, Choice):
        # Without a place of its own: each branch knows where it was written.
        return choose(value.guard, _part(value.if_true, step), _part(value.if_false, step))
    if isinstance(step, str):
        return value.get(step)
    if isinstance(value, ListValue):
        if step < len(value.elements):
            return value.elements[step]
        return Absent(value.origin) if value.rest is None else value.rest
    return value.get(str(step)) if isinstance(value, Unknown) else Absent(value.origin)


def _steps_to(whole: Value, leaf: Value) -> tuple[Step, ...]:
    steps = leaf.origin.steps() if leaf.origin is not None else []
    if whole.origin is not None and (not steps or steps[-1].location != whole.origin.location):
        steps.append(Step(whole.origin.location, whole.origin.text))
    return tuple(steps)


def _is_sensitive(inspection: Inspection, start: str, steps: list[str | int]) -> bool:
    """Whether something is sensitive in the argument or the output that is asked for."""
    of_resource = inspection.resources.get(start) or inspection.data_sources.get(start)
    if of_resource is not None:
        return holds_sensitive(of_resource[steps[0]] if steps and steps[0] in of_resource else of_resource)
    kind, _, name = start.partition(".")
    return holds_sensitive((inspection.outputs if kind == "output" else inspection.inputs).get(name))


def holds_sensitive(form: Form) -> bool:
    """Whether something in it is sensitive."""
    seen: set[int] = set()
    todo: list[Form] = [form]
    while todo:
        at = todo.pop()
        if isinstance(at, SensitiveForm):
            return True
        if id(at) in seen:
            continue
        seen.add(id(at))
        if isinstance(at, UnknownForm):
            at = at.known
        if isinstance(at, list):
            todo += at
        elif isinstance(at, dict):
            todo += at.values()
        elif isinstance(at, ChoiceForm):
            todo += (value for _, value in at.branches)
    return False
