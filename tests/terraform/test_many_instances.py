"""What many instances have in common is worked out once, and stays told apart where it differs."""

import pytest

from tests.terraform.conftest import Evaluate, ResourceOf
from wa_scan.terraform.context import MOST_STEPS
from wa_scan.values import Unknown

MANY = 1_500


@pytest.mark.parametrize(
    "expression",
    [
        "element(aws_subnet.s[*].id, count.index)",
        "aws_subnet.s.*.id[count.index]",
        "tolist(aws_subnet.s[*].id)[count.index]",
        "[for s in aws_subnet.s : s.id][count.index]",
        "try(element(aws_subnet.s[*].id, count.index), null)",
        "element(concat(aws_subnet.s[*].id, aws_subnet.s[*].arn), count.index)",
    ],
)
def test_each_instance_has_its_own_element(
    evaluate: Evaluate, resource_of: ResourceOf, expression: str
) -> None:
    unit = evaluate(
        f"""
        resource "aws_subnet" "s" {{
          count = {MANY}
        }}
        resource "aws_instance" "i" {{
          count     = {MANY}
          subnet_id = {expression}
        }}
        """
    )
    # To go over all elements for each instance would come to a limit, which is a problem.
    assert MANY * MANY > MOST_STEPS
    assert unit.problems == ()
    for at in (0, 7, MANY - 1):
        subnet = resource_of(unit, f"aws_instance.i[{at}]").body.get("subnet_id")
        assert isinstance(subnet, Unknown)
        assert subnet.symbol.text == f"aws_subnet.s[{at}].id"
        # Nothing of the other subnets went into it.
        assert {symbol.resource for symbol in subnet.references} == {f"aws_subnet.s[{at}]"}


def test_what_differs_between_instances_is_evaluated_for_each(
    evaluate: Evaluate, resource_of: ResourceOf
) -> None:
    unit = evaluate(
        """
        locals { names = ["a", "b"] }
        resource "aws_x" "y" {
          for_each = { one = 1, two = 2 }
          splat    = [{ k = each.key }][*].k
          all      = [for n in local.names : "${each.key}-${n}"]
          same     = [for n in local.names : upper(n)]
          nested   = [for n in local.names : [for m in local.names : "${n}${m}"]]
          called   = join("-", [each.key, join("+", local.names)])
          dynamic "part" {
            for_each = local.names
            content { name = join("", [part.value, each.key]) }
          }
        }
        """
    )
    assert unit.problems == ()
    for key in ("one", "two"):
        body = resource_of(unit, f'aws_x.y["{key}"]').body

        def texts(name: str) -> list[str | None]:
            return [item.text for item, _ in body.get(name).items()]  # noqa: B023

        assert texts("splat") == [key]
        assert texts("all") == [f"{key}-a", f"{key}-b"]
        assert texts("same") == ["A", "B"]
        nested = [[item.text for item, _ in row.items()] for row, _ in body.get("nested").items()]
        assert nested == [["aa", "ab"], ["ba", "bb"]]
        assert body.get("called").text == f"{key}-a+b"
        assert [part.get("name").text for part, _ in body.get("part").items()] == [f"a{key}", f"b{key}"]


def test_doubts_about_what_is_shared_hold_for_each_instance(
    evaluate: Evaluate, resource_of: ResourceOf
) -> None:
    unit = evaluate(
        """
        variable "on" { type = bool }
        resource "aws_kms_key" "k" {
          count       = var.on ? 1 : 0
          description = "d"
        }
        resource "aws_x" "y" {
          count = 2
          v     = try("${upper(aws_kms_key.k[0].description)}${count.index}", "none")
        }
        """
    )
    assert unit.problems == ()
    for at in (0, 1):
        found = resource_of(unit, f"aws_x.y[{at}]").body.get("v")
        assert sorted((str(guard), leaf.text) for leaf, guard in found.alternatives()) == [
            ("var.on is false", "none"),
            ("var.on is true", f"D{at}"),
        ]
