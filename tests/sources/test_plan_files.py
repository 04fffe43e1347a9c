"""Telling plans from other files."""

import json
from pathlib import Path

import pytest

from wa_scan.sources.discover import discover
from wa_scan.sources.plan_files import looks_like_plan, no_plan_because

PLAN = {"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {}, "resource_changes": []}

PLANS: dict[str, bytes] = {
    "as it is printed": json.dumps(PLAN, separators=(",", ":")).encode(),
    "indented": json.dumps(PLAN, indent=4).encode(),
    "sorted": json.dumps(dict(sorted({**PLAN, "configuration": {"a": {}}}.items(), reverse=True))).encode(),
    "without changes": b'{"format_version": "0.1", "planned_values": {}}',
    "without values": b'{"format_version": "0.1", "resource_changes": []}',
    "cut off": b'{"format_version": "1.2", "planned_values": {"root_mo',
    "UTF-16": json.dumps(PLAN).encode("utf-16"),
    "with a byte-order mark": b"\xef\xbb\xbf" + json.dumps(PLAN).encode(),
}
OTHERS: dict[str, bytes] = {
    "empty": b"",
    "a state": b'{"format_version": "1.0", "values": {"root_module": {}}}',
    "a provider's schema": b'{"format_version": "1.0", "provider_schemas": {}}',
    "a plan inside something else": json.dumps({"fixture": PLAN}).encode(),
    "a list of plans": json.dumps([PLAN]).encode(),
    "a plan as text": json.dumps({"format_version": "1", "text": json.dumps(PLAN)}).encode(),
    "a template": b'{"Resources": {"A": {"Type": "AWS::SQS::Queue"}}}',
}


@pytest.mark.parametrize("data", PLANS.values(), ids=PLANS)
def test_plans(data: bytes) -> None:
    assert looks_like_plan(data)


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS)
def test_other_json(data: bytes) -> None:
    assert not looks_like_plan(data)


def test_what_was_meant_as_a_plan() -> None:
    state = no_plan_because(b'{"format_version":"1.0","values":{}}')
    binary = no_plan_because(b"PK\x03\x04\x14\x00\x08\x00tfplan...")
    assert state is not None
    assert binary is not None
    assert state[0] == "this is a state and not a plan"
    assert binary[1] == "Write the plan as JSON first: terraform show -json PLAN > plan.json"
    assert no_plan_because(b"{}") is None


def test_a_plan_knows_the_modules_that_it_may_be_of(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    inner = tmp_path / "infra" / "plans"
    inner.mkdir(parents=True)
    (tmp_path / "infra" / "main.tf").write_text("")
    (inner / "p.json").write_text(json.dumps(PLAN))
    (plan,) = discover([Path()], tmp_path).plans
    assert (plan.display, [source.display for source in plan.sources]) == ("infra/plans/p.json", ["infra"])
    assert plan.is_source_scanned
    (plan,) = discover([Path("infra/plans/p.json")], tmp_path).plans
    assert not plan.is_source_scanned
    (plan,) = discover([Path()], tmp_path, source=Path("elsewhere")).plans
    assert [source.display for source in plan.sources] == ["elsewhere"]


def test_what_git_ignores_is_a_plan_only_by_name(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*.json\n")
    (tmp_path / "p.json").write_text(json.dumps(PLAN))
    assert discover([Path()], tmp_path).plans == ()
    assert [plan.display for plan in discover([Path("p.json")], tmp_path).plans] == ["p.json"]
