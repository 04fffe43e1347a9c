"""The resource graph."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.resources import Resource
from wa_scan.blocks import EvaluatedUnit, Mode
from wa_scan.values import Truth, any_of

if TYPE_CHECKING:
    import networkx


class Graph:
    """All resources of a scan and the links between them.

    Resources of different units never link to each other unless a link says so; `unit` limits most
    questions to one root module or template.
    """

    def __init__(
        self,
        resources: Sequence[Resource],
        links: Sequence[Link] = (),
        units: Sequence[EvaluatedUnit] = (),
    ) -> None:
        self.resources = tuple(resources)
        self.links = tuple(links)
        self.units = tuple(units)
        self._by_type: dict[str, list[Resource]] = {}
        self._by_address: dict[tuple[str, str], Resource] = {}
        for resource in self.resources:
            self._by_address[resource.unit, resource.address] = resource
            for alias in resource.aliases:
                self._by_address.setdefault((resource.unit, alias), resource)
            if resource.type is not None and resource.mode is Mode.MANAGED:
                self._by_type.setdefault(resource.type, []).append(resource)
        self._out: dict[Resource, list[Link]] = {}
        self._into: dict[Resource, list[Link]] = {}
        for link in self.links:
            self._out.setdefault(link.source, []).append(link)
            self._into.setdefault(link.target, []).append(link)

    def of_type(self, *types: str, unit: str | None = None) -> Iterator[Resource]:
        """Managed resources of the canonical `types`, in the order of the graph."""
        for type_ in types:
            for resource in self._by_type.get(type_, ()):
                if unit is None or resource.unit == unit:
                    yield resource

    def in_unit(self, unit: str) -> Sequence[Resource]:
        """All resources of `unit`, looked up ones and those of other providers included."""
        return self._by_unit.get(unit, ())

    @cached_property
    def _by_unit(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.unit, []).append(resource)
        return found

    def unit(self, name: str) -> EvaluatedUnit | None:
        return self._units.get(name)

    @cached_property
    def _units(self) -> dict[str, EvaluatedUnit]:
        return {unit.name: unit for unit in self.units}

    def types(self) -> set[str]:
        """The canonical types of which there is a managed resource."""
        return set(self._by_type)

    def find(self, unit: str, address: str) -> Resource | None:
        return self._by_address.get((unit, address))

    def is_output(self, resource: Resource) -> bool:
        """Whether an output of its unit hands the resource out, so that others may use it."""
        return resource.address in self._outputs.get(resource.unit, ())

    @cached_property
    def _outputs(self) -> dict[str, set[str | None]]:
        return {
            unit.name: {
                symbol.resource for value in unit.outputs.values() for symbol in value.all_references()
            }
            for unit in self.units
        }

    def edges(
        self,
        *,
        out_of: Resource | None = None,
        into: Resource | None = None,
        kind: LinkKind | Iterable[LinkKind] | None = None,
    ) -> "Links":
        """Links out of or into a resource (one of the two must be given), of the given kinds."""
        if out_of is not None:
            found: Iterable[Link] = self._out.get(out_of, ())
            if into is not None:
                found = [link for link in found if link.target is into]
        elif into is not None:
            found = self._into.get(into, ())
        else:
            raise TypeError("edges() needs out_of or into")
        if kind is not None:
            kinds = {kind} if isinstance(kind, LinkKind) else set(kind)
            found = [link for link in found if link.kind in kinds]
        return Links(found)

    @cached_property
    def digraph(self) -> "networkx.MultiDiGraph[Resource]":
        """The same as a networkx graph: nodes are resources, edge data is `link`."""
        import networkx

        graph: networkx.MultiDiGraph[Resource] = networkx.MultiDiGraph()
        graph.add_nodes_from(self.resources)
        for link in self.links:
            graph.add_edge(link.source, link.target, link=link)
        return graph

    def reachable(self, start: Resource, *kinds: LinkKind) -> set[Resource]:
        """What can be reached from `start` over links of `kinds` (all kinds if none is given)."""
        import networkx

        if not kinds:
            return set(networkx.descendants(self.digraph, start))
        wanted = set(kinds)
        view = networkx.subgraph_view(
            self.digraph,
            filter_edge=lambda a, b, k: self.digraph.edges[a, b, k]["link"].kind in wanted,
        )
        return set(networkx.descendants(view, start))


class Links(list[Link]):
    """Some links; `exist()` as a truth, since a link may hold only under a guard."""

    def exist(self) -> Truth:
        return any_of(Truth.when(link.guard & link.source.exists & link.target.exists) for link in self)

    def targets(self) -> list[Resource]:
        return [link.target for link in self]

    def sources(self) -> list[Resource]:
        return [link.source for link in self]
