from collections.abc import Iterator

from wa_scan.aws.policies import policy_documents
from wa_scan.engine.authoring import Graph, Resource, Risk, Verdict, any_of, require, rule


@rule(
    id="SEC-S3-04",
    risk=Risk.MRI,
    best_practices=["SEC09-BP02"],
    resources=["AWS::S3::Bucket"],
    equivalents={
        "checkov": ["CKV_AWS_379"],
        "cdk_nag": ["AwsSolutions-S10"],
        "cfn_guard": ["S3_BUCKET_SSL_REQUESTS_ONLY"],
        "regula": ["FG_R00100"],
        "kics": ["s3_bucket_policy_accepts_http_requests", "s3_bucket_without_ssl_in_write_actions"],
        "prowler": ["s3_bucket_secure_transport_policy"],
        "aws_config": ["s3-bucket-ssl-requests-only"],
    },
    sources=[
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-5",
    ],
    misses="A bucket policy that another root module or template attaches is not seen.",
)
def s3_tls_not_required(bucket: Resource, graph: Graph) -> Iterator[Verdict]:
    """An S3 bucket answers requests without TLS.

    Why: objects and the names of those who ask for them can be read and changed on their way, and nobody
    notices that a client does not encrypt.

    How to fix: deny `s3:*` to everyone where `aws:SecureTransport` is false, for the bucket and its objects.
    Terraform: add such a statement to an `aws_s3_bucket_policy`.
    CloudFormation: add such a statement to an `AWS::S3::BucketPolicy`.
    """
    documents = policy_documents(bucket)
    required = any_of(document.requires_tls() for document in documents)
    place = documents[0].value if documents else bucket
    yield require(required, at=place, resource=bucket, path="Extra.Policies")
