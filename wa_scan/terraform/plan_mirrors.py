"""Attributes in which a provider shows what other resources configure.

Of a bucket that is there already the plan has `versioning`, whoever configured it; the ingress
rules of a security group hold those that are resources of their own. Judged at both places a flaw would be
found twice, at one of them where nobody wrote it.
"""

from wa_scan.terraform.plan_records import PlannedInstance
from wa_scan.values import MapValue, Value

# Which attributes of a type repeat resources of which types (AWS provider 6.25: optional and computed
# attributes, with the notes on conflicts between inline rules and resources in its documentation).
_MIRRORS: dict[str, dict[str, tuple[str, ...]]] = {
    "aws_s3_bucket": {
        "acceleration_status": ("aws_s3_bucket_accelerate_configuration",),
        "cors_rule": ("aws_s3_bucket_cors_configuration",),
        "grant": ("aws_s3_bucket_acl",),
        "lifecycle_rule": ("aws_s3_bucket_lifecycle_configuration",),
        "logging": ("aws_s3_bucket_logging",),
        "object_lock_configuration": ("aws_s3_bucket_object_lock_configuration",),
        "policy": ("aws_s3_bucket_policy",),
        "replication_configuration": ("aws_s3_bucket_replication_configuration",),
        "request_payer": ("aws_s3_bucket_request_payment_configuration",),
        "server_side_encryption_configuration": ("aws_s3_bucket_server_side_encryption_configuration",),
        "versioning": ("aws_s3_bucket_versioning",),
        "website": ("aws_s3_bucket_website_configuration",),
    },
    "aws_security_group": {
        "ingress": ("aws_security_group_rule", "aws_vpc_security_group_ingress_rule"),
        "egress": ("aws_security_group_rule", "aws_vpc_security_group_egress_rule"),
    },
    "aws_network_acl": {
        "ingress": ("aws_network_acl_rule",),
        "egress": ("aws_network_acl_rule",),
    },
    "aws_route_table": {"route": ("aws_route",)},
    "aws_default_route_table": {"route": ("aws_route",)},
    "aws_iam_role": {
        "inline_policy": ("aws_iam_role_policy", "aws_iam_role_policies_exclusive"),
        "managed_policy_arns": ("aws_iam_role_policy_attachment", "aws_iam_policy_attachment"),
    },
    "aws_autoscaling_group": {
        "target_group_arns": ("aws_autoscaling_attachment", "aws_autoscaling_traffic_source_attachment"),
        "load_balancers": ("aws_autoscaling_attachment",),
        "traffic_source": ("aws_autoscaling_attachment", "aws_autoscaling_traffic_source_attachment"),
    },
    "aws_sns_topic": {"policy": ("aws_sns_topic_policy",)},
    "aws_sqs_queue": {
        "policy": ("aws_sqs_queue_policy",),
        "redrive_policy": ("aws_sqs_queue_redrive_policy",),
    },
    "aws_kms_key": {"policy": ("aws_kms_key_policy",)},
}
_NONE: frozenset[str] = frozenset()


def mirrored(
    instance: PlannedInstance, source: Value | None, expression: object, types: frozenset[str]
) -> frozenset[str]:
    """The attributes of an instance that only repeat resources that are in the plan themselves.

    `types`: the types of all resources in the plan. What somebody wrote on the resource itself stays.
    """
    found = _MIRRORS.get(instance.type)
    if found is None or not instance.exists_already:
        return _NONE
    return frozenset(
        name
        for name, others in found.items()
        if not types.isdisjoint(others)
        and not (isinstance(source, MapValue) and name in source.entries)
        and not (isinstance(expression, dict) and name in expression)
    )
