"""Every key and value has its exact place, in YAML and in JSON."""

import json

import pytest

from wa_scan.cloudformation.decode import decode
from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.values import Location, Scalar


def slice_of(text: str, location: Location) -> str:
    """The text at `location`."""
    lines = text.split("\n")[location.start_line - 1 : location.end_line]
    lines[-1] = lines[-1][: location.end_column - 1]
    lines[0] = lines[0][location.start_column - 1 :]
    return "\n".join(lines)


def pieces(text: str) -> dict[str, str]:
    """The text at every key and value, by path."""
    found: dict[str, str] = {}

    def visit(node: Node, path: str) -> None:
        found[path] = slice_of(text, node.location)
        if isinstance(node, MappingNode):
            for name, (key, value) in node.entries.items():
                found[f"{path}/{name} key"] = slice_of(text, key)
                visit(value, f"{path}/{name}")
        elif isinstance(node, SequenceNode):
            for index, item in enumerate(node.items):
                visit(item, f"{path}/{index}")

    root = decode(text, "t").root
    assert root is not None
    visit(root, "")
    return found


def test_places_in_yaml() -> None:
    text = (
        "A: true   # a remark\n"
        "'B': !Sub  'é${x}'\n"
        "C:\n"
        "  - 12\n"
        "  - !GetAtt  a.b\n"
        "\n"
        "D: |\n"
        "  one\n"
        "\n"
        "  two\n"
        "\n"
        "\n"
        "E: {f: ~, g: [1, 2]}\n"
    )
    found = pieces(text)
    found.pop("")
    assert found == {
        "/A key": "A",
        "/A": "true",
        "/B key": "'B'",
        "/B": "!Sub  'é${x}'",
        "/B/Fn::Sub key": "!Sub",
        "/B/Fn::Sub": "'é${x}'",
        "/C key": "C",
        "/C": "- 12\n  - !GetAtt  a.b",
        "/C/0": "12",
        "/C/1": "!GetAtt  a.b",
        "/C/1/Fn::GetAtt key": "!GetAtt",
        "/C/1/Fn::GetAtt": "a.b",
        "/D key": "D",
        "/D": "|\n  one\n\n  two",
        "/E key": "E",
        "/E": "{f: ~, g: [1, 2]}",
        "/E/f key": "f",
        "/E/f": "~",
        "/E/g key": "g",
        "/E/g": "[1, 2]",
        "/E/g/0": "1",
        "/E/g/1": "2",
    }


def test_places_in_json_with_tabs() -> None:
    text = '{\n\t"A": false,\t"B":\t[1.5, null],\n\t"C": {"D": "tab\\tescape \\ud83d\\ude00 \\/"}\n}\n'
    assert pieces(text) == {
        "": text[:-1],
        "/A key": '"A"',
        "/A": "false",
        "/B key": '"B"',
        "/B": "[1.5, null]",
        "/B/0": "1.5",
        "/B/1": "null",
        "/C key": '"C"',
        "/C": '{"D": "tab\\tescape \\ud83d\\ude00 \\/"}',
        "/C/D key": '"D"',
        "/C/D": '"tab\\tescape \\ud83d\\ude00 \\/"',
    }


def test_windows_line_ends() -> None:
    assert pieces("A: 1\r\nB:\r\n  C: x\r\n")["/B"] == "C: x"


def test_carriage_returns_that_end_no_line() -> None:
    assert pieces("A: 1\r\r\nB: x\n")["/B"] == "x"


def test_alias_stands_where_it_is_used() -> None:
    found = pieces("A: &a {x: 1}\nB: *a\n")
    assert found["/B"] == "*a"
    assert found["/B/x"] == "1"


def test_merged_keys_do_not_replace_written_ones() -> None:
    root = decode("A: &a {x: 1, y: 2}\nB:\n  <<: *a\n  x: 3\n", "t").root
    assert isinstance(root, MappingNode)
    merged = root.get("B")
    assert isinstance(merged, MappingNode)
    assert plain(merged) == {"x": 3, "y": 2}


@pytest.mark.parametrize(
    ("written", "data"),
    [
        ("12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("0x1F", 31),
        ("true", True),
        ("No", False),
        ("~", None),
        ("", None),
        ("2012-10-17", "2012-10-17"),
        ("22:22", "22:22"),
        ("012345678", "012345678"),
        ("1e400", "1e400"),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("9" * 5000, "9" * 5000),
    ],
    ids=lambda written: str(written)[:20],
)
def test_scalars(written: str, data: Scalar) -> None:
    root = decode(f"A: {written}\n", "t").root
    assert isinstance(root, MappingNode)
    node = root.get("A")
    assert isinstance(node, ScalarNode)
    assert (node.data, type(node.data)) == (data, type(data))


def test_keys_are_texts() -> None:
    root = decode("123456789012: 1\n080: 2\nyes: 3\n", "t").root
    assert isinstance(root, MappingNode)
    assert list(root.entries) == ["123456789012", "080", "yes"]


def test_json_reads_as_python_reads_it() -> None:
    data = {"a": ['quote " backslash \\ é 😀 \u2028', "\\ud83d", 1, -2.5, True, None, {}], "b": {"c": []}}
    for text in (json.dumps(data), json.dumps(data, indent="\t", ensure_ascii=False)):
        root = decode(text.replace("\u2028", "\\u2028"), "t").root
        assert root is not None
        assert plain(root) == data


def plain(node: Node) -> object:
    if isinstance(node, MappingNode):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    assert isinstance(node, ScalarNode)
    return node.data


def test_short_tags_are_those_of_cfn_lint() -> None:
    from cfnlint.decode.cfn_yaml import FN_PREFIX, UNCONVERTED_SUFFIXES

    assert (FN_PREFIX, sorted(UNCONVERTED_SUFFIXES)) == ("Fn::", ["Condition", "Ref"])
