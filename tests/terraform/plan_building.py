"""Small plans that tests write, in the form of `terraform show -json`, and how to evaluate them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wa_scan.blocks import EvaluatedResource, EvaluatedUnit
from wa_scan.sources.units import PlanFile, RootModule
from wa_scan.terraform.plan import evaluate_plan
from wa_scan.terraform.plan_records import module_steps

Json = dict[str, Any]
DATABASE: Json = {
    "engine": "postgres",
    "multi_az": False,
    "kms_key_id": None,
    "license_model": "",
    "timeouts": None,
}
PROVIDER = "registry.terraform.io/hashicorp/aws"


def instance(
    address: str,
    values: Json,
    unknown: object = None,
    sensitive: object = None,
    actions: tuple[str, ...] = ("create",),
    **change: object,
) -> Json:
    """A resource instance: `values` as planned, and the change that leads there."""
    _, module = module_steps(address)
    own = address[len(module) :]
    mode = "data" if own.startswith("data.") else "managed"
    type_, _, name = own.removeprefix("data.").split("[")[0].partition(".")
    entry: Json = {"address": address, "mode": mode, "type": type_, "name": name, "provider_name": PROVIDER}
    if own.endswith("]"):
        entry["index"] = json.loads(own[own.index("[") + 1 : -1])
    entry["change"] = {
        "actions": list(actions),
        "before": None if actions == ("create",) else values,
        "after": values,
        "after_unknown": unknown or {},
        "after_sensitive": sensitive or {},
        **change,
    }
    return entry


def plan_of(*instances: Json, configuration: Json | None = None, **more: object) -> Json:
    """`configuration`: of the root module. `more`: other keys of the plan."""
    tree: Json = {}
    changes: list[Json] = []
    for entry in instances:
        change = entry["change"]
        module = tree
        path = ""
        for name, key in module_steps(entry["address"])[0]:
            path = f"{path}.module.{name}{key}".removeprefix(".")
            children = module.setdefault("child_modules", [])
            if path not in [child["address"] for child in children]:
                children.append({"address": path})
            module = next(child for child in children if child["address"] == path)
        if isinstance(change["after"], dict):
            planned = {key: value for key, value in entry.items() if key != "change"}
            planned |= {"values": change["after"], "sensitive_values": change["after_sensitive"]}
            module.setdefault("resources", []).append(planned)
        if path:
            entry = {**entry, "module_address": path}
        changes.append(entry)
    made: Json = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": tree},
        "resource_changes": changes,
    }
    if configuration is not None:
        made["configuration"] = {"provider_config": {}, "root_module": configuration}
    return made | more


def block(address: str, expressions: Json, **more: object) -> Json:
    """A resource in the configuration. A text stands for the references in it, anything else is constant."""
    own = address.removeprefix("data.")
    type_, _, name = own.partition(".")
    return {
        "address": address,
        "mode": "data" if own != address else "managed",
        "type": type_,
        "name": name,
        "provider_config_key": "aws",
        "expressions": expressions,
        **more,
    }


def refers(*references: str) -> Json:
    """An expression with references, as they were written."""
    found: list[str] = []
    for reference in references:
        found.append(reference)
        parts = reference.split(".")
        least = {"data": 3}.get(parts[0], 2)
        for length in range(len(parts) - 1, least - 1, -1):
            found.append(".".join(parts[:length]))
            if found[-1].endswith("]"):
                found.append(found[-1].rpartition("[")[0])
    return {"references": found}


def constant(value: object) -> Json:
    return {"constant_value": value}


class Plans:
    """Writes plans and their sources below a folder and evaluates them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def unit(
        self, plan: Json | str, source: Mapping[str, str] | str | None = None, indent: int | None = 2
    ) -> EvaluatedUnit:
        """Evaluates a plan; `source`: the files it is joined with, or the text of `main.tf`."""
        text = plan if isinstance(plan, str) else json.dumps(plan, indent=indent)
        self.write({"plan.json": text})
        roots: tuple[RootModule, ...] = ()
        if source is not None:
            self.write({"main.tf": source} if isinstance(source, str) else source)
            roots = (RootModule(self.folder, ".", self.folder),)
        return evaluate_plan(PlanFile(self.folder / "plan.json", "plan.json", self.folder, roots)).unit

    def text_at(self, resource: EvaluatedResource, *path: str) -> str:
        """What stands at the place of an attribute, or of the resource."""
        value = resource.body
        location = resource.location
        for name in path:
            value = value.get(name)  # type: ignore[assignment]
        if path:
            assert value.origin is not None
            location = value.origin.location
        assert location.start_line == location.end_line
        line = (self.folder / location.file).read_text().split("\n")[location.start_line - 1]
        return line[location.start_column - 1 : location.end_column - 1]


def only(unit: EvaluatedUnit, address: str) -> EvaluatedResource:
    (found,) = (resource for resource in unit.resources if resource.address == address)
    return found


Evaluate = Callable[..., EvaluatedUnit]
