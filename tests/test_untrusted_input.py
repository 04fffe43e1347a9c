"""Hostile input, whole scans: nothing outside the tree is read, nothing hangs or grows, nothing that files
hold acts on a terminal or breaks a report, and the rest is scanned all the same."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.whole_scans import DATABASE, NEIGHBOURS_FINDINGS, ROOT, RULE, TEMPLATE, Run, checked, write

MAIN = ("aws_db_instance.main", "m/main.tf:4:3")
SECRET = "the-text-of-a-file-elsewhere"
MEGABYTES = 700
SECONDS = 40


class TestOutsideOfTheTree:
    @pytest.fixture
    def outside(self, tmp_path: Path) -> Path:
        """A folder beside the scanned one."""
        folder = tmp_path / "outside"
        write(
            folder, {"main.tf": DATABASE.format("outside"), "t.yaml": TEMPLATE.format("Outside"), "s": SECRET}
        )
        return folder

    def test_links_are_not_followed(self, scan: Run, outside: Path) -> None:
        write(Path(), {"m/main.tf": DATABASE.format("main")})
        links = {"m/x.tf": "main.tf", "t.yaml": "t.yaml", "folder": "", "m/terraform.tfvars": "s"}
        for link, target in links.items():
            Path(link).symlink_to(outside / target)
        done = scan({})
        assert done.status == 1
        assert done.problems == [("outside-tree", f"{link}:1:1") for link in sorted(links)]
        assert done.not_read == sorted(links)
        assert done.findings == NEIGHBOURS_FINDINGS | {MAIN}
        assert scan({}, ".", "--strict").status == 2

    @pytest.mark.parametrize("source", ["../../outside", "./../../outside", "../../outside/../outside"])
    def test_modules_are_not_read(self, scan: Run, outside: Path, source: str) -> None:
        done = scan({"m/main.tf": DATABASE.format("main") + f'module "o" {{\n  source = "{source}"\n}}\n'})
        assert (done.status, done.problems) == (1, [("outside-tree", "m/main.tf:7:3")])
        assert done.findings == NEIGHBOURS_FINDINGS | {MAIN}

    @pytest.mark.parametrize(
        "expression",
        [
            'file("../../outside/s")',
            'file("{outside}/s")',
            'file("/etc/passwd")',
            'file("link")',
            'filebase64("/proc/self/environ")',
            'file("/dev/zero")',
            'filesha256("../../outside/s")',
            'templatefile("../../outside/s", {})',
            'templatefile("${path.module}/../../outside/s", {})',
            'join("", fileset("../../outside", "*"))',
            'tostring(fileexists("../../outside/s"))',
            'yamldecode(file("../../outside/t.yaml"))',
        ],
    )
    def test_functions_read_nothing(self, scan: Run, outside: Path, expression: str) -> None:
        Path("m").mkdir()
        Path("m/link").symlink_to(outside / "s")
        expression = expression.replace("{outside}", str(outside))
        done = scan({"m/main.tf": DATABASE.format("main") + f"locals {{\n  x = {expression}\n}}\n"})
        assert (done.status, [kind for kind, _ in done.problems]) == (1, ["outside-tree"])
        assert done.problems[0][1].startswith("m/main.tf:7:")
        assert done.findings == NEIGHBOURS_FINDINGS | {MAIN}
        assert SECRET not in done.out + json.dumps(done.report) + json.dumps(done.sarif)

    def test_a_pipe_in_the_tree_is_not_waited_for(self, scan: Run) -> None:
        Path("m").mkdir()
        os.mkfifo("m/pipe")
        done = scan({"m/main.tf": DATABASE.format("main") + 'locals {\n  x = file("pipe")\n}\n'})
        assert (done.status, done.problems) == (1, [("unreadable-file", "m/main.tf:7:12")])
        assert done.not_read == []

    @pytest.mark.parametrize("kind", ["gone", "garbage", "pipe", "index", "pipe as index", "elsewhere"])
    def test_odd_repositories(self, scan: Run, outside: Path, kind: str) -> None:
        git = Path(".git")
        if kind == "pipe":
            os.mkfifo(git)
        elif kind in ("index", "pipe as index"):
            git.mkdir()
            if kind == "index":
                (git / "index").write_bytes(b"DIRC\0\0\0\2\xff\xff\xff\xff" + b"\x81" * 200)
            else:
                os.mkfifo(git / "index")
        else:
            git.write_bytes(
                {"gone": b"gitdir: ../gone", "garbage": b"\xff\0", "elsewhere": b"gitdir: /"}[kind]
            )
        ignored = "[\n!\n***/a/**/b\n\\\n!!x\n[z-a]\n/\n//\n" + "a" * 100_000 + "\nignored.tf\n"
        files = {"m/main.tf": DATABASE.format("main"), "m/ignored.tf": DATABASE.format("ignored")}
        done = scan(files | {".gitignore": ignored})
        assert (done.status, done.findings) == (1, NEIGHBOURS_FINDINGS | {MAIN})


NASTY = {
    "terminal codes": "a\x1b[31mb\x07\x9b1m",
    "other direction": "a\u202eb\u2066c",
    "markup": "[red]a[/red] [link=x]",
    "html": "<script>alert(1)</script>",
    "markdown": "[a](http://x) ![b](y) `c`",
    "placeholders": "{0}{value}{message}%s%41",
    "newlines": "a\nb\r\nc\u2028d",
    "quotes": "a\"b'c\\d",
    "astral": "😀é\u0301",
    "long": "x" * 800,
    "blank": " \t",
}


class TestTexts:
    @pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
    def test_as_logical_ids(self, scan: Run, text: str) -> None:
        template = {
            "Resources": {f"A{text}": {"Type": "AWS::RDS::DBInstance", "Properties": {"MultiAZ": False}}}
        }
        done = scan({"t.json": json.dumps(template)})
        assert done.status == 1
        assert {address for address, place in done.findings if place.startswith("t.json")} == {f"A{text}"}

    @pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
    def test_as_instance_keys(self, scan: Run, text: str) -> None:
        written = json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
        each = DATABASE.format("main").replace("{", f"{{\n  for_each = toset([{written}])", 1)
        done = scan({"m/main.tf": each})
        assert (done.status, done.problems) == (1, [])
        assert {place for _, place in done.findings} == {
            *(place for _, place in NEIGHBOURS_FINDINGS),
            "m/main.tf:5:3",
        }

    @pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
    def test_as_types_names_and_sources(self, scan: Run, text: str) -> None:
        document = {
            "resource": {f"aws_{text}": {"a": {}}, "aws_db_instance": {f"a{text}": {"identifier": text}}},
            "module": {f"a{text}": {"source": f"a{text}"}},
            "locals": {f"a{text}": "${" + text},
        }
        template = {"Resources": {"A": {"Type": f"AWS::A::B{text}", "Properties": {text: {"Ref": text}}}}}
        done = scan({"m/main.tf.json": json.dumps(document), "t.json": json.dumps(template)})
        assert done.status == 2
        assert set(done.not_read) <= {"m/main.tf.json"}

    @pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
    def test_in_lines_that_are_shown(self, scan: Run, text: str) -> None:
        line = text.splitlines()[0]
        files = {"m/main.tf": DATABASE.format("main"), "t.yaml": TEMPLATE.format("D")}
        done = scan({name: content.replace("false", f"false # {line}") for name, content in files.items()})
        assert ("aws_db_instance.main", "m/main.tf:4:3") in done.findings

    @pytest.mark.parametrize(
        "name",
        [
            *("a b", "a'b", 'a"b', "a%41b", "a#b", "a?b=c", "äö日本", "a\nb", "-f", "--help", "a\x1b[31mb"),
            *(
                "a&b;c|d*",
                "a\\b",
                "a:b",
                "{0}",
                "[red]",
                "~",
                "a\u202eb",
                "x" * 200,
                " ",
                "a\tb",
                "%2e%2e",
                "@x",
            ),
        ],
    )
    def test_as_file_names(self, scan: Run, name: str) -> None:
        done = scan(
            {
                f"m/{name}.tf": DATABASE.format("main"),
                f"{name}/main.tf": DATABASE.format("inner"),
                f"{name}.yaml": TEMPLATE.format("D"),
                f"{name}.json": '{"Resources": {"A": {"Type": "AWS::S3::Bucket"',
                f"n/{name}.tf": "x = = 1\n",
            }
        )
        assert done.status == 2
        assert sorted(done.not_read) == sorted([f"{name}.json", f"n/{name}.tf"])
        assert done.findings == NEIGHBOURS_FINDINGS | {
            ("aws_db_instance.main", f"m/{name}.tf:4:3"),
            ("aws_db_instance.inner", f"{name}/main.tf:4:3"),
            ("D", f"{name}.yaml:6:7"),
        }
        uris = {
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            for result in done.sarif["runs"][0]["results"]
        }
        assert uris >= {quote(f"{file}", safe="/-._~") for file in (f"m/{name}.tf", f"{name}.yaml")}
        named = scan({}, "--", f"m/{name}.tf", f"{name}.json")
        assert {place for _, place in named.findings} == {f"m/{name}.tf:4:3"}

    def test_file_names_that_are_no_text(self, scan: Run) -> None:
        here = os.fsencode(Path.cwd())
        for name, content in (
            (b"\xe9.yaml", TEMPLATE.format("D")),
            (b"\xe8.json", '{"Resources": {"A": {"Type": "AWS::S3::Bucket'),
        ):
            with open(here + b"/" + name, "w") as file:  # noqa: PTH123  (a name that is no text)
                file.write(content)
        done = scan({})
        assert (done.status, len(done.findings), done.not_read) == (2, 3, ["?.json"])


def locals_of(*lines: str) -> str:
    return "locals {\n" + "\n".join(lines) + "\n}\n"


def doubling(first: str, step: str, times: int = 60) -> str:
    return locals_of(
        f"a0 = {first}", *(f"a{at + 1} = {step.replace('@', f'local.a{at}')}" for at in range(times))
    )


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + at)}: &{chr(98 + at)} [{', '.join([f'*{chr(97 + at)}'] * 9)}]\n" for at in range(20)
)
BUCKET = "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      P: "
DEEP = 200_000

# What a Terraform file may hold beside the database that is to be found.
TERRAFORM = {
    "deep lists": locals_of("x = " + "[" * DEEP + "]" * DEEP),
    "deep blocks": "a {\n" * DEEP + "}\n" * DEEP,
    "deep templates": locals_of('x = "' + '${"' * DEEP + '"}' * DEEP + '"'),
    "deep calls": locals_of("x = " + "abs(" * DEEP + "1" + ")" * DEEP),
    "many operators": locals_of("x = " + "!" * DEEP + "true", "y = " + "1+" * DEEP + "1"),
    "long traversal": locals_of("x = aws_x" + ".a" * DEEP),
    "long list": locals_of("x = [" + "1," * 510_000 + "]"),
    "long text": locals_of('x = "' + "x" * 3_000_000 + '"'),
    "huge count": 'resource "aws_db_instance" "many" {\n  multi_az = true\n  count = 1000000000\n}\n',
    "huge numbers": locals_of(
        "a = 1e999999999", "b = pow(10, 1000000000)", "c = 1e99999999 % 7", "d = 1 / 0"
    ),
    "huge ranges": locals_of(
        "a = range(1e9)", "b = [for i in range(1000000000): i]", "c = range(0, 1, 1e-9)"
    ),
    "huge loops": locals_of(
        "r = range(1000)", "a = [for x in local.r: [for y in local.r: [for z in local.r: x * y + z]]]"
    ),
    "huge texts": locals_of(
        'a = format("%1000000000d", 1)',
        'b = indent(1000000000, "a\\nb")',
        'c = replace("' + "a" * 10_000 + '", "a", "' + "b" * 10_000 + '")',
        "d = setproduct(range(1000), range(1000), range(1000))",
        'e = cidrsubnet("10.0.0.0/8", 1000000000, 1)',
    ),
    "slow patterns": locals_of(
        'a = regex("^(a+)+$", "' + "a" * 5000 + 'b")',
        'b = regexall("(.*)*x", "' + "a" * 100_000 + '")',
        'c = regex("' + "(" * 5000 + ")" * 5000 + '", "x")',
    ),
    "doubling texts": doubling('"aaaaaaaaaa"', '"${@}${@}"'),
    "doubling lists": doubling('["x"]', "concat(@, @)"),
    "doubling nests": doubling('["x"]', "[@, @]")
    + 'resource "aws_db_instance" "d" {\n  multi_az = true\n'
    + "  tags = local.a60\n  x = jsonencode(local.a60)\n}\n",
    "laughs": locals_of(f"x = yamldecode({json.dumps(LAUGHS)})")
    + 'resource "aws_s3_bucket" "b" {\n  tags = local.x\n}\n',
    "long chain": locals_of("a0 = 1", *(f"a{at + 1} = local.a{at} + 1" for at in range(10_000))),
    "circles": locals_of("a = local.b", "b = local.a")
    + 'resource "aws_x" "p" {\n  a = aws_x.q.id\n}\nresource "aws_x" "q" {\n  a = aws_x.p.id\n}\n',
    "providers": 'provider {}\nprovider "aws" {\n  alias = 5\n  default_tags {\n    tags = 3\n  }\n}\n',
    "odd blocks": 'resource {}\nresource "" "" {}\nmodule "m" {\n  source = []\n}\nlocals "x" {}\nfoo {}\n',
}
TEMPLATES = {
    "deep lists": BUCKET + "[" * DEEP + "]" * DEEP + "\n",
    "deep sequences": BUCKET + "\n        " + "- " * DEEP + "1\n",
    "laughs": LAUGHS + BUCKET + "*u\n",
    "merges": "a0: &a0 {x: 1}\n"
    + "".join(f"a{at + 1}: &a{at + 1} {{<<: [*a{at}, *a{at}], k{at}: *a{at}}}\n" for at in range(40))
    + BUCKET
    + "*a40\n",
    "long list": BUCKET + "[" + "1," * 510_000 + "1]\n",
    "loops": "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::A:\n    - X\n    - "
    + str([f"a{at}" for at in range(300)])
    + "\n    - Fn::ForEach::B:\n        - Y\n        - "
    + str([f"b{at}" for at in range(300)])
    + "\n        - D${X}${Y}: {Type: AWS::S3::Bucket}\n",
    "texts": BUCKET + "!Join [',', !Split [',', '" + "," * 1_000_000 + "']]\n",
    "addresses": BUCKET + "!Cidr ['10.0.0.0/8', 100000000, 0]\n",
    "conditions": BUCKET + "1\nConditions:\n  X: !Condition Y\n  Y: !Condition X\n",
    "too large": BUCKET + "1\n#" + "x" * 30_000_000,
    "deep json": '{"Resources":{"A":{"Type":"AWS::S3::Bucket","Properties":'
    + '{"a":' * DEEP
    + "1"
    + "}" * DEEP
    + "}}}",
}


class TestSize:
    @pytest.mark.parametrize("content", TERRAFORM.values(), ids=TERRAFORM)
    def test_terraform(self, scan: Run, content: str) -> None:
        done = scan({"m/main.tf": DATABASE.format("main"), "m/large.tf": content})
        # The file may be refused, in part or wholly: what stands beside it may not.
        assert MAIN in done.findings
        assert {place.split(":")[0] for _, place in done.problems} <= {"m/large.tf"}
        quiet = {"long chain", "long text"}
        assert bool(done.problems) is (content not in {TERRAFORM[name] for name in quiet})

    @pytest.mark.parametrize("content", TEMPLATES.values(), ids=TEMPLATES)
    def test_templates(self, scan: Run, content: str) -> None:
        done = scan({"t.yaml": content})
        assert done.status == 2
        assert {place.split(":")[0] for _, place in done.problems} == {"t.yaml"}
        assert done.findings == NEIGHBOURS_FINDINGS

    @pytest.mark.parametrize(
        "name", ["m/large.tf", "m/large.tf.json", "m/terraform.tfvars", "t.yaml", "t.json"]
    )
    def test_files_too_large_are_named(self, scan: Run, name: str) -> None:
        start = '{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}} ' if name[0] == "t" else ""
        done = scan({"m/main.tf": DATABASE.format("main"), name: start + "#" + "x" * 30_000_000})
        assert (done.status, done.problems) == (2, [("limit-reached", f"{name}:1:1")])
        assert done.not_read == [name]
        assert done.findings == NEIGHBOURS_FINDINGS | {MAIN}

    def test_memory_and_time(self, tmp_path: Path) -> None:
        """The largest at once, in a process that may use so much and no more."""
        for name in ("long list", "laughs", "doubling nests", "doubling texts", "deep templates"):
            write(tmp_path, {f"{name}/main.tf": TERRAFORM[name]})
        for name in ("long list", "laughs", "merges"):
            write(tmp_path, {f"{name}.yaml": TEMPLATES[name]})

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

        reports = ("-f", "text", "-f", "json=report.json", "-f", "sarif=report.sarif")
        done = subprocess.run(
            [sys.executable, "-m", "wa_scan", ".", *RULE, *reports],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            timeout=10 * SECONDS,
            check=False,
            preexec_fn=limit,
        )
        found = checked(done.returncode, done.stdout.decode(), done.stderr.decode(), tmp_path)
        assert found.status == 2
