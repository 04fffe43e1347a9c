"""Templates inside a template: the `TemplateBody` of a stack set.

The text of a literal block (`|`) stands in the file line by line, so its nodes have exact places; those of
other texts all have the place of the whole.
"""

from wa_scan.cloudformation.decode import Decoded, decode
from wa_scan.cloudformation.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.errors import Problem
from wa_scan.values import Location


def decode_inline(node: ScalarNode, text: str | None) -> Decoded:
    """The template that the text of `node` is; `text` is that of the whole file."""
    place = node.location
    body = node.data if isinstance(node.data, str) else ""
    block = _block(place, text) if text is not None else None
    if block is not None:
        decoded = decode(block, place.file)
        if decoded.root is not None:
            return decoded
    decoded = decode(body, place.file)
    problems = tuple(Problem(each.kind, each.message, place, each.level) for each in decoded.problems)
    return Decoded(_moved(decoded.root, place, {}) if decoded.root is not None else None, problems)


def _block(place: Location, text: str) -> str | None:
    """The lines of a literal block where they stand in the file; None for other texts."""
    lines = text.split("\n")
    if not 1 <= place.start_line < place.end_line <= len(lines):
        return None
    header = lines[place.start_line - 1][place.start_column - 1 :].split("#")[0].strip()
    if header[:1] != "|":
        return None
    return "\n" * place.start_line + "\n".join(lines[place.start_line : place.end_line])


def _moved(node: Node, place: Location, done: dict[int, Node]) -> Node:
    found = done.get(id(node))
    if found is None:
        if isinstance(node, MappingNode):
            entries = {
                key: Entry(place, _moved(child, place, done)) for key, (_, child) in node.entries.items()
            }
            found = MappingNode(entries, place, node.size)
        elif isinstance(node, SequenceNode):
            found = SequenceNode([_moved(item, place, done) for item in node.items], place, node.size)
        else:
            found = ScalarNode(node.data if isinstance(node, ScalarNode) else None, place)
        done[id(node)] = found
    return found
