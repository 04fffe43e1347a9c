"""What the table maps of a type: `python -m wa_scan.aws.show AWS::RDS::DBInstance aws_lb awscc_sqs_queue ...`

For a canonical type: which types of the source languages become one or are folded into one, what stands
below `Extra`, and what holds where a property is absent, with the sources of that. For a source type: where
its attributes land. With `--provider-schema terraform-aws.json.gz` (a dump of the Terraform AWS provider's
schema) of every attribute the provider has, also those that land nowhere, and the properties that nothing
leads to.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import TextIO

from wa_scan.aws.mapping import BlockRule
from wa_scan.aws.plans import Plan, plan
from wa_scan.aws.schemas import Kind, Node, type_schema
from wa_scan.aws.table import Default, table
from wa_scan.blocks import Language

Arguments = dict[str, dict[str, object]]
Provider = Mapping[str, Mapping[str, Arguments]]

_WIDTH = 110
_DEEPEST = 6
_NO_SETTINGS = ("id", "region", "tags_all", "timeouts")


def attributes_of(
    arguments: Arguments, rule: BlockRule, prefix: str = ""
) -> Iterator[tuple[str, str | None]]:
    """Every attribute of a source type with the property path it lands at; None for one that has none."""
    for name, argument in sorted(arguments.items()):
        if not prefix and name in _NO_SETTINGS:
            continue
        target = next(iter(rule.targets(name)), None)
        if target is None:
            continue
        nested = _nested(argument.get("type"))
        if "Unmapped" in target.path:
            yield prefix + name, None
            continue
        steps = ".".join(target.path).replace(".[", "[")
        place = f"{rule.place}.{steps}{'[]' if target.appends else ''}".strip(".")
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
        if below.properties and depth < _DEEPEST:
            yield from properties_of(below, full, depth + 1)
        else:
            yield full


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m wa_scan.aws.show", description="What the mapping table has of a type."
    )
    parser.add_argument("types", nargs="+", help="canonical types (AWS::S3::Bucket) or source types (aws_lb)")
    parser.add_argument("--provider-schema", type=Path, help="a dump of the Terraform AWS provider's schema")
    options = parser.parse_args()
    provider: Provider = {}
    if options.provider_schema is not None:
        provider = json.loads(gzip.decompress(options.provider_schema.read_bytes()))["resources"]
    for name in options.types:
        show(name, provider)


def show(name: str, provider: Provider, out: TextIO | None = None) -> None:
    """Prints what the table has of the type `name` to `out`, or to standard output."""
    out = out or sys.stdout
    if name in table().sources or not name.startswith(("AWS::", "Extra::")):
        _show_source(name, provider, out)
        return
    _show_canonical(name, out)
    for source in _made_from(name):
        print(file=out)
        _show_source(source, provider, out)


def _show_canonical(name: str, out: TextIO) -> None:
    schema = type_schema(name)
    print(f"{name}{'' if schema is not None else ': not in the registry'}", file=out)
    if schema is None:
        return
    row = table().type_row(name)
    made_from = _made_from(name)
    if name.startswith("AWS::"):
        _, service, resource = name.split("::")
        made_from.append(f"awscc_{service}_{resource}".lower() + " and templates, by name")
    _list("made from", made_from, out)
    _list("folded in", _folded_in(name), out)
    _list("tags in", [schema.tag_property] if schema.tag_property else [], out)
    for path, what in row.extra.items():
        _entry("extra", path, what, out)
    _list("properties", properties_of(schema.root, depth=_DEEPEST - 2), out)
    _defaults(row.defaults, out)


def _made_from(canonical: str) -> list[str]:
    rows = table().sources
    by_name = [] if canonical not in rows else [canonical]
    return by_name + sorted(source for source, row in rows.items() if row.canonical == canonical)


def _folded_in(canonical: str) -> list[str]:
    settings = {name: row.folds for name, row in table().sources.items() if row.canonical is None}
    settings |= {name: row.folds for name, row in table().types.items()}
    return sorted(name for name, folds in settings.items() if any(fold.into == canonical for fold in folds))


def _show_source(source: str, provider: Provider, out: TextIO) -> None:
    is_template = source.startswith("AWS::")
    how = plan(source, Language.CLOUDFORMATION if is_template else Language.TERRAFORM, table())
    if how.rule is None:
        print(f"{source}: no mapping", file=out)
        return
    folds = how.row.folds if how.row is not None else ()
    if how.canonical is not None:
        print(f"{source} -> {how.canonical}", file=out)
    else:
        print(f"{source}: settings of another resource", file=out)
        for by in dict.fromkeys(fold.by for fold in folds):
            _list(f"by {by}", [fold.into for fold in folds if fold.by == by], out)
    if how.row is not None:
        _list("constants", [f"{path} = {value!r}" for path, value in how.row.constants.items()], out)
        _defaults(how.row.defaults, out)
    if source not in provider:
        rows = how.row.attributes if how.row is not None else {}
        _table("row", {path: str(target) for path, target in rows.items()}, out)
        if not rows:
            print("  every attribute by its name", file=out)
        return
    _show_attributes(provider[source]["arguments"], how.rule, how, out)


def _show_attributes(arguments: Arguments, rule: BlockRule, how: Plan, out: TextIO) -> None:
    named = {fold.by for fold in how.row.folds} if how.row is not None and how.canonical is None else set()
    found = {
        path: place for path, place in attributes_of(arguments, rule) if path.partition(".")[0] not in named
    }
    mapped = {path: place for path, place in found.items() if place is not None}
    print(f"  {len(mapped)} of {len(found)} attributes are mapped", file=out)
    _table("mapped", mapped, out)
    _list("no property", [path for path, place in found.items() if place is None], out)
    schema = type_schema(how.canonical) if how.canonical is not None else None
    if schema is not None:
        reached = {_plain(place) for place in mapped.values()}
        unused = [
            path
            for path in properties_of(schema.root)
            if not _is_below(_plain(path), reached, how.tag_property)
        ]
        _list("not led to", unused, out)


def _is_below(path: str, reached: Iterable[str], tags: str | None) -> bool:
    return path.partition(".")[0] == tags or any(
        path == place or path.startswith(f"{place}.") for place in reached
    )


def _plain(path: str) -> str:
    return "".join(part.partition("[")[0] for part in path.split("]"))


def _defaults(defaults: Mapping[str, Default], out: TextIO) -> None:
    for path, default in defaults.items():
        what = f"unknown: {default.unknown}" if default.unknown is not None else json.dumps(default.value)
        if default.within is not None:
            what += f"; {json.dumps(default.within)} where its block is written"
        for word, value in default.cases.items():
            what += f"; {json.dumps(value)} where {default.by} is {word}"
        for giver, why in default.inherited.items():
            what += f"; unknown, {why}, where {giver} is written"
        _entry("default", path, what, out)
        _paragraph(f"source: {default.source}", out)


def _entry(kind: str, path: str, what: str, out: TextIO) -> None:
    print(f"  {kind:<12}{path}", file=out)
    _paragraph(what, out)


def _paragraph(text: str, out: TextIO) -> None:
    for line in wrap(text, _WIDTH, initial_indent=" " * 18, subsequent_indent=" " * 20):
        print(line, file=out)


def _list(kind: str, words: Iterable[str], out: TextIO) -> None:
    for number, line in enumerate(wrap(", ".join(words), _WIDTH - 14, break_long_words=False)):
        print(f"  {kind if number == 0 else '':<11} {line}", file=out)


def _table(kind: str, rows: Mapping[str, str], out: TextIO) -> None:
    width = min(max(map(len, rows), default=0), 55)
    for path, place in rows.items():
        print(f"  {kind:<12}{path:<{width}}  {place}", file=out)


if __name__ == "__main__":
    main()
