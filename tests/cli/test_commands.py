"""`wa-scan rules`, `explain` and `graph`."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.cli.running import SINGLE_AZ, Run, write

ROOT = Path(__file__).parents[2]

SHOP = """\
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "a" {
  count      = 3
  vpc_id     = aws_vpc.main.id
  cidr_block = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
}

module "db" {
  source     = "./db"
  subnet_ids = aws_subnet.a[*].id
}
"""
DB = """\
variable "subnet_ids" {}

resource "aws_db_subnet_group" "this" {
  subnet_ids = var.subnet_ids
}
"""


class TestRules:
    def test_the_json_contract(self, run: Run) -> None:
        done = run("rules", "-f", "json")
        assert (done.status, done.err) == (0, "")
        rules = json.loads(done.out)["rules"]
        assert {
            "id",
            "name",
            "title",
            "pillars",
            "risk",
            "resources",
            "best_practices",
            "equivalents",
            "fixable",
        } == set().union(*rules)
        one = next(rule for rule in rules if rule["id"] == "REL-RDS-01")
        assert (one["name"], one["risk"], one["pillars"]) == ("rds-single-az", "HRI", ["reliability"])
        assert [rule["id"] for rule in rules] == sorted(rule["id"] for rule in rules)

    def test_filters(self, run: Run) -> None:
        args = ("--pillar", "reliability", "--risk", "hri", "--resource", "AWS::RDS::DBInstance")
        rules = json.loads(run("rules", "-f", "json", *args).out)["rules"]
        assert "REL-RDS-01" in {rule["id"] for rule in rules}
        assert {(rule["risk"], "reliability" in rule["pillars"]) for rule in rules} == {("HRI", True)}

    def test_the_list_for_people(self, run: Run) -> None:
        lines = run("rules", "--pillar", "REL").out.splitlines()
        assert "Reliability" in lines
        assert any(line.startswith("  REL-RDS-01") and " HRI  rds-single-az " in line for line in lines)
        assert lines[-1].endswith("rules. `wa-scan explain RULE` says more about one.")

    def test_no_rule_is_like_that(self, run: Run) -> None:
        assert run("rules", "--resource", "AWS::No::Such").out == "No rule is like that.\n"


class TestExplain:
    def test_by_id_and_by_name_as_markdown(self, run: Run) -> None:
        done = run("explain", "REL-RDS-01")
        assert done.status == 0
        assert done.out.startswith("# REL-RDS-01 rds-single-az\n")
        assert "`multi_az = true`" in done.out
        assert run("explain", "rds-single-az") == run("explain", "rel-rds-01") == done

    def test_rendered_for_a_terminal(self, run: Run) -> None:
        out = run("explain", "rds-single-az", "--colour", "always").out
        assert "\x1b[" in out
        assert "**" not in out

    def test_an_unknown_rule(self, run: Run) -> None:
        done = run("explain", "rds-singleaz")
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith("Error: no rule is called 'rds-singleaz'; did you mean rds-single-az")
        assert run("explain", "qqq").err == "Error: no rule is called 'qqq'; `wa-scan rules` lists them\n"


class TestGraph:
    def test_dot(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": SHOP, "db/main.tf": DB})
        done = run("graph", ".")
        assert (done.status, done.err) == (0, "")
        assert done.out == DOT

    def test_mermaid(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": SHOP, "db/main.tf": DB})
        assert run("graph", ".", "-f", "mermaid").out == MERMAID

    def test_hostile_names_stay_inside_their_quotes(self, tmp_path: Path, run: Run) -> None:
        name = 'x"];evil[label="<img src=x>`\\'
        write(
            tmp_path,
            {"main.tf": f'module "m" {{\n  source = "./m"\n  for_each = toset([{json.dumps(name)}])\n}}\n'},
        )
        write(tmp_path, {"m/main.tf": 'resource "aws_sqs_queue" "q" {}\n'})
        dot = run("graph", ".").out
        assert dot.count("evil") == 1
        assert '  label="module.m[\\"x\\\\\\"];evil[label=\\\\\\"<img src=x>`\\\\\\\\\\"]";' in dot
        mermaid = run("graph", ".", "-f", "mermaid").out
        assert "<img" not in mermaid
        assert "`" not in mermaid

    def test_what_could_not_be_read_is_said(self, tmp_path: Path, run: Run) -> None:
        write(tmp_path, {"main.tf": SHOP, "db/main.tf": "}{"})
        done = run("graph", ".")
        assert done.status == 2
        assert "db/main.tf" in done.err


class TestTerminal:
    def test_a_progress_bar_only_where_it_takes_long_and_only_on_a_terminal(self, tmp_path: Path) -> None:
        slow = "import wa_scan.cli.progress as p\np._PATIENCE = 0\n"
        write(tmp_path, {"site/sitecustomize.py": slow, **{f"{n}.yaml": SINGLE_AZ for n in range(3)}})
        patient = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
        eager = {**patient, "PYTHONPATH": f"{tmp_path}/site:{ROOT}"}
        assert "0/3" in errors_on_terminal(tmp_path, eager)
        assert "0/3" not in errors_on_terminal(tmp_path, eager, "--no-progress")
        assert "0/3" not in errors_on_terminal(tmp_path, patient)

    def test_an_interrupt_ends_quietly_with_130(self, tmp_path: Path) -> None:
        wait = (
            "import signal, time\nimport wa_scan.sources.discover as d\n"
            # Jobs in the background of a shell start with the signal ignored.
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "def wait(*args, **options):\n    print('ready', flush=True)\n    time.sleep(60)\n"
            "d.discover = wait\n"
        )
        write(tmp_path, {"site/sitecustomize.py": wait})
        running = subprocess.Popen(
            [sys.executable, "-m", "wa_scan", "."],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": f"{tmp_path}/site:{ROOT}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        running.send_signal(signal.SIGINT)
        assert running.communicate(timeout=20) == (b"", b"\n")
        assert running.returncode == 130


def errors_on_terminal(folder: Path, environment: dict[str, str], *args: str) -> str:
    """What a scan writes to standard error if that is a terminal."""
    outer, inner = pty.openpty()
    command = [sys.executable, "-m", "wa_scan", ".", "--fail-on", "never", *args]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=inner
    ) as done:
        os.close(inner)
        chunks = []
        # A terminal whose other end was closed is an error on Linux, an empty read elsewhere.
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                chunk = os.read(outer, 65536)
            except OSError:
                break
            if not chunk:
                break
            chunks.append(chunk)
    os.close(outer)
    assert done.returncode == 0
    return b"".join(chunks).decode()


DOT = r"""digraph resources {
  rankdir=LR;
  graph [fontname="Helvetica", fontsize=12, color="#8899aa", style=rounded];
  node [fontname="Helvetica", fontsize=10, shape=box, style=rounded];
  edge [fontname="Helvetica", fontsize=9, color="#556677"];
  subgraph cluster_group1 {
    label=".";
    n1 [label="aws_subnet.a (x3)\nAWS::EC2::Subnet"];
    n2 [label="aws_vpc.main\nAWS::EC2::VPC"];
    subgraph cluster_group2 {
      label="module.db";
      n3 [label="aws_db_subnet_group.this\nAWS::RDS::DBSubnetGroup"];
    }
  }
  n1 -> n2 [label="in VPC"];
  n3 -> n1 [label="in subnet"];
}
"""
MERMAID = """\
flowchart LR
  subgraph group1["."]
    n1["aws_subnet.a (x3)<br/>AWS::EC2::Subnet"]
    n2["aws_vpc.main<br/>AWS::EC2::VPC"]
    subgraph group2["module.db"]
      n3["aws_db_subnet_group.this<br/>AWS::RDS::DBSubnetGroup"]
    end
  end
  n1 -->|"in VPC"| n2
  n3 -->|"in subnet"| n1
"""
