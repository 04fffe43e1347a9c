"""TOML as nodes with places, which Python's parser does not keep.

A place is that of the key and its value's lines, found again in the text; where a key is written in an
unusual way (dotted, in an inline table) it is that of the table around it.
"""

import re
import tomllib

from wa_scan.cloudformation.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.values import Location

_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)\s*=")

Path = tuple[str, ...]


def toml_root(text: str, file: str) -> MappingNode:
    """The document in `text`. Raises `ValueError` where it is not TOML."""
    places = _places(text, file)
    root = _node(tomllib.loads(text), (), Location(file, 1, 1, 1, 1), places)
    if not isinstance(root, MappingNode):
        raise TypeError("a TOML document is a table")
    return root


def _places(text: str, file: str) -> dict[Path, Location]:
    found: dict[Path, Location] = {}
    table: Path = ()
    open_key: Path | None = None
    for number, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r")
        header = _TABLE.match(line)
        key = _KEY.match(line)
        path: Path | None = None
        start = len(line) - len(line.lstrip()) + 1
        if header is not None:
            table = path = tuple(_bare(part) for part in header[1].split("."))
        elif key is not None:
            path = (*table, _bare(key[1]))
        if path is not None:
            found.setdefault(path, Location(file, number, start, number, len(line.rstrip()) + 1))
            open_key = path if header is None else None
        elif open_key is not None and line.strip() and not line.lstrip().startswith("#"):
            # The value goes on.
            begun = found[open_key]
            found[open_key] = Location(
                file, begun.start_line, begun.start_column, number, len(line.rstrip()) + 1
            )
    return found


def _bare(key: str) -> str:
    return key.strip().strip("\"'")


def _node(data: object, path: Path, around: Location, places: dict[Path, Location]) -> Node:
    location = places.get(path, around)
    if isinstance(data, dict):
        entries = {}
        for name, item in data.items():
            child = _node(item, (*path, name), location, places)
            entries[name] = Entry(places.get((*path, name), location), child)
        return MappingNode(entries, location)
    if isinstance(data, list):
        return SequenceNode([_node(item, path, around, places) for item in data], location)
    if isinstance(data, str | int | float | bool):
        return ScalarNode(data, location)
    return ScalarNode(str(data), location)
