"""References to an instance of a resource whose key is not known."""

import pytest

from tests.terraform.conftest import Evaluate, ResourceOf
from wa_scan.aws.normalise import normalise
from wa_scan.values import Unknown

BUCKETS = """
variable "m" { type = map(string) }
variable "n" { type = number }
resource "aws_kms_key" "k" {}
resource "aws_s3_bucket" "some" {
  for_each      = var.m
  bucket        = each.value
  force_destroy = true
  key           = aws_kms_key.k.arn
}
resource "aws_s3_bucket" "two" {
  for_each      = toset(["a", "b"])
  bucket        = "bucket-${each.key}"
  force_destroy = true
}
resource "aws_s3_bucket" "counted" {
  count = 2
}
resource "aws_s3_bucket" "uncounted" {
  count = var.n
}
"""


@pytest.mark.parametrize(
    ("arguments", "reference", "text", "resource"),
    [
        ("for_each = var.m", "some[each.key]", "some[each.key of aws_x.y]", "some[*]"),
        ("for_each = aws_s3_bucket.some", "some[each.key]", "some[each.key of aws_x.y]", "some[*]"),
        ("for_each = var.m", "two[each.key]", "two[each.key of aws_x.y]", "two[*]"),
        ("for_each = var.m", "two[each.value]", "two[var.m[each.key]]", "two[*]"),
        ("count = var.n", "counted[count.index]", "counted[count.index of aws_x.y]", "counted[*]"),
        ("count = var.n", "uncounted[count.index]", "uncounted[count.index of aws_x.y]", "uncounted[*]"),
        ("", "counted[var.n]", "counted[var.n]", "counted[*]"),
    ],
)
def test_its_symbols_belong_to_the_instances_that_there_are(
    evaluate: Evaluate, arguments: str, reference: str, text: str, resource: str
) -> None:
    unit = evaluate(
        BUCKETS + f'resource "aws_x" "y" {{\n{arguments}\nbucket = aws_s3_bucket.{reference}.id\n}}'
    )
    assert unit.problems == ()
    bucket = unit.resources[-1].body.get("bucket")
    assert isinstance(bucket, Unknown)
    assert tuple(bucket.symbol) == (f"aws_s3_bucket.{text}.id", f"aws_s3_bucket.{resource}", "id")


def test_the_instance_that_each_stands_for_is_one_of_the_resource(
    evaluate: Evaluate, resource_of: ResourceOf
) -> None:
    unit = evaluate(
        BUCKETS + 'resource "aws_x" "y" {\nfor_each = aws_s3_bucket.some\nbucket = each.value.id\n}'
    )
    bucket = resource_of(unit, "aws_x.y[*]").body.get("bucket")
    assert isinstance(bucket, Unknown)
    assert tuple(bucket.symbol) == ("aws_s3_bucket.some[each.key].id", "aws_s3_bucket.some[*]", "id")


def test_only_what_does_not_differ_is_known_of_it(evaluate: Evaluate, resource_of: ResourceOf) -> None:
    unit = evaluate(
        BUCKETS
        + """
        resource "aws_x" "y" {
          for_each = var.m
          same     = aws_s3_bucket.some[each.key].force_destroy
          key      = aws_s3_bucket.some[each.key].key
          own      = aws_s3_bucket.some[each.key].bucket
          two      = aws_s3_bucket.two[each.key].force_destroy
          name     = aws_s3_bucket.two[each.key].bucket
        }
        """
    )
    body = resource_of(unit, "aws_x.y[*]").body
    assert (body.get("same").scalar, body.get("two").scalar) == (True, True)
    for name, symbol in (
        ("key", "aws_kms_key.k.arn"),
        ("own", "aws_s3_bucket.some[each.key of aws_x.y].bucket"),
        ("name", "aws_s3_bucket.two[each.key of aws_x.y].bucket"),
    ):
        value = body.get(name)
        assert isinstance(value, Unknown)
        assert value.symbol.text == symbol


@pytest.mark.parametrize("each", ["aws_s3_bucket.some[each.key].id", "aws_s3_bucket.some[each.key].bucket"])
@pytest.mark.parametrize("for_each", ["var.m", "aws_s3_bucket.some"])
def test_settings_under_the_same_unknown_keys_are_folded_into_their_bucket(
    evaluate: Evaluate, each: str, for_each: str
) -> None:
    unit = evaluate(
        f"""
        variable "m" {{ type = map(string) }}
        resource "aws_s3_bucket" "some" {{
          for_each = var.m
          bucket   = each.value
        }}
        resource "aws_s3_bucket_versioning" "v" {{
          for_each = {for_each}
          bucket   = {each}
          versioning_configuration {{ status = "Enabled" }}
        }}
        """
    )
    (bucket,) = (r for r in normalise(unit).resources if r.type == "AWS::S3::Bucket")
    assert bucket.address == "aws_s3_bucket.some[*]"
    assert bucket["VersioningConfiguration"].get("Status").text == "Enabled"
