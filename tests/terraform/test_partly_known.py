"""Maps and lists of which only some is known: rules see what is sure to be there."""

from tests.terraform.conftest import Evaluate, ResourceOf
from wa_scan.values import Known, ListValue, MapValue, Unknown, Value

RESOURCE = """
variable "given" {}
resource "aws_instance" "a" {
  value = %s
}
"""


def value_of(evaluate: Evaluate, resource_of: ResourceOf, expression: str) -> Value:
    unit = evaluate(RESOURCE % expression)
    return resource_of(unit, "aws_instance.a").body.get("value")


def entries(value: Value) -> dict[str, object]:
    """Scalars of the entries that are known, and the symbols of the others."""
    assert isinstance(value, MapValue)
    assert value.rest is not None
    found: dict[str, object] = {}
    for key, item in value.entries.items():
        assert isinstance(item, Known | Unknown)
        found[key] = item.scalar if isinstance(item, Known) else item.symbol.text
    return found


def test_what_is_merged_into_an_unknown_map_is_there(evaluate: Evaluate, resource_of: ResourceOf) -> None:
    value = value_of(evaluate, resource_of, 'merge(var.given, { Name = "web" })')
    assert entries(value) == {"Name": "web"}
    assert isinstance(value.get("Owner"), Unknown)


def test_an_unknown_key_leaves_the_others_known(evaluate: Evaluate, resource_of: ResourceOf) -> None:
    written = '{ Name = "web", "cluster/${var.given}" = "shared", Owner = "ops" }'
    value = value_of(evaluate, resource_of, written)
    assert entries(value) == {"Name": "web", "Owner": "ops"}


def test_an_unknown_key_may_be_one_before_it(evaluate: Evaluate, resource_of: ResourceOf) -> None:
    value = value_of(evaluate, resource_of, '{ Name = "web", (var.given) = "other", Owner = "ops" }')
    found = entries(value)
    assert found.pop("Owner") == "ops"
    assert list(found) == ["Name"]
    assert found["Name"] != "web"
    assert isinstance(value.get("Name"), Unknown)


def test_a_known_key_after_an_unknown_one_wins(evaluate: Evaluate, resource_of: ResourceOf) -> None:
    value = value_of(evaluate, resource_of, '{ Name = "web", (var.given) = "other", Name = "db" }')
    assert entries(value) == {"Name": "db"}


def test_what_is_concatenated_with_an_unknown_list_is_among_it(
    evaluate: Evaluate, resource_of: ResourceOf
) -> None:
    value = value_of(evaluate, resource_of, 'concat(["0.0.0.0/0"], var.given)')
    assert isinstance(value, ListValue)
    assert value.rest is not None
    assert [item.scalar for item in value.elements if isinstance(item, Known)] == ["0.0.0.0/0"]
