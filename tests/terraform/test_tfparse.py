"""An independent evaluator, that of Trivy, sees the same resources and values in real configurations."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.environments import needs
from tests.terraform.tfparse_comparison import Agreement, Difference, Folder, compared, loaded
from wa_scan.sources.discover import discover
from wa_scan.terraform.evaluate import ParsedFiles

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
DIFFERENCES = Path(__file__).with_name("tfparse_differences.yaml")

pytestmark = [
    pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not there"),
    pytest.mark.slow,
]


@dataclass(frozen=True)
class Explanation:
    kind: str
    reason: str
    folder: str = ""
    where: str = ""
    ours: str = ""
    theirs: str = ""

    def explains(self, difference: Difference) -> bool:
        return self.kind == difference.kind and all(
            re.search(pattern, text) is not None
            for pattern, text in (
                (self.folder, difference.folder),
                (self.where, difference.where),
                (self.ours, difference.ours),
                (self.theirs, difference.theirs),
            )
        )


EXPLANATIONS = [Explanation(**entry) for entry in yaml.safe_load(DIFFERENCES.read_text(encoding="utf-8"))]


def folders() -> Iterator[Folder]:
    for tree in sorted(path for path in CORPORA.iterdir() if path.is_dir()):
        for root in discover([tree], CORPORA).roots:
            name = root.directory.relative_to(CORPORA).as_posix()
            # There the workspace names the application and its environment.
            named = re.match(r"moj-modernisation-platform/terraform/environments/([^/]+)", name)
            workspace = f"{named[1]}-development" if named else "default"
            yield Folder(name, root.directory, tree, workspace)


@pytest.fixture(scope="module")
def agreements() -> dict[str, Agreement]:
    needs("tfparse")
    # Those that take it longest first.
    todo = sorted(folders(), key=lambda one: -sum(file.stat().st_size for file in one.path.glob("*.tf")))
    theirs = loaded(todo, processes=os.cpu_count() or 2)
    assert set(theirs) == {folder.name for folder in todo}
    parsed = ParsedFiles()
    return {folder.name: compared(folder, theirs[folder.name], parsed) for folder in todo}


def test_instances_and_known_scalars_agree(agreements: dict[str, Agreement]) -> None:
    # Measured: 3,654 and 12,800. Fewer would mean that little is compared.
    assert sum(agreement.instances for agreement in agreements.values()) >= 3_600
    assert sum(agreement.scalars for agreement in agreements.values()) >= 12_500


def test_every_difference_is_explained(agreements: dict[str, Agreement]) -> None:
    unexplained = [
        difference
        for agreement in agreements.values()
        for difference in agreement.differences
        if not any(explanation.explains(difference) for explanation in EXPLANATIONS)
    ]
    assert not unexplained


def test_every_explanation_explains_something(agreements: dict[str, Agreement]) -> None:
    every = [difference for agreement in agreements.values() for difference in agreement.differences]
    idle = [one for one in EXPLANATIONS if not any(one.explains(difference) for difference in every)]
    assert not idle
