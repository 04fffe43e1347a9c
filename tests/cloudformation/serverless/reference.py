"""What AWS's translator makes of a template by itself, as `sam validate` runs it."""

import json
from pathlib import Path
from typing import Any

PACKAGED = "s3://bucket/value"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/image:latest"
_URIS = {
    "AWS::Serverless::Function": ("CodeUri",),
    "AWS::Serverless::LayerVersion": ("ContentUri",),
    "AWS::Serverless::Api": ("DefinitionUri",),
    "AWS::Serverless::HttpApi": ("DefinitionUri",),
    "AWS::Serverless::StateMachine": ("DefinitionUri",),
    "AWS::Serverless::GraphQLApi": ("SchemaUri",),
}


class _Session:
    region_name = "us-east-1"


def compiled(path: Path) -> str:
    """The translated template of the file at `path`, as JSON."""
    from cfnlint.decode.cfn_yaml import loads
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    template = json.loads(json.dumps(loads(path.read_text(encoding="utf-8-sig"), str(path)), default=str))
    for resource in template["Resources"].values():
        _package(resource)
    for kind, properties in (template.get("Globals") or {}).items():
        _package({"Type": f"AWS::Serverless::{kind}", "Properties": properties}, is_global=True)
    session: Any = _Session()
    made = Translator({}, Parser(), [], session).translate(template, {})
    return json.dumps(made, indent=1)


def _package(resource: dict[str, Any], is_global: bool = False) -> None:
    properties = resource.setdefault("Properties", {})
    if properties.get("PackageType") == "Image":
        properties.setdefault("ImageUri", IMAGE)
    for name in _URIS.get(resource["Type"], ()):
        given = properties.get(name)
        needed = not is_global and name in ("CodeUri", "ContentUri") and "InlineCode" not in properties
        needed = needed and properties.get("PackageType") != "Image"
        if (given is not None or needed) and not isinstance(given, dict):
            properties[name] = PACKAGED
