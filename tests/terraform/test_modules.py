"""Root modules and the modules that they call: addresses, values, variables."""

import json
from pathlib import Path

import pytest

from tests.terraform.conftest import Evaluate, ResourceOf
from wa_scan.blocks import Mode
from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.values import Unknown
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
