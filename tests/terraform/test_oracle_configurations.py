"""Whole configurations, judged by what `terraform plan` itself showed."""

from pathlib import Path

import pytest

from tests.terraform.oracle import ORACLE, Difference, Json, compare, load, plain_exported
from wa_scan.blocks import EvaluatedUnit, Mode
from wa_scan.sources.units import RootModule
from wa_scan.terraform.evaluate import EvaluateOptions, evaluate_root

MODULES = sorted(path.parent for path in (ORACLE / "modules").glob("*/case.json"))


def options_of(directory: Path) -> EvaluateOptions:
    case = load(directory / "case.json")
    assert isinstance(case, dict)
    arguments, environment = case.get("args", []), case.get("env", {})
    assert isinstance(arguments, list)
    assert isinstance(environment, dict)
    variables: dict[str, str] = {}
    files: list[Path] = []
    words = [str(word) for word in arguments]
    while words:
        word = words.pop(0)
        name, _, value = word.partition("=")
        value = value if _ else words.pop(0)
        if name == "-var":
            key, _, text = value.partition("=")
            variables[key] = text
        elif name == "-var-file":
            files.append(directory / value)
    shown = {str(key): str(value) for key, value in environment.items()}
    return EvaluateOptions(
        variables=variables,
        variable_files=files,
        workspace=shown.get("TF_WORKSPACE", "default"),
        environment=shown,
        require_inputs=True,
    )


def evaluated(directory: Path) -> EvaluatedUnit:
    return evaluate_root(RootModule(directory, directory.name, directory), options_of(directory))


def planned(unit: EvaluatedUnit) -> dict[str, Json]:
    return {
        resource.address: plain_exported(resource.body)
        for resource in unit.resources
        if resource.mode is Mode.MANAGED
    }


def differences(directory: Path) -> list[Difference]:
    expected = load(directory / "expected.json")
    assert isinstance(expected, dict)
    unit = evaluated(directory)
    if "error" in expected:
        if unit.problems:
            return []
        return [Difference("accepted", directory.name, expected["error"], None)]
    if unit.problems:
        return [Difference("refused", directory.name, None, str(unit.problems))]
    outputs = {name: plain_exported(value) for name, value in unit.outputs.items()}
    found = list(compare(expected["outputs"], outputs, "outputs"))
    resources = expected["resources"]
    assert isinstance(resources, dict)
    shown = planned(unit)
    if resources.keys() != shown.keys():
        found.append(Difference("wrong", "resources", [*sorted(resources)], [*sorted(shown)]))
        return found
    for address, attributes in resources.items():
        own = shown[address]
        assert isinstance(attributes, dict)
        assert isinstance(own, dict)
        found += compare(attributes, own, address)
    return found


@pytest.mark.parametrize("directory", MODULES, ids=lambda path: path.name)
def test_configuration(directory: Path) -> None:
    assert differences(directory) == []
