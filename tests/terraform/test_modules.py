"""Root modules and the modules that they call: addresses, values, variables."""

import json
from pathlib import Path

import pytest

from tests.terraform.conftest import Evaluate, ResourceOf
from wa_scan.blocks import Mode
from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.terraform.evaluate import EvaluateOptions
from wa_scan.values import Guard, Known, Text, Unknown
from wa_scan.values.kinds import Reason

DATABASE = """
variable "multi_az" {}
variable "size" { type = string }
resource "aws_db_instance" "main" {
  multi_az       = var.multi_az
  instance_class = var.size
}
output "arn" { value = aws_db_instance.main.arn }
"""


def test_instances_have_the_addresses_that_terraform_prints(evaluate: Evaluate) -> None:
    unit = evaluate(
        {
            "main.tf": """
            module "db" {
              source   = "./db"
              for_each = { a = true, "b\\"c" = false }
              multi_az = each.value
              size     = "db.${each.key}"
            }
            resource "aws_instance" "web" {
              count = 2
              ami   = "ami-${count.index}"
            }
            data "aws_ami" "base" {}
            """,
            "db/main.tf": DATABASE,
        }
    )
    assert [resource.address for resource in unit.resources] == [
        "aws_instance.web[0]",
        "aws_instance.web[1]",
        "data.aws_ami.base",
        'module.db["a"].aws_db_instance.main',
        'module.db["b\\"c"].aws_db_instance.main',
    ]
    assert unit.problems == ()
    assert unit.files_read == ("main.tf", "db/main.tf")


def test_many_instances_are_ordered_by_their_number(evaluate: Evaluate) -> None:
    unit = evaluate('resource "aws_instance" "web" { count = 12 }')
    assert [resource.address for resource in unit.resources] == [
        f"aws_instance.web[{number}]" for number in range(12)
    ]


def test_a_trace_tells_the_whole_way_of_a_value(evaluate: Evaluate, resource_of: ResourceOf) -> None:
    unit = evaluate(
        {
            "main.tf": (
                'variable "ha" { default = false }\n'
                "locals { redundant = var.ha }\n"
                'module "db" {\n'
                '  source   = "./db"\n'
                "  multi_az = local.redundant\n"
                '  size     = "db.t3.micro"\n'
                "}\n"
            ),
            "terraform.tfvars": "ha = true\n",
            "db/main.tf": DATABASE,
        }
    )
    database = resource_of(unit, "module.db.aws_db_instance.main")
    value = database.body.get("multi_az")
    assert value.scalar is True
    assert value.origin is not None
    assert [(str(step.location), step.text) for step in value.origin] == [
        ("terraform.tfvars:1:1", "terraform.tfvars"),
        ("main.tf:2:10", "local.redundant"),
        ("main.tf:5:3", "argument multi_az of module.db"),
        ("db/main.tf:5:3", "attribute multi_az"),
    ]
    assert [(str(step.location), step.text) for step in database.calls] == [("main.tf:3:1", "module.db")]
    assert str(database.location) == "db/main.tf:4:1"
    assert database.location.end_column == len('resource "aws_db_instance" "main"') + 1


def test_defaults_are_part_of_the_trace(evaluate: Evaluate) -> None:
    unit = evaluate(
        'variable "db" {\n'
        '  type    = object({ size = optional(string, "db.t3.micro") })\n'
        "  default = {}\n"
        "}\n"
        'variable "zone" { default = "a" }\n'
        'resource "aws_x" "y" {\n'
        "  size = var.db.size\n"
        "  zone = var.zone\n"
        "}\n"
    )
    (resource,) = unit.resources
    way = {name: value.origin for name, value in resource.body.entries.items()}
    assert [step.text for step in way["size"] or ()] == ["default of size", "attribute size"]
    assert [step.text for step in way["zone"] or ()] == ['variable "zone" default', "attribute zone"]


def test_a_variable_without_a_value_is_unknown_and_typed(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        variable "name" {
          type     = string
          nullable = false
        }
        variable "zones" { type = list(string) }
        resource "aws_x" "y" {
          name  = "app-${var.name}"
          first = var.zones[0]
          count_of = length([var.name])
        }
        """
    )
    assert unit.problems == ()
    (resource,) = unit.resources
    name = resource.body.get("name")
    assert isinstance(name, Text)
    assert [str(part.symbol) if isinstance(part, Unknown) else part for part in name.parts] == [
        "app-",
        "var.name",
    ]
    first = resource.body.get("first")
    assert isinstance(first, Unknown)
    assert (str(first.symbol), first.reason) == ("var.zones[0]", Reason.INPUT)
    assert resource.body.get("count_of").scalar == 1
    given = unit.inputs["name"]
    assert isinstance(given, Unknown)
    assert given.never_null


def test_inputs_can_be_required(evaluate: Evaluate) -> None:
    unit = evaluate('variable "name" {}', options=EvaluateOptions(require_inputs=True))
    assert [(problem.message, str(problem.location)) for problem in unit.problems] == [
        ('no value for the required variable "name"', "main.tf:1:1")
    ]


def test_precedence_of_values(evaluate: Evaluate, tmp_path: Path) -> None:
    files = {
        "main.tf": 'variable "v" { default = "default" }\noutput "v" { value = var.v }',
        "ci.tfvars": 'v = "file"',
    }
    environment = {"TF_VAR_v": "environment"}
    extra = tmp_path / "ci.tfvars"

    def value_with(options: EvaluateOptions | None = None) -> object:
        return evaluate(files, options=options).outputs["v"].scalar

    assert value_with() == "default"
    assert value_with(EvaluateOptions(environment=environment)) == "environment"
    files["terraform.tfvars"] = 'v = "terraform.tfvars"'
    assert value_with(EvaluateOptions(environment=environment)) == "terraform.tfvars"
    files["z.auto.tfvars.json"] = '{"v": "automatic"}'
    assert value_with() == "automatic"
    assert value_with(EvaluateOptions(variable_files=[extra])) == "file"
    both = EvaluateOptions(variable_files=[extra], variables={"v": "line"})
    assert value_with(both) == "line"


def test_a_module_that_is_not_on_disk_is_noted_and_its_outputs_are_unknown(
    evaluate: Evaluate,
) -> None:
    unit = evaluate(
        """
        module "vpc" {
          source  = "terraform-aws-modules/vpc/aws"
          version = "5.1.0"
        }
        resource "aws_instance" "web" { subnet_id = module.vpc.private_subnets[0] }
        """
    )
    assert [(each.call, each.source) for each in unit.unfound_modules] == [
        ("module.vpc", "terraform-aws-modules/vpc/aws")
    ]
    assert unit.problems == ()
    subnet = unit.resources[0].body.get("subnet_id")
    assert isinstance(subnet, Unknown)
    assert (str(subnet.symbol), subnet.reason) == ("module.vpc.private_subnets[0]", Reason.MODULE)
    calls = list(unit.settings["module"].items())
    assert [(call.get("name").text, call.get("version").text) for call, _ in calls] == [("vpc", "5.1.0")]


def test_installed_modules_are_used(evaluate: Evaluate, resource_of: ResourceOf) -> None:
    manifest = {
        "Modules": [
            {"Key": "", "Source": "", "Dir": "."},
            {"Key": "db", "Source": "registry.terraform.io/acme/db/aws", "Dir": ".terraform/modules/db"},
            {"Key": "out", "Source": "registry.terraform.io/acme/out/aws", "Dir": "../.."},
        ]
    }
    unit = evaluate(
        {
            "main.tf": """
            module "db" {
              source   = "acme/db/aws"
              multi_az = true
              size     = "s"
            }
            module "out" { source = "acme/out/aws" }
            """,
            ".terraform/modules/modules.json": json.dumps(manifest),
            ".terraform/modules/db/main.tf": DATABASE,
        }
    )
    assert resource_of(unit, "module.db.aws_db_instance.main").body.get("multi_az").scalar is True
    assert [each.call for each in unit.unfound_modules] == ["module.out"]


def test_nothing_outside_the_scanned_tree_is_read(evaluate: Evaluate, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "main.tf").write_text('resource "aws_x" "secret" {}')
    (tmp_path / "link.tf").symlink_to(outside / "main.tf")
    unit = evaluate(
        f"""
        module "out" {{ source = "../{outside.name}" }}
        resource "aws_x" "y" {{
          a = file("../{outside.name}/main.tf")
          b = file("/etc/passwd")
        }}
        """
    )
    assert [resource.address for resource in unit.resources] == ["aws_x.y"]
    assert {(problem.kind, problem.level) for problem in unit.problems} == {
        (ProblemKind.OUTSIDE_TREE, ProblemLevel.NOTE)
    }
    assert all(isinstance(value, Unknown) for value in unit.resources[0].body.entries.values())


def test_a_missing_file_is_out_of_reach_and_no_error(evaluate: Evaluate) -> None:
    unit = evaluate('resource "aws_x" "y" { a = filebase64sha256("build/lambda.zip") }')
    assert [(problem.kind, problem.level, str(problem.location)) for problem in unit.problems] == [
        (ProblemKind.UNREADABLE_FILE, ProblemLevel.NOTE, "main.tf:1:45")
    ]


def test_files_that_functions_read_count_as_read(evaluate: Evaluate) -> None:
    unit = evaluate(
        {
            "main.tf": 'module "m" { source = "./m" }',
            "m/main.tf": """
            output "t" { value = templatefile("${path.module}/a.tftpl", { x = 1 }) }
            output "f" { value = file("${path.module}/../b.txt") }
            """,
            "m/a.tftpl": "x is ${x}",
            "b.txt": "b",
        }
    )
    assert unit.problems == ()
    assert unit.files_read == ("main.tf", "m/main.tf", "m/a.tftpl", "b.txt")


def test_what_is_wrong_in_a_template_file_has_its_place_there(evaluate: Evaluate) -> None:
    unit = evaluate(
        {
            "main.tf": 'output "t" { value = templatefile("a.tftpl", {}) }',
            "a.tftpl": "first\n  ${missing}\n",
        }
    )
    assert [str(problem.location) for problem in unit.problems] == ["a.tftpl:2:5"]


def test_a_module_that_calls_itself(evaluate: Evaluate) -> None:
    unit = evaluate(
        {
            "main.tf": 'module "a" { source = "./a" }',
            "a/main.tf": 'module "b" { source = "../b" }\nresource "aws_x" "y" {}',
            "b/main.tf": 'module "a" { source = "../a" }',
        }
    )
    assert [(problem.kind, str(problem.location)) for problem in unit.problems] == [
        (ProblemKind.MODULE_CYCLE, "b/main.tf:1:1")
    ]
    assert [resource.address for resource in unit.resources] == ["module.a.aws_x.y"]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('output "o" { value = var.nope }', "main.tf:1:22", 'there is no variable named "nope"'),
        ('output "o" { value = true ? 1 : local.no }', "main.tf:1:33", 'there is no local value named "no"'),
        ('output "o" { value = aws_x.y.id }', "main.tf:1:22", "aws_x.y is not declared"),
        ('output "o" { value = upper(1, 2) }', "main.tf:1:31", None),
        ('output "o" { value = [1][3] }', "main.tf:1:22", None),
        (
            "locals { a = local.b, b = local.a }".replace(", ", "\n")
            .replace("{ ", "{\n")
            .replace(" }", "\n}"),
            "main.tf:2:5",
            None,
        ),
        ('resource "aws_x" "y" { count = -1 }', "main.tf:1:32", '"count" must not be negative'),
        ('resource "aws_x" "y" {}\nresource "aws_x" "y" {}', "main.tf:2:1", None),
    ],
)
def test_what_terraform_refuses_is_an_error_with_its_place(
    evaluate: Evaluate, text: str, place: str, message: str | None
) -> None:
    unit = evaluate(text)
    assert [(str(problem.location), problem.level) for problem in unit.problems] == [
        (place, ProblemLevel.ERROR)
    ]
    if message is not None:
        assert unit.problems[0].message == message


def test_only_what_depends_on_an_error_is_unknown(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        locals {
          bad  = tonumber("x")
          good = 2
        }
        resource "aws_x" "y" {
          a = local.bad
          b = local.good
          c = [local.bad, 1]
        }
        """
    )
    assert len(unit.problems) == 1
    body = unit.resources[0].body
    bad = body.get("a")
    assert isinstance(bad, Unknown)
    assert bad.reason is Reason.ERROR
    assert body.get("b").scalar == 2
    assert [value.scalar for value, _ in body.get("c").items()] == [None, 1]


def test_providers_reach_resources_through_modules(evaluate: Evaluate, resource_of: ResourceOf) -> None:
    unit = evaluate(
        {
            "main.tf": """
            provider "aws" {
              region = "eu-west-1"
              default_tags { tags = { Team = "core" } }
            }
            provider "aws" {
              alias  = "west"
              region = "us-west-2"
            }
            module "same" { source = "./m" }
            module "west" {
              source    = "./m"
              providers = { aws = aws.west }
            }
            resource "aws_s3_bucket" "west" { provider = aws.west }
            """,
            "m/main.tf": 'resource "aws_s3_bucket" "b" {}',
        }
    )

    def seen(address: str) -> tuple[object, object]:
        resource = resource_of(unit, address)
        tags = resource.default_tags.get("Team").scalar if resource.default_tags else None
        return resource.region.scalar if resource.region else None, tags

    assert seen("module.same.aws_s3_bucket.b") == ("eu-west-1", "core")
    assert seen("module.west.aws_s3_bucket.b") == ("us-west-2", None)
    assert seen("aws_s3_bucket.west") == ("us-west-2", None)


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


def test_tofu_files_win_over_their_namesakes(evaluate: Evaluate) -> None:
    unit = evaluate(
        {
            "main.tf": 'output "o" { value = "terraform" }',
            "main.tofu": 'output "o" { value = "tofu" }',
            "other.tf": "locals { a = 1 }",
        }
    )
    assert unit.outputs["o"].text == "tofu"
    assert unit.files_read == ("main.tofu", "other.tf")


def test_the_workspace_is_unknown_unless_it_is_named(evaluate: Evaluate) -> None:
    text = """
    locals { sizes = { live = "m5.large", test = "t3.micro" } }
    resource "aws_instance" "web" {
      count         = terraform.workspace == "live" ? 2 : 1
      instance_type = local.sizes[terraform.workspace]
    }
    """
    unit = evaluate(text)
    assert unit.problems == ()
    live = Guard.of('terraform.workspace == "live"')
    assert [(web.address, web.exists) for web in unit.resources] == [
        ("aws_instance.web[0]", Guard.ALWAYS),
        ("aws_instance.web[1]", live),
    ]
    assert isinstance(unit.resources[0].body.get("instance_type"), Unknown)
    named = evaluate(text, options=EvaluateOptions(workspace="live"))
    assert [web.body.get("instance_type").text for web in named.resources] == ["m5.large"] * 2
    missing = evaluate(text, options=EvaluateOptions(workspace="default"))
    assert [problem.level for problem in missing.problems] == [ProblemLevel.ERROR]


def test_ephemeral_resources_look_and_are_not_managed(evaluate: Evaluate) -> None:
    unit = evaluate(
        """
        ephemeral "aws_secretsmanager_secret_version" "s" { secret_id = "x" }
        provider "db" { password = ephemeral.aws_secretsmanager_secret_version.s.secret_string }
        """
    )
    assert unit.problems == ()
    assert [(resource.address, resource.mode) for resource in unit.resources] == [
        ("ephemeral.aws_secretsmanager_secret_version.s", Mode.DATA)
    ]
    ((provider, _),) = unit.settings["provider"].items()
    assert str(provider.get("password")) == (
        "Unknown(ephemeral.aws_secretsmanager_secret_version.s.secret_string)"
    )


def test_evaluation_does_not_depend_on_the_order_of_files(evaluate: Evaluate) -> None:
    texts = [
        "locals {\n  a = local.b\n}",
        "locals {\n  b = aws_x.y.name\n}",
        'resource "aws_x" "y" { name = "n" }',
        'output "o" { value = local.a }',
    ]
    for names in (("1.tf", "2.tf", "3.tf", "4.tf"), ("4.tf", "3.tf", "2.tf", "1.tf")):
        unit = evaluate(dict(zip(names, texts, strict=True)))
        assert unit.problems == ()
        assert unit.outputs["o"].text == "n"


def test_the_outputs_of_a_local_state_are_known(evaluate: Evaluate) -> None:
    outputs = {
        "zones": {"value": ["b", "a"], "type": ["set", "string"]},
        "vpc": {"value": {"id": "vpc-1", "size": 2}, "type": ["object", {"id": "string", "size": "number"}]},
    }
    unit = evaluate(
        {
            "main.tf": """
            data "terraform_remote_state" "network" {
              backend  = "local"
              config   = { path = "${path.module}/network.tfstate" }
              defaults = { extra = 1 }
            }
            data "terraform_remote_state" "far" {
              backend = "s3"
              config  = { bucket = "states" }
            }
            output "vpc" { value = data.terraform_remote_state.network.outputs.vpc.id }
            output "zones" { value = sort(data.terraform_remote_state.network.outputs.zones)[0] }
            output "extra" { value = data.terraform_remote_state.network.outputs.extra }
            output "far" { value = data.terraform_remote_state.far.outputs.vpc.id }
            """,
            "network.tfstate": json.dumps({"version": 4, "outputs": outputs}),
        }
    )
    assert unit.problems == ()
    assert [unit.outputs[name].scalar for name in ("vpc", "zones", "extra")] == ["vpc-1", "a", 1]
    far = unit.outputs["far"]
    assert isinstance(far, Unknown)
    assert (str(far.symbol), far.reason) == (
        "data.terraform_remote_state.far.outputs.vpc.id",
        Reason.DATA,
    )


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
