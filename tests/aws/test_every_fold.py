"""Every type that is nothing but settings of another reaches it."""

import json
from pathlib import Path

import pytest

from wa_scan.aws.normalise import normalise
from wa_scan.aws.plans import plan
from wa_scan.aws.schemas import takes_tags
from wa_scan.aws.table import Fold, SourceRow, table
from wa_scan.blocks import Language, Mode
from wa_scan.sources.units import RootModule
from wa_scan.terraform.evaluate import evaluate_root

FOLDS = [
    (row, fold)
    for name, row in table().sources.items()
    if row.canonical is None and name == row.name and name.startswith("aws_")
    for fold in row.folds
]


def owners_type(canonical: str) -> str:
    """A Terraform type that becomes the canonical one."""
    rows = sorted(name for name, row in table().sources.items() if row.canonical == canonical)
    found = [name for name in rows if name.startswith("aws_") and " " not in name]
    if found:
        return found[0]
    by_name = canonical.removeprefix("AWS::").replace("::", "_").lower()
    return f"awscc_{by_name}"


@pytest.mark.parametrize(("row", "fold"), FOLDS, ids=lambda part: getattr(part, "into", "") or part.name)
def test_settings_are_folded_into_what_they_name(row: SourceRow, fold: Fold, tmp_path: Path) -> None:
    type_ = owners_type(fold.into)
    naming: object = f"${{{type_}.owner.id}}"
    names_several = fold.by in ("roles", "users", "groups", "group_names")
    content = {
        "resource": {
            type_: {"owner": {}},
            row.name: {"settings": {fold.by: [naming] if names_several else naming}},
        }
    }
    (tmp_path / "main.tf.json").write_text(json.dumps(content), encoding="utf-8")
    found = normalise(evaluate_root(RootModule(tmp_path, "infra", tmp_path)))
    (owner,) = (resource for resource in found.resources if resource.mode is Mode.MANAGED)
    assert owner.type == fold.into
    assert owner.folded == (f"{row.name}.settings",)


def test_few_settings_have_tags_of_their_own() -> None:
    assert {row.name for row, _ in FOLDS if takes_tags(row.name)} == {
        "aws_networkmonitor_probe",
        "aws_vpc_peering_connection_accepter",
    }


def test_what_is_folded_is_planned_with_its_owner_s_type() -> None:
    assert [row.name for row, _ in FOLDS if plan(row.name, Language.TERRAFORM, table()).rule is None] == []
