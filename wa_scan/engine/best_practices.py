"""The Well-Architected Framework's best practices, to look up by id.

The list is `data/best_practices.csv`; its head says where it comes from and when it was made.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wa_scan.engine.framework import Pillar, Risk

_FILE = Path(__file__).parent / "data" / "best_practices.csv"


@dataclass(frozen=True, slots=True)
class BestPractice:
    """One best practice. `id`: `REL10-BP01`; `question_number`: `REL 10`; `risk`: the risk if it is not
    followed; `url`: its page."""

    id: str
    title: str
    pillar: Pillar
    question: str
    question_number: str
    risk: Risk
    url: str


@cache
def best_practices() -> Mapping[str, BestPractice]:
    """All of them by id, in the framework's order."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {
            row["id"]: BestPractice(
                row["id"],
                row["title"],
                Pillar(row["pillar"]),
                row["question"],
                row["question_number"],
                Risk(row["risk"]),
                row["url"],
            )
            for row in rows
        }
