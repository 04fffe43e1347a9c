"""The table: derived from python-hcl2's grammar, kept in the cache folder only where that is safe."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from wa_scan.terraform import grammar
from wa_scan.terraform.grammar import compile_table, derived_grammar, parse_table


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "wa-scan"
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_args, **_options: folder)
    yield folder
    parse_table.cache_clear()


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []

    def compile_and_count(text: str) -> grammar.ParseTable:
        made.append(text)
        return compile_table(text)

    monkeypatch.setattr(grammar, "compile_table", compile_and_count)
    return made


def fresh_table() -> grammar.ParseTable:
    parse_table.cache_clear()
    return parse_table()


def test_the_table_is_compiled_once_and_then_read(cache_folder: Path, compilations: list[str]) -> None:
    compiled = fresh_table()
    (file,) = cache_folder.iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert fresh_table() == compiled
    assert len(compilations) == 1


@pytest.mark.parametrize("damage", [b"", b"{}", b"not json", b"0" * 64 + b"\n{}"])
def test_a_damaged_file_is_replaced(cache_folder: Path, compilations: list[str], damage: bytes) -> None:
    fresh_table()
    (file,) = cache_folder.iterdir()
    file.write_bytes(damage)
    compiled = fresh_table()
    assert len(compilations) == 2
    assert fresh_table() == compiled
    assert len(compilations) == 2


def test_a_changed_table_is_not_trusted(cache_folder: Path, compilations: list[str]) -> None:
    fresh_table()
    (file,) = cache_folder.iterdir()
    file.write_bytes(file.read_bytes().replace(b'"NAME"', b'"NOME"'))
    fresh_table()
    assert len(compilations) == 2


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs the permissions of POSIX")
def test_what_others_can_write_is_not_trusted(cache_folder: Path, compilations: list[str]) -> None:
    fresh_table()
    (file,) = cache_folder.iterdir()
    file.chmod(0o666)
    fresh_table()
    assert len(compilations) == 2
    cache_folder.chmod(0o777)
    fresh_table()
    assert len(compilations) == 3
    cache_folder.chmod(0o700)


def test_a_link_is_not_followed(cache_folder: Path, compilations: list[str], tmp_path: Path) -> None:
    fresh_table()
    (file,) = cache_folder.iterdir()
    elsewhere = file.rename(tmp_path / "elsewhere")
    file.symlink_to(elsewhere)
    fresh_table()
    assert len(compilations) == 2


def test_without_a_place_to_keep_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_args, **_options: blocked / "wa-scan")
    assert fresh_table().actions

    def no_home(*_args: object, **_options: object) -> Path:
        raise RuntimeError("no home folder")

    monkeypatch.setattr("platformdirs.user_cache_path", no_home)
    assert fresh_table().actions


def test_the_rules_are_those_of_python_hcl2_but_for_the_overrides() -> None:
    text = """\
start : body
// a comment
body : (new_line_or_comment? attribute)* new_line_or_comment?
attribute : NAME EQ expression
!for_cond : IF new_line_or_comment? expression
?expression : NAME new_line_or_comment?
            | STRING
NAME : /[a-z]+/
STRING : "a"
       | "b"
%ignore /[ ]+/
"""
    derived = derived_grammar(text).splitlines()
    assert "start: body" in derived
    assert f"body: {grammar.OVERRIDES['body']}" in derived
    assert "attribute: NAME EQ expression" in derived
    assert "for_cond: IF expression" in derived
    assert "?expression: NAME | STRING" in derived
    assert 'NAME: "NAME"' in derived
    assert not any("ignore" in line or "comment?" in line for line in derived)
