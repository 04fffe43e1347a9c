"""The hook: files by name, their root modules and templates with their whole context, and only what
concerns the files."""

import json
from pathlib import Path

import pytest

from tests.cli.running import RULE, SINGLE_AZ, Run, seconds_of_children, write

DATABASE = """\
variable "multi_az" {
  type = bool
}

resource "aws_db_instance" "this" {
  engine            = "postgres"
  instance_class    = "db.t4g.medium"
  allocated_storage = 20
  multi_az          = var.multi_az
}
"""


def environment(multi_az: str) -> str:
    return f"""\
variable "multi_az" {{
  type    = bool
  default = {multi_az}
}}

module "db" {{
  source   = "../modules/db"
  multi_az = var.multi_az
}}

resource "aws_db_instance" "reports" {{
  engine            = "postgres"
  instance_class    = "db.t4g.medium"
  allocated_storage = 20
  multi_az          = false
}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return write(
        tmp_path,
        {
            "modules/db/main.tf": DATABASE,
            "prod/main.tf": environment("true"),
            "dev/main.tf": environment("false"),
            "dev/outputs.tf": 'output "x" {\n  value = module.db\n}\n',
            "stack.yaml": SINGLE_AZ,
            "values.yaml": "a: 1\n",
            "package.json": "{}",
        },
    )


def reported(run: Run, *files: str) -> tuple[int, list[tuple[str, str]]]:
    done = run("scan", "--hook", *files, *RULE, "-f", "json")
    assert done.err == ""
    if not done.out:
        return done.status, []
    document = json.loads(done.out)
    return done.status, [(f["location"]["file"], f["resource"]["address"]) for f in document["findings"]]


def test_a_file_of_a_module_is_judged_with_what_all_its_callers_give(shop: Path, run: Run) -> None:
    assert reported(run, "modules/db/main.tf") == (
        1,
        [("modules/db/main.tf", "module.db.aws_db_instance.this")],
    )


def test_a_root_module_without_the_flaw_of_the_module_that_it_calls(shop: Path, run: Run) -> None:
    assert reported(run, "prod/main.tf") == (1, [("prod/main.tf", "aws_db_instance.reports")])


def test_a_value_that_comes_from_the_file_concerns_it(shop: Path, run: Run) -> None:
    assert reported(run, "dev/main.tf") == (
        1,
        [
            ("dev/main.tf", "aws_db_instance.reports"),
            ("modules/db/main.tf", "module.db.aws_db_instance.this"),
        ],
    )


def test_flaws_of_other_files_of_the_root_are_not_reported(shop: Path, run: Run) -> None:
    assert reported(run, "dev/outputs.tf") == (0, [])


def test_variable_files_concern_what_they_give(shop: Path, run: Run) -> None:
    write(shop, {"prod/terraform.tfvars": "multi_az = false\n"})
    assert reported(run, "prod/terraform.tfvars") == (
        1,
        [("modules/db/main.tf", "module.db.aws_db_instance.this")],
    )


def test_a_template(shop: Path, run: Run) -> None:
    assert reported(run, "stack.yaml", "values.yaml") == (1, [("stack.yaml", "Database")])


def test_a_syntax_error_in_the_file_is_said(shop: Path, run: Run) -> None:
    write(shop, {"dev/new.tf": 'resource "aws_db_instance" {{{\n'})
    done = run("scan", "--hook", "dev/new.tf", *RULE)
    assert done.status == 2
    assert "dev/new.tf" in done.out


def test_a_syntax_error_elsewhere_does_not_stop_the_commit(shop: Path, run: Run) -> None:
    write(shop, {"dev/new.tf": 'resource "aws_db_instance" {{{\n'})
    done = run("scan", "--hook", "dev/outputs.tf", *RULE)
    assert done.status == 0
    assert "dev/new.tf" in done.out


def test_nothing_named(run: Run) -> None:
    done = run("scan", "--hook")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_files_without_infrastructure_import_nothing_of_the_pipeline(shop: Path, run: Run) -> None:
    text = (
        "import atexit, sys\n"
        "names = ('wa_scan.terraform', 'wa_scan.cloudformation', 'wa_scan.engine', 'wa_scan.report', 'hcl2',"
        " 'cfnlint', 'networkx', 'rich', 'yaml', 'sarif_om', 'msgspec', 'pathspec')\n"
        "atexit.register(lambda: print([n for n in names if n in sys.modules], file=sys.stderr))\n"
    )
    write(shop, {"site/sitecustomize.py": text})
    root = Path(__file__).parents[2]
    done = run("scan", "--hook", "values.yaml", "package.json", PYTHONPATH=f"{shop}/site:{root}")
    assert (done.status, done.out, done.err) == (0, "", "[]\n")


def test_files_without_infrastructure_cost_next_to_nothing(tmp_path: Path, run: Run) -> None:
    """Two thousand of them: a second of computing at most, with starting Python."""
    names = [f"{number}.json" for number in range(2000)]
    write(tmp_path, dict.fromkeys(names, '{"Resources": ["a"], "Type": "AWS"}'))
    seconds = seconds_of_children()
    assert run("scan", "--hook", *names).status == 0
    assert seconds_of_children() - seconds < 1
