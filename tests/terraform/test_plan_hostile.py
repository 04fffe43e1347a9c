"""Plans that nobody would write: whatever stands in one, it is evaluated or a problem."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wa_scan.aws.normalise import normalise
from wa_scan.errors import ProblemKind
from wa_scan.sources.units import PlanFile, RootModule
from wa_scan.terraform.plan import evaluate_plan

FIXTURE = Path(__file__).parents[2] / "fixtures" / "plans" / "terraform-data"
PLAN: Any = json.loads((FIXTURE / "plan.json").read_text())

ADDRESSES = (
    "terraform_data.copy[0]",
    'module.child["a"].terraform_data.this',
    "module.",
    "[",
    "a.b.c",
    'x["]',
)
REFERENCES = (
    "var.",
    "each.value.id",
    "module.child",
    "module.x[0].y",
    "data.a.b.c",
    "a[0]",
    "a.b[*].c",
    "..",
    "local.x",
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from((*ADDRESSES, *REFERENCES)),
)
JUNK = st.recursive(
    st.one_of(SCALARS, st.builds(lambda names: {"references": names}, st.lists(st.sampled_from(REFERENCES)))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(("address", "values", "index", "resources", "a")), inner, max_size=3),
    ),
    max_leaves=6,
)


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every member of every object and array, as what holds it and its key."""
    found: list[tuple[Any, Any]] = []
    todo = [node]
    while todo:
        at = todo.pop()
        keys = list(at) if isinstance(at, dict) else range(len(at)) if isinstance(at, list) else []
        for key in keys:
            found.append((at, key))
            todo.append(at[key])
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10_000), JUNK), min_size=1, max_size=8), st.booleans())
def test_anything_anywhere(tmp_path: Path, changes: list[tuple[int, Any]], is_joined: bool) -> None:
    plan = copy.deepcopy(PLAN)
    for number, junk in changes:
        every = places(plan)
        if every:
            holder, key = every[number % len(every)]
            holder[key] = junk
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    sources = (RootModule(FIXTURE, ".", FIXTURE),) if is_joined else ()
    unit = evaluate_plan(PlanFile(tmp_path / "plan.json", "plan.json", tmp_path, sources)).unit
    normalise(unit)
    for resource in unit.resources:
        assert resource.location.file in {"plan.json", "main.tf", "child/main.tf"}
        assert resource.extent.start_line >= 1


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 8_000), st.binary(max_size=3))
def test_broken_off_or_damaged(tmp_path: Path, at: int, damage: bytes) -> None:
    data = (FIXTURE / "plan.json").read_bytes()
    (tmp_path / "plan.json").write_bytes(data[:at] + damage)
    unit = evaluate_plan(PlanFile(tmp_path / "plan.json", "plan.json", tmp_path)).unit
    (problem,) = unit.problems
    assert problem.kind is ProblemKind.SYNTAX_ERROR
    assert problem.location is not None
    assert unit.resources == ()
