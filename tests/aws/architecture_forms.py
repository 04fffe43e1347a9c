"""Architectures written once and put into other forms.

`architectures/<service>.yaml` holds, for each canonical type, Terraform that builds one, the properties that
every form must give, and, where the template is not simply these properties, the template. From the
template comes the `awscc` form, from the Terraform a plan; both mechanically. `plan` are the properties that
only a plan has, since the provider fills them in, `only_terraform` those that no template can say.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from wa_scan.aws.schemas import Kind, Node, type_schema

FOLDER = Path(__file__).parent / "architectures"
Json = dict[str, Any]


@dataclass(frozen=True)
class Architecture:
    """`name`: the canonical type, and what is special where there are several of the type."""

    name: str
    terraform: str
    template: str
    properties: Json
    only_in_terraform: Json
    only_in_plans: Json

    @property
    def type(self) -> str:
        return self.name.partition(" ")[0]

    def __str__(self) -> str:
        return self.name.removeprefix("AWS::")


def architectures() -> Iterator[Architecture]:
    for file in sorted(FOLDER.glob("*.yaml")):
        for name, written in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            wanted = written["properties"]
            template = written.get("cloudformation") or json.dumps(_template(name.partition(" ")[0], wanted))
            of_terraform = written.get("only_terraform", {})
            of_plans = written.get("plan", {})
            yield Architecture(name, written["terraform"], template, wanted, of_terraform, of_plans)


def _template(type_: str, properties: Json) -> Json:
    """A template with one resource of these properties."""
    written = dict(properties)
    schema = type_schema(type_)
    assert schema is not None, type_
    if "Tags" in written:
        tags = written.pop("Tags")
        assert schema.tag_property is not None
        as_map = schema.root.properties[schema.tag_property].kind is not Kind.LIST
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        written[schema.tag_property] = tags if as_map else pairs
    return {"Resources": {"It": {"Type": type_, "Properties": written}}}


def awscc(template: str) -> Json:
    """The resources of `template` in Terraform's JSON syntax, as the `awscc` provider has them: names in
    snake case, documents as JSON texts."""
    resources = yaml.load(template, _Intrinsics)["Resources"]
    names = {logical_id: awscc_type(resource["Type"]) for logical_id, resource in resources.items()}
    found: Json = {}
    for logical_id, resource in resources.items():
        schema = type_schema(resource["Type"])
        assert schema is not None
        body = _attributes(resource.get("Properties", {}), schema.root, names)
        found.setdefault(names[logical_id], {})[logical_id] = body
    return {"resource": found}


def awscc_type(type_: str) -> str:
    _, service, resource = type_.split("::")
    return f"awscc_{service.lower()}_{snake(resource)}"


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


class _Intrinsics(yaml.SafeLoader):
    """Reads `!Ref X` as `{"Ref": X}`."""


def _intrinsic(loader: _Intrinsics, suffix: str, node: yaml.Node) -> Json:
    name = suffix if suffix == "Ref" else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        text = str(loader.construct_scalar(node))
        return {name: text.split(".", 1) if suffix == "GetAtt" else text}
    assert isinstance(node, yaml.SequenceNode)
    return {name: loader.construct_sequence(node, deep=True)}


_Intrinsics.add_multi_constructor("!", _intrinsic)


def _attributes(written: Any, node: Node, names: dict[str, str]) -> Any:
    if isinstance(written, dict):
        if set(written) == {"Ref"}:
            return f"${{{names[written['Ref']]}.{written['Ref']}.id}}"
        if set(written) == {"Fn::GetAtt"}:
            logical_id, attribute = written["Fn::GetAtt"]
            return f"${{{names[logical_id]}.{logical_id}.{snake(attribute)}}}"
        if set(written) == {"Fn::Base64"}:
            return b64encode(written["Fn::Base64"].encode()).decode()
        if node.kind is Kind.OBJECT:
            return {
                snake(key): _attributes(item, node.properties[key], names) for key, item in written.items()
            }
        if node.kind is Kind.MAP:
            return {key: _attributes(item, node.item, names) for key, item in written.items()}
        return json.dumps({key: _plain(item, names) for key, item in written.items()})
    if isinstance(written, list):
        if node.kind is not Kind.LIST:
            return json.dumps([_plain(item, names) for item in written])
        return [_attributes(item, node.item, names) for item in written]
    return written


def _plain(written: Any, names: dict[str, str]) -> Any:
    """What stands inside a JSON text: only references are another thing there."""
    if isinstance(written, dict):
        if set(written) in ({"Ref"}, {"Fn::GetAtt"}):
            return _attributes(written, Node(Kind.ANY), names)
        return {key: _plain(item, names) for key, item in written.items()}
    return [_plain(item, names) for item in written] if isinstance(written, list) else written
