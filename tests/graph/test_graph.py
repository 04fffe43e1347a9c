"""The questions that rules ask of the graph."""

from tests.engine.hand_made import line, resource
from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.resources import Resource
from wa_scan.blocks import Mode
from wa_scan.graph.graph import Graph
from wa_scan.values import Guard

PROD, DEV = Guard.of("IsProd"), Guard.of("IsDev")


def link(source: Resource, target: Resource, kind: LinkKind, guard: Guard = Guard.ALWAYS) -> Link:
    return Link(source, target, kind, "P", line(1), guard)


def test_resources_of_a_type_are_managed_ones_in_their_order() -> None:
    one, two = resource(address="a.one"), resource(address="a.two", unit="other")
    graph = Graph([one, resource(address="data.a", mode=Mode.DATA), two, resource(type=None)])
    assert list(graph.of_type("AWS::RDS::DBInstance")) == [one, two]
    assert list(graph.of_type("AWS::RDS::DBInstance", unit="other")) == [two]
    assert graph.types() == {"AWS::RDS::DBInstance"}
    assert graph.find("other", "a.two") is two
    assert graph.find("infra", "a.two") is None


def test_links_by_direction_and_kind() -> None:
    table, plan, key = resource(address="table"), resource(address="plan"), resource(address="key")
    graph = Graph(
        [table, plan, key],
        [link(table, plan, LinkKind.BACKED_UP_BY), link(table, key, LinkKind.ENCRYPTED_WITH)],
    )
    assert graph.edges(out_of=table, kind=LinkKind.BACKED_UP_BY).targets() == [plan]
    assert graph.edges(into=key).sources() == [table]
    assert graph.edges(out_of=table, into=key, kind=[LinkKind.BACKED_UP_BY]).targets() == []
    assert graph.edges(into=table).exist().is_surely_false


def test_a_link_exists_where_it_and_both_its_ends_do() -> None:
    table, plan = resource(address="table"), resource(address="plan", exists=PROD)
    graph = Graph([table, plan], [link(table, plan, LinkKind.BACKED_UP_BY, ~DEV)])
    assert graph.edges(out_of=table).exist().true is PROD & ~DEV


def test_what_can_be_reached() -> None:
    a, b, c, d = (resource(address=name) for name in "abcd")
    graph = Graph(
        [a, b, c, d],
        [
            link(a, b, LinkKind.ROUTES_TO),
            link(b, c, LinkKind.ROUTES_TO),
            link(c, a, LinkKind.ROUTES_TO),
            link(c, d, LinkKind.REFERENCES),
        ],
    )
    assert graph.reachable(a) == {b, c, d}
    assert graph.reachable(a, LinkKind.ROUTES_TO) == {b, c}
    assert graph.reachable(d) == set()
