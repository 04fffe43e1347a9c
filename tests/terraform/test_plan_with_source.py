"""Plans that are joined with the Terraform that they were made from."""

from tests.terraform.plan_building import DATABASE, Plans, instance, only, plan_of
from wa_scan.errors import ProblemLevel
from wa_scan.values import Known, ListValue, Unknown

SOURCE = """\
variable "multi_az" {
  type    = bool
  default = true
}

resource "aws_db_instance" "a" {
  engine   = "postgres"
  multi_az = var.multi_az
}
"""


class TestJoinedWithTheSource:
    def test_attributes_stand_where_they_were_written(self, plans: Plans) -> None:
        resource = only(
            plans.unit(plan_of(instance("aws_db_instance.a", {**DATABASE, "multi_az": True})), SOURCE),
            "aws_db_instance.a",
        )
        assert plans.text_at(resource, "multi_az") == "multi_az = var.multi_az"
        origin = resource.body.get("multi_az").origin
        assert origin is not None
        assert [step.text for step in origin] == ['variable "multi_az" default', "attribute multi_az"]

    def test_a_variable_with_another_value_comes_from_the_plan(self, plans: Plans) -> None:
        plan = plan_of(instance("aws_db_instance.a", DATABASE), variables={"multi_az": {"value": False}})
        value = only(plans.unit(plan, SOURCE), "aws_db_instance.a").body.get("multi_az")
        assert value.scalar is False
        assert value.origin is not None
        steps = [(step.location.file, step.text) for step in value.origin]
        assert steps == [("plan.json", "variable multi_az of the plan"), ("main.tf", "attribute multi_az")]

    def test_a_different_value_did_not_come_the_way_of_the_source(self, plans: Plans) -> None:
        value = only(
            plans.unit(plan_of(instance("aws_db_instance.a", DATABASE)), SOURCE), "aws_db_instance.a"
        ).body.get("multi_az")
        assert value.scalar is False
        assert value.origin is not None
        assert [step.text for step in value.origin] == ["attribute multi_az"]

    def test_keys_are_of_no_matter_where_the_source_does_not_know_them(self, plans: Plans) -> None:
        source = """\
variable "names" { type = set(string) }
resource "aws_sqs_queue" "q" {
  for_each = var.names
  name     = each.key
}
"""
        plan = plan_of(*(instance(f'aws_sqs_queue.q["{k}"]', {"name": k}) for k in ("a.b", "c[0]")))
        for key in ("a.b", "c[0]"):
            resource = only(plans.unit(plan, source), f'aws_sqs_queue.q["{key}"]')
            assert plans.text_at(resource, "name") == "name     = each.key"
            assert resource.body.get("name").scalar == key
            assert resource.exists.is_always

    def test_blocks_of_a_set_are_found_again(self, plans: Plans) -> None:
        source = """\
resource "aws_security_group" "g" {
  ingress {
    from_port = 443
    to_port   = 443
  }
  dynamic "ingress" {
    for_each = { ssh = "22" }
    content {
      from_port = ingress.value
      to_port   = ingress.value
    }
  }
}
"""
        values = {"ingress": [{"from_port": 22, "to_port": 22}, {"from_port": 443, "to_port": 443}]}
        resource = only(
            plans.unit(plan_of(instance("aws_security_group.g", values)), source), "aws_security_group.g"
        )
        ingress = resource.body.get("ingress")
        assert isinstance(ingress, ListValue)
        ports = [item.get("from_port") for item in ingress.elements]
        places = [(port.scalar, port.origin.location.start_line) for port in ports if port.origin is not None]
        assert places == [(22, 9), (443, 3)]

    def test_the_plan_settles_choices(self, plans: Plans) -> None:
        source = """\
variable "prod" { type = bool }
resource "aws_db_instance" "a" {
  multi_az = var.prod ? true : false
  dynamic "s3_import" {
    for_each = var.prod ? [1] : []
    content { bucket_name = "b" }
  }
}
"""
        plan = plan_of(instance("aws_db_instance.a", {"multi_az": False, "s3_import": []}))
        body = only(plans.unit(plan, source), "aws_db_instance.a").body
        assert isinstance(body.get("multi_az"), Known)
        assert body.get("multi_az").scalar is False
        assert list(body.get("s3_import").items()) == []

    def test_what_the_source_has_in_a_module_that_is_not_on_disk_stands_at_the_call(
        self, plans: Plans
    ) -> None:
        source = 'module "db" {\n  source = "terraform-aws-modules/rds/aws"\n}\n'
        plan = plan_of(instance('module.db.module.inner["x"].aws_db_instance.a', DATABASE))
        unit = plans.unit(plan, source)
        (resource,) = unit.resources
        assert plans.text_at(resource) == 'module "db"'
        assert plans.text_at(resource, "multi_az") == 'module "db"'
        assert unit.unfound_modules == ()

    def test_another_source_is_not_joined(self, plans: Plans) -> None:
        unit = plans.unit(
            plan_of(instance("aws_db_instance.a", DATABASE)), 'resource "aws_sqs_queue" "q" {}\n'
        )
        assert only(unit, "aws_db_instance.a").location.file == "plan.json"

    def test_what_has_gone_from_the_source_since_stands_in_the_plan(self, plans: Plans) -> None:
        plan = plan_of(instance("aws_db_instance.a", DATABASE), instance("aws_db_instance.old", DATABASE))
        unit = plans.unit(plan, SOURCE)
        assert only(unit, "aws_db_instance.a").location.file == "main.tf"
        assert plans.text_at(only(unit, "aws_db_instance.old"), "multi_az") == '"multi_az": false'

    def test_what_the_source_alone_has_is_not_judged(self, plans: Plans) -> None:
        unit = plans.unit(
            plan_of(instance("aws_db_instance.a", DATABASE)), SOURCE + 'resource "aws_sqs_queue" "new" {}\n'
        )
        assert [resource.address for resource in unit.resources] == ["aws_db_instance.a"]
        (problem,) = unit.problems
        assert problem.level is ProblemLevel.NOTE
        assert problem.message == "the plan lacks what its source has, which is not judged: aws_sqs_queue.new"

    def test_what_is_sensitive_is_known_as_far_as_the_code_tells_it(self, plans: Plans) -> None:
        source = """\
variable "password" { type = string }
resource "aws_db_instance" "a" {
  username = "app"
  password = var.password
}
resource "aws_db_instance" "b" { password = "in the code" }
"""
        marked = {"password": True}
        plan = plan_of(
            instance("aws_db_instance.a", {"password": "from outside"}, sensitive=marked),
            instance("aws_db_instance.b", {"password": "in the code"}, sensitive=marked),
            variables={"password": {"value": "from outside"}},
        )
        unit = plans.unit(plan, source)
        assert isinstance(only(unit, "aws_db_instance.a").body.get("password"), Unknown)
        assert only(unit, "aws_db_instance.b").body.get("password").scalar == "in the code"
