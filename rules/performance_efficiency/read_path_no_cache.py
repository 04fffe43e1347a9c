import re
from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    TRUE,
    Graph,
    Mode,
    Precision,
    Resource,
    Risk,
    Step,
    Truth,
    Verdict,
    any_of,
    require,
    rule,
)
from wa_scan.engine.entrances import ENTRANCES, SERVERS, readers
from wa_scan.engine.workloads import by_unit, has, has_source_type, may_have_more, mentions

DATABASES = (
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DocDB::DBCluster",
    "AWS::DocDBElastic::Cluster",
    "AWS::Neptune::DBCluster",
)
CACHES = (
    "AWS::CloudFront::Distribution",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::MemoryDB::Cluster",
    "AWS::DAX::Cluster",
)
OTHER_CACHES = re.compile(r"(cloudflare|fastly|akamai|bunnynet|rediscloud|upstash|momento)_")
STAGES = {
    "AWS::ApiGateway::Stage": "CacheClusterEnabled",
    "AWS::ApiGateway::RestApi": "Extra.Stage.CacheClusterEnabled",
}
PROGRAMS = (
    *SERVERS,
    "AWS::ECS::TaskDefinition",
    "AWS::EC2::LaunchTemplate",
    "AWS::AutoScaling::LaunchConfiguration",
)
SPEAKS_OF_CACHE = re.compile(
    r"redis|memcache|valkey|varnish|elasticache|cloudfront|\b(dax|cdn)\b", re.IGNORECASE
)


@rule(
    id="PERF-CACHE-01",
    risk=Risk.MRI,
    best_practices=["PERF03-BP05"],
    precision=Precision.MEDIUM,
    equivalents={
        "checkov": ["CKV_AWS_120"],
        "trivy": ["AWS-0002", "AWS-0110"],
        "kics": ["api_gateway_cache_cluster_disabled", "serverless_api_cache_cluster_disabled"],
    },
    sources=[
        "https://docs.aws.amazon.com/wellarchitected/latest/framework/perf_data_access_patterns_caching.html"
    ],
    misses="A cache inside the program, or one that another root module or template brings, is not seen.",
)
def read_path_no_cache(graph: Graph) -> Iterator[Verdict]:
    """Every read goes all the way to the database: nothing caches.

    Why: the database answers the same question over and over, and when many ask, it is what slows down.

    How to fix: cache what is read more often than written: at the edge, in the API or beside the database.
    Terraform: add an `aws_cloudfront_distribution`, an API stage with `cache_cluster_enabled = true` or
    an `aws_elasticache_replication_group`.
    CloudFormation: add an `AWS::CloudFront::Distribution`, an API stage with `CacheClusterEnabled` or
    an `AWS::ElastiCache::ReplicationGroup`.
    """
    databases = by_unit(graph, *DATABASES)
    for unit, entrances in by_unit(graph, *ENTRANCES).items():
        stored = databases.get(unit, [])
        users = _users(stored, graph)
        for entrance in entrances if stored else ():
            read = any_of(reads for server, reads in readers(entrance, graph) if not users or server in users)
            if read.is_surely_false:
                continue
            read = read & any_of(Truth.when(each.exists) for each in stored)
            yield require(
                ~read | _caches(graph, unit) | may_have_more(graph, unit),
                at=entrance,
                path="cache",
                message="Reads come in here and go all the way to the database: nothing here caches.",
                related=[Step(stored[0].location, f"{stored[0].address} answers them")],
            )
            break


def _users(databases: list[Resource], graph: Graph) -> set[Resource]:
    """The functions that name a database; where there are none, who asks them is not told."""
    sources = (source for each in databases for source in graph.edges(into=each).sources())
    return {source for source in sources if source.type in SERVERS}


def _caches(graph: Graph, unit: str) -> Truth:
    here = has(graph, unit, *CACHES) | has_source_type(graph, unit, OTHER_CACHES)
    in_api = any_of(each[STAGES[each.type or ""]].equals(True) for each in graph.of_type(*STAGES, unit=unit))
    # A program, an input or a look-up that speaks of a cache has one from elsewhere.
    spoken_of = any_of(
        mentions(each.properties, SPEAKS_OF_CACHE) for each in graph.of_type(*PROGRAMS, unit=unit)
    )
    looked_up = any(
        SPEAKS_OF_CACHE.search(each.source_type)
        or not mentions(each.properties, SPEAKS_OF_CACHE).is_surely_false
        for each in graph.in_unit(unit)
        if each.mode is Mode.DATA
    )
    evaluated = graph.unit(unit)
    asked_for = evaluated is not None and any(SPEAKS_OF_CACHE.search(name) for name in evaluated.inputs)
    return here | in_api | spoken_of | (TRUE if looked_up or asked_for else FALSE)
