"""Parameter files in the formats of the AWS CLI, CodePipeline and SAM."""

from pathlib import Path

import pytest

from wa_scan.api import ScanOptions, scan
from wa_scan.cloudformation.parameter_files import read_parameter_file
from wa_scan.errors import ProblemLevel, UsageError


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
        (
            "samconfig.toml",
            "[default.deploy.parameters]\nparameter_overrides = [\n  'A=1',\n  'file://more.yaml',\n]\n"
            "[default.deploy.parameters.tags]\nteam = 'shop'\n",
            {"A": "1"},
            {"team": "shop"},
        ),
        (
            "samconfig.toml",
            "[default.deploy.parameters.parameter_overrides]\nA = 1\nB = ['x', 'y']\nC = true\n",
            {"A": "1", "B": "x,y", "C": "true"},
            {},
        ),
        (
            "samconfig.yaml",
            "version: 0.1\ndefault:\n  deploy:\n    parameters:\n      parameter_overrides: A=1 B=2\n",
            {"A": "1", "B": "2"},
            {},
        ),
        (
            "input.json",
            '{"StackName": "s", "Parameters": [{"ParameterKey": "A", "ParameterValue": "1"}],'
            ' "Tags": [{"Key": "team", "Value": "shop"}]}',
            {"A": "1"},
            {"team": "shop"},
        ),
        (
            "described.json",
            '{"Stacks": [{"StackName": "s", "Parameters": [{"ParameterKey": "A", "ParameterValue": "1"}]}]}',
            {"A": "1"},
            {},
        ),
    ],
)
def test_formats(
    name: str, text: str, parameters: dict[str, str], tags: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text)
    found = read_parameter_file(path, name)
    assert (found.parameters, found.tags) == (parameters, tags)


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("samconfig.toml", "[default.deploy.parameters]\nparameter_overrides = 'A=1 file://b.json'\n", 2),
        ("samconfig.toml", "[default.deploy.parameters]\nparameter_overrides=['A=1', 'file://b.json']\n", 2),
        ("overrides.json", '["A=1",\n "file://b.json"]', 2),
    ],
)
def test_a_further_file_is_not_read_which_is_said(name: str, text: str, place: int, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text('{"B": "2"}')
    (tmp_path / name).write_text(text)
    found = read_parameter_file(tmp_path / name, name)
    assert found.parameters == {"A": "1"}
    (note,) = found.notes()
    assert note.message == "What b.json gives was not read."
    assert note.location is not None
    assert (note.location.file, note.location.start_line) == (name, place)
    assert note.level is ProblemLevel.NOTE
    template = "Parameters: {A: {Type: String}}\nResources: {Q: {Type: AWS::SQS::Queue}}\n"
    (tmp_path / "template.yaml").write_text(template)
    options = ScanOptions(working_directory=tmp_path, parameter_files=(Path(name),))
    assert note in scan(["template.yaml"], options).problems


def test_environment_of_sam(tmp_path: Path) -> None:
    path = tmp_path / "samconfig.toml"
    path.write_text("[prod.deploy.parameters]\nparameter_overrides = ['A=1']\n")
    assert read_parameter_file(path, "samconfig.toml", "prod").parameters == {"A": "1"}


@pytest.mark.parametrize(
    ("environment", "said"), [("default", []), ("prod", []), ("test", ["samconfig.toml"])]
)
def test_an_environment_that_the_configuration_of_sam_has_not(
    environment: str, said: list[str], tmp_path: Path
) -> None:
    (tmp_path / "samconfig.toml").write_text("[prod.deploy.parameters]\nparameter_overrides = ['A=1']\n")
    (tmp_path / "template.yaml").write_text(
        "Parameters: {A: {Type: String}}\nResources: {Q: {Type: AWS::SQS::Queue}}\n"
    )
    problems = scan(["."], ScanOptions(working_directory=tmp_path, config_env=environment)).problems
    assert [problem.location and problem.location.file for problem in problems] == said
    assert all(problem.message == "This SAM configuration has no environment test." for problem in problems)


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
        ("a.json", b""),
        ("a.json", b'{"Resources": {}}'),
        ("a.json", b'{"Stacks": []}'),
        ("a.json", b'[{"Key": "A"}, {"Other": "B"}]'),
        ("a.json", b'{"A": "1", "A": "2"}'),
        ("a.toml", b"a = " + b"[" * 100_000),
        ("samconfig.toml", b"[default.deploy.parameters]\nparameter_overrides = '\"'\n"),
    ],
)
def test_file_that_cannot_be_used(name: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UsageError, match="parameter file"):
        read_parameter_file(path, name)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_parameter_file(tmp_path / "a.json", "a.json")


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("a.json", '[\n  {"ParameterKey": "A", "ParameterValue": "1"}\n]', "a.json:2:25"),
        ("a.json", '{"Parameters": {\n  "A": "1"}}', "a.json:2:3"),
        ("a.yaml", "B: 2\nA: 1\n", "a.yaml:2:1"),
        ("a.json", '["B=1",\n "A=1"]', "a.json:2:2"),
        (
            "samconfig.toml",
            "[default.deploy.parameters]\nparameter_overrides = 'A=1'\n",
            "samconfig.toml:2:1",
        ),
        (
            "samconfig.toml",
            "[default.deploy.parameters]\nparameter_overrides = [\n  # A=0\n  'AB=2',\n  'A=1',\n]\n",
            "samconfig.toml:5:3",
        ),
        (
            "samconfig.toml",
            "[default.deploy.parameters.parameter_overrides]\nB = 2\nA = 1\n",
            "samconfig.toml:3:1",
        ),
        ("samconfig.toml", "default.deploy.parameters.parameter_overrides = 'A=1'\n", "samconfig.toml:1:1"),
    ],
)
def test_a_value_knows_its_line(name: str, text: str, place: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert str(read_parameter_file(path, name).parameters["A"].origin.location) == place


def test_what_was_looked_up(tmp_path: Path) -> None:
    path = tmp_path / "described.json"
    path.write_text('[{"ParameterKey": "A", "ParameterValue": "/ami", "ResolvedValue": "ami-1"}]')
    given = read_parameter_file(path, "described.json").parameters["A"]
    assert (given, given.resolved) == ("/ami", "ami-1")
