"""The mapping table against both schemas: the registry's, and the Terraform provider's."""

import gzip
import json
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from wa_scan.aws.linking import link_rows, meanings_of
from wa_scan.aws.links import LinkKind
from wa_scan.aws.mapping import BlockRule
from wa_scan.aws.plans import plan
from wa_scan.aws.reshape import RESHAPINGS
from wa_scan.aws.schemas import Kind, Node, type_schema
from wa_scan.aws.table import FOLDER, SourceRow, TableError, TypeRow, load, table
from wa_scan.blocks import Language
from wa_scan.datafiles import load_folder

PROVIDER_SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "terraform-aws.json.gz"

Arguments = dict[str, dict[str, object]]


def type_rows() -> list[TypeRow]:
    return list(table().types.values())


def source_rows() -> list[SourceRow]:
    return [row for name, row in table().sources.items() if row.name == name]


def home(row: SourceRow) -> str:
    return row.canonical or row.folds[0].into


def exists(root: Node, path: str) -> bool:
    """Whether a property path (`A.B[].C`) is in a type, or below what holds free keys."""
    node = root
    for step in path.split("."):
        key = step.removesuffix("[]")
        while node.kind is Kind.LIST:
            node = node.item
        if node.kind in (Kind.ANY, Kind.DOCUMENT, Kind.MAP):
            return True
        if key not in node.properties:
            return False
        node = node.properties[key]
        if step.endswith("[]") and node.kind not in (Kind.LIST, Kind.ANY):
            return False
    return True


def is_declared(row: TypeRow, path: str) -> bool:
    """Whether a property path is the registry's or a declared extra."""
    schema = type_schema(row.name)
    assert schema is not None, row.name
    if "Extra" in path.split("."):
        plain = path.replace("[]", "")
        declared = [name.replace("[]", "") for name in row.extra]
        return any(plain == name or plain.startswith(f"{name}.") for name in declared)
    return exists(schema.root, path)


@pytest.mark.parametrize("row", type_rows(), ids=lambda row: row.name)
def test_canonical_row_names_what_is_there(row: TypeRow) -> None:
    assert type_schema(row.name) is not None
    paths = [
        *row.defaults,
        *row.identifiers,
        *row.numbers,
        *(default.by for default in row.defaults.values() if default.by is not None),
        *(giver for default in row.defaults.values() for giver in default.inherited),
        *row.links,
        *row.names,
        *(end for connection in row.connects for end in (connection.start, connection.end)),
        *(fold.by for fold in row.folds),
        *(path for fold in row.folds for path in (*fold.keep, *fold.each) if path != "Extra"),
        *(fold.take for fold in row.folds if fold.take is not None),
        *(written.partition(" ")[0] for written in row.derive.values()),
        *((row.part_of,) if row.part_of is not None else ()),
    ]
    assert [path for path in paths if not is_declared(row, path)] == []


@pytest.mark.parametrize("row", type_rows(), ids=lambda row: row.name)
def test_canonical_row_speaks_of_known_things(row: TypeRow) -> None:
    for kinds in row.links.values():
        assert kinds == "none" or meanings_of(kinds)
    for connection in row.connects:
        assert LinkKind(connection.kind)
    for type_ in [name for listed in row.names.values() for name in listed]:
        assert type_schema(type_) is not None, type_
    for fold in row.folds:
        assert is_declared(table().type_row(fold.into), fold.at)
    for path, what in row.extra.items():
        assert "Extra" in path.split(".")
        if what.startswith("like "):
            assert type_schema(what.removeprefix("like ").partition(": ")[0]) is not None


@pytest.mark.parametrize("row", source_rows(), ids=lambda row: row.name)
def test_source_row_leads_to_what_is_there(row: SourceRow) -> None:
    assert type_schema(home(row)) is not None
    canonical = table().type_row(home(row))
    how = plan_of(row)
    assert how is not None
    for path in (*row.defaults, *row.constants):
        assert is_declared(canonical, path), path
    wrong = [
        f"{attribute} -> {'.'.join(target.path)}"
        for attribute, rule in rules_of(row, how)
        for target in rule.targets(attribute.rpartition(".")[2])
        if not leads_somewhere(rule, named(target.path), canonical)
    ]
    assert wrong == []


def named(path: tuple[str, ...]) -> tuple[str, ...]:
    """The properties of a path, and those by which it picks elements of lists, which must be there too."""
    return tuple(step for step in path if not step.startswith("["))


@pytest.mark.parametrize("row", source_rows(), ids=lambda row: row.name)
def test_source_row_picks_elements_by_what_is_there(row: SourceRow) -> None:
    how = plan_of(row)
    assert how is not None
    for attribute, rule in rules_of(row, how):
        for target in rule.targets(attribute.rpartition(".")[2]):
            for depth, step in enumerate(target.path):
                key, _, value = step.strip("[]").partition("=")
                if (
                    step.startswith("[")
                    and value
                    and rule.node.at(named(target.path[:depth])).kind is Kind.LIST
                ):
                    assert exists(rule.node, ".".join((*named(target.path[:depth]), key))), attribute


def plan_of(row: SourceRow) -> BlockRule | None:
    language = Language.CLOUDFORMATION if row.name.startswith("AWS::") else Language.TERRAFORM
    return plan(row.name.partition(" ")[0], language, table(), row.name).rule


def rules_of(row: SourceRow, rule: BlockRule) -> Iterator[tuple[str, BlockRule]]:
    """Every attribute that has a row, with the rule of the block that it is in."""
    for attribute, written in row.attributes.items():
        if written is None or attribute.startswith("**."):
            continue
        at = rule
        for name in attribute.split(".")[:-1]:
            targets = at.targets(name)
            assert targets, f"{attribute}: {name} leads nowhere"
            at = targets[0].block
        yield attribute, at


def leads_somewhere(rule: BlockRule, path: tuple[str, ...], canonical: TypeRow) -> bool:
    if "Unmapped" in path or canonical.name.startswith("Extra::"):
        return True
    if "Extra" in path:
        full = ".".join((rule.place, *path)).strip(".")
        anywhere = [full, full.partition("Extra.")[2] and "Extra." + full.partition("Extra.")[2]]
        owners = [
            canonical,
            *(row for row in type_rows() if any("like" in what for what in row.extra.values())),
        ]
        return any(is_declared(owner, each) for owner in owners for each in anywhere) or bool(
            rule.place and path[0] == "Extra"
        )
    return not path or exists(rule.node, ".".join(path))


@pytest.mark.parametrize("row", source_rows(), ids=lambda row: row.name)
def test_source_row_names_known_transformations(row: SourceRow) -> None:
    for written in row.attributes.values():
        for target in [written] if isinstance(written, str) else written or []:
            for call in target.split("|")[1:]:
                assert call.split()[0] in RESHAPINGS


def test_every_default_says_where_it_is_written() -> None:
    rows: list[TypeRow | SourceRow] = [*type_rows(), *source_rows()]
    assert [row.name for row in rows for default in row.defaults.values() if len(default.source) < 15] == []


def test_link_rows_name_known_kinds() -> None:
    assert [row.kind for row in link_rows() if row.kind != "none" and not meanings_of(row.kind)] == []


def test_a_type_mapped_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("aws_thing: {is: AWS::S3::Bucket}\n")
    (tmp_path / "two.yaml").write_text("aws_thing: {is: AWS::SQS::Queue}\n")
    with pytest.raises(TableError, match="two: aws_thing has a second row"):
        load(tmp_path)


def test_a_misspelt_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("aws_thing: {is: AWS::S3::Bucket, atributes: {}}\n")
    with pytest.raises(TableError, match="atributes"):
        load(tmp_path)


@pytest.fixture(scope="module")
def provider() -> dict[str, dict[str, Arguments]]:
    if not PROVIDER_SCHEMA.exists():
        pytest.skip("the dump of the Terraform provider's schema is not there")
    content: dict[str, dict[str, dict[str, Arguments]]] = json.loads(
        gzip.decompress(PROVIDER_SCHEMA.read_bytes())
    )
    return content["resources"]


def terraform_rows() -> list[tuple[str, SourceRow]]:
    """Every Terraform type with its row; a row of a switch stands for the type before the blank."""
    return [(name.partition(" ")[0], row) for name, row in table().sources.items() if name.startswith("aws_")]


def test_every_terraform_type_exists(provider: dict[str, dict[str, Arguments]]) -> None:
    removed = load_folder(FOLDER)["removed"]
    assert isinstance(removed, dict)
    gone = {name for name in removed if name.startswith("aws_")}
    assert {name for name, _ in terraform_rows() if name not in provider} == gone


def test_every_type_of_the_provider_is_mapped(provider: dict[str, dict[str, Arguments]]) -> None:
    assert [name for name in provider if plan(name, Language.TERRAFORM, table()).rule is None] == []


def test_types_removed_from_the_registry_are_gone() -> None:
    removed = load_folder(FOLDER)["removed"]
    assert isinstance(removed, dict)
    templates = [name for name in removed if name.startswith("AWS::")]
    assert templates
    assert [name for name in templates if type_schema(name) is not None] == []


def test_derived_rows_are_what_the_script_makes(provider: dict[str, dict[str, Arguments]]) -> None:
    script = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "derive_terraform_rows.py"))
    assert script["written"](script["derived"](provider)) == script["TARGET"].read_text(encoding="utf-8")


def test_rows_by_hand_win_over_derived_ones(tmp_path: Path) -> None:
    (tmp_path / "derived.yaml").write_text("aws_thing: {attributes: {a: BucketName, b: AccessControl}}\n")
    (tmp_path / "hand.yaml").write_text("aws_thing: {is: AWS::S3::Bucket, attributes: {a: null}}\n")
    row = load(tmp_path).sources["aws_thing"]
    assert row.canonical == "AWS::S3::Bucket"
    assert row.attributes == {"a": None, "b": "AccessControl"}


def test_every_attribute_exists(provider: dict[str, dict[str, Arguments]]) -> None:
    wrong = [
        f"{name}.{attribute}"
        for name, row in terraform_rows()
        if name in provider
        for attribute in [*row.attributes, *(fold.by for fold in row.folds if row.canonical is None)]
        if not attribute.startswith("**.")
        and not is_older(row, attribute)
        and not has(provider[name]["arguments"], attribute.split("."))
    ]
    assert wrong == []


def test_older_attributes_are_gone_from_the_provider(provider: dict[str, dict[str, Arguments]]) -> None:
    """And what they became is a block or a word of another name."""
    still_there = [
        f"{name}.{path}"
        for name, row in terraform_rows()
        for path in row.older
        if has(provider[name]["arguments"], path.removesuffix(".*").split("."))
        and not (path.endswith(".*") and block_in(provider[name]["arguments"][path[:-2]].get("type")) is None)
    ]
    assert still_there == []


def is_older(row: SourceRow, attribute: str) -> bool:
    return any(
        attribute == path or (path.endswith(".*") and attribute.startswith(path[:-1])) for path in row.older
    )


def has(arguments: Arguments, path: list[str]) -> bool:
    if path[0] not in arguments:
        return False
    nested = block_in(arguments[path[0]].get("type"))
    return len(path) == 1 or (nested is not None and has(nested, path[1:]))


def block_in(type_: object) -> Arguments | None:
    while isinstance(type_, list) and type_[0] != "object":
        type_ = type_[1]
    return type_[1] if isinstance(type_, list) else None


# Attributes whose shapes differ and that are right all the same.
SHAPES_THAT_MAY_DIFFER = {
    "aws_security_group_rule.cidr_blocks": "as many rules as there are ranges, made when they are folded",
    "aws_security_group_rule.ipv6_cidr_blocks": "likewise",
    "aws_security_group_rule.prefix_list_ids": "likewise",
    "aws_elasticache_replication_group.cluster_mode": "a block before 6.0, a word since",
}


SCALARS = (Kind.STRING, Kind.BOOLEAN, Kind.INTEGER, Kind.NUMBER)


def test_shapes_agree(provider: dict[str, dict[str, Arguments]]) -> None:
    """A scalar does not land where the registry has an object, nor a list where it has a scalar."""
    wrong = [
        f"{name}.{attribute}: {fault}"
        for name, rule in rules_for(provider)
        for attribute, fault in faults(provider[name]["arguments"], rule, "")
    ]
    assert [each for each in wrong if each.partition(":")[0] not in SHAPES_THAT_MAY_DIFFER] == []


def rules_for(provider: dict[str, dict[str, Arguments]]) -> Iterator[tuple[str, BlockRule]]:
    """Every mapped Terraform type, by a row or by its name alone."""
    rows = terraform_rows()
    for name, row in rows:
        rule = plan_of(row)
        if name in provider and rule is not None:
            yield name, rule
    for name in sorted(set(provider) - {name for name, _ in rows}):
        rule = plan(name, Language.TERRAFORM, table()).rule
        if rule is not None:
            yield name, rule


def faults(arguments: Arguments, rule: BlockRule, prefix: str) -> Iterator[tuple[str, str]]:
    for name, argument in arguments.items():
        for target in rule.targets(name):
            type_ = argument.get("type")
            block = block_in(type_)
            if "Unmapped" in target.path or target.reshapings:
                continue
            node = target.node
            if block is not None and node.kind is Kind.MAP and node.item.kind is Kind.OBJECT:
                yield prefix + name, "blocks where the registry has a map"
            elif block is not None and target.block.node.kind is Kind.OBJECT:
                yield from faults(block, target.block, f"{prefix}{name}.")
            elif type_ in ("string", "number", "bool"):
                # A text that is a document has a row that says so.
                inner = node.item if node.kind is Kind.LIST else node
                if inner.kind is Kind.OBJECT:
                    yield prefix + name, "a scalar where the registry has an object"
            elif block is not None and node.kind is Kind.LIST and node.item.kind in SCALARS:
                yield prefix + name, "blocks where the registry has scalars"
            elif (
                isinstance(type_, list)
                and type_[1] in ("string", "number", "bool")
                and type_[0] != "map"
                and node.kind is Kind.LIST
                and node.item.kind is Kind.OBJECT
            ):
                yield prefix + name, "scalars where the registry has objects"
            elif block is not None and node.kind in SCALARS:
                yield prefix + name, "a block where the registry has a scalar"
            elif isinstance(type_, list) and node.kind in (Kind.STRING, Kind.BOOLEAN, Kind.INTEGER):
                is_spread = any(
                    name in arguments
                    for place, written in rule.rows.items()
                    for arguments in [str(written).partition("one_per")[2].split()]
                )
                if not is_spread:
                    yield prefix + name, f"{type_[0]} where the registry has a scalar"
