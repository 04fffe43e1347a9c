"""Configurations that Terraform 1.11.4 refuses to plan, each tried with the real program."""

import pytest

from tests.terraform.conftest import Evaluate
from wa_scan.errors import ProblemLevel
from wa_scan.terraform.context import EvaluateOptions

DATA = 'resource "terraform_data" "a" '

REFUSED = {
    "a check without assertions": 'check "x" {}',
    "a condition about nothing": (
        'check "x" {\n  assert {\n    condition = 1 == 2\n    error_message = "no"\n  }\n}'
    ),
    "a validation that ignores its variable": (
        'variable "a" {\n  default = 1\n'
        '  validation {\n    condition = 1 == 1\n    error_message = "x"\n  }\n}'
    ),
    "a validation that fails": (
        'variable "a" {\n  default = 1\n'
        '  validation {\n    condition = var.a > 1\n    error_message = "x"\n  }\n}'
    ),
    "a sensitive output that does not say so": (
        'variable "a" {\n  default = "x"\n  sensitive = true\n}\noutput "o" { value = { k = [var.a] } }'
    ),
    "a sensitive for_each": (
        'variable "a" {\n  default = ["x"]\n  sensitive = true\n}\n' + DATA + "{ for_each = toset(var.a) }"
    ),
    "an instance that is not there": DATA + '{ count = 0 }\noutput "o" { value = terraform_data.a[0].input }',
    "a cycle through depends_on": (
        DATA + "{ depends_on = [terraform_data.b] }\n"
        'resource "terraform_data" "b" { depends_on = [terraform_data.a] }'
    ),
    "depends_on of nothing": DATA + "{ depends_on = [terraform_data.zz] }",
    "one variable twice": 'variable "a" { default = 1 }\nvariable "a" { default = 1 }',
    "one local value twice": "locals {\n  a = 1\n}\nlocals {\n  a = 2\n}",
    "one output twice": 'output "a" { value = 1 }\noutput "a" { value = 2 }',
    "an ephemeral value that would be kept": (
        'variable "e" {\n  default = "x"\n  ephemeral = true\n}\n' + DATA + "{ input = var.e }"
    ),
    "an ephemeral root output": (
        'variable "e" {\n  default = "x"\n  ephemeral = true\n}\noutput "a" { value = var.e }'
    ),
    "a null default that is not allowed": 'variable "a" {\n  default = null\n  nullable = false\n}',
    "a null count": DATA + "{ count = null }",
    "half a count": DATA + "{ count = 1.5 }",
    "a list for for_each": DATA + '{ for_each = ["a"] }',
    "a null key": DATA + '{ for_each = toset(["a", null]) }',
    "both repetitions": DATA + "{\n  for_each = toset([])\n  count = 1\n}",
    "a resource that counts itself": DATA + "{ count = length(terraform_data.a) }",
    "a count known after apply": (
        DATA + '{}\nresource "terraform_data" "b" { count = terraform_data.a.id == "x" ? 1 : 0 }'
    ),
    "one key twice": 'output "o" { value = { for x in ["a", "a"] : x => 1 } }',
    "a module without a source": 'module "m" {}',
    "a module that is not there": 'module "m" { source = "./nope" }',
    "an argument that is not expected": DATA + "{ foo = 1 }",
    "a block that is not expected": DATA + "{\n  foo {}\n}",
    "an attribute that is not there": DATA + '{}\noutput "o" { value = terraform_data.a.foo }',
    "what is computed given": DATA + "{ output = 1 }",
    "a default that refers to something": 'variable "a" { default = local.x }\nlocals { x = 1 }',
    "a type that is none": 'variable "a" {\n  type    = foo\n  default = 1\n}',
    "a list of what has no common type": 'variable "a" {\n  type    = list(any)\n  default = [1, ["b"]]\n}',
    "an attribute missing": 'variable "a" {\n  type    = object({ x = number })\n  default = { y = 2 }\n}',
    "a tuple too long": 'variable "a" {\n  type    = tuple([number])\n  default = [1, 2]\n}',
    "each without for_each": 'output "o" { value = each.key }',
    "count with for_each": DATA + "{\n  for_each = { a = 1 }\n  input = count.index\n}",
    "self outside of a provisioner": DATA + "{ input = self.id }",
    "a local value about itself": "locals { a = local.a }",
    "prevent_destroy from a variable": (
        'variable "x" { default = true }\n' + DATA + "{\n  lifecycle {\n    prevent_destroy = var.x\n  }\n}"
    ),
    "an unknown kind of block": 'foo "x" {}',
    "an argument of a variable": 'variable "a" {\n  default = 1\n  foo = 1\n}',
    "an argument of an output": 'output "a" {\n  value = 1\n  foo = 2\n}',
    "a block in locals": "locals {\n  x {}\n}",
    "a name that is none": 'variable "1a" { default = 1 }',
    "a reserved name": 'variable "source" { default = 1 }',
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_terraform_refuses_is_an_error(evaluate: Evaluate, text: str) -> None:
    unit = evaluate(text)
    assert {problem.level for problem in unit.problems} == {ProblemLevel.ERROR}
    assert all(problem.location is not None for problem in unit.problems)


ACCEPTED = {
    "a check that fails only warns": (
        'variable "a" { default = 1 }\n'
        'check "x" {\n  assert {\n    condition = var.a == 2\n    error_message = "no"\n  }\n}'
    ),
    "a sensitive count": (
        'variable "a" {\n  default = 1\n  sensitive = true\n}\n' + DATA + "{ count = var.a }"
    ),
    "sensitive values under plain keys": (
        'variable "a" {\n  default = "x"\n  sensitive = true\n}\n' + DATA + "{ for_each = { k = var.a } }"
    ),
    "removed, moved": (
        "removed {\n  from = terraform_data.old\n  lifecycle {\n    destroy = false\n  }\n}\n"
        "moved {\n  from = terraform_data.x\n  to = terraform_data.a\n}\n" + DATA + "{}"
    ),
    "a version that fits": 'terraform {\n  required_version = "~> 1.10, != 1.11.3"\n}',
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_what_terraform_accepts_is_no_error(evaluate: Evaluate, text: str) -> None:
    assert evaluate(text).problems == ()


def test_an_override_goes_by_the_count(evaluate: Evaluate) -> None:
    unit = evaluate(
        {
            "main.tf": DATA + "{ count = 2 }",
            "override.tf": DATA + '{ for_each = toset(["a"]) }',
        }
    )
    assert [resource.address for resource in unit.resources] == ["terraform_data.a[0]", "terraform_data.a[1]"]


SINCE_1_12 = """
variable "zone" {
  type    = string
  default = null
  validation {
    condition     = var.zone == null || contains(["a", "b"], var.zone)
    error_message = "No such zone."
  }
}
variable "logs" {
  type    = object({ days = number })
  default = null
}
output "kept" { value = var.logs != null && var.logs.days > 7 }
"""


def test_what_is_wrong_beside_a_side_that_decides_is_refused_as_1_11_does(evaluate: Evaluate) -> None:
    lines = [problem.location.start_line for problem in evaluate(SINCE_1_12).problems if problem.location]
    assert sorted(lines) == [6, 14]


def test_what_is_wrong_beside_a_side_that_decides_does_not_matter_to_a_scan(evaluate: Evaluate) -> None:
    unit = evaluate(SINCE_1_12, options=EvaluateOptions(short_circuits=True))
    assert unit.problems == ()
    assert unit.outputs["kept"].scalar is False


def test_references_to_nothing_and_sides_that_do_not_decide_are_refused_all_the_same(
    evaluate: Evaluate,
) -> None:
    text = 'output "a" { value = false && var.nothing }\noutput "b" { value = true && tobool("x") }\n'
    unit = evaluate(text, options=EvaluateOptions(short_circuits=True))
    assert [str(problem.location) for problem in unit.problems] == ["main.tf:1:31", "main.tf:2:37"]
