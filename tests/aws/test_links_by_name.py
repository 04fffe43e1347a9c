"""Links that follow from names, ARNs written out and dependencies spelt out, in both languages."""

from pathlib import Path

import pytest

from tests.aws.reading import Snippet, links_of
from wa_scan.aws.normalise import normalise
from wa_scan.sources.units import RootModule
from wa_scan.terraform.evaluate import evaluate_root

TEMPLATE = """
Resources:
  Cluster: {Type: "AWS::ECS::Cluster", Properties: {ClusterName: main}}
  Web:
    Type: AWS::ECS::Service
    Properties: {ServiceName: web, Cluster: !Ref Cluster, TaskDefinition: !Ref Task}
  Same: {Type: "AWS::ECS::Service", Properties: {ServiceName: web, Cluster: other}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
      - Secrets: [{Name: PASSWORD, ValueFrom: !Ref Secret}]
  Secret: {Type: "AWS::SecretsManager::Secret"}
  Scaling: {Type: "AWS::ApplicationAutoScaling::ScalableTarget", Properties: {ResourceId: service/main/web}}
  Orders: {Type: "AWS::DynamoDB::Table", Properties: {TableName: orders}}
  OrdersScaling:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties: {ResourceId: table/orders/index/by-date}
  Function: {Type: "AWS::Lambda::Function", Properties: {FunctionName: orders}}
  Logs: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: /aws/lambda/orders}}
  Errors:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: errors
      Namespace: AWS/Lambda
      Dimensions: [{Name: FunctionName, Value: orders}]
  Throttles:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Metrics:
      - Id: m
        MetricStat:
          Metric: {Namespace: AWS/DynamoDB, Dimensions: [{Name: TableName, Value: orders}]}
  Load:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/ECS
      Dimensions: [{Name: ClusterName, Value: main}, {Name: ServiceName, Value: web}]
  Own:
    Type: AWS::CloudWatch::Alarm
    Properties: {Namespace: Shop, Dimensions: [{Name: Name, Value: orders}]}
  Both:
    Type: AWS::CloudWatch::CompositeAlarm
    Properties: {AlarmRule: !Sub 'ALARM("errors") OR ALARM(${Load})'}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Sub '{"States": {"A": {"Type": "Task", "Resource": "${Function.Arn}"}}}'
  Rule:
    Type: AWS::Events::Rule
    DependsOn: [Function, Queue]
    Properties: {Targets: [{Id: f, Arn: !GetAtt Function.Arn}, {Id: q, Arn: !GetAtt Queue.Arn}]}
  Queue: {Type: "AWS::SQS::Queue"}
  Api: {Type: "AWS::ApiGatewayV2::Api"}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref Api, IntegrationUri: !GetAtt Function.Arn}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: vpc-1, CidrBlock: 10.0.0.0/24, AvailabilityZone: eu-west-1a}
"""
EXPECTED = {
    ("Web", "attached to", "Cluster"),
    ("Web", "serves", "Task"),
    ("Task", "reads from", "Secret"),
    ("Web", "scaled by", "Scaling"),
    ("Orders", "scaled by", "OrdersScaling"),
    ("Function", "logs to", "Logs"),
    ("Function", "alarmed by", "Errors"),
    ("Orders", "alarmed by", "Throttles"),
    ("Web", "alarmed by", "Load"),
    ("Cluster", "alarmed by", "Load"),
    ("Errors", "alarmed by", "Both"),
    ("Load", "alarmed by", "Both"),
    ("Machine", "invokes", "Function"),
    ("Rule", "depends on", "Function"),
    ("Rule", "depends on", "Queue"),
    ("Rule", "invokes", "Function"),
    ("Rule", "publishes to", "Queue"),
    ("Integration", "attached to", "Api"),
    ("Api", "serves", "Integration"),
    ("Integration", "invokes", "Function"),
    ("Subnet", "in zone", "eu-west-1a"),
}


def test_a_template(cloudformation: Snippet) -> None:
    found = links_of(cloudformation(TEMPLATE))
    assert found == EXPECTED


def test_terraform(terraform: Snippet) -> None:
    found = terraform(
        """
        variable "names" { type = set(string) }
        resource "aws_ecs_cluster" "main" { name = "main" }
        resource "aws_ecs_service" "web" {
          name    = "web"
          cluster = "arn:aws:ecs:eu-west-1:111122223333:cluster/main"
        }
        resource "aws_appautoscaling_target" "web" {
          resource_id        = "service/main/web"
          service_namespace  = "ecs"
          scalable_dimension = "ecs:service:DesiredCount"
          min_capacity       = 1
          max_capacity       = 2
        }
        resource "aws_sqs_queue" "jobs" { name = "jobs" }
        resource "aws_cloudwatch_metric_alarm" "age" {
          alarm_name          = "age"
          namespace           = "AWS/SQS"
          comparison_operator = "GreaterThanThreshold"
          evaluation_periods  = 1
          dimensions          = { QueueName = "jobs" }
        }
        resource "aws_cloudwatch_composite_alarm" "all" {
          alarm_name = "all"
          alarm_rule = "ALARM(${aws_cloudwatch_metric_alarm.age.alarm_name})"
        }
        resource "aws_lambda_function" "f" {
          function_name = "worker"
          depends_on    = [aws_cloudwatch_log_group.f]
        }
        resource "aws_cloudwatch_log_group" "f" { name = "/aws/lambda/worker" }
        resource "aws_db_instance" "d" { availability_zone = "eu-west-1b" }
        """
    )
    assert links_of(found) == {
        ("aws_ecs_service.web", "attached to", "aws_ecs_cluster.main"),
        ("aws_ecs_service.web", "scaled by", "aws_appautoscaling_target.web"),
        ("aws_sqs_queue.jobs", "alarmed by", "aws_cloudwatch_metric_alarm.age"),
        ("aws_cloudwatch_metric_alarm.age", "alarmed by", "aws_cloudwatch_composite_alarm.all"),
        ("aws_lambda_function.f", "depends on", "aws_cloudwatch_log_group.f"),
        ("aws_lambda_function.f", "logs to", "aws_cloudwatch_log_group.f"),
        ("aws_db_instance.d", "in zone", "eu-west-1b"),
    }


def test_a_dependency_on_one_instance(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_sns_topic" "one" {
          count = 2
          name  = "one-${count.index}"
        }
        resource "aws_sns_topic" "two" { depends_on = [aws_sns_topic.one[0]] }
        """
    )
    assert links_of(found) == {("aws_sns_topic.two", "depends on", "aws_sns_topic.one[0]")}


@pytest.mark.parametrize(
    ("bucket", "is_linked"),
    [
        ("aws_s3_bucket.main.id", True),
        ('"${aws_s3_bucket.main.id}"', True),
        ('"${aws_s3_bucket.main.id}-logs"', False),
        ('"prefix-${aws_s3_bucket.main.id}"', False),
        ('"main"', False),
    ],
)
def test_a_name_made_of_another_name_is_another_name(
    terraform: Snippet, bucket: str, is_linked: bool
) -> None:
    found = terraform(
        f"""
        resource "aws_s3_bucket" "main" {{}}
        resource "aws_cloudtrail" "t" {{
          name           = "t"
          s3_bucket_name = {bucket}
        }}
        """
    )
    assert (("aws_cloudtrail.t", "logs to", "aws_s3_bucket.main") in links_of(found)) is is_linked


def test_one_of_several_is_no_link(terraform: Snippet) -> None:
    found = terraform(
        """
        variable "i" { type = number }
        resource "aws_subnet" "s" {
          count      = 2
          vpc_id     = "vpc-1"
          cidr_block = "10.0.${count.index}.0/24"
        }
        resource "aws_nat_gateway" "one_of" { subnet_id = aws_subnet.s[var.i].id }
        resource "aws_lb" "all" { subnets = aws_subnet.s[*].id }
        resource "aws_sqs_queue" "a" { name = "same" }
        resource "aws_sqs_queue" "b" { name = "same" }
        resource "aws_cloudwatch_metric_alarm" "m" {
          alarm_name          = "m"
          namespace           = "AWS/SQS"
          comparison_operator = "GreaterThanThreshold"
          evaluation_periods  = 1
          dimensions          = { QueueName = "same" }
        }
        """
    )
    assert links_of(found) == {
        ("aws_lb.all", "in subnet", "aws_subnet.s[0]"),
        ("aws_lb.all", "in subnet", "aws_subnet.s[1]"),
    }


SELECTION = """
resource "aws_dynamodb_table" "orders" { name = "orders" }
resource "aws_dynamodb_table" "archive" {
  name = "orders-archive"
  tags = { Tier = "cold" }
}
resource "aws_dynamodb_table" "users" { name = "users" }
resource "aws_backup_selection" "s" {
  name          = "s"
  plan_id       = "p"
  iam_role_arn  = "arn"
  resources     = RESOURCES
  not_resources = NOT
  CONDITION
}
"""
COLD = """
  condition {
    string_equals {
      key   = "aws:ResourceTag/Tier"
      value = "cold"
    }
  }
"""


@pytest.mark.parametrize(
    ("resources", "left_out", "condition", "tables"),
    [
        pytest.param('["*"]', "[]", "", {"orders", "archive", "users"}, id="all"),
        pytest.param('["*"]', "[]", COLD, {"archive"}, id="all with a tag"),
        pytest.param('["*"]', "[aws_dynamodb_table.users.arn]", "", {"orders", "archive"}, id="all but one"),
        pytest.param('["arn:aws:dynamodb:*:*:table/orders*"]', "[]", "", {"orders", "archive"}, id="pattern"),
        pytest.param('["arn:aws:dynamodb:eu-west-1:1:table/users"]', "[]", "", {"users"}, id="ARN"),
        pytest.param("[aws_dynamodb_table.orders.arn]", "[]", COLD, set(), id="named without the tag"),
        pytest.param('["arn:aws:ec2:*:*:volume/*"]', "[]", "", set(), id="another kind"),
    ],
)
def test_backup_selections(
    terraform: Snippet, resources: str, left_out: str, condition: str, tables: set[str]
) -> None:
    source = SELECTION.replace("RESOURCES", resources).replace("NOT", left_out)
    found = links_of(terraform(source.replace("CONDITION", condition)))
    expected = {(f"aws_dynamodb_table.{name}", "backed up by", "aws_backup_selection.s") for name in tables}
    assert found == expected


def test_what_code_is_told_of_is_a_reference(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_kms_key" "k" {}
        resource "aws_iam_role" "r" { assume_role_policy = "{}" }
        resource "aws_lambda_function" "f" {
          environment {
            variables = {
              KEY  = aws_kms_key.k.arn
              ROLE = aws_iam_role.r.arn
            }
          }
        }
        """
    )
    assert links_of(found) == set()


def test_an_association_that_says_the_same_adds_nothing(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Resources:
          Function: {Type: "AWS::Lambda::Function"}
          Rule: {Type: "AWS::Events::Rule", Properties: {Targets: [{Id: f, Arn: !GetAtt Function.Arn}]}}
          Permission:
            Type: AWS::Lambda::Permission
            Properties:
              FunctionName: !Ref Function
              SourceArn: !GetAtt Rule.Arn
              Action: lambda:InvokeFunction
        """
    )
    invoked = [link.path for link in found.links if link.kind.value == "invokes"]
    assert invoked == ["Targets[].Arn"]


def test_streams_and_replicas(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Resources:
          Stream: {Type: "AWS::Kinesis::Stream"}
          Bucket:
            Type: AWS::S3::Bucket
            Properties:
              ReplicationConfiguration:
                Role: arn:aws:iam::111122223333:role/replication
                Rules: [{Status: Enabled, Destination: {Bucket: !GetAtt Copy.Arn}}]
          Copy: {Type: "AWS::S3::Bucket"}
          Delivery:
            Type: AWS::KinesisFirehose::DeliveryStream
            Properties:
              KinesisStreamSourceConfiguration: {KinesisStreamARN: !GetAtt Stream.Arn}
              ExtendedS3DestinationConfiguration: {BucketARN: !GetAtt Bucket.Arn}
          Pipe:
            Type: AWS::Pipes::Pipe
            Properties:
              Source: !GetAtt Stream.Arn
              Target: !GetAtt Queue.Arn
              Enrichment: !GetAtt Function.Arn
          Queue: {Type: "AWS::SQS::Queue"}
          Function: {Type: "AWS::Lambda::Function"}
        """
    )
    assert links_of(found) == {
        ("Bucket", "writes to", "Copy"),
        ("Delivery", "reads from", "Stream"),
        ("Delivery", "writes to", "Bucket"),
        ("Pipe", "reads from", "Stream"),
        ("Pipe", "publishes to", "Queue"),
        ("Pipe", "invokes", "Function"),
    }


def test_a_module_s_dependencies_and_permissions(tmp_path: Path) -> None:
    (tmp_path / "worker").mkdir()
    (tmp_path / "worker" / "main.tf").write_text(
        """
        variable "bucket_arn" { type = string }
        resource "aws_iam_role" "r" { assume_role_policy = "{}" }
        resource "aws_iam_role_policy" "p" {
          role   = aws_iam_role.r.id
          policy = jsonencode({
            Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${var.bucket_arn}/*" }]
          })
        }
        resource "aws_lambda_function" "f" {
          role       = aws_iam_role.r.arn
          depends_on = [aws_iam_role_policy.p]
        }
        """,
        encoding="utf-8",
    )
    (tmp_path / "main.tf").write_text(
        """
        resource "aws_s3_bucket" "b" {}
        module "worker" {
          source     = "./worker"
          for_each   = toset(["a", "b"])
          bucket_arn = aws_s3_bucket.b.arn
        }
        """,
        encoding="utf-8",
    )
    found = normalise(evaluate_root(RootModule(tmp_path, "infra", tmp_path)))
    for key in ("a", "b"):
        function = f'module.worker["{key}"].aws_lambda_function.f'
        assert {(kind, target) for source, kind, target in links_of(found) if source == function} == {
            ("assumes", f'module.worker["{key}"].aws_iam_role.r'),
            ("depends on", f'module.worker["{key}"].aws_iam_role_policy.p'),
            ("reads from", "aws_s3_bucket.b"),
        }
