"""Git repositories, which nothing of may run."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terraform.packages.local_server import LocalServer, commit, run_git
from wa_scan.terraform.packages import git
from wa_scan.terraform.packages.errors import ModuleUnavailableError
from wa_scan.terraform.packages.store import FetchedModule, ModuleStore

Store = Callable[..., ModuleStore]


@pytest.fixture
def find(store: Store, server: LocalServer, tmp_path: Path) -> Callable[[str], FetchedModule]:
    """`find("//sub?ref=x")` in the repository `r` of the server."""

    def find_in_repository(rest: str = "") -> FetchedModule:
        return store().find(f"git::{server.url}/git/r{rest}", None, tmp_path)

    return find_in_repository


@pytest.fixture
def repository(server: LocalServer) -> Path:
    assert server.repositories is not None
    return server.repositories / "r"


Find = Callable[..., FetchedModule]


def test_branches_tags_and_commits(find: Find, repository: Path) -> None:
    first = commit(repository, {"main.tf": "1"}, "v1")
    second = commit(repository, {"main.tf": "2"})
    run_git(repository, "branch", "release/x")
    run_git(repository, "tag", "-a", "-m", "x", "annotated")
    third = commit(repository, {"main.tf": "3"})
    expected = {
        "": "3",
        "?ref=main": "3",
        "?ref=v1": "1",
        "?ref=release/x": "2",
        "?ref=annotated": "2",
        f"?ref={first}": "1",
        f"?ref={second[:10]}&depth=1": "2",
        f"?ref={third}": "3",
        "?ref=refs/tags/v1": "1",
        "?ref=main~1": None,
        "?ref=gone": None,
        f"?ref={'0' * 40}": None,
    }
    for rest, text in expected.items():
        if text is None:
            with pytest.raises(ModuleUnavailableError, match=r"no branch, tag or commit|no name of"):
                find(rest)
        else:
            assert (find(rest).directory / "main.tf").read_text() == text, rest


def test_a_tag_wins_over_a_branch_of_the_same_name(find: Find, repository: Path) -> None:
    commit(repository, {"main.tf": "tag"}, "same")
    run_git(repository, "checkout", "-q", "-b", "same")
    commit(repository, {"main.tf": "branch"})
    assert (find("?ref=same").directory / "main.tf").read_text() == "tag"


def test_a_server_that_hands_out_nothing_but_all(store: Store, server: LocalServer, tmp_path: Path) -> None:
    folder = tmp_path / "dumb"
    first = commit(folder, {"main.tf": "1"})
    commit(folder, {"main.tf": "2"})
    run_git(folder, "update-server-info")
    for path in (folder / ".git").rglob("*"):
        if path.is_file():
            server.add(f"/dumb/{path.relative_to(folder / '.git').as_posix()}", path.read_bytes())
    for rest, text in (("", "2"), ("?ref=main", "2"), (f"?ref={first}", "1")):
        found = store().find(f"git::{server.url}/dumb{rest}", None, tmp_path)
        assert (found.directory / "main.tf").read_text() == text


def test_the_folder_that_is_named_and_its_package(find: Find, repository: Path) -> None:
    commit(repository, {"modules/db/main.tf": "x", "modules/net/main.tf": "y"})
    found = find("//modules/db")
    assert (found.directory / "../net/main.tf").read_text() == "y"
    assert found.directory == found.package / "modules" / "db"
    with pytest.raises(ModuleUnavailableError, match='no folder "modules/gone"'):
        find("//modules/gone")
    with pytest.raises(ModuleUnavailableError, match=r'no folder "modules/db/main\.tf"'):
        find("//modules/db/main.tf")


def test_nothing_in_a_repository_runs_and_nothing_leads_out(
    find: Find, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    script.chmod(0o755)
    # What runs in a checkout: filters of the user's configuration that attributes ask for, hooks, a monitor.
    template = tmp_path / "template"
    (template / "hooks").mkdir(parents=True)
    for hook in ("post-checkout", "reference-transaction", "post-merge"):
        (template / "hooks" / hook).write_text(script.read_text())
        (template / "hooks" / hook).chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f"[init]\ntemplateDir = {template}\n[core]\nhooksPath = {template}/hooks\nfsmonitor = {script}\n"
        f'[filter "x"]\nsmudge = {script}\nprocess = {script}\nrequired = true\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    files = {
        ".gitattributes": "* filter=x export-subst\n",
        "main.tf": "$Format:%H$",
        ".gitmodules": f'[submodule "s"]\npath = s\nurl = ext::sh -c "touch {ran}"\n',
    }
    commit(repository, files)
    (repository / "out.tf").symlink_to("/etc/passwd")
    (repository / "in.tf").symlink_to("main.tf")
    (repository / "up").symlink_to("..")
    head = run_git(repository, "rev-parse", "HEAD").strip()
    run_git(repository, "update-index", "--add", "--cacheinfo", f"160000,{head},s")
    run_git(repository, "add", "out.tf", "in.tf", "up")
    run_git(repository, "commit", "-q", "-m", "links")
    found = find()
    assert sorted(os.listdir(found.directory)) == [".gitattributes", ".gitmodules", "in.tf", "main.tf"]  # noqa: PTH208
    assert (found.directory / "in.tf").read_text() == "$Format:%H$"
    assert not ran.exists()


def test_the_variables_that_a_hook_of_git_sets_do_not_matter(
    find: Find, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository, {"main.tf": "x"})
    other = tmp_path / "other"
    commit(other, {"main.tf": "other"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "ext")
    assert (find().directory / "main.tf").read_text() == "x"


def test_a_repository_that_is_a_folder_must_lie_in_the_tree(store: Store, tmp_path: Path) -> None:
    commit(tmp_path / "tree" / "r", {"main.tf": "x"})
    commit(tmp_path / "outside", {"main.tf": "x"})
    (tmp_path / "tree" / "link").symlink_to(tmp_path / "outside")
    tree = tmp_path / "tree"
    found = store().find(f"git::file://{tree}/r", None, tree)
    assert (found.directory / "main.tf").read_text() == "x"
    for path in (tmp_path / "outside", tree / "link", tree / ".." / "outside"):
        with pytest.raises(ModuleUnavailableError, match="outside the scanned folder"):
            store().find(f"git::file://{path}", None, tree)


def test_a_repository_that_borrows_from_another(store: Store, tmp_path: Path) -> None:
    commit(tmp_path / "outside", {"main.tf": "x"})
    run_git(tmp_path, "clone", "-q", "--shared", str(tmp_path / "outside"), str(tmp_path / "tree"))
    with pytest.raises(ModuleUnavailableError, match="takes objects from another"):
        store().find(f"git::file://{tmp_path}/tree", None, tmp_path / "tree")


def test_what_git_says_is_told(find: Find) -> None:
    with pytest.raises(ModuleUnavailableError, match=r"git says: repository '.*' not found"):
        find()


@pytest.mark.parametrize(("limit", "value"), [("LARGEST_CONTENTS", 100), ("MOST_ENTRIES", 1)])
def test_limits(
    find: Find, repository: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    commit(repository, {"a.tf": "x" * 200, "b.tf": "y"})
    monkeypatch.setattr(git, limit, value)
    with pytest.raises(ModuleUnavailableError, match="more than"):
        find()


def test_a_repository_that_takes_too_long(
    find: Find, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository, {"a.tf": "x"})
    monkeypatch.setattr(git, "LONGEST", 0.0)
    with pytest.raises(ModuleUnavailableError, match="longer than"):
        find()


def test_without_git(find: Find, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModuleUnavailableError, match="git is not installed"):
        find()
