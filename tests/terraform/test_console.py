"""Consoles: notation, errors with their places, what goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from wa_scan.sources.units import RootModule
from wa_scan.terraform.console import INPUT, Console, RefusedError, goes_on, open_console
from wa_scan.terraform.context import EvaluateOptions

MAIN = """\
variable "secret" {
  default   = "hunter2"
  sensitive = true
}
variable "temporary" {
  default   = "x"
  ephemeral = true
}
variable "needed" {
  type = string
}
variable "flag" {
  type = bool
}
resource "terraform_data" "x" {
  input = "a"
}
locals {
  broken = upper(1, 2)
}
"""


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "broken.tftpl").write_text("one\n  ${nosuch}\n")
    with open_console(RootModule(tmp_path, ".", tmp_path), EvaluateOptions()) as opened:
        yield opened


# As Terraform 1.11.4 prints them.
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1e21", "1000000000000000000000"),
        ("-0", "-0"),
        ("1e-7", "0.0000001"),
        ("1/0", "+Inf"),
        ("true", "true"),
        (
            r'"a\tb\"c ${1} $${x} é ☃ \u0001\u007f\u00ad\U000e0001"',
            r'"a\tb\"c 1 ${x} é ☃ \x01\x7f\u00ad\U000e0001"',
        ),
        ("[]", "[]"),
        ("{}", "{}"),
        ("tolist([])", "tolist([])"),
        ("toset([])", "toset([])"),
        ("tomap({})", "tomap({})"),
        (
            '[1, "a", [], {}, tolist(["a", "b"])]',
            '[\n  1,\n  "a",\n  [],\n  {},\n  tolist([\n    "a",\n    "b",\n  ]),\n]',
        ),
        (
            '{a=1, "b c"=2, "1"=3, "é"=4, "for"=1}',
            '{\n  "1" = 3\n  "a" = 1\n  "b c" = 2\n  "for" = 1\n  "é" = 4\n}',
        ),
        ('tomap({a="x"})', 'tomap({\n  "a" = "x"\n})'),
        ('toset(["b","a"])', 'toset([\n  "a",\n  "b",\n])'),
        ("null", "null"),
        ("tostring(null)", "tostring(null)"),
        ("tonumber(null)", "tonumber(null)"),
        ("tobool(null)", "tobool(null)"),
        ("tolist(null)", "tolist(null) /* of dynamic */"),
        ("true ? null : tolist([{a=1}])", "tolist(null) /* of object */"),
        ("true ? null : {a=1}", "null /* object */"),
        ("true ? null : [1]", "null /* tuple */"),
        ("{a=tostring(null)}", '{\n  "a" = tostring(null)\n}'),
        (r'"a\nb\n"', "<<EOT\na\nb\n\nEOT"),
        (r'{a="x\ny"}', '{\n  "a" = <<-EOT\n  x\n  y\n  EOT\n}'),
        (r'["l1\nl2\n"]', "[\n  <<-EOT\n  l1\n  l2\n  \n  EOT,\n]"),
        (r'"EOT\nEOT"', "<<EOT_\nEOT\nEOT\nEOT_"),
        ("var.secret", "(sensitive value)"),
        ("[var.secret]", "[\n  (sensitive value),\n]"),
        ("var.temporary", "(ephemeral value)"),
        ('type("x")', "string"),
        ("type(null)", "dynamic"),
        ("core::type(var.secret)", "string"),
        ('type([1,"a"])', "tuple([\n    number,\n    string,\n])"),
        (
            'type({a=1,"b c"=tolist(["x"]), "1"={}})',
            "object({\n    1: object({}),\n    a: number,\n    b c: list(string),\n})",
        ),
        ("type(tomap({a=[1]}))", "map(\n    tuple([\n        number,\n    ]),\n)"),
        ("type(tolist([tolist([1])]))", "list(list(number))"),
        (
            "type(tomap({a=tolist([{a=tolist([[1]])}])}))",
            "map(list(\n    object({\n        a: list(\n            tuple([\n                number,\n"
            "            ]),\n        ),\n    }),\n))",
        ),
    ],
)
def test_notation(console: Console, text: str, shown: str) -> None:
    assert console.shown(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("terraform_data.x.id", "(known after apply) /* terraform_data.x.id */"),
        ("var.needed", "(unknown) /* var.needed, an input without a value */"),
        ('"a-${terraform_data.x.id}"', "(known after apply) /* a-${terraform_data.x.id} */"),
        ('"*/${var.needed}"', "(unknown) /* * /${var.needed}, an input without a value */"),
        (
            r'[var.flag ? "a" : "b\nc"]',
            '[\n  (\n    /* when var.flag is true */ "a"\n'
            "    /* when var.flag is false */ <<-EOT\n    b\n    c\n    EOT\n  ),\n]",
        ),
    ],
)
def test_what_is_not_known_says_what_it_stands_for(console: Console, text: str, shown: str) -> None:
    assert console.shown(text) == shown


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("1 +", (1, 4)),
        ("", (1, 1)),
        ("\n1", (1, 1)),
        ("1\n+ 2", (2, 1)),
        ("1\nit = 2", (2, 1)),
        ("1\nmore {}", (2, 1)),
        ("[1,\n  upper(2, 3)]", (2, 12)),
        ("var.nosuch", (1, 1)),
        ("[type(1)]", (1, 2)),
        ("type(1, 2)", (1, 1)),
    ],
)
def test_errors_have_their_places(console: Console, text: str, place: tuple[int, int]) -> None:
    with pytest.raises(RefusedError) as raised:
        console.shown(text)
    location = raised.value.location
    assert (location.file, location.start_line, location.start_column) == (INPUT, *place)


def test_an_error_in_a_template_file_is_there(console: Console) -> None:
    with pytest.raises(RefusedError) as raised:
        console.shown('templatefile("broken.tftpl", {})')
    assert str(raised.value.location) == "broken.tftpl:2:5"


def test_an_ephemeral_value_is_not_for_keeping(console: Console) -> None:
    with pytest.raises(RefusedError, match="ephemeral"):
        console.value("[var.temporary]")


def test_each_expression_may_take_its_time(console: Console) -> None:
    for _ in range(4):
        assert console.shown("length([for a in range(1000) : [for b in range(400) : b]])") == "1000"


def test_problems_of_the_configuration_are_told_once(console: Console) -> None:
    assert console.new_problems() == []
    assert console.shown("local.broken").startswith("(unknown) /* local.broken")
    [problem] = console.new_problems()
    assert str(problem.location) == "main.tf:19:21"
    assert console.shown("local.broken").startswith("(unknown) /* local.broken")
    assert console.new_problems() == []


def test_what_shares_its_parts_is_not_written_out(console: Console) -> None:
    text = "1"
    for _ in range(40):
        text = f"[for x in [{text}] : [x, x]][0]"
    assert console.shown(text) == "(a value too large to be written out)"
    assert console.shown(f"type({text})") == "(a value too large to be written out)"
    with pytest.raises(RefusedError, match="too large"):
        console.value(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[", True),
        ("[1, {", True),
        ("[(1)", True),
        ("[(1)]", False),
        ("upper(", True),
        ("[1 # ]", True),
        ('"a', False),
        ('["a', False),
        ('"${', True),
        ("<<EOT", True),
        ("<<EOT\na", True),
        ("<<EOT\na\nEOT", False),
        ("[<<EOT\na\nEOT", True),
        ("[1)", False),
        ("[1 ;", False),
        ("1 +", False),
        ("/*", False),
        ("", False),
    ],
)
def test_what_goes_on(text: str, expected: bool) -> None:
    assert goes_on(text) is expected
