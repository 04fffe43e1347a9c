"""Nothing that a file may hold ends in an exception, or takes longer than its size explains."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wa_scan.errors import Problem
from wa_scan.terraform.json_syntax import parse_json_config
from wa_scan.terraform.parse import parse_config
from wa_scan.terraform.syntax import ConfigFile

Parser = Callable[[str, bytes], tuple[ConfigFile, list[Problem]]]

FRAGMENTS = [
    *"=,.:?!+-*/%<>&|()[]{}\"~$\\\n\r\t\0#;'`^@",
    *(" ", "\r\n", "==", "=>", "...", "&&", "||", "::", "${", "${~", "~}", "%{", "$${", ".*", "[*]"),
    *("%{ if ", "%{ else }", "%{ endif }", "%{ for x in y }", "%{ endfor }", "<<E\n", "<<-E\n", "\nE\n"),
    *("//", "/*", "*/", '\\"', "\\u00e9", "for", "in", "if", "null", "true", "a", "b", "0", "1.5", "1e3"),
    *("é", "\u0301", "😀", "\ufeff", "\udcff", "a = ", "b {", "b {\n", 'resource "a" "b" {\n', "}\n"),
    *('"x"', '{"a": ', '"locals": {', "[1, 2]"),
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40))
def test_any_mixture_of_the_language(fragments: list[str]) -> None:
    data = "".join(fragments).encode("utf-8", "surrogateescape")
    for parse in (parse_config, parse_json_config):
        file, problems = parse("x.tf", data)
        assert file.path == "x.tf"
        assert all(problem.location is not None for problem in problems)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    parse_config("x.tf", data)
    parse_json_config("x.tf.json", data)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12))
def test_a_block_after_any_text_that_closes_is_found_or_a_problem_is_told(fragments: list[str]) -> None:
    source = "".join(fragments) + '\nresource "t" "last" {\n  a = 1\n}\n'
    file, problems = parse_config("x.tf", source.encode("utf-8", "surrogateescape"))
    assert problems or any(block.labels == ["t", "last"] for block in file.body.blocks)


SIZE = 200_000
LARGE = {
    "quote": b'a = "' + b"x" * SIZE,
    "dollars": b'a = "' + b"$" * SIZE + b'"\n',
    "heredoc": b"a = <<E\n" + b"x\n" * (SIZE // 2),
    "heredoc of one line": b"a = <<E\n" + b"x" * SIZE,
    "comment": b"a = 1 /* " + b"*" * SIZE,
    "slashes": b"/" * SIZE,
    "brackets": b"a = " + b"[" * SIZE,
    "braces": b"a = " + b"{" * SIZE,
    "brackets with comments": b"a = " + b"[/*" * (SIZE // 3),
    "blocks": b"b {\n" * (SIZE // 4),
    "sequences": b"a = " + b'"${' * (SIZE // 3),
    "directives": b'a = "' + b"%{if x}" * (SIZE // 7) + b'"',
    "splats": b"a = x" + b"[*]" * (SIZE // 3),
    "sum": b"a = " + b"1+" * (SIZE // 2) + b"1\n",
    "list": b"a = [" + b"1," * (SIZE // 2) + b"]\n",
    "digits": b"a = " + b"1" * SIZE,
    "blanks": b"a = " + b" " * SIZE,
    "newlines": b"\n" * SIZE,
    "zeros": b"\0" * SIZE,
    "no utf-8": b"\xff" * SIZE,
    "broken blocks": b'resource "a" "b" {\n  x = = 1\n}\n' * (SIZE // 32),
    "unclosed blocks": b'resource "a" "b" {\n' * (SIZE // 19),
    "the same argument": b"a = 1\n" * (SIZE // 6),
}
LARGE_JSON = {
    "brackets": b"[" * SIZE,
    "objects": b'{"a":' * (SIZE // 5),
    "text": b'"' + b"x" * SIZE,
    "escapes": b'{"a":"' + b"\\n" * (SIZE // 2) + b'"}',
    "blanks": b" " * SIZE,
    "digits": b'{"a":' + b"1" * SIZE + b"}",
    "sequences": b'{"locals":{"a":"' + b"${" * (SIZE // 2) + b'"}}',
    "the same argument": b'{"locals":{' + b",".join([b'"a":1'] * (SIZE // 6)) + b"}}",
}


@pytest.mark.parametrize(
    ("parse", "data"),
    [pytest.param(parse_config, data, id=name) for name, data in LARGE.items()]
    + [pytest.param(parse_json_config, data, id=f"json {name}") for name, data in LARGE_JSON.items()],
)
def test_time_grows_with_the_size_only(parse: Parser, data: bytes) -> None:
    parse("warm.tf", b"{}")
    start = time.process_time()
    parse("x.tf", data)
    # Ten times what the slowest takes; a step that is not linear would take minutes.
    assert time.process_time() - start < 20
