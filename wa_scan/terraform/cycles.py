"""Which local values and resources of a module refer to themselves, directly or through others."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

Node = TypeVar("Node")


def cycles(nodes: Iterable[Node], needed: Callable[[Node], Iterable[Node]]) -> Mapping[Node, frozenset[Node]]:
    """For each node that needs itself the nodes that need it and that it needs, itself among them.

    Tarjan's algorithm (1972) for strongly connected components, without recursion.
    """
    order: dict[Node, int] = {}
    lowest: dict[Node, int] = {}
    open_nodes: dict[Node, None] = {}
    found: dict[Node, frozenset[Node]] = {}
    for start in nodes:
        if start in order:
            continue
        way: list[tuple[Node, Iterator[Node]]] = []
        following: Node | None = start
        while following is not None or way:
            if following is not None:
                order[following] = lowest[following] = len(order)
                open_nodes[following] = None
                way.append((following, iter(needed(following))))
                following = None
            at, rest = way[-1]
            for other in rest:
                if other not in order:
                    following = other
                    break
                if other in open_nodes:
                    lowest[at] = min(lowest[at], order[other])
            else:
                way.pop()
                if way:
                    outer = way[-1][0]
                    lowest[outer] = min(lowest[outer], lowest[at])
                if lowest[at] == order[at]:
                    members = _taken_down_to(at, open_nodes)
                    if len(members) > 1 or at in needed(at):
                        found |= dict.fromkeys(members, members)
    return found


def _taken_down_to(node: Node, open_nodes: dict[Node, None]) -> frozenset[Node]:
    taken: list[Node] = []
    while not taken or taken[-1] != node:
        taken.append(open_nodes.popitem()[0])
    return frozenset(taken)
