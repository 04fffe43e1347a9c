"""Writes the generated data of `wa_scan/aws/`: property names and types, never documentation text.

    python scripts/generate_aws_schemas.py [path/to/terraform-aws.json.gz]

`schemas.json`: the property trees of all types of the CloudFormation registry, from the schemas that
cfn-lint carries. `terraform_types.json`: which resource types of the Terraform AWS provider take tags,
from a dump of the provider's schema; left as it is where no dump is given.

A node of a property tree is one of
    "s" "b" "i" "n"     string, boolean, integer, number
    "j"                 a JSON document: an object without declared properties
    "*"                 several types
    ["l", node]         a list
    ["m", node]         a map with free keys
    ["o", {name: node}] an object
    ["r", name]         a definition of the same type
"""

import gzip
import importlib.metadata
import importlib.resources
import json
import sys
from pathlib import Path

Schema = dict[str, object]
Node = str | list[object]

TARGET = Path(__file__).parent.parent / "wa_scan" / "aws"
SCALARS = {"string": "s", "boolean": "b", "integer": "i", "number": "n"}


def main() -> None:
    write_registry()
    if len(sys.argv) > 1:
        write_terraform(Path(sys.argv[1]))


def write_registry() -> None:
    folder = importlib.resources.files("cfnlint.data.schemas")
    index = json.loads(folder.joinpath("providers", "us-east-1.json").read_text())
    version = json.loads(folder.joinpath("version.json").read_text())
    types: dict[str, object] = {}
    for name in sorted(index):
        if not name.startswith("AWS::"):
            continue
        schema = json.loads(folder.joinpath("resources", f"{index[name]}.json").read_text())
        types[name] = compact(schema)
    write(
        TARGET / "schemas.json",
        {
            "source": f"CloudFormation registry, us-east-1, as carried by cfn-lint "
            f"{importlib.metadata.version('cfn-lint')}",
            "date": version["schema_date"],
            "types": types,
        },
    )


def compact(schema: Schema) -> Schema:
    definitions = {name: node(part) for name, part in items(schema, "definitions")}
    # What only AWS sets is no setting.
    computed = {str(path).removeprefix("/properties/") for path in as_list(schema.get("readOnlyProperties"))}
    computed -= {str(name) for name in as_list(schema.get("required"))}
    tree = {name: part for name, part in properties_of(schema).items() if name not in computed}
    found: Schema = {"p": tree}
    used = reachable(tree, definitions)
    if used:
        found["d"] = {name: definitions[name] for name in sorted(used)}
    tags = tag_property(schema, tree)
    if tags is not None:
        found["t"] = tags
    return found


def tag_property(schema: Schema, tree: dict[str, Node]) -> str | None:
    tagging = schema.get("tagging")
    if isinstance(tagging, dict) and isinstance(tagging.get("tagProperty"), str):
        name = str(tagging["tagProperty"]).removeprefix("/properties/")
        if name in tree:
            return name
    return "Tags" if "Tags" in tree else None


def node(schema: object) -> Node:
    if not isinstance(schema, dict):
        return "*"
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference.startswith("#/definitions/"):
            return ["r", reference.removeprefix("#/definitions/")]
        return "*"
    kinds = schema.get("type")
    options = [kinds] if isinstance(kinds, str) else sorted(kinds) if isinstance(kinds, list) else []
    if options == ["object", "string"]:
        options = ["object"]
    tree = properties_of(schema)
    if options in ([], ["object"]) and tree:
        return ["o", tree]
    if options == ["object"]:
        patterns = [part for _, part in items(schema, "patternProperties")]
        if patterns:
            return ["m", node(patterns[0])]
        return "j"
    if options == ["array"]:
        return ["l", node(schema.get("items"))]
    if not options:
        for key in ("anyOf", "oneOf", "allOf"):
            parts = [node(part) for part in as_list(schema.get(key))]
            kept = [part for part in parts if part != "*"]
            if kept and all(part == kept[0] for part in kept):
                return kept[0]
    if len(options) == 1 and options[0] in SCALARS:
        return SCALARS[options[0]]
    return "*"


def properties_of(schema: Schema) -> dict[str, Node]:
    tree: dict[str, Node] = {}
    for key in ("allOf", "anyOf", "oneOf"):
        for part in as_list(schema.get(key)):
            if isinstance(part, dict):
                # A branch that only says what is required repeats names without their types.
                found = properties_of(part)
                tree.update({name: sub for name, sub in found.items() if sub != "*"})
    tree.update({name: node(part) for name, part in items(schema, "properties")})
    return dict(sorted(tree.items()))


def reachable(start: object, definitions: dict[str, Node]) -> set[str]:
    found: set[str] = set()
    todo: list[object] = [start]
    while todo:
        at = todo.pop()
        if isinstance(at, dict):
            todo += at.values()
        elif isinstance(at, list):
            if len(at) == 2 and at[0] == "r" and isinstance(at[1], str):
                if at[1] in definitions and at[1] not in found:
                    found.add(at[1])
                    todo.append(definitions[at[1]])
            else:
                todo += at
    return found


def write_terraform(dump: Path) -> None:
    schema = json.loads(gzip.decompress(dump.read_bytes()))
    taggable = sorted(name for name, part in schema["resources"].items() if "tags" in part["arguments"])
    untaggable = sorted(set(schema["resources"]) - set(taggable))
    write(
        TARGET / "terraform_types.json",
        {
            "source": f"schema of the Terraform provider {schema['source']} {schema['version']}",
            "taggable": taggable,
            "untaggable": untaggable,
        },
    )


def items(schema: Schema, key: str) -> list[tuple[str, object]]:
    part = schema.get(key)
    return list(part.items()) if isinstance(part, dict) else []


def as_list(part: object) -> list[object]:
    return part if isinstance(part, list) else []


def write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
