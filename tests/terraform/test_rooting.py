"""Where the elements of a list that came from elsewhere stand."""

from pathlib import Path

from wa_scan.sources.discover import discover
from wa_scan.terraform.evaluate import evaluate_root
from wa_scan.values import Location, Value

MODULE = """
variable "cidrs" {
  default = ["0.0.0.0/0"]
}

resource "aws_security_group" "a" {
  ingress {
    cidr_blocks      = var.cidrs
    ipv6_cidr_blocks = ["::/0"]
  }
  tags = merge({ Own = "x" }, { Owner = var.cidrs[0] })
}
"""


def places(folder: Path, block: str, name: str) -> tuple[Location, list[str]]:
    """The place and the way of the first element of an attribute in a nested block."""
    (folder / "main.tf").write_text(MODULE)
    unit = evaluate_root(discover([folder], folder).roots[0])
    body = unit.resources[0].body
    value: Value = body.get(block).get(name) if block else body.get(name)
    element = next(value.items())[0]
    assert element.origin is not None
    return element.origin.location, [step.text for step in element.origin]


def test_an_element_from_a_variable_stands_at_the_attribute(tmp_path: Path) -> None:
    location, way = places(tmp_path, "ingress", "cidr_blocks")
    assert location == Location("main.tf", 8, 5, 8, 33)
    assert way == ['variable "cidrs" default', "attribute cidr_blocks"]


def test_the_way_of_an_element_begins_at_its_own_line(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        """
variable "token" {
  default = "t"
}
locals {
  settings = merge(
    { mode = "fast" },
    { token = var.token },
  )
}
resource "aws_lambda_function" "f" {
  environment {
    variables = local.settings
  }
}
"""
    )
    unit = evaluate_root(discover([tmp_path], tmp_path).roots[0])
    variables = unit.resources[0].body.get("environment").get("variables")
    ways = {
        key: [(step.location.start_line, step.text) for step in origin]
        for key in ("mode", "token")
        if (origin := variables.get(key).origin) is not None
    }
    assert ways == {
        "mode": [(7, "local.settings"), (13, "attribute variables")],
        "token": [(3, 'variable "token" default'), (8, "local.settings"), (13, "attribute variables")],
    }


def test_an_element_written_in_the_attribute_keeps_its_own_place(tmp_path: Path) -> None:
    location, _ = places(tmp_path, "ingress", "ipv6_cidr_blocks")
    assert location == Location("main.tf", 9, 25, 9, 31)
