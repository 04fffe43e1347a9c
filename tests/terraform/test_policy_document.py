"""`data "aws_iam_policy_document"` as the AWS provider computes it."""

import json

from tests.terraform.conftest import Evaluate
from wa_scan.values import Choice, Guard, Text, Unknown

FULL = """
data "aws_iam_policy_document" "full" {
  policy_id = "p"
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:ListBucket", "s3:GetObject"]
    resources = ["arn:aws:s3:::b/&{aws:username}/*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::1:root", "arn:aws:iam::2:root"]
    }
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:b"
      values   = ["x", "<y>"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [true]
    }
  }
  statement {
    effect      = "Deny"
    not_actions = ["iam:*"]
    resources   = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
output "json" { value = data.aws_iam_policy_document.full.json }
output "minified" { value = data.aws_iam_policy_document.full.minified_json }
"""

EXPECTED = """{
  "Version": "2012-10-17",
  "Id": "p",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "s3:ListBucket",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::b/${aws:username}/*",
      "Principal": {
        "AWS": [
          "arn:aws:iam::2:root",
          "arn:aws:iam::1:root"
        ],
        "Service": "ec2.amazonaws.com"
      },
      "Condition": {
        "Bool": {
          "aws:SecureTransport": "true"
        },
        "StringEquals": {
          "aws:b": [
            "x",
            "\\u003cy\\u003e"
          ]
        }
      }
    },
    {
      "Effect": "Deny",
      "NotAction": "iam:*",
      "Resource": "*",
      "Principal": "*"
    }
  ]
}"""


def test_all_arguments(evaluate: Evaluate) -> None:
    unit = evaluate(FULL)
    assert unit.problems == ()
    assert unit.outputs["json"].text == EXPECTED
    minified = unit.outputs["minified"].text
    assert minified is not None
    assert json.loads(minified) == json.loads(EXPECTED)
    assert ": " not in minified


def test_documents_are_merged_by_sid(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        data "aws_iam_policy_document" "base" {
          statement {
            sid       = "A"
            actions   = ["a"]
            resources = ["*"]
          }
          statement {
            sid       = "B"
            actions   = ["b"]
            resources = ["*"]
          }
        }
        data "aws_iam_policy_document" "all" {
          source_policy_documents   = [data.aws_iam_policy_document.base.json]
          override_policy_documents = [
            jsonencode({ Statement = { Sid = "B", Effect = "Deny", Action = "*" } }),
          ]
          statement {
            sid       = "C"
            actions   = ["c"]
            resources = ["*"]
          }
        }
        output "all" { value = jsondecode(data.aws_iam_policy_document.all.json).Statement }
        """
    )
    assert unit.problems == ()
    assert [
        (item.get("Sid").text, item.get("Effect").text, item.get("Action").text)
        for item, _ in unit.outputs["all"].items()
    ] == [("A", "Allow", "a"), ("B", "Deny", "*"), ("C", "Allow", "c")]


def test_unknown_parts_have_their_place_in_the_text(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        resource "aws_s3_bucket" "b" {}
        data "aws_iam_policy_document" "base" {
          statement {
            actions   = ["s3:*"]
            resources = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"]
          }
        }
        data "aws_iam_policy_document" "d" {
          source_policy_documents = [data.aws_iam_policy_document.base.json]
        }
        output "json" { value = data.aws_iam_policy_document.d.json }
        """
    )
    value = unit.outputs["json"]
    assert isinstance(value, Text)
    filled = "".join(part if isinstance(part, str) else "ARN" for part in value.parts)
    assert json.loads(filled)["Statement"] == [
        {"Effect": "Allow", "Action": "s3:*", "Resource": ["ARN", "ARN/*"]}
    ]
    unknown = [part for part in value.parts if isinstance(part, Unknown)]
    assert {part.symbol.resource for part in unknown} == {"aws_s3_bucket.b"}
    assert "aws_s3_bucket.b" in {symbol.resource for symbol in value.references}


def test_a_statement_under_a_condition_gives_a_choice_of_documents(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        variable "public" { type = bool }
        data "aws_iam_policy_document" "d" {
          statement {
            actions   = ["s3:GetObject"]
            resources = ["*"]
          }
          dynamic "statement" {
            for_each = var.public ? ["*"] : []
            content {
              actions   = ["s3:PutObject"]
              resources = [statement.value]
            }
          }
        }
        output "json" { value = data.aws_iam_policy_document.d.json }
        """
    )
    value = unit.outputs["json"]
    assert isinstance(value, Choice)
    assert value.guard is Guard.of("var.public")
    sizes = [len(json.loads(side.text or "")["Statement"]) for side in (value.if_true, value.if_false)]
    assert sizes == [2, 1]


def test_two_statements_with_one_sid_are_refused(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        data "aws_iam_policy_document" "d" {
          statement { sid = "A" }
          statement { sid = "A" }
        }
        """
    )
    assert [problem.message for problem in unit.problems] == ['two statements of the policy have the Sid "A"']
