"""Real configurations: nothing raises, nothing is skipped silently, and it does not take long."""

from pathlib import Path

import pytest

from wa_scan.errors import ProblemKind
from wa_scan.sources.units import RootModule
from wa_scan.terraform.evaluate import ParsedFiles, evaluate_root

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not there")

NAMES = [
    "moj-modernisation-platform",
    "terraform-aws-eks",
    "terraform-aws-lambda",
    "terraform-aws-rds",
    "terraform-aws-s3-bucket",
    "terraform-aws-vpc",
    "terragoat",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_folder_evaluates(name: str) -> None:
    tree = CORPORA / name
    parsed = ParsedFiles()
    for directory in sorted({path.parent for path in tree.rglob("*.tf")}):
        unit = evaluate_root(RootModule(directory, directory.as_posix(), tree), parsed=parsed)
        read = set(unit.files_read)
        written = {path.as_posix() for path in directory.glob("*.tf") if not path.name.startswith(".")}
        assert written <= read
        for problem in unit.problems:
            assert problem.kind is not ProblemKind.INTERNAL_ERROR
            assert problem.location is not None
        assert len({resource.address for resource in unit.resources}) == len(unit.resources)
