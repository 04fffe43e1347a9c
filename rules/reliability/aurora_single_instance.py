from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    UNKNOWN,
    Graph,
    LinkKind,
    Resource,
    Risk,
    Step,
    Truth,
    Verdict,
    any_of,
    require,
    rule,
)
from wa_scan.engine.zones import stands_for_many

INSTANCE = "AWS::RDS::DBInstance"
CONSIDERED = 16


@rule(
    id="REL-RDS-04",
    risk=Risk.HRI,
    best_practices=["REL10-BP01", "REL11-BP02"],
    resources=["AWS::RDS::DBCluster"],
    equivalents={
        "regula": ["FG_R00209"],
        "prowler": ["rds_cluster_multi_az"],
        "aws_config": ["rds-cluster-multi-az-enabled"],
    },
    sources=[
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html"
    ],
    misses="A cluster without any instance in its root module or template is not judged.",
)
def aurora_single_instance(cluster: Resource, graph: Graph) -> Iterator[Verdict]:
    """An Aurora cluster has a single instance.

    Why: if the instance or its zone fails, nothing can take over: the database is down until a new
    instance is made, which takes ten minutes or more.

    How to fix: add a second instance to the cluster, in another zone; Aurora then fails over by itself.
    Terraform: add an `aws_rds_cluster_instance`, or give the one there is `count = 2`.
    CloudFormation: add an `AWS::RDS::DBInstance` with the same `DBClusterIdentifier`.
    """
    # Clusters of other engines have their standbys built in, and so has Aurora Serverless v1.
    judged = cluster["Engine"].matches("(?i)^aurora") & ~cluster["EngineMode"].equals("serverless")
    links = [
        link for link in graph.edges(into=cluster, kind=LinkKind.ATTACHED_TO) if link.source.type == INSTANCE
    ]
    if judged.is_surely_false or not links:
        return
    members = [(link.source, link.guard & link.source.exists) for link in links][:CONSIDERED]
    several = any_of(
        Truth.when(guard & other)
        for index, (_, guard) in enumerate(members)
        for _, other in members[index + 1 :]
    )
    several = several | any_of(
        UNKNOWN.given(guard, FALSE) for member, guard in members if stands_for_many(member)
    )
    some = any_of(Truth.when(guard) for _, guard in members)
    # In a global database another region stands by; which one this is, is not known here.
    elsewhere = cluster["GlobalClusterIdentifier"].is_set() | cluster["ReplicationSourceIdentifier"].is_set()
    holds = several | _scaled(cluster, graph) | ~judged | (~some & UNKNOWN) | (elsewhere & UNKNOWN)
    only = [Step(member.location, f"{member.address} is an instance of it") for member, _ in members[:1]]
    yield require(holds, at=cluster, path="DBClusterMembers", related=only)


def _scaled(cluster: Resource, graph: Graph) -> Truth:
    """Whether Application Auto Scaling keeps a replica at least."""
    return any_of(
        link.target["MinCapacity"].at_least(1).given(link.guard & link.target.exists, FALSE)
        for link in graph.edges(out_of=cluster, kind=LinkKind.SCALED_BY)
    )
