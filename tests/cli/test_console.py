"""`wa-scan console`."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.running import Result, write

ROOT = Path(__file__).parents[2]
MAIN = """\
variable "name" {
  default = "shop"
}
variable "needed" {
  type = bool
}
locals {
  tags   = { Name = var.name }
  broken = upper(1, 2)
}
resource "aws_sqs_queue" "orders" {
  name = "${var.name}-orders"
}
"""


def console(folder: Path, given: str | bytes, *args: str, **environment: str) -> Result:
    """The console with something to read."""
    done = subprocess.run(
        [sys.executable, "-m", "wa_scan", "console", *args],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        input=given if isinstance(given, bytes) else given.encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, {"main.tf": MAIN, "text.txt": "hello", "production.tfvars": 'name = "prod"\n'})


class TestPiped:
    def test_one_expression_a_line(self, folder: Path) -> None:
        done = console(folder, "1 + 1\n\nlocal.tags\naws_sqs_queue.orders.name")
        assert done == Result(0, '2\n{\n  "Name" = "shop"\n}\n"shop-orders"\n', "")

    def test_several_lines_while_something_is_open(self, folder: Path) -> None:
        done = console(folder, "[\n  for x in [1]:\n\n  x\n]\nupper(<<EOT\na)\nEOT\n)\n[2\n")
        assert done.out == "[\n  1,\n]\n<<EOT\nA)\n\nEOT\n"
        assert (done.status, done.err.count("\n")) == (2, 1)
        assert done.err.startswith("Error: line 1, column 1: ")

    def test_what_is_refused_stops_nothing_but_shows(self, folder: Path) -> None:
        done = console(folder, 'var.nope\n2\n["a"][3]\n')
        assert (done.status, done.out) == (2, "2\n")
        assert done.err.splitlines() == [
            'Error: line 1, column 1: there is no variable named "nope"',
            "Error: line 1, column 1: invalid index: there is no element at this index",
        ]

    def test_what_is_wrong_with_the_configuration_is_said(self, folder: Path) -> None:
        done = console(folder, "local.broken\n")
        assert done.out == "(unknown) /* local.broken, could not be evaluated */\n"
        assert done.err.startswith("Error: main.tf:9:21: ")

    def test_paths_and_values_are_those_of_the_folder(self, folder: Path) -> None:
        (folder / "above").mkdir()
        text = 'file("text.txt")\nvar.name\nterraform.workspace\n'
        args = ("..", "--var-file", "../production.tfvars")
        assert console(folder / "above", text, *args).out == '"hello"\n"prod"\n"default"\n'
        done = console(folder, text, "--env-vars", TF_VAR_name="env", TF_WORKSPACE="blue")
        assert done.out == '"hello"\n"env"\n"blue"\n'

    def test_without_any_terraform(self, tmp_path: Path) -> None:
        assert console(tmp_path, 'cidrhost("10.0.0.0/8", 5)\n').out == '"10.0.0.5"\n'

    def test_nothing_acts_on_the_terminal(self, folder: Path) -> None:
        done = console(folder, '"\\u001b[31m\\n\\u202e"\n"\\u001b"\nfile("\x1b[31m")\n')
        assert done.out == '<<EOT\n\\x1b[31m\n\\u202e\nEOT\n"\\x1b"\n'
        assert "\x1b" not in done.err

    def test_nothing_outside_is_read(self, tmp_path: Path) -> None:
        write(tmp_path, {"inside/main.tf": "", "secret.txt": "s3cret"})
        done = console(tmp_path / "inside", 'file("../secret.txt")\nfile("/etc/passwd")\n')
        assert (done.status, done.out) == (2, "")


class TestJson:
    def answers(self, folder: Path, *lines: str | bytes) -> list[object]:
        encoded = [line if isinstance(line, bytes) else line.encode() for line in lines]
        done = console(folder, b"\n".join(encoded), ".", "--json")
        assert (done.status, done.err) == (0, "")
        return [json.loads(line) for line in done.out.splitlines()]

    def test_values_have_types(self, folder: Path) -> None:
        assert self.answers(
            folder,
            '{"expr": "local.tags"}',
            '{"id": 7, "expr": "toset([\\"b\\",\\n \\"a\\"])"}',
            '{"expr": "[var.needed, aws_sqs_queue.orders.arn, sensitive(1)]"}',
            '{"expr": "var.needed ? 1 : 2"}',
            '{"expr": "tonumber(null)"}',
        ) == [
            {"type": ["object", {"Name": "string"}], "value": {"Name": "shop"}},
            {"type": ["set", "string"], "value": ["a", "b"]},
            {
                "type": ["tuple", ["bool", "string", "number"]],
                "value": [{"unknown": True}, {"unknown": True}, 1],
                "has_unknown": True,
                "sensitive": [False, False, True],
            },
            {"type": "number", "value": {"unknown": True}, "has_unknown": True},
            {"type": "number", "value": None},
        ]

    def test_numbers_keep_their_digits(self, folder: Path) -> None:
        done = console(folder, '{"expr": "[1/3, 1e30, -0, 1e-10]"}', ".", "--json")
        third = "0." + "3" * 154 + "5"
        assert f'"value":[{third},1000000000000000000000000000000,-0,0.0000000001]' in done.out

    def test_errors_have_places_and_never_end_it(self, folder: Path) -> None:
        bad_line = {"error": {"message": "this line is no JSON", "line": 1, "column": 1}}
        no_text = {"error": {"message": 'this line has no text under "expr"', "line": 1, "column": 1}}
        found = self.answers(
            folder,
            '{"expr": "[1,\\n  upper(1, 2)]"}',
            "not json",
            b"\xff\xfe",
            "[" * 100_000,
            "",
            "[1]",
            '{"expr": 1}',
            '{"expr": "1"}',
        )
        assert found[1:] == [bad_line, bad_line, bad_line, no_text, no_text, {"type": "number", "value": 1}]
        [error] = found[0].values()  # type: ignore[attr-defined]
        assert (error["line"], error["column"]) == (2, 12)

    def test_an_error_elsewhere_names_the_file(self, folder: Path) -> None:
        write(folder, {"t.tftpl": "\n ${nope}"})
        [found] = self.answers(folder, '{"expr": "templatefile(\\"t.tftpl\\", {})"}')
        assert found == {
            "error": {
                "message": 'the template is not given a value named "nope"',
                "line": 2,
                "column": 4,
                "file": "t.tftpl",
            }
        }

    def test_answers_come_at_once(self, folder: Path) -> None:
        with subprocess.Popen(
            [sys.executable, "-m", "wa_scan", "console", "--json"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        ) as running:
            assert running.stdin is not None
            assert running.stdout is not None
            for at in range(3):
                running.stdin.write(f'{{"expr": "{at} + 1"}}\n'.encode())
                ready, _, _ = select.select([running.stdout], [], [], 30)
                assert ready
                assert json.loads(os.read(running.stdout.fileno(), 1000))["value"] == at + 1
            running.stdin.close()
            assert running.wait(30) == 0


class Terminal:
    """A console on a terminal of its own."""

    def __init__(self, folder: Path) -> None:
        self.side, inner = pty.openpty()
        self.running = subprocess.Popen(
            [sys.executable, "-m", "wa_scan", "console"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb", "HOME": str(folder)},
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self.side, text.encode())

    def until(self, expected: str) -> None:
        deadline = time.monotonic() + 30
        while expected not in self.seen:
            left = deadline - time.monotonic()
            assert left > 0, self.seen
            if select.select([self.side], [], [], left)[0]:
                self.seen += os.read(self.side, 65536).decode().replace("\r", "")
        self.seen = self.seen.partition(expected)[2]


def test_a_conversation(folder: Path) -> None:
    terminal = Terminal(folder)
    terminal.until("> ")
    terminal.type("1 + 1\n")
    terminal.until("\n2\n> ")
    terminal.type("[1,\n")
    terminal.until(". ")
    terminal.type("2]\n")
    terminal.until("[\n  1,\n  2,\n]\n> ")
    terminal.type("var.nope\n")
    terminal.until('Error: line 1, column 1: there is no variable named "nope"\n> ')
    terminal.type("help\n")
    terminal.until("`exit` or Ctrl-D ends.\n> ")
    terminal.type("exit\n")
    assert terminal.running.wait(30) == 0
    # What was typed is on no disk.
    assert [
        path.name for path in folder.rglob("*") if path.is_file() and b"var.nope" in path.read_bytes()
    ] == []
    os.close(terminal.side)


def test_ctrl_d_ends_it(folder: Path) -> None:
    terminal = Terminal(folder)
    terminal.until("> ")
    terminal.type("\x04")
    assert terminal.running.wait(30) == 0
    os.close(terminal.side)
