"""What a plan without its source tells of what belongs together: providers, references, places."""

import pytest

from tests.terraform.plan_building import Plans, block, constant, instance, only, plan_of, refers
from wa_scan.aws.normalise import normalise
from wa_scan.values import ListValue


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
