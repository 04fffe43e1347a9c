"""What the table shows of a type."""

import io
import sys

import pytest

from wa_scan.aws import show


def shown(name: str, provider: show.Provider | None = None) -> list[str]:
    out = io.StringIO()
    show.show(name, provider or {}, out)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def test_a_canonical_type() -> None:
    lines = shown("AWS::ElastiCache::ReplicationGroup")
    assert lines[0] == "AWS::ElastiCache::ReplicationGroup"
    made_from = "made from aws_elasticache_replication_group,"
    assert lines[1].startswith(made_from)
    assert "tags in Tags" in lines
    at = lines.index("default AtRestEncryptionEnabled")
    assert lines[at + 1] == (
        "unknown: off for Redis OSS, on for Valkey; false where Engine is redis; true where Engine is"
    )
    assert lines[at + 3].startswith("source: ElastiCache API CreateReplicationGroup")


def test_what_is_folded_into_a_type() -> None:
    assert (
        "folded in aws_efs_backup_policy, aws_efs_file_system_policy, aws_efs_replication_configuration"
        in shown("AWS::EFS::FileSystem")
    )


def test_a_source_type() -> None:
    assert shown("aws_db_subnet_group") == [
        "aws_db_subnet_group -> AWS::RDS::DBSubnetGroup",
        "row name DBSubnetGroupName",
        "row description DBSubnetGroupDescription",
    ]


def test_settings_of_another_resource() -> None:
    assert shown("aws_efs_backup_policy") == [
        "aws_efs_backup_policy: settings of another resource",
        "by file_system_id AWS::EFS::FileSystem",
        "every attribute by its name",
    ]


def test_what_agrees_by_name() -> None:
    assert shown("awscc_sqs_queue") == ["awscc_sqs_queue -> AWS::SQS::Queue", "every attribute by its name"]
    assert shown("aws_unheard_of") == ["aws_unheard_of: no mapping"]
    assert shown("AWS::Un::Heard") == ["AWS::Un::Heard: not in the registry"]


def test_every_attribute_of_the_provider() -> None:
    provider: show.Provider = {
        "aws_db_subnet_group": {
            "arguments": {
                "id": {"type": "string"},
                "name": {"type": "string"},
                "name_prefix": {"type": "string"},
                "subnet_ids": {"type": ["set", "string"]},
            }
        }
    }
    assert shown("aws_db_subnet_group", provider) == [
        "aws_db_subnet_group -> AWS::RDS::DBSubnetGroup",
        "2 of 3 attributes are mapped",
        "mapped name DBSubnetGroupName",
        "mapped subnet_ids SubnetIds",
        "no property name_prefix",
        "not led to DBSubnetGroupDescription",
    ]


def test_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["show", "aws_unheard_of", "aws_efs_file_system"])
    show.main()
    printed = capsys.readouterr().out
    assert printed.startswith("aws_unheard_of: no mapping\naws_efs_file_system -> AWS::EFS::FileSystem\n")
