"""Quoted strings, heredocs and template files. The expectations about `~` and `<<-` were
recorded from Terraform 1.11.
"""

import pytest

from tests.terraform.expression_text import part_text, text
from wa_scan.terraform.parse import TerraformSyntaxError, parse_config, parse_template
from wa_scan.terraform.syntax import Expression, Interpolation, Template, TemplateFor, TemplateIf
from wa_scan.values import Location


def value(source: str) -> Expression:
    file, problems = parse_config("main.tf", source.encode())
    assert problems == []
    return file.body.attributes["v"].value


def parts(source: str) -> list[str]:
    template = value(source)
    assert isinstance(template, Template)
    return [part_text(part) for part in template.parts]


@pytest.mark.parametrize(
    ("quoted", "expected"),
    [
        ('""', []),
        ('"plain"', ["plain"]),
        (r'"\n\r\t\"\\"', ['\n\r\t"\\']),
        (r'"\u00e9\U0001F600"', ["é😀"]),
        ('"$${x} %%{y}"', ["${x} %{y}"]),
        ('"$$${x}"', ["$${x}"]),
        ('"100% $5 $$ %% $ {x}"', ["100% $5 $$ %% $ {x}"]),
        ('"cafe\u0301"', ["café"]),
        ('"${x}"', ["${x}"]),
        ('"a${x}b${y}"', ["a", "${x}", "b", "${y}"]),
        ('"${"${"deep"}"}"', ["${<${<deep>}>}"]),
        ('"${ { a = "}" }.a }"', ["${{<a>=<}>}.a}"]),
        ('"${ f("}", "\\"") }"', ['${f(<}>, <">)}']),
        # A literal, though nothing is left of it: the whole is text.
        ('" ${~ x ~} "', ["", "${x}"]),
        ('" \\n a ${~ x ~} \\n b "', [" \n a", "${x}", "b "]),
        ('"%{ if a }x%{ else }y%{ endif }"', ["if a <x> else <y>"]),
        ('"%{ if a ~} x %{~ else ~} y %{~ endif ~} z"', ["if a <x> else <y>", "z"]),
        ('"%{ for v in l }${v},%{ endfor }"', ["for v in l <${v}|,>"]),
        ('"%{ for k, v in m }%{ if v }${k}%{ endif }%{ endfor }"', ["for k, v in m <if v <${k}> else <>>"]),
        ('"%{if a}%{if b}1%{else}2%{endif}%{endif}"', ["if a <if b <1> else <2>> else <>"]),
        ('"%{ for in in in }${in}%{ endfor }"', ["for in in in <${in}>"]),
    ],
)
def test_quoted_string(quoted: str, expected: list[str]) -> None:
    assert parts(f"v = {quoted}\n") == expected


@pytest.mark.parametrize(
    ("heredoc", "expected"),
    [
        ("<<E\na\n  b\nE\n", ["a\n  b\n"]),
        ("<<E\nE\n", []),
        ("<<E\na\n  E  \n", ["a\n"]),
        ("<<E\nE x\nxE\nE\n", ["E x\nxE\n"]),
        ("<<EOT-1\nx\nEOT-1\n", ["x\n"]),
        ("<<é\nx\né\n", ["x\n"]),
        # The end of the file will do for the end of the last line.
        ("<<E\nx\nE", ["x\n"]),
        ("<<E\n\\n \" ' # // $${a}\nE\n", ["\\n \" ' # // ${a}\n"]),
        ("<<E\n${x} E\nE\n", ["${x}", " E\n"]),
        ("<<E\n${x}\nE\n", ["${x}", "\n"]),
        ("<<E\na ${<<F\nb\nF\n} c\nE\n", ["a ", "${<b\n>}", " c\n"]),
        # `~` strips one line's literal only.
        ("<<E\na ~\n  ${~ x ~}\n  b\nE\n", ["a ~\n", "${x}", "  b\n"]),
        ("<<E\n%{ for v in l ~}\n  ${v}\n%{ endfor ~}\nE\n", ["for v in l <  |${v}|\n>"]),
        ("<<E\n50% \n${~ x }  \nE\n", ["50% ", "${x}", "  \n"]),
        # `<<-` removes what all lines share.
        ("<<-E\n    a\n      b\n    E\n", ["a\n  b\n"]),
        ("<<-E\n    a\n\n   \n    b\n    E\n", ["a\n\n   \nb\n"]),
        ("<<-E\n    a\n  ${x}\n    E\n", ["  a\n", "${x}", "\n"]),
        ("<<-E\n    a\n${x}\n    E\n", ["    a\n", "${x}", "\n"]),
        ("<<-E\n\ta\n\t\tb\n\tE\n", ["a\n\tb\n"]),
        # A line opened by a `~` counts as not indented at all.
        (
            "<<-E\n    a\n    %{~ if x }\n    b\n    %{ endif }\n    E\n",
            ["    a\n", "if x <\n    b\n    > else <>", "\n"],
        ),
        (
            "<<-E\n    $x\n  b$ \n  ${~ x }\n   c$\n   d\n  E\n",
            ["    $x\n  b$ \n", "${x}", "\n   c$\n   d\n"],
        ),
        # What follows a trailing `~` is no line of its own.
        ("<<-E\n    %{ if x ~}\n    a\n    %{ endif ~}\n    E\n", ["if x <    a\n> else <>"]),
    ],
)
def test_heredoc(heredoc: str, expected: list[str]) -> None:
    assert parts(f"v = {heredoc}") == expected


def test_heredoc_among_arguments_and_elements() -> None:
    assert text(value("v = f(<<A\na\nA\n  , [<<-B\n  b\n  B\n  ], { c = <<C\nc\nC\n    d = 1 })\n")) == (
        "f(<a\n>, [<b\n>], {<c>=<c\n>, <d>=1})"
    )


def test_a_string_that_is_only_a_sequence_is_that_value() -> None:
    wrap = value('v = "${x}"\n')
    assert isinstance(wrap, Template)
    assert wrap.is_wrap
    beside = value('v = "${x} "\n')
    assert isinstance(beside, Template)
    assert not beside.is_wrap


def test_places_inside_a_heredoc() -> None:
    template = value("v = <<-E\n    é ${var.a}\n    %{ if b }x%{ endif }\n  E\n")
    assert isinstance(template, Template)
    assert template.heredoc
    assert template.location == Location("main.tf", 1, 5, 4, 4)
    sequence = template.parts[1]
    assert isinstance(sequence, Interpolation)
    assert sequence.location == Location("main.tf", 2, 7, 2, 15)
    assert sequence.expression.location == Location("main.tf", 2, 9, 2, 14)
    directive = template.parts[3]
    assert isinstance(directive, TemplateIf)
    assert directive.location == Location("main.tf", 3, 5, 3, 25)
    assert directive.then.location == Location("main.tf", 3, 14, 3, 15)


def test_places_of_a_for_directive() -> None:
    template = value('v = "%{ for x in xs }${x}%{ endfor }"\n')
    assert isinstance(template, Template)
    (directive,) = template.parts
    assert isinstance(directive, TemplateFor)
    assert directive.location == Location("main.tf", 1, 6, 1, 37)
    assert directive.body.location == Location("main.tf", 1, 22, 1, 26)


def test_template_file() -> None:
    template = parse_template('#!/bin/sh\necho "$HOME" %{ if x ~}\n  on\n%{ endif ~}\n$${y}', "run.sh.tftpl")
    assert [part_text(part) for part in template.parts] == [
        '#!/bin/sh\necho "$HOME" ',
        "if x <  on\n> else <>",
        "${y}",
    ]


@pytest.mark.parametrize(
    ("template", "column", "message"),
    [
        ("%{ if x }a", 1, "This if directive has no %{ endif }"),
        ("%{ for x in y }a", 1, "This for directive has no %{ endfor }"),
        ("a%{ else }", 2, "This else belongs to no if"),
        ("%{ if x }%{ else }%{ else }%{ endif }", 19, "This else belongs to no if"),
        ("%{ endif }", 1, "This endif belongs to no if"),
        ("%{ if x }%{ endfor }", 10, "This endfor stands inside the if of line 1, which is still open"),
        ("%{ unless x }", 1, "A template directive begins with if, else, endif, for or endfor"),
        ("%{ if x }%{ else if y }%{ endif }", 18, "`}` is expected here, not `if`"),
        ("${}", 3, "An expression is missing before `}`"),
        ("${x y}", 5, "`}` is expected here, not `y`"),
        ("${x", 1, "This `${` is never closed"),
        ("${ x ~ }", 6, "`~` may only stand at the edge of a template sequence, as in `${~` or `~}`"),
    ],
)
def test_error_in_a_template(template: str, column: int, message: str) -> None:
    with pytest.raises(TerraformSyntaxError) as caught:
        parse_template(template, "x.tftpl")
    assert (caught.value.location.start_column, caught.value.message) == (column, message)


@pytest.mark.parametrize(
    ("quoted", "column", "message"),
    [
        (
            r'"a\qb"',
            7,
            r"`\q` begins no escape that there is (\n, \r, \t, \", \\, \uNNNN, \UNNNNNNNN); write `\\`",
        ),
        (r'"\u12"', 6, r"`\u` begins no escape that there is"),
        (r'"\uD800"', 6, r"`\uD800` stands for no character"),
        (r'"\U00110000"', 6, r"`\U00110000` stands for no character"),
    ],
)
def test_unknown_escape(quoted: str, column: int, message: str) -> None:
    _, problems = parse_config("main.tf", f"v = {quoted}\n".encode())
    (problem,) = problems
    assert problem.location is not None
    assert problem.location.start_column == column
    assert problem.message.startswith(message)
