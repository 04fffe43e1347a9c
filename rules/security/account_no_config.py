from collections.abc import Iterator

from wa_scan.engine.accounts import account_setups
from wa_scan.engine.authoring import Graph, Precision, Risk, Verdict, rule

NEEDED = ("AWS::Config::ConfigurationRecorder",)


@rule(
    id="SEC-ACCOUNT-02",
    risk=Risk.MRI,
    best_practices=["SEC04-BP01", "SEC04-BP04"],
    precision=Precision.MEDIUM,
    equivalents={
        "checkov": ["CKV2_AWS_45", "CKV2_AWS_48"],
        "prowler": ["config_recorder_all_regions_enabled"],
    },
    sources=["https://docs.aws.amazon.com/config/latest/developerguide/WhatIsConfig.html"],
    misses="What is set up in another root module or template, or by hand, is not seen.",
)
def account_no_config(graph: Graph) -> Iterator[Verdict]:
    """An account is set up without AWS Config.

    Why: nobody can tell what was changed when, or which resources break the rules.

    How to fix: record the configuration of all resources, in every Region.
    Terraform: add an `aws_config_configuration_recorder` with a delivery channel.
    CloudFormation: add an `AWS::Config::ConfigurationRecorder` with a delivery channel.
    """
    yield from account_setups(graph, *NEEDED, by_control_tower=True)
