"""Typed links between resources."""

import pytest

from tests.aws.reading import Snippet, links_of, named
from wa_scan.aws.links import LinkKind


def test_a_web_application(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
        resource "aws_subnet" "a" {
          vpc_id     = aws_vpc.v.id
          cidr_block = "10.0.1.0/24"
        }
        resource "aws_security_group" "web" { vpc_id = aws_vpc.v.id }
        resource "aws_lb" "web" {
          subnets         = [aws_subnet.a.id]
          security_groups = [aws_security_group.web.id]
        }
        resource "aws_lb_target_group" "web" { vpc_id = aws_vpc.v.id }
        resource "aws_lb_listener" "web" {
          load_balancer_arn = aws_lb.web.arn
          default_action {
            type             = "forward"
            target_group_arn = aws_lb_target_group.web.arn
          }
        }
        resource "aws_autoscaling_group" "web" {
          min_size            = 1
          max_size            = 2
          target_group_arns   = [aws_lb_target_group.web.arn]
          vpc_zone_identifier = [aws_subnet.a.id]
        }
        resource "aws_autoscaling_schedule" "night" {
          scheduled_action_name  = "night"
          autoscaling_group_name = aws_autoscaling_group.web.name
        }
        resource "aws_wafv2_web_acl_association" "web" {
          resource_arn = aws_lb.web.arn
          web_acl_arn  = aws_wafv2_web_acl.web.arn
        }
        resource "aws_wafv2_web_acl" "web" { scope = "REGIONAL" }
        """
    )
    assert links_of(found) == {
        ("aws_subnet.a", "in VPC", "aws_vpc.v"),
        ("aws_security_group.web", "in VPC", "aws_vpc.v"),
        ("aws_lb_target_group.web", "in VPC", "aws_vpc.v"),
        ("aws_lb.web", "in subnet", "aws_subnet.a"),
        ("aws_lb.web", "protected by", "aws_security_group.web"),
        ("aws_lb.web", "serves", "aws_lb_listener.web"),
        ("aws_lb_listener.web", "serves", "aws_lb_target_group.web"),
        ("aws_lb_target_group.web", "serves", "aws_autoscaling_group.web"),
        ("aws_autoscaling_group.web", "in subnet", "aws_subnet.a"),
        ("aws_autoscaling_group.web", "scaled by", "aws_autoscaling_schedule.night"),
        ("aws_lb.web", "protected by", "aws_wafv2_web_acl.web"),
    }


def test_the_same_in_a_template(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Resources:
          Lb: {Type: "AWS::ElasticLoadBalancingV2::LoadBalancer"}
          Acl: {Type: "AWS::WAFv2::WebACL"}
          AclOfLb:
            Type: AWS::WAFv2::WebACLAssociation
            Properties: {ResourceArn: !Ref Lb, WebACLArn: !GetAtt Acl.Arn}
          Group: {Type: "AWS::ElasticLoadBalancingV2::TargetGroup"}
          Listener:
            Type: AWS::ElasticLoadBalancingV2::Listener
            Properties:
              LoadBalancerArn: !Ref Lb
              DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
          Cluster: {Type: "AWS::ECS::Cluster"}
          Service:
            Type: AWS::ECS::Service
            Properties: {Cluster: !Ref Cluster, LoadBalancers: [{TargetGroupArn: !Ref Group}]}
          Scaling:
            Type: AWS::ApplicationAutoScaling::ScalableTarget
            Properties: {ResourceId: !Sub "service/${Cluster}/${Service.Name}"}
        """
    )
    assert links_of(found) == {
        ("Lb", "protected by", "Acl"),
        ("Lb", "serves", "Listener"),
        ("Listener", "serves", "Group"),
        ("Group", "serves", "Service"),
        ("Service", "attached to", "Cluster"),
        ("Service", "scaled by", "Scaling"),
    }


def test_routes_and_flow_logs(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
        resource "aws_internet_gateway" "i" { vpc_id = aws_vpc.v.id }
        resource "aws_subnet" "s" {
          vpc_id     = aws_vpc.v.id
          cidr_block = "10.0.1.0/24"
        }
        resource "aws_route_table" "t" {
          vpc_id = aws_vpc.v.id
          route {
            cidr_block = "0.0.0.0/0"
            gateway_id = aws_internet_gateway.i.id
          }
        }
        resource "aws_route_table_association" "s" {
          subnet_id      = aws_subnet.s.id
          route_table_id = aws_route_table.t.id
        }
        resource "aws_cloudwatch_log_group" "l" { name = "flow" }
        resource "aws_flow_log" "f" {
          vpc_id          = aws_vpc.v.id
          log_destination = aws_cloudwatch_log_group.l.arn
          traffic_type    = "ALL"
        }
        """
    )
    assert links_of(found) == {
        ("aws_internet_gateway.i", "attached to", "aws_vpc.v"),
        ("aws_subnet.s", "in VPC", "aws_vpc.v"),
        ("aws_route_table.t", "in VPC", "aws_vpc.v"),
        ("aws_route_table.t", "routes to", "aws_internet_gateway.i"),
        ("aws_subnet.s", "routes to", "aws_route_table.t"),
        ("aws_vpc.v", "logs to", "aws_flow_log.f"),
        ("aws_flow_log.f", "logs to", "aws_cloudwatch_log_group.l"),
    }


def test_messages_and_functions(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_sqs_queue" "dead" { name = "dead" }
        resource "aws_sqs_queue" "jobs" {
          redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 3 })
        }
        resource "aws_iam_role" "r" { assume_role_policy = "{}" }
        resource "aws_lambda_function" "f" {
          function_name = "f"
          role          = aws_iam_role.r.arn
        }
        resource "aws_lambda_event_source_mapping" "m" {
          event_source_arn = aws_sqs_queue.jobs.arn
          function_name    = aws_lambda_function.f.arn
        }
        resource "aws_sns_topic" "t" { kms_master_key_id = aws_kms_key.k.id }
        resource "aws_kms_key" "k" {}
        resource "aws_sns_topic_subscription" "s" {
          topic_arn = aws_sns_topic.t.arn
          protocol  = "sqs"
          endpoint  = aws_sqs_queue.jobs.arn
        }
        resource "aws_cloudwatch_metric_alarm" "a" {
          alarm_name          = "errors"
          comparison_operator = "GreaterThanThreshold"
          evaluation_periods  = 1
          dimensions          = { FunctionName = "f" }
          alarm_actions       = [aws_sns_topic.t.arn]
        }
        """
    )
    assert links_of(found) == {
        ("aws_sqs_queue.jobs", "dead letters to", "aws_sqs_queue.dead"),
        ("aws_lambda_function.f", "assumes", "aws_iam_role.r"),
        ("aws_sqs_queue.jobs", "invokes", "aws_lambda_function.f"),
        ("aws_lambda_function.f", "reads from", "aws_sqs_queue.jobs"),
        ("aws_sns_topic.t", "encrypted with", "aws_kms_key.k"),
        ("aws_sns_topic.t", "publishes to", "aws_sqs_queue.jobs"),
        ("aws_lambda_function.f", "alarmed by", "aws_cloudwatch_metric_alarm.a"),
        ("aws_cloudwatch_metric_alarm.a", "publishes to", "aws_sns_topic.t"),
    }


BACKUPS = """
variable "backup" { type = string }
resource "aws_dynamodb_table" "tagged" { tags = { Backup = "daily" } }
resource "aws_dynamodb_table" "untagged" {}
resource "aws_dynamodb_table" "maybe" { tags = { Backup = var.backup } }
resource "aws_efs_file_system" "files" {}
resource "aws_backup_selection" "daily" {
  name         = "daily"
  plan_id      = aws_backup_plan.p.id
  iam_role_arn = "arn"
  resources    = RESOURCES
  selection_tag {
    type  = "STRINGEQUALS"
    key   = "Backup"
    value = "daily"
  }
}
resource "aws_backup_plan" "p" { name = "p" }
"""


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ("[]", {"aws_dynamodb_table.tagged", "aws_dynamodb_table.maybe"}),
        (
            '["arn:aws:elasticfilesystem:*:*:file-system/*"]',
            {"aws_dynamodb_table.tagged", "aws_dynamodb_table.maybe", "aws_efs_file_system.files"},
        ),
        (
            "[aws_dynamodb_table.untagged.arn]",
            {"aws_dynamodb_table.tagged", "aws_dynamodb_table.maybe", "aws_dynamodb_table.untagged"},
        ),
        (
            '["*"]',
            {
                "aws_dynamodb_table.tagged",
                "aws_dynamodb_table.maybe",
                "aws_dynamodb_table.untagged",
                "aws_efs_file_system.files",
            },
        ),
    ],
)
def test_backups_by_tag_pattern_and_reference(terraform: Snippet, resources: str, expected: set[str]) -> None:
    found = terraform(BACKUPS.replace("RESOURCES", resources))
    links = [link for link in found.links if link.kind is LinkKind.BACKED_UP_BY]
    assert {link.source.address for link in links} == expected
    assert {link.target.address for link in links} == {"aws_backup_selection.daily"}


def test_a_backup_that_depends_on_an_unknown_tag_says_so(terraform: Snippet) -> None:
    found = terraform(BACKUPS.replace("RESOURCES", "[]"))
    (link,) = (each for each in found.links if each.source.address == "aws_dynamodb_table.maybe")
    assert str(link.guard) == "aws_backup_selection.daily selects aws_dynamodb_table.maybe is true"


def test_a_link_knows_where_it_is_written_and_when_it_holds(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
        Conditions: {IsProd: !Equals [!Ref Env, prod]}
        Resources:
          Key: {Type: "AWS::KMS::Key"}
          Volume:
            Type: AWS::EC2::Volume
            Properties:
              KmsKeyId: !If [IsProd, !GetAtt Key.Arn, !Ref "AWS::NoValue"]
        """
    )
    (link,) = found.links
    assert (link.kind, link.path, str(link.guard)) == (
        LinkKind.ENCRYPTED_WITH,
        "KmsKeyId",
        "IsProd is true",
    )
    assert (link.location.file, link.location.start_line) == ("template.yaml", 9)


def test_one_element_of_many_is_one_link(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_subnet" "s" {
          count      = 2
          vpc_id     = "vpc-1"
          cidr_block = "10.0.${count.index}.0/24"
        }
        resource "aws_nat_gateway" "n" {
          count     = 2
          subnet_id = element(aws_subnet.s[*].id, count.index)
        }
        """
    )
    assert links_of(found) == {
        ("aws_nat_gateway.n[0]", "in subnet", "aws_subnet.s[0]"),
        ("aws_nat_gateway.n[1]", "in subnet", "aws_subnet.s[1]"),
    }


def test_links_to_what_was_looked_up(terraform: Snippet) -> None:
    found = terraform(
        """
        data "aws_vpc" "v" { default = true }
        resource "aws_security_group" "g" { vpc_id = data.aws_vpc.v.id }
        """
    )
    assert links_of(found) == {("aws_security_group.g", "in VPC", "data.aws_vpc.v")}
    assert named(found, "data.aws_vpc.v").type == "AWS::EC2::VPC"
