"""What people write in `.tf` files, and the tree with its places."""

import textwrap
from decimal import Decimal

import pytest

from tests.terraform.expression_text import text
from wa_scan.errors import Problem, ProblemKind
from wa_scan.terraform.parse import TerraformSyntaxError, parse_config, parse_expression, parse_template
from wa_scan.terraform.syntax import Binary, Block, Body, Literal, Template
from wa_scan.values import Location


def at(start_line: int, start_column: int, end_line: int, end_column: int) -> Location:
    return Location("main.tf", start_line, start_column, end_line, end_column)


def parsed(source: str | bytes) -> Body:
    data = source.encode() if isinstance(source, str) else source
    file, problems = parse_config("main.tf", data)
    assert problems == []
    return file.body


def refused(source: str | bytes) -> list[tuple[int, int, str]]:
    data = source.encode() if isinstance(source, str) else source
    _, problems = parse_config("main.tf", data)
    return [
        (p.location.start_line, p.location.start_column, p.message)
        for p in problems
        if p.location is not None
    ]


def value_of(source: str) -> str:
    """The expression `source` as the value of an argument."""
    return text(parsed(f"v = {source}\n").attributes["v"].value)


BUCKET = """\
# A bucket.
resource "aws_s3_bucket" "logs" {
  bucket = "logs-${var.stage}"

  lifecycle_rule {
    enabled = true
  }
}
"""


def test_block_with_labels_arguments_and_nested_block() -> None:
    (block,) = parsed(BUCKET).blocks
    assert (block.type, block.labels) == ("resource", ["aws_s3_bucket", "logs"])
    assert {name: text(a.value) for name, a in block.body.attributes.items()} == {
        "bucket": "<logs-|${var.stage}>"
    }
    (rule,) = block.body.blocks
    assert (rule.type, rule.labels, text(rule.body.attributes["enabled"].value)) == (
        "lifecycle_rule",
        [],
        "true",
    )


def test_places_of_a_block_and_its_parts() -> None:
    body = parsed(BUCKET)
    (block,) = body.blocks
    assert body.location == at(1, 1, 9, 1)
    assert block.header == at(2, 1, 2, 32)
    assert block.label_locations == [at(2, 10, 2, 25), at(2, 26, 2, 32)]
    assert block.location == at(2, 1, 8, 2)
    assert block.body.location == at(2, 34, 8, 1)
    bucket = block.body.attributes["bucket"]
    assert bucket.location == at(3, 3, 3, 31)
    assert bucket.name_location == at(3, 3, 3, 9)
    assert bucket.value.location == at(3, 12, 3, 31)
    assert isinstance(bucket.value, Template)
    (_, sequence) = bucket.value.parts
    assert not isinstance(sequence, str)
    assert sequence.location == at(3, 18, 3, 30)


def test_columns_count_code_points_and_a_byte_order_mark_is_no_column() -> None:
    value = parsed('\ufeffa = "😀é" == x\r\n'.encode()).attributes["a"].value
    assert isinstance(value, Binary)
    assert value.left.location == at(1, 5, 1, 9)
    assert value.right.location == at(1, 13, 1, 14)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # Numbers are exact.
        ("9007199254740993", "9007199254740993"),
        ("0.1", "0.1"),
        ("1e3", "1E+3"),
        ("1E-7", "1E-7"),
        ("1.5e+10", "1.5E+10"),
        ("-1", "(-1)"),
        # Precedence, from weak to strong.
        ("a || b && c", "(a || (b && c))"),
        ("a && b == c", "(a && (b == c))"),
        ("a == b < c", "(a == (b < c))"),
        ("a < b + c", "(a < (b + c))"),
        ("a + b * c", "(a + (b * c))"),
        ("-a * b", "((-a) * b)"),
        ("!a.b[0]", "(!a.b[0])"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b % c", "((a / b) % c)"),
        ("!!a", "(!(!a))"),
        ("- -a", "(-(-a))"),
        ("a-b", "a-b"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a ? b ? c : d : e", "(a ? (b ? c : d) : e)"),
        ("a || b ? c : d", "((a || b) ? c : d)"),
        ("(a + b) * c", "(paren((a + b)) * c)"),
        # Traversals.
        ("aws_instance.web[0].id", "aws_instance.web[0].id"),
        ('a["b"].c', "a[<b>].c"),
        ("a.0.b", "a.0.b"),
        ("a . b", "a.b"),
        ("a[*].b[0].c", "a[*]{@.b[0].c}"),
        ("a.*.b[0].c", "a.*{@.b}[0].c"),
        ("a.*.b.0.c", "a.*{@.b.0.c}"),
        ("a[*].b[*].c", "a[*]{@.b[*]{@.c}}"),
        ("a[*].b.*.c[0]", "a[*]{@.b.*{@.c}[0]}"),
        ("a.*.b[*].c", "a.*{@.b}[*]{@.c}"),
        ("(a[*].b)[0]", "paren(a[*]{@.b})[0]"),
        ("a[ * ]", "a[*]{@}"),
        ("f(x)[0].y", "f(x)[0].y"),
        ('"a".b', "<a>.b"),
        # Calls.
        ("f()", "f()"),
        ("max(1, 2,)", "max(1, 2)"),
        ("max(l...)", "max(l...)"),
        ("provider::aws::arn_parse(x)", "provider::aws::arn_parse(x)"),
        ("core::length([])", "core::length([])"),
        # Collections.
        ("[]", "[]"),
        ("[1, [2],]", "[1, [2]]"),
        ("{}", "{}"),
        ('{ a = 1, "b c" = 2, (d) = 3, "${e}" : 4 }', "{<a>=1, <b c>=2, paren(d)=3, <${e}>=4}"),
        ("{ true = 1, null = 2, 3 = 4, 1.5 = 6 }", "{<true>=1, <null>=2, 3=4, 1.5=6}"),
        ("{ in = 1, if = 2, for = 3 }", "{<in>=1, <if>=2, <for>=3}"),
        ("{ aws.west = aws.east }", "{aws.west=aws.east}"),
        ("{ format = f, iffy = i, format-x = 1 }", "{<format>=f, <iffy>=i, <format-x>=1}"),
        # For expressions.
        ("[for x in xs : x]", "for(x in xs: x)"),
        ("[for i, x in xs : i if x != null]", "for(i, x in xs: i if (x != null))"),
        ("{ for k, v in m : k => v... if v }", "for(k, v in m: k => v... if v)"),
        ("[for if in in : if if if]", "for(if in in: if if if)"),
        ("[for x in a ? b : c : x]", "for(x in (a ? b : c): x)"),
        ("[for x in [for y in z : y] : x]", "for(x in for(y in z: y): x)"),
        # Words that are keywords elsewhere.
        ("in + if", "(in + if)"),
        ("x.for.null.true", "x.for.null.true"),
        ("for", "for"),
        # Identifiers of other scripts.
        ("été.naïve-ñ", "été.naïve-ñ"),
        ("नमस्ते", "नमस्ते"),
    ],
)
def test_expression(source: str, expected: str) -> None:
    assert value_of(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[\n  1, # one\n  2 // two\n  /* three */ ,\n]", "[1, 2]"),
        ("{\n  a = 1\n\n  # comment\n  b = 2,\n  c = 3\n}", "{<a>=1, <b>=2, <c>=3}"),
        ("{ a = 1 /* x */, b = 2 }", "{<a>=1, <b>=2}"),
        ("(\n  a\n  && b\n)", "paren((a && b))"),
        ("(a ? b\n : c)", "paren((a ? b : c))"),
        ("f(\n  a,\n  b...\n)", "f(a, b...)"),
        ("[a\n.b\n[0]]", "[a.b[0]]"),
        ("x[\n0\n]", "x[0]"),
        ("{ # comment\n  for k, v in m : # comment\n  k => v\n  if v\n}", "for(k, v in m: k => v if v)"),
        ("[ /* c */\n for\n x\n in\n xs\n :\n x\n]", "for(x in xs: x)"),
        ('"${\n  x\n}"', "<${x}>"),
        ("/* a */ 1 /* b */", "1"),
    ],
)
def test_newlines_and_comments_inside_brackets(source: str, expected: str) -> None:
    assert value_of(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "b {}",
        "b { a = 1 }",
        'b "x" y {\n}',
        "b { # c\n}",
        "b { a = [\n1\n] }",
        "/* c */ b {}",
        "b {\n\n}\n\n",
    ],
)
def test_forms_of_a_block(source: str) -> None:
    (block,) = parsed(source).blocks
    assert block.type == "b"


def test_argument_names_may_be_keywords() -> None:
    body = parsed("for = 1\nin = 2\nif = 3\nnull = 4\ntrue = 5\nfor_each = 6\nendif = 7\n")
    assert list(body.attributes) == ["for", "in", "if", "null", "true", "for_each", "endif"]


def test_windows_line_ends() -> None:
    body = parsed("a = 1 # c\r\nb = [\r\n  2,\r\n]\r\nc = <<E\r\nx\r\nE\r\n")
    assert {name: text(a.value) for name, a in body.attributes.items()} == {
        "a": "1",
        "b": "[2]",
        "c": "<x\r\n>",
    }


@pytest.mark.parametrize("source", ["", "\n\n", "# only", "// only\n", "/* only */", "\ufeff"])
def test_files_without_anything(source: str) -> None:
    body = parsed(source)
    assert (body.attributes, body.blocks) == ({}, [])


def test_bytes_that_are_not_utf8_do_no_harm_in_a_comment() -> None:
    assert list(parsed(b"# caf\xe9\na = 1\n").attributes) == ["a"]


@pytest.mark.parametrize(
    ("source", "line", "column", "message"),
    [
        ("a = 1 b = 2\n", 1, 7, "An argument ends with its line; here follows `b`"),
        ("a = x &&\n y\n", 1, 9, "An expression is missing before the end of the line"),
        ("a = 1\n+ 2\n", 2, 1, "An argument or a block begins with a name, not with `+`"),
        (
            "a = x ? y\n : z\n",
            1,
            10,
            "This conditional `? :` lacks its `:` part; here stands the end of the line",
        ),
        ("a =\n", 1, 4, "An expression is missing before the end of the line"),
        ("b {\n  a = 1 }\n", 2, 9, "An argument ends with its line; here follows `}`"),
        ("b { a = 1, c = 2 }\n", 1, 10, "Arguments are separated by newlines, not by commas"),
        ("b { c {} }\n", 1, 7, "A block inside another needs lines of its own"),
        ("b {} c {}\n", 1, 6, "A block ends with its line; here follows `c`"),
        (
            "b\n{\n}\n",
            1,
            2,
            "A name alone means nothing: write `name = value`, or a block with its `{` on the same line",
        ),
        ('b "x"\n{\n}\n', 1, 6, "A block's `{` stands on the same line as its type and labels"),
        ('b "x${y}" {}\n', 1, 3, "A block's label is plain text, without ${ }"),
        ("a : 1\n", 1, 3, "An argument is set with `=`, not with `:`"),
        ("a.b = 1\n", 1, 2, "The name of an argument is one word; here it is followed by `.`"),
        ('"a" = 1\n', 1, 1, "The name of an argument or of a block's type is not quoted"),
        ("a = 1\n}\n", 2, 1, "This `}` closes nothing"),
        ("b {\n  a = 1\n", 1, 3, "This `{` is never closed"),
        ("a = [1 2]\n", 1, 8, "A comma or `]` is expected here, not `2`"),
        ("a = f(1 2)\n", 1, 9, "A comma or `)` is expected here, not `2`"),
        ("a = f(x..., 1)\n", 1, 11, "`)` is expected here, not `,`"),
        ("a = [,]\n", 1, 6, "An expression is expected here, not `,`"),
        ("a = {b = 1 c = 2}\n", 1, 12, "A comma, a newline or `}` is expected after this item, not `c`"),
        ("a = {b = 1\n, c = 2}\n", 2, 1, "An expression is expected here, not `,`"),
        ("a = { b }\n", 1, 9, "A key is followed by `=` and a value, not by `}`"),
        (
            "a = { for = 1 }\n",
            1,
            11,
            "A `for` names one or two variables and then says `in`; here stands `=`",
        ),
        ("a = [for k in x]\n", 1, 16, "A `for` has a `:` after its collection; here stands `]`"),
        ("a = {for k in x : k}\n", 1, 20, "A `for` in braces makes pairs, `key => value`; here stands `}`"),
        ("a = x.0.1\n", 1, 7, "A name is expected after the dot, not `0.1`"),
        ("a = x.*.*\n", 1, 8, "One `.*` cannot follow another; use `[*]`"),
        ("a = x.\n", 1, 7, "A name is expected after the dot, not the end of the line"),
        ("a = 1.5.5\n", 1, 5, "1.5.5 is no number"),
        ("a = 0x10\n", 1, 6, "An argument ends with its line; here follows `x10`"),
        ("a = 'x'\n", 1, 5, "Single quotes do not delimit text here; use double quotes"),
        ("a = x & y\n", 1, 7, "There is no operator `&`; logical “and” is `&&`"),
        ("a = 1;\n", 1, 6, "There are no semicolons here; use a newline to separate arguments"),
        ("a = ${x}\n", 1, 5, "`${ }` belongs into quoted text; here the expression stands alone"),
        ("a = 1 /* x\n", 1, 7, "This comment has no end; close it with `*/`"),
        ('a = "x\ny"\n', 1, 5, "This quoted text has no closing quote on its line; use \\n or a heredoc"),
        ("a = <<E\nx\n", 1, 5, "This heredoc has no end; write E on a line of its own"),
        ("a = 1\nb = 2\na = 3\n", 3, 1, "The argument a is set twice here; the first one is taken"),
        (b'a = "caf\xe9"\n', 1, 9, "This is not valid UTF-8, in which Terraform's files are written"),
    ],
)
def test_error_with_its_place(source: str | bytes, line: int, column: int, message: str) -> None:
    assert refused(source) == [(line, column, message)]


def test_the_first_of_two_equal_arguments_holds() -> None:
    file, problems = parse_config("main.tf", b"b {\n  a = 1\n  a = 2\n}\n")
    assert text(file.body.blocks[0].body.attributes["a"].value) == "1"
    assert [attribute.location for attribute in file.duplicate_attributes] == [at(3, 3, 3, 8)]
    assert [problem.location for problem in problems] == [at(3, 3, 3, 4)]


def blocks_of(source: str) -> tuple[list[str], list[Problem]]:
    file, problems = parse_config("main.tf", textwrap.dedent(source).encode())
    return [block.labels[-1] for block in file.body.blocks], problems


def test_blocks_around_a_broken_one_are_kept() -> None:
    labels, problems = blocks_of("""\
        resource "t" "first" {
          a = 1
        }
        resource "t" "broken" {
          a = = 1
        }
        resource "t" "last" {
          a = 1
        }
        """)
    assert labels == ["first", "last"]
    assert [(p.kind, p.location) for p in problems] == [(ProblemKind.SYNTAX_ERROR, at(5, 7, 5, 8))]


def test_a_missing_brace_costs_one_block() -> None:
    labels, problems = blocks_of("""\
        resource "t" "first" {}
        resource "t" "broken" {
          a {
        }
        resource "t" "next" {
          a = 1
        }
        resource "t" "last" {}
        """)
    assert labels == ["first", "next", "last"]
    assert [p.location for p in problems] == [at(2, 23, 2, 24)]


def test_what_an_unclosed_brace_swallowed_is_told_once() -> None:
    source = 'resource "t" "broken" {\n  a {\n}\nresource "t" "next" {\n  b = 1\n  b = 2\n}\n'
    assert [(line, column) for line, column, _ in refused(source)] == [(1, 23), (6, 3)]


@pytest.mark.parametrize("broken", ['a = "x', "a = <<E\n", "a = [", "a = 'x'", 'a = "${x"', "a /* "])
def test_whatever_is_unclosed_the_next_block_is_found(broken: str) -> None:
    source = f'resource "t" "broken" {{\n  {broken}\n}}\nresource "t" "next" {{\n  a = 1\n}}\n'
    labels, problems = blocks_of(source)
    assert labels == ["next"]
    assert len(problems) == 1


def test_variable_files_recover_at_the_next_variable() -> None:
    file, problems = parse_config("a.tfvars", b"a = 1\nb = = 2\nc = 3\n")
    assert list(file.body.attributes) == ["a", "c"]
    assert [problem.location for problem in problems] == [Location("a.tfvars", 2, 5, 2, 6)]


def test_expression_alone_may_span_lines() -> None:
    assert text(parse_expression("a\n+ b\n", "console")) == "(a + b)"
    with pytest.raises(TerraformSyntaxError) as caught:
        parse_expression("a +", "console")
    assert caught.value.location == Location("console", 1, 4, 1, 4)
    assert caught.value.message == "An expression is expected here, not the end"


def test_template_file_with_the_place_where_it_begins() -> None:
    template = parse_template("a\n${x}", "user_data.sh", line=3, column=5)
    assert template.location == Location("user_data.sh", 3, 5, 4, 5)
    sequence = template.parts[1]
    assert not isinstance(sequence, str)
    assert sequence.location == Location("user_data.sh", 4, 1, 4, 5)


def test_numbers_beyond_reason_are_a_limit_not_a_crash() -> None:
    for number in ("1e99999999999", "9" * 5000):
        _, problems = parse_config("main.tf", f"a = {number}\n".encode())
        assert [problem.kind for problem in problems] == [ProblemKind.LIMIT_REACHED]


@pytest.mark.parametrize(
    "source",
    [
        "[" * 5000 + "]" * 5000,
        "(" * 5000 + "1" + ")" * 5000,
        "!" * 5000 + "x",
        "x" + ".y" * 5000,
        "x" + "[0]" * 5000,
        "x" + "[*]" * 5000,
        "x ? y : " * 5000 + "z",
        "1 + " * 5000 + "1",
        '"${' * 5000 + "1" + '}"' * 5000,
        '"' + "%{ if x }" * 5000 + "%{ endif }" * 5000 + '"',
    ],
    ids=[
        "tuple",
        "parentheses",
        "unary",
        "attributes",
        "indexes",
        "splats",
        "conditional",
        "sum",
        "template",
        "if",
    ],
)
def test_deep_nesting_is_a_problem_and_the_rest_is_read(source: str) -> None:
    file, problems = parse_config("main.tf", f"a = {source}\nlocals {{\n  b = 2\n}}\n".encode())
    assert [problem.kind for problem in problems] == [ProblemKind.LIMIT_REACHED]
    assert (list(file.body.attributes), [block.type for block in file.body.blocks]) == ([], ["locals"])


@pytest.mark.parametrize("depth", [201, 500])
def test_one_item_too_deep_costs_only_itself(depth: int) -> None:
    file, problems = parse_config("main.tf", f"a = {'[' * depth}{']' * depth}\nb = 2\n".encode())
    assert [problem.kind for problem in problems] == [ProblemKind.LIMIT_REACHED]
    assert list(file.body.attributes) == ["b"]


def test_depth_that_people_reach_is_no_problem() -> None:
    assert list(parsed("a = " + "[" * 150 + "]" * 150 + "\n").attributes) == ["a"]


def test_deeply_nested_blocks() -> None:
    file, problems = parse_config("main.tf", b"b {\n" * 5000 + b"}\n" * 5000)
    assert [problem.kind for problem in problems] == [ProblemKind.LIMIT_REACHED]
    assert file.body.blocks == []


def test_many_items_side_by_side_are_not_deep() -> None:
    body = parsed("a = [" + "x.y[0] + f(1), " * 1000 + "]\nb = {\n" + "c = d.e\n" * 1000 + "}\n")
    assert list(body.attributes) == ["a", "b"]


def test_types_of_what_the_tree_holds() -> None:
    value = parsed("a = 1.50\n").attributes["a"].value
    assert isinstance(value, Literal)
    assert value.value == Decimal("1.5")
    assert all(isinstance(block, Block) for block in parsed(BUCKET).blocks)
