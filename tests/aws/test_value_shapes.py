"""Arguments that hold plain values where the registry has objects, and blocks where it has plain values."""

import textwrap

import pytest

from tests.aws.reading import Snippet, only, plain

CASES: dict[str, tuple[str, dict[str, object]]] = {
    "AWS::AutoScaling::AutoScalingGroup": (
        """
        resource "aws_autoscaling_group" "web" {
          min_size            = 1
          max_size            = 2
          enabled_metrics     = ["GroupMinSize", "GroupMaxSize"]
          metrics_granularity = "1Minute"
        }
        """,
        {"MetricsCollection": [{"Granularity": "1Minute", "Metrics": ["GroupMinSize", "GroupMaxSize"]}]},
    ),
    "AWS::StepFunctions::StateMachine": (
        """
        resource "aws_cloudwatch_log_group" "orders" {
          name = "orders"
        }
        resource "aws_sfn_state_machine" "orders" {
          name       = "orders"
          role_arn   = "arn:aws:iam::123456789012:role/orders"
          definition = "{}"
          logging_configuration {
            log_destination = "${aws_cloudwatch_log_group.orders.arn}:*"
            level           = "ALL"
          }
        }
        """,
        {
            "LoggingConfiguration": {
                "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": "<AWS::Logs::LogGroup>:*"}}],
                "Level": "ALL",
            }
        },
    ),
    "AWS::RDS::DBParameterGroup": (
        """
        resource "aws_db_parameter_group" "orders" {
          family = "postgres16"
          parameter {
            name  = "rds.force_ssl"
            value = "1"
          }
        }
        """,
        {"Parameters": {"rds.force_ssl": "1"}},
    ),
    "AWS::EC2::NetworkInterface": (
        """
        resource "aws_network_interface" "web" {
          subnet_id      = "subnet-1"
          ipv6_addresses = ["2001:db8::1", "2001:db8::2"]
        }
        """,
        {"Ipv6Addresses": [{"Ipv6Address": "2001:db8::1"}, {"Ipv6Address": "2001:db8::2"}]},
    ),
    "AWS::CodeArtifact::Repository": (
        """
        resource "aws_codeartifact_repository" "team" {
          domain     = "shop"
          repository = "team"
          upstream {
            repository_name = "public"
          }
          external_connections {
            external_connection_name = "public:npmjs"
          }
        }
        """,
        {"Upstreams": ["public"], "ExternalConnections": ["public:npmjs"]},
    ),
    "AWS::CloudFront::OriginRequestPolicy": (
        """
        resource "aws_cloudfront_origin_request_policy" "web" {
          name = "web"
          cookies_config {
            cookie_behavior = "whitelist"
            cookies {
              items = ["session"]
            }
          }
          headers_config {
            header_behavior = "none"
          }
          query_strings_config {
            query_string_behavior = "all"
          }
        }
        """,
        {
            "OriginRequestPolicyConfig": {
                "CookiesConfig": {"CookieBehavior": "whitelist", "Cookies": ["session"]},
                "HeadersConfig": {"HeaderBehavior": "none"},
                "Name": "web",
                "QueryStringsConfig": {"QueryStringBehavior": "all"},
            }
        },
    ),
    "AWS::WAFv2::RuleGroup": (
        """
        resource "aws_wafv2_rule_group" "web" {
          name     = "web"
          scope    = "REGIONAL"
          capacity = 10
          custom_response_body {
            key          = "blocked"
            content      = "no"
            content_type = "TEXT_PLAIN"
          }
        }
        """,
        {"CustomResponseBodies": {"blocked": {"Content": "no", "ContentType": "TEXT_PLAIN"}}},
    ),
    "AWS::WAFv2::WebACL": (
        """
        resource "aws_wafv2_web_acl" "web" {
          name  = "web"
          scope = "REGIONAL"
          association_config {
            request_body {
              api_gateway {
                default_size_inspection_limit = "KB_16"
              }
            }
          }
        }
        """,
        {"AssociationConfig": {"RequestBody": {"API_GATEWAY": {"DefaultSizeInspectionLimit": "KB_16"}}}},
    ),
}


@pytest.mark.parametrize("type_", CASES)
def test_values_have_the_shape_of_the_registry(terraform: Snippet, type_: str) -> None:
    source, expected = CASES[type_]
    found = terraform(textwrap.dedent(source))
    resource = only(found, type_)
    assert {name: plain(resource[name], found) for name in expected} == expected
