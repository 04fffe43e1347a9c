"""Every real template at hand: nothing raises, and each place holds what was read there."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml

from wa_scan.api import ScanOptions, scan
from wa_scan.cloudformation.decode import decode
from wa_scan.cloudformation.evaluate import evaluate_template
from wa_scan.cloudformation.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode
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
                    if written.startswith("!"):
                        assert written.removeprefix("!") == name.removeprefix("Fn::"), key
                    else:
                        assert yaml.load(written, Loader=yaml.BaseLoader) == name, key
            elif isinstance(node, ScalarNode) and node.data is not None:
                at = node.location
                piece = cut(lines, at[1:3], at[3:5])
                if piece.lstrip()[:2] in (f"{sign}{n}" for sign in "|>" for n in range(1, 10)):
                    continue  # its indentation counts from what stands around it
                read = yaml.load(piece, Loader=yaml.BaseLoader)
                if isinstance(node.data, str):
                    assert (read or "").rstrip() == node.data.rstrip(), at
                elif not isinstance(node.data, float):
                    assert read.lower() in (scalar_text(node.data), "yes", "no", "on", "off"), at
                checked += 1
    assert checked > 2_000


@pytest.mark.parametrize("folder", FOLDERS)
def test_reads_what_cfn_lint_reads(folder: str) -> None:
    from cfnlint.decode.cfn_yaml import loads

    def same(node: Node, other: object) -> bool:
        if isinstance(node, MappingNode):
            if not isinstance(other, dict) or {str(key) for key in other} != set(node.entries):
                return False
            return all(same(node.entries[str(key)].value, item) for key, item in other.items())
        if isinstance(node, SequenceNode):
            return isinstance(other, list) and all(map(same, node.items, other))
        assert isinstance(node, ScalarNode)
        # cfn-lint makes dates of versions.
        return node.data == other or (isinstance(other, date) and node.data == other.isoformat())

    read = 0
    for path in templates(folder):
        text = path.read_text(encoding="utf-8-sig")
        root, problems = decode(text, path.name).root, decode(text, path.name).problems
        if root is not None and not problems and "\t" not in text:
            expected = loads(text, path.name)
            assert same(split_get_att(root), expected), path
            read += 1
    assert read > 30


def split_get_att(node: Node) -> Node:
    """cfn-lint splits the text of `!GetAtt` while it reads."""
    if isinstance(node, SequenceNode):
        return SequenceNode([split_get_att(item) for item in node.items], node.location)
    if not isinstance(node, MappingNode):
        return node
    entries = {}
    for name, (key, child) in node.entries.items():
        is_short = node.location.start_column == key.start_column
        if name == "Fn::GetAtt" and isinstance(child, ScalarNode) and is_short:
            parts = str(child.data).split(".", 1)
            child = SequenceNode([ScalarNode(part, child.location) for part in parts], child.location)
        entries[name] = Entry(key, split_get_att(child))
    return MappingNode(entries, node.location)


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


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_place_in_a_report_is_there(folder: str) -> None:
    """Findings, the ways of their values, what is related, resources and problems: each place is in the
    text of its file, and that of a resource shows its name."""
    options = ScanOptions(working_directory=CORPORA)
    report = scan([folder], options)
    lines: dict[str, list[str]] = {}
    places = [problem.location for problem in report.problems if problem.location is not None]
    for finding in report.findings:
        steps = (*finding.trace, *finding.related)
        places += [finding.location, *(step.location for step in steps)]
        if finding.trace:
            assert finding.trace[-1].location == finding.location
    for resource in report.resources:
        places.append(resource.location)
    for place in places:
        if place.file not in lines:
            text = (CORPORA / place.file).read_text("utf-8-sig", "replace")
            lines[place.file] = text.split("\n")
        here = lines[place.file]
        assert 1 <= place.start_line <= place.end_line <= len(here), place
        assert 1 <= place.start_column <= len(here[place.start_line - 1]) + 1, place
        assert 1 <= place.end_column <= len(here[place.end_line - 1]) + 1, place
        assert (place.start_line, place.start_column) <= (place.end_line, place.end_column), place
    for finding in report.findings:
        # What is marked is text, but for the place of a whole file.
        at = finding.location
        marked = lines[at.file][at.start_line - 1][at.start_column - 1 :]
        assert marked.strip(), finding
    assert len(places) > 500
