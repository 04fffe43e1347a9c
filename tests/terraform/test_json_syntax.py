"""`.tf.json` and `.tfvars.json` files, and the tree with its places."""

import json

import pytest

from tests.terraform.expression_text import text
from wa_scan.errors import ProblemKind
from wa_scan.terraform.json_syntax import parse_json_config
from wa_scan.terraform.syntax import Block, Body, Template
from wa_scan.values import Location


def at(start_line: int, start_column: int, end_line: int, end_column: int) -> Location:
    return Location("main.tf.json", start_line, start_column, end_line, end_column)


def parsed(source: str | dict[str, object], path: str = "main.tf.json") -> Body:
    data = source if isinstance(source, str) else json.dumps(source)
    file, problems = parse_json_config(path, data.encode())
    assert problems == []
    assert file.json
    return file.body


def one(source: str | dict[str, object]) -> Block:
    (block,) = parsed(source).blocks
    return block


def values(body: Body) -> dict[str, str]:
    return {name: text(attribute.value) for name, attribute in body.attributes.items()}


def test_resource_with_places() -> None:
    block = one('{\n  "resource": {"aws_s3_bucket": {"logs": {\n    "bucket": "é ${var.b}"\n  }}}\n}')
    assert (block.type, block.labels) == ("resource", ["aws_s3_bucket", "logs"])
    assert block.label_locations == [at(2, 16, 2, 31), at(2, 34, 2, 40)]
    assert block.header == at(2, 34, 2, 40)
    assert block.location == at(2, 34, 4, 4)
    bucket = block.body.attributes["bucket"]
    assert text(bucket.value) == "<é |${var.b}>"
    assert bucket.name_location == at(3, 5, 3, 13)
    assert bucket.location == at(3, 5, 3, 27)
    assert bucket.value.location == at(3, 15, 3, 27)
    assert isinstance(bucket.value, Template)
    sequence = bucket.value.parts[1]
    assert not isinstance(sequence, str)
    assert sequence.location == at(3, 18, 3, 26)


def test_places_after_escapes() -> None:
    block = one('{"locals": {"a": "\\u00e9\\ud83d\\ude00\\n${x}"}}')
    value = block.body.attributes["a"].value
    assert isinstance(value, Template)
    assert value.parts[0] == "é😀\n"
    sequence = value.parts[1]
    assert not isinstance(sequence, str)
    assert sequence.location == at(1, 39, 1, 43)


def test_values_are_expressions_and_strings_templates() -> None:
    block = one(
        {"locals": {"a": [1, -2.5, True, None], "b": {"k${x}": "%{ if y }z%{ endif }"}, "c": "$${d}"}}
    )
    assert values(block.body) == {
        "a": "[1, -2.5, true, null]",
        "b": "{<k|${x}>=<if y <z> else <>>}",
        "c": "<${d}>",
    }


def test_references_and_types_written_as_strings() -> None:
    body = parsed(
        {
            "resource": {
                "aws_instance": {
                    "a": {
                        "provider": "aws.west",
                        "depends_on": ["aws_s3_bucket.b", "module.m"],
                        "lifecycle": {
                            "ignore_changes": ['tags["Name"]', "ami"],
                            "precondition": {"condition": "${var.x}", "error_message": "no"},
                        },
                        "provisioner": [{"local-exec": {"when": "destroy", "command": "echo ${self.id}"}}],
                    }
                }
            },
            "variable": {"v": {"type": "map(object({ a = string }))", "default": {"x": "${literal}"}}},
            "module": {"m": {"source": "./m", "providers": {"aws": "aws", "aws.b": "aws.c"}}},
            "moved": {"from": "aws_x.a[0]", "to": "aws_x.b"},
        }
    )
    resource, variable, module, moved = body.blocks
    assert values(resource.body) == {"provider": "aws.west", "depends_on": "[aws_s3_bucket.b, module.m]"}
    lifecycle, provisioner = resource.body.blocks
    assert values(lifecycle.body) == {"ignore_changes": "[tags[<Name>], ami]"}
    assert values(lifecycle.body.blocks[0].body) == {"condition": "<${var.x}>", "error_message": "<no>"}
    assert provisioner.labels == ["local-exec"]
    assert values(provisioner.body) == {"when": "destroy", "command": "<echo |${self.id}>"}
    assert values(variable.body) == {"type": "map(object({<a>=string}))", "default": "{<x>=<${literal}>}"}
    assert values(module.body) == {"source": "<./m>", "providers": "{<aws>=aws, aws.b=aws.c}"}
    assert values(moved.body) == {"from": "aws_x.a[0]", "to": "aws_x.b"}


def test_blocks_in_lists_and_without_labels() -> None:
    body = parsed({"resource": [{"t": {"x": [{"count": 1}]}}, {"t": [{"y": {}}, {"z": {}}]}]})
    assert [block.labels for block in body.blocks] == [["t", "x"], ["t", "y"], ["t", "z"]]


def test_the_root_may_be_a_list() -> None:
    body = parsed('[{"locals": [{"a": 1}, {"b": 2}]}, {"output": null}]')
    assert [values(block.body) for block in body.blocks] == [{"a": "1"}, {"b": "2"}]


def test_terraform_settings_are_plain_text() -> None:
    settings = one(
        {
            "terraform": {
                "required_providers": {"aws": {"version": "~> 5"}},
                "backend": {"s3": {"key": "${k}"}},
            }
        }
    )
    providers, backend = settings.body.blocks
    assert values(providers.body) == {"aws": "{<version>=<~> 5>}"}
    assert (backend.labels, values(backend.body)) == (["s3"], {"key": "<${k}>"})
    assert backend.body.attributes["key"].value == Template(
        backend.body.attributes["key"].value.location, ["${k}"]
    )


def test_dynamic_blocks_are_blocks_and_what_may_be_one_is_an_argument() -> None:
    block = one(
        {
            "resource": {
                "aws_security_group": {
                    "g": {
                        "ingress": [{"from_port": 1, "//": "comment"}],
                        "dynamic": {
                            "egress": [{"for_each": "${var.e}", "iterator": "it", "content": {"to_port": 2}}]
                        },
                    }
                }
            }
        }
    )
    assert values(block.body) == {"ingress": "[{<from_port>=1}]"}
    (dynamic,) = block.body.blocks
    assert dynamic.labels == ["egress"]
    assert values(dynamic.body) == {"for_each": "<${var.e}>", "iterator": "it"}
    assert [values(content.body) for content in dynamic.body.blocks] == [{"to_port": "2"}]


def test_comments_are_left_out_of_bodies() -> None:
    body = parsed({"//": "c", "locals": {"//": {"a": 1}, "b": {"//": "kept: it is a value"}}})
    assert values(body.blocks[0].body) == {"b": "{<//>=<kept: it is a value>}"}


def test_null_for_a_block_is_no_block() -> None:
    assert parsed({"resource": {"t": {"n": None}}}).blocks == []


def test_variable_values_are_plain_text() -> None:
    body = parsed({"a": "${x}", "b": ["%{ if"], "resource": {"x": 1}}, "env.auto.tfvars.json")
    assert values(body) == {"a": "<${x}>", "b": "[<%{ if>]", "resource": "{<x>=1}"}


@pytest.mark.parametrize(
    ("source", "line", "column", "message"),
    [
        ("", 1, 1, "A value is expected here, but the file ends"),
        ("{", 1, 2, "A property's name in double quotes is expected here, but the file ends"),
        ('{\n  "a": 1,\n}', 3, 1, "Another property is expected after the comma, not `}`"),
        ('{"a" 1}', 1, 6, "A `:` is expected after a property's name, not `1`"),
        ('{"a": [1 2]}', 1, 10, "A comma or `]` is expected here, not `2`"),
        ("{'a': 1}", 1, 2, "A property's name in double quotes is expected here, not `'`"),
        ('{"a": tru}', 1, 7, "A value is expected here, not `tru`"),
        ('{"a": 01}', 1, 8, "A comma or `}` is expected here, not `1`"),
        ("{} {}", 1, 4, "A JSON file ends after its one value, not `{`"),
        ("// c\n{}", 1, 1, 'JSON has no comments; a property named "//" is ignored'),
        (
            '{"a": "\\x"}',
            1,
            7,
            "This text has no closing quote, or holds a control character or an unknown escape",
        ),
        ('{"locals": {"a": "b${"}}', 1, 20, "This `${` is never closed"),
        ('{"locals": {"a": 1,\n "a": 2}}', 2, 2, "The argument a is set twice here; the first one is taken"),
        ('{"resource": {"t": 3}}', 1, 20, "An object is expected here"),
        ('{"resource": {"t": {"n": 3}}}', 1, 26, "The body of a resource block is an object"),
        ('{"moved": {"from": "a b"}}', 1, 23, "The expression ends before `b`; nothing may follow it"),
    ],
)
def test_error_with_its_place(source: str, line: int, column: int, message: str) -> None:
    _, problems = parse_json_config("main.tf.json", source.encode())
    assert [
        (p.location.start_line, p.location.start_column, p.message)
        for p in problems
        if p.location is not None
    ] == [(line, column, message)]


def test_bytes_that_are_not_utf8() -> None:
    _, problems = parse_json_config("main.tf.json", b'{"a": "\xff"}')
    assert [(p.kind, p.location) for p in problems] == [(ProblemKind.SYNTAX_ERROR, at(1, 8, 1, 8))]


@pytest.mark.parametrize(
    "source",
    [
        '{"locals": {"a": ' + "[" * 5000 + "]" * 5000 + "}}",
        '{"locals": {"a": "${' + "[" * 5000 + "]" * 5000 + '}"}}',
    ],
    ids=["json", "template"],
)
def test_deep_nesting_is_a_problem(source: str) -> None:
    _, problems = parse_json_config("main.tf.json", source.encode())
    assert [problem.kind for problem in problems] == [ProblemKind.LIMIT_REACHED]
