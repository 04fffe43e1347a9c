"""ECS services by the names of their clusters and their own: services of two clusters may share a name."""

from wa_scan.aws.identities import name_key, one_of
from wa_scan.aws.references import References
from wa_scan.aws.resources import Resource
from wa_scan.values import Value

SERVICE, CLUSTER = "AWS::ECS::Service", "AWS::ECS::Cluster"


def service_in(cluster: Value, name: Value, references: References) -> list[Resource]:
    """The service called `name` in `cluster`; none where it may be several."""
    found = [
        service
        for service in references.candidates(name, SERVICE)
        if _is_same_cluster(service["Cluster"], cluster, references)
    ]
    return list(one_of(found))


def _is_same_cluster(one: Value, other: Value, references: References) -> bool:
    key = name_key(one)
    if key is not None and key == name_key(other):
        return True
    clusters = references.named(one, (CLUSTER,), by_name=True)
    return bool(clusters) and clusters == references.named(other, (CLUSTER,), by_name=True)
