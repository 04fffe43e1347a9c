"""The resource graph in Graphviz's DOT language (graphviz.org/doc/info/lang.html)."""

from collections.abc import Iterator

from wa_scan.graph.graph import Graph
from wa_scan.report.drawing import Edge, Group, Node, drawing_of


def render_dot(graph: Graph) -> str:
    """The drawing in the language of Graphviz."""
    drawing = drawing_of(graph)
    lines = [
        "digraph resources {",
        "  rankdir=LR;",
        '  graph [fontname="Helvetica", fontsize=12, color="#8899aa", style=rounded];',
        '  node [fontname="Helvetica", fontsize=10, shape=box, style=rounded];',
        '  edge [fontname="Helvetica", fontsize=9, color="#556677"];',
    ]
    for group in drawing.groups:
        lines += _group(group, "  ")
    lines += [f"  {_edge(edge)}" for edge in drawing.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _group(group: Group, indent: str) -> Iterator[str]:
    # Graphviz draws a subgraph as a box only if its name begins with `cluster`.
    yield f"{indent}subgraph cluster_{group.id} {{"
    yield f"{indent}  label={_quoted(group.label)};"
    for node in group.nodes:
        yield f"{indent}  {_node(node)}"
    for inner in group.groups.values():
        yield from _group(inner, indent + "  ")
    yield f"{indent}}}"


def _node(node: Node) -> str:
    times = f" (x{node.instances})" if node.instances > 1 else ""
    dashed = ', style="rounded,dashed"' if node.conditional else ""
    return f"{node.id} [label={_quoted(node.label + times, node.type)}{dashed}];"


def _edge(edge: Edge) -> str:
    dashed = ", style=dashed" if edge.conditional else ""
    return f"{edge.source} -> {edge.target} [label={_quoted(edge.label)}{dashed}];"


def _quoted(*lines: str) -> str:
    r"""A quoted string of these lines. Backslashes are doubled, since labels know escapes (`\N`)."""
    return '"' + r"\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines) + '"'
