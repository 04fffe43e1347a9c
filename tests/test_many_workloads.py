"""What holds for a whole repository is said once, not for each of its root modules."""

from pathlib import Path

import pytest

from wa_scan import scan
from wa_scan.api import ScanOptions

FLEET = """
resource "aws_autoscaling_group" "app" {
  min_size         = 2
  max_size         = 4
  desired_capacity = 2
}
"""


def findings(folder: Path, rule: str, fleets: int, *, others: str = "") -> list[tuple[str, str, str]]:
    for number in range(fleets):
        root = folder / f"team-{number}"
        root.mkdir()
        (root / "main.tf").write_text(FLEET)
    if others:
        (folder / "other").mkdir()
        (folder / "other" / "main.tf").write_text(others)
    report = scan([folder], ScanOptions(working_directory=folder, rules=(rule,)))
    return [(f.location.file, f.instances[0], f.message) for f in report.findings]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("OPS-RUNBOOK-01", "None of 5 workloads has a runbook, or links to one."),
        ("COST-EC2-02", "5 fleets run on demand: nothing beside them uses Spot or a commitment."),
    ],
)
def test_many_workloads_are_one_finding(tmp_path: Path, rule: str, message: str) -> None:
    assert findings(tmp_path, rule, 5) == [("team-0/main.tf", "aws_autoscaling_group.app", message)]


@pytest.mark.parametrize("rule", ["OPS-RUNBOOK-01", "COST-EC2-02"])
def test_a_few_workloads_are_a_finding_each(tmp_path: Path, rule: str) -> None:
    assert [file for file, _, _ in findings(tmp_path, rule, 3)] == [f"team-{n}/main.tf" for n in range(3)]


def test_what_may_have_a_runbook_is_not_counted_with_those_without(tmp_path: Path) -> None:
    module = 'module "runbooks" {\n  source = "acme/runbooks/aws"\n}\n'
    found = findings(tmp_path, "OPS-RUNBOOK-01", 5, others=FLEET + module)
    assert [(file, message) for file, _, message in found if file.startswith("team-")] == [
        ("team-0/main.tf", "None of 5 workloads has a runbook, or links to one.")
    ]
    assert [file for file, _, _ in found if file.startswith("other")] == ["other/main.tf"]
