"""Plans as `terraform show -json` prints them: by themselves."""

import json
from pathlib import Path

import pytest

from tests.terraform.plan_building import (
    DATABASE,
    Json,
    Plans,
    block,
    constant,
    instance,
    only,
    plan_of,
    refers,
)
from wa_scan.blocks import Mode
from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.sources.units import PlanFile, RootModule
from wa_scan.terraform.plan import evaluate_plan
from wa_scan.values import ListValue, Symbol, Text, Unknown

FIXTURE = Path(__file__).parents[2] / "fixtures" / "plans" / "terraform-data"


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
