"""The resource graph as a Mermaid flowchart (mermaid.js.org/syntax/flowchart.html)."""

import re
from collections.abc import Iterator

from wa_scan.graph.graph import Graph
from wa_scan.report.drawing import Edge, Group, Node, drawing_of

# Mermaid reads Markdown, HTML and entities in labels: all but plain characters become entities.
_SPECIAL = re.compile(r"[^\w .:/,()=*\-]")


def render_mermaid(graph: Graph) -> str:
    """The drawing as a Mermaid flowchart."""
    drawing = drawing_of(graph)
    lines = ["flowchart LR"]
    for group in drawing.groups:
        lines += _group(group, "  ")
    lines += [f"  {_edge(edge)}" for edge in drawing.edges]
    conditional = [node.id for group in drawing.groups for node in _nodes(group) if node.conditional]
    if conditional:
        lines += [
            "  classDef conditional stroke-dasharray: 4 3",
            f"  class {','.join(conditional)} conditional",
        ]
    return "\n".join(lines) + "\n"


def _group(group: Group, indent: str) -> Iterator[str]:
    yield f"{indent}subgraph {group.id}[{_quoted(group.label)}]"
    for node in group.nodes:
        yield f"{indent}  {_node(node)}"
    for inner in group.groups.values():
        yield from _group(inner, indent + "  ")
    yield f"{indent}end"


def _nodes(group: Group) -> Iterator[Node]:
    yield from group.nodes
    for inner in group.groups.values():
        yield from _nodes(inner)


def _node(node: Node) -> str:
    times = f" (x{node.instances})" if node.instances > 1 else ""
    return f"{node.id}[{_quoted(node.label + times, node.type)}]"


def _edge(edge: Edge) -> str:
    arrow = "-.->" if edge.conditional else "-->"
    return f"{edge.source} {arrow}|{_quoted(edge.label)}| {edge.target}"


def _quoted(*lines: str) -> str:
    return '"' + "<br/>".join(_SPECIAL.sub(_entity, line) for line in lines) + '"'


def _entity(character: re.Match[str]) -> str:
    return f"#{ord(character[0])};"
