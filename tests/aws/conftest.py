"""Snippets of either language as normalised resources."""

import textwrap
from pathlib import Path

import pytest

from tests.aws.reading import Snippet
from wa_scan.aws.normalise import Normalised, normalise
from wa_scan.blocks import EvaluatedUnit
from wa_scan.cloudformation.evaluate import evaluate_text
from wa_scan.errors import ProblemKind
from wa_scan.sources.units import RootModule
from wa_scan.terraform.evaluate import evaluate_root


@pytest.fixture
def terraform(tmp_path: Path) -> Snippet:
    def normalised(source: str) -> Normalised:
        (tmp_path / "main.tf").write_text(textwrap.dedent(source), encoding="utf-8")
        unit = evaluate_root(RootModule(tmp_path, "infra", tmp_path))
        assert _faults(unit) == []
        return normalise(unit)

    return normalised


@pytest.fixture
def cloudformation() -> Snippet:
    def normalised(source: str) -> Normalised:
        unit = evaluate_text(textwrap.dedent(source), "template.yaml")
        assert _faults(unit) == []
        return normalise(unit)

    return normalised


def _faults(unit: EvaluatedUnit) -> list[str]:
    return [problem.message for problem in unit.problems if problem.kind is not ProblemKind.NOT_LOOKED_AT]
