"""Hostile and huge configurations: bounded work, never an exception."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.terraform.conftest import Evaluate
from wa_scan.errors import ProblemKind
from wa_scan.sources.units import RootModule
from wa_scan.terraform.context import EvaluateOptions, Evaluation
from wa_scan.terraform.declarations import refused_references
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.evaluate import deep_recursion, evaluate_root, open_root
from wa_scan.terraform.expressions import evaluate as value_of
from wa_scan.terraform.parse import parse_expression
from wa_scan.terraform.source_text import TerraformSyntaxError
from wa_scan.terraform.values import TfValue
from wa_scan.values import ListValue, Location, Unknown
from wa_scan.values.truths import TRUE, UNKNOWN


def locals_block(*lines: str) -> str:
    return "locals {\n" + "\n".join(lines) + "\n}\n"


def test_long_chains_of_locals(evaluate: Evaluate) -> None:
    chain = [f"l{at} = local.l{at + 1} + 1" for at in range(5000)]
    unit = evaluate(locals_block(*chain, "l5000 = 0") + 'output "o" { value = local.l0 }')
    assert unit.problems == ()
    assert unit.outputs["o"].scalar == 5000


def test_long_chains_of_resources(evaluate: Evaluate) -> None:
    chain = [f'resource "aws_x" "r{at}" {{ a = aws_x.r{at + 1}.a }}' for at in range(1500)]
    unit = evaluate("\n".join([*chain, 'resource "aws_x" "r1500" { a = "end" }']))
    assert unit.problems == ()
    assert {resource.body.get("a").text for resource in unit.resources} == {"end"}


def test_blocks_that_are_made_are_counted(evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wa_scan.terraform.context.MOST_STEPS", 1_000)
    source = """
    resource "aws_security_group" "g" {
      count = 3
      dynamic "ingress" {
        for_each = [for at in range(20) : at]
        content {
          from_port = ingress.value + count.index
        }
      }
    }
    """
    unit = evaluate(source)
    assert {problem.kind for problem in unit.problems} == {ProblemKind.LIMIT_REACHED}
    lists = [resource.body.get("ingress") for resource in unit.resources]
    assert [len(one.elements) for one in lists if isinstance(one, ListValue)] == [20, 20, 0]


def test_values_that_double_are_kept_shared(evaluate: Evaluate) -> None:
    lines = ['l0 = ["a", "b"]', *(f"l{at} = [local.l{at - 1}, local.l{at - 1}]" for at in range(1, 60))]
    unit = evaluate(
        locals_block(*lines)
        + 'resource "aws_x" "y" { a = local.l59 }\noutput "n" { value = length(local.l59) }'
    )
    assert unit.problems == ()
    assert unit.outputs["n"].scalar == 2


@pytest.mark.parametrize(
    ("wrap", "refused"),
    [
        ("jsonencode(local.l50)", ["the JSON text would be too long"]),
        ("flatten(local.l50)", ["the result would have too many elements"]),
        ("setproduct(range(1000), range(1000))", ["the product would have too many elements"]),
        ('join("${format("%-9999s", "")}", [for at in range(1000) : "x"])', ["the text would be too long"]),
        ('replace(format("%-9999s", ""), " ", format("%-9999s", ""))', ["the text would be too long"]),
        (
            'regex(format("%-9999s%-9999s%-9999s", "a", "a", "a"), "a")',
            ["the regular expression is too long"],
        ),
        ("local.l50 == local.m50", []),
    ],
)
def test_what_would_be_too_large_written_out_ends(evaluate: Evaluate, wrap: str, refused: list[str]) -> None:
    lines = []
    for name in ("l", "m"):
        lines.append(f'{name}0 = ["a", "b"]')
        lines += [f"{name}{at} = [local.{name}{at - 1}, local.{name}{at - 1}]" for at in range(1, 51)]
    unit = evaluate(locals_block(*lines) + f'output "o" {{ value = {wrap} }}')
    assert [problem.message for problem in unit.problems] == refused
    assert {problem.kind for problem in unit.problems} <= {ProblemKind.LIMIT_REACHED}
    assert unit.outputs["o"].equals(True) == (UNKNOWN if refused else TRUE)


def test_texts_that_double_are_bounded(evaluate: Evaluate) -> None:
    lines = ['l0 = "ab"', *(f'l{at} = "${{local.l{at - 1}}}${{local.l{at - 1}}}"' for at in range(1, 60))]
    unit = evaluate(locals_block(*lines))
    assert {problem.kind for problem in unit.problems} == {ProblemKind.LIMIT_REACHED}


def test_nested_loops_are_bounded(evaluate: Evaluate) -> None:
    unit = evaluate(
        locals_block(
            "r = range(1000)",
            "all = [for x in local.r : [for y in local.r : [for z in local.r : x + y + z]]]",
        )
    )
    assert {problem.kind for problem in unit.problems} == {ProblemKind.LIMIT_REACHED}


def test_more_instances_than_are_looked_at(evaluate: Evaluate) -> None:
    unit = evaluate('resource "aws_x" "y" {\n  count = 1000000000\n  a = count.index\n}')
    assert [resource.address for resource in unit.resources] == ["aws_x.y[*]"]
    assert [(problem.kind, str(problem.location)) for problem in unit.problems] == [
        (ProblemKind.LIMIT_REACHED, "main.tf:2:11")
    ]


def test_modules_that_multiply_are_bounded(evaluate: Evaluate) -> None:
    call = 'module "a" {{\n  source = "../m{}"\n  count  = 30\n}}'
    files = {f"m{at}/main.tf": call.format(at + 1) for at in range(6)}
    unit = evaluate(files | {"m6/main.tf": 'resource "aws_x" "y" {}'}, root="m0")
    assert ProblemKind.LIMIT_REACHED in {problem.kind for problem in unit.problems}


def test_many_conditions_stay_quick(evaluate: Evaluate) -> None:
    variables = "\n".join(f'variable "v{at}" {{}}' for at in range(60))
    lines = ['l0 = var.v0 ? "a" : "b"']
    lines += [f'l{at} = "${{local.l{at - 1}}}${{var.v{at} ? 1 : 2}}"' for at in range(1, 60)]
    lines.append("g0 = var.v0")
    lines += [f"g{at} = local.g{at - 1} && var.v{at} || !var.v{at - 1}" for at in range(1, 60)]
    unit = evaluate(
        variables + "\n" + locals_block(*lines) + 'resource "aws_x" "y" {\n  count = local.g59 ? 1 : 0\n}'
    )
    assert unit.problems == ()
    assert [resource.address for resource in unit.resources] == ["aws_x.y[0]"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "}{",
        'resource "aws_x" {}',
        'resource "a" "b" "c" {}',
        "variable {}",
        'variable "x" { type = nope(1) }',
        'variable "x" { type = object({ a = optional() }) }',
        'variable "x" { default = var.x }',
        "module {}",
        'module "m" {}',
        'module "m" { source = var.x }',
        'module "m" { source = "./." }',
        'module "m" { source = "" }',
        'provider "aws" { alias = var.a }',
        'resource "a" "b" {\n  count = 1\n  for_each = {}\n}',
        'resource "a" "b" {\n  dynamic "x" {}\n}',
        'resource "a" "b" {\n  dynamic {}\n}',
        'resource "a" "b" {\n  lifecycle {\n    precondition {}\n  }\n}',
        'output "x" {}',
        "import {}",
        "import {\n  to = terraform_data.x[each.key]\n  id = 1\n}",
        "a = 1",
        'terraform { required_version = "nonsense" }',
        "locals { a = self }\nlocals { a = 1 }",
        'data "aws_iam_policy_document" "d" {\n  statement = 3\n}',
        'data "aws_iam_policy_document" "d" {\n  source_policy_documents = 5\n}',
        'data "aws_iam_policy_document" "d" {\n  source_policy_documents = ["[]", "5", "nope"]\n}',
        'data "aws_iam_policy_document" "d" {\n  statement {\n    principals { type = [] }\n  }\n}',
    ],
)
def test_nonsense_is_reported_and_never_raises(evaluate: Evaluate, text: str) -> None:
    unit = evaluate(text)
    assert all(problem.message for problem in unit.problems)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    unit = evaluate_root(RootModule(tmp_path / "no", "no", tmp_path))
    assert unit.resources == ()


# --- random expressions -----------------------------------------------------------------------

NAMES = ["var.a", "var.b", "local.c", "aws_x.y.id", "aws_x.y", "each.key", "local.nope", "path.module"]
LEAVES = st.sampled_from([*NAMES, "1", "-0.5", "true", "null", '"text"', '""', '"a,b"', "[]", "{}", "1e30"])
FUNCTIONS = ["length", "keys", "merge", "concat", "flatten", "upper", "try", "can", "toset", "tolist"]
FUNCTIONS += ["jsonencode", "lookup", "element", "coalesce", "join", "split", "format", "zipmap", "one"]


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    operators = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||"])
    return st.one_of(
        st.builds("({0[0]} {1} {0[1]})".format, two, operators),
        st.builds("({0} ? {1[0]} : {1[1]})".format, inner, two),
        st.builds("[{0[0]}, {0[1]}]".format, two),
        st.builds("{{ a = {0[0]}, ({0[1]}) = 1 }}".format, two),
        st.builds("{0}({1[0]}, {1[1]})".format, st.sampled_from(FUNCTIONS), two),
        st.builds("{0}({1})".format, st.sampled_from(FUNCTIONS), inner),
        st.builds("{0}({1}...)".format, st.sampled_from(FUNCTIONS), inner),
        st.builds("[for k, v in {0} : v if {1} != null]".format, inner, inner),
        st.builds("{{for k, v in {0} : k => {1}...}}".format, inner, inner),
        st.builds("{0}[*].id".format, inner),
        st.builds("{0}[{1}]".format, inner, inner),
        st.builds("{0}.attribute".format, inner),
        st.builds('"x-${{{0}}}%{{ if {1} }}y%{{ endif }}"'.format, inner, inner),
        st.builds("!{0}".format, inner),
    )


EXPRESSIONS = st.recursive(LEAVES, compound, max_leaves=12)
CONFIGURATION = """
variable "a" {}
variable "b" { default = { k = [1, "two", null] } }
locals { c = var.a ? ["x", var.b] : [] }
resource "aws_x" "y" { name = "n" }
"""


def place_of(error: EvaluationError | TerraformSyntaxError) -> Location:
    assert error.location is not None
    return error.location


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], TfValue | str]:
    directory = tmp_path_factory.mktemp("random")
    (directory / "main.tf").write_text(CONFIGURATION)

    def run(text: str) -> TfValue | str:
        evaluation = Evaluation(RootModule(directory, ".", directory), EvaluateOptions())
        with deep_recursion():
            module = open_root(evaluation)
            try:
                expression = parse_expression(text, "expression")
                refused = list(refused_references(module.config, expression))
                value = value_of(expression, module.scope)
            except (EvaluationError, TerraformSyntaxError) as error:
                return f"{place_of(error)}: {error.message}"
        return str(refused) if refused else value

    return run


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EXPRESSIONS)
def test_random_expressions_give_a_value_or_a_located_error(
    answer: Callable[[str], TfValue | str], text: str
) -> None:
    first, second = answer(text), answer(text)
    assert repr(first) == repr(second)


def test_choices_that_share_their_branches_are_bounded(evaluate: Evaluate) -> None:
    variables = "\n".join(f'variable "v{at}" {{}}\nvariable "w{at}" {{}}' for at in range(60))
    lines = ["l0 = { a = 1 }"]
    lines += [
        f"l{at} = var.v{at} ? local.l{at - 1} : (var.w{at} ? local.l{at - 1} : {{ a = {at} }})"
        for at in range(1, 60)
    ]
    resource = 'resource "aws_x" "y" {\n  a = local.l59.a\n  b = local.l59\n}'
    unit = evaluate(f"{variables}\n{locals_block(*lines)}{resource}")
    assert unit.problems == ()
    found = [value for value, _ in unit.resources[0].body.get("a").alternatives()]
    assert 1 < len(found) <= 256
    assert any(isinstance(value, Unknown) for value in found)
