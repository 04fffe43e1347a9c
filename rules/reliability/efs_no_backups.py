from collections.abc import Iterator

from wa_scan.engine.authoring import FALSE, Absent, Graph, LinkKind, Resource, Risk, Verdict, require, rule

STATUS = "BackupPolicy.Status"


@rule(
    id="REL-EFS-01",
    risk=Risk.MRI,
    best_practices=["REL09-BP03", "REL09-BP01"],
    resources=["AWS::EFS::FileSystem"],
    equivalents={
        "checkov": ["CKV2_AWS_18"],
        "cdk_nag": ["EFSInBackupPlan"],
        "cfn_guard": ["EFS_RESOURCES_PROTECTED_BY_BACKUP_PLAN"],
        "prowler": ["efs_have_backup_enabled"],
        "aws_config": ["efs-in-backup-plan"],
    },
    sources=[
        "https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html",
        "https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html",
    ],
    misses="A backup plan in another root module or template that selects the file system is not seen.",
)
def efs_no_backups(files: Resource, graph: Graph) -> Iterator[Verdict]:
    """A file system is not backed up automatically.

    Why: files that are deleted or damaged, by people, faulty code or an attacker, cannot be brought back.

    How to fix: turn on automatic backups, or select the file system in an AWS Backup plan.
    Terraform: add an `aws_efs_backup_policy` with the status `ENABLED`.
    CloudFormation: set `BackupPolicy.Status` to `ENABLED`.
    """
    status = files[STATUS]
    # A One Zone file system is backed up unless that is switched off.
    one_zone = files["AvailabilityZoneName"].is_set() if isinstance(status, Absent) else FALSE
    planned = graph.edges(out_of=files, kind=LinkKind.BACKED_UP_BY).exist()
    holds = status.is_in(["ENABLED", "ENABLING"]) | one_zone | planned
    yield require(holds, at=status, resource=files, path=STATUS)
