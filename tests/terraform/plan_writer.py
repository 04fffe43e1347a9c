"""Writes a plan for a root module as Terraform and the AWS provider would, but without either.

    python -m tests.terraform.plan_writer fixtures/storefront/terraform fixtures/plans/storefront.json

Values are those that wa-scan evaluates, in the form of the provider's schema: every attribute is there,
blocks are lists, those of sets in another order than written. References come from the syntax alone. It
needs the schema of the provider (`../shared/schemas/terraform-aws.json.gz`).
"""

import gzip
import json
import re
import sys
from pathlib import Path
from typing import Any

from wa_scan.blocks import EvaluatedResource, EvaluatedUnit, Mode
from wa_scan.sources.units import RootModule
from wa_scan.terraform.configuration import ModuleConfig, ResourceConfig
from wa_scan.terraform.context import EvaluateOptions, Evaluation
from wa_scan.terraform.evaluate import evaluate_root, open_root
from wa_scan.terraform.modules import ModuleInstance
from wa_scan.terraform.plan_records import module_steps
from wa_scan.terraform.references import references
from wa_scan.terraform.resources import META_ARGUMENTS
from wa_scan.terraform.syntax import (
    Attribute,
    Body,
    Expression,
    GetAttr,
    Index,
    Literal,
    Object,
    Template,
    Tuple,
)
from wa_scan.values import Known, ListValue, MapValue, Text, Unknown, Value

SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "terraform-aws.json.gz"

Json = dict[str, Any]

# Optional attributes that the provider decides where nobody does: unknown in a plan that creates.
OPTIONAL_AND_COMPUTED = frozenset(
    re.findall(
        r"\w+",
        """
    id region tags_all name name_prefix arn identifier availability_zone availability_zone_id
    kms_key_id kms_key_arn multi_az storage_type iops engine_version backup_retention_period
    backup_window maintenance_window port character_set_name private_ip ingress egress route
    master_username ebs_block_device root_block_device metadata_options network_interface_id
    instance_id public_ipv4_pool versioning server_side_encryption_configuration acl policy
    lifecycle_rule logging grant retention_period read_capacity write_capacity parameter_group_name
    option_group_name default_ttl bucket_prefix ip_address_type subnets subnet_mapping
    security_groups
    """,
    )
)
# What data sources and the account say, which Terraform knows when it plans.
READ = {
    "data.aws_availability_zones.available.names[0]": "eu-west-1a",
    "data.aws_availability_zones.available.names[1]": "eu-west-1b",
    "data.aws_caller_identity.current.account_id": "111122223333",
}
# In the state of the provider these have a value even if they are not set.
DEFAULTS = {
    "skip_final_snapshot": False,
    "delete_automated_backups": True,
    "force_destroy": False,
    "enable_dns_support": True,
    "map_public_ip_on_launch": False,
    "publicly_accessible": False,
    "visibility_timeout_seconds": 30,
}


class PlanWriter:
    """One plan. `actions`: of every resource; anything but `create` has all values of the state."""

    def __init__(self, unit: EvaluatedUnit, root: ModuleInstance, schema: Json) -> None:
        self.unit = unit
        self.root = root
        self.schema = schema

    def plan(self) -> Json:
        planned: Json = {}
        prior: Json = {}
        changes: list[Json] = []
        for resource in self.unit.resources:
            values, unknown = self.values(resource)
            entry = {
                "address": resource.address,
                "mode": resource.mode.value,
                "type": resource.type,
                "name": _name(resource),
                **_index(resource),
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "schema_version": 0,
            }
            is_read = resource.mode is Mode.DATA and not unknown
            tree = prior if is_read else planned
            module = _module(tree, resource.address)
            module.setdefault("resources", []).append(
                {**entry, "values": values, "sensitive_values": _sensitive(values)}
            )
            if is_read:
                continue
            entry.pop("schema_version")
            if "." in resource.address and resource.address.startswith("module."):
                entry = {
                    "address": resource.address,
                    "module_address": _module_address(resource.address),
                } | entry
            changes.append(
                {
                    **entry,
                    "change": {
                        "actions": ["read" if resource.mode is Mode.DATA else "create"],
                        "before": None,
                        "after": values,
                        "after_unknown": unknown,
                        "before_sensitive": False,
                        "after_sensitive": _sensitive(values),
                    },
                }
            )
        return {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "variables": {
                name: {"value": _data(value)} for name, value in self.unit.inputs.items() if _is_known(value)
            },
            "planned_values": {"root_module": planned},
            "resource_changes": changes,
            "prior_state": {
                "format_version": "1.0",
                "terraform_version": "1.11.4",
                "values": {"root_module": prior},
            },
            "configuration": {
                "provider_config": self.providers(),
                "root_module": self.configured(self.root),
            },
            "timestamp": "2026-11-21T12:00:00Z",
            "applyable": True,
            "complete": True,
            "errored": False,
        }

    # --- values ----------------------------------------------------------------------------

    def values(self, resource: EvaluatedResource) -> tuple[Json, Json]:
        kind = "resources" if resource.mode is Mode.MANAGED else "data_sources"
        schema = self.schema[kind].get(resource.type)
        if schema is None:
            raise KeyError(resource.type)
        attributes = dict(schema["arguments"])
        attributes.update({name: {"type": None} for name in schema["computed"]})
        if resource.mode is Mode.DATA:
            return self.data_values(resource, attributes)
        return self.object(
            resource.body.entries, attributes, computed=True, is_set="security_group" in resource.type
        )

    def data_values(self, resource: EvaluatedResource, attributes: Json) -> tuple[Json, Json]:
        """Data sources of which everything is known before apply have been read."""
        body = resource.body.entries
        given = {name: value for name, value in body.items() if name in attributes}
        if not all(_is_known(value) for value in given.values()):
            return self.object(given, attributes, computed=True, is_set=False)
        read = {name: _data(value) for name, value in given.items() if not isinstance(value, ListValue)}
        every: Json = dict.fromkeys(attributes)
        if resource.type == "aws_availability_zones":
            every["names"] = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
        if resource.type == "aws_caller_identity":
            every["account_id"] = "111122223333"
        return {**every, **read}, {}

    def object(
        self, body: dict[str, Value] | Any, attributes: Json, *, computed: bool, is_set: bool
    ) -> tuple[Json, Json]:
        values: Json = {}
        unknown: Json = {}
        for name, attribute in sorted(attributes.items()):
            type_ = attribute["type"]
            value = body.get(name)
            if name == "tags_all":
                value = body.get("tags")
                if value is None:
                    unknown[name] = True
                    continue
            if value is None:
                if computed and (type_ is None or name in OPTIONAL_AND_COMPUTED):
                    unknown[name] = True
                elif _is_block(type_):
                    values[name] = []
                    unknown[name] = []
                elif computed:
                    values[name] = DEFAULTS.get(name)
                else:
                    values[name] = _empty(type_) if is_set else None
                continue
            self.put(name, value, type_, values, unknown, is_set)
        return values, unknown

    def put(self, name: Any, value: Value, type_: Any, values: Any, unknown: Any, is_set: bool) -> None:
        if _is_block(type_) and isinstance(value, ListValue):
            inner = type_[1] if type_[0] == "object" else type_[1][1]
            elements = [item for item, guard in value.items() if guard.is_always]
            if is_set:
                elements.reverse()
            pairs = [
                self.object(element.entries, inner, computed=False, is_set=is_set)
                for element in elements
                if isinstance(element, MapValue)
            ]
            values[name] = [one for one, _ in pairs]
            unknown[name] = [other for _, other in pairs]
        elif _is_known(value):
            values[name] = _typed(_data(value), type_)
        elif isinstance(value, ListValue) and value.rest is None and len(value.elements) and not is_set:
            known = [_is_known(item) for item in value.elements]
            values[name] = [
                _data(item) if ok else None for item, ok in zip(value.elements, known, strict=True)
            ]
            unknown[name] = [not ok for ok in known]
        elif isinstance(value, MapValue) and value.rest is None:
            values[name] = {key: _data(item) for key, item in value.entries.items() if _is_known(item)}
            unknown[name] = {key: True for key, item in value.entries.items() if not _is_known(item)}
        else:
            unknown[name] = True

    # --- configuration ---------------------------------------------------------------------

    def providers(self) -> Json:
        found: Json = {}
        for (name, alias), block in self.root.config.providers.items():
            key = f"{name}.{alias}" if alias else name
            found[key] = {
                "name": name,
                "full_name": f"registry.terraform.io/hashicorp/{name}",
                **({"alias": alias} if alias else {}),
                "expressions": {
                    each: _expression(attribute)
                    for each, attribute in block.body.attributes.items()
                    if each != "alias"
                },
            }
        return found

    def configured(self, module: ModuleInstance) -> Json:
        config = module.config
        made: Json = {
            "outputs": {
                name: {"expression": _expression(block.body.attributes["value"])}
                for name, block in config.outputs.items()
            },
            "resources": [_resource(each, config) for each in config.resources.values()],
            "module_calls": {},
            "variables": {name: {} for name in config.variables},
        }
        for name, block in config.calls.items():
            attributes = block.body.attributes
            child = next((each for each in module.children() if each.path[-1] == name), None)
            call: Json = {
                "source": _literal(attributes["source"].value),
                "expressions": {
                    each: _expression(attribute)
                    for each, attribute in attributes.items()
                    if each not in ("source", "version", "providers", "count", "for_each", "depends_on")
                },
                "module": self.configured(child) if child is not None else {},
            }
            for repeat in ("count", "for_each"):
                if repeat in attributes:
                    call[f"{repeat}_expression"] = _expression(attributes[repeat])
            made["module_calls"][name] = call
        return made


def _resource(config: ResourceConfig, module: ModuleConfig) -> Json:
    attributes = config.block.body.attributes
    alias = attributes.get("provider")
    made: Json = {
        "address": config.address,
        "mode": config.mode.value,
        "type": config.type,
        "name": config.name,
        "provider_config_key": next(_forms(alias.value)) if alias is not None else "aws",
        "expressions": _body(config.block.body),
        "schema_version": 0,
    }
    for repeat in ("count", "for_each"):
        if repeat in attributes:
            made[f"{repeat}_expression"] = _expression(attributes[repeat])
    return made


def _body(body: Body) -> Json:
    made: Json = {
        name: _expression(attribute)
        for name, attribute in body.attributes.items()
        if name not in META_ARGUMENTS
    }
    for block in body.blocks:
        # What `dynamic` blocks make is left out, as Terraform does.
        if block.type not in META_ARGUMENTS and block.type != "dynamic":
            made.setdefault(block.type, []).append(_body(block.body))
    return made


def _expression(attribute: Attribute) -> Json:
    constant = _literal(attribute.value)
    if constant is not None:
        return {"constant_value": constant}
    found = list(_forms(attribute.value))
    return {"references": found} if found else {}


def _literal(expression: Expression) -> Any:
    if isinstance(expression, Template):
        return expression.literal
    if isinstance(expression, Literal):
        value = expression.value
        return value if isinstance(value, bool | str) or value is None else _number(value)
    if isinstance(expression, Tuple):
        items = [_literal(item) for item in expression.elements]
        return None if None in items else items
    if isinstance(expression, Object) and all(
        _literal(item.value) is not None and hasattr(item.key, "name") for item in expression.items
    ):
        return {getattr(item.key, "name", ""): _literal(item.value) for item in expression.items}
    return None


def _number(value: Any) -> int | float:
    return int(value) if value == int(value) else float(value)


def _forms(expression: Expression) -> Any:
    """Each reference, its longest form first."""
    for reference in references(expression):
        text = reference.root.name
        forms = [text]
        for step in reference.steps:
            if isinstance(step, GetAttr):
                text += f".{step.name}"
            elif isinstance(step, Index):
                key = _literal(step.key)
                if key is None:
                    break
                text += f"[{json.dumps(key)}]"
            forms.append(text)
        least = {"data": 3, "var": 2, "local": 2, "each": 2, "count": 2, "path": 2}.get(
            reference.root.name, 2
        )
        most = 2 if reference.root.name in ("var", "local", "each", "count", "path") else 99
        shown = [form for form in forms[:most] if form.count(".") >= least - 1]
        yield from reversed(shown)


# --- small things --------------------------------------------------------------------------------


def _is_block(type_: Any) -> bool:
    if not isinstance(type_, list):
        return False
    return type_[0] == "object" or (
        type_[0] == "list" and isinstance(type_[1], list) and type_[1][0] == "object"
    )


def _empty(type_: Any) -> Any:
    """What attributes that are written like blocks have where nothing is set."""
    if isinstance(type_, list):
        return {} if type_[0] == "map" else []
    return {"string": "", "bool": False, "number": 0}.get(type_)


def _read(symbol: str) -> str | None:
    return next((text for name, text in READ.items() if symbol.endswith(name)), None)


def _is_known(value: Value) -> bool:
    if isinstance(value, Known):
        return True
    if isinstance(value, Unknown):
        return _read(value.symbol.text) is not None
    if isinstance(value, Text):
        return all(isinstance(part, str) or _is_known(part) for part in value.parts)
    if isinstance(value, ListValue):
        return value.rest is None and all(map(_is_known, value.elements))
    return isinstance(value, MapValue) and value.rest is None and all(map(_is_known, value.entries.values()))


def _data(value: Value) -> Any:
    if isinstance(value, Known):
        return value.data
    if isinstance(value, Unknown):
        return _read(value.symbol.text)
    if isinstance(value, Text):
        return "".join(part if isinstance(part, str) else str(_data(part)) for part in value.parts)
    if isinstance(value, ListValue):
        return [_data(item) for item in value.elements]
    if isinstance(value, MapValue):
        return {key: _data(item) for key, item in value.entries.items()}
    return None


def _typed(data: Any, type_: Any) -> Any:
    if type_ == "string" and data is not None:
        return json.dumps(data) if isinstance(data, bool) else str(data)
    if type_ == "number" and isinstance(data, str):
        return int(data)
    if type_ == "bool" and isinstance(data, str):
        return data == "true"
    return data


def _sensitive(values: Json) -> Json:
    return {
        name: True
        for name in ("password", "master_password", "secret_string")
        if values.get(name) is not None
    }


def _name(resource: EvaluatedResource) -> str:
    return resource.address.split("[")[0].rsplit(".", 1)[-1] if not resource.calls else _own(resource)


def _own(resource: EvaluatedResource) -> str:
    own = resource.address[len(_module_address(resource.address)) + 1 :]
    return own.removeprefix("data.").removeprefix(f"{resource.type}.").split("[")[0]


def _index(resource: EvaluatedResource) -> Json:
    own = resource.address[len(_module_address(resource.address)) :]
    if not own.endswith("]"):
        return {}
    return {"index": json.loads(own[own.index("[") + 1 : -1])}


def _module_address(address: str) -> str:
    return module_steps(address)[1].removesuffix(".")


def _module(tree: Json, address: str) -> Json:
    at, path = tree, ""
    for name, key in module_steps(address)[0]:
        path = f"{path}.module.{name}{key}".removeprefix(".")
        children = at.setdefault("child_modules", [])
        found = next((child for child in children if child["address"] == path), None)
        if found is None:
            found = {"address": path}
            children.append(found)
        at = found
    return at


def write_plan(directory: Path, options: EvaluateOptions | None = None) -> Json:
    """The plan of the root module in `directory`."""
    schema = json.loads(gzip.decompress(SCHEMA.read_bytes()))
    root = RootModule(directory, directory.name, directory)
    unit = evaluate_root(root, options)
    return PlanWriter(unit, open_root(Evaluation(root, options or EvaluateOptions())), schema).plan()


if __name__ == "__main__":
    text = json.dumps(write_plan(Path(sys.argv[1]).absolute()), indent=1)
    Path(sys.argv[2]).write_text(text + "\n")
