"""What settings that are resources of their own say, in the properties of what they configure."""

import pytest

from tests.aws.reading import Snippet, only, plain

CASES = {
    "AWS::EC2::SecurityGroup SecurityGroupIngress": (
        """
        resource "aws_security_group" "o" {}
        resource "aws_security_group_rule" "s" {
          security_group_id = aws_security_group.o.id
          type              = "ingress"
          protocol          = "tcp"
          from_port         = 22
          to_port           = 22
          cidr_blocks       = ["10.0.0.0/8", "192.168.0.0/16"]
        }
        resource "aws_vpc_security_group_ingress_rule" "s" {
          security_group_id            = aws_security_group.o.id
          ip_protocol                  = "-1"
          referenced_security_group_id = "sg-1"
        }
        """,
        [
            {"CidrIp": "10.0.0.0/8", "FromPort": 22, "IpProtocol": "tcp", "ToPort": 22},
            {"CidrIp": "192.168.0.0/16", "FromPort": 22, "IpProtocol": "tcp", "ToPort": 22},
            {"IpProtocol": "-1", "SourceSecurityGroupId": "sg-1"},
        ],
    ),
    "AWS::IAM::Role ManagedPolicyArns": (
        """
        resource "aws_iam_role" "o" {}
        resource "aws_iam_role_policy_attachment" "s" {
          role       = aws_iam_role.o.name
          policy_arn = "arn:one"
        }
        resource "aws_iam_role_policy_attachments_exclusive" "s" {
          role_name   = aws_iam_role.o.name
          policy_arns = ["arn:two"]
        }
        resource "aws_iam_policy_attachment" "s" {
          name       = "all"
          roles      = [aws_iam_role.o.name]
          policy_arn = "arn:three"
        }
        """,
        ["arn:three", "arn:one", "arn:two"],
    ),
    "AWS::AutoScaling::AutoScalingGroup TargetGroupARNs": (
        """
        resource "aws_autoscaling_group" "o" {}
        resource "aws_autoscaling_attachment" "s" {
          autoscaling_group_name = aws_autoscaling_group.o.name
          lb_target_group_arn    = "arn:group"
        }
        """,
        ["arn:group"],
    ),
    "AWS::RDS::DBCluster AssociatedRoles": (
        """
        resource "aws_rds_cluster" "o" {}
        resource "aws_rds_cluster_role_association" "s" {
          db_cluster_identifier = aws_rds_cluster.o.id
          feature_name          = "s3Import"
          role_arn              = "arn:role"
        }
        """,
        [{"FeatureName": "s3Import", "RoleArn": "arn:role"}],
    ),
    "AWS::RDS::DBProxyTargetGroup DBInstanceIdentifiers": (
        """
        resource "aws_db_proxy_default_target_group" "o" { db_proxy_name = "p" }
        resource "aws_db_proxy_target" "s" {
          db_proxy_name          = "p"
          target_group_name      = aws_db_proxy_default_target_group.o.name
          db_instance_identifier = "db"
        }
        """,
        ["db"],
    ),
    "AWS::DynamoDB::Table ContributorInsightsSpecification": (
        """
        resource "aws_dynamodb_table" "o" { name = "orders" }
        resource "aws_dynamodb_contributor_insights" "s" {
          table_name = aws_dynamodb_table.o.name
          mode       = "THROTTLED_KEYS"
        }
        """,
        {"Enabled": True, "Mode": "THROTTLED_KEYS"},
    ),
    "AWS::ECS::Cluster CapacityProviders": (
        """
        resource "aws_ecs_cluster" "o" { name = "c" }
        resource "aws_ecs_cluster_capacity_providers" "s" {
          cluster_name       = aws_ecs_cluster.o.name
          capacity_providers = ["FARGATE_SPOT"]
        }
        """,
        ["FARGATE_SPOT"],
    ),
    "AWS::Logs::LogGroup DataProtectionPolicy": (
        """
        resource "aws_cloudwatch_log_group" "o" { name = "app" }
        resource "aws_cloudwatch_log_data_protection_policy" "s" {
          log_group_name  = aws_cloudwatch_log_group.o.name
          policy_document = jsonencode({ Name = "mask" })
        }
        """,
        {"Name": "mask"},
    ),
    "AWS::EC2::NatGateway SecondaryAllocationIds": (
        """
        resource "aws_nat_gateway" "o" { subnet_id = "subnet-1" }
        resource "aws_nat_gateway_eip_association" "s" {
          nat_gateway_id = aws_nat_gateway.o.id
          allocation_id  = "eipalloc-1"
        }
        """,
        ["eipalloc-1"],
    ),
    "AWS::Route53Resolver::FirewallRuleGroup FirewallRules": (
        """
        resource "aws_route53_resolver_firewall_rule_group" "o" { name = "g" }
        resource "aws_route53_resolver_firewall_rule" "s" {
          name                    = "block"
          action                  = "BLOCK"
          block_response          = "NODATA"
          firewall_domain_list_id = "list-1"
          firewall_rule_group_id  = aws_route53_resolver_firewall_rule_group.o.id
          priority                = 1
        }
        """,
        [{"Action": "BLOCK", "BlockResponse": "NODATA", "FirewallDomainListId": "list-1", "Priority": 1}],
    ),
    "AWS::S3::Bucket OwnershipControls": (
        """
        resource "aws_s3_bucket" "o" {}
        resource "aws_s3_bucket_ownership_controls" "s" {
          bucket = aws_s3_bucket.o.id
          rule {
            object_ownership = "BucketOwnerEnforced"
          }
        }
        """,
        {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    ),
    "AWS::S3::Bucket InventoryConfigurations": (
        """
        resource "aws_s3_bucket" "o" {}
        resource "aws_s3_bucket_inventory" "s" {
          bucket                   = aws_s3_bucket.o.id
          name                     = "all"
          enabled                  = true
          included_object_versions = "All"
          schedule {
            frequency = "Daily"
          }
          destination {
            bucket {
              bucket_arn = "arn:bucket"
              format     = "CSV"
            }
          }
        }
        """,
        [
            {
                "Destination": {"BucketArn": "arn:bucket", "Format": "CSV"},
                "Enabled": True,
                "Id": "all",
                "IncludedObjectVersions": "All",
                "ScheduleFrequency": "Daily",
            }
        ],
    ),
    "AWS::Elasticsearch::Domain AccessPolicies": (
        """
        resource "aws_elasticsearch_domain" "o" { domain_name = "logs" }
        resource "aws_elasticsearch_domain_policy" "s" {
          domain_name     = aws_elasticsearch_domain.o.domain_name
          access_policies = jsonencode({ Statement = [] })
        }
        """,
        {"Statement": []},
    ),
    "AWS::ApiGateway::Method Integration": (
        """
        resource "aws_api_gateway_method" "o" {
          rest_api_id   = "api"
          resource_id   = "res"
          http_method   = "GET"
          authorization = "NONE"
        }
        resource "aws_api_gateway_integration" "s" {
          rest_api_id = "api"
          resource_id = "res"
          http_method = aws_api_gateway_method.o.http_method
          type        = "MOCK"
        }
        """,
        {"Type": "MOCK"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_folded_value(name: str, terraform: Snippet) -> None:
    type_, path = name.split()
    source, wanted = CASES[name]
    found = terraform(source)
    owner = only(found, type_)
    assert plain(owner[path], found) == wanted
    assert len(owner.folded) == source.count(' "s" {')
