from collections.abc import Iterator

from wa_scan.engine.authoring import Graph, Resource, Risk, Verdict, require, rule
from wa_scan.engine.zones import several, zones_at

GROUP = "AWS::ElastiCache::ReplicationGroup"
ZONES = "PreferredCacheClusterAZs"


@rule(
    id="REL-CACHE-01",
    risk=Risk.HRI,
    best_practices=["REL10-BP01", "REL11-BP02"],
    resources=[GROUP, "AWS::ElastiCache::CacheCluster"],
    equivalents={
        "checkov": ["CKV2_AWS_50"],
        "cdk_nag": ["AwsSolutions-AEC4"],
        "terrascan": ["AC_AWS_0104"],
        "kics": ["elasticache_nodes_not_created_across_multi_az"],
        "prowler": [
            "elasticache_redis_cluster_automatic_failover_enabled",
            "elasticache_redis_cluster_multi_az_enabled",
        ],
    },
    sources=[
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html",
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheCluster.html",
    ],
    misses="Whether the workload can do without the cache for a while the code does not tell.",
)
def elasticache_single_az(cache: Resource, graph: Graph) -> Iterator[Verdict]:
    """A cache is not spread over Availability Zones with automatic failover.

    Why: if its zone or its node fails, its data is gone and the databases behind it take the whole load
    until a new node is there.

    How to fix: run a replication group with a replica in a second zone.
    Terraform: in `aws_elasticache_replication_group` set `multi_az_enabled` and
    `automatic_failover_enabled` to true (`az_mode = "cross-az"` for Memcached).
    CloudFormation: in `AWS::ElastiCache::ReplicationGroup` set `MultiAZEnabled` and
    `AutomaticFailoverEnabled` to true (`AZMode: cross-az` for Memcached).
    """
    if cache.type == GROUP:
        # AWS refuses Multi-AZ without automatic failover and a replica.
        multi_az = cache["MultiAZEnabled"]
        placed = cache[ZONES].is_set() & several(zones_at(cache, ZONES))
        by_hand = cache["AutomaticFailoverEnabled"].equals(True) & placed
        yield require(multi_az.equals(True) | by_hand, at=multi_az, resource=cache, path="MultiAZEnabled")
        return
    # A member of a replication group is judged with its group.
    member = cache["Extra.ReplicationGroupId"].is_set()
    if member.is_surely_true:
        return
    mode = cache["AZMode"]
    yield require(mode.equals("cross-az") | member, at=mode, resource=cache, path="AZMode")
