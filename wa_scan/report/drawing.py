"""What a drawing of the resource graph shows, before it is written as DOT or Mermaid.

Managed resources, grouped by root module or template and by module call; instances of one block are one
node. Left out is what only says something of others: settings that are folded into what they configure (a
bucket's policy, a group's rules) and associations, whose link is drawn instead. Parts (an API's routes and
integrations, which may as well be written in its OpenAPI body) are drawn in what they are parts of, and so
are their links. A plain reference is drawn only where nothing more telling links the same two resources,
and not where it stands in a policy.
"""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field, replace

from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.resources import Resource
from wa_scan.aws.table import table
from wa_scan.blocks import Mode
from wa_scan.graph.graph import Graph
from wa_scan.report.printable import printable
from wa_scan.values import settled

_KEY = r"\[(?:\"(?:[^\"\\]|\\.)*+\"|[^\"\]]*)\]"
_CALL = re.compile(rf"module\.[^.\[\"]+(?:{_KEY})?\.")
# Where a reference is a permission: the links that permissions make are drawn.
_IN_POLICY = re.compile(
    r"(?:Extra\.)?(?:AccessPolicies|AssumeRolePolicyDocument|FileSystemPolicy|InlinePolicy|KeyPolicy|Policies"
    r"|Policy|PolicyDocument|RepositoryPolicyText|ResourcePolicy|RolePolicies)\b"
)
_NESTED = re.compile(r"[A-Za-z0-9]+(?:/[A-Za-z0-9]+)+")
_DEEPEST = 20
_INSTANCE = re.compile(rf"(?<=.)(?:{_KEY})$")


@dataclass(frozen=True, slots=True)
class Node:
    """`label`: the address inside its group; `type`: canonical where there is one, else as written."""

    id: str
    label: str
    type: str
    instances: int
    conditional: bool


@dataclass(frozen=True, slots=True)
class Edge:
    """`conditional`: it holds only under some guard."""

    source: str
    target: str
    label: str
    conditional: bool


@dataclass(slots=True)
class Group:
    """A unit, or a module call, a nested stack or a construct in it."""

    id: str
    label: str
    nodes: list[Node] = field(default_factory=list)
    groups: dict[str, "Group"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes in nested groups, and the edges between them by the ids of nodes."""

    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]


def drawing_of(graph: Graph) -> Drawing:
    """The drawing of `graph`, in the order of units and addresses."""
    members: dict[tuple[str, str], list[Resource]] = {}
    for resource in sorted(shown_resources(graph), key=lambda each: (each.unit, each.address)):
        members.setdefault((resource.unit, _INSTANCE.sub("", resource.address)), []).append(resource)
    units: dict[str, Group] = {}
    ids: dict[Resource, str] = {}
    names = _numbered("group")
    for number, ((unit, address), resources) in enumerate(members.items(), 1):
        group = units.get(unit) or units.setdefault(unit, Group(next(names), printable(unit)))
        first = resources[0]
        calls, rest = _constructs(address) if _is_construct(first) else _split(address, len(first.calls))
        for call in calls:
            group = group.groups.get(call) or group.groups.setdefault(
                call, Group(next(names), printable(call))
            )
        node = _node(f"n{number}", rest, resources)
        group.nodes.append(node)
        ids.update(dict.fromkeys(resources, node.id))
    return Drawing(tuple(units.values()), tuple(_edges(shown_links(graph), ids)))


def _node(id_: str, label: str, resources: list[Resource]) -> Node:
    first = resources[0]
    return Node(
        id_,
        printable(label),
        printable(first.type or first.source_type),
        len(resources),
        not any(resource.exists.is_always for resource in resources),
    )


def _numbered(word: str) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"{word}{number}"


def _is_construct(resource: Resource) -> bool:
    return bool(resource.aliases) and "/" in resource.address


def _constructs(address: str) -> tuple[list[str], str]:
    """The constructs around a resource, and its own name: a construct's main resource is the construct."""
    names = address.split("/", _DEEPEST)
    if len(names) > 2 and names[-1] in ("Resource", "Default"):
        names.pop()
    return names[:-1], names[-1]


def _split(address: str, depth: int) -> tuple[list[str], str]:
    """The module calls (or nested stacks) of an address and what is left of it; `depth`: how many calls lead
    there."""
    if depth and address.count("/") == depth and _NESTED.fullmatch(address) is not None:
        *stacks, name = address.split("/")
        return stacks, name
    calls: list[str] = []
    at = 0
    while (call := _CALL.match(address, at)) is not None:
        calls.append(call[0][:-1])
        at = call.end()
    return calls, address[at:]


def shown_resources(graph: Graph) -> list[Resource]:
    """The resources that a drawing has nodes for."""
    folded = {(resource.unit, address) for resource in graph.resources for address in resource.folded}
    return [
        resource
        for resource in graph.resources
        if resource.mode is Mode.MANAGED
        and not resource.is_upkeep
        and not _is_said_of_others(resource, folded)
        and _whole(resource, graph) is resource
    ]


def shown_links(graph: Graph) -> list[Link]:
    """The links between shown resources that may be drawn, before those of one block are united; a part's
    are those of the whole."""
    nodes = set(shown_resources(graph))
    found = []
    for link in graph.links:
        source, target = _whole(link.source, graph), _whole(link.target, graph)
        if source not in nodes or target not in nodes or _is_left_out(link):
            continue
        if source is link.source and target is link.target:
            found.append(link)
        elif source is not target:
            found.append(replace(link, source=source, target=target))
    return found


def _whole(resource: Resource, graph: Graph) -> Resource:
    """What a resource is a part of, where that is one managed resource here; else the resource itself."""
    path = table().type_row(resource.type).part_of if resource.type is not None else None
    if path is None:
        return resource
    wholes = {link.target for link in graph.edges(out_of=resource) if link.path == path}
    whole = wholes.pop() if len(wholes) == 1 else resource
    return whole if whole.mode is Mode.MANAGED else resource


def _is_said_of_others(resource: Resource, folded: Container[tuple[str, str]]) -> bool:
    """Whether a resource is a setting of another, or makes nothing but a link between others."""
    if (resource.unit, resource.address) in folded:
        return True
    return resource.type is not None and bool(table().type_row(resource.type).connects)


def _edges(links: Iterable[Link], ids: dict[Resource, str]) -> list[Edge]:
    kinds: dict[tuple[str, str], dict[LinkKind, bool]] = {}
    for link in links:
        source, target = ids.get(link.source), ids.get(link.target)
        if source is None or target is None or source == target:
            continue
        between = kinds.setdefault((source, target), {})
        between[link.kind] = between.get(link.kind, True) and not settled(link.guard).is_always
    return [
        Edge(source, target, ", ".join(labels), conditional)
        for (source, target), between in sorted(kinds.items(), key=lambda each: _number(each[0]))
        for conditional in (False, True)
        if (labels := _labels(between, kinds.get((target, source), {}), conditional))
    ]


def _is_left_out(link: Link) -> bool:
    if link.kind is LinkKind.DEPENDS_ON:
        return True
    return link.kind is LinkKind.REFERENCES and _IN_POLICY.match(link.path) is not None


def _labels(between: dict[LinkKind, bool], back: dict[LinkKind, bool], conditional: bool) -> list[str]:
    """The kinds to be drawn of the links from one node to another. `back`: those the other way round."""
    telling = [kind for kind in (*between, *back) if kind is not LinkKind.REFERENCES]
    return sorted(
        kind.value
        for kind, is_conditional in between.items()
        if is_conditional is conditional
        and not (kind is LinkKind.REFERENCES and telling)
        and not (kind is LinkKind.ATTACHED_TO and LinkKind.SERVES in back)
    )


def _number(ends: tuple[str, str]) -> tuple[int, int]:
    return int(ends[0][1:]), int(ends[1][1:])
