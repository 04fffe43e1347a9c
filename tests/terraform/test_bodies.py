"""Nested blocks, dynamic blocks and what every resource has besides its arguments."""

import pytest

from tests.terraform.conftest import Evaluate
from wa_scan.errors import ProblemLevel
from wa_scan.values import Choice, Guard, ListValue, MapValue, Unknown


def test_nested_blocks_are_lists_that_stand_at_their_header(evaluate: Evaluate) -> None:
    unit = evaluate('resource "aws_x" "y" {\n  a {\n    b = 1\n  }\n  a {\n    b = 2\n  }\n}\n')
    blocks = unit.resources[0].body.get("a")
    assert isinstance(blocks, ListValue)
    found = [block for block, _ in blocks.items()]
    assert [block.get("b").scalar for block in found] == [1, 2]
    places = [str(block.origin.location) for block in found if block.origin is not None]
    assert places == ["main.tf:2:3", "main.tf:5:3"]


def test_dynamic_blocks(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        variable "rules" { default = { ssh = [22], web = [80, 443] } }
        resource "aws_security_group" "g" {
          dynamic "ingress" {
            for_each = var.rules
            iterator = rule
            content {
              description = rule.key
              dynamic "port" {
                for_each = rule.value
                content { number = port.value }
              }
            }
          }
        }
        """
    )
    assert unit.problems == ()
    rules = unit.resources[0].body.get("ingress")
    assert [
        (rule.get("description").text, [port.get("number").scalar for port, _ in rule.get("port").items()])
        for rule, _ in rules.items()
    ] == [("ssh", [22]), ("web", [80, 443])]


def test_dynamic_blocks_over_what_is_not_known(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        variable "open" { type = bool }
        variable "rules" { type = list(any) }
        resource "aws_security_group" "g" {
          dynamic "ingress" {
            for_each = var.open ? [22] : []
            content { from_port = ingress.value }
          }
          dynamic "egress" {
            for_each = var.rules
            content {
              cidr_blocks = ["0.0.0.0/0"]
              to_port     = egress.value.port
            }
          }
        }
        """
    )
    body = unit.resources[0].body
    ((rule, guard),) = body.get("ingress").items()
    assert guard is Guard.of("var.open")
    assert rule.get("from_port").scalar == 22
    egress = body.get("egress")
    assert isinstance(egress, ListValue)
    assert egress.rest is not None
    (element,) = egress.elements
    assert isinstance(element, Choice)
    assert element.guard is Guard.of("length(var.rules) > 0")
    assert [item.text for item, _ in element.if_true.get("cidr_blocks").items()] == ["0.0.0.0/0"]
    assert str(element.if_true.get("to_port")) == "Unknown(var.rules[*].port)"


@pytest.mark.parametrize(
    ("for_each", "level"),
    [
        ("[1]", ProblemLevel.ERROR),
        ("var.open ? [1] : []", ProblemLevel.NOTE),
        ("var.rules", ProblemLevel.NOTE),
    ],
)
def test_what_a_dynamic_block_refuses_is_a_note_where_there_may_be_none(
    evaluate: Evaluate, for_each: str, level: ProblemLevel
) -> None:
    unit = evaluate(
        """
        variable "open" { type = bool }
        variable "rules" { type = list(any) }
        variable "one" { type = object({ port = number }) }
        resource "aws_security_group" "g" {
          dynamic "ingress" {
            for_each = FOR_EACH
            content { from_port = var.one.ports }
          }
        }
        """.replace("FOR_EACH", for_each)
    )
    (problem,) = unit.problems
    assert (problem.level, problem.message) == (level, 'this object does not have an attribute named "ports"')


def test_meta_arguments_are_apart(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        resource "aws_s3_bucket" "b" {}
        resource "aws_instance" "web" {
          ami        = "ami-1"
          depends_on = [aws_s3_bucket.b]
          lifecycle {
            prevent_destroy = true
            ignore_changes  = [tags["Name"], ami]
          }
          connection { host = self.public_ip }
          provisioner "remote-exec" {
            inline = ["echo ${self.id}"]
            when   = destroy
          }
          provisioner "local-exec" { command = "true" }
        }
        """
    )
    assert unit.problems == ()
    web = unit.resources[0]
    assert web.address == "aws_instance.web"
    assert list(web.body.entries) == ["ami"]
    assert [item.text for item, _ in web.meta.get("depends_on").items()] == ["aws_s3_bucket.b"]
    assert {symbol.resource for symbol in web.meta.get("depends_on").all_references()} == {"aws_s3_bucket.b"}
    lifecycle = web.meta.get("lifecycle")
    assert lifecycle.get("prevent_destroy").scalar is True
    assert [item.text for item, _ in lifecycle.get("ignore_changes").items()] == ['tags["Name"]', "ami"]
    assert [
        (item.get("type").text, item.get("when").text) for item, _ in web.meta.get("provisioner").items()
    ] == [("remote-exec", "destroy"), ("local-exec", None)]
    assert str(web.meta.get("connection").get("host")) == "Unknown(aws_instance.web.public_ip)"


def test_instances_share_what_does_not_differ(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        resource "aws_x" "same" {
          count = 3
          tags  = { a = "b" }
        }
        resource "aws_x" "own" {
          count = 2
          name  = "n${count.index}"
          tags  = { a = "b" }
        }
        """
    )
    own, same = unit.resources[:2], unit.resources[2:]
    assert len({id(resource.body) for resource in same}) == 1
    assert [resource.body.get("name").text for resource in own] == ["n0", "n1"]
    assert own[0].body.get("tags") is own[1].body.get("tags")


def test_settings_for_rules(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        terraform {
          required_version = ">= 1.5"
          required_providers {
            aws = {
              source                = "hashicorp/aws"
              version               = "~> 5.0"
              configuration_aliases = [aws.west]
            }
          }
          backend "s3" { encrypt = true }
        }
        provider "aws" { region = "eu-west-1" }
        """
    )
    assert unit.problems == ()
    terraform = unit.settings["terraform"]
    assert terraform.get("required_version").text == ">= 1.5"
    assert terraform.get("required_providers").get("aws").get("version").text == "~> 5.0"
    assert terraform.get("backend").get("type").text == "s3"
    assert terraform.get("backend").get("encrypt").scalar is True
    ((provider, _),) = unit.settings["provider"].items()
    assert (provider.get("name").text, provider.get("region").text) == ("aws", "eu-west-1")


def test_json_bodies_are_values(evaluate: Evaluate) -> None:
    unit = evaluate(
        {
            "main.tf.json": """
            {"variable": {"on": {"default": true}},
             "resource": {"aws_x": {"y": [{
                "count": "${var.on ? 2 : 0}",
                "name": "n-${count.index}",
                "ingress": [{"from_port": 22}]}]}}}
            """
        }
    )
    assert unit.problems == ()
    assert [resource.address for resource in unit.resources] == ["aws_x.y[0]", "aws_x.y[1]"]
    body = unit.resources[1].body
    assert body.get("name").text == "n-1"
    assert body.get("ingress").get("from_port").scalar == 22


def test_whole_resources_are_objects_with_an_unknown_rest(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        resource "aws_s3_bucket" "b" {
          bucket = "x"
          logging { target = "y" }
        }
        output "b" { value = aws_s3_bucket.b }
        output "t" { value = aws_s3_bucket.b.logging[0].target }
        output "u" { value = aws_s3_bucket.b.timeouts }
        """
    )
    assert unit.problems == ()
    whole = unit.outputs["b"]
    assert isinstance(whole, MapValue)
    assert whole.get("bucket").text == "x"
    assert isinstance(whole.get("arn"), Unknown)
    assert unit.outputs["t"].text == "y"
    assert str(unit.outputs["u"]) == "Unknown(aws_s3_bucket.b.timeouts)"


@pytest.mark.parametrize(
    ("written", "condition"),
    [
        ('var.env == "prod"', 'var.env == "prod"'),
        ('!(var.env != "prod")', 'var.env == "prod"'),
        ('var.env == "prod" ? true : false', 'var.env == "prod"'),
        ("var.nodes > 2", "var.nodes > 2"),
    ],
)
def test_a_comparison_that_is_not_known_says_on_which_side_it_is_what(
    evaluate: Evaluate, written: str, condition: str
) -> None:
    unit = evaluate(
        f'variable "env" {{}}\nvariable "nodes" {{}}\nresource "aws_x" "y" {{\n  multi_az = {written}\n}}\n'
    )
    value = unit.resources[0].body.get("multi_az")
    assert [(leaf.scalar, str(guard)) for leaf, guard in value.alternatives()] == [
        (True, f"{condition} is true"),
        (False, f"{condition} is false"),
    ]
