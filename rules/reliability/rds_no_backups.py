from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    UNKNOWN,
    Absent,
    Graph,
    LinkKind,
    Resource,
    Risk,
    Verdict,
    any_of,
    require,
    rule,
)

# A cluster backs up for its members, and a replica copies what is backed up.
ELSEWHERE = ("DBClusterIdentifier", "SourceDBInstanceIdentifier", "SourceDBClusterIdentifier")
CLUSTER = "AWS::RDS::DBCluster"


@rule(
    id="REL-RDS-02",
    risk=Risk.HRI,
    best_practices=["REL09-BP03", "REL09-BP01"],
    resources=["AWS::RDS::DBInstance", CLUSTER],
    equivalents={
        "checkov": ["CKV_AWS_133"],
        "trivy": ["AWS-0077"],
        "cdk_nag": ["AwsSolutions-RDS13", "RDSInBackupPlan"],
        "cfn_guard": ["DB_INSTANCE_BACKUP_ENABLED"],
        "cfn_nag": ["W75"],
        "terrascan": ["AC_AWS_0052", "AC_AWS_0495"],
        "regula": ["FG_R00107"],
        "kics": [
            "low_rds_backup_retention_period",
            "rds_with_backup_disabled",
            "rds_cluster_with_backup_disabled",
        ],
        "prowler": ["rds_instance_backup_enabled"],
        "aws_config": ["db-instance-backup-enabled"],
    },
    sources=[
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/db_instance",
    ],
    misses="A backup plan in another root module or template that selects the database is not seen.",
)
def rds_no_backups(database: Resource, graph: Graph) -> Iterator[Verdict]:
    """A relational database has no automatic backups.

    Why: after a bad deployment, a deletion or damage to the data there is nothing to go back to.

    How to fix: keep automatic backups for a week or more, or select the database in an AWS Backup plan.
    Terraform: set `backup_retention_period = 7`; when it is left out there are none.
    CloudFormation: set `BackupRetentionPeriod` to 7.
    """
    elsewhere = FALSE
    if database.type != CLUSTER:
        elsewhere = any_of(database[property_].is_set() for property_ in ELSEWHERE)
    if elsewhere.is_surely_true:
        return
    retention = database["BackupRetentionPeriod"]
    kept = retention.at_least(1)
    if isinstance(retention, Absent):
        # What is restored from a snapshot keeps the retention that the snapshot has.
        kept = kept | (database["DBSnapshotIdentifier"].is_set() & UNKNOWN)
    planned = graph.edges(out_of=database, kind=LinkKind.BACKED_UP_BY).exist()
    yield require(kept | planned | elsewhere, at=retention, resource=database, path="BackupRetentionPeriod")
