"""Instances of a block whose bodies do not differ share what is made of them."""

from pathlib import Path

from wa_scan.aws.normalise import normalise
from wa_scan.sources.units import RootModule
from wa_scan.terraform.evaluate import evaluate_root

COUNTED = """
provider "aws" {
  default_tags { tags = { Team = "shop" } }
}
resource "aws_db_instance" "db" {
  count    = 50
  engine   = "postgres"
  tags     = { Name = "db" }
}
"""


def test_properties_tags_and_defaults_are_made_once(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(COUNTED)
    resources = normalise(evaluate_root(RootModule(tmp_path, ".", tmp_path))).resources
    assert [one.address for one in resources] == [f"aws_db_instance.db[{at}]" for at in range(50)]
    assert len({id(one.properties) for one in resources}) == 1
    assert len({id(one.tags) for one in resources}) == 1
    assert len({id(one.defaults) for one in resources}) == 1


def test_what_could_not_be_evaluated_in_an_instance_is_that_ones_own(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        """
        resource "aws_security_group" "g" {
          count = 3
          dynamic "ingress" {
            for_each = count.index
            content {}
          }
        }
        """
    )
    found = normalise(evaluate_root(RootModule(tmp_path, ".", tmp_path)))
    assert [one.address for one in found.resources] == [f"aws_security_group.g[{at}]" for at in range(3)]
    assert found.links == ()
