from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    UNKNOWN,
    Absent,
    Graph,
    Resource,
    Risk,
    Verdict,
    any_of,
    require,
    rule,
)


@rule(
    id="SEC-CACHE-02",
    risk=Risk.HRI,
    best_practices=["SEC08-BP02"],
    resources=["AWS::ElastiCache::ReplicationGroup"],
    equivalents={
        "checkov": ["CKV_AWS_29"],
        "trivy": ["AWS-0045"],
        "cdk_nag": ["AwsSolutions-AEC3"],
        "cfn_guard": ["ELASTICACHE_REPLICATION_GROUP_ENCRYPTION_AT_REST"],
        "cfn_nag": ["F25"],
        "terrascan": ["AC_AWS_0466"],
        "kics": [
            "elasticache_replication_group_not_encrypted_at_rest",
            "elasticache_with_disabled_at_rest_encryption",
        ],
        "prowler": ["elasticache_redis_cluster_rest_encryption_enabled"],
    },
    sources=[
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html",
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/elasticache_replication_group",
    ],
)
def elasticache_at_rest_unencrypted(cache: Resource, graph: Graph) -> Iterator[Verdict]:
    """A cache is not encrypted at rest.

    Why: its backups and what it swaps to disk can be read by whoever obtains them, and it cannot be
    encrypted later in place.

    How to fix: the cache is replaced, so start the new one from a backup where its data matter.
    Terraform: set `at_rest_encryption_enabled = true`.
    CloudFormation: set `AtRestEncryptionEnabled` to true.
    """
    written = cache["AtRestEncryptionEnabled"]
    # What is not written down is on for Valkey, and off for Redis OSS, which is the engine if none is named.
    by_default = cache["Engine"].matches("(?i)^valkey$")
    encrypted = any_of(
        (by_default if isinstance(value, Absent) else value.equals(True)).given(guard, FALSE)
        for value, guard in written.alternatives()
    )
    # A secondary of a global datastore is as its primary is.
    encrypted = encrypted | (cache["GlobalReplicationGroupId"].is_set() & UNKNOWN)
    yield require(encrypted, at=written, resource=cache, path="AtRestEncryptionEnabled")
