"""Parameter files in the formats of the AWS CLI, CodePipeline and SAM."""

from pathlib import Path

import pytest

from wa_scan.cloudformation.parameter_files import ParameterFile, read_parameter_file
from wa_scan.errors import UsageError


@pytest.mark.parametrize(
    ("name", "text", "parameters", "tags"),
    [
        (
            "cli.json",
            '[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "UsePreviousValue": true}]',
            {"A": "1"},
            {},
        ),
        ("overrides.json", '["A=1", "B=x=y"]', {"A": "1", "B": "x=y"}, {}),
        ("plain.json", '{"A": "1", "B": true, "C": ["x", "y"]}', {"A": "1", "B": "true", "C": "x,y"}, {}),
        (
            "pipeline.json",
            '{"Parameters": {"A": "1"}, "Tags": {"team": "shop"}}',
            {"A": "1"},
            {"team": "shop"},
        ),
        ("plain.yaml", "A: 1\nB: x\n", {"A": "1", "B": "x"}, {}),
        (
            "samconfig.toml",
            "version = 0.1\n[default.global.parameters]\nparameter_overrides = 'A=0 B=2'\n"
            "[default.deploy.parameters]\n"
            "parameter_overrides = 'A=\"1 2\" ParameterKey=C,ParameterValue=3'\ntags = ['team=shop']\n",
            {"A": "1 2", "B": "2", "C": "3"},
            {"team": "shop"},
        ),
        ("samconfig.toml", "[prod.deploy.parameters]\nparameter_overrides = ['A=1']\n", {}, {}),
    ],
)
def test_formats(
    name: str, text: str, parameters: dict[str, str], tags: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert read_parameter_file(path) == ParameterFile(parameters, tags)


def test_environment_of_sam(tmp_path: Path) -> None:
    path = tmp_path / "samconfig.toml"
    path.write_text("[prod.deploy.parameters]\nparameter_overrides = ['A=1']\n")
    assert read_parameter_file(path, "prod").parameters == {"A": "1"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", b"{"),
        ("a.json", b"1"),
        ("a.json", b"[1]"),
        ("a.json", b'["A"]'),
        ("a.json", b'{"A": {"B": 1}}'),
        ("a.json", b"[" * 100_000),
        ("a.json", b"\xff"),
        ("a.yaml", b"a: [\n"),
        ("a.toml", b"= 1"),
        ("a.toml", b"[default.deploy.parameters]\nparameter_overrides = 'A'\n"),
        ("a.json", b" " * 1_000_001),
    ],
)
def test_file_that_cannot_be_used(name: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UsageError, match="parameter file"):
        read_parameter_file(path)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_parameter_file(tmp_path / "a.json")
