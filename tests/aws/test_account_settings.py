"""Settings of a whole account, as rules see them: whole scans of a folder."""

from pathlib import Path

import pytest

from wa_scan.api import ScanOptions, scan

EBS = 'resource "aws_ebs_encryption_by_default" "a" {}\n'
TOKENS = """
resource "aws_ec2_instance_metadata_defaults" "a" {
  http_tokens                 = "required"
  http_put_response_hop_limit = 1
}
"""
BLOCK = """
resource "aws_s3_account_public_access_block" "a" {
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"""
VOLUME = """
resource "aws_ebs_volume" "v" {
  availability_zone = "eu-west-1a"
  size              = 10
}
"""
INSTANCE = """
resource "aws_instance" "i" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "m7g.large"
}
"""
BUCKET = """
resource "aws_s3_bucket" "b" {}
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*" }]
  })
}
"""


def failing(folder: Path, source: str) -> set[str]:
    (folder / "main.tf").write_text(source, encoding="utf-8")
    report = scan([folder], ScanOptions(working_directory=folder))
    return {finding.rule.id for finding in report.failures()}


@pytest.mark.parametrize(
    ("rule", "setting", "resource"),
    [
        ("SEC-EBS-01", EBS, VOLUME),
        ("SEC-EC2-01", TOKENS, INSTANCE),
        ("SEC-EC2-02", EBS, INSTANCE),
        ("SEC-S3-03", BLOCK, BUCKET),
    ],
)
def test_a_setting_of_the_account_holds_where_nothing_is_said(
    tmp_path: Path, rule: str, setting: str, resource: str
) -> None:
    assert rule in failing(tmp_path, resource)
    assert rule not in failing(tmp_path, resource + setting)


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param('resource "aws_ebs_encryption_by_default" "a" { enabled = false }', id="switched off"),
        pytest.param(
            'provider "aws" { region = "eu-west-1" }\n'
            'provider "aws" {\n  alias  = "us"\n  region = "us-east-1"\n}\n'
            'resource "aws_ebs_encryption_by_default" "a" { provider = aws.us }',
            id="of another region",
        ),
        pytest.param('resource "aws_ebs_encryption_by_default" "a" { count = 0 }', id="that does not exist"),
    ],
)
def test_a_setting_that_does_not_hold(tmp_path: Path, setting: str) -> None:
    assert "SEC-EBS-01" in failing(tmp_path, VOLUME + setting)


def test_what_is_written_is_judged_as_it_is_written(tmp_path: Path) -> None:
    optional = INSTANCE.replace('"m7g.large"', '"m7g.large"\n  metadata_options { http_tokens = "optional" }')
    assert "SEC-EC2-01" in failing(tmp_path, optional + TOKENS)
