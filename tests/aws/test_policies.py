"""Policy documents as rules ask of them."""

import json

import pytest

from tests.aws.reading import Snippet, only
from wa_scan.aws.policies import DocumentKind, PolicyDocument, policy_documents
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN, Truth

BUCKET = """
resource "aws_s3_bucket" "b" {{}}
variable "account" {{ type = string }}
resource "aws_s3_bucket_policy" "b" {{
  bucket = aws_s3_bucket.b.id
  policy = {policy}
}}
"""


def document(terraform: Snippet, policy: str) -> PolicyDocument:
    (found,) = policy_documents(only(terraform(BUCKET.format(policy=policy)), "AWS::S3::BucketPolicy"))
    return found


def statement(**elements: object) -> str:
    return json.dumps(json.dumps({"Version": "2012-10-17", "Statement": [elements]}))


OPEN = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}


@pytest.mark.parametrize(
    ("elements", "public"),
    [
        (OPEN, TRUE),
        (OPEN | {"Principal": {"AWS": "*"}}, TRUE),
        (OPEN | {"Principal": {"AWS": ["arn:aws:iam::1:root", "*"]}}, TRUE),
        (OPEN | {"Principal": {"Service": "cloudfront.amazonaws.com"}}, FALSE),
        (OPEN | {"Principal": {"AWS": "arn:aws:iam::1:root"}}, FALSE),
        (OPEN | {"Effect": "Deny"}, FALSE),
        (OPEN | {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, FALSE),
        (OPEN | {"Condition": {"StringEquals": {"AWS:SourceVpce": "vpce-1"}}}, FALSE),
        (OPEN | {"Condition": {"IpAddress": {"aws:SourceIp": ["0.0.0.0/0"]}}}, TRUE),
        (OPEN | {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}}, TRUE),
        (OPEN | {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, TRUE),
    ],
)
def test_public(terraform: Snippet, elements: dict[str, object], public: Truth) -> None:
    assert document(terraform, statement(**elements)).is_public() == public


def test_everyone_but_one_is_public(terraform: Snippet) -> None:
    elements = {"Effect": "Allow", "NotPrincipal": {"AWS": "arn:x"}, "Action": "s3:*", "Resource": "*"}
    assert document(terraform, statement(**elements)).is_public() == TRUE


TLS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


@pytest.mark.parametrize(
    ("elements", "required"),
    [
        (TLS, TRUE),
        (TLS | {"Principal": {"AWS": "*"}, "Action": ["s3:*"]}, TRUE),
        (TLS | {"Condition": {"Bool": {"aws:securetransport": False}}}, TRUE),
        (TLS | {"Action": "s3:PutObject"}, FALSE),
        (TLS | {"Effect": "Allow"}, FALSE),
        (TLS | {"Principal": {"AWS": "arn:aws:iam::1:root"}}, FALSE),
        (TLS | {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, FALSE),
    ],
)
def test_tls(terraform: Snippet, elements: dict[str, object], required: Truth) -> None:
    assert document(terraform, statement(**elements)).requires_tls() == required


def test_text_with_unknown_parts_is_read(terraform: Snippet) -> None:
    found = document(
        terraform,
        """jsonencode({
          Statement = [{
            Effect    = "Allow"
            Principal = { AWS = "arn:aws:iam::${var.account}:root" }
            Action    = "s3:*"
            Resource  = "${aws_s3_bucket.b.arn}/*"
          }]
        })""",
    )
    ((first, _),) = found.statements
    assert first.covers_service_actions() == TRUE
    assert first.covers_all_actions() == FALSE
    assert first.is_for_anyone() == FALSE
    assert first.covers_all_resources() == FALSE
    assert found.is_public() == FALSE


def test_an_unknown_document_is_unknown(terraform: Snippet) -> None:
    found = document(terraform, "var.account")
    assert found.is_public() == UNKNOWN
    assert found.allows("s3:GetObject", "*") == UNKNOWN


def test_an_unknown_principal_is_unknown(terraform: Snippet) -> None:
    found = document(
        terraform,
        """jsonencode({ Statement = [{
          Effect = "Allow", Principal = var.account, Action = "s3:*", Resource = "*" }] })""",
    )
    assert found.is_public() == UNKNOWN


def test_documents_of_a_role(cloudformation: Snippet) -> None:
    found = cloudformation(
        """
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Statement: {Effect: Allow, Principal: {AWS: "*"}, Action: sts:AssumeRole}
              Policies:
              - PolicyName: admin
                PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
              - PolicyName: not
                PolicyDocument: {Statement: [{Effect: Allow, NotAction: "iam:*", Resource: "*"}]}
        """
    )
    trust, admin, others = policy_documents(only(found, "AWS::IAM::Role"))
    assert [each.kind for each in (trust, admin, others)] == [
        DocumentKind.TRUST,
        DocumentKind.IDENTITY,
        DocumentKind.IDENTITY,
    ]
    assert trust.is_public() == TRUE
    ((everything, _),) = admin.statements
    assert (everything.covers_all_actions(), everything.covers_all_resources()) == (TRUE, TRUE)
    ((all_but, _),) = others.statements
    assert (all_but.covers_all_actions(), all_but.covers_all_resources()) == (FALSE, TRUE)
    assert all_but.covers_action("s3:GetObject") == TRUE
    assert all_but.covers_action("iam:PassRole") == FALSE
    assert [(each.path, each.origin.location.start_line) for each in (admin,) if each.origin] == [
        ("Policies[].PolicyDocument", 10)
    ]


def test_the_policy_of_a_bucket_is_seen_from_the_bucket(terraform: Snippet) -> None:
    found = terraform(BUCKET.format(policy=statement(**OPEN)))
    (seen,) = policy_documents(only(found, "AWS::S3::Bucket"))
    assert seen.kind is DocumentKind.RESOURCE
    assert seen.is_public() == TRUE


def test_a_data_source_s_document(terraform: Snippet) -> None:
    found = terraform(
        """
        data "aws_iam_policy_document" "d" {
          statement {
            actions   = ["s3:*"]
            resources = [aws_s3_bucket.b.arn]
            principals {
              type        = "*"
              identifiers = ["*"]
            }
          }
        }
        resource "aws_s3_bucket" "b" {}
        resource "aws_s3_bucket_policy" "b" {
          bucket = aws_s3_bucket.b.id
          policy = data.aws_iam_policy_document.d.json
        }
        """
    )
    (seen,) = policy_documents(only(found, "AWS::S3::BucketPolicy"))
    assert seen.is_public() == TRUE
