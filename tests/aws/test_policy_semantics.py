"""What policies allow: wildcards, NotAction, NotResource, NotPrincipal, conditions and Deny."""

import json

import pytest

from tests.aws.reading import Snippet, only
from wa_scan.aws.normalise import Normalised
from wa_scan.aws.policies import PolicyDocument, policy_documents
from wa_scan.aws.policy_conditions import Condition
from wa_scan.graph.graph import Graph
from wa_scan.graph.permissions import permissions_of
from wa_scan.values import Known
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN, Truth

OBJECT = "arn:aws:s3:::orders/2024/a.csv"
GET = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::orders/*"}


def document(cloudformation: Snippet, *statements: object) -> PolicyDocument:
    template = {
        "Resources": {
            "P": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"PolicyDocument": {"Statement": list(statements)}},
            }
        }
    }
    found = cloudformation(json.dumps(template))
    (only_one,) = policy_documents(only(found, "AWS::IAM::ManagedPolicy"))
    return only_one


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        pytest.param([GET], TRUE, id="named"),
        pytest.param([GET | {"Action": "S3:get*"}], TRUE, id="without case"),
        pytest.param([GET | {"Action": "s3:Get?bject"}], TRUE, id="one character"),
        pytest.param([GET | {"Action": "s3:PutObject"}], FALSE, id="another action"),
        pytest.param([GET | {"Resource": "arn:aws:s3:::Orders/*"}], FALSE, id="ARNs have a case"),
        pytest.param([GET | {"Resource": "arn:aws:s3:::orders"}], FALSE, id="the bucket only"),
        pytest.param(
            [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], TRUE, id="all actions but others"
        ),
        pytest.param(
            [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], FALSE, id="all actions but it"
        ),
        pytest.param(
            [{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::logs/*"}],
            TRUE,
            id="all but another",
        ),
        pytest.param(
            [{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::orders/*"}],
            FALSE,
            id="all but it",
        ),
        pytest.param([GET, {"Effect": "Deny", "Action": "*", "Resource": "*"}], FALSE, id="denied"),
        pytest.param(
            [GET, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], TRUE, id="others denied"
        ),
        pytest.param(
            [GET | {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}],
            UNKNOWN,
            id="under a condition",
        ),
        pytest.param(
            [
                GET,
                {
                    "Effect": "Deny",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
                },
            ],
            UNKNOWN,
            id="denied under a condition",
        ),
        pytest.param([GET | {"Resource": {"Ref": "AWS::StackId"}}], UNKNOWN, id="an unknown resource"),
    ],
)
def test_what_a_document_allows(cloudformation: Snippet, statements: list[object], allowed: Truth) -> None:
    assert document(cloudformation, *statements).allows("s3:GetObject", OBJECT) == allowed


@pytest.mark.parametrize(
    ("principal", "asked", "allowed"),
    [
        ({"Principal": "*"}, "*", TRUE),
        ({"Principal": {"AWS": "*"}}, "arn:aws:iam::111122223333:role/app", TRUE),
        ({"Principal": {"AWS": "111122223333"}}, "arn:aws:iam::111122223333:role/app", TRUE),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}, "*", FALSE),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}}, "arn:aws:iam::1:role/b", FALSE),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, "sns.amazonaws.com", TRUE),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, "*", FALSE),
        ({"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}}, "*", TRUE),
        (
            {"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/a"}},
            "arn:aws:iam::111122223333:role/a",
            FALSE,
        ),
    ],
)
def test_whom_a_document_allows(
    cloudformation: Snippet, principal: dict[str, object], asked: str, allowed: Truth
) -> None:
    found = document(cloudformation, GET | principal)
    assert found.allows("s3:GetObject", OBJECT, asked) == allowed


@pytest.mark.parametrize(
    ("operator", "key", "value", "limits"),
    [
        ("StringEquals", "aws:PrincipalOrgID", "o-1", TRUE),
        ("StringLike", "aws:PrincipalOrgID", "o-*", FALSE),
        ("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1", FALSE),
        ("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", "o-1/r/ou", FALSE),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/r/ou/*", TRUE),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::orders", TRUE),
        ("ArnLike", "aws:SourceArn", "arn:aws:*:*:*:*", FALSE),
        ("StringEquals", "aws:SourceVpce", "vpce-1", TRUE),
        ("StringNotEquals", "aws:SourceVpce", "vpce-1", FALSE),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", TRUE),
        ("IpAddress", "aws:SourceIp", "0.0.0.0/1", FALSE),
        ("IpAddress", "aws:SourceIp", "::/0", FALSE),
        ("Bool", "aws:PrincipalIsAWSService", "true", TRUE),
        ("Bool", "aws:PrincipalIsAWSService", "false", FALSE),
        ("Bool", "aws:SecureTransport", "true", FALSE),
        ("StringEquals", "aws:RequestedRegion", "eu-west-1", FALSE),
        ("StringLike", "token.actions.githubusercontent.com:sub", "repo:acme/*", TRUE),
        ("StringEquals", "aws:PrincipalTag/team", "shop", TRUE),
    ],
)
def test_which_conditions_limit(operator: str, key: str, value: str, limits: Truth) -> None:
    assert Condition(operator, key, Known(value)).limits_callers() == limits


ROLE = """
resource "aws_s3_bucket" "orders" {{ bucket = "orders" }}
resource "aws_iam_role" "app" {{
  assume_role_policy   = "{{}}"
  permissions_boundary = {boundary}
  managed_policy_arns  = {managed}
}}
resource "aws_iam_role_policy" "app" {{
  role   = aws_iam_role.app.id
  policy = jsonencode({{
    Statement = [{{ Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::orders/*" }}]
  }})
}}
resource "aws_iam_policy" "reading" {{
  policy = jsonencode({{ Statement = [{{ Effect = "Allow", Action = "s3:Get*", Resource = "*" }}] }})
}}
{more}
"""
CONTROL = """
resource "aws_organizations_policy" "no_deletion" {
  name    = "no-deletion"
  content = jsonencode({ Statement = [{ Effect = "Deny", Action = "s3:DeleteObject", Resource = "*" }] })
}
"""


def graph_of(found: Normalised) -> Graph:
    return Graph(found.resources, found.links)


@pytest.mark.parametrize(
    ("boundary", "managed", "more", "get", "delete", "run"),
    [
        pytest.param("null", "[]", "", TRUE, TRUE, FALSE, id="inline"),
        pytest.param("aws_iam_policy.reading.arn", "[]", "", TRUE, FALSE, FALSE, id="within a boundary"),
        pytest.param(
            '"arn:aws:iam::1:policy/b"', "[]", "", UNKNOWN, UNKNOWN, FALSE, id="a boundary elsewhere"
        ),
        pytest.param(
            "null",
            '["arn:aws:iam::aws:policy/AmazonEC2FullAccess"]',
            "",
            TRUE,
            TRUE,
            UNKNOWN,
            id="a managed policy of AWS",
        ),
        pytest.param("null", "[]", CONTROL, TRUE, UNKNOWN, FALSE, id="an organization's policy"),
    ],
)
def test_effective_permissions(
    terraform: Snippet, boundary: str, managed: str, more: str, get: Truth, delete: Truth, run: Truth
) -> None:
    found = terraform(ROLE.format(boundary=boundary, managed=managed, more=more))
    permissions = permissions_of(only(found, "AWS::IAM::Role"), graph_of(found))
    assert permissions.allows("s3:GetObject", OBJECT) == get
    assert permissions.allows("s3:DeleteObject", OBJECT) == delete
    assert permissions.allows("ec2:RunInstances", "arn:aws:ec2:eu-west-1:1:instance/*") == run
