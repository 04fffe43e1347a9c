"""The folder that fetched packages are kept in.

    packages/NAME-HASH/origin.json      what it is: source, version, commit, hash of the archive
    packages/NAME-HASH/module/          its files
    pins/HASH.json                      which version or commit stands for a constraint or a branch
    locks/HASH                          held while a package is fetched

A package is there whole or not at all: it is filled elsewhere and then renamed. It is never changed, so a
pinned source gives the same files until the folder is deleted. Files that are not wa-scan's count as
not being there.
"""

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from wa_scan.errors import UsageError
from wa_scan.terraform.packages.errors import ModuleUnavailableError

_LARGEST_NOTE = 100_000
_LONGEST_NAME = 50
# Seconds: how long to wait for another run that fetches the same, and when its leavings are old.
_PATIENCE = 600.0
_PAUSE = 0.2
_OLD = 24 * 3600
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Modules that wa-scan has downloaded.\n"


def default_folder() -> Path:
    """In the user's cache folder."""
    from platformdirs import user_cache_path

    return user_cache_path("wa-scan", appauthor=False) / "modules"


class ModuleCache:
    """Packages and pins in `folder`, by texts that name them. `writable`: whether anything may be
    added. `tick` is called while another run is waited for."""

    def __init__(self, folder: Path, tick: Callable[[], None], *, writable: bool) -> None:
        """Raises `UsageError` where a writable folder cannot be written to."""
        self.folder = folder
        self._tick = tick
        if writable:
            self._open()

    def _open(self) -> None:
        try:
            for name in ("packages", "pins", "locks"):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
            # Neither git nor backups nor a later scan need look in here.
            for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _TAG)):
                if not (self.folder / name).exists():
                    (self.folder / name).write_text(text, encoding="utf-8")
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise UsageError(f"modules cannot be kept in {self.folder}: {why}") from error
        for left in self.folder.glob("fetching-*"):
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > _OLD:
                    shutil.rmtree(left, ignore_errors=True)

    def package(self, key: str) -> Path | None:
        """The folder that holds the files of the package."""
        found = next(self._entry_names(key), None)
        return found / "module" if found is not None else None

    def origin(self, key: str) -> Mapping[str, str]:
        """What was noted when the package was added."""
        found = next(self._entry_names(key), None)
        noted = _read(found / "origin.json") if found is not None else None
        return {k: v for k, v in noted.items() if isinstance(v, str)} if noted is not None else {}

    def _entry_names(self, key: str) -> Iterator[Path]:
        for path in sorted((self.folder / "packages").glob(f"*-{_hash(key)}")):
            if (path / "module").is_dir():
                yield path

    def add(self, key: str, name: str, fill: Callable[[Path, Path], Mapping[str, str]]) -> Path:
        """The package, made by `fill` if it is not there: that is called with an empty folder for the files
        and one for whatever it needs beside, and returns what to note. Raises what it raises."""
        with self._locked(key):
            found = self.package(key)
            if found is not None:
                return found
            try:
                scratch = Path(tempfile.mkdtemp(prefix="fetching-", dir=self.folder))
            except OSError as error:
                raise _unwritable(error) from None
            try:
                entry, work = scratch / "entry", scratch / "work"
                (entry / "module").mkdir(parents=True)
                work.mkdir()
                _write(entry / "origin.json", fill(entry / "module", work))
                return self._move(entry, key, name)
            except OSError as error:
                raise _unwritable(error) from None
            finally:
                shutil.rmtree(scratch, ignore_errors=True)

    def _move(self, entry: Path, key: str, name: str) -> Path:
        short = re.sub(r"[^0-9a-z.]+", "-", name.lower())[-_LONGEST_NAME:].strip("-.")
        place = self.folder / "packages" / f"{short or 'module'}-{_hash(key)}"
        try:
            entry.rename(place)
        except OSError:
            # Where locks do not work somebody else may have been quicker.
            if self.package(key) is None:
                raise
        return place / "module"

    def pin(self, key: str) -> str | None:
        """The version or commit that was found for a constraint or a branch."""
        noted = _read(self.folder / "pins" / f"{_hash(key)}.json")
        pinned = noted.get("pinned") if noted is not None else None
        return pinned if isinstance(pinned, str) else None

    def add_pin(self, key: str, pinned: str) -> None:
        try:
            note = {"for": key.partition("\n")[2].replace("\n", " "), "pinned": pinned}
            _write(self.folder / "pins" / f"{_hash(key)}.json", note)
        except OSError as error:
            raise _unwritable(error) from None

    @contextmanager
    def _locked(self, key: str) -> Iterator[None]:
        """Holds the package's lock, so that of several runs one fetches; without locks all do."""
        try:
            file = (self.folder / "locks" / _hash(key)).open("ab")
        except OSError:
            yield
            return
        # The lock ends with the file, hence with the process at the latest.
        with file:
            _wait_for(file, self._tick)
            yield


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _wait_for(file: IO[bytes], tick: Callable[[], None]) -> None:
    end = time.monotonic() + _PATIENCE
    while not _lock(file) and time.monotonic() < end:
        tick()
        time.sleep(_PAUSE)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # a file system without locks
        return True


def _read(path: Path) -> Mapping[str, object] | None:
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_LARGEST_NOTE))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _write(path: Path, note: Mapping[str, str]) -> None:
    """Whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(note, file, indent=1)
    Path(temporary).replace(path)


def _unwritable(error: OSError) -> ModuleUnavailableError:
    return ModuleUnavailableError(f"the cache cannot be written ({(error.strerror or str(error)).lower()})")
