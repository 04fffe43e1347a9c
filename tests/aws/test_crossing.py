"""Links between units whose values carry each other's symbols."""

from pathlib import Path

from wa_scan.api import ScanOptions, evaluate
from wa_scan.blocks import Mode
from wa_scan.sources.discover import discover

NETWORK = """
terraform {
  backend "s3" {
    bucket = "states"
    key    = "network"
    region = "eu-west-1"
  }
}
resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "a" {
  count      = 2
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.${count.index}.0/24"
}
resource "aws_kms_key" "k" {}
output "vpc_id" { value = aws_vpc.main.id }
output "subnets" { value = aws_subnet.a[*].id }
output "key" { value = aws_kms_key.k.arn }
"""
APPLICATION = """
data "terraform_remote_state" "network" {
  backend = "s3"
  config = {
    bucket = "states"
    key    = "network"
    region = "eu-west-1"
  }
}
locals {
  network = data.terraform_remote_state.network.outputs
}
resource "aws_security_group" "g" { vpc_id = local.network.vpc_id }
resource "aws_lb" "l" { subnets = local.network.subnets }
resource "aws_sns_topic" "t" { kms_master_key_id = local.network.key }
"""


def test_what_another_root_module_puts_out(tmp_path: Path) -> None:
    for name, text in (("network", NETWORK), ("application", APPLICATION)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text, encoding="utf-8")
    options = ScanOptions(working_directory=tmp_path)
    graph = evaluate(discover([tmp_path], tmp_path), options).graph
    across = [link for link in graph.links if link.source.unit != link.target.unit]
    assert {
        (link.source.address, link.kind.value, link.target.address)
        for link in across
        if link.source.mode is Mode.MANAGED
    } == {
        ("aws_security_group.g", "in VPC", "aws_vpc.main"),
        ("aws_lb.l", "in subnet", "aws_subnet.a[0]"),
        ("aws_lb.l", "in subnet", "aws_subnet.a[1]"),
        ("aws_sns_topic.t", "encrypted with", "aws_kms_key.k"),
    }
    assert {link.location.file for link in across} == {"application/main.tf"}
