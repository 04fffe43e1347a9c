"""Every real template at hand: nothing raises, and each place holds what was read there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from wa_scan.cloudformation.decode import decode
from wa_scan.cloudformation.evaluate import evaluate_template
from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.cloudformation.texts import scalar_text
from wa_scan.sources.units import Template
from wa_scan.values import ListValue, MapValue, Value

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"
FOLDERS = ("aws-cloudformation-templates", "serverless-patterns", "widdix-aws-cf-templates")

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not beside this checkout")


def templates(folder: str) -> Iterator[Path]:
    for path in sorted((CORPORA / folder).rglob("*")):
        if path.suffix in (".yaml", ".yml", ".json", ".template") and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            if "Resources" in text and "AWS::" in text:
                yield path


def cut(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    taken = lines[start[0] - 1 : end[0]]
    taken[-1] = taken[-1][: end[1] - 1]
    # What stands before it in its line keeps its width, so that nested blocks stay indented.
    taken[0] = " " * (start[1] - 1) + taken[0][start[1] - 1 :]
    return "\n".join(taken)


@pytest.mark.parametrize("folder", FOLDERS)
def test_places_hold_what_was_read(folder: str) -> None:
    checked = 0
    for path in templates(folder):
        text = path.read_text(encoding="utf-8-sig")
        root = decode(text, path.name).root
        lines = text.split("\n")
        todo: list[Node] = [root] if root is not None else []
        while todo:
            node = todo.pop()
            if isinstance(node, SequenceNode):
                todo += node.items
            elif isinstance(node, MappingNode):
                for name, (key, child) in node.entries.items():
                    todo.append(child)
                    written = cut(lines, key[1:3], key[3:5]).strip()
                    assert written.strip("\"'!").removeprefix("Fn::") == name.removeprefix("Fn::"), key
            elif isinstance(node, ScalarNode) and node.data is not None:
                at = node.location
                piece = cut(lines, at[1:3], at[3:5]).replace("\t", " ")
                if piece.lstrip()[:2] in (f"{sign}{n}" for sign in "|>" for n in range(1, 10)):
                    continue  # its indentation counts from what stands around it
                read = yaml.load(piece, Loader=yaml.BaseLoader)
                if isinstance(node.data, str):
                    assert (read or "").rstrip() == node.data.rstrip(), at
                elif not isinstance(node.data, float):
                    assert read.lower() in (scalar_text(node.data), "yes", "no", "on", "off"), at
                checked += 1
    assert checked > 2_000


def scalars(value: Value) -> Iterator[Value]:
    if isinstance(value, MapValue):
        for item in value.entries.values():
            yield from scalars(item)
    elif isinstance(value, ListValue):
        for item in value.elements:
            yield from scalars(item)
    else:
        yield value


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_template_is_evaluated(folder: str) -> None:
    resources = files = 0
    for path in templates(folder):
        unit = evaluate_template(Template(path, path.relative_to(CORPORA).as_posix(), CORPORA))
        assert all(problem.location is not None for problem in unit.problems)
        files += bool(unit.resources)
        for resource in unit.resources:
            resources += 1
            assert resource.extent.contains(resource.location)
            for value in scalars(resource.body):
                assert value.origin is not None, (path, value)
                for step in value.origin:
                    assert step.location.file == unit.name
                    assert step.location.start_line >= 1
    assert files > 30
    assert resources > 200
