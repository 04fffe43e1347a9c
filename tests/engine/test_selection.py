"""Choosing rules, and naming them."""

from pathlib import Path
from textwrap import dedent

import pytest

from tests.engine.hand_made import DECLARATION, own_rules, write
from wa_scan.engine.framework import Pillar
from wa_scan.engine.ruleset import RuleSet
from wa_scan.engine.selection import rule_named, selected
from wa_scan.errors import UsageError

CHECK = "require: {type: 'AWS::RDS::DBInstance', property: MultiAZ, equals: true}\n"


@pytest.fixture
def rules(tmp_path: Path) -> RuleSet:
    text = dedent(DECLARATION) + CHECK
    write(tmp_path, "reliability/one_zone.yaml", text + "aliases: [REL-OLD-7]\n")
    write(tmp_path, "reliability/two_zones.yaml", text.replace("91", "92"))
    write(
        tmp_path,
        "cost_optimization/dear.yaml",
        text.replace("REL-RDS-91", "COST-X-1") + "pillars: [security]\n",
    )
    return own_rules(tmp_path)


def ids(rules: RuleSet) -> list[str]:
    return [rule.id for rule in rules.rules]


def test_nothing_said_means_all(rules: RuleSet) -> None:
    assert ids(selected(rules)) == ["COST-X-1", "REL-RDS-91", "REL-RDS-92"]


@pytest.mark.parametrize("word", ["REL-RDS-91", "rel-rds-91", "one-zone", "ONE_ZONE", "REL-OLD-7"])
def test_rules_go_by_id_name_and_alias(rules: RuleSet, word: str) -> None:
    assert ids(selected(rules, only=[word])) == ["REL-RDS-91"]
    assert ids(selected(rules, skip=[word])) == ["COST-X-1", "REL-RDS-92"]
    assert rule_named(rules, word).name == "one-zone"


def test_a_pillar_names_all_of_its_rules(rules: RuleSet) -> None:
    assert ids(selected(rules, only=["reliability"], skip=["two-zones"])) == ["REL-RDS-91"]
    assert ids(selected(rules, pillars=["security"])) == ["COST-X-1"]
    assert ids(selected(rules, pillars=[Pillar.RELIABILITY])) == ["REL-RDS-91", "REL-RDS-92"]
    assert ids(selected(rules, pillars=["COST"])) == ["COST-X-1"]


@pytest.mark.parametrize("word", ["one-zona", "on-zone"])
def test_a_name_that_no_rule_has_is_wrong_usage_with_a_suggestion(rules: RuleSet, word: str) -> None:
    with pytest.raises(UsageError, match="did you mean one-zone"):
        selected(rules, only=[word])


def test_a_pillar_that_is_none_is_wrong_usage(rules: RuleSet) -> None:
    with pytest.raises(UsageError, match="'speed' is no pillar; the pillars are operational-excellence,"):
        selected(rules, pillars=["speed"])
