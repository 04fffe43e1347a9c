"""Cycles between local values and resources."""

import pytest

from tests.terraform.conftest import Evaluate
from wa_scan.terraform.cycles import cycles
from wa_scan.values import Unknown


@pytest.mark.parametrize(
    ("needed", "expected"),
    [
        ({"a": "", "b": "a"}, set()),
        ({"a": "a", "b": "a"}, {"a"}),
        ({"a": "b", "b": "c", "c": "a", "d": "a"}, {"abc"}),
        ({"a": "b", "b": "a", "c": "ad", "d": "c"}, {"ab", "cd"}),
        ({"a": "bc", "b": "d", "c": "d", "d": ""}, set()),
        ({"a": "b", "b": "cd", "c": "a", "d": "b", "e": "d"}, {"abcd"}),
    ],
)
def test_cycles(needed: dict[str, str], expected: set[str]) -> None:
    for nodes in (sorted(needed), sorted(needed, reverse=True)):
        found = cycles(nodes, lambda node: list(needed[node]))
        assert {"".join(sorted(members)) for members in found.values()} == expected
        assert all(node in members for node, members in found.items())


def test_a_long_way_round_needs_no_deep_recursion() -> None:
    assert len(cycles(range(100_000), lambda node: [(node + 1) % 100_000])) == 100_000


@pytest.mark.parametrize("names", ["abc", "cba", "bac"])
def test_a_cycle_is_one_error_and_only_what_is_in_it_or_needs_it_is_unknown(
    evaluate: Evaluate, names: str
) -> None:
    following = {"a": "local.b", "b": "[local.c]", "c": "local.a"}
    files = {f"{at}.tf": f"locals {{\n  {name} = {following[name]}\n}}\n" for at, name in enumerate(names)}
    files["z.tf"] = 'output "o" {\n  value = [local.a, local.b, local.c, local.d]\n}\nlocals {\n  d = 1\n}\n'
    unit = evaluate(files)
    [problem] = unit.problems
    assert problem.message == "local.a refers to itself, through local.b, local.c"
    assert str(problem.location) == f"{names.index('a')}.tf:2:7"
    *cyclic, known = unit.outputs["o"].items()
    assert [value.symbol.text for value, _ in cyclic if isinstance(value, Unknown)] == [
        "local.a",
        "local.b",
        "local.c",
    ]
    assert known[0].scalar == 1


def test_a_cycle_of_resources(evaluate: Evaluate) -> None:
    unit = evaluate(
        'resource "aws_x" "b" {\n  name = aws_x.a.id\n  size = 1\n}\n'
        'resource "aws_x" "a" {\n  depends_on = [aws_x.b]\n}\n'
    )
    [problem] = unit.problems
    assert (problem.message, str(problem.location)) == (
        "aws_x.a refers to itself, through aws_x.b",
        "main.tf:5:1",
    )
    assert unit.resources[1].body.get("size").scalar == 1


@pytest.mark.parametrize("value", ["true ? 1 : local.a", "try(local.a, 1)"])
def test_a_cycle_that_makes_no_difference(evaluate: Evaluate, value: str) -> None:
    [problem] = evaluate(f"locals {{\n  a = {value}\n}}\n").problems
    assert problem.message == "local.a refers to itself"
