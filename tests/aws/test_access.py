"""Links from what policies allow: the users' snippets of both languages."""

import pytest

from tests.aws.reading import Snippet, links_of

ACCESS = {"reads from", "writes to", "invokes", "publishes to", "logs to", "assumes"}


def access_of(found: object) -> set[tuple[str, str, str]]:
    return {link for link in links_of(found) if link[1] in ACCESS}  # type: ignore[arg-type]


def test_a_function_in_terraform(terraform: Snippet) -> None:
    found = terraform(
        """
        data "aws_caller_identity" "me" {}
        resource "aws_dynamodb_table" "orders" { name = "orders" }
        resource "aws_s3_bucket" "files" { bucket = "acme-files" }
        resource "aws_s3_bucket" "logs" { bucket = "acme-files-logs" }
        resource "aws_sns_topic" "news" { name = "news" }
        resource "aws_sqs_queue" "jobs" { name = "jobs" }
        data "aws_iam_policy_document" "app" {
          statement {
            actions   = ["dynamodb:GetItem", "dynamodb:Query"]
            resources = [aws_dynamodb_table.orders.arn, "${aws_dynamodb_table.orders.arn}/index/*"]
          }
          statement {
            actions   = ["s3:Put*"]
            resources = ["${aws_s3_bucket.files.arn}/*"]
          }
          statement {
            actions   = ["sns:Publish"]
            resources = ["arn:aws:sns:eu-west-1:${data.aws_caller_identity.me.account_id}:news"]
          }
          statement {
            actions   = ["sqs:*"]
            resources = ["*"]
          }
        }
        resource "aws_iam_role" "app" { assume_role_policy = "{}" }
        resource "aws_iam_policy" "app" { policy = data.aws_iam_policy_document.app.json }
        resource "aws_iam_role_policy_attachment" "app" {
          role       = aws_iam_role.app.name
          policy_arn = aws_iam_policy.app.arn
        }
        resource "aws_lambda_function" "f" { role = aws_iam_role.app.arn }
        """
    )
    assert access_of(found) == {
        ("aws_lambda_function.f", "assumes", "aws_iam_role.app"),
        ("aws_lambda_function.f", "reads from", "aws_dynamodb_table.orders"),
        ("aws_lambda_function.f", "writes to", "aws_s3_bucket.files"),
        ("aws_lambda_function.f", "publishes to", "aws_sns_topic.news"),
    }


def test_a_task_in_a_template(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Parameters: {Table: {Type: String}}
        Resources:
          Orders: {Type: "AWS::DynamoDB::Table", Properties: {TableName: !Ref Table}}
          Secret: {Type: "AWS::SecretsManager::Secret", Properties: {Name: app/db}}
          Worker: {Type: "AWS::Lambda::Function", Properties: {FunctionName: worker}}
          Role:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument: {Statement: []}
              Policies:
              - PolicyName: app
                PolicyDocument:
                  Statement:
                  - Effect: Allow
                    Action: [dynamodb:GetItem, dynamodb:PutItem]
                    Resource: !Sub "arn:${AWS::Partition}:dynamodb:${AWS::Region}:1:table/${Table}"
                  - Effect: Allow
                    Action: lambda:InvokeFunction
                    Resource: !Join ["", ["arn:aws:lambda:x:", !Ref "AWS::AccountId", ":function:worker"]]
          Policy:
            Type: AWS::IAM::Policy
            Properties:
              PolicyName: secrets
              Roles: [!Ref Role]
              PolicyDocument:
                Statement: [{Effect: Allow, Action: secretsmanager:GetSecretValue, Resource: !Ref Secret}]
          Task:
            Type: AWS::ECS::TaskDefinition
            Properties: {TaskRoleArn: !GetAtt Role.Arn}
        """
    )
    assert access_of(found) == {
        ("Task", "assumes", "Role"),
        ("Task", "reads from", "Orders"),
        ("Task", "writes to", "Orders"),
        ("Task", "invokes", "Worker"),
        ("Task", "reads from", "Secret"),
    }


def test_an_instance_reads_by_way_of_its_profile(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_s3_bucket" "b" { bucket = "b" }
        resource "aws_iam_role" "r" { assume_role_policy = "{}" }
        resource "aws_iam_role_policy" "p" {
          role   = aws_iam_role.r.id
          policy = jsonencode({
            Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }]
          })
        }
        resource "aws_iam_instance_profile" "i" { role = aws_iam_role.r.name }
        resource "aws_instance" "web" { iam_instance_profile = aws_iam_instance_profile.i.name }
        """
    )
    assert ("aws_instance.web", "reads from", "aws_s3_bucket.b") in links_of(found)


ROLE = """
resource "aws_s3_bucket" "b" { bucket = "orders" }
resource "aws_s3_bucket" "c" { bucket = "orders-archive" }
resource "aws_iam_role" "r" {
  assume_role_policy   = "{}"
  permissions_boundary = BOUNDARY
  inline_policy {
    name   = "p"
    policy = jsonencode({ Statement = [STATEMENTS] })
  }
}
resource "aws_iam_policy" "queues" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })
}
resource "aws_iam_policy" "all" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
"""
READ = '{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.b.arn}/*" }'


@pytest.mark.parametrize(
    ("statements", "boundary", "read"),
    [
        pytest.param(READ, "null", {"aws_s3_bucket.b"}, id="allowed"),
        pytest.param(READ, "aws_iam_policy.queues.arn", set(), id="outside the boundary"),
        pytest.param(READ, "aws_iam_policy.all.arn", {"aws_s3_bucket.b"}, id="within the boundary"),
        pytest.param(
            f'{READ}, {{ Effect = "Deny", Action = "s3:*", Resource = "*" }}', "null", set(), id="denied"
        ),
        pytest.param(
            f'{READ}, {{ Effect = "Deny", Action = "s3:*", Resource = "*", Condition = {{ Bool = '
            '{ "aws:SecureTransport" = "false" } } }',
            "null",
            {"aws_s3_bucket.b"},
            id="denied under a condition",
        ),
        pytest.param(
            '{ Effect = "Allow", Action = "s3:GetBucketTagging", Resource = aws_s3_bucket.b.arn }',
            "null",
            set(),
            id="only settings",
        ),
        pytest.param(
            '{ Effect = "Allow", NotAction = "iam:*", Resource = "${aws_s3_bucket.b.arn}/*" }',
            "null",
            {"aws_s3_bucket.b"},
            id="all but others",
        ),
        pytest.param(
            '{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::orders-*" }',
            "null",
            {"aws_s3_bucket.c"},
            id="a pattern of names",
        ),
        pytest.param(
            '{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.b.arn}-archive/*" }',
            "null",
            set(),
            id="a name made of another",
        ),
        pytest.param(
            '{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::*" }',
            "null",
            set(),
            id="everything",
        ),
    ],
)
def test_what_takes_grants_back(terraform: Snippet, statements: str, boundary: str, read: set[str]) -> None:
    found = terraform(ROLE.replace("STATEMENTS", statements).replace("BOUNDARY", boundary))
    assert {target for _, kind, target in links_of(found) if kind == "reads from"} == read


def test_a_bucket_policy_lets_a_role_write(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Resources:
          Bucket: {Type: "AWS::S3::Bucket"}
          Writer: {Type: "AWS::IAM::Role", Properties: {AssumeRolePolicyDocument: {Statement: []}}}
          Policy:
            Type: AWS::S3::BucketPolicy
            Properties:
              Bucket: !Ref Bucket
              PolicyDocument:
                Statement:
                - Effect: Allow
                  Principal: {AWS: !GetAtt Writer.Arn}
                  Action: s3:PutObject
                  Resource: !Sub "${Bucket.Arn}/*"
        """
    )
    assert access_of(found) == {("Writer", "writes to", "Bucket")}


def test_roles_that_assume_roles(terraform: Snippet) -> None:
    found = terraform(
        """
        resource "aws_iam_role" "trusted" { assume_role_policy = "{}" }
        resource "aws_iam_role" "target" {
          assume_role_policy = jsonencode({
            Statement = [{
              Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_role.trusted.arn }
            }]
          })
        }
        resource "aws_iam_role" "of_a_service" {
          assume_role_policy = jsonencode({
            Statement = [{
              Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" }
            }]
          })
        }
        resource "aws_iam_role" "of_the_account" {
          assume_role_policy = jsonencode({
            Statement = [{
              Effect    = "Allow"
              Action    = "sts:AssumeRole"
              Principal = { AWS = "arn:aws:iam::111122223333:root" }
            }]
          })
        }
        resource "aws_iam_role_policy" "p" {
          role   = aws_iam_role.trusted.name
          policy = jsonencode({
            Statement = [{
              Effect   = "Allow"
              Action   = "sts:AssumeRole"
              Resource = [aws_iam_role.of_a_service.arn, aws_iam_role.of_the_account.arn]
            }]
          })
        }
        """
    )
    assert access_of(found) == {
        ("aws_iam_role.trusted", "assumes", "aws_iam_role.target"),
        ("aws_iam_role.trusted", "assumes", "aws_iam_role.of_the_account"),
    }
