"""The framework's list, against itself and against what it was copied from."""

import csv
from pathlib import Path

import pytest

from wa_scan.engine.best_practices import best_practices
from wa_scan.engine.framework import Pillar, Risk

SOURCE = Path(__file__).parents[3] / "shared" / "catalogue" / "wa_framework.csv"


def test_a_best_practice_is_found_by_its_id() -> None:
    found = best_practices()["REL10-BP01"]
    assert found.title == "Deploy the workload to multiple locations"
    assert (found.pillar, found.question_number, found.risk) == (Pillar.RELIABILITY, "REL 10", Risk.HRI)
    assert found.url.endswith("/rel_fault_isolation_multiaz_region_system.html")


def test_ids_belong_to_their_pillars() -> None:
    assert {one.id.rstrip("0123456789").split("-")[0][:-2] for one in best_practices().values()} == {
        pillar.prefix for pillar in Pillar
    }
    assert all(one.id.startswith(one.pillar.prefix) for one in best_practices().values())


@pytest.mark.skipif(not SOURCE.exists(), reason="the list that ours was copied from is not here")
def test_the_copy_is_whole() -> None:
    with SOURCE.open(encoding="utf-8", newline="") as file:
        rows = {row["bp_id"]: (row["best_practice"], row["wa_scan_risk"]) for row in csv.DictReader(file)}
    assert {id: (one.title, one.risk.value) for id, one in best_practices().items()} == rows
