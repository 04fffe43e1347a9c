from collections.abc import Iterator

from wa_scan.engine.authoring import Graph, LinkKind, Pillar, Resource, Risk, Verdict, require, rule
from wa_scan.engine.state_locks import locks_states


@rule(
    id="COST-DDB-01",
    risk=Risk.LRI,
    best_practices=["COST09-BP03", "REL07-BP03", "SUS02-BP01"],
    pillars=[Pillar.RELIABILITY, Pillar.SUSTAINABILITY],
    resources=["AWS::DynamoDB::Table"],
    equivalents={
        "checkov": ["CKV2_AWS_16"],
        "cdk_nag": ["DynamoDBAutoScalingEnabled"],
        "cfn_guard": ["DYNAMODB_BILLING_MODE_RULE"],
        "cfn_nag": ["W73"],
        "kics": ["dynamodb_with_table_billing_mode_not_recommended"],
        "prowler": ["dynamodb_table_autoscaling_enabled"],
        "aws_config": ["dynamodb-autoscaling-enabled"],
    },
    sources=[
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/capacity-mode.html",
        "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html",
    ],
)
def dynamodb_provisioned_no_scaling(table: Resource, graph: Graph) -> Iterator[Verdict]:
    """A table's capacity is fixed.

    Why: what is provisioned is paid for whether it is used or not, and requests beyond it are refused.

    How to fix: let the table take what comes and pay by request, or scale its capacity.
    Terraform: set `billing_mode = "PAY_PER_REQUEST"`, or add an `aws_appautoscaling_target` with a policy.
    CloudFormation: set `BillingMode` to `PAY_PER_REQUEST`, or add an Application Auto Scaling target.
    """
    mode = table["BillingMode"]
    scaled = graph.edges(out_of=table, kind=LinkKind.SCALED_BY).exist()
    follows = mode.equals("PAY_PER_REQUEST") | scaled | locks_states(table)
    yield require(follows, at=mode, resource=table, path="BillingMode")
