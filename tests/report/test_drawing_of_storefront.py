"""The storefront draws the same from Terraform and from CloudFormation, up to names."""

from pathlib import Path

import networkx
from networkx.algorithms.isomorphism import categorical_multiedge_match, categorical_node_match

from wa_scan.api import ScanOptions, evaluate
from wa_scan.report.drawing import Group, drawing_of, shown_links, shown_resources
from wa_scan.sources.discover import discover

FIXTURES = Path(__file__).parents[2] / "fixtures"


def drawn(folder: Path) -> "networkx.MultiDiGraph[str]":
    graph = evaluate(discover([folder], folder), ScanOptions(working_directory=folder)).graph
    drawing: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    for resource in shown_resources(graph):
        drawing.add_node(resource.address, type=resource.type)
    seen: set[tuple[str, str, str]] = set()
    for link in shown_links(graph):
        edge = (link.source.address, link.target.address, link.kind.value)
        if edge not in seen:
            seen.add(edge)
            drawing.add_edge(edge[0], edge[1], kind=link.kind.value)
    return drawing


def described(drawing: "networkx.MultiDiGraph[str]") -> list[tuple[str, str, str]]:
    types: dict[str, str] = {node: data["type"] for node, data in drawing.nodes.items()}
    return sorted((types[a], data["kind"], types[b]) for (a, b, _), data in drawing.edges.items())


def test_both_languages_draw_the_same() -> None:
    terraform = drawn(FIXTURES / "storefront" / "terraform")
    cloudformation = drawn(FIXTURES / "storefront" / "cloudformation")
    assert described(terraform) == described(cloudformation)
    assert networkx.is_isomorphic(
        terraform,
        cloudformation,
        node_match=categorical_node_match("type", None),
        edge_match=categorical_multiedge_match("kind", None),
    )


def test_an_app_is_drawn_by_its_constructs_without_what_the_cdk_adds() -> None:
    app = FIXTURES / "storefront-cdk" / "cdk.out"
    graph = evaluate(discover([app], app), ScanOptions(working_directory=app)).graph
    (unit,) = drawing_of(graph).groups

    def paths(group: Group, above: tuple[str, ...] = ()) -> list[str]:
        own = ["/".join((*above, node.label)) for node in group.nodes]
        return own + [path for name, each in group.groups.items() for path in paths(each, (*above, name))]

    drawn = paths(unit)
    assert "Storefront/Data/Carts" in drawn
    assert "Storefront/Data/Database" in drawn
    assert "Storefront/Network/Vpc/PublicSubnet1/NATGateway" in drawn
    assert not [path for path in drawn if "Custom" in path or "CDKMetadata" in path]
