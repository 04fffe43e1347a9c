"""What Terraform itself answered, against what `wa-scan console --json` and `wa-scan inspect` answer.

`fixtures/oracle-terraform/README.md` tells where the answers are from and how to compare them.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.terraform.oracle import ORACLE, UNKNOWN, Json, cases, compare, load, unzipped
from wa_scan.cli.main import commands

ROOT = Path(__file__).parents[2]
CASES = cases()
MODULES = sorted(path.parent for path in (ORACLE / "modules").glob("*/case.json"))

Case = dict[str, Json]
Object = dict[str, Json]


def answers(folder: Path, expressions: Sequence[Json]) -> list[Object]:
    """One process for all of them."""
    lines = "".join(json.dumps({"expr": text}) + "\n" for text in expressions)
    done = subprocess.run(
        [sys.executable, "-m", "wa_scan", "console", ".", "--json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=lines.encode(),
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return [json.loads(line, parse_float=Decimal) for line in done.stdout.decode().splitlines()]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Case, Object]]:
    """Each expression in a root module with the declarations that it needs, or with none at all."""
    bare = tmp_path_factory.mktemp("bare")
    shutil.copytree(ORACLE / "fixture", bare / "fixture")
    found: list[tuple[Case, Object]] = []
    for folder, needs in ((ORACLE, True), (bare, False)):
        chosen = [case for case in CASES if bool(case.get("prelude")) is needs]
        found += zip(chosen, answers(folder, [case["expr"] for case in chosen]), strict=True)
    return found


def test_every_error_is_an_error_with_its_place(answered: list[tuple[Case, Object]]) -> None:
    assert [case["expr"] for case, answer in answered if bool(case.get("error")) != ("error" in answer)] == []
    for case, answer in answered:
        if "error" in answer:
            error = answer["error"]
            assert isinstance(error, dict)
            assert error["message"]
            lines = str(case["expr"]).split("\n")
            line, column = error["line"], error["column"]
            assert isinstance(line, int)
            assert isinstance(column, int)
            if "file" not in error:
                assert 1 <= line <= len(lines) + 1
                assert 1 <= column <= len([*lines, ""][line - 1]) + 1


def test_values_and_types(answered: list[tuple[Case, Object]]) -> None:
    wrong: list[object] = []
    less: list[object] = []
    for case, answer in answered:
        if "error" in answer:
            continue
        expected, found, kind = case["value"], answer["value"], answer["type"]
        if case["group"] == "base64gzip" and isinstance(expected, str) and found != UNKNOWN:
            expected, found = str(unzipped(expected)), str(unzipped(found))
        if isinstance(kind, list) and kind[0] == "set" and case.get("has_unknown"):
            continue
        for difference in compare(expected, found):
            (less if difference.kind == "unknown" else wrong).append((case["expr"], difference))
        if not case.get("has_unknown") and not answer.get("has_unknown") and kind != case["type"]:
            wrong.append((case["expr"], kind))
        if not case.get("has_unknown") and answer.get("sensitive") != case.get("sensitive"):
            wrong.append((case["expr"], answer.get("sensitive")))
    assert wrong == []
    assert len(less) * 200 < len(CASES), less


@pytest.mark.parametrize("folder", MODULES, ids=lambda path: path.name)
def test_configuration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case, expected = load(folder / "case.json"), load(folder / "expected.json")
    assert isinstance(case, dict)
    assert isinstance(expected, dict)
    arguments, environment = case.get("args", []), case.get("env", {})
    assert isinstance(arguments, list)
    assert isinstance(environment, dict)
    words = [f"-{word}" if str(word).startswith("-var") else str(word) for word in arguments]
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("TF_")]:
        monkeypatch.delenv(name)
    done = CliRunner().invoke(
        commands,
        ["inspect", ".", "-f", "json", "--env-vars", *words],
        env={str(name): str(value) for name, value in environment.items()},
        standalone_mode=False,
    )
    found = json.loads(done.stdout, parse_float=Decimal)
    if "error" in expected:
        assert done.return_value == 2
        assert all(error["location"] or "--var" in error["message"] for error in found["errors"])
        assert found["errors"]
        return
    assert (done.return_value, found["errors"]) == (0, [])
    assert unnamed(found["outputs"]) == expected["outputs"]
    assert unnamed(found["resources"]) == expected["resources"]


def unnamed(value: Json) -> Json:
    """Without the symbols of what is unknown, which Terraform does not tell."""
    if isinstance(value, dict):
        if value.keys() & {"unknown", "choice"}:
            return UNKNOWN
        return {key: unnamed(item) for key, item in value.items()}
    return [unnamed(item) for item in value] if isinstance(value, list) else value
