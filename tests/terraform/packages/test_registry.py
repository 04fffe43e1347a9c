"""Registries and archives on a web server, and what is kept of them."""

import hashlib
import json
import multiprocessing
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terraform.packages.local_server import LocalServer, commit, tar_of, zip_of
from wa_scan.errors import UsageError
from wa_scan.terraform.packages import store as store_module
from wa_scan.terraform.packages import transport
from wa_scan.terraform.packages.errors import ModuleUnavailableError
from wa_scan.terraform.packages.store import ModuleStore
from wa_scan.terraform.packages.transport import Transport

Store = Callable[..., ModuleStore]
ARCHIVE = tar_of({"top/main.tf": "main", "top/modules/db/main.tf": "db"})


def text_of(store: ModuleStore, source: str, version: str | None = None, file: str = "main.tf") -> str:
    return (store.find(source, version, Path("/nowhere")).directory / file).read_text()


def test_the_newest_version_that_meets_the_constraint(store: Store, server: LocalServer) -> None:
    locations = {}
    for version in ("1.0.0", "1.5.0", "2.0.0", "3.0.0-beta"):
        locations[version] = server.add(f"/{version}.zip", zip_of({"main.tf": version}))
    source = server.add_registry("acme/vpc/aws", locations)
    for constraint, version in (
        (None, "2.0.0"),
        ("~> 1.0", "1.5.0"),
        ("1.0.0", "1.0.0"),
        ("3.0.0-beta",) * 2,
    ):
        assert text_of(store(), source, constraint) == version


def test_the_ways_in_which_a_registry_answers(store: Store, server: LocalServer) -> None:
    server.add("/1.tgz", ARCHIVE)
    source = server.add_registry(
        "acme/vpc/aws",
        {
            "1.0.0": f"{server.url}/1.tgz//top",
            "2.0.0": "/1.tgz//*?archive=tar.gz",
            "3.0.0": "./../../../../../../1.tgz//top",
        },
    )
    server.add_json("/v1/modules/acme/vpc/aws/4.0.0/download", {"location": f"{server.url}/1.tgz//top"})
    versions = [{"version": f"{number}.0.0"} for number in (1, 2, 3, 4)]
    server.add_json("/v1/modules/acme/vpc/aws/versions", {"modules": [{"versions": versions}]})
    for number in (1, 2, 3, 4):
        assert text_of(store(), source, f"{number}.0.0") == "main"
        assert text_of(store(), f"{source}//modules/db", f"{number}.0.0") == "db"
    assert server.asked.count("/1.tgz") == 1


def test_a_registry_that_leads_to_git(store: Store, server: LocalServer) -> None:
    assert server.repositories is not None
    made = commit(server.repositories / "r", {"m/main.tf": "from git"})
    location = f"git::{server.url}/git/r//m?ref={made}"
    assert text_of(store(), server.add_registry("a/b/c", {"1.0.0": location})) == "from git"


def test_service_discovery_may_name_another_place(store: Store, server: LocalServer) -> None:
    server.add("/m.zip", zip_of({"main.tf": "x"}))
    source = server.add_registry("a/b/c", {"1.0.0": "/m.zip"})
    server.pages = {path.replace("/v1/modules/", "/other/base/"): page for path, page in server.pages.items()}
    server.add("/.well-known/terraform.json", status=302, Location="/moved.json")
    server.add_json("/moved.json", {"modules.v1": f"{server.url}/other/base"})
    assert text_of(store(), source) == "x"


@pytest.mark.parametrize("name", ["m.zip", "m.tar.gz", "m.tbz2", "m?archive=tgz"])
def test_archives_by_address(store: Store, server: LocalServer, name: str) -> None:
    """What it is, of all kinds, is told by its bytes."""
    path, question, query = name.partition("?")
    url = server.add(f"/{path}", ARCHIVE)
    assert text_of(store(), f"{url}//top/modules/db{question}{query}") == "db"


def test_a_page_that_says_where_the_module_is(store: Store, server: LocalServer) -> None:
    server.add("/m.zip", zip_of({"main.tf": "x"}))
    server.add("/header?terraform-get=1", X_Terraform_Get="./m.zip")
    server.add("/page", b'<html><meta name="terraform-get" content="/m.zip"><p>x')
    server.add("/nothing", b"<html>")
    server.add("/round", X_Terraform_Get="/round")
    assert text_of(store(), f"{server.url}/header") == "x"
    assert text_of(store(), f"{server.url}/page") == "x"
    with pytest.raises(ModuleUnavailableError, match="neither an archive"):
        text_of(store(), f"{server.url}/nothing")
    with pytest.raises(ModuleUnavailableError, match="too often"):
        text_of(store(), f"{server.url}/round")


def test_checksums(store: Store, server: LocalServer) -> None:
    url = server.add("/m.zip", ARCHIVE)
    digest = hashlib.sha256(ARCHIVE).hexdigest()
    md5 = hashlib.md5(ARCHIVE, usedforsecurity=False).hexdigest()
    for checksum in (f"sha256:{digest}", f"md5:{md5}", digest):
        assert text_of(store(), f"{url}//top?checksum={checksum}") == "main"
    for checksum, why in ((f"sha256:{md5}", "does not have"), ("file:x", "no kind"), ("1", "no kind")):
        with pytest.raises(ModuleUnavailableError, match=why):
            text_of(store(), f"{url}//top?checksum={checksum}")


# --- what goes wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("~> 9.0", "no version of a/b/c on .* meets the constraint, the newest is 1.0.0"),
        ("nonsense", '"nonsense" is no version constraint'),
        ("", "is no version constraint"),
    ],
)
def test_versions_that_are_not_there(store: Store, server: LocalServer, version: str, why: str) -> None:
    source = server.add_registry("a/b/c", {"1.0.0": "/m.zip"})
    with pytest.raises(ModuleUnavailableError, match=why):
        store().find(source, version, Path("/nowhere"))


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc",
        "/etc",
        "git::file:///etc",
        "git::ext::sh%20-c%20id",
        "git::https://example.com/r?ref=--upload-pack=id",
        "http://example.com/m.zip",
        "ftp://example.com/m.zip",
        "s3::https://example.com/x",
        "../../../../../../../../../x",
        "nonsense",
    ],
)
def test_a_registry_that_leads_astray(store: Store, server: LocalServer, location: str) -> None:
    with pytest.raises(ModuleUnavailableError):
        store().find(server.add_registry("a/b/c", {"1.0.0": location}), None, Path("/etc"))


@pytest.mark.parametrize(
    "versions",
    [
        *(b"", b"nonsense", b"[]", b"{}", b'{"modules": 1}', b"[" * 200_000),
        b'{"modules": [{"versions": [1, {"version": 2}]}]}',
        b'{"modules": [{"versions": [{"version": "latest"}]}]}',
    ],
    ids=range(8),
)
def test_answers_that_are_none(store: Store, server: LocalServer, versions: bytes) -> None:
    source = server.add_registry("a/b/c", {"1.0.0": "/m.zip"})
    server.add("/v1/modules/a/b/c/versions", versions)
    with pytest.raises(ModuleUnavailableError):
        store().find(source, None, Path("/nowhere"))


def test_what_is_no_registry_or_wants_credentials(store: Store, server: LocalServer) -> None:
    with pytest.raises(ModuleUnavailableError, match="is no registry of modules"):
        store().find(f"{server.host}/a/b/c", None, Path("/nowhere"))
    source = server.add_registry("a/b/c", {"1.0.0": "/m.zip"})
    with pytest.raises(ModuleUnavailableError, match=r"the registry .* has no module x/y/z"):
        store().find(source.replace("a/b/c", "x/y/z"), None, Path("/nowhere"))
    server.add("/v1/modules/a/b/c/versions", status=401)
    with pytest.raises(ModuleUnavailableError, match="asks for credentials") as refused:
        store().find(source, None, Path("/nowhere"))
    assert refused.value.hint == "run `terraform init` and scan with what it installs"


def test_a_server_that_does_not_answer_is_asked_once(store: Store, server: LocalServer) -> None:
    opened = store()
    source = server.add_registry("a/b/c", {"1.0.0": "/m.zip"})
    server.__exit__()
    calls = []
    original = Transport._open

    def counted(self: Transport, url: str) -> object:
        calls.append(url)
        return original(self, url)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transport, "_open", counted)
        for version in ("1.0.0", "2.0.0", "3.0.0"):
            with pytest.raises(ModuleUnavailableError, match="cannot be reached"):
                opened.find(source, version, Path("/nowhere"))
    assert len(calls) == 2  # without and with TLS


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/x", "must be https"),
        ("file:///etc/passwd", "must be https"),
        ("ftp://example.com/x", "must be https"),
        ("data:text/plain,x", "must be https"),
        ("https://me:secret@example.com/x", "not sent"),
        ("https://127.0.0.1/x", "leads to this machine"),
        ("http://localhost/x", "leads to this machine"),
        ("https://[::1]/x", "leads to this machine"),
    ],
)
def test_addresses_that_are_not_asked(url: str, why: str) -> None:
    with pytest.raises(ModuleUnavailableError, match=why):
        Transport(local=False, tick=lambda: None).get(url)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://example.com/x", "/again"])
def test_redirects_are_held_to_the_same_rules(server: LocalServer, target: str) -> None:
    url = server.add("/again", status=302, Location=target)
    with pytest.raises(ModuleUnavailableError):
        Transport(local=True, tick=lambda: None).get(url)
    assert len(server.asked) <= 7


def test_limits_of_size_and_time(
    server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "LARGEST_ARCHIVE", 1_000)
    url = server.add("/large", bytes(2_000))
    asked = Transport(local=True, tick=lambda: None)
    with pytest.raises(ModuleUnavailableError, match="larger than"):
        asked.get(url, 1_000)
    with pytest.raises(ModuleUnavailableError, match="larger than"):
        asked.download(url, tmp_path / "x")
    monkeypatch.setattr(transport, "LONGEST_DOCUMENT", 0.3)
    given_up = threading.Event()

    def dribble(self: Transport, url: str) -> object:
        given_up.wait(60)
        raise OSError

    monkeypatch.setattr(Transport, "_open", dribble)
    with pytest.raises(ModuleUnavailableError, match="too long"):
        asked.get(url)
    given_up.set()


def test_there_is_an_end_to_what_is_fetched(
    store: Store, server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_PACKAGES", 2)
    opened = store()
    urls = [server.add(f"/{number}.zip", zip_of({"main.tf": "x"})) for number in range(3)]
    assert [text_of(opened, url) for url in urls[:2]] == ["x", "x"]
    with pytest.raises(ModuleUnavailableError, match="more than 2 modules"):
        text_of(opened, urls[2])


def test_what_is_fetched_is_said_meanwhile(server: LocalServer, tmp_path: Path) -> None:
    source = server.add_registry("a/b/c", {"1.0.0": server.add("/1.zip", zip_of({"main.tf": "1"}))})
    said: list[str] = []
    text_of(ModuleStore(tmp_path / "cache", download=True, say=said.append), source)
    assert list(dict.fromkeys(said)) == ["fetching a/b/c", "fetching a/b/c 1.0.0"]


# --- the cache ---------------------------------------------------------------------------------------------


def test_what_was_fetched_is_used_without_the_network(
    store: Store, server: LocalServer, tmp_path: Path
) -> None:
    assert server.repositories is not None
    commit(server.repositories / "r", {"main.tf": "old"})
    registry = server.add_registry("a/b/c", {"1.0.0": server.add("/1.zip", zip_of({"main.tf": "1"}))})
    server.add("/page", X_Terraform_Get="/1.zip")
    calls = [
        (registry, "~> 1.0"),
        (f"git::{server.url}/git/r", None),
        (f"{server.url}/1.zip", None),
        (f"{server.url}/page", None),
    ]
    first = [text_of(store(), source, version) for source, version in calls]
    # There is something newer, but what was found stays.
    server.add_registry("a/b/c", {"1.1.0": "/2.zip"})
    commit(server.repositories / "r", {"main.tf": "new"})
    server.asked.clear()
    for download in (True, False):
        again = store(download=download)
        assert (
            [text_of(again, source, version) for source, version in calls] == first == ["1", "old", "1", "1"]
        )
    assert server.asked == []
    origins = [json.loads(path.read_text()) for path in (tmp_path / "cache").glob("packages/*/origin.json")]
    assert sorted("commit" in origin for origin in origins) == [False, True]


def test_without_leave_nothing_is_fetched(store: Store, server: LocalServer) -> None:
    source = server.add_registry("a/b/c", {"1.0.0": server.add("/1.zip", zip_of({"main.tf": "1"}))})
    for call in (source, f"git::{server.url}/git/r", f"{server.url}/1.zip", f"{server.url}/page"):
        with pytest.raises(ModuleUnavailableError, match="not in the module cache") as refused:
            store(download=False).find(call, None, Path("/nowhere"))
        assert refused.value.hint == "--download-modules fetches it"
    assert server.asked == []


def test_what_fails_leaves_nothing_behind(store: Store, server: LocalServer, tmp_path: Path) -> None:
    url = server.add("/m.zip", zip_of({"main.tf": "1", "../evil": ""}))
    with pytest.raises(ModuleUnavailableError):
        store().find(url, None, Path("/nowhere"))
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == [
        *(".gitignore", "CACHEDIR.TAG", "locks", "packages", "pins")
    ]
    assert list((tmp_path / "cache" / "packages").iterdir()) == []
    server.add("/m.zip", zip_of({"main.tf": "1"}))
    assert text_of(store(), url) == "1"


def test_notes_that_are_damaged_count_as_none(store: Store, server: LocalServer, tmp_path: Path) -> None:
    source = server.add_registry("a/b/c", {"1.0.0": server.add("/1.zip", zip_of({"main.tf": "1"}))})
    assert text_of(store(), source) == "1"
    for damage in (b"", b"[]", b'{"pinned": 1}', b'{"pinned": "../../.."}', b"\xff"):
        for pin in (tmp_path / "cache" / "pins").iterdir():
            pin.write_bytes(damage)
        if b".." in damage:
            with pytest.raises(ModuleUnavailableError):
                text_of(store(download=False), source)
        else:
            assert text_of(store(), source) == "1"


def _fetch(cache: str, url: str) -> str:
    return text_of(ModuleStore(Path(cache), download=True), url)


def test_runs_at_the_same_time_fetch_once(server: LocalServer, tmp_path: Path) -> None:
    url = server.add("/m.zip", zip_of({"main.tf": "1"}))
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.starmap(_fetch, [(str(tmp_path / "cache"), url)] * 6)
    assert found == ["1"] * 6
    assert server.asked == ["/m.zip"]


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="modules cannot be kept in"):
        ModuleStore(tmp_path / "file" / "cache", download=True)
    # To look something up nothing need be written.
    with pytest.raises(ModuleUnavailableError):
        ModuleStore(tmp_path / "file" / "cache", download=False).find("a/b/c", None, tmp_path)
