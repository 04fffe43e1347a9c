"""Real code: every folder of the corpora normalises, and nearly all of it is mapped."""

from collections import Counter
from pathlib import Path

import pytest

from wa_scan.aws.normalise import normalise
from wa_scan.blocks import Mode
from wa_scan.cloudformation.evaluate import evaluate_template
from wa_scan.sources.discover import discover
from wa_scan.terraform.evaluate import ParsedFiles, evaluate_root

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(folder.name for folder in CORPORA.glob("*")) or ["none"])
def test_a_corpus_is_mapped(name: str) -> None:
    folder = CORPORA / name
    if not folder.is_dir():
        pytest.skip("the corpora are not there")
    discovery = discover([folder], folder)
    parsed = ParsedFiles()
    evaluated = [
        *(evaluate_root(root, None, parsed) for root in discovery.roots),
        *(evaluate_template(template) for template in discovery.templates),
    ]
    unmapped: Counter[str] = Counter()
    total = 0
    for unit in evaluated:
        found = normalise(unit)
        unmapped.update(found.unmapped)
        addresses = {resource.address for resource in found.resources}
        folded = {address for resource in found.resources for address in resource.folded}
        wanted = [resource for resource in unit.resources if resource.mode is Mode.MANAGED]
        # Nothing is lost: every block is a resource, or folded into one.
        assert {resource.address for resource in wanted} <= addresses | folded
        total += sum(resource.type.startswith(("aws_", "AWS::")) for resource in wanted)
        assert found.problems == ()
    assert sum(unmapped.values()) <= 0.03 * total + 3, unmapped
