"""Whether a unit may hold more than was looked at."""

from pathlib import Path

import pytest

from wa_scan import scan
from wa_scan.api import ScanOptions
from wa_scan.engine.findings import Status

FUNCTION = """\
  Orders:
    Type: AWS::Lambda::Function
    Properties:
      Handler: main.handler
      Role: arn:aws:iam::123456789012:role/orders
      Code: {S3Bucket: code, S3Key: orders.zip}
"""
STACK = "  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}\n"
TERRAFORM = """\
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::123456789012:role/orders"
}
resource "aws_cloudformation_stack" "alarms" {
  name         = "alarms"
  template_url = "https://example.s3.amazonaws.com/alarms.yaml"
}
"""


def alarms_judged(folder: Path, **files: str) -> set[Status]:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    report = scan(["."], ScanOptions(working_directory=folder, rules=("OPS-ALARM-01",)))
    return {finding.status for finding in report.findings if "rders" in finding.resource.address}


@pytest.mark.parametrize(
    ("child", "status"),
    [
        ("Resources: {Topic: {Type: AWS::SNS::Topic}}\n", Status.FAIL),
        # Nothing of it is deployed, which is known.
        (
            "Conditions: {Never: !Equals [a, b]}\n"
            "Resources: {Topic: {Type: AWS::SNS::Topic, Condition: Never}}\n",
            Status.FAIL,
        ),
        ("Resources: [\n", Status.UNKNOWN),
        ("Resources:\n" + STACK, Status.UNKNOWN),
    ],
    ids=["other things", "nothing", "cannot be read", "nests itself"],
)
def test_a_nested_stack(tmp_path: Path, child: str, status: Status) -> None:
    assert alarms_judged(tmp_path, parent_yaml=f"Resources:\n{FUNCTION}{STACK}", child_yaml=child) == {status}


def test_a_nested_stack_that_is_not_there(tmp_path: Path) -> None:
    assert alarms_judged(tmp_path, parent_yaml=f"Resources:\n{FUNCTION}{STACK}") == {Status.UNKNOWN}


def test_a_stack_that_terraform_makes(tmp_path: Path) -> None:
    assert alarms_judged(tmp_path, main_tf=TERRAFORM) == {Status.UNKNOWN}
