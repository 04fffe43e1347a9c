"""The same architecture in both languages gives the same canonical properties."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.aws.reading import Snippet, only, properties
from wa_scan.aws.schemas import type_schema


@dataclass(frozen=True)
class Pair:
    """`type` built once in each language; `same` are the properties that both must give."""

    type: str
    terraform: str
    cloudformation: str
    same: dict[str, object]

    def __str__(self) -> str:
        return self.type.removeprefix("AWS::")


PAIRS = [
    Pair(
        "AWS::RDS::DBInstance",
        """
        resource "aws_db_instance" "main" {
          identifier                          = "shop"
          engine                              = "postgres"
          engine_version                      = "16.3"
          instance_class                      = "db.m6g.large"
          allocated_storage                   = 100
          multi_az                            = true
          publicly_accessible                 = false
          storage_encrypted                   = true
          backup_retention_period             = 7
          backup_window                       = "03:00-04:00"
          deletion_protection                 = true
          iam_database_authentication_enabled = true
          performance_insights_enabled        = true
          enabled_cloudwatch_logs_exports     = ["postgresql"]
          vpc_security_group_ids              = ["sg-1"]
          username                            = "admin"
          tags                                = { Team = "shop" }
        }
        """,
        """
        Resources:
          Main:
            Type: AWS::RDS::DBInstance
            Properties:
              DBInstanceIdentifier: shop
              Engine: postgres
              EngineVersion: 16.3
              DBInstanceClass: db.m6g.large
              AllocatedStorage: "100"
              MultiAZ: "true"
              PubliclyAccessible: false
              StorageEncrypted: true
              BackupRetentionPeriod: 7
              PreferredBackupWindow: "03:00-04:00"
              DeletionProtection: true
              EnableIAMDatabaseAuthentication: true
              EnablePerformanceInsights: true
              EnableCloudwatchLogsExports: [postgresql]
              VPCSecurityGroups: [sg-1]
              MasterUsername: admin
              Tags: [{Key: Team, Value: shop}]
        """,
        {
            "AllocatedStorage": 100,
            "BackupRetentionPeriod": 7,
            "DBInstanceClass": "db.m6g.large",
            "DBInstanceIdentifier": "shop",
            "DeletionProtection": True,
            "EnableCloudwatchLogsExports": ["postgresql"],
            "EnableIAMDatabaseAuthentication": True,
            "EnablePerformanceInsights": True,
            "Engine": "postgres",
            "EngineVersion": "16.3",
            "MasterUsername": "admin",
            "MultiAZ": True,
            "PreferredBackupWindow": "03:00-04:00",
            "PubliclyAccessible": False,
            "StorageEncrypted": True,
            "Tags": {"Team": "shop"},
            "VPCSecurityGroups": ["sg-1"],
        },
    ),
    Pair(
        "AWS::S3::Bucket",
        """
        resource "aws_s3_bucket" "b" { bucket = "data" }
        resource "aws_s3_bucket_versioning" "b" {
          bucket = aws_s3_bucket.b.id
          versioning_configuration { status = "Enabled" }
        }
        resource "aws_s3_bucket_server_side_encryption_configuration" "b" {
          bucket = aws_s3_bucket.b.id
          rule {
            bucket_key_enabled = true
            apply_server_side_encryption_by_default {
              sse_algorithm     = "aws:kms"
              kms_master_key_id = "alias/data"
            }
          }
        }
        resource "aws_s3_bucket_public_access_block" "b" {
          bucket              = aws_s3_bucket.b.id
          block_public_acls   = true
          block_public_policy = true
          ignore_public_acls  = true
        }
        resource "aws_s3_bucket_lifecycle_configuration" "b" {
          bucket = aws_s3_bucket.b.bucket
          rule {
            id     = "old"
            status = "Enabled"
            filter { prefix = "logs/" }
            expiration { days = 365 }
            transition {
              days          = 30
              storage_class = "STANDARD_IA"
            }
            noncurrent_version_expiration { noncurrent_days = 90 }
            abort_incomplete_multipart_upload { days_after_initiation = 7 }
          }
        }
        resource "aws_s3_bucket_acl" "b" {
          bucket = aws_s3_bucket.b.id
          acl    = "log-delivery-write"
        }
        resource "aws_s3_bucket_policy" "b" {
          bucket = aws_s3_bucket.b.id
          policy = jsonencode({ Statement = [{ Effect = "Deny", Action = "s3:*", Resource = "*" }] })
        }
        """,
        """
        Resources:
          B:
            Type: AWS::S3::Bucket
            Properties:
              BucketName: data
              AccessControl: LogDeliveryWrite
              VersioningConfiguration: {Status: Enabled}
              BucketEncryption:
                ServerSideEncryptionConfiguration:
                - BucketKeyEnabled: true
                  ServerSideEncryptionByDefault: {SSEAlgorithm: "aws:kms", KMSMasterKeyID: alias/data}
              PublicAccessBlockConfiguration:
                BlockPublicAcls: true
                BlockPublicPolicy: true
                IgnorePublicAcls: true
              LifecycleConfiguration:
                Rules:
                - Id: old
                  Status: Enabled
                  Prefix: logs/
                  ExpirationInDays: 365
                  Transitions: [{TransitionInDays: 30, StorageClass: STANDARD_IA}]
                  NoncurrentVersionExpiration: {NoncurrentDays: 90}
                  AbortIncompleteMultipartUpload: {DaysAfterInitiation: 7}
          BP:
            Type: AWS::S3::BucketPolicy
            Properties:
              Bucket: !Ref B
              PolicyDocument: {Statement: [{Effect: Deny, Action: "s3:*", Resource: "*"}]}
        """,
        {
            "AccessControl": "LogDeliveryWrite",
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {
                        "BucketKeyEnabled": True,
                        "ServerSideEncryptionByDefault": {
                            "KMSMasterKeyID": "alias/data",
                            "SSEAlgorithm": "aws:kms",
                        },
                    }
                ]
            },
            "BucketName": "data",
            "Extra": {"Policies": [{"Statement": [{"Action": "s3:*", "Effect": "Deny", "Resource": "*"}]}]},
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                        "ExpirationInDays": 365,
                        "Id": "old",
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
                        "Prefix": "logs/",
                        "Status": "Enabled",
                        "Transitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": 30}],
                    }
                ]
            },
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
            },
            "VersioningConfiguration": {"Status": "Enabled"},
        },
    ),
    Pair(
        "AWS::EC2::SecurityGroup",
        """
        resource "aws_security_group" "web" {
          name        = "web"
          description = "Web"
          vpc_id      = "vpc-1"
          ingress {
            protocol    = "tcp"
            from_port   = 443
            to_port     = 443
            cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16"]
          }
        }
        resource "aws_security_group_rule" "ssh" {
          type              = "ingress"
          security_group_id = aws_security_group.web.id
          protocol          = "tcp"
          from_port         = 22
          to_port           = 22
          cidr_blocks       = ["0.0.0.0/0"]
          ipv6_cidr_blocks  = ["::/0"]
        }
        resource "aws_security_group_rule" "out" {
          type              = "egress"
          security_group_id = aws_security_group.web.id
          protocol          = "-1"
          from_port         = 0
          to_port           = 0
          cidr_blocks       = ["0.0.0.0/0"]
        }
        """,
        """
        Resources:
          Web:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupName: web
              GroupDescription: Web
              VpcId: vpc-1
              SecurityGroupIngress:
              - {IpProtocol: tcp, FromPort: 443, ToPort: "443", CidrIp: 10.0.0.0/8}
              - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 192.168.0.0/16}
              SecurityGroupEgress:
              - {IpProtocol: -1, FromPort: 0, ToPort: 0, CidrIp: 0.0.0.0/0}
          Ssh4:
            Type: AWS::EC2::SecurityGroupIngress
            Properties:
              GroupId: !GetAtt Web.GroupId
              IpProtocol: tcp
              FromPort: 22
              ToPort: 22
              CidrIp: 0.0.0.0/0
          Ssh6:
            Type: AWS::EC2::SecurityGroupIngress
            Properties: {GroupId: !Ref Web, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIpv6: "::/0"}
        """,
        {
            "GroupDescription": "Web",
            "GroupName": "web",
            "SecurityGroupEgress": [{"CidrIp": "0.0.0.0/0", "FromPort": 0, "IpProtocol": "-1", "ToPort": 0}],
            "SecurityGroupIngress": [
                {"CidrIp": "10.0.0.0/8", "FromPort": 443, "IpProtocol": "tcp", "ToPort": 443},
                {"CidrIp": "192.168.0.0/16", "FromPort": 443, "IpProtocol": "tcp", "ToPort": 443},
                {"CidrIp": "0.0.0.0/0", "FromPort": 22, "IpProtocol": "tcp", "ToPort": 22},
                {"CidrIpv6": "::/0", "FromPort": 22, "IpProtocol": "tcp", "ToPort": 22},
            ],
            "VpcId": "vpc-1",
        },
    ),
    Pair(
        "AWS::IAM::Role",
        """
        resource "aws_iam_role" "app" {
          name               = "app"
          assume_role_policy = <<-EOT
            {"Statement": [
              {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
            ]}
          EOT
          inline_policy {
            name   = "logs"
            policy = "{\\"Statement\\": []}"
          }
        }
        resource "aws_iam_role_policy" "more" {
          name   = "more"
          role   = aws_iam_role.app.id
          policy = jsonencode({
            Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = ["*"] }]
          })
        }
        resource "aws_iam_role_policy_attachment" "read" {
          role       = aws_iam_role.app.name
          policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        }
        """,
        """
        Resources:
          App:
            Type: AWS::IAM::Role
            Properties:
              RoleName: app
              AssumeRolePolicyDocument:
                Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: ec2.amazonaws.com}}]
              Policies: [{PolicyName: logs, PolicyDocument: {Statement: []}}]
              ManagedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
          More:
            Type: AWS::IAM::Policy
            Properties:
              PolicyName: more
              Roles: [!Ref App]
              PolicyDocument: {Statement: [{Effect: Allow, Action: [s3:GetObject], Resource: ["*"]}]}
        """,
        {
            "AssumeRolePolicyDocument": {
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Effect": "Allow",
                        "Principal": {"Service": "ec2.amazonaws.com"},
                    }
                ]
            },
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            "Policies": [
                {"PolicyDocument": {"Statement": []}, "PolicyName": "logs"},
                {
                    "PolicyDocument": {
                        "Statement": [{"Action": ["s3:GetObject"], "Effect": "Allow", "Resource": ["*"]}]
                    },
                    "PolicyName": "more",
                },
            ],
            "RoleName": "app",
        },
    ),
    Pair(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        """
        resource "aws_lb" "web" {
          name                       = "web"
          internal                   = false
          load_balancer_type         = "application"
          subnets                    = ["subnet-1", "subnet-2"]
          enable_deletion_protection = true
          drop_invalid_header_fields = true
          access_logs {
            enabled = true
            bucket  = "logs"
          }
        }
        """,
        """
        Resources:
          Web:
            Type: AWS::ElasticLoadBalancingV2::LoadBalancer
            Properties:
              Name: web
              Scheme: internet-facing
              Type: application
              Subnets: [subnet-1, subnet-2]
              LoadBalancerAttributes:
              - {Key: deletion_protection.enabled, Value: "true"}
              - {Key: routing.http.drop_invalid_header_fields.enabled, Value: true}
              - {Key: access_logs.s3.enabled, Value: "true"}
              - {Key: access_logs.s3.bucket, Value: logs}
        """,
        {
            "Extra": {
                "Attributes": {
                    "access_logs": {"s3": {"bucket": "logs", "enabled": True}},
                    "deletion_protection": {"enabled": True},
                    "routing": {"http": {"drop_invalid_header_fields": {"enabled": True}}},
                }
            },
            "Name": "web",
            "Scheme": "internet-facing",
            "Subnets": ["subnet-1", "subnet-2"],
            "Type": "application",
        },
    ),
    Pair(
        "AWS::ElasticLoadBalancingV2::Listener",
        """
        resource "aws_alb_listener" "http" {
          load_balancer_arn = "arn:lb"
          port              = "80"
          protocol          = "HTTP"
          default_action {
            type = "redirect"
            redirect {
              port        = "443"
              protocol    = "HTTPS"
              status_code = "HTTP_301"
            }
          }
        }
        """,
        """
        Resources:
          Http:
            Type: AWS::ElasticLoadBalancingV2::Listener
            Properties:
              LoadBalancerArn: arn:lb
              Port: 80
              Protocol: HTTP
              DefaultActions:
              - {Type: redirect, RedirectConfig: {Port: 443, Protocol: HTTPS, StatusCode: HTTP_301}}
        """,
        {
            "DefaultActions": [
                {
                    "RedirectConfig": {"Port": "443", "Protocol": "HTTPS", "StatusCode": "HTTP_301"},
                    "Type": "redirect",
                }
            ],
            "LoadBalancerArn": "arn:lb",
            "Port": 80,
            "Protocol": "HTTP",
        },
    ),
    Pair(
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        """
        resource "aws_lb_target_group" "app" {
          name     = "app"
          port     = 8080
          protocol = "HTTP"
          vpc_id   = "vpc-1"
          health_check {
            path    = "/health"
            matcher = "200"
          }
        }
        resource "aws_lb_target_group_attachment" "one" {
          target_group_arn = aws_lb_target_group.app.arn
          target_id        = "i-1"
          port             = 8080
        }
        """,
        """
        Resources:
          App:
            Type: AWS::ElasticLoadBalancingV2::TargetGroup
            Properties:
              Name: app
              Port: 8080
              Protocol: HTTP
              VpcId: vpc-1
              HealthCheckPath: /health
              Matcher: {HttpCode: 200}
              Targets: [{Id: i-1, Port: 8080}]
        """,
        {
            "HealthCheckPath": "/health",
            "Matcher": {"HttpCode": "200"},
            "Name": "app",
            "Port": 8080,
            "Protocol": "HTTP",
            "Targets": [{"Id": "i-1", "Port": 8080}],
            "VpcId": "vpc-1",
        },
    ),
    Pair(
        "AWS::AutoScaling::AutoScalingGroup",
        """
        resource "aws_autoscaling_group" "app" {
          name                = "app"
          min_size            = 2
          max_size            = 6
          health_check_type   = "ELB"
          vpc_zone_identifier = ["subnet-1"]
          target_group_arns   = ["arn:tg"]
          mixed_instances_policy {
            instances_distribution { on_demand_percentage_above_base_capacity = 50 }
            launch_template {
              launch_template_specification { launch_template_id = "lt-1" }
              override { instance_type = "m6g.large" }
            }
          }
          tag {
            key                 = "Name"
            value               = "app"
            propagate_at_launch = true
          }
        }
        """,
        """
        Resources:
          App:
            Type: AWS::AutoScaling::AutoScalingGroup
            Properties:
              AutoScalingGroupName: app
              MinSize: "2"
              MaxSize: 6
              HealthCheckType: ELB
              VPCZoneIdentifier: [subnet-1]
              TargetGroupARNs: ["arn:tg"]
              MixedInstancesPolicy:
                InstancesDistribution: {OnDemandPercentageAboveBaseCapacity: 50}
                LaunchTemplate:
                  LaunchTemplateSpecification: {LaunchTemplateId: lt-1}
                  Overrides: [{InstanceType: m6g.large}]
              Tags: [{Key: Name, Value: app, PropagateAtLaunch: true}]
        """,
        {
            "AutoScalingGroupName": "app",
            "HealthCheckType": "ELB",
            "MaxSize": 6,
            "MinSize": 2,
            "MixedInstancesPolicy": {
                "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 50},
                "LaunchTemplate": {
                    "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1"},
                    "Overrides": [{"InstanceType": "m6g.large"}],
                },
            },
            "Tags": {"Name": "app"},
            "TargetGroupARNs": ["arn:tg"],
            "VPCZoneIdentifier": ["subnet-1"],
        },
    ),
    Pair(
        "AWS::EC2::LaunchTemplate",
        """
        resource "aws_launch_template" "app" {
          name          = "app"
          instance_type = "m5.large"
          user_data     = base64encode("#!/bin/sh\\necho hello")
          metadata_options { http_tokens = "required" }
          block_device_mappings {
            device_name = "/dev/xvda"
            ebs { encrypted = "true" }
          }
        }
        """,
        """
        Resources:
          App:
            Type: AWS::EC2::LaunchTemplate
            Properties:
              LaunchTemplateName: app
              LaunchTemplateData:
                InstanceType: m5.large
                UserData: {"Fn::Base64": "#!/bin/sh\\necho hello"}
                MetadataOptions: {HttpTokens: required}
                BlockDeviceMappings: [{DeviceName: /dev/xvda, Ebs: {Encrypted: true}}]
        """,
        {
            "LaunchTemplateData": {
                "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True}}],
                "InstanceType": "m5.large",
                "MetadataOptions": {"HttpTokens": "required"},
                "UserData": "#!/bin/sh\necho hello",
            },
            "LaunchTemplateName": "app",
        },
    ),
    Pair(
        "AWS::Lambda::Function",
        """
        resource "aws_lambda_function" "f" {
          function_name = "f"
          runtime       = "python3.12"
          handler       = "app.handler"
          role          = "arn:role"
          architectures = ["arm64"]
          memory_size   = 256
          s3_bucket     = "code"
          s3_key        = "f.zip"
          environment { variables = { STAGE = "prod" } }
          tracing_config { mode = "Active" }
          dead_letter_config { target_arn = "arn:queue" }
          vpc_config {
            subnet_ids         = ["subnet-1"]
            security_group_ids = ["sg-1"]
          }
        }
        resource "aws_lambda_function_event_invoke_config" "f" {
          function_name          = aws_lambda_function.f.function_name
          maximum_retry_attempts = 1
          destination_config {
            on_failure { destination = "arn:queue" }
          }
        }
        """,
        """
        Resources:
          F:
            Type: AWS::Lambda::Function
            Properties:
              FunctionName: f
              Runtime: python3.12
              Handler: app.handler
              Role: arn:role
              Architectures: [arm64]
              MemorySize: "256"
              Code: {S3Bucket: code, S3Key: f.zip}
              Environment: {Variables: {STAGE: prod}}
              TracingConfig: {Mode: Active}
              DeadLetterConfig: {TargetArn: arn:queue}
              VpcConfig: {SubnetIds: [subnet-1], SecurityGroupIds: [sg-1]}
          I:
            Type: AWS::Lambda::EventInvokeConfig
            Properties:
              FunctionName: !Ref F
              MaximumRetryAttempts: 1
              DestinationConfig: {OnFailure: {Destination: arn:queue}}
        """,
        {
            "Architectures": ["arm64"],
            "Code": {"S3Bucket": "code", "S3Key": "f.zip"},
            "DeadLetterConfig": {"TargetArn": "arn:queue"},
            "Environment": {"Variables": {"STAGE": "prod"}},
            "Extra": {
                "EventInvokeConfig": {
                    "DestinationConfig": {"OnFailure": {"Destination": "arn:queue"}},
                    "MaximumRetryAttempts": 1,
                }
            },
            "FunctionName": "f",
            "Handler": "app.handler",
            "MemorySize": 256,
            "Role": "arn:role",
            "Runtime": "python3.12",
            "TracingConfig": {"Mode": "Active"},
            "VpcConfig": {"SecurityGroupIds": ["sg-1"], "SubnetIds": ["subnet-1"]},
        },
    ),
    Pair(
        "AWS::ECS::TaskDefinition",
        """
        resource "aws_ecs_task_definition" "app" {
          family                   = "app"
          requires_compatibilities = ["FARGATE"]
          cpu                      = 256
          network_mode             = "awsvpc"
          container_definitions = jsonencode([{
            name         = "web"
            image        = "nginx"
            essential    = true
            portMappings = [{ containerPort = 80 }]
            environment  = [{ name = "PASSWORD", value = "secret" }]
            logConfiguration = { logDriver = "awslogs", options = { "awslogs-group" = "app" } }
          }])
        }
        """,
        """
        Resources:
          App:
            Type: AWS::ECS::TaskDefinition
            Properties:
              Family: app
              RequiresCompatibilities: [FARGATE]
              Cpu: 256
              NetworkMode: awsvpc
              ContainerDefinitions:
              - Name: web
                Image: nginx
                Essential: true
                PortMappings: [{ContainerPort: 80}]
                Environment: [{Name: PASSWORD, Value: secret}]
                LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: app}}
        """,
        {
            "ContainerDefinitions": [
                {
                    "Environment": [{"Name": "PASSWORD", "Value": "secret"}],
                    "Essential": True,
                    "Image": "nginx",
                    "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": "app"}},
                    "Name": "web",
                    "PortMappings": [{"ContainerPort": 80}],
                }
            ],
            "Cpu": "256",
            "Family": "app",
            "NetworkMode": "awsvpc",
            "RequiresCompatibilities": ["FARGATE"],
        },
    ),
    Pair(
        "AWS::ECS::Service",
        """
        resource "aws_ecs_service" "app" {
          name            = "app"
          launch_type     = "FARGATE"
          desired_count   = 2
          task_definition = "app:1"
          network_configuration {
            subnets          = ["subnet-1"]
            assign_public_ip = false
          }
          load_balancer {
            target_group_arn = "arn:tg"
            container_name   = "web"
            container_port   = 80
          }
        }
        """,
        """
        Resources:
          App:
            Type: AWS::ECS::Service
            Properties:
              ServiceName: app
              LaunchType: FARGATE
              DesiredCount: 2
              TaskDefinition: app:1
              NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1], AssignPublicIp: DISABLED}}
              LoadBalancers: [{TargetGroupArn: "arn:tg", ContainerName: web, ContainerPort: 80}]
        """,
        {
            "DesiredCount": 2,
            "LaunchType": "FARGATE",
            "LoadBalancers": [{"ContainerName": "web", "ContainerPort": 80, "TargetGroupArn": "arn:tg"}],
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {"AssignPublicIp": "DISABLED", "Subnets": ["subnet-1"]}
            },
            "ServiceName": "app",
            "TaskDefinition": "app:1",
        },
    ),
    Pair(
        "AWS::ECS::Cluster",
        """
        resource "aws_ecs_cluster" "main" {
          name = "main"
          setting {
            name  = "containerInsights"
            value = "enabled"
          }
        }
        """,
        """
        Resources:
          Main:
            Type: AWS::ECS::Cluster
            Properties:
              ClusterName: main
              ClusterSettings: [{Name: containerInsights, Value: enabled}]
        """,
        {
            "ClusterName": "main",
            "ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}],
            "Extra": {"Settings": {"containerInsights": "enabled"}},
        },
    ),
    Pair(
        "AWS::EKS::Cluster",
        """
        resource "aws_eks_cluster" "main" {
          name                      = "main"
          role_arn                  = "arn:role"
          enabled_cluster_log_types = ["api", "audit"]
          vpc_config {
            subnet_ids             = ["subnet-1"]
            endpoint_public_access = false
            public_access_cidrs    = ["10.0.0.0/8"]
          }
          encryption_config {
            resources = ["secrets"]
            provider { key_arn = "arn:key" }
          }
        }
        """,
        """
        Resources:
          Main:
            Type: AWS::EKS::Cluster
            Properties:
              Name: main
              RoleArn: arn:role
              Logging: {ClusterLogging: {EnabledTypes: [{Type: api}, {Type: audit}]}}
              ResourcesVpcConfig:
                SubnetIds: [subnet-1]
                EndpointPublicAccess: false
                PublicAccessCidrs: [10.0.0.0/8]
              EncryptionConfig: [{Resources: [secrets], Provider: {KeyArn: "arn:key"}}]
        """,
        {
            "EncryptionConfig": [{"Provider": {"KeyArn": "arn:key"}, "Resources": ["secrets"]}],
            "Logging": {"ClusterLogging": {"EnabledTypes": [{"Type": "api"}, {"Type": "audit"}]}},
            "Name": "main",
            "ResourcesVpcConfig": {
                "EndpointPublicAccess": False,
                "PublicAccessCidrs": ["10.0.0.0/8"],
                "SubnetIds": ["subnet-1"],
            },
            "RoleArn": "arn:role",
        },
    ),
    Pair(
        "AWS::DynamoDB::Table",
        """
        resource "aws_dynamodb_table" "orders" {
          name                        = "orders"
          billing_mode                = "PROVISIONED"
          read_capacity               = 5
          write_capacity              = 5
          deletion_protection_enabled = true
          point_in_time_recovery { enabled = true }
          server_side_encryption {
            enabled     = true
            kms_key_arn = "arn:key"
          }
          attribute {
            name = "id"
            type = "S"
          }
        }
        """,
        """
        Resources:
          Orders:
            Type: AWS::DynamoDB::Table
            Properties:
              TableName: orders
              BillingMode: PROVISIONED
              ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 5}
              DeletionProtectionEnabled: true
              PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
              SSESpecification: {SSEEnabled: true, KMSMasterKeyId: arn:key}
              AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
        """,
        {
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PROVISIONED",
            "DeletionProtectionEnabled": True,
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
            "SSESpecification": {"KMSMasterKeyId": "arn:key", "SSEEnabled": True},
            "TableName": "orders",
        },
    ),
    Pair(
        "AWS::SQS::Queue",
        """
        resource "aws_sqs_queue" "jobs" {
          name                       = "jobs"
          visibility_timeout_seconds = 60
          sqs_managed_sse_enabled    = false
          redrive_policy             = jsonencode({ deadLetterTargetArn = "arn:dlq", maxReceiveCount = 3 })
        }
        resource "aws_sqs_queue_policy" "jobs" {
          queue_url = aws_sqs_queue.jobs.id
          policy    = jsonencode({ Statement = [] })
        }
        """,
        """
        Resources:
          Jobs:
            Type: AWS::SQS::Queue
            Properties:
              QueueName: jobs
              VisibilityTimeout: 60
              SqsManagedSseEnabled: false
              RedrivePolicy: {deadLetterTargetArn: arn:dlq, maxReceiveCount: 3}
          P:
            Type: AWS::SQS::QueuePolicy
            Properties: {Queues: [!Ref Jobs], PolicyDocument: {Statement: []}}
        """,
        {
            "Extra": {"Policies": [{"Statement": []}]},
            "QueueName": "jobs",
            "RedrivePolicy": {"deadLetterTargetArn": "arn:dlq", "maxReceiveCount": 3},
            "SqsManagedSseEnabled": False,
            "VisibilityTimeout": 60,
        },
    ),
    Pair(
        "AWS::CloudFront::Distribution",
        """
        resource "aws_cloudfront_distribution" "cdn" {
          enabled         = true
          is_ipv6_enabled = true
          web_acl_id      = "arn:acl"
          aliases         = ["shop.example.com"]
          origin {
            origin_id   = "app"
            domain_name = "app.example.com"
            custom_origin_config {
              http_port              = 80
              https_port             = 443
              origin_protocol_policy = "https-only"
              origin_ssl_protocols   = ["TLSv1.2"]
            }
          }
          default_cache_behavior {
            target_origin_id       = "app"
            viewer_protocol_policy = "redirect-to-https"
            compress               = true
            allowed_methods        = ["GET", "HEAD"]
            cached_methods         = ["GET", "HEAD"]
            min_ttl                = 0
          }
          restrictions {
            geo_restriction { restriction_type = "none" }
          }
          viewer_certificate {
            acm_certificate_arn      = "arn:cert"
            minimum_protocol_version = "TLSv1.2_2021"
            ssl_support_method       = "sni-only"
          }
          logging_config { bucket = "logs.s3.amazonaws.com" }
          tags = { Team = "web" }
        }
        """,
        """
        Resources:
          Cdn:
            Type: AWS::CloudFront::Distribution
            Properties:
              DistributionConfig:
                Enabled: true
                IPV6Enabled: true
                WebACLId: arn:acl
                Aliases: [shop.example.com]
                Origins:
                - Id: app
                  DomainName: app.example.com
                  CustomOriginConfig:
                    HTTPPort: 80
                    HTTPSPort: 443
                    OriginProtocolPolicy: https-only
                    OriginSSLProtocols: [TLSv1.2]
                DefaultCacheBehavior:
                  TargetOriginId: app
                  ViewerProtocolPolicy: redirect-to-https
                  Compress: true
                  AllowedMethods: [GET, HEAD]
                  CachedMethods: [GET, HEAD]
                  MinTTL: 0
                Restrictions: {GeoRestriction: {RestrictionType: none}}
                ViewerCertificate:
                  AcmCertificateArn: arn:cert
                  MinimumProtocolVersion: TLSv1.2_2021
                  SslSupportMethod: sni-only
                Logging: {Bucket: logs.s3.amazonaws.com}
              Tags: [{Key: Team, Value: web}]
        """,
        {
            "DistributionConfig": {
                "Aliases": ["shop.example.com"],
                "DefaultCacheBehavior": {
                    "AllowedMethods": ["GET", "HEAD"],
                    "CachedMethods": ["GET", "HEAD"],
                    "Compress": True,
                    "MinTTL": 0,
                    "TargetOriginId": "app",
                    "ViewerProtocolPolicy": "redirect-to-https",
                },
                "Enabled": True,
                "IPV6Enabled": True,
                "Logging": {"Bucket": "logs.s3.amazonaws.com"},
                "Origins": [
                    {
                        "CustomOriginConfig": {
                            "HTTPPort": 80,
                            "HTTPSPort": 443,
                            "OriginProtocolPolicy": "https-only",
                            "OriginSSLProtocols": ["TLSv1.2"],
                        },
                        "DomainName": "app.example.com",
                        "Id": "app",
                    }
                ],
                "Restrictions": {"GeoRestriction": {"RestrictionType": "none"}},
                "ViewerCertificate": {
                    "AcmCertificateArn": "arn:cert",
                    "MinimumProtocolVersion": "TLSv1.2_2021",
                    "SslSupportMethod": "sni-only",
                },
                "WebACLId": "arn:acl",
            },
            "Tags": {"Team": "web"},
        },
    ),
    Pair(
        "AWS::CloudWatch::Alarm",
        """
        resource "aws_cloudwatch_metric_alarm" "cpu" {
          alarm_name          = "cpu"
          namespace           = "AWS/EC2"
          metric_name         = "CPUUtilization"
          comparison_operator = "GreaterThanThreshold"
          evaluation_periods  = 2
          threshold           = 80.5
          dimensions          = { InstanceId = "i-1" }
          alarm_actions       = ["arn:topic"]
        }
        """,
        """
        Resources:
          Cpu:
            Type: AWS::CloudWatch::Alarm
            Properties:
              AlarmName: cpu
              Namespace: AWS/EC2
              MetricName: CPUUtilization
              ComparisonOperator: GreaterThanThreshold
              EvaluationPeriods: 2
              Threshold: 80.5
              Dimensions: [{Name: InstanceId, Value: i-1}]
              AlarmActions: ["arn:topic"]
        """,
        {
            "AlarmActions": ["arn:topic"],
            "AlarmName": "cpu",
            "ComparisonOperator": "GreaterThanThreshold",
            "Dimensions": [{"Name": "InstanceId", "Value": "i-1"}],
            "EvaluationPeriods": 2,
            "MetricName": "CPUUtilization",
            "Namespace": "AWS/EC2",
            "Threshold": 80.5,
        },
    ),
    Pair(
        "AWS::Backup::BackupSelection",
        """
        resource "aws_backup_selection" "daily" {
          name         = "daily"
          plan_id      = "plan"
          iam_role_arn = "arn:role"
          resources    = ["arn:aws:rds:*:*:db:*"]
          selection_tag {
            type  = "STRINGEQUALS"
            key   = "Backup"
            value = "daily"
          }
        }
        """,
        """
        Resources:
          Daily:
            Type: AWS::Backup::BackupSelection
            Properties:
              BackupPlanId: plan
              BackupSelection:
                SelectionName: daily
                IamRoleArn: arn:role
                Resources: ["arn:aws:rds:*:*:db:*"]
                ListOfTags: [{ConditionType: STRINGEQUALS, ConditionKey: Backup, ConditionValue: daily}]
        """,
        {
            "BackupPlanId": "plan",
            "BackupSelection": {
                "IamRoleArn": "arn:role",
                "ListOfTags": [
                    {"ConditionKey": "Backup", "ConditionType": "STRINGEQUALS", "ConditionValue": "daily"}
                ],
                "Resources": ["arn:aws:rds:*:*:db:*"],
                "SelectionName": "daily",
            },
        },
    ),
    Pair(
        "AWS::EC2::RouteTable",
        """
        resource "aws_route_table" "public" {
          vpc_id = "vpc-1"
          route {
            cidr_block = "0.0.0.0/0"
            gateway_id = "igw-1"
          }
        }
        resource "aws_route" "private" {
          route_table_id         = aws_route_table.public.id
          destination_cidr_block = "10.1.0.0/16"
          nat_gateway_id         = "nat-1"
        }
        """,
        """
        Resources:
          Public: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: vpc-1}}
          R1:
            Type: AWS::EC2::Route
            Properties: {RouteTableId: !Ref Public, DestinationCidrBlock: 0.0.0.0/0, GatewayId: igw-1}
          R2:
            Type: AWS::EC2::Route
            Properties: {RouteTableId: !Ref Public, DestinationCidrBlock: 10.1.0.0/16, NatGatewayId: nat-1}
        """,
        {
            "Extra": {
                "Routes": [
                    {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"},
                    {"DestinationCidrBlock": "10.1.0.0/16", "NatGatewayId": "nat-1"},
                ]
            },
            "VpcId": "vpc-1",
        },
    ),
    Pair(
        "AWS::Events::Rule",
        """
        resource "aws_cloudwatch_event_rule" "nightly" {
          name                = "nightly"
          schedule_expression = "cron(0 20 * * ? *)"
        }
        resource "aws_cloudwatch_event_target" "stop" {
          rule      = aws_cloudwatch_event_rule.nightly.name
          target_id = "stop"
          arn       = "arn:function"
        }
        """,
        """
        Resources:
          Nightly:
            Type: AWS::Events::Rule
            Properties:
              Name: nightly
              ScheduleExpression: cron(0 20 * * ? *)
              Targets: [{Id: stop, Arn: "arn:function"}]
        """,
        {
            "Name": "nightly",
            "ScheduleExpression": "cron(0 20 * * ? *)",
            "Targets": [{"Arn": "arn:function", "Id": "stop"}],
        },
    ),
    Pair(
        "AWS::OpenSearchService::Domain",
        """
        resource "aws_opensearch_domain" "logs" {
          domain_name    = "logs"
          engine_version = "OpenSearch_2.11"
          cluster_config {
            instance_type          = "m6g.large.search"
            instance_count         = 2
            zone_awareness_enabled = true
          }
          encrypt_at_rest { enabled = true }
          node_to_node_encryption { enabled = true }
          domain_endpoint_options {
            enforce_https       = true
            tls_security_policy = "Policy-Min-TLS-1-2-2019-07"
          }
          log_publishing_options {
            log_type                 = "AUDIT_LOGS"
            cloudwatch_log_group_arn = "arn:logs"
          }
        }
        """,
        """
        Resources:
          Logs:
            Type: AWS::OpenSearchService::Domain
            Properties:
              DomainName: logs
              EngineVersion: OpenSearch_2.11
              ClusterConfig: {InstanceType: m6g.large.search, InstanceCount: 2, ZoneAwarenessEnabled: true}
              EncryptionAtRestOptions: {Enabled: true}
              NodeToNodeEncryptionOptions: {Enabled: true}
              DomainEndpointOptions: {EnforceHTTPS: true, TLSSecurityPolicy: Policy-Min-TLS-1-2-2019-07}
              LogPublishingOptions: {AUDIT_LOGS: {CloudWatchLogsLogGroupArn: "arn:logs"}}
        """,
        {
            "ClusterConfig": {
                "InstanceCount": 2,
                "InstanceType": "m6g.large.search",
                "ZoneAwarenessEnabled": True,
            },
            "DomainEndpointOptions": {
                "EnforceHTTPS": True,
                "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07",
            },
            "DomainName": "logs",
            "EncryptionAtRestOptions": {"Enabled": True},
            "EngineVersion": "OpenSearch_2.11",
            "LogPublishingOptions": {"AUDIT_LOGS": {"CloudWatchLogsLogGroupArn": "arn:logs"}},
            "NodeToNodeEncryptionOptions": {"Enabled": True},
        },
    ),
]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_both_languages_give_the_same_properties(
    pair: Pair, terraform: Snippet, cloudformation: Snippet
) -> None:
    from_terraform = terraform(pair.terraform)
    from_cloudformation = cloudformation(pair.cloudformation)
    # What only the list form says is there under Extra in both languages.
    form = "LoadBalancerAttributes"
    in_template = properties(only(from_cloudformation, pair.type), from_cloudformation)
    in_template.pop(form, None)
    in_terraform = properties(only(from_terraform, pair.type), from_terraform)
    assert in_template == pair.same
    assert in_terraform == pair.same


SMALLER = yaml.safe_load((Path(__file__).parent / "same_architecture.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("type_", list(SMALLER))
def test_terraform_gives_the_properties_of_a_template(
    type_: str, terraform: Snippet, cloudformation: Snippet
) -> None:
    wanted = SMALLER[type_]["properties"]
    from_terraform = terraform(SMALLER[type_]["terraform"])
    assert properties(only(from_terraform, type_), from_terraform) == wanted
    # And the template itself: what stands below Extra is folded there by resources of their own.
    if "Extra" in wanted:
        return
    written = dict(wanted)
    if "Tags" in written:
        schema = type_schema(type_)
        assert schema is not None
        assert schema.tag_property is not None
        tags = written.pop("Tags")
        written[schema.tag_property] = [{"Key": key, "Value": value} for key, value in tags.items()]
    template = {"Resources": {"It": {"Type": type_, "Properties": written}}}
    from_cloudformation = cloudformation(json.dumps(template))
    assert properties(only(from_cloudformation, type_), from_cloudformation) == wanted
