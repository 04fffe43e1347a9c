from collections.abc import Iterator

from wa_scan.engine.accounts import account_setups
from wa_scan.engine.authoring import Graph, Precision, Risk, Verdict, rule

NEEDED = ("AWS::GuardDuty::Detector", "aws_guardduty_organization_configuration", "aws_guardduty_member")


@rule(
    id="SEC-ACCOUNT-01",
    risk=Risk.HRI,
    best_practices=["SEC04-BP03", "SEC04-BP02"],
    precision=Precision.MEDIUM,
    equivalents={
        "checkov": ["CKV2_AWS_3", "CKV_AWS_238"],
        "terrascan": ["AC_AWS_0131"],
        "kics": ["guardduty_detector_disabled"],
        "prowler": ["guardduty_is_enabled"],
        "aws_config": ["guardduty-enabled-centralized"],
    },
    sources=["https://docs.aws.amazon.com/guardduty/latest/ug/what-is-guardduty.html"],
    misses="What is set up in another root module or template, or by hand, is not seen.",
)
def account_no_guardduty(graph: Graph) -> Iterator[Verdict]:
    """An account is set up without GuardDuty.

    Why: nobody is told when stolen credentials are used or an instance talks to criminals.

    How to fix: switch GuardDuty on, in every Region.
    Terraform: add an `aws_guardduty_detector`.
    CloudFormation: add an `AWS::GuardDuty::Detector`.
    """
    yield from account_setups(graph, *NEEDED, by_control_tower=False)
