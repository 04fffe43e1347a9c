"""JSON read without YAML's parser gives the nodes that YAML's parser gives."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_scan.cloudformation.decode import MAX_DEPTH, MAX_NODES, decode
from wa_scan.cloudformation.json_nodes import json_root
from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.values import Location

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"


def data_of(node: Node) -> object:
    if isinstance(node, ScalarNode):
        return node.data
    if isinstance(node, SequenceNode):
        return [data_of(item) for item in node.items]
    assert isinstance(node, MappingNode)
    return {key: data_of(entry.value) for key, entry in node.entries.items()}


def shape_of(node: Node) -> object:
    """Everything that a node knows."""
    if isinstance(node, ScalarNode):
        return (node.data, type(node.data), node.location)
    if isinstance(node, SequenceNode):
        return ([shape_of(item) for item in node.items], node.location, node.size)
    assert isinstance(node, MappingNode)
    entries = [(key, entry.key, shape_of(entry.value)) for key, entry in node.entries.items()]
    return (entries, node.location, node.size)


def read(text: str) -> Node | None:
    found = json_root(text, "t.json", MAX_DEPTH, MAX_NODES)
    return None if found is None else found[0]


documents = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(lambda key: key != "<<"), inner),
)


@given(st.dictionaries(st.sampled_from(["a", "b", "Resources"]), documents), st.sampled_from([None, 1, "\t"]))
def test_what_json_says(document: dict[str, object], indent: int | str | None) -> None:
    for escaped in (False, True):
        text = json.dumps(document, indent=indent, ensure_ascii=escaped)
        if any("\ud800" <= sign <= "\udfff" for sign in json.dumps(document, ensure_ascii=False)):
            continue
        root = read(text)
        assert root is not None
        assert data_of(root) == document
        assert root.location.start_line == root.location.start_column == 1


def is_json(path: Path) -> bool:
    return path.suffix in (".json", ".template") and path.is_file()


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not at hand")
def test_real_templates_as_yaml_reads_them() -> None:
    compared = 0
    for path in sorted(filter(is_json, (CORPORA / "aws-cloudformation-templates").rglob("*")))[:60]:
        text = path.read_text("utf-8-sig")
        root = read(text)
        if root is None or "\t" in text:
            continue
        # What begins with a comment is YAML's.
        whole = decode("#\n" + text, "t.json").root
        assert whole is not None
        moved = decode("\n" + text, "t.json").root
        assert moved is not None
        assert shape_of(moved) == shape_of(whole)
        compared += 1
    assert compared > 30


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{]",
        "{} {}",
        "[1 2]",
        "[1,]",
        "[,1]",
        '{"a"}',
        '{"a": }',
        '{"a": 1,}',
        '{"a": 1 "b": 2}',
        '{"a": 1, : 2}',
        "{a: 1}",
        "{'a': 1}",
        '{1: "a"}',
        '{"a": 01}',
        '{"a": 1x}',
        '{"a": truex}',
        '{"a": "\n"}',
        '{"a": "\\ud800"}',
        '{"a": "\\x"}',
        '{"<<": {"a": 1}}',
        '{"a": !Ref b}',
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
    ],
)
def test_what_is_not_json_is_left_to_yaml(text: str) -> None:
    assert read(text) is None


def test_more_nodes_than_are_read() -> None:
    assert json_root("[1, 2, 3]", "t.json", MAX_DEPTH, 3) is None
    assert json_root("[1, 2, 3]", "t.json", MAX_DEPTH, 4) is not None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('// first\n{"Resources": {}}', (1, 1, 1, 9)),
        ('{\n  "Resources": {} // why\n}', (2, 19, 2, 25)),
        ('{"Resources": /* a\n b */ {}, "b": 1}', (1, 15, 1, 19)),
    ],
)
def test_comments_are_told_of_once_and_the_rest_is_read(text: str, place: tuple[int, ...]) -> None:
    decoded = decode(text + "// again", "t.json")
    assert isinstance(decoded.root, MappingNode)
    assert decoded.root.get("Resources") is not None
    assert [problem.location for problem in decoded.problems] == [Location("t.json", *place)]


def test_places_after_a_comment_of_several_lines() -> None:
    root = read('{"a": /* x\n y */ 1, "b": 2}')
    assert isinstance(root, MappingNode)
    assert root.entries["b"].key == ("t.json", 2, 10, 2, 13)


def test_a_key_longer_than_yaml_takes() -> None:
    decoded = decode('{"' + "k" * 5000 + '": 1, "Resources": {}}', "t.json")
    assert decoded.problems == ()
    assert isinstance(decoded.root, MappingNode)
    assert len(decoded.root.entries) == 2


def test_a_key_that_is_written_twice() -> None:
    decoded = decode('{"a": 1,\n "a": 2}', "t.json")
    assert [str(problem.location) for problem in decoded.problems] == ["t.json:1:2", "t.json:2:2"]
    assert decoded.root is not None
    assert data_of(decoded.root) == {"a": 2}
