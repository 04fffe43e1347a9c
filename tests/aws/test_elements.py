"""Arguments that are settings of one element of a list in the registry."""

from tests.aws.reading import Snippet, only, properties
from wa_scan.values import Unknown


def test_arguments_are_gathered_into_elements(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_dynamodb_table" "t" {
          name      = "orders"
          hash_key  = "customer"
          range_key = "at"
          global_secondary_index {
            name     = "by-state"
            hash_key = "state"
          }
        }
        """
    )
    assert properties(only(found, "AWS::DynamoDB::Table"), found) == {
        "TableName": "orders",
        "KeySchema": [
            {"KeyType": "HASH", "AttributeName": "customer"},
            {"KeyType": "RANGE", "AttributeName": "at"},
        ],
        "GlobalSecondaryIndexes": [
            {"IndexName": "by-state", "KeySchema": [{"KeyType": "HASH", "AttributeName": "state"}]}
        ],
    }


def test_several_settings_of_one_element(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_sns_topic" "t" {
          sqs_success_feedback_role_arn = "arn:role"
          sqs_failure_feedback_role_arn = "arn:role"
          http_failure_feedback_role_arn = null
        }
        """
    )
    assert properties(only(found, "AWS::SNS::Topic"), found) == {
        "DeliveryStatusLogging": [
            {"Protocol": "sqs", "SuccessFeedbackRoleArn": "arn:role", "FailureFeedbackRoleArn": "arn:role"}
        ],
    }


def test_elements_by_their_place(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_vpn_connection" "v" {
          type                  = "ipsec.1"
          tunnel2_preshared_key = var.key
          tunnel1_ike_versions  = ["ikev2"]
          tunnel1_log_options {
            cloudwatch_log_options {
              log_enabled = true
            }
          }
        }
        variable "key" {}
        """
    )
    vpn = only(found, "AWS::EC2::VPNConnection")
    first, second = (tunnel for tunnel, _ in vpn["VpnTunnelOptionsSpecifications"].items())
    assert [version.get("Value").text for version, _ in first.get("IKEVersions").items()] == ["ikev2"]
    assert first.get("LogOptions").get("CloudwatchLogOptions").get("LogEnabled").scalar is True
    assert isinstance(second.get("PreSharedKey"), Unknown)


def test_an_element_none_of_whose_settings_is_written_is_not_there(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_s3_bucket_notification" "n" {
          bucket = aws_s3_bucket.b.id
          queue {
            queue_arn     = "arn:queue"
            events        = ["s3:ObjectCreated:*"]
            filter_suffix = ".csv"
          }
          topic {
            topic_arn     = "arn:topic"
            events        = ["s3:ObjectRemoved:*"]
            filter_prefix = null
          }
        }
        resource "aws_s3_bucket" "b" {}
        """
    )
    assert properties(only(found, "AWS::S3::Bucket"), found) == {
        "NotificationConfiguration": {
            "QueueConfigurations": [
                {
                    "Event": "s3:ObjectCreated:*",
                    "Queue": "arn:queue",
                    "Filter": {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".csv"}]}},
                }
            ],
            "TopicConfigurations": [
                {"Event": "s3:ObjectRemoved:*", "Topic": "arn:topic", "Filter": {"S3Key": {}}}
            ],
        }
    }
