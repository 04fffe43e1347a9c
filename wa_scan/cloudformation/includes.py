"""`AWS::Include`: parts of a template that stand in files of their own.

Source: AWS CloudFormation user guide, "AWS::Include transform". It is carried out before everything else, so
that what is included is read as if it had been written there, with its own places. Its location may be a
path beside the template or an S3 address that one file in the tree fits.
"""

from dataclasses import dataclass, field

from wa_scan.cloudformation.evaluator import Evaluator
from wa_scan.cloudformation.files import TemplateFile, TemplateFiles
from wa_scan.cloudformation.nodes import Entry, MappingNode, Node, SequenceNode, text_of
from wa_scan.cloudformation.template_places import shown_url, template_at
from wa_scan.cloudformation.transforms import INCLUDE
from wa_scan.errors import ProblemKind, ProblemLevel


@dataclass(frozen=True, slots=True)
class Whole:
    """A template with what it includes. `files_read`: as reports print them."""

    root: MappingNode
    files_read: tuple[str, ...] = ()


def with_includes(root: MappingNode, file: TemplateFile, evaluator: Evaluator, files: TemplateFiles) -> Whole:
    """`root` with the included files in their places; itself where nothing is included."""
    if file.text is not None and INCLUDE not in file.text:
        return Whole(root)
    includer = _Includer(file, evaluator, files)
    found = includer.expanded(root, is_top=True)
    return Whole(found if isinstance(found, MappingNode) else root, tuple(includer.files_read))


@dataclass(slots=True)
class _Includer:
    file: TemplateFile
    evaluator: Evaluator
    files: TemplateFiles
    files_read: dict[str, None] = field(default_factory=dict)
    _done: dict[int, tuple[Node, Node]] = field(default_factory=dict)

    def expanded(self, node: Node, is_top: bool = False) -> Node:
        """`node` itself where it includes nothing."""
        known = self._done.get(id(node))
        if known is not None:
            return known[1]
        found = node
        if isinstance(node, MappingNode):
            found = self._mapping(node, is_top)
        elif isinstance(node, SequenceNode):
            items = [self.expanded(item) for item in node.items]
            if any(new is not old for new, old in zip(items, node.items, strict=True)):
                found = SequenceNode(items, node.location, 1 + sum(item.size for item in items))
        # The node is kept beside its result, so that its id stays its own.
        self._done[id(node)] = (node, found)
        return found

    def _mapping(self, node: MappingNode, is_top: bool) -> Node:
        entries: dict[str, Entry] = {}
        included: list[Node] = []
        for key, entry in node.entries.items():
            if key == "Fn::Transform" or (is_top and key == "Transform"):
                rest = self._without_includes(entry, included)
                if rest is not None:
                    entries[key] = rest
            else:
                entries[key] = Entry(entry.key, self.expanded(entry.value))
        if not included and all(entries[key].value is entry.value for key, entry in node.entries.items()):
            return node
        if len(included) == 1 and not entries and not isinstance(included[0], MappingNode):
            return included[0]
        for content in included:
            if isinstance(content, MappingNode):
                for key, entry in content.entries.items():
                    entries.setdefault(key, entry)
        size = 1 + sum(entry.value.size for entry in entries.values())
        return MappingNode(entries, node.location, size)

    def _without_includes(self, entry: Entry, included: list[Node]) -> Entry | None:
        """The transforms at one place that are no includes; the contents of the others are added to
        `included`."""
        items = entry.value.items if isinstance(entry.value, SequenceNode) else [entry.value]
        rest: list[Node] = []
        for item in items:
            content = self._content(item) if _is_include(item) else None
            if content is None:
                rest.append(item)
            else:
                included.append(content)
        if len(rest) == len(items):
            return entry
        if not rest:
            return None
        return Entry(entry.key, SequenceNode(rest, entry.value.location))

    def _content(self, call: Node) -> Node | None:
        parameters = call.get("Parameters") if isinstance(call, MappingNode) else None
        entry = parameters.entries.get("Location") if isinstance(parameters, MappingNode) else None
        if entry is None:
            self._note("It is not written what is included here.", call)
            return None
        location = self.evaluator.property(entry.key, entry.value, "location of what is included")
        found = template_at(location, self.file.template, self.files)
        if found is None:
            self._note(f"What {shown_url(location)} includes here is not in the tree.", entry.value)
            return None
        read = self.files.read(found.template)
        self.files_read[found.template.display] = None
        self.evaluator.scope.problems.update(dict.fromkeys(read.problems))
        if read.text is not None and INCLUDE in read.text:
            self._note("CloudFormation does not carry out an include inside what is included.", entry.value)
        return read.root

    def _note(self, message: str, node: Node) -> None:
        self.evaluator.scope.problem(ProblemKind.NOT_LOOKED_AT, message, node.location, ProblemLevel.NOTE)


def _is_include(node: Node) -> bool:
    return isinstance(node, MappingNode) and text_of(node.get("Name")) == INCLUDE
