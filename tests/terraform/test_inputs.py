"""What a root module is given: variables and the workspace."""

from pathlib import Path

from tests.terraform.conftest import Evaluate
from wa_scan.errors import ProblemLevel
from wa_scan.terraform.evaluate import EvaluateOptions
from wa_scan.values import Guard, Text, Unknown
from wa_scan.values.kinds import Reason


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
