"""Evaluating small root modules that a test writes."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.terraform.plan_building import Plans
from wa_scan.blocks import EvaluatedResource, EvaluatedUnit
from wa_scan.sources.units import RootModule
from wa_scan.terraform.evaluate import EvaluateOptions, evaluate_root

Evaluate = Callable[..., EvaluatedUnit]
ResourceOf = Callable[[EvaluatedUnit, str], EvaluatedResource]


@pytest.fixture
def evaluate(tmp_path: Path) -> Evaluate:
    """Writes files below a folder and evaluates one of them as a root module."""

    def run(
        files: Mapping[str, str] | str, root: str = ".", options: EvaluateOptions | None = None
    ) -> EvaluatedUnit:
        texts = {"main.tf": files} if isinstance(files, str) else files
        for name, text in texts.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        directory = tmp_path if root == "." else tmp_path / root
        return evaluate_root(RootModule(directory, root, tmp_path), options)

    return run


@pytest.fixture
def resource_of() -> ResourceOf:
    def find(unit: EvaluatedUnit, address: str) -> EvaluatedResource:
        return next(resource for resource in unit.resources if resource.address == address)

    return find


@pytest.fixture
def plans(tmp_path: Path) -> Plans:
    return Plans(tmp_path)
