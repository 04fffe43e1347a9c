"""Folders of YAML: the same answer from the files and from the cache."""

import os
from pathlib import Path

import pytest

from wa_scan.datafiles import DataFileError, line_of_key, load_folder, read_folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: folder)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (folder / "b.yaml").write_text("x: [1, 2.5, true, null, text]\nday: 2026-11-21\n1: one\n")
    (folder / "a.yaml").write_text("just text")
    (folder / "sub" / "c.yaml").write_text("{}")
    (folder / "notes.txt").write_text("no YAML")
    return folder


EXPECTED = {
    "a": "just text",
    "b": {"x": [1, 2.5, True, None, "text"], "day": "2026-11-21", "1": "one"},
}


def test_the_first_and_the_second_run_see_the_same(cache: Path, data: Path) -> None:
    assert load_folder(data) == EXPECTED
    assert [path.suffix for path in cache.iterdir()] == [".json"]
    assert load_folder(data) == EXPECTED
    assert list(load_folder(data)) == ["a", "b"]


def test_sub_folders_where_asked(cache: Path, data: Path) -> None:
    assert load_folder(data, recursive=True) == {**EXPECTED, "sub/c": {}}


def test_a_second_run_reads_no_yaml(cache: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_folder(data)
    monkeypatch.setattr("wa_scan.datafiles.read_yaml", lambda path: pytest.fail(f"read {path}"))
    assert load_folder(data) == EXPECTED


@pytest.mark.parametrize("change", ["edited", "touched", "added", "removed"])
def test_a_change_is_seen(cache: Path, data: Path, change: str) -> None:
    load_folder(data)
    expected: dict[str, object] = dict(EXPECTED)
    if change == "edited":
        (data / "a.yaml").write_text("other text")
        expected["a"] = "other text"
    elif change == "touched":
        (data / "a.yaml").write_text("same_size")
        os.utime(data / "a.yaml", ns=(1, 1))
        expected["a"] = "same_size"
    elif change == "added":
        (data / "z.yaml").write_text("3")
        expected["z"] = 3
    else:
        (data / "a.yaml").unlink()
        del expected["a"]
    assert load_folder(data) == expected


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\xfe", None])
def test_a_spoilt_cache_is_not_believed(cache: Path, data: Path, content: bytes | None) -> None:
    load_folder(data)
    (file,) = cache.iterdir()
    stamp = file.read_bytes().partition(b"\n")[0]
    file.write_bytes(content if content is not None else stamp + b"\n{broken")
    assert load_folder(data) == EXPECTED


def test_a_cache_that_cannot_be_written_costs_only_time(cache: Path, data: Path) -> None:
    cache.write_text("a file where the folder should be")
    assert load_folder(data) == EXPECTED


def test_what_was_not_used_for_a_month_is_dropped(cache: Path, data: Path) -> None:
    load_folder(data)
    (old,) = cache.iterdir()
    os.utime(old, (1, 1))
    load_folder(data / "sub")
    assert old not in list(cache.iterdir())
    assert len(list(cache.iterdir())) == 1


def test_a_broken_file_is_said_with_its_line_and_the_others_are_read(cache: Path, data: Path) -> None:
    (data / "c.yaml").write_text("a: 1\nb: [\n")
    found = read_folder(data)
    assert found.data == EXPECTED
    (error,) = found.errors.values()
    assert (error.file, error.line) == (data / "c.yaml", 3)
    with pytest.raises(DataFileError, match=r"c\.yaml:3: not YAML"):
        load_folder(data)


@pytest.mark.parametrize("text", ["!!python/object/apply:os.system [true]", "\x00", "[" * 5000])
def test_hostile_yaml_is_an_error_and_nothing_more(cache: Path, data: Path, text: str) -> None:
    (data / "c.yaml").write_text(text)
    assert list(read_folder(data).errors) == ["c"]


def test_a_key_that_stands_twice_is_an_error(cache: Path, data: Path) -> None:
    (data / "c.yaml").write_text("base: &base {x: 1}\na: {<<: *base, x: 2}\nb:\n  x: 1\n  y: 1\n  x: 2\n")
    (error,) = read_folder(data).errors.values()
    assert (error.message, error.line, error.column) == ("the key 'x' stands twice", 6, 3)


@pytest.mark.parametrize(
    ("key", "line"),
    [("a", 1), ("b.all[1].x", 5), ("b.all[1]", 4), ("b.all[7].x", 3), ("b.none", 2), ("none", None)],
)
def test_the_line_of_a_key(data: Path, key: str, line: int | None) -> None:
    path = data / "keys.yaml"
    path.write_text("a: 1\nb:\n  all: [one,\n    {y: 1,\n     x: 2}]\n")
    assert line_of_key(path, key) == line


def test_a_folder_that_is_not_there_is_empty(cache: Path, tmp_path: Path) -> None:
    assert load_folder(tmp_path / "none") == {}
