"""Instances that no rule can tell apart, so that one of them is judged for all."""

from collections.abc import Iterable, Sequence

from wa_scan.aws.identities import without_key
from wa_scan.aws.resources import Resource
from wa_scan.engine.grouping import natural
from wa_scan.engine.verdicts import Verdict
from wa_scan.graph.graph import Graph


class Alike:
    """Resources by type, those together that differ in nothing but their index."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._by_type: dict[str, list[Sequence[Resource]]] = {}

    def of_type(self, *types: str) -> Iterable[Sequence[Resource]]:
        """All managed resources of `types`, each sequence in its natural order."""
        for type_ in types:
            found = self._by_type.get(type_)
            if found is None:
                found = self._by_type[type_] = self._gathered(self._graph.of_type(type_))
            yield from found

    def _gathered(self, resources: Iterable[Resource]) -> list[Sequence[Resource]]:
        together: dict[object, list[Resource]] = {}
        for resource in resources:
            together.setdefault(self._signature(resource), []).append(resource)
        for alike in together.values():
            if len(alike) > 1:
                alike.sort(key=lambda resource: natural(resource.address))
        return list(together.values())

    def _signature(self, resource: Resource) -> object:
        address = resource.address
        # A key of `for_each` is a name, and a name may tell something; an index does not.
        if not address.endswith("]") or not address[-2].isdigit():
            return id(resource)
        graph = self._graph
        return (
            resource.unit,
            without_key(address),
            # Evaluation and normalisation share what is the same.
            *map(
                id,
                (resource.properties, resource.tags, resource.defaults, resource.meta, resource.region),
            ),
            resource.exists,
            resource.folded,
            resource.aliases,
            resource.is_upkeep,
            graph.is_output(resource),
            *((id(link.target), link.kind, link.path, link.guard) for link in graph.edges(out_of=resource)),
            None,
            *((id(link.source), link.kind, link.path, link.guard) for link in graph.edges(into=resource)),
        )


def tells_itself(verdict: Verdict, resource: Resource) -> bool:
    """Whether `verdict` is about another resource than `resource`, or names that in what it says."""
    if verdict.resource is not resource:
        return True
    texts = (verdict.message or "", *(step.text for step in verdict.related), *verdict.secrets)
    return any(resource.address in text for text in texts)
