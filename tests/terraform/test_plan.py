"""Plans as `terraform show -json` prints them: by themselves and joined with their source."""

import json
from pathlib import Path

import pytest

from tests.terraform.plan_building import Json, Plans, block, constant, instance, only, plan_of, refers
from wa_scan.aws.normalise import normalise
from wa_scan.blocks import Mode
from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.sources.units import PlanFile, RootModule
from wa_scan.terraform.plan import evaluate_plan
from wa_scan.values import Known, ListValue, Symbol, Text, Unknown

FIXTURE = Path(__file__).parents[2] / "fixtures" / "plans" / "terraform-data"


@pytest.fixture
def plans(tmp_path: Path) -> Plans:
    return Plans(tmp_path)


class TestWhatTerraformPrints:
    """The real output of Terraform 1.11.4, on one line."""

    def unit(self, *sources: RootModule):  # type: ignore[no-untyped-def]
        return evaluate_plan(PlanFile(FIXTURE / "plan.json", "plan.json", FIXTURE, sources)).unit

    def test_addresses_are_those_of_terraform(self) -> None:
        assert {resource.address for resource in self.unit().resources} == {
            "terraform_data.origin",
            "terraform_data.copy[0]",
            "terraform_data.copy[1]",
            'terraform_data.region["eu"]',
            'terraform_data.region["us"]',
            "terraform_data.after",
            'module.child["a"].terraform_data.this',
        }

    def test_what_is_known_only_after_apply_has_the_symbol_of_the_one_thing_that_it_refers_to(self) -> None:
        unit = self.unit()
        eu = only(unit, 'terraform_data.region["eu"]')
        (trigger,) = eu.body.get("triggers_replace").elements  # type: ignore[attr-defined]
        assert trigger.symbol == Symbol("terraform_data.copy[1].id", "terraform_data.copy[1]", "id")
        inner = 'module.child["a"].terraform_data.this'
        after = only(unit, "terraform_data.after").body.get("input")
        assert isinstance(after, Unknown)
        assert after.symbol == Symbol(f"{inner}.id", inner, "id")
        origin = only(unit, inner).body.get("input").get("origin")
        assert isinstance(origin, Unknown)
        assert origin.symbol == Symbol("terraform_data.origin.id", "terraform_data.origin", "id")

    def test_of_several_references_none_is_taken_for_the_value(self) -> None:
        first = only(self.unit(), "terraform_data.copy[0]").body.get("input")
        assert isinstance(first, ListValue)
        unknown, known, _ = first.elements
        assert isinstance(unknown, Unknown)
        assert unknown.symbol.text == "terraform_data.origin.id"
        assert known.scalar == "known"
        copies = only(self.unit(), 'terraform_data.region["eu"]').body.get("input").get("first")
        assert isinstance(copies, Unknown)
        assert copies.symbol == Symbol('terraform_data.region["eu"].input.first')
        assert {s.resource for s in copies.references} == {
            None,
            "terraform_data.copy[0]",
            "terraform_data.copy",
        }

    def test_what_is_sensitive_is_not_known(self) -> None:
        token = only(self.unit(), 'terraform_data.region["eu"]').body.get("input").get("token")
        assert isinstance(token, Unknown)
        assert token.equals(None).is_surely_false

    def test_the_source_knows_what_the_configuration_does_not_tell(self) -> None:
        unit = self.unit(RootModule(FIXTURE, ".", FIXTURE))
        first = only(unit, 'terraform_data.region["us"]').body.get("input").get("first")
        assert isinstance(first, Unknown)
        assert first.symbol.text == "terraform_data.copy[0].id"
        later = only(unit, "terraform_data.copy[1]").body.get("input").elements[2]  # type: ignore[attr-defined]
        assert later.symbol.text == "terraform_data.origin.output"
        assert unit.problems == ()

    def test_places_are_those_of_the_source(self) -> None:
        unit = self.unit(RootModule(FIXTURE, ".", FIXTURE))
        lines = {resource.address: str(resource.location) for resource in unit.resources}
        assert lines["terraform_data.copy[1]"] == "main.tf:20:1"
        assert lines['terraform_data.region["us"]'] == "main.tf:26:1"
        assert lines['module.child["a"].terraform_data.this'] == "child/main.tf:9:1"
        assert unit.files_read == ("plan.json", "main.tf", "child/main.tf")


DATABASE: Json = {
    "engine": "postgres",
    "multi_az": False,
    "kms_key_id": None,
    "license_model": "",
    "timeouts": None,
}


class TestValues:
    def test_what_nobody_wrote_and_the_provider_decides_later_says_nothing(self, plans: Plans) -> None:
        plan = plan_of(
            instance("aws_db_instance.a", DATABASE, {"arn": True, "storage_type": True}),
            configuration={"resources": [block("aws_db_instance.a", {"engine": constant("postgres")})]},
        )
        body = only(plans.unit(plan), "aws_db_instance.a").body
        assert {name: value.scalar for name, value in body.entries.items()} == {
            "engine": "postgres",
            "multi_az": False,
        }

    def test_without_a_configuration_it_may_be_anything(self, plans: Plans) -> None:
        body = only(
            plans.unit(plan_of(instance("aws_db_instance.a", DATABASE, {"storage_type": True}))),
            "aws_db_instance.a",
        ).body
        storage = body.get("storage_type")
        assert isinstance(storage, Unknown)
        assert storage.symbol == Symbol("aws_db_instance.a.storage_type")
        assert "kms_key_id" not in body.entries

    def test_a_null_that_somebody_wrote_is_one(self, plans: Plans) -> None:
        plan = plan_of(
            instance("aws_db_instance.a", DATABASE),
            configuration={"resources": [block("aws_db_instance.a", {"kms_key_id": refers("var.key")})]},
        )
        assert only(plans.unit(plan), "aws_db_instance.a").body.get("kms_key_id").scalar is None
        assert "kms_key_id" in only(plans.unit(plan), "aws_db_instance.a").body.entries

    def test_blocks_are_lists_and_no_block_is_none(self, plans: Plans) -> None:
        values: Json = {
            "ingress": [
                {
                    "from_port": 22,
                    "cidr_blocks": ["0.0.0.0/0"],
                    "security_groups": [],
                    "self": False,
                    "description": "",
                }
            ],
            "egress": [],
        }
        expressions: Json = {"ingress": [{"from_port": constant(22), "cidr_blocks": constant(["0.0.0.0/0"])}]}
        plan = plan_of(
            instance("aws_security_group.a", values),
            configuration={"resources": [block("aws_security_group.a", expressions)]},
        )
        body = only(plans.unit(plan), "aws_security_group.a").body
        assert "egress" not in body.entries
        (rule,) = body.get("ingress").elements  # type: ignore[attr-defined]
        assert set(rule.entries) == {"from_port", "cidr_blocks", "self"}

    def test_whole_numbers_are_such(self, plans: Plans) -> None:
        text = json.dumps(plan_of(instance("aws_x.a", {"a": 1})))
        unit = plans.unit(text.replace('"a": 1', '"a": 1.0, "b": 1.5, "c": 12345678901234567890, "d": 1e3'))
        body = only(unit, "aws_x.a").body
        assert [repr(body.get(name).scalar) for name in "abcd"] == [
            "1",
            "1.5",
            "12345678901234567890",
            "1000",
        ]

    def test_unknown_at_any_depth(self, plans: Plans) -> None:
        values: Json = {"rule": [{"id": "a", "target": [{"arn": None}]}], "tags": {"a": "1"}}
        unknown: Json = {"rule": [{"target": [{"arn": True}]}], "tags": {"b": True}}
        expressions: Json = {
            "rule": [{"id": constant("a"), "target": [{"arn": refers("aws_sns_topic.t.arn")}]}],
            "tags": refers("aws_sns_topic.t.arn", "aws_sqs_queue.q.arn"),
        }
        plan = plan_of(
            instance("aws_x.a", values, unknown),
            configuration={"resources": [block("aws_x.a", expressions)]},
        )
        body = only(plans.unit(plan), "aws_x.a").body
        arn = body.get("rule").get("target").get("arn")
        assert isinstance(arn, Unknown)
        assert arn.symbol == Symbol("aws_sns_topic.t.arn", "aws_sns_topic.t", "arn")
        assert arn.never_null
        assert body.get("tags").get("a").scalar == "1"
        tag = body.get("tags").get("b")
        assert isinstance(tag, Unknown)
        assert tag.symbol == Symbol("aws_x.a.tags.b")
        assert {symbol.resource for symbol in tag.references} == {None, "aws_sns_topic.t", "aws_sqs_queue.q"}

    def test_elements_of_a_list_get_one_symbol_each(self, plans: Plans) -> None:
        subnets = [instance(f"aws_subnet.s[{at}]", {}, {"id": True}) for at in (0, 1)]
        group = instance("aws_db_subnet_group.g", {"subnet_ids": [None, None]}, {"subnet_ids": [True, True]})
        plan = plan_of(
            *subnets,
            group,
            configuration={
                "resources": [
                    block("aws_subnet.s", {}, count_expression=constant(2)),
                    block("aws_db_subnet_group.g", {"subnet_ids": refers("aws_subnet.s")}),
                ]
            },
        )
        found = only(plans.unit(plan), "aws_db_subnet_group.g").body.get("subnet_ids")
        assert [item.symbol.text for item in found.elements] == ["aws_subnet.s[0].id", "aws_subnet.s[1].id"]  # type: ignore[attr-defined]

    def test_what_is_write_only_is_not_known(self, plans: Plans) -> None:
        plan = plan_of(
            instance("aws_db_instance.a", {"password_wo": None, "password_wo_version": 1}),
            configuration={
                "resources": [
                    block("aws_db_instance.a", {"password_wo": refers("ephemeral.random_password.p.result")})
                ]
            },
        )
        assert isinstance(only(plans.unit(plan), "aws_db_instance.a").body.get("password_wo"), Unknown)

    def test_a_policy_that_is_read_later_is_written_as_far_as_it_is_known(self, plans: Plans) -> None:
        statement = {"actions": ["s3:*"], "resources": [None], "effect": "Allow", "sid": None}
        plan = plan_of(
            instance(
                "data.aws_iam_policy_document.p",
                {"statement": [statement]},
                {"id": True, "json": True, "statement": [{"resources": [True]}]},
                actions=("read",),
            ),
            instance("aws_iam_policy.p", {"name": "p"}, {"policy": True}),
            configuration={
                "resources": [
                    block("aws_iam_policy.p", {"policy": refers("data.aws_iam_policy_document.p.json")}),
                    block(
                        "data.aws_iam_policy_document.p",
                        {
                            "statement": [
                                {"actions": constant(["s3:*"]), "resources": refers("aws_s3_bucket.b.arn")}
                            ]
                        },
                    ),
                ]
            },
        )
        policy = only(plans.unit(plan), "aws_iam_policy.p").body.get("policy")
        assert isinstance(policy, Text)
        assert "".join(part if isinstance(part, str) else f"<{part.symbol}>" for part in policy.parts) == (
            '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n'
            '      "Action": "s3:*",\n      "Resource": "<aws_s3_bucket.b.arn>"\n    }\n  ]\n}'
        )


class TestWhatIsJudged:
    def test_what_goes_away_is_not_and_what_stays_or_is_replaced_is(self, plans: Plans) -> None:
        gone = {"after": None, "after_unknown": {}, "before": {"a": 1}}
        plan = plan_of(
            instance("aws_x.created", {"a": 1}),
            instance("aws_x.kept", {"a": 1}, actions=("no-op",)),
            instance(
                "aws_x.replaced", {"a": 1}, actions=("delete", "create"), replace_paths=[["a"], ["b", 0, "c"]]
            ),
            instance("aws_x.deleted", {}, actions=("delete",), **gone),
            instance("aws_x.forgotten", {}, actions=("forget",), **gone),
            {**instance("aws_x.kept", {}, actions=("delete",), **gone), "deposed": "ab12"},
            instance("data.aws_y.read", {"a": 1}, actions=("read",)),
        )
        unit = plans.unit(plan)
        assert {(resource.address, resource.mode) for resource in unit.resources} == {
            ("aws_x.created", Mode.MANAGED),
            ("aws_x.kept", Mode.MANAGED),
            ("aws_x.replaced", Mode.MANAGED),
            ("data.aws_y.read", Mode.DATA),
        }
        change = only(unit, "aws_x.replaced").meta.get("plan")
        assert [item.scalar for item, _ in change.get("actions").items()] == ["delete", "create"]
        assert [item.scalar for item, _ in change.get("replace_paths").items()] == ["a", "b.0.c"]

    def test_data_sources_that_were_read_are_in_the_prior_state(self, plans: Plans) -> None:
        read = {key: value for key, value in instance("data.aws_vpc.v", {}).items() if key != "change"}
        prior = {"values": {"root_module": {"resources": [{**read, "values": {"id": "vpc-1"}}]}}}
        plan = plan_of(instance("aws_x.a", {"a": 1}), prior_state=prior)
        assert only(plans.unit(plan), "data.aws_vpc.v").body.get("id").scalar == "vpc-1"

    def test_without_planned_values_the_changes_tell(self, plans: Plans) -> None:
        plan = plan_of(
            instance("aws_x.a", {"a": 1}), instance("aws_x.b", {}, actions=("delete",), after=None)
        )
        del plan["planned_values"]
        unit = plans.unit(plan)
        assert [resource.address for resource in unit.resources] == ["aws_x.a"]
        assert plans.text_at(unit.resources[0], "a") == '"a": 1'

    def test_terraform_0_12_leaves_modules_out_of_addresses(self, plans: Plans) -> None:
        entry = {
            "address": "aws_x.a",
            "mode": "managed",
            "type": "aws_x",
            "name": "a",
            "index": 1,
            "values": {"a": 1},
        }
        plan = {
            "format_version": "0.1",
            "planned_values": {
                "root_module": {"child_modules": [{"address": "module.m", "resources": [entry]}]}
            },
        }
        assert [resource.address for resource in plans.unit(plan).resources] == ["module.m.aws_x.a[1]"]

    def test_what_resources_of_their_own_configure_is_judged_there(self, plans: Plans) -> None:
        rule = {"from_port": 22, "cidr_blocks": ["0.0.0.0/0"]}
        group = instance("aws_security_group.g", {"ingress": [rule], "egress": []}, actions=("no-op",))
        own = instance("aws_vpc_security_group_ingress_rule.r", {"from_port": 22}, actions=("no-op",))
        configuration = {"resources": [block("aws_security_group.g", {})]}
        alone = plans.unit(plan_of(group, configuration=configuration))
        assert "ingress" in only(alone, "aws_security_group.g").body.entries
        both = plans.unit(plan_of(group, own, configuration=configuration))
        assert "ingress" not in only(both, "aws_security_group.g").body.entries


class TestProviders:
    def test_default_tags_are_what_tags_all_has_more(self, plans: Plans) -> None:
        values = {"tags": {"Owner": "me"}, "tags_all": {"Owner": "me", "Environment": "prod"}}
        resource = only(plans.unit(plan_of(instance("aws_s3_bucket.b", values))), "aws_s3_bucket.b")
        (made,) = normalise(plans.unit(plan_of(instance("aws_s3_bucket.b", values)))).resources
        assert resource.default_tags is not None
        assert {key: made.tags.get(key).scalar for key in ("Owner", "Environment")} == {
            "Owner": "me",
            "Environment": "prod",
        }

    def test_the_region_and_the_tags_of_a_configuration(self, plans: Plans) -> None:
        plan = plan_of(
            instance("aws_s3_bucket.b", {}, {"tags_all": True}),
            instance("aws_s3_bucket.c", {}, {"tags_all": True}),
            configuration={
                "resources": [
                    block("aws_s3_bucket.b", {}),
                    block("aws_s3_bucket.c", {}, provider_config_key="aws.us"),
                ]
            },
            variables={"region": {"value": "eu-west-1"}},
        )
        plan["configuration"]["provider_config"] = {
            "aws": {
                "name": "aws",
                "expressions": {
                    "region": refers("var.region"),
                    "default_tags": [{"tags": constant({"Owner": "me"})}],
                },
            },
            "aws.us": {"name": "aws", "alias": "us", "expressions": {"region": constant("us-east-1")}},
        }
        unit = plans.unit(plan)
        one, other = only(unit, "aws_s3_bucket.b"), only(unit, "aws_s3_bucket.c")
        assert one.region is not None
        assert other.region is not None
        assert (one.region.scalar, other.region.scalar) == ("eu-west-1", "us-east-1")
        assert one.default_tags is not None
        assert one.default_tags.get("Owner").scalar == "me"
        assert other.default_tags is None


class TestLinks:
    def test_settings_fold_by_reference_in_modules(self, plans: Plans) -> None:
        bucket = 'module.m["a"].aws_s3_bucket.b'
        versioning = 'module.m["a"].module.v.aws_s3_bucket_versioning.v'
        values = {"versioning_configuration": [{"status": "Enabled", "mfa_delete": None}]}
        inner = {
            "source": "./v",
            "expressions": {"bucket": refers("aws_s3_bucket.b.id")},
            "module": {
                "resources": [
                    block(
                        "aws_s3_bucket_versioning.v",
                        {
                            "bucket": refers("var.bucket"),
                            "versioning_configuration": [{"status": constant("Enabled")}],
                        },
                    )
                ]
            },
        }
        module = {"resources": [block("aws_s3_bucket.b", {})], "module_calls": {"v": inner}}
        plan = plan_of(
            instance(bucket, {}, {"id": True}),
            instance('module.m["b"].aws_s3_bucket.b', {}, {"id": True}),
            instance(versioning, values, {"bucket": True}),
            configuration={
                "module_calls": {"m": {"source": "./m", "for_each_expression": {}, "module": module}}
            },
        )
        resources = {resource.address: resource for resource in normalise(plans.unit(plan)).resources}
        assert resources[bucket].folded == (versioning,)
        assert resources[bucket]["VersioningConfiguration.Status"].scalar == "Enabled"
        assert resources['module.m["b"].aws_s3_bucket.b'].folded == ()

    def test_a_known_name_folds_into_the_instance_that_has_it(self, plans: Plans) -> None:
        buckets = [
            instance(f'aws_s3_bucket.b["{k}"]', {"bucket": f"b-{k}", "id": f"b-{k}"}, actions=("no-op",))
            for k in "xy"
        ]
        settings = [
            instance(
                f'aws_s3_bucket_versioning.v["{k}"]',
                {"bucket": f"b-{k}", "versioning_configuration": [{"status": s}]},
                actions=("no-op",),
            )
            for k, s in (("x", "Enabled"), ("y", "Suspended"))
        ]
        plan = plan_of(
            *buckets,
            *settings,
            configuration={
                "resources": [
                    block("aws_s3_bucket.b", {"bucket": refers("each.key")}),
                    block(
                        "aws_s3_bucket_versioning.v",
                        {
                            "bucket": refers("each.value.id"),
                            "versioning_configuration": [{"status": refers("var.s")}],
                        },
                        for_each_expression=refers("aws_s3_bucket.b"),
                    ),
                ]
            },
        )
        found = {
            r.address: r["VersioningConfiguration.Status"].scalar
            for r in normalise(plans.unit(plan)).resources
        }
        assert found == {'aws_s3_bucket.b["x"]': "Enabled", 'aws_s3_bucket.b["y"]': "Suspended"}

    def test_what_is_known_does_not_come_from_what_is_unknown(self, plans: Plans) -> None:
        values = {"environment": [{"variables": {"STAGE": "prod"}}]}
        plan = plan_of(
            instance("aws_dynamodb_table.t", {}, {"arn": True}),
            instance("aws_lambda_function.f", values, {"environment": [{"variables": {"TABLE": True}}]}),
            configuration={
                "resources": [
                    block(
                        "aws_lambda_function.f",
                        {"environment": [{"variables": refers("aws_dynamodb_table.t.arn")}]},
                    )
                ]
            },
        )
        variables = only(plans.unit(plan), "aws_lambda_function.f").body.get("environment").get("variables")
        assert variables.get("STAGE").references == frozenset()
        assert {symbol.resource for symbol in variables.get("TABLE").references} == {"aws_dynamodb_table.t"}


class TestPlacesInThePlan:
    @pytest.mark.parametrize("indent", [None, 2])
    def test_attributes_and_blocks(self, plans: Plans, indent: int | None) -> None:
        values = {
            "multi_az": False,
            "name": 'ü "q" \U0001f600',
            "ingress": [{"from_port": 1}, {"from_port": 22}],
            "l": [1, 2],
        }
        unit = plans.unit(
            plan_of(instance("aws_x.first", {"multi_az": True}), instance("aws_x.a", values)), indent=indent
        )
        resource = only(unit, "aws_x.a")
        assert plans.text_at(resource) == '"address": "aws_x.a"'
        assert plans.text_at(resource, "multi_az") == '"multi_az": false'
        assert plans.text_at(resource, "name").startswith('"name": "\\u00fc')
        ingress = resource.body.get("ingress")
        assert isinstance(ingress, ListValue)
        first, second = (item.get("from_port").origin for item in ingress.elements)
        assert first is not None
        assert second is not None
        assert (first.location < second.location) or first.location.start_line < second.location.start_line
        assert plans.text_at(resource, "ingress") == '"ingress"'

    def test_what_is_unknown_stands_at_the_resource(self, plans: Plans) -> None:
        unit = plans.unit(plan_of(instance("aws_x.a", {}, {"b": True})))
        assert plans.text_at(only(unit, "aws_x.a"), "b") == '"address": "aws_x.a"'


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


class TestReservations:
    @pytest.mark.parametrize(
        ("more", "level"),
        [
            ({"errored": True}, ProblemLevel.ERROR),
            ({"complete": False}, ProblemLevel.NOTE),
            ({"format_version": "2.0"}, ProblemLevel.NOTE),
        ],
    )
    def test_a_plan_that_lacks_something_says_so(self, plans: Plans, more: Json, level: ProblemLevel) -> None:
        unit = plans.unit(plan_of(instance("aws_x.a", {"a": 1})) | more)
        assert [problem.level for problem in unit.problems] == [level]
        assert [resource.address for resource in unit.resources] == ["aws_x.a"]

    def test_plans_of_opentofu_are_read_alike(self, plans: Plans) -> None:
        text = json.dumps(plan_of(instance("aws_x.a", {"a": 1}))).replace("terraform.io", "opentofu.org")
        assert only(plans.unit(text), "aws_x.a").body.get("a").scalar == 1


class TestBadPlans:
    @pytest.mark.parametrize(
        ("text", "place", "message"),
        [
            (
                '{"format_version": "1.2",\n "planned_values": {"root_module"',
                "2:34",
                "the plan is not JSON: the file ends too early",
            ),
            (
                '{"format_version": "1.2",\n "planned_values": nope}',
                "2:20",
                "the plan is not JSON: expecting value",
            ),
            (
                '{"format_version": "1.2",\n "planned_values": {}} x',
                "2:24",
                "the plan is not JSON: extra data",
            ),
            (
                '{"format_version": "1.2", "resource_changes": [',
                "1:48",
                "the plan is not JSON: the file ends too early",
            ),
            (
                '{"format_version": "1.2", "planned_values": {"root_module": {"resources": [{}, "a',
                "1:80",
                "the plan is not JSON: unterminated string",
            ),
        ],
    )
    def test_what_is_no_json_is_a_problem_with_a_place(
        self, plans: Plans, text: str, place: str, message: str
    ) -> None:
        unit = plans.unit(text)
        (problem,) = unit.problems
        assert problem.kind is ProblemKind.SYNTAX_ERROR
        assert str(problem.location) == f"plan.json:{place}"
        assert problem.message == message

    def test_depth_has_a_limit(self, plans: Plans) -> None:
        deep = "[" * 200_000
        (problem,) = plans.unit('{"format_version": "1.2", "planned_values": ' + deep).problems
        assert problem.kind is ProblemKind.LIMIT_REACHED

    @pytest.mark.parametrize("junk", ["null", "1", '"a"', "[]", "{}", "[1]", '{"a": 1}', "true"])
    @pytest.mark.parametrize(
        "key", ["planned_values", "resource_changes", "configuration", "variables", "prior_state"]
    )
    def test_anything_may_stand_anywhere(self, plans: Plans, key: str, junk: str) -> None:
        plan = plan_of(instance("aws_x.a", {"a": 1}), configuration={"resources": [block("aws_x.a", {})]})
        unit = plans.unit(plan | {key: json.loads(junk)})
        assert [problem for problem in unit.problems if problem.kind is ProblemKind.INTERNAL_ERROR] == []

    def test_utf_16_is_what_powershell_writes(self, plans: Plans, tmp_path: Path) -> None:
        (tmp_path / "plan.json").write_bytes(
            json.dumps(plan_of(instance("aws_x.a", {"a": "ü"}))).encode("utf-16")
        )
        unit = evaluate_plan(PlanFile(tmp_path / "plan.json", "plan.json", tmp_path)).unit
        assert only(unit, "aws_x.a").body.get("a").scalar == "ü"
