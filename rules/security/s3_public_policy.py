from collections.abc import Iterator

from wa_scan.aws.policies import policy_documents
from wa_scan.engine.authoring import Graph, LinkKind, Resource, Risk, Verdict, any_of, require, rule
from wa_scan.engine.exposure import blocks_public, let_in_by

BUCKET, POLICY = "AWS::S3::Bucket", "AWS::S3::BucketPolicy"
BLOCKED_BY = ("RestrictPublicBuckets", "BlockPublicPolicy")


@rule(
    id="SEC-S3-03",
    risk=Risk.HRI,
    best_practices=["SEC03-BP07", "SEC08-BP04"],
    resources=[BUCKET, POLICY],
    security_severity=9.1,
    equivalents={
        "checkov": ["CKV_AWS_70"],
        "cfn_guard": ["S3_BUCKET_POLICY_NO_WILDCARD_PRINCIPAL"],
        "cfn_nag": ["F16"],
        "terrascan": [
            *("AC_AWS_0217", "AC_AWS_0218", "AC_AWS_0219", "AC_AWS_0220", "AC_AWS_0221", "AC_AWS_0224"),
        ],
        "regula": ["FG_R00210", "FG_R00211"],
        "kics": [
            "s3_bucket_access_to_any_principal",
            "s3_bucket_allows_delete_action_from_all_principals",
            "s3_bucket_allows_get_action_from_all_principals",
            "s3_bucket_allows_list_action_from_all_principals",
            "s3_bucket_allows_put_action_from_all_principals",
            "s3_bucket_allows_restore_actions_from_all_principals",
        ],
        "prowler": ["s3_bucket_policy_public_write_access", "s3_bucket_public_access"],
        "aws_config": ["s3-bucket-public-read-prohibited", "s3-bucket-public-write-prohibited"],
    },
    sources=[
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    ],
    misses="A condition that narrows a policy otherwise than by account or network is not seen.",
)
def s3_public_policy(resource: Resource, graph: Graph) -> Iterator[Verdict]:
    """An S3 bucket's policy lets anyone in.

    Why: anyone on the internet can do what the policy allows, without an account and without leaving a name.

    How to fix: publish through CloudFront with origin access control, and allow only its distribution.
    Terraform: name the `principals`, or add a condition on `aws:PrincipalOrgID` or `aws:SourceArn`.
    CloudFormation: name the `Principal`, or add a condition on `aws:PrincipalOrgID` or `aws:SourceArn`.
    """
    buckets = [resource]
    elsewhere = []
    if resource.type == POLICY:
        linked = graph.edges(out_of=resource, kind=LinkKind.ATTACHED_TO).targets()
        buckets = [one for one in linked if one.type == BUCKET]
    else:
        # A policy that is a resource of its own is judged as itself.
        elsewhere = [one.extent for a in resource.folded if (one := graph.find(resource.unit, a)) is not None]
    blocked = any_of(
        blocks_public(bucket, f"PublicAccessBlockConfiguration.{name}")
        for bucket in buckets
        for name in BLOCKED_BY
    )
    for document in policy_documents(resource):
        written = (document.origin or resource.origin).location
        if any(extent.contains(written) for extent in elsewhere):
            continue
        is_public, place = let_in_by(document)
        yield require(blocked | ~is_public, at=place, resource=resource, path=document.path)
