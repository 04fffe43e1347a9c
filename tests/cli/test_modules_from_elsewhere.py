"""Modules from registries and git, as users meet them."""

import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import Run, write
from tests.terraform.packages.local_server import LocalServer, commit, tar_of, zip_of
from wa_scan import scan
from wa_scan.api import ScanOptions
from wa_scan.engine.findings import Finding
from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.review.report import Report
from wa_scan.terraform.packages.transport import Transport

DATABASE = """\
variable "multi_az" {
  default = false
}
resource "aws_db_instance" "main" {
  engine            = "postgres"
  instance_class    = "db.t4g.medium"
  allocated_storage = 20
  multi_az          = var.multi_az
}
output "id" { value = aws_db_instance.main.id }
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    with LocalServer(repositories=tmp_path / "repositories") as running:
        yield running


class Scans:
    """Scans `infra` in a folder of its own, with the cache beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, files: dict[str, str], *, download: bool = True, cache: str | None = "cache"
    ) -> Report:
        write(self.folder / "infra", files)
        options = ScanOptions(
            working_directory=self.folder,
            rules=("rds-single-az",),
            download_modules=download,
            module_cache=Path(cache) if cache is not None else None,
        )
        return scan([Path("infra")], options)


@pytest.fixture
def scans(tmp_path: Path) -> Scans:
    return Scans(tmp_path)


def only(report: Report) -> Finding:
    (finding,) = report.failures()
    return finding


def test_a_finding_inside_is_at_the_call_and_names_the_line_in_the_module(
    scans: Scans, server: LocalServer
) -> None:
    source = server.add_registry(
        "acme/db/aws", {"1.2.0": server.add("/m.zip", zip_of({"main.tf": DATABASE}))}
    )
    report = scans({"main.tf": f'\nmodule "db" {{\n  source  = "{source}"\n  version = "~> 1.0"\n}}\n'})
    finding = only(report)
    assert str(finding.location) == "infra/main.tf:2:1"
    assert finding.resource.address == "module.db.aws_db_instance.main"
    ((place, _),) = finding.related
    assert place.file.startswith("cache/packages/m.zip-")
    assert (place.file.rpartition("/")[2], place.start_line) == ("main.tf", 8)
    assert report.problems == ()
    assert report.coverage.modules_not_found == ()


def test_the_way_of_a_value_is_told_up_to_the_call(scans: Scans, server: LocalServer) -> None:
    url = server.add("/m.zip", zip_of({"main.tf": DATABASE}))
    files = {
        "main.tf": f'variable "ha" {{}}\nmodule "db" {{\n  source   = "{url}"\n  multi_az = var.ha\n}}\n',
        "terraform.tfvars": "ha = false\n",
    }
    finding = only(scans(files))
    assert [str(step.location) for step in finding.trace] == [
        "infra/terraform.tfvars:1:1",
        "infra/main.tf:4:3",
        "infra/main.tf:2:1",
    ]
    write(scans.folder / "infra", {"terraform.tfvars": "ha = true\n"})
    assert list(scans({}).failures()) == []


def test_modules_in_modules_of_every_kind(scans: Scans, server: LocalServer) -> None:
    assert server.repositories is not None
    commit(server.repositories / "inner", {"db/main.tf": DATABASE, "db/size.txt": "40"}, "v1")
    outer = f"""
    module "inner" {{
      source = "git::{server.url}/git/inner//db?ref=v1"
    }}
    module "near" {{ source = "../near" }}
    output "name" {{
      value = "${{path.module}} ${{file("${{path.module}}/name.txt")}} ${{module.near.path}}"
    }}
    """
    near = 'output "path" { value = path.module }\n' + DATABASE.partition("output")[0]
    archive = tar_of(
        {"modules/outer/main.tf": outer, "modules/outer/name.txt": "n", "modules/near/main.tf": near}
    )
    source = server.add_registry("acme/x/aws", {"1.0.0": server.add("/x.tgz", archive)})
    report = scans(
        {
            "main.tf": 'module "own" { source = "./own" }\noutput "name" { value = module.own.name }',
            "own/main.tf": (
                f'module "outer" {{\n  source = "{source}//modules/outer"\n}}\n'
                'output "name" { value = module.outer.name }\n'
                'resource "aws_db_instance" "named" {\n  engine = "postgres"\n'
                "  identifier = module.outer.name\n  multi_az = true\n}"
            ),
        }
    )
    assert report.problems == ()
    finding = only(report)
    # The innermost call that its user wrote.
    assert str(finding.location) == "infra/own/main.tf:1:1"
    assert finding.instances == (
        "module.own.module.outer.module.inner.aws_db_instance.main",
        "module.own.module.outer.module.near.aws_db_instance.main",
    )
    assert len(finding.related) == 2


def test_paths_in_a_module_are_those_that_terraform_init_would_give(
    run: Run, tmp_path: Path, server: LocalServer
) -> None:
    texts = {
        "m/main.tf": (
            'output "path" { value = path.module }\n'
            'output "text" { value = file("${path.module}/../text.txt") }\n'
            'output "files" { value = fileset(path.module, "*") }\n'
            'output "there" { value = fileexists("${path.module}/main.tf") }\n'
            'output "filled" { value = templatefile("${path.module}/../t.tftpl", { x = 1 }) }\n'
            'output "given" { value = file(var.file) }\n'
            'output "out" { value = try(file("${path.module}/../${var.up}/outside.txt"), "refused") }\n'
            'variable "file" {}\nvariable "up" { default = "../../../.." }\n'
        ),
        "text.txt": "text",
        "t.tftpl": "x is ${x}",
    }
    url = server.add("/m.zip", zip_of(texts))
    main = (
        f'module "a" {{\n  source = "{url}//m"\n  file = "${{path.module}}/own.txt"\n}}\n'
        'output "all" { value = module.a }'
    )
    write(tmp_path, {"infra/main.tf": main, "infra/own.txt": "own", "outside.txt": "secret"})
    options = ("--download-modules", "--module-cache", "cache")
    result = run("inspect", "infra", "-f", "json", *options)
    assert json.loads(result.out)["outputs"]["all"] == {
        "path": ".terraform/modules/a/m",
        "text": "text",
        "files": ["main.tf"],
        "there": True,
        "filled": "x is 1",
        "given": "own",
        "out": "refused",
    }


def test_what_cannot_be_fetched_is_noted_and_the_rest_goes_on(scans: Scans, server: LocalServer) -> None:
    url = server.add("/m.zip", zip_of({"main.tf": DATABASE}))
    report = scans(
        {
            "main.tf": f'module "gone" {{\n  source = "git::{server.url}/git/gone"\n}}\n'
            'module "bucket" {\n  source = "s3::https://s3.amazonaws.com/b/m.zip"\n}\n'
            f'module "db" {{\n  source = "{url}"\n}}\n'
            f'module "again" {{\n  source = "git::https://me:secret@127.0.0.1:1/gone"\n}}\n'
        }
    )
    assert str(only(report).location) == "infra/main.tf:7:1"
    noted = {str(problem.location): problem for problem in report.problems}
    assert {(problem.kind, problem.level) for problem in noted.values()} == {
        (ProblemKind.MODULE_UNAVAILABLE, ProblemLevel.NOTE)
    }
    assert sorted(noted) == ["infra/main.tf:11:3", "infra/main.tf:2:3", "infra/main.tf:5:3"]
    assert noted["infra/main.tf:5:3"].message == (
        "module.bucket cannot be fetched: modules from s3 are not supported"
    )
    assert "secret" not in str(report.problems) + str(report.coverage)
    assert [unfound.call for unfound in report.coverage.modules_not_found] == [
        "module.gone",
        "module.bucket",
        "module.again",
    ]


def test_a_module_that_leads_to_itself_ends(scans: Scans, server: LocalServer) -> None:
    source = f"{server.host}/a/b/c"
    inner = f'module "again" {{ source = "{source}" }}\n' + DATABASE
    server.add_registry("a/b/c", {"1.0.0": server.add("/m.zip", zip_of({"main.tf": inner}))})
    report = scans({"main.tf": f'module "m" {{ source = "{source}" }}'})
    assert [problem.kind for problem in report.problems] == [ProblemKind.MODULE_CYCLE]
    assert str(only(report).location) == "infra/main.tf:1:1"


def test_a_module_reads_nothing_around_its_package(scans: Scans, server: LocalServer, tmp_path: Path) -> None:
    write(tmp_path / "cache", {"packages/secret.txt": "secret", "packages/evil/main.tf": DATABASE})
    text = 'module "out" { source = "../../evil" }\nmodule "link" { source = "./link" }\n'
    url = server.add("/m.zip", zip_of({"main.tf": text, "link": "-> ../../evil"}))
    report = scans({"main.tf": f'module "m" {{ source = "{url}" }}'})
    assert list(report.failures()) == []
    assert ProblemKind.OUTSIDE_TREE in {problem.kind for problem in report.problems}


class ForbiddenError(Exception):
    """Something was about to leave this process."""


@pytest.fixture
def shut_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ForbiddenError

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)


CALLS = """
module "registry" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 5.0"
}
module "git" { source = "git::https://example.com/r.git?ref=v1" }
module "ssh" { source = "git@github.com:o/r.git" }
module "web" { source = "https://example.com/m.zip" }
"""


@pytest.mark.parametrize("cache", [None, "cache"])
@pytest.mark.usefixtures("shut_in")
def test_nothing_goes_to_the_network_unless_asked(scans: Scans, cache: str | None) -> None:
    report = scans({"main.tf": CALLS}, download=False, cache=cache)
    assert [unfound.call for unfound in report.coverage.modules_not_found] == [
        *("module.registry", "module.git", "module.ssh", "module.web")
    ]
    # A cache that was named and does not have them is said.
    assert [problem.hint for problem in report.problems] == ["--download-modules fetches it"] * (
        4 if cache else 0
    )
    assert not (scans.folder / "cache").exists()


@pytest.mark.usefixtures("shut_in")
def test_asked_for_it_would(scans: Scans) -> None:
    """So that the test before can fail."""
    with pytest.raises(ForbiddenError):
        Transport(local=False, tick=lambda: None).get("https://example.com/")
    report = scans({"main.tf": CALLS})
    assert any(problem.kind is ProblemKind.INTERNAL_ERROR for problem in report.problems)


def test_what_was_fetched_is_scanned_again_without_the_network(
    scans: Scans, server: LocalServer, request: pytest.FixtureRequest
) -> None:
    assert server.repositories is not None
    commit(server.repositories / "r", {"main.tf": DATABASE}, "v1")
    files = {"main.tf": f'module "db" {{\n  source = "git::{server.url}/git/r?ref=v1"\n}}'}
    first = scans(files)
    request.getfixturevalue("shut_in")
    for download in (True, False):
        again = scans(files, download=download)
        assert [(f.location, f.related, f.fingerprint) for f in again.findings] == [
            (f.location, f.related, f.fingerprint) for f in first.findings
        ]
        assert len(again.findings) == 1
        assert again.problems == ()
    assert [
        unfound.call for unfound in scans(files, download=False, cache=None).coverage.modules_not_found
    ] == ["module.db"]


def test_a_cache_in_the_scanned_folder_is_not_scanned_itself(scans: Scans, server: LocalServer) -> None:
    url = server.add("/m.zip", zip_of({"main.tf": DATABASE, "t.yaml": "Resources: {}"}))
    files = {"main.tf": f'module "db" {{\n  source = "{url}"\n}}'}
    for _ in range(2):
        report = scans(files, cache="infra/modules-cache")
        assert str(only(report).location) == "infra/main.tf:1:1"


def test_what_terraform_init_installed_is_used_and_compared_with_the_call(
    scans: Scans, server: LocalServer
) -> None:
    url = server.add("/m.zip", zip_of({"main.tf": DATABASE.replace("default = false", "default = true")}))
    source = server.add_registry("acme/db/aws", {"2.0.0": url})
    entry = {"Key": "db", "Source": source, "Version": "1.9.0", "Dir": ".terraform/modules/db/inner"}
    near = 'module "near" { source = "../near" }\n'
    files = {
        "main.tf": f'module "db" {{\n  source  = "{source}"\n  version = "~> 1.0"\n}}\n',
        ".terraform/modules/modules.json": json.dumps({"Modules": [entry]}),
        ".terraform/modules/db/inner/main.tf": near,
        ".terraform/modules/db/near/main.tf": DATABASE,
    }
    report = scans(files, download=False, cache=None)
    assert report.problems == ()
    finding = only(report)
    assert str(finding.location) == "infra/main.tf:1:1"
    assert [str(step.location) for step in finding.related] == [
        "infra/.terraform/modules/db/near/main.tf:8:3"
    ]
    # What the call names now is another version: it is fetched if it may be, else what is there is used.
    files["main.tf"] = files["main.tf"].replace("1.0", "2.0")
    report = scans(files, download=False, cache=None)
    assert str(only(report).location) == "infra/main.tf:1:1"
    assert [(problem.level, problem.message, str(problem.location)) for problem in report.problems] == [
        (
            ProblemLevel.NOTE,
            "module.db is read as installed, but its call now names another source or version",
            "infra/main.tf:2:3",
        )
    ]
    report = scans(files)
    assert (list(report.failures()), report.problems) == ([], ())


@pytest.mark.parametrize(
    "manifest", ["", "[]", '{"Modules": 1}', '{"Modules": [{"Key": "m"}]}', "[" * 100_000]
)
def test_a_damaged_list_of_installed_modules(scans: Scans, manifest: str) -> None:
    files = {"main.tf": 'module "m" { source = "a/b/c" }', ".terraform/modules/modules.json": manifest}
    report = scans(files, download=False, cache=None)
    assert [(problem.level, str(problem.location)) for problem in report.problems] == [
        (ProblemLevel.NOTE, "infra/.terraform/modules/modules.json:1:1")
    ]
    assert [unfound.call for unfound in report.coverage.modules_not_found] == ["module.m"]


def test_the_command_line(run: Run, tmp_path: Path, server: LocalServer) -> None:
    url = server.add("/m.zip", zip_of({"main.tf": DATABASE}))
    write(tmp_path / "infra", {"main.tf": f'module "db" {{\n  source = "{url}"\n}}\n'})
    rule = ("--rule", "rds-single-az")
    assert run("infra", *rule).status == 0
    assert run("infra", *rule, "--strict").status == 2
    fetched = run("infra", *rule, "--download-modules", XDG_CACHE_HOME=str(tmp_path / "home"))
    assert fetched.status == 1
    # Long lines are wrapped.
    assert "see home/wa-scan/modules/packages/m.zip-" in " ".join(fetched.out.split())
    sarif = run("infra", *rule, "-f", "sarif", "--download-modules", XDG_CACHE_HOME=str(tmp_path / "home"))
    (result,) = json.loads(sarif.out)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("infra/main.tf", 1)
    write(tmp_path, {"file": ""})
    refused = run("infra", "--download-modules", "--module-cache", "file/x")
    assert (refused.status, refused.err) == (
        2,
        f"Error: modules cannot be kept in {tmp_path}/file/x: not a directory\n",
    )
