"""Which environment a resource belongs to, and whether it is one for development or tests."""

from dataclasses import replace

import pytest

from tests.engine.hand_made import resource, written
from wa_scan.blocks import EvaluatedUnit, Language
from wa_scan.engine.stages import stage_of
from wa_scan.graph.graph import Graph
from wa_scan.values import Choice, Guard, Known, MapValue, Symbol, Text, Unknown, Value

PROD = Guard.of("IsProd")
NAME = Symbol("var.name")


def told(tags: dict[str, Value] | None = None, unit: str = "infra", **inputs: Value) -> tuple[str, str]:
    """The name of the environment and when it is one for development."""
    one = replace(resource(unit=unit), tags=MapValue(tags or {}))
    graph = Graph([one], units=[EvaluatedUnit(unit, Language.TERRAFORM, (), inputs)])
    stage = stage_of(one, graph)
    return stage.name, str(stage.development)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("dev", "dev"),
        ("Development", "development"),
        ("DEV2", "dev"),
        ("eu-staging", "staging"),
        ("non-prod", "nonprod"),
        ("pre_production", "preproduction"),
        ("prod", ""),
        ("dev-and-prod", ""),
        ("device", ""),
        ("devops", ""),
        ("blue", ""),
    ],
)
def test_the_tag_says(value: str, name: str) -> None:
    assert told({"Environment": Known(value, written(7))}) == (name, "always" if name else "never")


def test_the_tag_comes_before_inputs_and_names() -> None:
    assert told({"env": Known("production"), "Name": Known("app-dev")}, environment=Known("dev"))[0] == ""


def test_an_input_says_where_the_tag_is_not_known() -> None:
    unknown = Unknown(Symbol("var.tags"))
    assert told({"Environment": unknown}, environment=Known("qa")) == ("qa", "always")
    assert told({}, EnvironmentType=Known("qa")) == ("qa", "always")
    assert told({"Name": Known("app-dev")}, environment=unknown)[0] == ""
    assert told({}, region=Known("dev"))[0] == ""


def test_a_name_says() -> None:
    assert told({"Name": Known("orders-dev-1")})[0] == "dev"
    assert told({"Name": Text((Unknown(NAME), "-uat"))})[0] == "uat"
    assert told({"Name": Text((Unknown(NAME), "uat"))})[0] == ""
    assert told({"Name": Known("test")})[0] == ""
    assert told({"Name": Known("integration-stage")})[0] == ""


def test_the_folder_says() -> None:
    assert told(unit="infra/environments/dev") == ("dev", "always")
    assert told(unit="infra/environments/prod")[0] == ""
    assert told(unit="home/dev/infra")[0] == ""


def test_under_a_condition() -> None:
    assert told({"Environment": Choice(PROD, Known("prod"), Known("dev"))}) == ("dev", "IsProd is false")
