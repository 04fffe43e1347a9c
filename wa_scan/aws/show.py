"""What the table maps of a type: `python -m wa_scan.aws.show AWS::RDS::DBInstance aws_lb ...`

With `--provider-schema terraform-aws.json.gz` (a dump of the Terraform AWS provider's schema) also
what it does not map: attributes without a property, and properties that nothing leads to.
"""

import argparse
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from wa_scan.aws.mapping import BlockRule
from wa_scan.aws.plans import plan
from wa_scan.aws.schemas import Kind, Node, type_schema
from wa_scan.aws.table import table
from wa_scan.blocks import Language

Arguments = dict[str, dict[str, object]]


def attributes_of(
    arguments: Arguments, rule: BlockRule, prefix: str = ""
) -> Iterator[tuple[str, str | None]]:
    """Every attribute of a source type with the property path it lands at; None for one that has none."""
    for name, argument in sorted(arguments.items()):
        target = next(iter(rule.targets(name)), None)
        if target is None:
            continue
        nested = _nested(argument.get("type"))
        if "Unmapped" in target.path:
            yield prefix + name, None
            continue
        place = f"{rule.place}.{'.'.join(target.path)}{'[]' if target.appends else ''}".strip(".")
        if nested is None or target.block.node.kind is not Kind.OBJECT:
            yield prefix + name, place
        else:
            yield from attributes_of(nested, target.block, f"{prefix}{name}.")


def _nested(type_: object) -> Arguments | None:
    while isinstance(type_, list) and type_[0] != "object":
        type_ = type_[1]
    return type_[1] if isinstance(type_, list) else None


def properties_of(node: Node, path: str = "", depth: int = 0) -> Iterator[str]:
    """The property paths of a type, `[]` after lists, down to where they repeat themselves."""
    for name, below in node.properties.items():
        full = f"{path}.{name}" if path else name
        while below.kind is Kind.LIST:
            below, full = below.item, full + "[]"
        if below.properties and depth < 6:
            yield from properties_of(below, full, depth + 1)
        else:
            yield full


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m wa_scan.aws.show", description=__doc__)
    parser.add_argument("types", nargs="+", help="canonical or source types")
    parser.add_argument("--provider-schema", type=Path, help="a dump of the Terraform AWS provider's schema")
    options = parser.parse_args()
    dump: dict[str, dict[str, Arguments]] = {}
    if options.provider_schema is not None:
        dump = json.loads(gzip.decompress(options.provider_schema.read_bytes()))["resources"]
    for name in options.types:
        sources = [name] if not name.startswith("AWS::") else _sources_of(name)
        if name.startswith("AWS::"):
            for path, what in table().type_row(name).extra.items():
                print(f"  extra    {path}: {what}")
            print(f"{name}: from {', '.join(sources) or 'no other type'}")
        for source in sources:
            _show(source, dump)


def _sources_of(canonical: str) -> list[str]:
    rows = table().sources
    return sorted(
        source
        for source, row in rows.items()
        if row.canonical == canonical or any(fold.into == canonical for fold in row.folds)
    )


def _show(source: str, dump: dict[str, dict[str, Arguments]], out: TextIO | None = None) -> None:
    language = Language.CLOUDFORMATION if source.startswith("AWS::") else Language.TERRAFORM
    how = plan(source, language, table())
    if how.rule is None:
        print(f"{source}: no mapping", file=out)
        return
    folds = how.row.folds if how.row is not None else ()
    into = how.canonical or ", ".join(fold.into for fold in folds)
    print(f"{source} -> {into}", file=out)
    for path, default in how.defaults.items():
        what = f"unknown ({default.unknown})" if default.unknown is not None else repr(default.value)
        print(f"  default  {path} = {what}", file=out)
    if source not in dump:
        for attribute, target in (how.row.attributes if how.row is not None else {}).items():
            print(f"  row      {attribute} -> {target}", file=out)
        return
    reached: set[str] = set()
    for attribute, place in attributes_of(dump[source]["arguments"], how.rule):
        if place is None:
            print(f"  no match {attribute}", file=out)
            continue
        reached.add(place.removesuffix("[]"))
        print(f"  mapped   {attribute} -> {place}", file=out)
    schema = type_schema(into)
    if schema is None or folds:
        return
    for path in properties_of(schema.root):
        if not any(path == place or path.startswith((f"{place}.", f"{place}[")) for place in reached):
            print(f"  unused   {path}", file=out)


if __name__ == "__main__":
    main()
