"""Instances and references where something is not known: guards, symbols, addresses."""

from tests.terraform.conftest import Evaluate
from wa_scan.blocks import Mode
from wa_scan.values import Guard, Known, Unknown


def test_instances_under_an_unknown_condition_exist_under_its_guard(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        variable "create" { type = bool }
        variable "public" { type = bool }
        resource "aws_kms_key" "main" {
          count               = var.create && !var.public ? 1 : 0
          enable_key_rotation = var.public ? false : true
        }
        resource "aws_s3_bucket" "b" {
          key   = var.create ? one(aws_kms_key.main[*].arn) : "none"
          first = try(aws_kms_key.main[0].arn, "")
        }
        """
    )
    assert unit.problems == ()
    key, bucket = unit.resources
    create, public = Guard.of("var.create"), Guard.of("var.public")
    assert key.address == "aws_kms_key.main[0]"
    assert key.exists is create & ~public
    # Where there is a key, it is not public.
    assert key.body.get("enable_key_rotation").scalar is True
    first = bucket.body.get("first")
    assert {
        (value.scalar if isinstance(value, Known) else str(value), guard)
        for value, guard in first.alternatives()
    } == {("", ~(create & ~public)), ("Unknown(aws_kms_key.main[0].arn)", create & ~public)}


def test_wholly_unknown_repetition_gives_one_instance_for_all(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        data "aws_availability_zones" "all" {}
        resource "aws_subnet" "s" {
          for_each          = toset(data.aws_availability_zones.all.names)
          availability_zone = each.key
        }
        resource "aws_instance" "web" {
          for_each  = aws_subnet.s
          subnet_id = each.value.id
        }
        resource "aws_lb" "lb" { subnets = [for s in aws_subnet.s : s.id] }
        """
    )
    assert unit.problems == ()
    shown = {resource.address: resource for resource in unit.resources}
    assert list(shown) == [
        "aws_instance.web[*]",
        "aws_lb.lb",
        "aws_subnet.s[*]",
        "data.aws_availability_zones.all",
    ]
    some = Guard.of("length(data.aws_availability_zones.all.names) > 0")
    assert shown["aws_subnet.s[*]"].exists is some
    (symbol,) = shown["aws_lb.lb"].body.get("subnets").references
    assert (symbol.resource, symbol.attribute) == ("aws_subnet.s[*]", "id")


def test_elements_of_unknown_lists_can_be_told_apart(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        data "aws_availability_zones" "all" {}
        locals { zones = slice(data.aws_availability_zones.all.names, 0, 3) }
        resource "aws_subnet" "s" {
          count             = length(local.zones)
          availability_zone = local.zones[count.index]
        }
        resource "aws_subnet" "t" {
          availability_zone = element(data.aws_availability_zones.all.names, 0)
        }
        """
    )
    subnets = [resource for resource in unit.resources if resource.mode is Mode.MANAGED]
    zones = [subnet.body.get("availability_zone") for subnet in subnets]
    assert [str(zone) for zone in zones] == [
        f"Unknown(data.aws_availability_zones.all.names[{at}])" for at in (0, 1, 2, 0)
    ]


def test_references_to_resources_survive_in_known_values(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        resource "aws_s3_bucket" "b" { bucket = "logs" }
        resource "aws_s3_bucket_policy" "p" {
          bucket = aws_s3_bucket.b.bucket
          policy = jsonencode({ Resource = "arn:aws:s3:::${aws_s3_bucket.b.bucket}/*" })
          target = upper(aws_s3_bucket.b.arn)
        }
        """
    )
    policy = unit.resources[1]
    bucket = policy.body.get("bucket")
    assert bucket.text == "logs"
    assert {(each.resource, each.attribute) for each in bucket.references} == {("aws_s3_bucket.b", "bucket")}
    text = policy.body.get("policy")
    assert text.text == '{"Resource":"arn:aws:s3:::logs/*"}'
    assert {each.text for each in text.references} == {"aws_s3_bucket.b.bucket"}
    assert "aws_s3_bucket.b.arn" in {each.text for each in policy.body.get("target").references}


def test_identities_are_never_null_and_other_computed_attributes_may_be(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        resource "aws_kms_key" "k" {}
        resource "aws_x" "y" {
          a = aws_kms_key.k.arn
          b = aws_kms_key.k.policy
          c = aws_kms_key.k.arn == null
        }
        """
    )
    body = unit.resources[1].body
    arn, policy = body.get("a"), body.get("b")
    assert isinstance(arn, Unknown)
    assert isinstance(policy, Unknown)
    assert (arn.never_null, policy.never_null) == (True, False)
    assert body.get("c").scalar is False


def test_instances_of_several_unknown_alternatives_have_one_address(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        variable "on" { type = bool }
        variable "a" { type = map(string) }
        variable "b" { type = map(string) }
        resource "aws_kms_key" "k" {}
        resource "aws_x" "y" {
          for_each = var.on ? var.a : var.b
          value    = each.value
        }
        resource "aws_x" "z" {
          for_each = toset([aws_kms_key.k.id, "known", var.a["x"]])
          value    = each.key
        }
        """
    )
    assert unit.problems == ()
    assert [resource.address for resource in unit.resources] == [
        "aws_kms_key.k",
        "aws_x.y[*]",
        'aws_x.z["known"]',
        "aws_x.z[aws_kms_key.k.id]",
        'aws_x.z[var.a["x"]]',
    ]
    on = Guard.of("var.on")
    (either,) = [resource.exists for resource in unit.resources if resource.address == "aws_x.y[*]"]
    assert either is on.choose(Guard.of("length(var.a) > 0"), Guard.of("length(var.b) > 0"))
