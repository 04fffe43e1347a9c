"""Settings that are resources of their own, folded into what they configure."""

import pytest

from tests.aws.reading import Snippet, named, only, plain
from wa_scan.values import Guard


def test_a_split_setting_keeps_its_own_location(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_s3_bucket" "b" {}
        resource "aws_s3_bucket_versioning" "b" {
          bucket = aws_s3_bucket.b.id
          versioning_configuration {
            status = "Suspended"
          }
        }
        """
    )
    bucket = only(found, "AWS::S3::Bucket")
    status = bucket["VersioningConfiguration.Status"]
    assert status.text == "Suspended"
    assert status.origin is not None
    assert status.origin.location.start_line == 6
    assert bucket.folded == ("aws_s3_bucket_versioning.b",)
    assert [each.address for each in found.resources] == ["aws_s3_bucket.b"]


def test_inline_and_split_spelling_are_the_same(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_s3_bucket" "old" {
          acl = "public-read"
          versioning {
            enabled = true
          }
          logging {
            target_bucket = "logs"
          }
          server_side_encryption_configuration {
            rule {
              apply_server_side_encryption_by_default {
                sse_algorithm = "AES256"
              }
            }
          }
          lifecycle_rule {
            enabled = true
            expiration {
              days = 30
            }
          }
        }
        """
    )
    bucket = only(found, "AWS::S3::Bucket")
    assert bucket["AccessControl"].text == "PublicRead"
    assert bucket["VersioningConfiguration.Status"].text == "Enabled"
    assert bucket["LoggingConfiguration.DestinationBucketName"].text == "logs"
    (rule, _), *_ = bucket.each("BucketEncryption.ServerSideEncryptionConfiguration")
    assert rule["ServerSideEncryptionByDefault.SSEAlgorithm"].text == "AES256"
    assert plain(bucket["LifecycleConfiguration.Rules"], found) == [
        {"ExpirationInDays": 30, "Status": "Enabled"}
    ]


def test_the_owner_is_found_by_its_name(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_s3_bucket" "one" { bucket = "one" }
        resource "aws_s3_bucket" "two" { bucket = "two" }
        resource "aws_s3_bucket_ownership_controls" "two" {
          bucket = "two"
          rule { object_ownership = "BucketOwnerEnforced" }
        }
        """
    )
    assert named(found, "aws_s3_bucket.one")["OwnershipControls"].is_set().is_surely_false
    assert plain(named(found, "aws_s3_bucket.two")["OwnershipControls"], found) == {
        "Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]
    }


def test_the_owner_is_found_through_another_setting(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_s3_bucket" "b" {}
        resource "aws_s3_bucket_public_access_block" "b" { bucket = aws_s3_bucket.b.id }
        resource "aws_s3_bucket_policy" "b" {
          bucket = aws_s3_bucket_public_access_block.b.id
          policy = "{}"
        }
        resource "aws_s3_bucket_ownership_controls" "b" {
          bucket = aws_s3_bucket_policy.b.id
          rule { object_ownership = "BucketOwnerEnforced" }
        }
        """
    )
    bucket = only(found, "AWS::S3::Bucket")
    assert sorted(bucket.folded) == [
        "aws_s3_bucket_ownership_controls.b",
        "aws_s3_bucket_policy.b",
        "aws_s3_bucket_public_access_block.b",
    ]


def test_the_owner_under_a_key_that_is_not_known(terraform: Snippet) -> None:
    found = terraform(
        """
        variable "names" { type = set(string) }
        resource "aws_s3_bucket" "b" { for_each = var.names }
        resource "aws_s3_bucket_versioning" "b" {
          for_each = aws_s3_bucket.b
          bucket   = aws_s3_bucket.b[each.key].id
          versioning_configuration { status = "Enabled" }
        }
        """
    )
    status = only(found, "AWS::S3::Bucket")["VersioningConfiguration.Status"]
    assert status.equals("Enabled").unknown.is_never
    assert not status.equals("Enabled").true.is_never


@pytest.mark.parametrize("name", ["var.name", '"${var.name}-data"', "lower(var.name)"])
def test_the_owner_is_found_by_the_same_unknown_name(terraform: Snippet, name: str) -> None:
    found = terraform(
        f"""
        variable "name" {{ type = string }}
        resource "aws_s3_bucket" "b" {{ bucket = {name} }}
        resource "aws_s3_bucket_versioning" "b" {{
          bucket = {name}
          versioning_configuration {{ status = "Enabled" }}
        }}
        """
    )
    assert only(found, "AWS::S3::Bucket")["VersioningConfiguration.Status"].text == "Enabled"


def test_each_instance_gets_its_own_setting(terraform: Snippet) -> None:
    found = terraform(
        """
        locals { buckets = { a = "Enabled", b = "Suspended" } }
        resource "aws_s3_bucket" "b" {
          for_each = local.buckets
        }
        resource "aws_s3_bucket_versioning" "b" {
          for_each = local.buckets
          bucket   = aws_s3_bucket.b[each.key].id
          versioning_configuration { status = each.value }
        }
        """
    )
    assert named(found, 'aws_s3_bucket.b["a"]')["VersioningConfiguration.Status"].text == "Enabled"
    assert named(found, 'aws_s3_bucket.b["b"]')["VersioningConfiguration.Status"].text == "Suspended"


def test_a_setting_under_a_condition_holds_under_it(terraform: Snippet) -> None:
    found = terraform(
        """
        variable "versioned" { type = bool }
        resource "aws_s3_bucket" "b" {}
        resource "aws_s3_bucket_versioning" "b" {
          count  = var.versioned ? 1 : 0
          bucket = aws_s3_bucket.b.id
          versioning_configuration { status = "Enabled" }
        }
        """
    )
    holds = only(found, "AWS::S3::Bucket")["VersioningConfiguration.Status"].equals("Enabled")
    assert holds.true is Guard.of("var.versioned")
    assert holds.unknown.is_never


def test_under_the_owner_s_own_condition_it_simply_holds(terraform: Snippet) -> None:
    found = terraform(
        """
        variable "create" { type = bool }
        resource "aws_s3_bucket" "b" { count = var.create ? 1 : 0 }
        resource "aws_s3_bucket_versioning" "b" {
          count  = var.create ? 1 : 0
          bucket = aws_s3_bucket.b[0].id
          versioning_configuration { status = "Enabled" }
        }
        """
    )
    assert only(found, "AWS::S3::Bucket")["VersioningConfiguration.Status"].text == "Enabled"


def test_a_condition_of_a_template_guards_what_it_folds(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Parameters: {Open: {Type: String, AllowedValues: ["yes", "no"]}}
        Conditions: {IsOpen: !Equals [!Ref Open, "yes"]}
        Resources:
          G: {Type: "AWS::EC2::SecurityGroup", Properties: {GroupDescription: g}}
          I:
            Type: AWS::EC2::SecurityGroupIngress
            Condition: IsOpen
            Properties: {GroupId: !Ref G, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
        """
    )
    group = only(found, "AWS::EC2::SecurityGroup")
    (_, guard), *_ = group.each("SecurityGroupIngress")
    assert str(guard) == "IsOpen is true"


def test_what_belongs_to_something_elsewhere_stays(terraform: Snippet) -> None:
    found = terraform(
        """
        data "aws_s3_bucket" "other" { bucket = "other" }
        resource "aws_s3_bucket" "b" {}
        resource "aws_s3_bucket_versioning" "other" {
          bucket = data.aws_s3_bucket.other.id
          versioning_configuration { status = "Enabled" }
        }
        """
    )
    assert named(found, "aws_s3_bucket_versioning.other").type is None
    assert only(found, "AWS::S3::Bucket")["VersioningConfiguration"].is_set().is_surely_false
    assert found.unmapped == {}


def test_a_rule_for_itself_and_flags_that_are_off(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_security_group" "g" {}
        resource "aws_security_group_rule" "self" {
          type              = "ingress"
          security_group_id = aws_security_group.g.id
          protocol          = "-1"
          from_port         = 0
          to_port           = 0
          self              = true
        }
        resource "aws_security_group_rule" "world" {
          type              = "ingress"
          security_group_id = aws_security_group.g.id
          protocol          = "tcp"
          from_port         = 80
          to_port           = 80
          self              = false
          cidr_blocks       = ["0.0.0.0/0"]
        }
        """
    )
    group = only(found, "AWS::EC2::SecurityGroup")
    assert plain(group["SecurityGroupIngress"], found) == [
        {"Extra": {"Self": True}, "FromPort": 0, "IpProtocol": "-1", "ToPort": 0},
        {"CidrIp": "0.0.0.0/0", "FromPort": 80, "IpProtocol": "tcp", "ToPort": 80},
    ]


def test_managed_policies_attached_to_several(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_iam_role" "r" { assume_role_policy = "{}" }
        resource "aws_iam_user" "u" { name = "u" }
        resource "aws_iam_policy" "p" { policy = "{}" }
        resource "aws_iam_policy_attachment" "p" {
          name       = "p"
          roles      = [aws_iam_role.r.name]
          users      = ["u"]
          policy_arn = aws_iam_policy.p.arn
        }
        """
    )
    assert plain(only(found, "AWS::IAM::Role")["ManagedPolicyArns"], found) == ["<AWS::IAM::ManagedPolicy>"]
    assert plain(only(found, "AWS::IAM::User")["ManagedPolicyArns"], found) == ["<AWS::IAM::ManagedPolicy>"]


def test_tags_that_are_resources_of_their_own(terraform: Snippet) -> None:
    found = terraform(
        """
        variable "team" {}
        resource "aws_instance" "i" {
          tags = { Name = "web" }
        }
        resource "aws_ec2_tag" "team" {
          resource_id = aws_instance.i.id
          key         = "Team"
          value       = "shop"
        }
        resource "aws_ec2_tag" "unknown" {
          resource_id = aws_instance.i.id
          key         = "Owner"
          value       = var.team
        }
        resource "aws_ec2_tag" "foreign" {
          resource_id = "subnet-1"
          key         = "Team"
          value       = "shop"
        }
        """
    )
    instance = only(found, "AWS::EC2::Instance")
    assert plain(instance.tags, found) == {"Name": "web", "Team": "shop", "Owner": "<var.team>"}
    assert plain(instance["Tags"], found) == plain(instance.tags, found)
    assert instance.folded == ("aws_ec2_tag.team", "aws_ec2_tag.unknown")
    # What it tags is not here.
    assert named(found, "aws_ec2_tag.foreign").type is None
    assert found.unmapped == {}


def test_tags_of_a_group_that_has_none_itself(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_autoscaling_group" "g" {}
        resource "aws_autoscaling_group_tag" "t" {
          autoscaling_group_name = aws_autoscaling_group.g.name
          tag {
            key                 = "Team"
            value               = "shop"
            propagate_at_launch = true
          }
        }
        """
    )
    assert plain(only(found, "AWS::AutoScaling::AutoScalingGroup").tags, found) == {"Team": "shop"}
