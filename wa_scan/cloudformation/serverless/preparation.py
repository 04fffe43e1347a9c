"""A decoded template to the data that the translator accepts.

The translator is made for templates that `sam package` has been over: code and definitions lie in
S3. Local paths become the S3 address that `sam validate` puts there, so that nothing on disk is needed.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from wa_scan.cloudformation.nodes import Entry, MappingNode, Node, text_of
from wa_scan.cloudformation.parameters import Parameter
from wa_scan.cloudformation.serverless.written import (
    ParameterText,
    Place,
    WrittenMap,
    located,
    mapping_at,
    place_of,
    written,
)

SERVERLESS_PREFIX = "AWS::Serverless::"
PACKAGED = "s3://bucket/value"
_SECTIONS = ("Conditions", "Mappings", "Outputs", "Parameters")
_CODE = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}
# The properties, by the end of their names, that say where something lies that `sam package` uploads.
_URI = "Uri"


class Prepared(NamedTuple):
    """`template`: for the translator. `left_out`: entries of `Resources` that are not for it."""

    template: dict[str, Any]
    left_out: dict[str, Entry]


def prepare(root: MappingNode, resources: MappingNode, skipped: frozenset[str]) -> Prepared:
    """What the translator gets of `root`: all but the resources that are `skipped` or no resources."""
    template: dict[str, Any] = {}
    for name, (key, node) in root.entries.items():
        if name == "Resources" or (name in _SECTIONS and not isinstance(node, MappingNode)):
            continue
        template[name] = written(node, key)
    kept: dict[str, tuple[Place, Any]] = {}
    left_out: dict[str, Entry] = {}
    shared = template.get("Globals")
    for name, entry in resources.entries.items():
        if name in skipped or not is_resource(entry.value):
            left_out[name] = entry
            continue
        resource = written(entry.value, entry.key)
        if resource["Type"].startswith(SERVERLESS_PREFIX):
            _package(resource, shared)
        kept[name] = Place(entry.key, entry.value.location), resource
    template["Resources"] = {name: resource for name, (_, resource) in kept.items()}
    if isinstance(shared, dict):
        for section in shared.values():
            _package_uris(section)
    return Prepared(template, left_out)


def is_resource(node: Node) -> bool:
    return isinstance(node, MappingNode) and text_of(node.get("Type")) is not None


def is_serverless(node: Node) -> bool:
    return isinstance(node, MappingNode) and (text_of(node.get("Type")) or "").startswith(SERVERLESS_PREFIX)


def parameter_texts(parameters: Mapping[str, Parameter], stand_in: bool) -> dict[str, str]:
    """What the translator takes for the values of parameters; with `stand_in` a text also for those that
    have none, since it refuses what it has to read and cannot."""
    found: dict[str, str] = {}
    for name, parameter in parameters.items():
        given = parameter.given
        if given is None and stand_in:
            given = parameter.allowed[0] if parameter.allowed else name
        if given is not None:
            text = ParameterText(given)
            text.name = name
            found[name] = text
    return found


def _package(resource: WrittenMap, shared: object) -> None:
    kind = resource["Type"]
    properties = resource.get("Properties")
    if properties is None:
        # The translator wants the mapping, which a template may leave out.
        resource["Properties"] = properties = mapping_at(resource.place)
    if not isinstance(properties, WrittenMap):
        return
    _package_uris(properties)
    inherited = shared.get(kind.removeprefix(SERVERLESS_PREFIX)) if isinstance(shared, dict) else None
    everything = {**(inherited if isinstance(inherited, dict) else {}), **properties}
    name = _CODE.get(kind)
    if name is None or name in everything or "InlineCode" in everything:
        return
    if everything.get("PackageType") == "Image":
        # Without ImageUri the image is built from what `Metadata` says.
        name = "ImageUri"
    if name not in everything:
        properties[name] = located(_placeholder(name), resource.place)


def _package_uris(properties: object) -> None:
    if not isinstance(properties, WrittenMap):
        return
    for name, value in properties.items():
        if not name.endswith(_URI):
            continue
        is_address = isinstance(value, dict) and ("Bucket" in value or "Key" in value)
        is_image = name == "ImageUri" and value is not None
        if is_image or is_address or (isinstance(value, str) and value.startswith("s3://")):
            continue
        place = properties.place_of(name) or place_of(value)
        made = located(_placeholder(name), place or properties.place)
        properties[name] = made
        properties.written = {**properties.written, name: (place or properties.place, made)}


def _placeholder(name: str) -> str:
    return "123456789012.dkr.ecr.us-east-1.amazonaws.com/image:latest" if name == "ImageUri" else PACKAGED
