"""Plan files on the command line."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.cli.running import RULE, Run, write
from tests.terraform.plan_building import instance, plan_of

SOURCE = """\
variable "password" {
  type      = string
  sensitive = true
}

resource "aws_db_instance" "a" {
  engine   = "postgres"
  multi_az = false
  password = var.password
}
"""
PASSWORD = "tr0ub4dor&3-horse"


def plan() -> str:
    values = {
        "engine": "postgres",
        "multi_az": False,
        "password": PASSWORD,
        "instance_class": "db.t4g.medium",
    }
    entry = instance("aws_db_instance.a", values, sensitive={"password": True})
    return json.dumps(plan_of(entry, variables={"password": {"value": PASSWORD}}))


def test_a_plan_by_name_lands_on_the_source_beside_it(tmp_path: Path, run: Run) -> None:
    write(tmp_path, {"infra/main.tf": SOURCE, "infra/plan.json": plan()})
    result = run("infra/plan.json", *RULE)
    assert result.status == 1
    assert "infra/main.tf:8:3" in result.out
    assert "multi_az = false" in result.out
    assert run("infra", *RULE).out == result.out


def test_source_names_the_terraform_of_a_plan_elsewhere(tmp_path: Path, run: Run) -> None:
    write(tmp_path, {"infra/main.tf": SOURCE, "build/plan.json": plan()})
    assert "build/plan.json:1:" in run("build/plan.json", *RULE).out
    named = run("build", "--source", "infra", *RULE)
    assert "infra/main.tf:8:3" in named.out
    both = run("build", "infra", "--source", "infra", "-f", "json", *RULE)
    assert [finding["location"]["file"] for finding in json.loads(both.out)["findings"]] == ["infra/main.tf"]


@pytest.mark.parametrize("format_", ["text", "json", "sarif"])
@pytest.mark.parametrize("source", [None, SOURCE])
def test_what_is_sensitive_is_never_printed(
    tmp_path: Path, run: Run, format_: str, source: str | None
) -> None:
    write(tmp_path, {"plan.json": plan()} | ({"main.tf": source} if source else {}))
    result = run("plan.json", "-f", format_, "--show-unknown")
    assert "aws_db_instance.a" in result.out
    assert PASSWORD not in result.out + result.err


def test_sarif_points_at_the_source(tmp_path: Path, run: Run) -> None:
    write(tmp_path, {"infra/main.tf": SOURCE, "infra/plan.json": plan()})
    results = json.loads(run("infra/plan.json", "-f", "sarif", *RULE).out)["runs"][0]["results"]
    (place,) = (one["locations"][0]["physicalLocation"] for one in results)
    assert place["artifactLocation"]["uri"] == "infra/main.tf"
    assert place["region"]["startLine"] == 8


def test_the_graph_of_a_plan(tmp_path: Path, run: Run) -> None:
    write(tmp_path, {"plan.json": plan()})
    assert "aws_db_instance.a" in run("graph", "plan.json").out


def test_a_plan_in_terraforms_own_format_is_told_apart(tmp_path: Path, run: Run) -> None:
    with zipfile.ZipFile(tmp_path / "prod.tfplan", "w") as archive:
        archive.writestr("tfplan", b"\x08\x03")
    result = run("prod.tfplan")
    assert result.status == 2
    assert "terraform show -json" in result.out + result.err


def test_the_log_of_a_plan_is_told_apart(tmp_path: Path, run: Run) -> None:
    write(tmp_path, {"log.json": '{"@level":"info","@message":"Terraform 1.11.4"}\n'})
    result = run("log.json")
    assert result.status == 2
    assert "terraform plan -out=PLAN" in result.out + result.err


def test_the_hook_judges_a_plan_only_by_name(tmp_path: Path, run: Run) -> None:
    write(tmp_path, {"main.tf": SOURCE.replace("false", "true"), "plan.json": plan()})
    assert run("scan", "--hook", "main.tf", *RULE).status == 0
    assert run("scan", "--hook", "plan.json", *RULE).status == 1


def test_only_takes_the_files_of_the_source(tmp_path: Path, run: Run) -> None:
    write(tmp_path, {"main.tf": SOURCE, "other.tf": "", "plan.json": plan()})
    assert run(".", "--only", "other.tf", *RULE).status == 0
    assert run(".", "--only", "main.tf", *RULE).status == 1
