"""Defaults, tags, coercion, types without a mapping, bad input."""

import pytest

from tests.aws.reading import Snippet, named, only, plain
from wa_scan.aws.normalise import normalise
from wa_scan.blocks import EvaluatedResource, EvaluatedUnit, Language, Mode
from wa_scan.errors import ProblemKind
from wa_scan.values import Absent, ListValue, Location, MapValue, Value
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN


def test_an_absent_retention_period_differs_by_language(terraform: Snippet, cloudformation: Snippet) -> None:
    in_terraform = only(terraform('resource "aws_db_instance" "d" {}'), "AWS::RDS::DBInstance")
    in_template = only(cloudformation("Resources: {D: {Type: AWS::RDS::DBInstance}}"), "AWS::RDS::DBInstance")
    assert isinstance(in_terraform["BackupRetentionPeriod"], Absent)
    assert in_terraform["BackupRetentionPeriod"].scalar == 0
    assert in_template["BackupRetentionPeriod"].scalar == 1
    assert in_terraform["PubliclyAccessible"].equals(True) == FALSE
    assert in_template["PubliclyAccessible"].equals(True) == UNKNOWN


def test_null_is_absent(terraform: Snippet) -> None:
    found = terraform('resource "aws_db_instance" "d" { backup_retention_period = null }')
    assert only(found, "AWS::RDS::DBInstance")["BackupRetentionPeriod"].scalar == 0


def test_a_default_inside_a_block_that_is_written(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_s3_bucket" "none" {}
        resource "aws_s3_bucket" "some" {}
        resource "aws_s3_bucket_public_access_block" "some" {
          bucket            = aws_s3_bucket.some.id
          block_public_acls = true
        }
        """
    )
    path = "PublicAccessBlockConfiguration.BlockPublicPolicy"
    assert named(found, "aws_s3_bucket.none")[path].equals(False) == UNKNOWN
    assert named(found, "aws_s3_bucket.some")[path].equals(False) == TRUE


def test_a_default_inside_an_optional_block(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Parameters: {Open: {Type: String, AllowedValues: ["yes", "no"]}}
        Conditions: {IsOpen: !Equals [!Ref Open, "yes"]}
        Resources:
          B:
            Type: AWS::S3::Bucket
            Properties:
              PublicAccessBlockConfiguration: !If [IsOpen, {BlockPublicAcls: true}, !Ref "AWS::NoValue"]
        """
    )
    blocked = only(found, "AWS::S3::Bucket")["PublicAccessBlockConfiguration.BlockPublicPolicy"]
    assert str(blocked.equals(False).true) == "IsOpen is true"
    assert str(blocked.equals(False).unknown) == "IsOpen is false"


def test_a_default_that_another_property_decides(terraform: Snippet) -> None:
    found = terraform(
        """
        variable "mode" { type = string }
        resource "aws_rds_cluster" "plain" {}
        resource "aws_rds_cluster" "serverless" { engine_mode = "serverless" }
        resource "aws_rds_cluster" "either" { engine_mode = var.mode }
        """
    )
    encrypted = [
        named(found, f"aws_rds_cluster.{name}")["StorageEncrypted"].equals(True)
        for name in ("plain", "serverless", "either")
    ]
    assert encrypted == [FALSE, TRUE, UNKNOWN]


def test_what_is_inherited_where_there_is_a_source(terraform: Snippet) -> None:
    found = terraform(
        """
        variable "snapshot" {
          type    = string
          default = null
        }
        resource "aws_db_instance" "new" {}
        resource "aws_db_instance" "never" { snapshot_identifier = var.snapshot }
        resource "aws_db_instance" "restored" { snapshot_identifier = "nightly" }
        resource "aws_db_instance" "replica" { replicate_source_db = "orders" }
        resource "aws_db_instance" "said" {
          snapshot_identifier = "nightly"
          storage_encrypted   = true
        }
        """
    )
    encrypted = {
        name: named(found, f"aws_db_instance.{name}")["StorageEncrypted"].equals(True)
        for name in ("new", "never", "restored", "replica", "said")
    }
    assert encrypted == {
        "new": FALSE,
        "never": FALSE,
        "restored": UNKNOWN,
        "replica": UNKNOWN,
        "said": TRUE,
    }


def test_what_is_inherited_under_a_condition(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Parameters: {Restore: {Type: String, AllowedValues: ["yes", "no"]}}
        Conditions: {IsRestored: !Equals [!Ref Restore, "yes"]}
        Resources:
          D:
            Type: AWS::RDS::DBInstance
            Properties: {DBSnapshotIdentifier: !If [IsRestored, nightly, !Ref "AWS::NoValue"]}
        """
    )
    encrypted = only(found, "AWS::RDS::DBInstance")["StorageEncrypted"]
    assert str(encrypted.equals(True).unknown) == "IsRestored is true"
    assert str(encrypted.equals(True).false) == "IsRestored is false"


def test_an_instance_is_as_its_cluster_is(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Resources:
          D:
            Type: AWS::RDS::DBInstance
            Properties: {DBClusterIdentifier: orders, DBInstanceClass: db.r8g.large}
        """
    )
    instance = only(found, "AWS::RDS::DBInstance")
    for name in ("BackupRetentionPeriod", "DeletionProtection", "MultiAZ", "StorageEncrypted"):
        assert instance[name].equals(instance[name].scalar) == UNKNOWN


def test_defaults_that_the_version_of_the_provider_decides(
    terraform: Snippet, cloudformation: Snippet
) -> None:
    in_terraform = only(terraform('resource "aws_redshift_cluster" "c" {}'), "AWS::Redshift::Cluster")
    in_template = only(
        cloudformation("Resources: {C: {Type: AWS::Redshift::Cluster}}"), "AWS::Redshift::Cluster"
    )
    for name in ("Encrypted", "PubliclyAccessible"):
        assert in_terraform[name].equals(True) == UNKNOWN
    assert in_template["Encrypted"].equals(True) == TRUE
    assert in_template["PubliclyAccessible"].equals(True) == FALSE


def test_default_of_an_element(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_instance" "i" {
          root_block_device { volume_size = "20" }
        }
        """
    )
    (device, _), *_ = only(found, "AWS::EC2::Instance").each("BlockDeviceMappings")
    assert device["Ebs.VolumeSize"].scalar == 20
    assert device["Ebs.Encrypted"].equals(True) == UNKNOWN
    assert device["Ebs.VolumeType"].equals("gp2") == UNKNOWN


def test_tags_are_over_the_provider_s(terraform: Snippet) -> None:
    found = terraform(
        """
        provider "aws" {
          default_tags { tags = { Team = "shop", Env = "prod" } }
        }
        resource "aws_instance" "i" { tags = { Env = "test", Name = "web" } }
        resource "aws_autoscaling_group" "g" {
          min_size = 1
          max_size = 1
          tag {
            key                 = "Name"
            value               = "app"
            propagate_at_launch = true
          }
        }
        """
    )
    assert plain(named(found, "aws_instance.i").tags, found) == {"Env": "test", "Name": "web", "Team": "shop"}
    assert plain(named(found, "aws_autoscaling_group.g").tags, found) == {"Name": "app"}


def test_tags_under_a_condition_know_their_way(terraform: Snippet) -> None:
    found = terraform(
        """
        variable "prod" { type = bool }
        locals { tags = var.prod ? { Env = "prod" } : {} }
        resource "aws_instance" "i" {
          tags = local.tags
        }
        """
    )
    ways = [
        [step.text for step in leaf.origin]
        for leaf, _ in named(found, "aws_instance.i").tags.alternatives()
        if leaf.origin is not None
    ]
    assert ways == [["local.tags", "attribute tags"], ["local.tags", "attribute tags"]]


def test_tags_that_are_not_known(terraform: Snippet) -> None:
    found = terraform(
        """
        variable "tags" { type = map(string) }
        resource "aws_instance" "i" { tags = merge(var.tags, { Name = "web" }) }
        resource "aws_route" "r" { route_table_id = "rtb-1" }
        """
    )
    assert named(found, "aws_instance.i").tags.is_set().true.is_always or (
        named(found, "aws_instance.i").tags.is_set() == UNKNOWN
    )
    assert isinstance(named(found, "aws_route.r").tags, Absent)


def test_tags_of_a_template_under_a_condition(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
        Conditions: {IsProd: !Equals [!Ref Env, prod]}
        Resources:
          Q:
            Type: AWS::SQS::Queue
            Properties:
              Tags:
              - {Key: Team, Value: shop}
              - !If [IsProd, {Key: Backup, Value: daily}, !Ref "AWS::NoValue"]
        """
    )
    tags = only(found, "AWS::SQS::Queue").tags
    assert tags.get("Team").text == "shop"
    assert str(tags.get("Backup").equals("daily").true) == "IsProd is true"
    assert tags.is_set() == TRUE


def test_scalars_take_the_registry_s_type(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Resources:
          G:
            Type: AWS::AutoScaling::AutoScalingGroup
            Properties: {MinSize: "2", MaxSize: 4, Cooldown: "x"}
          V: {Type: "AWS::EC2::Volume", Properties: {Encrypted: "TRUE", Size: "10", Iops: "1e3"}}
          D: {Type: "AWS::RDS::DBInstance", Properties: {EngineVersion: 5.7, MultiAZ: "false"}}
        """
    )
    group, volume = named(found, "G"), named(found, "V")
    assert [group[name].scalar for name in ("MinSize", "MaxSize", "Cooldown")] == [2, 4, "x"]
    assert [volume[name].scalar for name in ("Encrypted", "Size", "Iops")] == [True, 10, "1e3"]
    assert [named(found, "D")[name].scalar for name in ("EngineVersion", "MultiAZ")] == ["5.7", False]


def test_attributes_without_a_property_are_kept(terraform: Snippet) -> None:
    database = only(
        terraform('resource "aws_db_instance" "d" { skip_final_snapshot = true }'), "AWS::RDS::DBInstance"
    )
    assert database["Extra.Unmapped.skip_final_snapshot"].scalar is True


def test_types_without_a_mapping_are_there_and_counted(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_newer_than_the_table" "p" {
          network_interface_id = aws_network_interface.n.id
          permission           = "INSTANCE-ATTACH"
        }
        resource "aws_network_interface" "n" { subnet_id = "subnet-1" }
        resource "null_resource" "n" {
          provisioner "local-exec" { command = "true" }
        }
        """
    )
    assert found.unmapped == {"aws_newer_than_the_table": 1}
    permission = named(found, "aws_newer_than_the_table.p")
    assert permission.type is None
    assert permission["permission"].text == "INSTANCE-ATTACH"
    assert [(link.source.address, link.target.address) for link in found.links] == [
        ("aws_newer_than_the_table.p", "aws_network_interface.n")
    ]
    assert named(found, "null_resource.n").meta.get("provisioner").is_set() == TRUE


def test_what_the_registry_has_no_type_for(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_ebs_snapshot" "s" {
          volume_id   = aws_ebs_volume.v.id
          description = "before"
          tags        = { Team = "shop" }
        }
        resource "aws_ebs_volume" "v" { availability_zone = "eu-west-1a" }
        """
    )
    snapshot = only(found, "Extra::EC2::Snapshot")
    assert snapshot["Description"].text == "before"
    assert plain(snapshot["VolumeId"], found) == "<AWS::EC2::Volume>"
    assert plain(snapshot.tags, found) == {"Team": "shop"}
    assert found.unmapped == {}


def test_awscc_maps_without_a_row(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "awscc_rds_db_instance" "d" {
          multi_az          = true
          db_instance_class = "db.m6g.large"
          tags              = [{ key = "Team", value = "shop" }]
        }
        resource "awscc_s3_bucket" "b" {
          versioning_configuration = { status = "Enabled" }
        }
        """
    )
    database = only(found, "AWS::RDS::DBInstance")
    assert database["MultiAZ"].scalar is True
    assert database["DBInstanceClass"].text == "db.m6g.large"
    assert plain(database.tags, found) == {"Team": "shop"}
    assert only(found, "AWS::S3::Bucket")["VersioningConfiguration.Status"].text == "Enabled"


def test_sam_functions_are_functions(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties:
              Runtime: python3.12
              Architectures: [arm64]
              Tracing: Active
              Tags: {Team: shop}
        """
    )
    function = only(found, "AWS::Lambda::Function")
    assert function.source_type == "AWS::Serverless::Function"
    assert function["TracingConfig.Mode"].text == "Active"
    assert function["Architectures"].any(lambda each: each.equals("arm64")) == TRUE
    assert plain(function.tags, found) == {"Team": "shop"}


def test_globals_of_a_sam_template(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Globals:
          Function:
            Tracing: Active
            MemorySize: 256
            Environment: {Variables: {STAGE: prod}}
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties: {MemorySize: 512, Environment: {Variables: {TABLE: orders}}}
          L:
            Type: AWS::Lambda::Function
        """
    )
    function = named(found, "F")
    assert function["TracingConfig.Mode"].text == "Active"
    assert function["MemorySize"].scalar == 512
    assert plain(function["Environment.Variables"], found) == {"STAGE": "prod", "TABLE": "orders"}
    assert named(found, "L")["TracingConfig.Mode"].text == "PassThrough"


def test_custom_resources_are_kept_and_not_counted(cloudformation: Snippet) -> None:
    found = cloudformation("Resources: {C: {Type: Custom::Thing, Properties: {ServiceToken: arn}}}")
    assert named(found, "C").type is None
    assert found.unmapped == {}


def test_a_dynamic_block_of_unknown_length(terraform: Snippet) -> None:
    found = terraform(
        """
        variable "ports" { type = list(number) }
        resource "aws_security_group" "g" {
          dynamic "ingress" {
            for_each = var.ports
            content {
              protocol    = "tcp"
              from_port   = ingress.value
              to_port     = ingress.value
              cidr_blocks = ["10.0.0.0/8"]
            }
          }
        }
        """
    )
    rules = only(found, "AWS::EC2::SecurityGroup")["SecurityGroupIngress"]
    assert str(rules.is_set().true) == "length(var.ports) > 0 is true"
    (first, _), *_ = rules.items()
    assert first.get("CidrIp").text == "10.0.0.0/8"
    assert first.get("FromPort").at_most(22) == UNKNOWN


def deep(levels: int) -> Value:
    value: Value = MapValue({})
    for _ in range(levels):
        value = MapValue({"statement": ListValue([value])})
    return value


@pytest.mark.parametrize("type_", ["aws_wafv2_web_acl", "aws_unheard_of", "aws_s3_bucket"])
def test_nesting_without_end_is_a_problem_not_a_crash(type_: str) -> None:
    place = Location("main.tf", 1, 1, 1, 10)
    body = MapValue({"rule": ListValue([deep(100_000)]), "tags": deep(100_000)})
    block = EvaluatedResource("x.y", type_, Mode.MANAGED, Language.TERRAFORM, body, place, place)
    found = normalise(EvaluatedUnit("infra", Language.TERRAFORM, (block,)))
    assert [problem.kind for problem in found.problems] == [ProblemKind.LIMIT_REACHED]
    assert found.problems[0].location == place
