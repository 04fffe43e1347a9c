"""Bad input, whole scans: it is reported with its place and reason, everything else is still scanned, and the
exit status shows it."""

import json
import os
import socket
from pathlib import Path

import pytest

from tests.whole_scans import DATABASE, NEIGHBOURS_FINDINGS, TEMPLATE, Files, Run, write

MAIN = "aws_db_instance.main"
BROKEN = 'resource "aws_s3_bucket" "b" {\n  bucket = = 1\n}\n'
HEADER = 'AWSTemplateFormatVersion: "2010-09-09"\n'


def call(source: str, name: str = "m") -> str:
    return f'module "{name}" {{\n  source = "{source}"\n}}\n'


def of_module(name: str, address: str = "aws_db_instance.{}") -> tuple[str, str]:
    """The finding that `DATABASE` in `NAME/main.tf` gives."""
    return (address.format(name), f"{name}/main.tf:4:3")


class TestSyntaxErrors:
    def test_in_one_of_three_files_of_a_module(self, scan: Run) -> None:
        done = scan({"m/a.tf": DATABASE.format("a"), "m/b.tf": BROKEN, "m/c.tf": DATABASE.format("c")})
        assert (done.status, done.problems) == (2, [("syntax-error", "m/b.tf:2:12")])
        assert done.messages == ["An expression is expected here, not `=`"]
        assert done.not_read == ["m/b.tf"]
        assert done.findings == NEIGHBOURS_FINDINGS | {
            ("aws_db_instance.a", "m/a.tf:4:3"),
            ("aws_db_instance.c", "m/c.tf:4:3"),
        }
        assert "m/b.tf:2:12" in done.out

    def test_in_a_called_module(self, scan: Run) -> None:
        files = {"m/main.tf": call("../called") + DATABASE.format("m"), "called/b.tf": BROKEN}
        done = scan(files | {"called/main.tf": DATABASE.format("called")})
        assert (done.status, done.problems) == (2, [("syntax-error", "called/b.tf:2:12")])
        assert done.findings == NEIGHBOURS_FINDINGS | {
            ("aws_db_instance.m", "m/main.tf:7:3"),
            of_module("called", "module.m.aws_db_instance.{}"),
        }

    @pytest.mark.parametrize(
        ("name", "content", "place"),
        [
            ("m/terraform.tfvars", "x = = true\n", "m/terraform.tfvars:1:5"),
            ("m/a.auto.tfvars.json", '{"x": }', "m/a.auto.tfvars.json:1:7"),
            ("m/b.tf.json", '{"resource": {"aws_s3_bucket": {"x": {"bucket": }}}}', "m/b.tf.json:1:49"),
            ("m/b.tf.json", "[1]", "m/b.tf.json:1:2"),
            ("m/b.tf.json", "", "m/b.tf.json:1:1"),
            ("m/b.tf", 'resource "aws_s3_bucket" "b" {\n  bucket = <<EOF\nx\n', "m/b.tf:2:12"),
            ("m/b.tf", 'resource "aws_s3_bucket" "b" {\n  bucket = "x"\n', "m/b.tf:1:30"),
            ("m/b.tf", 'resource "aws_s3_bucket" "b" {\n  bucket = "x\n}\n', "m/b.tf:2:12"),
            ("m/b.tf", "}\n", "m/b.tf:1:1"),
            ("m/b.tf", "locals {\n  x = [1, 2\n}\n", "m/b.tf:3:1"),
            ("m/b.tf", b"x\x00", "m/b.tf:1:2"),
            ("m/b.tf", DATABASE.format("b").replace("\n", "\r"), "m/b.tf:1:33"),
            ("m/b.tf", DATABASE.format("b").encode("utf-16"), "m/b.tf:1:1"),
            ("m/b.tf", b'# fine \xff\nlocals {\n  x = "\xff"\n}\n', "m/b.tf:3:8"),
            ("m/b.tf.json", b'{"locals": {"x": "\xff"}}', "m/b.tf.json:1:19"),
        ],
    )
    def test_in_a_file_of_terraform(self, scan: Run, name: str, content: str | bytes, place: str) -> None:
        main = DATABASE.format("main").replace("false", "var.x")
        done = scan({"m/main.tf": main + 'variable "x" {\n  default = false\n}\n', name: content})
        assert (done.status, done.problems) == (2, [("syntax-error", place)])
        assert done.not_read == [name]
        assert done.findings == NEIGHBOURS_FINDINGS | {(MAIN, "m/main.tf:4:3")}

    def test_the_blocks_around_it_are_scanned(self, scan: Run) -> None:
        done = scan({"m/main.tf": DATABASE.format("before") + BROKEN + DATABASE.format("after")})
        assert done.problems == [("syntax-error", "m/main.tf:7:12")]
        assert done.findings == NEIGHBOURS_FINDINGS | {
            ("aws_db_instance.before", "m/main.tf:4:3"),
            ("aws_db_instance.after", "m/main.tf:12:3"),
        }

    @pytest.mark.parametrize(
        ("name", "content", "problem"),
        [
            ("t.yaml", HEADER + "Resources:\n  A: [\n", ("syntax-error", "t.yaml:4:1")),
            ("t.yaml", HEADER + "Resources:\n\tA: 1\n", ("syntax-error", "t.yaml:3:1")),
            ("t.yaml", HEADER + "Resources: '\n", ("syntax-error", "t.yaml:3:1")),
            ("t.json", '{"Resources": {"A": {"Type": "AWS::S3::Bucket"', ("syntax-error", "t.json:1:47")),
            (
                "t.yaml",
                HEADER + "Resources:\n  - Type: AWS::S3::Bucket\n",
                ("evaluation-error", "t.yaml:3:3"),
            ),
            ("t.yaml", HEADER + "Resources: hello\n", ("evaluation-error", "t.yaml:2:12")),
            ("t.yaml", HEADER, ("not-a-template", "t.yaml:1:1")),
            ("t.yaml", HEADER + "Resources:\n  A: 1\n", ("evaluation-error", "t.yaml:3:3")),
            ("t.yaml", HEADER + "Resources:\n  A: {}\n", ("evaluation-error", "t.yaml:3:3")),
            ("t.yaml", TEMPLATE.encode("utf-16"), ("unreadable-file", "t.yaml:1:1")),
            ("t.yaml", TEMPLATE.format("é").encode("latin-1"), ("unreadable-file", "t.yaml:2:3")),
            ("t.yaml", TEMPLATE + "\0", ("syntax-error", "t.yaml:7:1")),
            ("t.yaml", HEADER + "Resources: &r\n  A: *r\n", ("evaluation-error", "t.yaml:3:3")),
        ],
    )
    def test_in_a_template(
        self, scan: Run, name: str, content: str | bytes, problem: tuple[str, str]
    ) -> None:
        done = scan({name: content})
        assert done.status == 2
        assert done.problems[0] == problem
        assert {place.split(":")[0] for _, place in done.problems} == {name}
        assert done.findings == NEIGHBOURS_FINDINGS

    def test_keys_written_twice(self, scan: Run) -> None:
        twice = TEMPLATE.format("D") + TEMPLATE.format("D").removeprefix("Resources:\n")
        done = scan({"t.yaml": twice})
        assert (done.status, done.problems) == (
            2,
            [("syntax-error", "t.yaml:2:3"), ("syntax-error", "t.yaml:7:3")],
        )
        assert done.findings == NEIGHBOURS_FINDINGS | {("D", "t.yaml:11:7")}

    @pytest.mark.parametrize("prefix", ["", "\ufeff"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_byte_order_marks_and_windows_line_ends_are_fine(
        self, scan: Run, prefix: str, newline: str
    ) -> None:
        files = {
            "m/main.tf": DATABASE.format("main"),
            "t.yaml": TEMPLATE.format("D"),
            "t.json": json.dumps({"Resources": {"J": {"Type": "AWS::RDS::DBInstance"}}}, indent=0),
            "j/main.tf.json": json.dumps({"resource": {"aws_db_instance": {"j": {"multi_az": False}}}}),
        }
        done = scan({name: prefix + text.replace("\n", newline) for name, text in files.items()})
        assert (done.status, done.problems) == (1, [])
        assert done.findings == NEIGHBOURS_FINDINGS | {
            (MAIN, "m/main.tf:4:3"),
            ("D", "t.yaml:6:7"),
            ("J", "t.json:3:1"),
            ("aws_db_instance.j", f"j/main.tf.json:1:{41}"),
        }

    @pytest.mark.parametrize("name", ["m/main.tf", "t.yaml", "t.json"])
    def test_empty_files_are_fine(self, scan: Run, name: str) -> None:
        done = scan({name: ""})
        assert (done.status, done.problems, done.findings) == (1, [], NEIGHBOURS_FINDINGS)


class TestNoTemplate:
    @pytest.mark.parametrize("name", ["values.yaml", "package.json", "README.md", "empty.yaml"])
    def test_named(self, scan: Run, name: str) -> None:
        done = scan({name: "" if name.startswith("empty") else '{"a": 1}'}, name, "neighbour.yaml")
        assert (done.status, done.problems) == (2, [("not-a-template", f"{name}:1:1")])
        assert done.not_read == [name]
        assert done.findings == {("Neighbour", "neighbour.yaml:6:7")}

    def test_found_in_a_folder_is_none_of_our_business(self, scan: Run) -> None:
        done = scan({"values.yaml": "a: 1\n", "package.json": "{}", "broken.json": "{", "x.yaml": b"\xff\0"})
        assert (done.status, done.problems, done.findings) == (1, [], NEIGHBOURS_FINDINGS)


class TestUnreadable:
    def test_path_that_is_not_there(self, scan: Run) -> None:
        done = scan({}, "nope", ".")
        assert (done.status, done.problems) == (2, [("unreadable-file", "nope:1:1")])
        assert done.messages == ["there is no such file or folder"]
        assert done.findings == NEIGHBOURS_FINDINGS

    def test_broken_links(self, scan: Run) -> None:
        write(Path(), {"m/main.tf": DATABASE.format("m")})
        Path("m/x.tf").symlink_to("gone.tf")
        Path("y.yaml").symlink_to("gone.yaml")
        done = scan({})
        assert (done.status, done.not_read) == (2, ["m/x.tf", "y.yaml"])
        assert done.findings == NEIGHBOURS_FINDINGS | {of_module("m")}

    def test_circles_of_links(self, scan: Run) -> None:
        write(Path(), {"m/main.tf": DATABASE.format("m")})
        for link, target in (("m/x.tf", "y.tf"), ("m/y.tf", "x.tf"), ("m/here", "."), ("m/above", "..")):
            Path(link).symlink_to(target)
        done = scan({})
        assert (done.status, done.not_read) == (2, ["m/x.tf", "m/y.tf"])
        assert done.findings == NEIGHBOURS_FINDINGS | {of_module("m")}
        assert scan({}, "m/x.tf").problems[0] == ("unreadable-file", "m/x.tf:1:1")

    def test_pipes_are_not_waited_for(self, scan: Run) -> None:
        names = ["m/pipe.tf", "m/pipe.tf.json", "m/terraform.tfvars", "pipe.yaml"]
        write(Path(), {"m/main.tf": DATABASE.format("m")})
        Path("m/.terraform/modules").mkdir(parents=True)
        for name in (*names, ".gitignore", "m/.terraform/modules/modules.json"):
            os.mkfifo(name)
        done = scan({"m/call.tf": call("vpc")})
        assert (done.status, done.not_read) == (2, sorted(names))
        assert set(done.messages) == {"this is not a regular file"}
        assert done.findings == NEIGHBOURS_FINDINGS | {of_module("m")}

    def test_pipes_that_are_named(self, scan: Run) -> None:
        os.mkfifo("pipe.tf")
        os.mkfifo("pipe.yaml")
        done = scan({}, "pipe.tf", "pipe.yaml")
        assert (done.status, done.not_read) == (2, ["pipe.tf", "pipe.yaml"])

    def test_a_pipe_beside_a_file_that_is_named(self, scan: Run) -> None:
        Path("m").mkdir()
        os.mkfifo("m/pipe.tf")
        done = scan({"m/main.tf": DATABASE.format("m")}, "m/main.tf")
        assert done.findings == {of_module("m")}

    def test_sockets(self, scan: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        write(Path(), {"m/main.tf": DATABASE.format("m")})
        with socket.socket(socket.AF_UNIX) as one, monkeypatch.context() as patch:
            patch.chdir("m")
            one.bind("s.tf")  # a short name: the length of a socket's address is limited
        done = scan({})
        assert (done.status, done.problems) == (2, [("unreadable-file", "m/s.tf:1:1")])
        assert done.findings == NEIGHBOURS_FINDINGS | {of_module("m")}

    def test_folders_with_the_names_of_files(self, scan: Run) -> None:
        Path("m/x.tf").mkdir(parents=True)
        Path("y.yaml").mkdir()
        done = scan({"m/main.tf": DATABASE.format("m"), "y.yaml/t.yaml": TEMPLATE.format("D")})
        assert (done.status, done.problems) == (1, [])
        assert done.findings == NEIGHBOURS_FINDINGS | {of_module("m"), ("D", "y.yaml/t.yaml:6:7")}

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    @pytest.mark.parametrize("name", ["m/x.tf", "x.yaml"])
    def test_permissions(self, scan: Run, name: str) -> None:
        write(Path(), {"m/main.tf": DATABASE.format("m"), name: TEMPLATE})
        Path(name).chmod(0)
        done = scan({})
        assert (done.status, done.problems) == (2, [("unreadable-file", f"{name}:1:1")])
        assert done.findings == NEIGHBOURS_FINDINGS | {of_module("m")}


class TestNothingToScan:
    def test_empty_folder(self, scan: Run) -> None:
        done = scan({}, neighbours=False)
        assert (done.status, done.problems, done.out) == (2, [("nothing-to-scan", "")], "")
        assert done.err.startswith("Error: there is no Terraform and no CloudFormation to scan in .")

    def test_allowed(self, scan: Run) -> None:
        done = scan({}, ".", "--allow-empty", neighbours=False)
        assert (done.status, done.problems) == (0, [])
        assert done.err == "There is nothing to scan here.\n"

    def test_only_what_git_ignores(self, scan: Run) -> None:
        Path(".git").mkdir()
        files: Files = {".gitignore": "*.tf\n*.yaml\n", "a.tf": DATABASE, "b.yaml": TEMPLATE}
        done = scan(files, neighbours=False)
        assert (done.status, done.problems) == (2, [("nothing-to-scan", "")])
        assert "git ignores what may be infrastructure (2 files)" in done.err

    def test_a_path_that_is_not_there_is_not_allowed_for(self, scan: Run) -> None:
        assert scan({}, "nope", "--allow-empty", neighbours=False).status == 2


class TestModulesThatCallThemselves:
    @pytest.mark.parametrize("source", ["./", "../m", "../m/../m", "./x/.."])
    def test_directly(self, scan: Run, source: str) -> None:
        Path("m/x").mkdir(parents=True)
        done = scan({"m/main.tf": DATABASE.format("m") + call(source)})
        assert (done.status, done.problems) == (2, [("module-cycle", "m/main.tf:6:1")])
        assert done.messages == ["the module module.m calls itself"]
        assert done.findings == NEIGHBOURS_FINDINGS | {of_module("m")}
        assert done.report["coverage"]["modules_not_found"] == []

    def test_through_others(self, scan: Run) -> None:
        done = scan(
            {
                "a/main.tf": DATABASE.format("a") + call("../b", "b"),
                "b/main.tf": DATABASE.format("b") + call("../c", "c"),
                "c/main.tf": DATABASE.format("c") + call("../a", "a"),
            }
        )
        assert (done.status, done.problems) == (2, [("module-cycle", "c/main.tf:6:1")])
        assert done.findings == NEIGHBOURS_FINDINGS | {
            of_module("a"),
            of_module("b", "module.b.aws_db_instance.{}"),
            of_module("c", "module.b.module.c.aws_db_instance.{}"),
        }

    def test_through_a_link(self, scan: Run) -> None:
        Path("m").mkdir()
        Path("m/again").symlink_to(".")
        done = scan({"m/main.tf": DATABASE.format("m") + call("./again")})
        assert (done.status, done.problems) == (2, [("module-cycle", "m/main.tf:6:1")])
        assert done.findings == NEIGHBOURS_FINDINGS | {of_module("m")}

    def test_by_an_absolute_path_is_out_of_reach(self, scan: Run) -> None:
        files = {"m/main.tf": DATABASE.format("m") + call(str(Path("m").absolute()))}
        done = scan(files)
        assert (done.status, done.problems) == (1, [])
        assert [one["call"] for one in done.report["coverage"]["modules_not_found"]] == ["module.m"]
        assert scan(files, ".", "--strict").status == 2

    @pytest.mark.parametrize(("depth", "status"), [(60, 1), (200, 2)])
    def test_deep_calls_are_none(self, scan: Run, depth: int, status: int) -> None:
        files: Files = {f"m{at}/main.tf": call(f"../m{at + 1}") for at in range(depth)}
        done = scan(files | {f"m{depth}/main.tf": DATABASE.format("last")})
        assert done.status == status
        deep = {address for address, place in done.findings if place.startswith("m")}
        if status == 1:
            assert (done.problems, deep) == ([], {"module.m." * depth + "aws_db_instance.last"})
        else:
            assert (done.problems, deep) == ([("limit-reached", "m100/main.tf:1:1")], set())


class TestRules:
    CODE = '''
from wa_scan import Risk, rule

@rule(id="REL-BAD-99", risk=Risk.HRI, best_practices=["REL09-BP01"])
def {name}(graph):
    """A thing is bad.

    Why: it is not good.
    How to fix: make it good.
    """
    {body}
'''

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ('raise ValueError("no luck")', "ValueError: no luck"),
            ("return None", "TypeError"),
            ("raise SystemExit(0)", "SystemExit: 0"),
            ("yield 5", "AttributeError"),
            ("yield from [1 / 0]", "ZeroDivisionError"),
            ("again = lambda: again()\n    return again()", "RecursionError"),
        ],
    )
    def test_that_raise(self, scan: Run, body: str, said: str) -> None:
        done = scan(
            {"own/reliability/bad.py": self.CODE.format(name="bad", body=body)},
            *(".", "--rules", "own", "--rule", "REL-BAD-99"),
        )
        assert (done.status, [kind for kind, _ in done.problems]) == (2, ["rule-failed"])
        assert said in done.messages[0]
        assert "REL-BAD-99" in done.out
        assert done.findings == NEIGHBOURS_FINDINGS

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("reliability/bad.py", "def bad(:\n"),
            ("reliability/bad.py", "import no_such_module\n"),
            ("reliability/bad.py", "raise SystemExit(0)\n"),
            ("reliability/bad.py", "x = 1\n"),
            ("reliability/bad.py", b"\xff\xfe\0"),
            (
                "reliability/bad.py",
                CODE.format(name="bad", body="return []").replace("REL-BAD-99", "REL-RDS-01"),
            ),
            ("reliability/bad.yaml", "id: [\n"),
            ("reliability/bad.yaml", "id: 1\n"),
            ("reliability/bad.yaml", ""),
            ("reliability/bad.yaml", b"\xff\xfe\0"),
            ("beauty/bad.yaml", "id: BAD-01\n"),
            ("bad.py", "x = 1\n"),
        ],
    )
    def test_that_cannot_be_loaded(self, scan: Run, name: str, content: str | bytes) -> None:
        done = scan({f"own/{name}": content}, ".", "--rules", "own")
        assert done.status == 2
        assert [(kind, place.split(":")[0]) for kind, place in done.problems] == [
            ("rule-not-loaded", f"own/{name}")
        ]
        assert done.findings == NEIGHBOURS_FINDINGS


def test_several_things_at_once(scan: Run) -> None:
    """Each is told, and hides none of the others."""
    Path("link.yaml").symlink_to("gone")
    done = scan(
        {
            "a/main.tf": DATABASE.format("a") + call("./"),
            "b/main.tf": DATABASE.format("b") + BROKEN,
            "broken.json": '{"Resources": {"A": {"Type": "AWS::S3::Bucket"',
            "twice/a.tf": DATABASE.format("main"),
            "twice/b.tf": DATABASE.format("main"),
        }
    )
    assert done.status == 2
    assert done.problems == [
        ("module-cycle", "a/main.tf:6:1"),
        ("syntax-error", "b/main.tf:7:12"),
        ("syntax-error", "broken.json:1:47"),
        ("unreadable-file", "link.yaml:1:1"),
        ("evaluation-error", "twice/b.tf:1:1"),
    ]
    assert done.findings == NEIGHBOURS_FINDINGS | {
        of_module("a"),
        of_module("b"),
        (MAIN, "twice/a.tf:4:3"),
    }
