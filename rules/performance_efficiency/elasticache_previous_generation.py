from collections.abc import Iterator

from wa_scan.aws.instance_types import is_previous_generation
from wa_scan.engine.authoring import Graph, Pillar, Resource, Risk, Verdict, require, rule


@rule(
    id="PERF-CACHE-02",
    risk=Risk.LRI,
    best_practices=["PERF02-BP01", "COST06-BP02", "SUS05-BP02"],
    pillars=[Pillar.COST_OPTIMIZATION, Pillar.SUSTAINABILITY],
    resources=["AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::CacheCluster"],
    equivalents={
        "tflint": [
            "aws_elasticache_cluster_previous_type",
            "aws_elasticache_replication_group_previous_type",
        ],
    },
    sources=["https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html"],
)
def elasticache_previous_generation(cache: Resource, graph: Graph) -> Iterator[Verdict]:
    """A cache runs on a node type of a previous generation.

    Why: the same money buys less memory and throughput on it.

    How to fix: move to a current node type of the same family and size.
    Terraform: set `node_type` to one such as `cache.m7g.large`.
    CloudFormation: set `CacheNodeType` to one such as `cache.m7g.large`.
    """
    value = cache["CacheNodeType"]
    # A node that joins a replication group has the group's type.
    yield require(~is_previous_generation(value), at=value, resource=cache)
