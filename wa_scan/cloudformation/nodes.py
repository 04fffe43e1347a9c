"""The nodes of a decoded template: what was written, and exactly where.

JSON and YAML, and both spellings of intrinsic functions, give the same nodes: `!Ref Key` is the mapping
`{Ref: Key}` whose key stands at the tag.
"""

from typing import NamedTuple

from wa_scan.values import Location, Origin, Scalar


class Node:
    """`location`: from the first to the last character of the node's own text.

    `size`: how many nodes this is once aliases are expanded, itself included.
    """

    __slots__ = ("location", "size")

    location: Location
    size: int


class ScalarNode(Node):
    """`data`: text, number, bool or null, as CloudFormation's YAML 1.1 reads it. `written`: the characters
    of a number or bool, where they are known."""

    __slots__ = ("data", "written")

    def __init__(self, data: Scalar, location: Location, written: str | None = None) -> None:
        self.data = data
        self.written = written
        self.location = location
        self.size = 1


class SequenceNode(Node):
    __slots__ = ("items",)

    def __init__(self, items: list[Node], location: Location, size: int = 1) -> None:
        self.items = items
        self.location = location
        self.size = size


class Entry(NamedTuple):
    """One key of a mapping: where the key stands, and its value."""

    key: Location
    value: Node


class MappingNode(Node):
    """`entries` in the order written; of a key that is written twice, the last."""

    __slots__ = ("entries",)

    def __init__(self, entries: dict[str, Entry], location: Location, size: int = 1) -> None:
        self.entries = entries
        self.location = location
        self.size = size

    def get(self, key: str) -> Node | None:
        found = self.entries.get(key)
        return None if found is None else found.value

    @property
    def function(self) -> str | None:
        """The intrinsic function that this calls, `Ref` or `Fn::…`; None for a plain mapping."""
        if len(self.entries) != 1:
            return None
        key = next(iter(self.entries))
        return key if key == "Ref" or (key.startswith("Fn::") and "::" not in key[4:]) else None


class GeneratedNode(MappingNode):
    """A mapping that nobody wrote: `way` says from what a transform made it."""

    __slots__ = ("way",)

    def __init__(self, entries: dict[str, Entry], location: Location, way: Origin, size: int = 1) -> None:
        super().__init__(entries, location, size)
        self.way = way


def text_of(node: Node | None) -> str | None:
    """The text of a scalar that is text; None for anything else."""
    if isinstance(node, ScalarNode) and isinstance(node.data, str):
        return node.data
    return None


def name_of(node: Node | None) -> str | None:
    """The name that a scalar is where a name is wanted: keys are text, so that `Yes` refers to the key `Yes`
    and `1.10` to `1.10`. None for anything else."""
    if isinstance(node, ScalarNode) and not isinstance(node.data, str):
        return node.written
    return text_of(node)
