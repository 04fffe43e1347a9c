"""Block devices and environments."""

import pytest

from tests.aws.reading import Snippet, only
from wa_scan.aws.tags import environment
from wa_scan.aws.volumes import block_devices, has_root_device, is_root
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN


def test_block_devices_of_an_instance(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_instance" "i" {
          root_block_device {
            encrypted = true
          }
          ebs_block_device {
            device_name = "/dev/sdf"
            encrypted   = false
          }
        }
        """
    )
    devices = [part for part, _ in block_devices(only(found, "AWS::EC2::Instance"))]
    assert [part["Ebs.Encrypted"].scalar for part in devices] == [True, False]
    assert [is_root(part) for part in devices] == [TRUE, FALSE]
    assert has_root_device(only(found, "AWS::EC2::Instance")) == TRUE


def test_block_devices_of_a_launch_template(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Resources:
          T:
            Type: AWS::EC2::LaunchTemplate
            Properties:
              LaunchTemplateData:
                BlockDeviceMappings:
                - {DeviceName: /dev/xvda, Ebs: {Encrypted: true}}
                - {DeviceName: /dev/sdb, VirtualName: ephemeral0}
        """
    )
    devices = [part for part, _ in block_devices(only(found, "AWS::EC2::LaunchTemplate"))]
    assert [is_root(part) for part in devices] == [TRUE]


def test_no_block_device_is_no_root_device(terraform: Snippet) -> None:
    instance = only(terraform('resource "aws_instance" "i" {}'), "AWS::EC2::Instance")
    assert block_devices(instance) == []
    assert has_root_device(instance) == FALSE


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ('{ Environment = "prod" }', "prod"),
        ('{ environment = "dev" }', "dev"),
        ('{ "acme:env" = "test" }', "test"),
        ('{ Stage = "beta" }', "beta"),
        ('{ Name = "prod" }', None),
    ],
)
def test_environments(terraform: Snippet, tags: str, expected: str | None) -> None:
    instance = only(terraform(f'resource "aws_instance" "i" {{ tags = {tags} }}'), "AWS::EC2::Instance")
    assert environment(instance).text == expected


def test_an_environment_that_is_not_known(terraform: Snippet) -> None:
    found = terraform(
        """
        variable "env" { type = string }
        resource "aws_instance" "i" { tags = { Environment = var.env } }
        """
    )
    assert environment(only(found, "AWS::EC2::Instance")).equals("prod") == UNKNOWN


def test_what_the_sam_transform_notes_in_tags_is_no_tag(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Transform: AWS::Serverless-2016-10-31
        Conditions: {IsHome: !Equals [!Ref AWS::Region, eu-west-1]}
        Resources:
          Files: {Type: AWS::S3::Bucket}
          Read:
            Type: AWS::Serverless::Function
            Condition: IsHome
            Properties:
              Runtime: python3.13
              Handler: read.handler
              InlineCode: x
              Events:
                Uploaded: {Type: S3, Properties: {Bucket: !Ref Files, Events: 's3:ObjectCreated:*'}}
        """
    )
    bucket = only(found, "AWS::S3::Bucket")
    assert bucket.tags.is_set().is_surely_false
    assert only(found, "AWS::Lambda::Function").tags.is_set().is_surely_false
