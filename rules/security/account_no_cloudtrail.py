from collections.abc import Iterator

from wa_scan.engine.accounts import account_setups
from wa_scan.engine.authoring import Graph, Precision, Risk, Verdict, rule

NEEDED = ("AWS::CloudTrail::Trail", "AWS::CloudTrail::EventDataStore", "aws_cloudtrail_event_data_store")


@rule(
    id="SEC-ACCOUNT-03",
    risk=Risk.HRI,
    best_practices=["SEC04-BP01"],
    precision=Precision.MEDIUM,
    equivalents={"cfn_guard": ["CLOUD_TRAIL_ENABLED"], "aws_config": ["cloudtrail-enabled"]},
    sources=["https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-user-guide.html"],
    misses="What is set up in another root module or template, or by hand, is not seen.",
)
def account_no_cloudtrail(graph: Graph) -> Iterator[Verdict]:
    """An account is set up without CloudTrail.

    Why: after an incident nobody can tell who did what: the event history ends after 90 days and can be lost.

    How to fix: record the calls of all Regions in a bucket that few may read.
    Terraform: add an `aws_cloudtrail` with `is_multi_region_trail = true`.
    CloudFormation: add an `AWS::CloudTrail::Trail` with `IsMultiRegionTrail`.
    """
    yield from account_setups(graph, *NEEDED, by_control_tower=True)
