import re
from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    Graph,
    LinkKind,
    Precision,
    Resource,
    Risk,
    Text,
    Truth,
    Value,
    Verdict,
    any_of,
    require,
    rule,
)

# What takes the logs of others; logging it too would have it log its own logs.
TAKES_LOGS = r"(?i)(^|[^a-z])(access|flow|audit)?[-_]?(log|logs|logging|logfiles|accesslogs)([^a-z]|$)"
CAMEL_CASE = r"(?<![A-Z])Log(s|ging|Files)?(?![a-z])"


@rule(
    id="SEC-S3-05",
    risk=Risk.LRI,
    best_practices=["SEC04-BP01"],
    resources=["AWS::S3::Bucket"],
    precision=Precision.MEDIUM,
    equivalents={
        "checkov": ["CKV_AWS_18"],
        "trivy": ["AWS-0089"],
        "cdk_nag": ["AwsSolutions-S1"],
        "cfn_guard": ["S3_BUCKET_LOGGING_ENABLED"],
        "cfn_nag": ["W35"],
        "terrascan": ["AC_AWS_0497"],
        "regula": ["FG_R00274"],
        "kics": ["s3_bucket_logging_disabled"],
        "prowler": ["s3_bucket_server_access_logging_enabled"],
        "aws_config": ["s3-bucket-logging-enabled"],
    },
    sources=["https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html"],
    misses="Data events of a CloudTrail trail are not seen; buckets named after logs are left out.",
)
def s3_no_access_logs(bucket: Resource, graph: Graph) -> Iterator[Verdict]:
    """An S3 bucket's requests are not logged.

    Why: after a leak there is no record of who asked for which object, and when.

    How to fix: write access logs to a bucket of their own, or record data events with CloudTrail.
    Terraform: add an `aws_s3_bucket_logging`.
    CloudFormation: set `LoggingConfiguration`.
    """
    logging = bucket["LoggingConfiguration"]
    takes = graph.edges(into=bucket, kind=LinkKind.LOGS_TO).exist()
    takes = takes | bucket["AccessControl"].equals("LogDeliveryWrite")
    takes = takes | any_of(
        Truth.of(is_about_logs(name_of(leaf))).given(guard, FALSE)
        for leaf, guard in bucket["BucketName"].alternatives()
    )
    takes = takes | Truth.of(is_about_logs(bucket.address.rpartition(".")[2]))
    if takes.is_surely_true:
        return
    yield require(logging.is_set() | takes, at=logging, resource=bucket, path="LoggingConfiguration")


def is_about_logs(name: str) -> bool:
    return re.search(TAKES_LOGS, name) is not None or re.search(CAMEL_CASE, name) is not None


def name_of(value: Value) -> str:
    """A bucket's name, as far as it is known."""
    if isinstance(value, Text):
        return "".join(part if isinstance(part, str) else "-" for part in value.parts)
    return value.text or ""
