"""`wa-scan PATH`, as people and pipelines call it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import MULTI_AZ, RULE, SINGLE_AZ, Run, write


def findings(text: str) -> set[tuple[str, str, str]]:
    document: dict[str, Any] = json.loads(text)
    return {
        (one["rule_id"], one["resource"]["address"], one["location"]["file"]) for one in document["findings"]
    }


class TestExitStatus:
    def test_0_without_findings(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"t.yaml": MULTI_AZ})
        assert run(".", *RULE).status == 0

    def test_1_with_findings_at_or_above_the_level(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"t.yaml": SINGLE_AZ})
        assert run(".", *RULE).status == 1

    @pytest.mark.parametrize(("level", "status"), [("HRI", 0), ("mri", 1), ("LRI", 1), ("never", 0)])
    def test_the_level_decides(self, tmp_path: Path, run: Run, level: str, status: int) -> None:
        write(tmp_path, {"t.yaml": "Resources: {Data: {Type: 'AWS::EC2::Volume'}}"})
        rule = write(tmp_path / "rules", {"reliability/volume_exists.yaml": VOLUME_RULE})
        done = run("t.yaml", "--rules", rule, "--rule", "volume-exists", "--fail-on", level)
        assert (done.status, done.err) == (status, "")

    def test_2_outranks_findings(self, tmp_path: Path, run: Run) -> None:
        write(
            tmp_path, {"t.yaml": SINGLE_AZ, "broken.json": '{"Resources": {"A": {"Type": "AWS::S3::Bucket"'}
        )
        done = run(".", *RULE, "-f", "json")
        assert done.status == 2
        assert findings(done.out) == {("REL-RDS-01", "Database", "t.yaml")}
        assert "broken.json" in done.err

    def test_2_where_there_is_nothing_to_scan(self, tmp_path: Path, run: Run) -> None:
        done = run(".")
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith("Error: there is no Terraform and no CloudFormation to scan in .")
        assert done.err.count("\n") == 1

    def test_0_where_that_is_allowed(self, tmp_path: Path, run: Run) -> None:
        done = run(".", "--allow-empty")
        assert (done.status, done.out, done.err) == (0, "", "There is nothing to scan here.\n")

    def test_strict_turns_what_is_out_of_reach_into_2(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"t.yaml": MULTI_AZ + "  Odd:\n    Type: AWS::Unheard::Of\n"})
        assert run(".", *RULE).status == 0
        assert run(".", *RULE, "--strict").status == 2


class TestUsage:
    @pytest.mark.parametrize(
        ("args", "said"),
        [
            (["nope.tf"], "nope.tf: there is no such file or folder"),
            (["-f", "xml", "."], "there is no format 'xml'. Formats: text, json, sarif"),
            (["-f", "json", "-f", "text", "."], "json and text cannot both go to standard output"),
            (["-f", "json=a", "-f", "sarif=a", "."], "two reports cannot both go to a"),
            (["-f", "json=", "."], "'json=' names no file"),
            (["--fail-on", "bad", "."], "'bad' is not one of"),
            (["--var", "x", "."], "'x' is not of the form NAME=VALUE"),
            (["--rule", "rds-single", "."], "did you mean rds-single-az"),
            (["--pillar", "beauty", "."], "'beauty' is no pillar"),
            (["--no-such-option", "."], "No such option"),
            (["explian", "x"], "Did you mean `wa-scan explain`?"),
            (["-f", "json=/proc/nope/x.json", "t.yaml"], "cannot write /proc/nope/x.json"),
        ],
    )
    def test_errors_are_a_sentence_and_status_2(
        self, tmp_path: Path, run: Run, args: list[str], said: str
    ) -> None:
        write(tmp_path, {"t.yaml": MULTI_AZ})
        done = run(*args)
        assert done.status == 2
        assert said in done.err
        assert "Traceback" not in done.err

    def test_scan_may_be_said(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"t.yaml": SINGLE_AZ})
        assert run("scan", ".", *RULE) == run(".", *RULE) == run(*RULE)

    def test_a_folder_with_the_name_of_a_command(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"rules/t.yaml": SINGLE_AZ})
        assert run("./rules", *RULE, "-q").status == 1

    def test_help_shows_examples_options_with_defaults_and_the_exit_status(self, run: Run) -> None:
        done = run("--help")
        assert done.status == 0
        for piece in ("wa-scan ./infra", "--fail-on HRI|MRI|LRI|never", "[default: HRI]", "Exit status"):
            assert piece in done.out
        assert "{formats}" not in done.out

    def test_version(self, run: Run) -> None:
        from wa_scan import __version__

        assert run("--version").out == run(".", "--version").out == f"wa-scan {__version__}\n"


class TestReports:
    def test_several_in_one_run_and_the_text_besides(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"t.yaml": SINGLE_AZ})
        done = run(".", *RULE, "-f", "sarif=out/new/r.sarif", "-f", "json=r.json")
        assert done.status == 1
        assert "t.yaml:8" in done.out
        assert findings((tmp_path / "r.json").read_text()) == {("REL-RDS-01", "Database", "t.yaml")}
        assert json.loads((tmp_path / "out/new/r.sarif").read_text())["version"] == "2.1.0"

    def test_quiet_leaves_the_text_away(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"t.yaml": SINGLE_AZ})
        done = run(".", *RULE, "-q", "-f", "json=r.json")
        assert (done.status, done.out, done.err) == (1, "", "")

    def test_quiet_still_says_what_could_not_be_read(self, tmp_path: Path, run: Run) -> None:
        (tmp_path / "t.yaml").symlink_to("gone.yaml")
        done = run(".", "-q")
        assert (done.status, done.out) == (2, "")
        assert done.err == "Error: t.yaml: the file is a broken symbolic link\n"

    def test_a_report_of_nothing_is_written_all_the_same(self, tmp_path: Path, run: Run) -> None:
        run(".", "--allow-empty", "-f", "sarif=r.sarif")
        assert json.loads((tmp_path / "r.sarif").read_text())["runs"][0]["results"] == []

    def test_two_runs_give_the_same_bytes(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"t.yaml": SINGLE_AZ})
        first = [run(".", "-f", name, PYTHONHASHSEED="1").out for name in ("text", "json", "sarif")]
        assert first == [run(".", "-f", name, PYTHONHASHSEED="2").out for name in ("text", "json", "sarif")]

    def test_the_bytes_do_not_depend_on_the_locale(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"t.yaml": "Description: déjà vu\n" + SINGLE_AZ})
        plain = run("t.yaml", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
        assert plain == run("t.yaml")

    @pytest.mark.parametrize(
        ("choice", "environment", "coloured"),
        [
            ("auto", {}, False),
            ("always", {}, True),
            ("never", {"FORCE_COLOR": "1"}, False),
            ("auto", {"FORCE_COLOR": "1"}, True),
            ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
            ("always", {"NO_COLOR": "1"}, True),
        ],
    )
    def test_colour(
        self, tmp_path: Path, run: Run, choice: str, environment: dict[str, str], coloured: bool
    ) -> None:
        write(tmp_path, {"t.yaml": SINGLE_AZ})
        assert ("\x1b[" in run(".", "--colour", choice, **environment).out) is coloured

    def test_a_reader_that_goes_away_is_no_error(self, tmp_path: Path) -> None:
        resources = "".join(f"  V{n}:\n    Type: AWS::EC2::Volume\n" for n in range(3000))
        write(tmp_path, {"t.yaml": "Resources:\n" + resources})
        root = Path(__file__).parents[2]
        done = subprocess.run(
            f"{sys.executable} -m wa_scan t.yaml -f json | head -n 1",
            shell=True,
            cwd=tmp_path,
            env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == (b"{\n", b"")


class TestSelection:
    def test_only_a_file_that_is_there(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"b.yaml": SINGLE_AZ})
        done = run(".", *RULE, "--only", "c.yaml")
        assert done.status == 2
        assert "c.yaml" in done.err
        assert done.out == ""

    def test_only_what_concerns_a_file(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"a.yaml": SINGLE_AZ, "b.yaml": SINGLE_AZ})
        done = run(".", *RULE, "--only", "b.yaml", "-f", "json")
        assert findings(done.out) == {("REL-RDS-01", "Database", "b.yaml")}

    def test_rules_can_be_skipped(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"t.yaml": SINGLE_AZ})
        done = run(".", "--pillar", "reliability", "--skip-rule", "REL-RDS-01", "-f", "json")
        assert "REL-RDS-01" not in {rule for rule, _, _ in findings(done.out)}

    def test_a_parameter_outranks_its_default(self, tmp_path: Path, run: Run) -> None:
        template = "Parameters:\n  Multi: {Type: String, Default: 'true'}\n" + SINGLE_AZ.replace(
            "false", "!Ref Multi"
        )
        write(tmp_path, {"t.yaml": template})
        assert run(".", *RULE).status == 0
        assert run(".", *RULE, "--parameter", "Multi=false").status == 1

    def test_variables_from_the_command_line_and_from_files(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": DATABASE, "prod.tfvars": "multi = true\n"})
        assert run(".", *RULE, "-q").status == 1
        assert run(".", *RULE, "-q", "--var", "multi=true").status == 0
        assert run(".", *RULE, "-q", "--var-file", "prod.tfvars").status == 0

    def test_a_rule_that_cannot_be_loaded_is_said(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"t.yaml": MULTI_AZ, "rules/reliability/odd.yaml": "id: 1\n"})
        done = run("t.yaml", "--rules", "rules", *RULE, "-q")
        assert done.status == 2
        assert "odd.yaml" in done.err


class TestFaults:
    """A fault of wa-scan itself."""

    @pytest.fixture
    def faulty(self, tmp_path: Path) -> dict[str, str]:
        text = (
            "import wa_scan.cloudformation.evaluate as evaluate\n"
            "real = evaluate.Templates.evaluate\n"
            "def fail(self, template):\n"
            "    if template.path.name == 'bad.yaml':\n"
            "        raise ValueError('no such luck')\n"
            "    return real(self, template)\n"
            "evaluate.Templates.evaluate = fail\n"
        )
        write(tmp_path, {"site/sitecustomize.py": text, "bad.yaml": MULTI_AZ, "good.yaml": SINGLE_AZ})
        root = Path(__file__).parents[2]
        return {"PYTHONPATH": f"{tmp_path}/site:{root}"}

    def test_the_other_units_are_still_scanned(self, run: Run, faulty: dict[str, str]) -> None:
        done = run(".", *RULE, "-f", "json", **faulty)
        assert done.status == 2
        assert findings(done.out) == {("REL-RDS-01", "Database", "good.yaml")}
        assert [error["location"]["file"] for error in json.loads(done.out)["errors"]] == ["bad.yaml"]
        assert "Traceback" not in done.err

    def test_debug_shows_the_traceback(self, run: Run, faulty: dict[str, str]) -> None:
        assert "ValueError: no such luck" in run(".", *RULE, "--debug", **faulty).err


VOLUME_RULE = """\
id: REL-VOL-99
risk: MRI
best_practices: [REL09-BP01]
what: There is a volume.
why: Volumes are what this rule looks for.
fix: Remove the volume.
require: {type: AWS::EC2::Volume, property: Nothing, set: true}
examples: []
"""

DATABASE = """\
variable "multi" {
  type    = bool
  default = false
}

resource "aws_db_instance" "main" {
  engine            = "postgres"
  instance_class    = "db.t4g.medium"
  allocated_storage = 20
  multi_az          = var.multi
}
"""


class TestInstances:
    """One block with `count` is one finding; on demand each instance has its own."""

    COUNTED = 'resource "aws_db_instance" "db" {\n  count    = 3\n  multi_az = false\n}\n'

    def found(self, text: str) -> list[tuple[str, list[str]]]:
        return [(one["resource"]["address"], one["instances"]) for one in json.loads(text)["findings"]]

    def test_are_one_finding(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": self.COUNTED})
        addresses = [f"aws_db_instance.db[{at}]" for at in range(3)]
        assert self.found(run(".", *RULE, "-f", "json").out) == [(addresses[0], addresses)]

    def test_are_a_finding_each_when_asked(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": self.COUNTED})
        done = run(".", *RULE, "--each-instance", "-f", "json")
        addresses = [f"aws_db_instance.db[{at}]" for at in range(3)]
        assert self.found(done.out) == [(address, [address]) for address in addresses]
        assert len({one["fingerprint"] for one in json.loads(done.out)["findings"]}) == 3

    def test_are_a_result_each_in_sarif(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": self.COUNTED})
        results = json.loads(run(".", *RULE, "--each-instance", "-f", "sarif").out)["runs"][0]["results"]
        names = [one["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for one in results]
        assert names == [f"aws_db_instance.db[{at}]" for at in range(3)]

    def test_are_a_place_each_in_text(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": self.COUNTED})
        text = run(".", *RULE, "--each-instance").out
        assert all(f"aws_db_instance.db[{at}]" in text for at in range(3))


class TestParameterFiles:
    """`--parameters FILE`, and SAM's configuration beside a template."""

    @pytest.fixture
    def stack(self, tmp_path: Path) -> Path:
        path = tmp_path / "template.yaml"
        path.write_text(
            "Parameters:\n"
            "  Encrypted: {Type: String, Default: true, AllowedValues: [true, false]}\n"
            "Resources:\n"
            "  Data:\n"
            "    Type: AWS::EC2::Volume\n"
            "    Properties:\n"
            "      Encrypted: !Ref Encrypted\n"
        )
        return path

    def test_the_way_from_the_file_to_the_property(self, stack: Path, tmp_path: Path, run: Run) -> None:
        (tmp_path / "prod.json").write_text(
            '[\n  {"ParameterKey": "Encrypted", "ParameterValue": "false"}\n]\n'
        )
        done = run(".", "--rule", "SEC-EBS-01", "--parameters", "prod.json", "-f", "json")
        (finding,) = json.loads(done.out)["findings"]
        assert [(step["file"], step["start_line"], step["text"]) for step in finding["trace"]] == [
            ("prod.json", 2, "Encrypted in prod.json"),
            ("template.yaml", 2, "parameter Encrypted"),
            ("template.yaml", 7, "property Encrypted"),
        ]

    @pytest.mark.parametrize(
        ("options", "fails"),
        [
            ((), False),
            (("--parameters", "bad.json"), True),
            (("--parameters", "bad.json", "--parameters", "good.json"), False),
            (("--parameters", "good.json", "--parameters", "bad.json"), True),
            (("--parameters", "bad.json", "--parameter", "Encrypted=true"), False),
            (("--parameter", "Encrypted=true", "--parameters", "bad.json"), True),
        ],
    )
    def test_what_is_given_later_is_stronger(
        self, options: tuple[str, ...], fails: bool, stack: Path, tmp_path: Path, run: Run
    ) -> None:
        (tmp_path / "bad.json").write_text('{"Encrypted": "false"}')
        (tmp_path / "good.json").write_text('{"Encrypted": "true"}')
        done = run(".", "--rule", "SEC-EBS-01", "--fail-on", "LRI", *options)
        assert done.status == int(fails)

    @pytest.mark.parametrize(
        ("section", "template_file", "options", "fails"),
        [
            ("default.deploy", None, (), True),
            ("default.global", None, (), True),
            ("prod.deploy", None, (), False),
            ("prod.deploy", None, ("--config-env", "prod"), True),
            ("default.deploy", "template.yaml", (), True),
            ("default.deploy", "other.yaml", (), False),
            ("default.deploy", ".aws-sam/build/template.yaml", (), True),
            ("default.deploy", None, ("--parameter", "Encrypted=true"), False),
        ],
    )
    def test_the_configuration_of_sam(
        self,
        section: str,
        template_file: str | None,
        options: tuple[str, ...],
        fails: bool,
        stack: Path,
        tmp_path: Path,
        run: Run,
    ) -> None:
        text = f'[{section}.parameters]\nparameter_overrides = "Encrypted=false"\n'
        text += f'template_file = "{template_file}"\n' if template_file else ""
        (tmp_path / "samconfig.toml").write_text(text)
        assert run(".", "--rule", "SEC-EBS-01", "--fail-on", "LRI", *options).status == int(fails)

    def test_a_configuration_of_sam_that_cannot_be_read_is_a_note(
        self, stack: Path, tmp_path: Path, run: Run
    ) -> None:
        (tmp_path / "samconfig.toml").write_text("= 1\n")
        done = run(".", "--rule", "SEC-EBS-01", "-f", "json")
        assert [(e["kind"], e["level"]) for e in json.loads(done.out)["errors"]] == [
            ("unreadable-file", "note")
        ]
        assert done.status == 0

    def test_tags_of_the_stack(self, stack: Path, tmp_path: Path, run: Run) -> None:
        (tmp_path / "prod.json").write_text('{"Parameters": {}, "Tags": {"Owner": "shop"}}')
        rule = ("--rule", "COST-TAG-01", "--fail-on", "LRI")
        assert run(".", *rule).status == 1
        assert run(".", *rule, "--parameters", "prod.json").status == 0

    def test_a_name_that_no_template_has_is_a_note(self, stack: Path, tmp_path: Path, run: Run) -> None:
        (tmp_path / "prod.json").write_text('{"Encryptd": "false"}')
        done = run(".", "--parameters", "prod.json", "-f", "json")
        (error,) = json.loads(done.out)["errors"]
        assert (error["kind"], error["level"]) == ("not-looked-at", "note")
        assert error["location"]["file"] == "prod.json"
        assert run(".", "--parameters", "prod.json", "--strict").status == 2

    def test_a_file_that_cannot_be_used_is_wrong_usage(self, stack: Path, tmp_path: Path, run: Run) -> None:
        (tmp_path / "prod.json").write_text("[")
        done = run(".", "--parameters", "prod.json")
        assert done.status == 2
        assert "prod.json:1:2" in done.err
