"""What is found under the given paths."""

import os
import subprocess
from pathlib import Path

import pytest

from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.sources.discover import discover
from wa_scan.sources.units import Discovery

TEMPLATE = "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n"
MODULE = 'resource "aws_s3_bucket" "b" {}\n'


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def found(discovery: Discovery) -> tuple[list[str], list[str]]:
    return [unit.display for unit in discovery.roots], [unit.display for unit in discovery.templates]


def kinds(discovery: Discovery) -> list[tuple[ProblemKind, str]]:
    return [(p.kind, p.location.file if p.location else "") for p in discovery.problems]


def call(source: str) -> str:
    return f'module "m" {{\n  source = "{source}"\n}}\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


class TestUnits:
    def test_both_languages_in_the_order_of_their_names(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                "b/main.tf": MODULE,
                "a/x.tf.json": "{}",
                "c.tofu": MODULE,
                "d/e.tofu.json": "{}",
                "t/z.yaml": TEMPLATE,
                "t/a.template": '{"AWSTemplateFormatVersion": "2010-09-09"}',
                "t/README.md": "Resources:",
            },
        )
        assert found(discover([Path()], tmp_path)) == ([".", "a", "b", "d"], ["t/a.template", "t/z.yaml"])

    def test_paths_are_relative_to_the_working_directory(self, tmp_path: Path) -> None:
        write(tmp_path, {"in/infra/main.tf": MODULE, "out/main.tf": MODULE})
        discovery = discover([Path("infra"), tmp_path / "out"], tmp_path / "in")
        assert found(discovery) == (["../out", "infra"], [])
        assert discovery.paths == ("infra", "../out")

    def test_a_folder_that_is_given_twice_is_found_once(self, tmp_path: Path) -> None:
        write(tmp_path, {"a/main.tf": MODULE, "a/t.yml": TEMPLATE})
        assert found(discover([Path(), Path("a"), Path("a/t.yml")], tmp_path)) == (["a"], ["a/t.yml"])

    def test_the_tree_is_the_repository_around_the_path(self, repository: Path) -> None:
        write(repository, {"envs/prod/main.tf": MODULE})
        assert [r.tree for r in discover([Path("envs")], repository).roots] == [repository]

    def test_without_a_repository_the_tree_is_the_path(self, tmp_path: Path) -> None:
        write(tmp_path, {"envs/prod/main.tf": MODULE})
        assert [r.tree for r in discover([Path("envs")], tmp_path).roots] == [tmp_path / "envs"]

    def test_backup_and_hidden_files_make_no_module(self, tmp_path: Path) -> None:
        write(tmp_path, {".hidden.tf": MODULE, "main.tf~": MODULE, "#main.tf#": MODULE})
        assert found(discover([Path()], tmp_path)) == ([], [])


class TestCallers:
    def test_a_called_folder_is_no_root(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                "prod/main.tf": call("../modules/db"),
                "modules/db/main.tf": call("./instance"),
                "modules/db/instance/main.tf": MODULE,
                "modules/unused/main.tf": MODULE,
            },
        )
        assert found(discover([Path()], tmp_path))[0] == ["modules/unused", "prod"]

    def test_json_calls_count(self, tmp_path: Path) -> None:
        write(tmp_path, {"main.tf.json": '{"module": {"m": {"source": "./m"}}}', "m/main.tf": MODULE})
        assert found(discover([Path()], tmp_path))[0] == ["."]

    @pytest.mark.parametrize(
        "text",
        [
            '# module "m" { source = "./m" }\n',
            '/*\nmodule "m" {\n  source = "./m"\n}\n*/\n',
            'locals {\n  text = <<-EOT\n    module "m" {\n      source = "./m"\n    }\n  EOT\n}\n',
            'resource "aws_s3_object" "o" {\n  module = 1\n  source = "./m"\n}\n',
            'module "m" {\n  providers = {\n    source = "./m"\n  }\n  source = "a/vpc/aws"\n}\n',
        ],
    )
    def test_what_only_looks_like_a_call(self, tmp_path: Path, text: str) -> None:
        write(tmp_path, {"main.tf": text, "m/main.tf": MODULE})
        assert found(discover([Path()], tmp_path))[0] == [".", "m"]

    @pytest.mark.parametrize(
        "text",
        [
            'module "m" { source = "./m" }',
            'module "m" {\r\n  version = "1" # {\r\n  source = "./m/"\r\n}\r\n',
            'locals { a = "{" }\nmodule "m" {\n  tags = { a = "}" }\n  source = "././m"\n}\n',
        ],
    )
    def test_ways_to_write_a_call(self, tmp_path: Path, text: str) -> None:
        write(tmp_path, {"main.tf": text, "m/main.tf": MODULE})
        assert found(discover([Path()], tmp_path))[0] == ["."]

    def test_folders_that_call_each_other_keep_one_root(self, tmp_path: Path) -> None:
        write(tmp_path, {"a/main.tf": call("../b"), "b/main.tf": call("../a"), "c/main.tf": call("./")})
        assert found(discover([Path()], tmp_path))[0] == ["a", "c"]

    def test_a_caller_that_cannot_reach_the_folder_does_not_hide_it(self, tmp_path: Path) -> None:
        write(tmp_path, {"a/main.tf": call("../b"), "b/main.tf": MODULE})
        assert found(discover([Path("a"), Path("b")], tmp_path))[0] == ["a", "b"]


class TestWhatIsSkipped:
    def test_folders_that_tools_leave_behind(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                ".terraform/modules/vpc/main.tf": MODULE,
                ".git/x.tf": MODULE,
                "node_modules/x/t.yaml": TEMPLATE,
                "env/pyvenv.cfg": "",
                "env/lib/t.yaml": TEMPLATE,
                "main.tf": MODULE,
            },
        )
        assert found(discover([Path()], tmp_path)) == (["."], [])

    def test_what_git_ignores(self, repository: Path) -> None:
        write(
            repository,
            {
                ".gitignore": "/build/\n*.gen.yaml\n!keep.gen.yaml\n",
                "build/main.tf": MODULE,
                "a/x.gen.yaml": TEMPLATE,
                "a/keep.gen.yaml": TEMPLATE,
                "a/.gitignore": "local.tf\n!build/\n",
                "a/local.tf": MODULE,
                "a/build/main.tf": MODULE,
                ".git/info/exclude": "private\n",
                "private/main.tf": MODULE,
            },
        )
        discovery = discover([Path()], repository)
        assert found(discovery) == (["a/build"], ["a/keep.gen.yaml"])
        assert discovery.infrastructure_ignored == 2

    def test_rules_of_the_folders_above_hold(self, repository: Path) -> None:
        write(repository, {".gitignore": "*.local.tf\n", "a/b/x.local.tf": MODULE, "a/b/main.tf": MODULE})
        discovery = discover([Path("a/b")], repository)
        assert [root.left_out for root in discovery.roots] == [{f"{repository}/a/b/x.local.tf"}]

    def test_ignored_files_beside_others_are_left_out_of_the_module(self, repository: Path) -> None:
        write(
            repository,
            {
                ".gitignore": "*_override.tf\n*.tfvars\n",
                "main.tf": MODULE,
                "x_override.tf": MODULE,
                "terraform.tfvars": "",
            },
        )
        (root,) = discover([Path()], repository).roots
        assert root.left_out == {f"{repository}/x_override.tf", f"{repository}/terraform.tfvars"}

    def test_a_named_folder_or_file_is_scanned_even_if_ignored(self, repository: Path) -> None:
        write(repository, {".gitignore": "gen/\n*.yaml\n", "gen/main.tf": MODULE, "gen/t.json": TEMPLATE})
        write(repository, {"t.yaml": TEMPLATE})
        assert found(discover([Path("gen"), Path("t.yaml")], repository)) == (
            ["gen"],
            ["gen/t.json", "t.yaml"],
        )

    def test_a_tracked_file_is_not_ignored(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {
                ".gitignore": "*.tfvars\nvendored/\nother/\n",
                "main.tf": MODULE,
                "terraform.tfvars": "",
                "local.auto.tfvars": "",
                "vendored/main.tf": MODULE,
                "other/main.tf": MODULE,
            },
        )
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", "-f", "main.tf", "terraform.tfvars", "vendored/main.tf")
        discovery = discover([Path()], tmp_path)
        assert found(discovery)[0] == [".", "vendored"]
        assert discovery.roots[0].left_out == {f"{tmp_path}/local.auto.tfvars"}

    @pytest.mark.parametrize("version", ["2", "3", "4"])
    def test_every_version_of_the_index(self, tmp_path: Path, version: str) -> None:
        names = ["a/b.tf", "a/bc.tf", "a.tf", "z/" + "n" * 200 + ".tf"]
        write(tmp_path, {".gitignore": "*\n", **dict.fromkeys(names, MODULE), "a/untracked.tf": MODULE})
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", "-f", *names)
        git(tmp_path, "add", "-f", "--intent-to-add", names[0])  # needs version 3
        git(tmp_path, "update-index", "--index-version", version)
        discovery = discover([Path()], tmp_path)
        assert found(discovery)[0] == [".", "a", "z"]
        assert discovery.roots[0].left_out == {f"{tmp_path}/a/untracked.tf"}

    def test_patterns_that_would_take_for_ever_are_passed_over(self, tmp_path: Path) -> None:
        evil = "a*" * 40 + "b"
        write(tmp_path, {".gitignore": f"{evil}\nx.tf\n", "a" * 200 + ".tf": MODULE, "x.tf": MODULE})
        assert [r.left_out for r in discover([Path()], tmp_path).roots] == [{f"{tmp_path}/x.tf"}]


class TestBadInput:
    def test_a_path_that_is_not_there(self, tmp_path: Path) -> None:
        assert kinds(discover([Path("nope")], tmp_path)) == [(ProblemKind.UNREADABLE_FILE, "nope")]

    def test_a_named_file_that_is_no_infrastructure(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.yaml": "kind: Deployment\n", "b.txt": "hello"})
        discovery = discover([Path("a.yaml"), Path("b.txt")], tmp_path)
        assert kinds(discovery) == [
            (ProblemKind.NOT_A_TEMPLATE, "a.yaml"),
            (ProblemKind.NOT_A_TEMPLATE, "b.txt"),
        ]

    def test_broken_symbolic_links(self, tmp_path: Path) -> None:
        write(tmp_path, {"main.tf": MODULE})
        (tmp_path / "t.yaml").symlink_to("gone.yaml")
        (tmp_path / "x.txt").symlink_to("gone.txt")
        assert kinds(discover([Path()], tmp_path)) == [(ProblemKind.UNREADABLE_FILE, "t.yaml")]

    def test_links_out_of_the_tree_are_not_followed(self, tmp_path: Path) -> None:
        write(tmp_path, {"out/t.yaml": TEMPLATE, "out/x.tf": MODULE, "in/main.tf": MODULE})
        (tmp_path / "in/folder").symlink_to(tmp_path / "out")
        (tmp_path / "in/t.yaml").symlink_to(tmp_path / "out/t.yaml")
        (tmp_path / "in/x.tf").symlink_to(tmp_path / "out/x.tf")
        discovery = discover([Path("in")], tmp_path)
        assert found(discovery) == (["in"], [])
        assert discovery.roots[0].left_out == {f"{tmp_path}/in/x.tf"}
        assert {(p.kind, p.level) for p in discovery.problems} == {
            (ProblemKind.OUTSIDE_TREE, ProblemLevel.NOTE)
        }
        assert [file for _, file in kinds(discovery)] == ["in/folder", "in/t.yaml", "in/x.tf"]

    def test_a_named_link_is_followed_wherever_it_leads(self, repository: Path) -> None:
        write(
            repository,
            {"out/.git/HEAD": "", "out/infra/main.tf": MODULE, "in/.git/HEAD": "", "t.yaml": TEMPLATE},
        )
        (repository / "in/infra").symlink_to(repository / "out/infra")
        (repository / "in/t.yaml").symlink_to(repository / "t.yaml")
        discovery = discover([Path("infra"), Path("t.yaml")], repository / "in")
        assert found(discovery) == (["../out/infra"], ["../t.yaml"])
        assert [root.tree for root in discovery.roots] == [repository / "out"]

    def test_circles_of_links_end(self, tmp_path: Path) -> None:
        write(tmp_path, {"a/main.tf": MODULE})
        (tmp_path / "a/self").symlink_to(tmp_path / "a")
        (tmp_path / "a/up").symlink_to("..")
        (tmp_path / "a/loop").symlink_to("loop")
        assert found(discover([Path()], tmp_path))[0] == ["a"]

    def test_a_link_to_elsewhere_in_the_repository_is_followed(self, repository: Path) -> None:
        write(repository, {"shared/net/main.tf": MODULE, "live/main.tf": MODULE})
        (repository / "live/net").symlink_to("../shared/net")
        assert found(discover([Path("live")], repository))[0] == ["live", "live/net"]

    def test_a_link_to_a_folder_around_the_scanned_one_is_not_followed(self, repository: Path) -> None:
        write(repository, {"live/main.tf": MODULE, "live/app/main.tf": MODULE, "other/main.tf": MODULE})
        (repository / "live/app/top").symlink_to("../..")
        (repository / "live/app/up").symlink_to("..")
        assert found(discover([Path("live/app")], repository))[0] == ["live/app"]
        assert found(discover([Path("live")], repository))[0] == ["live", "live/app"]
        assert found(discover([Path()], repository))[0] == ["live", "live/app", "other"]

    def test_pipes_are_not_opened(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "t.yaml")
        assert found(discover([Path()], tmp_path)) == ([], [])
        assert kinds(discover([Path("t.yaml")], tmp_path)) == [(ProblemKind.UNREADABLE_FILE, "t.yaml")]

    def test_a_template_that_is_too_large_is_said_other_files_are_not(self, tmp_path: Path) -> None:
        padding = "#" + "x" * 20_000_001
        write(tmp_path, {"t.yaml": TEMPLATE + padding, "data.yaml": padding})
        assert kinds(discover([Path()], tmp_path)) == [(ProblemKind.LIMIT_REACHED, "t.yaml")]

    def test_names_that_are_not_utf8(self, tmp_path: Path) -> None:
        name = os.fsdecode(b"\xff.yaml")
        write(tmp_path, {name: TEMPLATE})
        assert found(discover([Path()], tmp_path))[1] == [name]


class TestNamedFiles:
    """What pre-commit does, and a person who names a file."""

    @pytest.fixture
    def shop(self, repository: Path) -> Path:
        return write(
            repository,
            {
                "prod/main.tf": call("../modules/db"),
                "dev/main.tf": call("../modules/db"),
                "other/main.tf": MODULE,
                "modules/db/main.tf": MODULE,
                "modules/db/variables.tf": "",
                "prod/terraform.tfvars": "",
                "t.yaml": TEMPLATE,
                "values.yaml": "a: 1\n",
            },
        )

    def test_a_file_of_a_called_module_stands_for_all_roots_that_reach_it(self, shop: Path) -> None:
        discovery = discover([Path("modules/db/variables.tf")], shop)
        assert found(discovery) == (["dev", "prod"], [])
        assert discovery.narrowed == {"dev", "prod"}
        assert discovery.named_files == {"modules/db/variables.tf"}

    def test_a_variable_file_stands_for_its_root(self, shop: Path) -> None:
        discovery = discover([Path("prod/terraform.tfvars")], shop)
        assert found(discovery) == (["prod"], [])

    def test_from_another_working_directory(self, shop: Path) -> None:
        discovery = discover([Path("main.tf")], shop / "modules/db")
        assert found(discovery)[0] == ["../../dev", "../../prod"]
        assert discovery.named_files == {"main.tf"}

    def test_a_folder_beside_a_file_is_not_narrowed(self, shop: Path) -> None:
        discovery = discover([Path("prod"), Path("other/main.tf"), Path("prod/main.tf")], shop)
        assert found(discovery)[0] == ["other", "prod"]
        assert discovery.narrowed == {"other"}

    def test_the_hook_passes_over_what_is_no_infrastructure(self, shop: Path) -> None:
        discovery = discover([Path("values.yaml"), Path("t.yaml"), Path("gone.tf")], shop, hook=True)
        assert found(discovery) == ([], ["t.yaml"])
        assert discovery.problems == ()

    def test_without_a_repository_a_file_stands_for_its_folder(self, tmp_path: Path) -> None:
        write(tmp_path, {"a/main.tf": call("../b"), "b/main.tf": MODULE})
        assert found(discover([Path("b/main.tf")], tmp_path))[0] == ["b"]


def git(folder: Path, *args: str) -> None:
    subprocess.run(["git", "-C", str(folder), *args], check=True, capture_output=True)
