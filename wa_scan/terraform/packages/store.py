"""Where the evaluator gets modules from elsewhere: the cache, and the network if that is allowed."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from posixpath import join
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from wa_scan.terraform.packages.cache import ModuleCache
from wa_scan.terraform.packages.contents import PackageWriter
from wa_scan.terraform.packages.errors import ModuleUnavailableError, without_password
from wa_scan.terraform.packages.sources import (
    FolderSource,
    GitSource,
    HttpSource,
    RegistrySource,
    is_loopback,
    parse_remote,
    parse_source,
    repository_folder,
)
from wa_scan.terraform.versions import Constraint, parse_constraint, parse_version

if TYPE_CHECKING:
    from wa_scan.terraform.packages.registry import Registry
    from wa_scan.terraform.packages.transport import Transport

T = TypeVar("T")

MOST_PACKAGES = 500
_MOST_HOPS = 5
_Remote = RegistrySource | GitSource | HttpSource


@dataclass(frozen=True, slots=True)
class FetchedModule:
    """`directory`: of the module that was called; `package`: what nothing is read outside of for it."""

    directory: Path
    package: Path


@dataclass(frozen=True, slots=True)
class _Package:
    """The files of a package, and the module in it that its source means if the call names none."""

    folder: Path
    subdirectory: str = ""


class ModuleStore:
    """Modules by the `source` and `version` of calls; each is fetched once.

    `download`: whether the network may be used for what `folder`, the cache, does not have. `say` is called
    with what is going on, again and again while it lasts.
    """

    def __init__(self, folder: Path, *, download: bool, say: Callable[[str], None] = lambda _: None) -> None:
        """Raises `UsageError` where the cache cannot be written to."""
        self._download = download
        self._say = say
        self._doing = ""
        self._cache = ModuleCache(folder, self._tick, writable=download)
        self._found: dict[tuple[_Remote, str | None], _Package | ModuleUnavailableError] = {}
        self._registries: dict[str, Registry] = {}
        self._silent: dict[str, ModuleUnavailableError] = {}
        self._fetched = 0

    def find(self, source: str, version: str | None, tree: Path) -> FetchedModule:
        """The module that a call with these arguments means. Raises `ModuleUnavailableError`.

        `tree`: what the caller may read; only there may repositories be that are files.
        """
        parsed = parse_source(source)
        if isinstance(parsed, FolderSource):
            raise ModuleUnavailableError("its source is a path")
        package = self._package(parsed, version, tree)
        return _module(package, parsed.subdirectory)

    def _package(self, source: _Remote, version: str | None, tree: Path) -> _Package:
        if isinstance(source, GitSource):
            _check_place(source, tree)
        key = (replace(source, subdirectory=""), version)
        found = self._found.get(key)
        if found is None:
            self._doing = f"fetching {_title(source)}"
            try:
                if isinstance(source, RegistrySource):
                    found = self._from_registry(source, version)
                else:
                    local = is_loopback(urlsplit(source.url).hostname)
                    found = self._from_address(source, local=local, hops=0)
            except ModuleUnavailableError as error:
                found = error
            except OSError as error:
                found = ModuleUnavailableError((error.strerror or type(error).__name__).lower())
            self._found[key] = found
        if isinstance(found, ModuleUnavailableError):
            raise found
        return found

    # --- from an address to a package; each step is taken from the cache if it was taken before ---------

    def _from_registry(self, source: RegistrySource, text: str | None) -> _Package:
        constraint = parse_constraint(text) if text is not None else Constraint()
        if constraint is None:
            raise ModuleUnavailableError(f'"{text}" is no version constraint')
        local = is_loopback(urlsplit(f"//{source.host}").hostname)
        pin = f"version\n{source.address}\n{text or ''}"
        pinned = self._cache.pin(pin)
        version = parse_version(pinned) if pinned is not None else None
        if version is None:
            registry = self._registry(source, local)
            version = self._asked(registry.url, lambda: registry.newest(source, constraint))
        self._doing = f"fetching {_title(source)} {version}"
        place = f"location\n{source.address}\n{version}"
        location = self._cache.pin(place)
        if location is None:
            found, registry = version, self._registry(source, local)
            location = self._asked(registry.url, lambda: registry.location(source, found))
        package = self._from_location(location, local=local, hops=1)
        self._note(place, location)
        self._note(pin, str(version))
        return package

    def _from_location(self, location: str, *, local: bool, hops: int) -> _Package:
        """What a server has named instead of giving it."""
        if hops > _MOST_HOPS:
            raise ModuleUnavailableError("one address leads to another too often")
        source = parse_remote(location)
        if not isinstance(source, GitSource | HttpSource) or repository_folder(source) is not None:
            raise ModuleUnavailableError("a server leads to a path on this machine")
        package = self._from_address(source, local=local, hops=hops)
        return _Package(package.folder, join(package.subdirectory, source.subdirectory))

    def _from_address(self, source: GitSource | HttpSource, *, local: bool, hops: int) -> _Package:
        if isinstance(source, GitSource):
            return self._from_git(source, local=local)
        if source.is_archive:
            return self._from_archive(source, local=local)
        pin = f"page\n{source.url}"
        location = self._cache.pin(pin) or self._linked(source.url, local=local)
        package = self._from_location(location, local=local, hops=hops + 1)
        self._note(pin, location)
        return package

    def _from_git(self, source: GitSource, *, local: bool) -> _Package:
        key = f"git\n{source.url}\n{source.reference or ''}"
        kept = self._cache.package(key)
        if kept is not None:
            return _Package(kept)
        self._begin()
        if is_loopback(urlsplit(source.url).hostname) and not local:
            raise ModuleUnavailableError("a server elsewhere leads to this machine")

        def fill(folder: Path, work: Path) -> Mapping[str, str]:
            from wa_scan.terraform.packages.git import Repository

            repository = Repository(source, work, self._tick)
            commit = repository.fetch()
            repository.write(commit, PackageWriter(folder))
            return {"source": without_password(source.url), "commit": commit}

        return _Package(self._cache.add(key, _short_name(source), fill))

    def _from_archive(self, source: HttpSource, *, local: bool) -> _Package:
        key = f"archive\n{source.url}\n{source.checksum or ''}"
        kept = self._cache.package(key)
        if kept is not None:
            return _Package(kept)
        self._begin()
        transport = self._transport(local=local)

        def fill(folder: Path, work: Path) -> Mapping[str, str]:
            from wa_scan.terraform.packages.archives import unpack

            archive = work / "archive"
            self._asked(source.url, lambda: transport.download(source.url, archive))
            _verify(archive, source.checksum)
            unpack(archive, PackageWriter(folder), work / "unpacked")
            with archive.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            return {"source": source.url, "sha256": digest}

        return _Package(self._cache.add(key, _short_name(source), fill))

    # --- the network ------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Before anything is asked for. Raises where that is not allowed, or goes too far."""
        if not self._download:
            raise ModuleUnavailableError("it is not in the module cache", "--download-modules fetches it")
        self._fetched += 1
        if self._fetched > MOST_PACKAGES:
            raise ModuleUnavailableError(f"there are more than {MOST_PACKAGES} modules to fetch")

    def _tick(self) -> None:
        self._say(self._doing)

    def _note(self, pin: str, pinned: str) -> None:
        if self._download and self._cache.pin(pin) is None:
            self._cache.add_pin(pin, pinned)

    def _transport(self, *, local: bool) -> "Transport":
        from wa_scan.terraform.packages.transport import Transport

        return Transport(local=local, tick=self._tick)

    def _registry(self, source: RegistrySource, local: bool) -> "Registry":
        """The registry, ready to be asked."""
        self._begin()
        found = self._registries.get(source.host)
        if found is None:
            from wa_scan.terraform.packages.registry import Registry

            transport = self._transport(local=local)
            found = self._registries[source.host] = Registry(source.host, transport)
        return found

    def _linked(self, url: str, *, local: bool) -> str:
        """Where a page that is no archive says that the module is."""
        self._begin()
        from wa_scan.terraform.packages.pages import linked_module

        return self._asked(url, lambda: linked_module(url, self._transport(local=local)))

    def _asked(self, url: str, ask: Callable[[], T]) -> T:
        """What `ask` gives; a server that did not answer once is not asked again."""
        from wa_scan.terraform.packages.transport import NoAnswerError

        host = urlsplit(url).netloc
        if host in self._silent:
            raise self._silent[host]
        try:
            return ask()
        except NoAnswerError as error:
            self._silent[host] = error
            raise


def _check_place(source: GitSource, tree: Path) -> None:
    """A repository that is a folder must lie in the scanned tree, with all that belongs to it."""
    folder = repository_folder(source)
    if folder is None:
        return
    from wa_scan.terraform.files import is_within
    from wa_scan.terraform.packages.git import borrows_objects

    if not is_within(folder, tree):
        raise ModuleUnavailableError("its repository is outside the scanned folder")
    if borrows_objects(folder):
        raise ModuleUnavailableError("its repository takes objects from another one")


def _module(package: _Package, subdirectory: str) -> FetchedModule:
    """The folder of the module in its package, in which `*` may stand for the one folder there is."""
    place = package.folder
    for part in join(package.subdirectory, subdirectory).split("/"):
        if part in ("", "."):
            continue
        place = _only_folder(place, part) if "*" in part else place / part
    from wa_scan.terraform.files import is_within

    if not place.is_dir() or not is_within(place, package.folder):
        shown = join(package.subdirectory, subdirectory)
        raise ModuleUnavailableError(f'there is no folder "{shown}" in its package')
    return FetchedModule(place, package.folder)


def _only_folder(place: Path, pattern: str) -> Path:
    from fnmatch import fnmatchcase

    try:
        found = [path for path in place.iterdir() if fnmatchcase(path.name, pattern)]
    except OSError:
        found = []
    if len(found) != 1:
        raise ModuleUnavailableError(f'"{pattern}" is not exactly one folder of its package')
    return found[0]


def _verify(archive: Path, checksum: str | None) -> None:
    """Raises where `checksum`, in go-getter's form (`sha256:…` or the digits alone), is not the archive's."""
    if checksum is None:
        return
    kind, colon, digits = checksum.rpartition(":")
    if not colon:
        kind = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}.get(len(digits), "")
    if kind not in ("md5", "sha1", "sha256", "sha512"):
        raise ModuleUnavailableError("the checksum in its source is of no kind that is supported")
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()
    if found != digits.lower():
        raise ModuleUnavailableError("what was downloaded does not have the checksum in its source")


def _title(source: _Remote) -> str:
    if isinstance(source, RegistrySource):
        return f"{source.namespace}/{source.name}/{source.provider}"
    return without_password(source.url)


def _short_name(source: GitSource | HttpSource) -> str:
    """A name for people who look at a path in the cache."""
    parts = urlsplit(source.url).path.removesuffix(".git").strip("/").split("/")
    reference = source.reference if isinstance(source, GitSource) else None
    return "-".join([*parts[-2:], *([reference] if reference else [])])
