from collections.abc import Iterator

from wa_scan.engine.authoring import FALSE, Graph, Resource, Risk, Verdict, any_of, require, rule
from wa_scan.engine.exposure import blocks_public

PUBLIC = ("PublicRead", "PublicReadWrite", "AuthenticatedRead")
EVERYONE = r"/groups/global/(AllUsers|AuthenticatedUsers)$"
BLOCK = "PublicAccessBlockConfiguration"


@rule(
    id="SEC-S3-02",
    risk=Risk.HRI,
    best_practices=["SEC03-BP07", "SEC08-BP04"],
    resources=["AWS::S3::Bucket"],
    security_severity=9.1,
    equivalents={
        "checkov": ["CKV_AWS_20", "CKV_AWS_57", "CKV_AWS_375", "CKV2_AWS_43"],
        "trivy": ["AWS-0092"],
        "cdk_nag": ["S3BucketPublicReadProhibited", "S3BucketPublicWriteProhibited"],
        "cfn_guard": [
            "S3_BUCKET_PUBLIC_READ_ACL",
            "S3_BUCKET_PUBLIC_READ_PROHIBITED",
            "S3_BUCKET_NO_PUBLIC_RW_ACL",
            "S3_BUCKET_PUBLIC_WRITE_PROHIBITED",
        ],
        "cfn_nag": ["W31", "F14"],
        "terrascan": ["AC_AWS_0210", "AC_AWS_0211", "AC_AWS_0212", "AC_AWS_0213", "AC_AWS_0215"],
        "regula": ["FG_R00277", "FG_R00279"],
        "kics": [
            "s3_bucket_acl_allows_read_or_write_to_all_users",
            "s3_bucket_acl_allows_read_to_all_users",
            "s3_bucket_acl_grants_write_acp_permission",
            "s3_bucket_acl_allows_read_to_any_authenticated_user",
        ],
        "prowler": ["s3_bucket_public_access", "s3_bucket_public_list_acl", "s3_bucket_public_write_acl"],
        "aws_config": ["s3-bucket-public-read-prohibited", "s3-bucket-public-write-prohibited"],
    },
    sources=[
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    ],
    misses="ACLs of single objects, and of buckets in another root module or template, are not looked at.",
)
def s3_public_acl(bucket: Resource, graph: Graph) -> Iterator[Verdict]:
    """An S3 bucket's access control list opens it to everyone.

    Why: anyone on the internet, or anyone with an AWS account, can list what is in the bucket, and with
    `public-read-write` also write to it at your cost.

    How to fix: publish through CloudFront with origin access control, and keep the bucket private.
    Terraform: remove the public `acl` or `grant`, or set `object_ownership = "BucketOwnerEnforced"`.
    CloudFormation: remove the public `AccessControl`, or set `ObjectOwnership` to `BucketOwnerEnforced`.
    """
    canned = bucket["AccessControl"]
    opened = [(canned.is_in(PUBLIC), canned)]
    grants = (("Extra.AccessControlPolicy.grant", "grantee.uri"), ("Extra.Grants", "uri"))
    for path, grantee in grants:
        for grant, guard in bucket.each(path):
            opened.append((grant[grantee].matches(EVERYONE).given(guard, FALSE), grant[grantee]))
    without_effect = any_of(
        [
            blocks_public(bucket, f"{BLOCK}.IgnorePublicAcls"),
            blocks_public(bucket, f"{BLOCK}.BlockPublicAcls"),
            bucket["OwnershipControls.Rules"].any(
                lambda each: each.get("ObjectOwnership").equals("BucketOwnerEnforced")
            ),
        ]
    )
    shown = next((place for truth, place in opened if not truth.true.is_never), None)
    shown = shown or next((place for truth, place in opened if not truth.unknown.is_never), canned)
    is_public = any_of(truth for truth, _ in opened)
    yield require(without_effect | ~is_public, at=shown, resource=bucket, path="AccessControl")
