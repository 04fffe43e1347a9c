"""Every property that a declaration asks for is in the registry or declared in the mapping table."""

from collections.abc import Iterator

import pytest

from wa_scan.aws.schemas import Kind, type_schema
from wa_scan.aws.table import table
from wa_scan.datafiles import read_yaml
from wa_scan.engine.loading import load_rules
from wa_scan.engine.ruleset import LoadedRule

DECLARED = [one for one in load_rules().loaded if one.file.suffix == ".yaml"]


def paths(condition: object, above: str = "") -> Iterator[str]:
    if isinstance(condition, list):
        for one in condition:
            yield from paths(one, above)
    if isinstance(condition, dict):
        if "property" in condition:
            yield above + condition["property"]
        inner = condition.get("every") or condition.get("some")
        for key in ("all", "any", "not"):
            yield from paths(condition.get(key), above)
        if inner:
            yield from paths(condition.get("satisfies"), f"{above}{inner}.")


def is_known(type_: str, path: str) -> bool:
    extra = table().type_row(type_).extra
    plain = path.replace("[]", "")
    # What the table does not map keeps the source language's names there.
    if plain.startswith("Extra.Unmapped.") or any(
        plain == name or plain.startswith(f"{name}.") for name in extra
    ):
        return True
    schema = type_schema(type_)
    node = schema.root if schema else None
    for key in plain.split("."):
        while node is not None and node.kind is Kind.LIST:
            node = node.item
        if node is None or node.kind in (Kind.ANY, Kind.DOCUMENT, Kind.MAP):
            return node is not None
        node = node.properties.get(key)
    return node is not None


@pytest.mark.parametrize("loaded", DECLARED, ids=lambda one: one.rule.id)
def test_properties_are_spelt_as_in_the_registry(loaded: LoadedRule) -> None:
    data = read_yaml(loaded.file)
    assert isinstance(data, dict)
    asked = {path for key in ("require", "where", "undecided_where") for path in paths(data.get(key))}
    misspelt = [path for path in asked if not any(is_known(type_, path) for type_ in loaded.rule.resources)]
    assert sorted(misspelt) == []


@pytest.mark.parametrize("loaded", load_rules().loaded, ids=lambda one: one.rule.id)
def test_types_are_spelt_as_in_the_registry(loaded: LoadedRule) -> None:
    known = table().types
    assert [one for one in loaded.rule.resources if type_schema(one) is None and one not in known] == []


def test_a_misspelt_property_would_be_seen() -> None:
    assert is_known("AWS::RDS::DBInstance", "MultiAZ")
    assert not is_known("AWS::RDS::DBInstance", "MultiAz")
    assert is_known("AWS::S3::Bucket", "VersioningConfiguration.Status")
    assert not is_known("AWS::S3::Bucket", "VersioningConfiguration.State")
    assert is_known("AWS::EC2::Instance", "BlockDeviceMappings[].Ebs.Encrypted")
