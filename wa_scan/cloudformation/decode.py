"""A template's text to nodes with exact places, through cfn-lint's YAML loader.

cfn-lint's loader brings the parser (libyaml), the resolution of plain scalars and the rule for short
function tags. Its nodes, however, keep no place for numbers, bools and nulls, its mappings end after
the blank lines that follow them, its first duplicate key ends the reading, and composing recurses in
C, so that deep nesting ends the process. Nodes are therefore composed here, from the parser's events
and without recursion. JSON has its own reader; what only begins like JSON is YAML but for tabs and
surrogate escapes.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from wa_scan.cloudformation.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode, name_of
from wa_scan.cloudformation.scalars import (
    YAML_TAG,
    as_yaml,
    function_of,
    plain_scalar,
    without_stand_ins,
)
from wa_scan.errors import Problem, ProblemKind
from wa_scan.values import Location, Scalar

MAX_DEPTH = 100
"""Levels of nesting: far above what CloudFormation accepts, far below Python's stack."""
MAX_NODES = 500_000
"""Nodes of one template, those that aliases repeat included; 1 MB of template has some 100,000."""

_TAG_OR_ANCHOR = re.compile(r"(?:[!&][^\s,\[\]{}]*\s*)+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """`root` is None where nothing could be read; `problems` says why, or what was skipped.
    `is_partial`: entries with syntax errors were left out."""

    root: Node | None
    problems: tuple[Problem, ...] = ()
    is_partial: bool = False


def decode(text: str, file: str) -> Decoded:
    """The nodes of the template `text`, whose places name `file`. Never raises for bad input."""
    if text.lstrip()[:1] in ("{", "/"):
        from wa_scan.cloudformation.json_nodes import json_root

        found = json_root(text, file, MAX_DEPTH, MAX_NODES)
        if found is not None:
            return Decoded(found[0], tuple(found[1]))
    from yaml import YAMLError

    composer = _Composer(text, file)
    try:
        return Decoded(composer.compose(_loader(composer.text)), tuple(composer.problems))
    except YAMLError as error:
        problem = _syntax_problem(error, composer.text, file)
    from wa_scan.cloudformation.recovery import SECTIONS, recover

    recovered = recover(composer.text, _line_of_error)
    if recovered is not None:
        composer = _Composer(recovered.text, file)
        root = composer.compose(_loader(recovered.text))
        if isinstance(root, MappingNode) and isinstance(root.get("Resources"), MappingNode):
            for name in SECTIONS & root.entries.keys():
                section = root.get(name)
                if isinstance(section, ScalarNode) and section.data is None:
                    del root.entries[name]
            names = ", ".join(recovered.left_out)
            told = replace(problem, hint=f"{problem.hint or ''} All but {names} was read.".strip())
            return Decoded(root, (told, *composer.problems), is_partial=True)
    return Decoded(None, (problem,))


def _loader(text: str) -> Any:
    from cfnlint.decode.cfn_yaml import CfnFullLoader

    return CfnFullLoader(text, "")


def _line_of_error(text: str) -> int | None:
    """As `recovery.FindError` has it."""
    from yaml import YAMLError

    loader = _loader(text)
    try:
        while loader.get_event() is not None:
            pass
    except YAMLError as error:
        context = str(getattr(error, "context", None) or "")
        # What is not closed is found far behind where it begins, and a block begins far before what is
        # wrong in it.
        begun = "flow" in context or "scalar" in context
        mark = getattr(error, "context_mark" if begun else "problem_mark", None)
        return 0 if mark is None else int(mark.line) + 1
    return None


class _Frame:
    """A collection that is being composed."""

    __slots__ = ("anchor", "block", "end", "entries", "items", "key", "size", "start", "tag")

    def __init__(self, event: Any, start: "_Start", is_mapping: bool) -> None:
        self.items: list[Node] = []
        self.entries: dict[str, Entry] | None = {} if is_mapping else None
        # The key whose value comes next; its text is None where the key cannot be used.
        self.key: tuple[str | None, Location] | None = None
        self.anchor: str | None = event.anchor
        self.block = not event.flow_style
        self.start = start
        self.tag = function_of(event.tag)
        self.end = (start.line, start.column)
        self.size = 1


class _Start:
    """Where a node starts: with its tag, and without."""

    __slots__ = ("column", "line", "tag")

    def __init__(self, line: int, column: int, tag: Location | None) -> None:
        self.line = line
        self.column = column
        self.tag = tag


class _Composer:
    def __init__(self, text: str, file: str) -> None:
        self.text, self.has_stand_ins = as_yaml(text)
        self.file = file
        self.problems: list[Problem] = []
        self.stack: list[_Frame] = []
        self.anchors: dict[str, Node | None] = {}
        self.root: Node | None = None
        self.size = 0

    def compose(self, loader: Any) -> Node | None:
        from yaml import (
            AliasEvent,
            DocumentStartEvent,
            MappingEndEvent,
            MappingStartEvent,
            ScalarEvent,
            SequenceEndEvent,
            SequenceStartEvent,
        )

        documents = nodes = 0
        while (event := loader.get_event()) is not None:
            kind = type(event)
            nodes += 1
            if nodes > MAX_NODES or self.size > MAX_NODES:
                self._problem(
                    ProblemKind.LIMIT_REACHED,
                    f"The template has more than {MAX_NODES} nodes, those that aliases repeat included.",
                    self._place(event.start_mark, event.end_mark),
                )
                return None
            if kind is ScalarEvent:
                self._scalar(event, loader)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if len(self.stack) >= MAX_DEPTH:
                    self._problem(
                        ProblemKind.LIMIT_REACHED,
                        f"The template is nested more than {MAX_DEPTH} levels deep.",
                        self._place(event.start_mark, event.end_mark),
                    )
                    return None
                if event.anchor is not None:
                    self.anchors[event.anchor] = None
                self.stack.append(_Frame(event, self._start(event), kind is MappingStartEvent))
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._close(event)
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self._problem(
                        ProblemKind.SYNTAX_ERROR,
                        "A template is one YAML document; this one and those after it were not read.",
                        self._place(event.start_mark, event.end_mark),
                    )
                    break
        return self.root

    def _scalar(self, event: Any, loader: Any) -> None:
        start = event.start_mark
        location = (
            self._place(start, event.end_mark)
            if event.style not in ("|", ">")
            else self._trimmed(start, event.end_mark)
        )
        text: str = event.value
        if self.has_stand_ins:
            text = without_stand_ins(text)
        tag = event.tag
        if tag is None and event.anchor is None:
            top = self.stack[-1] if self.stack else None
            if top is not None and top.entries is not None and top.key is None:
                top.key = self._key(text, event, location)
                return
            data = text if event.style else plain_scalar(text, loader, event.implicit)
            self._attach(ScalarNode(data, location, _written(text, data)))
            return
        at = self._start(event)
        end = (location.end_line, location.end_column)
        own = Location(self.file, *min((at.line, at.column), end), *end)
        function = function_of(tag)
        is_text = function or event.style or tag == YAML_TAG + "str"
        data = text if is_text else plain_scalar(text, loader, (True, False))
        node: Node = ScalarNode(data, own, _written(text, data))
        if function and at.tag is not None:
            node = MappingNode({function: Entry(at.tag, node)}, at.tag.to(location), 2)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        self._attach(node)

    def _key(self, text: str, event: Any, location: Location) -> tuple[str | None, Location]:
        if not event.style and text in ("", "~", "null"):
            self._problem(ProblemKind.SYNTAX_ERROR, "A key is null; its value was skipped.", location)
            return None, location
        return text, location

    def _alias(self, event: Any) -> None:
        location = self._place(event.start_mark, event.end_mark)
        node = self.anchors.get(event.anchor)
        if node is None:
            what = "stands for something around it" if event.anchor in self.anchors else "has no anchor"
            self._problem(ProblemKind.SYNTAX_ERROR, f"The alias *{event.anchor} {what}.", location)
            node = ScalarNode(None, location)
        elif isinstance(node, MappingNode):
            node = MappingNode(node.entries, location, node.size)
        elif isinstance(node, SequenceNode):
            node = SequenceNode(node.items, location, node.size)
        elif isinstance(node, ScalarNode):
            node = ScalarNode(node.data, location, node.written)
        self._attach(node)

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        if frame.block:
            end_line, end_column = frame.end
        else:
            end_line, end_column = event.end_mark.line + 1, event.end_mark.column + 1
        location = Location(self.file, frame.start.line, frame.start.column, end_line, end_column)
        node: Node
        if frame.entries is None:
            node = SequenceNode(frame.items, location, frame.size)
        else:
            if "<<" in frame.entries:
                self._merge(frame.entries)
            node = MappingNode(frame.entries, location, frame.size)
        if frame.tag and frame.start.tag is not None:
            tag = frame.start.tag
            node = MappingNode({frame.tag: Entry(tag, node)}, tag.to(location), frame.size + 1)
        if frame.anchor is not None:
            self.anchors[frame.anchor] = node
        self._attach(node)

    def _attach(self, node: Node) -> None:
        self.size = max(self.size, node.size)
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.end = (node.location.end_line, node.location.end_column)
        top.size += node.size
        if top.entries is None:
            top.items.append(node)
        elif top.key is None:
            if isinstance(node, ScalarNode) and node.data is not None:
                top.key = (name_of(node) or str(node.data), node.location)
            else:
                self._problem(
                    ProblemKind.SYNTAX_ERROR, "A key is not a text; its value was skipped.", node.location
                )
                top.key = (None, node.location)
        else:
            key, location = top.key
            top.key = None
            if key is None:
                return
            earlier = top.entries.get(key)
            if earlier is not None:
                message = f"The key {key} is written twice; the last one counts."
                for place in (earlier.key, location):
                    self._problem(ProblemKind.SYNTAX_ERROR, message, place)
            top.entries[key] = Entry(location, node)

    def _merge(self, entries: dict[str, Entry]) -> None:
        merged = entries.pop("<<").value
        for source in merged.items if isinstance(merged, SequenceNode) else [merged]:
            if isinstance(source, MappingNode):
                for key, entry in source.entries.items():
                    entries.setdefault(key, entry)
            else:
                self._problem(ProblemKind.SYNTAX_ERROR, "Only a mapping can be merged.", source.location)

    def _start(self, event: Any) -> _Start:
        mark = event.start_mark
        if event.tag is None and event.anchor is None:
            return _Start(mark.line + 1, mark.column + 1, None)
        found = _TAG_OR_ANCHOR.match(self.text, mark.index)
        if found is None:
            return _Start(mark.line + 1, mark.column + 1, self._place(mark, mark))
        tag_start = self.text.find("!", found.start(), found.end())
        tag = None
        if tag_start >= 0:
            tag_end = re.compile(r"\S+").match(self.text, tag_start)
            tag = self._range(mark, tag_start, tag_end.end() if tag_end else found.end())
        own = self._range(mark, found.end(), found.end())
        return _Start(own.start_line, own.start_column, tag)

    def _range(self, mark: Any, start: int, end: int) -> Location:
        """The place of `text[start:end]`, both at or after `mark`."""
        places: list[int] = []
        for index in (start, end):
            lines = self.text.count("\n", mark.index, index)
            line_start = self.text.rfind("\n", 0, index) + 1
            column = index - line_start if lines else mark.column + index - mark.index
            places += (mark.line + 1 + lines, column + 1)
        return Location(self.file, *places)

    def _place(self, start: Any, end: Any) -> Location:
        return Location(self.file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def _trimmed(self, start: Any, end: Any) -> Location:
        """A block scalar's place, whose end mark lies after the blank lines that follow."""
        index = end.index
        while index > start.index and self.text[index - 1].isspace():
            index -= 1
        line = end.line + 1 - self.text.count("\n", index, end.index)
        column = index - self.text.rfind("\n", 0, index)
        return Location(self.file, start.line + 1, start.column + 1, line, column)

    def _problem(self, kind: ProblemKind, message: str, location: Location) -> None:
        self.problems.append(Problem(kind, message, location))


def _written(text: str, data: Scalar) -> str | None:
    return None if data is None or isinstance(data, str) else text


def _syntax_problem(error: Exception, text: str, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    position = getattr(error, "position", None)
    if mark is not None:
        line, column = mark.line + 1, mark.column + 1
    elif isinstance(position, int):
        line = text.count("\n", 0, position) + 1
        column = position - text.rfind("\n", 0, position)
    else:
        line, column = 1, 1
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    lines = text.split("\n", line)
    if line > len(lines):  # libyaml counts a line after the last one
        line, column = len(lines), len(lines[-1]) + 1
    at_tab = "\t" in lines[line - 1][:column]
    return Problem(
        ProblemKind.SYNTAX_ERROR,
        f"This is not valid YAML or JSON: {reason}.",
        Location(file, line, column, line, column + 1),
        hint="Indent with spaces: YAML does not allow tabs." if at_tab else None,
    )
