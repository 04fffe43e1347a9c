"""What the `source` of a module call means: the forms that Terraform 1.11 knows (its documentation, "Module
Sources"; how they are told apart was held against that program)."""

import ipaddress
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from posixpath import normpath
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urljoin, urlsplit, urlunsplit

from wa_scan.terraform.packages.errors import ModuleUnavailableError

DEFAULT_HOST = "registry.terraform.io"
_OPENTOFU_HOST = "registry.opentofu.org"
_LONGEST = 2_000

_NAME = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z_-]{0,62}[0-9A-Za-z])?")
_PROVIDER = re.compile(r"[0-9a-z]{1,64}")
_LABEL = r"[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
_HOST = re.compile(rf"(?=.*\.|localhost){_LABEL}(?:\.{_LABEL})*(?::\d{{1,5}})?")
_FORCED = re.compile(r"(?P<kind>[A-Za-z0-9]+)::(?P<rest>.+)", re.DOTALL)
_SCP = re.compile(r"(?:(?P<user>[\w.-]+)@)(?P<host>[\w.-]+):/?(?P<path>[^?]+)(?P<query>\?.*)?")
_USER = re.compile(r"[\w.-]*(?::[^@/\s]*)?")
# Never as an option of a program, never with characters that git does not allow in names of references.
_REFERENCE = re.compile(r"(?!-)(?!.*\.\.)[^\x00-\x20\x7f~^:?*\[\\]{1,250}")
_ARCHIVE = re.compile(r"\.(?:zip|tgz|tbz2?|txz|tar|tar\.(?:gz|bz2|xz))$")


@dataclass(frozen=True, slots=True)
class RegistrySource:
    """`hashicorp/consul/aws//modules/x`. `host` with its port; the public registry's if there is none."""

    host: str
    namespace: str
    name: str
    provider: str
    subdirectory: str = ""
    names_host: bool = field(default=True, compare=False)

    @property
    def address(self) -> str:
        return f"{self.host}/{self.namespace}/{self.name}/{self.provider}"


@dataclass(frozen=True, slots=True)
class GitSource:
    """A git repository. `reference`: branch, tag or commit; None for what the repository says."""

    url: str
    reference: str | None = None
    subdirectory: str = ""


@dataclass(frozen=True, slots=True)
class HttpSource:
    """An archive, or a page that says where the module is. `checksum`: as in `?checksum=sha256:…`."""

    url: str
    is_archive: bool
    checksum: str | None = None
    subdirectory: str = ""


@dataclass(frozen=True, slots=True)
class FolderSource:
    """An absolute path."""

    path: str
    subdirectory: str = ""


Source = RegistrySource | GitSource | HttpSource | FolderSource


def parse_source(text: str) -> Source:
    """What `text`, which is no relative path, names. Raises `ModuleUnavailableError`."""
    if len(text) > _LONGEST or re.search(r"[\x00-\x20\x7f]", text):
        raise ModuleUnavailableError("its source is not an address")
    return _registry(text) or parse_remote(text)


def parse_remote(text: str) -> Source:
    """As `parse_source`, for what is no address of a registry, such as the answer of one."""
    package, subdirectory = split_subdirectory(text)
    forced = _FORCED.fullmatch(package)
    kind, rest = (forced["kind"].lower(), forced["rest"]) if forced is not None else ("", package)
    if kind == "git" or not kind:
        source = _git(rest, forced=kind == "git")
        if source is not None:
            return replace(source, subdirectory=subdirectory)
    if kind not in ("", "http", "https", "file"):
        raise ModuleUnavailableError(f"modules from {kind} are not supported")
    if rest.startswith("/"):
        return FolderSource(normpath(rest), subdirectory)
    parts = _parts(rest)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return FolderSource(normpath(unquote(parts.path)), subdirectory)
    if parts.scheme in ("http", "https"):
        return _http(rest, subdirectory)
    raise ModuleUnavailableError("its source is of no kind that is supported")


def split_subdirectory(text: str) -> tuple[str, str]:
    """The package and the folder in it that follows `//`. Raises if that leads out of the package."""
    address, question, query = text.partition("?")
    scheme, separator, rest = address.partition("://")
    if not separator:
        scheme, rest = "", address
    package, _, subdirectory = rest.partition("//")
    subdirectory = normpath(subdirectory) if subdirectory else ""
    if subdirectory.startswith(("..", "/")):
        raise ModuleUnavailableError("the folder in its source leads outside of the module package")
    return scheme + separator + package + question + query, "" if subdirectory == "." else subdirectory


def joined(base: str, location: str) -> str:
    """An address that a server at `base` has given; relative ones are made absolute."""
    if not location.startswith(("/", "./", "../")):
        return location
    address, question, query = location.partition("?")
    package, separator, subdirectory = address.partition("//")
    # The two slashes before a folder of the package are no part of the address that is joined.
    return urljoin(base, package) + separator + subdirectory + question + query


def is_same(called: str, installed: str) -> bool:
    """Whether two sources, one of a call and one that `terraform init` has noted, name the same module."""
    if called == installed:
        return True
    try:
        wanted, found = parse_source(called), parse_source(installed)
    except ModuleUnavailableError:
        return False
    # Without a host each program asks its own registry.
    if isinstance(wanted, RegistrySource) and not wanted.names_host:
        return wanted == found or replace(wanted, host=_OPENTOFU_HOST) == found
    return wanted == found


def repository_folder(source: Source) -> Path | None:
    """The folder of a `file://` repository, None for what is elsewhere."""
    if not isinstance(source, GitSource):
        return None
    parts = urlsplit(source.url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def is_loopback(host: str | None) -> bool:
    """Whether a host without its port is this machine."""
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _registry(text: str) -> RegistrySource | None:
    if "?" in text or "://" in text:
        return None
    address, subdirectory = split_subdirectory(text)
    parts = address.split("/")
    names_host = len(parts) == 4
    if names_host and not (_HOST.fullmatch(parts[0]) and parts[0] not in ("github.com", "bitbucket.org")):
        return None
    host, *names = parts if names_host else (DEFAULT_HOST, *parts)
    if len(names) != 3 or not (
        _NAME.fullmatch(names[0]) and _NAME.fullmatch(names[1]) and _PROVIDER.fullmatch(names[2])
    ):
        return None
    return RegistrySource(host.lower(), names[0], names[1], names[2], subdirectory, names_host)


def _git(text: str, *, forced: bool) -> GitSource | None:
    """The git repository that `text` names; None where it names none, `forced` if it must."""
    for host in ("github.com", "bitbucket.org"):
        if text.startswith(f"{host}/"):
            address, question, query = text.partition("?")
            names = address.split("/")
            if len(names) < 3 or not all(names[1:3]):
                raise ModuleUnavailableError(f"its source names no repository of {host}")
            names[2] = names[2].removesuffix(".git") + ".git"
            return _checked(f"https://{'/'.join(names)}{question}{query}")
    copied = _SCP.fullmatch(text)
    if copied is not None and "://" not in text and (forced or copied["user"] == "git"):
        user, host, path = copied["user"], copied["host"], copied["path"]
        return _checked(f"ssh://{user}@{host}/{path}{copied['query'] or ''}")
    return _checked(text) if forced else None


def _checked(url: str) -> GitSource:
    parts = _parts(url)
    here = is_loopback(parts.hostname)
    allowed = parts.scheme in ("https", "ssh") or (parts.scheme in ("http", "git") and here)
    is_file = parts.scheme == "file" and parts.netloc in ("", "localhost")
    if not allowed and not is_file:
        raise ModuleUnavailableError(
            f"git over {parts.scheme or 'this kind of address'} is not used: it must be https or ssh"
        )
    host = parts.netloc.rpartition("@")[2]
    user = parts.netloc.rpartition("@")[0]
    if not is_file and (not re.fullmatch(r"[0-9A-Za-z][\w.-]*(?::\d{1,5})?|\[[0-9a-f:]+\](?::\d+)?", host)):
        raise ModuleUnavailableError("its source has no proper host name")
    if not _USER.fullmatch(user) or user.startswith("-") or parts.path.startswith("/-"):
        raise ModuleUnavailableError("its source is not an address")
    arguments = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "sshkey" in arguments:
        raise ModuleUnavailableError("keys in the source are not supported")
    reference = arguments.pop("ref", None) or None
    arguments.pop("depth", None)
    if reference is not None and not _REFERENCE.fullmatch(reference):
        raise ModuleUnavailableError("the ref in its source is no name of a branch, tag or commit")
    kept = urlencode(arguments)
    return GitSource(urlunsplit((parts.scheme, parts.netloc, parts.path, kept, "")), reference)


def _http(text: str, subdirectory: str) -> HttpSource:
    parts = _parts(text)
    arguments = parse_qsl(parts.query, keep_blank_values=True)
    named = dict(arguments)
    archive = named.get("archive")
    is_archive = bool(_ARCHIVE.search(parts.path)) if archive in (None, "") else archive != "false"
    if archive == "false":
        raise ModuleUnavailableError("a single file is no module")
    kept = [(name, value) for name, value in arguments if name not in ("archive", "checksum")]
    # Left as it is where nothing is taken out: it may be signed.
    query = urlencode(kept) if len(kept) < len(arguments) else parts.query
    url = urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
    return HttpSource(url, is_archive, named.get("checksum"), subdirectory)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ModuleUnavailableError("its source is not an address") from None
    return parts
