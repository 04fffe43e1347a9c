"""Real files: nothing is refused, and every place holds the text that it stands for."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from tests.terraform.expression_text import shape
from wa_scan.terraform.parse import parse_config, parse_expression
from wa_scan.terraform.syntax import Attribute, Block, Expression, ObjectItem, Splat, Template
from wa_scan.values import Location

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
PATTERN = re.compile(r"\.(tf|tofu|tfvars)$")


SOURCES = sorted(path for path in CORPORA.rglob("*") if PATTERN.search(path.name))
pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not beside this checkout")


def nodes(node: object) -> Iterator[Attribute | Block | Expression]:
    """All nodes that can stand alone: not what a splat does to each, not an object's keys, not the
    inner templates of directives.
    """
    if isinstance(node, Attribute | Block | Expression):
        yield node
    if isinstance(node, list):
        for child in node:
            yield from nodes(child)
    elif isinstance(node, dict):
        yield from nodes(list(node.values()))
    elif isinstance(node, ObjectItem):
        yield from nodes(node.value)
    elif is_dataclass(node):
        for item in fields(node):
            child = getattr(node, item.name)
            inner_template = isinstance(child, Template) and item.name in {"then", "otherwise", "body"}
            if not (isinstance(node, Splat) and item.name == "each") and not (
                inner_template and not isinstance(node, Expression | Attribute)
            ):
                yield from nodes(child)


def text_at(lines: list[str], place: Location) -> str:
    rows = lines[place.start_line - 1 : place.end_line]
    rows[-1] = rows[-1][: place.end_column - 1]
    rows[0] = rows[0][place.start_column - 1 :]
    return "\n".join(rows)


def read_again(node: Attribute | Block | Expression, text: str) -> object:
    if isinstance(node, Expression):
        return parse_expression(text, "again")
    file, problems = parse_config("again", text.encode())
    assert problems == []
    return file.body.blocks[0] if isinstance(node, Block) else file.body.attributes[node.name]


@pytest.mark.parametrize("part", range(20))
def test_the_text_at_every_place_reads_the_same(part: int) -> None:
    checked = 0
    for path in SOURCES[part::20]:
        data = path.read_bytes()
        file, problems = parse_config(path.name, data)
        assert (path, problems) == (path, [])
        lines = data.decode("utf-8-sig").split("\n")
        for number, node in enumerate(nodes([file.body.attributes, file.body.blocks])):
            # A sample: all of the first files, and of each file every seventh node.
            if checked > 1500 and number % 7:
                continue
            text = text_at(lines, node.location)
            assert shape(read_again(node, text)) == shape(node), f"{path}: {node.location}: {text}"
            checked += 1
    assert checked
