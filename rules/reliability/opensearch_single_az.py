from collections.abc import Iterator

from wa_scan.engine.authoring import Graph, Resource, Risk, Verdict, require, rule

CLUSTER = {
    "AWS::OpenSearchService::Domain": "ClusterConfig",
    "AWS::Elasticsearch::Domain": "ElasticsearchClusterConfig",
}


@rule(
    id="REL-OS-01",
    risk=Risk.HRI,
    best_practices=["REL10-BP01", "REL11-BP02"],
    resources=list(CLUSTER),
    equivalents={
        "cdk_nag": ["AwsSolutions-OS7"],
        "cfn_guard": ["ELASTICSEARCH_DATA_NODE_FAULT_TOLERANCE", "OPENSEARCH_DATA_NODE_FAULT_TOLERANCE"],
        "prowler": ["opensearch_service_domains_fault_tolerant_data_nodes"],
        "aws_config": ["opensearch-data-node-fault-tolerance"],
    },
    sources=[
        "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-multiaz.html"
    ],
    misses="Replicas are a setting of each index: without any, two zones do not save its data.",
)
def opensearch_single_az(domain: Resource, graph: Graph) -> Iterator[Verdict]:
    """A search domain runs in a single Availability Zone.

    Why: if the zone fails, searching and indexing stop, and what was not in a snapshot may be lost.

    How to fix: run data nodes in two zones or more.
    Terraform: in `cluster_config` set `zone_awareness_enabled = true` and an `instance_count` of at least
    2.
    CloudFormation: in `ClusterConfig` set `ZoneAwarenessEnabled` to true and an `InstanceCount` of at
    least 2.
    """
    cluster = CLUSTER[domain.type or ""]
    aware = domain[f"{cluster}.ZoneAwarenessEnabled"]
    standby = domain[f"{cluster}.MultiAZWithStandbyEnabled"]
    holds = aware.equals(True) | standby.equals(True)
    yield require(holds, at=aware, resource=domain, path=f"{cluster}.ZoneAwarenessEnabled")
