"""JSON templates to nodes with exact places.

YAML's parser reads most JSON, but no key of more than 1,024 characters, and loading it takes longer than
reading a template does. Whatever is not JSON (YAML in flow style, an error) is left to it.
"""

import json
import re
from math import isinf

from wa_scan.cloudformation.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.errors import Problem, ProblemKind
from wa_scan.values import Location, Scalar

_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\\x00-\x08\x0a-\x1f]|\\.)*")
    |(?P<sign>[{}\[\],:])
    |(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.+-])
    |(?P<word>true|false|null)(?!\w)
    |(?P<comment>//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)""",
    re.VERBOSE,
)
_SPACE = re.compile(r"[ \t\r\n]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}


class _NotJsonError(ValueError):
    """Left to YAML."""


class _Open:
    """A collection that is being read: `key` is the one whose value comes next, `wants` what may follow."""

    __slots__ = ("column", "entries", "items", "key", "line", "size", "wants")

    def __init__(self, line: int, column: int, is_mapping: bool) -> None:
        self.line = line
        self.column = column
        self.entries: dict[str, Entry] | None = {} if is_mapping else None
        self.items: list[Node] = []
        self.key: tuple[str, Location] | None = None
        self.size = 1
        self.wants = "key or }" if is_mapping else "value or ]"


def json_root(text: str, file: str, most_levels: int, most_nodes: int) -> tuple[Node, list[Problem]] | None:
    """The root of the JSON document `text`, whose places name `file`, and what is wrong with it; None
    where it is not JSON, or larger or deeper than that."""
    reader = _Reader(text, file, most_levels, most_nodes)
    try:
        return reader.read(), reader.problems
    except _NotJsonError:
        return None


class _Reader:
    def __init__(self, text: str, file: str, most_levels: int, most_nodes: int) -> None:
        self.text = text
        self.file = file
        self.most_levels = most_levels
        self.nodes_left = most_nodes
        self.problems: list[Problem] = []
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.has_comment = False

    def read(self) -> Node:
        text, file = self.text, self.file
        at, line, line_start = 0, 1, 0
        while True:
            space = _SPACE.match(text, at)
            end = space.end() if space is not None else at
            breaks = text.count("\n", at, end)
            if breaks:
                line += breaks
                line_start = text.rfind("\n", at, end) + 1
            at = end
            if at >= len(text):
                break
            token = _TOKEN.match(text, at)
            if token is None:
                raise _NotJsonError
            kind, written = token.lastgroup, token[0]
            at = token.end()
            column = token.start() - line_start + 1
            if kind == "sign":
                self._sign(written, line, column)
                continue
            if kind == "comment":
                location = Location(file, line, column, line, column + len(written.partition("\n")[0]))
                self._comment(location)
                breaks = written.count("\n")
                if breaks:
                    line += breaks
                    line_start = text.rfind("\n", 0, at) + 1
                continue
            self._scalar(kind or "", written, Location(file, line, column, line, column + len(written)))
        if self.root is None or self.stack:
            raise _NotJsonError
        return self.root

    def _sign(self, sign: str, line: int, column: int) -> None:
        top = self.stack[-1] if self.stack else None
        if sign in "{[":
            self._begin_value()
            if len(self.stack) >= self.most_levels:
                raise _NotJsonError
            self.stack.append(_Open(line, column, sign == "{"))
        elif top is None or sign not in top.wants:
            raise _NotJsonError
        elif sign == ":":
            top.wants = "value"
        elif sign == ",":
            top.wants = "key" if top.entries is not None else "value"
        else:
            self.stack.pop()
            location = Location(self.file, top.line, top.column, line, column + 1)
            if top.entries is not None:
                self._end_value(MappingNode(top.entries, location, top.size))
            else:
                self._end_value(SequenceNode(top.items, location, top.size))

    def _scalar(self, kind: str, written: str, location: Location) -> None:
        top = self.stack[-1] if self.stack else None
        if kind == "text" and top is not None and top.wants.startswith("key"):
            key = self._unescaped(written)
            if key == "<<":
                raise _NotJsonError
            top.key = (key, location)
            top.wants = ":"
            return
        self._begin_value()
        data: Scalar
        if kind == "text":
            data = self._unescaped(written)
        else:
            data = _WORDS[written] if kind == "word" else _number(written)
        self._end_value(ScalarNode(data, location, None if data is None or kind == "text" else written))

    def _begin_value(self) -> None:
        self.nodes_left -= 1
        wants = self.stack[-1].wants if self.stack else "value" if self.root is None else ""
        if not wants.startswith("value") or self.nodes_left < 0:
            raise _NotJsonError

    def _end_value(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.size += node.size
        if top.entries is None:
            top.items.append(node)
            top.wants = ", or ]"
            return
        top.wants = ", or }"
        if top.key is None:
            raise _NotJsonError
        key, location = top.key
        earlier = top.entries.get(key)
        if earlier is not None:
            message = f"The key {key} is written twice; the last one counts."
            for place in (earlier.key, location):
                self.problems.append(Problem(ProblemKind.SYNTAX_ERROR, message, place))
        top.entries[key] = Entry(location, node)

    def _comment(self, location: Location) -> None:
        if not self.has_comment:
            self.has_comment = True
            message = "JSON has no comments: CloudFormation does not take this template."
            self.problems.append(Problem(ProblemKind.SYNTAX_ERROR, message, location))

    def _unescaped(self, written: str) -> str:
        if "\\" not in written:
            return written[1:-1]
        try:
            found = json.loads(written, strict=False)
        except ValueError as error:
            raise _NotJsonError from error
        if not isinstance(found, str) or _SURROGATE.search(found):
            raise _NotJsonError
        return found


def _number(written: str) -> Scalar:
    try:
        if written.lstrip("-").isdigit():
            return int(written)
        number = float(written)
    except ValueError:
        # More digits than Python converts.
        return written
    return written if isinf(number) else number
