"""Functions that read files see those below the scanned tree and nothing else."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.functions import SandboxedFiles, call
from wa_scan.terraform.functions.filesystem import MAX_FILE_BYTES
from wa_scan.terraform.values import TfValue, number, object_of, string


@pytest.fixture
def module(tmp_path: Path) -> Path:
    root = tmp_path / "infra" / "prod"
    (root / "policies" / "deep").mkdir(parents=True)
    (root / "policies" / "a.json").write_text('{"a": 1}')
    (root / "policies" / ".hidden.json").write_text("{}")
    (root / "policies" / "deep" / "b.json").write_text("{}")
    (root / "user_data.sh.tftpl").write_text("port ${port}")
    (tmp_path / "infra" / "shared.txt").write_text("shared")
    (tmp_path / "secret.txt").write_text("secret")
    return root


def run(module: Path, name: str, *arguments: str) -> TfValue:
    files = SandboxedFiles(module.parent, module)
    return call(name, [string(argument) for argument in arguments], files)


def test_files_of_the_tree_are_read(module: Path) -> None:
    assert run(module, "file", "policies/a.json").data == '{"a": 1}'
    assert run(module, "file", "./policies/../policies/a.json").data == '{"a": 1}'
    assert run(module, "file", "../shared.txt").data == "shared"
    assert run(module, "filemd5", "../shared.txt").data == "9e81e7b963c71363e2fb3eefcfecfc0e"
    assert run(module, "fileexists", "nope").data is False


@pytest.mark.parametrize(
    "path", ["../../secret.txt", "/etc/hostname", "link", "loop", "up/secret.txt", "a\0b", "policies"]
)
@pytest.mark.parametrize("name", ["file", "filebase64", "filesha256", "templatefile"])
def test_what_is_outside_or_no_file_is_refused(module: Path, name: str, path: str) -> None:
    (module / "link").symlink_to(module.parent.parent / "secret.txt")
    (module / "loop").symlink_to(module / "loop")
    (module / "up").symlink_to(module.parent.parent)
    arguments = [string(path)] + ([object_of({})] if name == "templatefile" else [])
    with pytest.raises(EvaluationError) as caught:
        call(name, arguments, SandboxedFiles(module.parent, module))
    assert "secret" not in caught.value.message.replace("secret.txt", "")


def test_links_inside_the_tree_are_followed(module: Path) -> None:
    (module / "link.txt").symlink_to(module.parent / "shared.txt")
    assert run(module, "file", "link.txt").data == "shared"


def test_large_files_and_binary_files_are_refused(module: Path) -> None:
    (module / "large").write_bytes(b"a" * (MAX_FILE_BYTES + 1))
    (module / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(EvaluationError, match="too large"):
        run(module, "file", "large")
    with pytest.raises(EvaluationError, match="not valid UTF-8"):
        run(module, "file", "binary")
    assert run(module, "filebase64", "binary").data == "//4="


def listed(module: Path, path: str, pattern: str) -> list[object]:
    found = run(module, "fileset", path, pattern).data
    assert isinstance(found, tuple)
    return [item.data for item in found]


def test_fileset_lists_files_by_pattern(module: Path) -> None:
    assert listed(module, "policies", "*.json") == [".hidden.json", "a.json"]
    assert listed(module, "policies", "**/*.json") == [".hidden.json", "a.json", "deep/b.json"]
    assert listed(module, ".", "policies/{a,x}.json") == ["policies/a.json"]
    assert listed(module, "nope", "*") == []


def test_fileset_does_not_leave_the_tree(module: Path) -> None:
    (module / "policies" / "up").symlink_to(module.parent.parent)
    (module / "policies" / "again").symlink_to(module / "policies")
    assert listed(module, "policies", "up/*") == []
    with pytest.raises(EvaluationError):
        listed(module, "../..", "*.txt")
    with pytest.raises(EvaluationError):
        listed(module, ".", "../../*.txt")


def test_templates_are_rendered_by_the_callback(module: Path) -> None:
    def render(template: str, path: str, names: Mapping[str, TfValue]) -> TfValue:
        assert path == "user_data.sh.tftpl"
        return string(template.replace("${port}", str(names["port"].data)))

    arguments = [string("user_data.sh.tftpl"), object_of({"port": number(80)})]
    found = call("templatefile", arguments, SandboxedFiles(module, module), render)
    assert found.data == "port 80"
