"""Engines and their versions, in both languages."""

import pytest

from tests.aws.reading import Snippet, only
from wa_scan.aws.engines import engines_of, is_deprecated, parse_version, runs_retired_version, runtimes
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN, Truth


@pytest.mark.parametrize(
    ("engine", "version", "major", "minor"),
    [
        ("postgres", "16.3", "16", "3"),
        ("postgres", "9.6.22", "9.6", "22"),
        ("mysql", "8.0.35", "8.0", "35"),
        ("mysql", "8.4", "8.4", ""),
        ("mariadb", "10.11.6", "10.11", "6"),
        ("aurora-mysql", "8.0.mysql_aurora.3.04.0", "8.0", "mysql_aurora.3.04.0"),
        ("aurora-postgresql", "15.4", "15", "4"),
        ("sqlserver-ex", "15.00.4236.7.v1", "15", "00.4236.7.v1"),
        ("redis", "7.1", "7", "1"),
        ("redis", "5.0.6", "5.0", "6"),
        ("kubernetes", "1.31", "1.31", ""),
        ("opensearch", "OpenSearch_2.11", "2", "11"),
    ],
)
def test_versions(engine: str, version: str, major: str, minor: str) -> None:
    found = parse_version(engine, version)
    assert (found.major, found.minor) == (major, minor)


@pytest.mark.parametrize(
    ("engine", "retired"),
    [
        ('engine = "postgres"\nengine_version = "9.6.22"', TRUE),
        ('engine = "postgres"\nengine_version = "17.2"', FALSE),
        ('engine = "postgres"', UNKNOWN),
        ('engine = "postgres"\nengine_version = var.release', UNKNOWN),
    ],
)
def test_retired_versions_in_terraform(terraform: Snippet, engine: str, retired: Truth) -> None:
    found = terraform(
        f'variable "release" {{ type = string }}\nresource "aws_db_instance" "d" {{\n{engine}\n}}'
    )
    assert runs_retired_version(only(found, "AWS::RDS::DBInstance")) == retired


def test_engines_in_a_template(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
        Conditions: {IsProd: !Equals [!Ref Env, prod]}
        Resources:
          Database:
            Type: AWS::RDS::DBInstance
            Properties: {Engine: postgres, EngineVersion: !If [IsProd, "16.3", "9.6.22"]}
          Cluster: {Type: "AWS::EKS::Cluster", Properties: {Version: "1.31"}}
        """
    )
    database = only(found, "AWS::RDS::DBInstance")
    versions = {version.major: str(guard) for version, guard in engines_of(database)}
    assert versions == {"16": "IsProd is true", "9.6": "IsProd is false"}
    assert str(runs_retired_version(database).true) == "IsProd is false"
    assert [each.major for each, _ in engines_of(only(found, "AWS::EKS::Cluster"))] == ["1.31"]


def test_runtimes_have_a_day_of_deprecation() -> None:
    assert runtimes()["nodejs18.x"].startswith("2025-")


def test_deprecation_is_that_of_the_day_of_the_data() -> None:
    assert is_deprecated("python3.9")
    assert not is_deprecated("python3.13")
    assert not is_deprecated("python9.99")
