from collections.abc import Iterator

from wa_scan.engine.authoring import (
    TRUE,
    Graph,
    LinkKind,
    Resource,
    Risk,
    Verdict,
    require,
    rule,
)
from wa_scan.engine.state_locks import locks_states

RECOVERY = "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"


@rule(
    id="REL-DDB-01",
    risk=Risk.HRI,
    best_practices=["REL09-BP03", "REL09-BP01"],
    resources=["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"],
    equivalents={
        "checkov": ["CKV_AWS_28", "CKV_AWS_165"],
        "trivy": ["AWS-0024"],
        "cdk_nag": ["AwsSolutions-DDB3", "DynamoDBInBackupPlan"],
        "cfn_guard": ["DYNAMODB_PITR_ENABLED"],
        "cfn_nag": ["W78"],
        "terrascan": ["AC_AWS_0458"],
        "regula": ["FG_R00106"],
        "kics": ["dynamodb_table_point_in_time_recovery_disabled"],
        "prowler": ["dynamodb_tables_pitr_enabled", "dynamodb_table_protected_by_backup_plan"],
        "aws_config": ["dynamodb-pitr-enabled", "dynamodb-in-backup-plan"],
    },
    sources=["https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html"],
    misses="A backup plan in another root module or template that selects the table is not seen.",
)
def dynamodb_no_automatic_backup(table: Resource, graph: Graph) -> Iterator[Verdict]:
    """A DynamoDB table is not backed up automatically.

    Why: after a bad deployment or a deletion the last good data cannot be brought back.

    How to fix: turn on point-in-time recovery, or select the table in an AWS Backup plan.
    Terraform: add `point_in_time_recovery { enabled = true }`.
    CloudFormation: set `PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled` to true.
    """
    planned = graph.edges(out_of=table, kind=LinkKind.BACKED_UP_BY).exist()
    if table.type == "AWS::DynamoDB::Table":
        recovery = table[RECOVERY]
        kept = recovery.equals(True) | planned | locks_states(table)
        yield require(kept, at=recovery, resource=table, path=RECOVERY)
        return
    # Every replica of a global table has a setting of its own.
    for replica, guard in table.each("Replicas"):
        recovery = replica[RECOVERY]
        holds = (recovery.equals(True) | planned).given(guard, TRUE)
        yield require(holds, at=recovery, resource=table, path=f"Replicas[].{RECOVERY}")
