"""The forms of `source`. How they are told apart is what Terraform 1.11.4 does with them."""

import pytest

from wa_scan.terraform.packages.errors import ModuleUnavailableError
from wa_scan.terraform.packages.sources import (
    FolderSource,
    GitSource,
    HttpSource,
    RegistrySource,
    Source,
    is_same,
    parse_source,
)

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            "hashicorp/consul/aws//modules/a",
            RegistrySource("registry.terraform.io", "hashicorp", "consul", "aws", "modules/a"),
        ),
        ("app.terraform.io/org/vpc/aws", RegistrySource("app.terraform.io", "org", "vpc", "aws")),
        ("127.0.0.1:80/a/b/c", RegistrySource("127.0.0.1:80", "a", "b", "c")),
        ("localhost:80/a/b/c", RegistrySource("localhost:80", "a", "b", "c")),
        ("gitlab.com/o/r/x", RegistrySource("gitlab.com", "o", "r", "x")),
        ("github.com/o/r", GitSource("https://github.com/o/r.git")),
        ("github.com/o/r.git//sub?ref=v1", GitSource("https://github.com/o/r.git", "v1", "sub")),
        ("git::github.com/o/r", GitSource("https://github.com/o/r.git")),
        ("bitbucket.org/o/r?ref=x", GitSource("https://bitbucket.org/o/r.git", "x")),
        ("git@github.com:o/r.git//x?ref=1", GitSource("ssh://git@github.com/o/r.git", "1", "x")),
        ("git::me@example.com:o/r", GitSource("ssh://me@example.com/o/r")),
        ("git::ssh://git@example.com:22/o/r.git", GitSource("ssh://git@example.com:22/o/r.git")),
        (
            f"git::https://example.com/r//a//b?ref={COMMIT}&depth=1",
            GitSource("https://example.com/r", COMMIT, "a/b"),
        ),
        ("https://example.com/x.zip//s", HttpSource("https://example.com/x.zip", True, None, "s")),
        ("https://example.com/x?archive=tar.gz", HttpSource("https://example.com/x", True)),
        ("https://example.com/x?a=b", HttpSource("https://example.com/x?a=b", False)),
        (
            "https://example.com/x.tgz?checksum=sha256:00",
            HttpSource("https://example.com/x.tgz", True, "sha256:00"),
        ),
        ("https://github.com/o/r", HttpSource("https://github.com/o/r", False)),
        ("/srv/modules/x", FolderSource("/srv/modules/x")),
        ("file:///srv/x//y", FolderSource("/srv/x", "y")),
    ],
)
def test_what_a_source_means(text: str, meant: Source) -> None:
    assert parse_source(text) == meant


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("s3::https://s3.amazonaws.com/b/x.zip", "modules from s3 are not supported"),
        ("gcs::https://www.googleapis.com/b/x.zip", "modules from gcs are not supported"),
        ("hg::http://example.com/r", "modules from hg are not supported"),
        ("gitlab.com/o/r", "of no kind"),
        ("a/b", "of no kind"),
        ("oci://example.com/x", "of no kind"),
        ("user@example.com:x.git", "of no kind"),
        ("github.com/o", "no repository of github.com"),
        ("a/b/c//../x", "outside of the module package"),
        ("git::https://example.com/r//a/../../x", "outside of the module package"),
        ("git::http://example.com/r", "must be https or ssh"),
        ("git::git://example.com/r", "must be https or ssh"),
        ("git::ext::sh%20-c%20id", "must be https or ssh"),
        ("git::ext::sh -c id", "not an address"),
        ("git::--upload-pack=id", "must be https or ssh"),
        ("git::https://example.com/r?ref=--upload-pack=id", "no name of a branch"),
        ("git::https://example.com/r?ref=a..b", "no name of a branch"),
        ("git::https://example.com/r?ref=a:b", "no name of a branch"),
        ("git::ssh://-oProxyCommand=id/r", "no proper host name"),
        ("git::-oProxyCommand=id@example.com:r", "https or ssh|not an address"),
        ("git::ssh://git@example.com/-r", "not an address"),
        ("git::https://example.com/r?sshkey=AAAA", "keys in the source"),
        ("https://example.com:99999/x.zip", "not an address"),
        ("https://example.com/\x1b[31m.zip", "not an address"),
        ("x" * 3_000, "not an address"),
    ],
)
def test_what_is_not_supported_or_not_safe(text: str, why: str) -> None:
    with pytest.raises(ModuleUnavailableError, match=why):
        parse_source(text)


def test_a_password_is_not_repeated() -> None:
    error = ModuleUnavailableError("git says: https://me:secret@example.com/x is not there")
    assert error.message == "git says: https://me:***@example.com/x is not there"


@pytest.mark.parametrize(
    ("called", "installed", "same"),
    [
        ("a/b/c", "registry.terraform.io/a/b/c", True),
        ("a/b/c", "registry.opentofu.org/a/b/c", True),
        ("registry.terraform.io/a/b/c", "registry.opentofu.org/a/b/c", False),
        ("a/b/c//x", "registry.terraform.io/a/b/c", False),
        ("github.com/o/r//s?ref=v1", "git::https://github.com/o/r.git//s?ref=v1", True),
        ("github.com/o/r?ref=v2", "git::https://github.com/o/r.git?ref=v1", False),
        ("git@github.com:o/r.git", "git::ssh://git@github.com/o/r.git", True),
        ("s3::https://x", "s3::https://x", True),
        ("s3::https://x", "s3::https://y", False),
    ],
)
def test_whether_what_is_installed_is_what_is_called(called: str, installed: str, same: bool) -> None:
    assert is_same(called, installed) is same
