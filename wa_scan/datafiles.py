"""Folders of YAML data, parsed once and kept.

Parsing YAML is slow (some 100 KB a second), and rules and mapping tables are read at every
start: what a folder holds is kept as JSON in the user's cache folder, one file a folder, and is used as
long as the names, sizes and modification times of the YAML files are the same. A cache that
cannot be read or written costs time, never correctness.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from wa_scan.errors import WaScanError
from wa_scan.version import __version__

if TYPE_CHECKING:
    import yaml

# Raised when the form of the cache file changes.
_FORM = 1
_LARGEST_FILE = 4_000_000
_KEPT_SECONDS = 30 * 24 * 3600


class DataFileError(WaScanError):
    """A data file cannot be read or is not YAML. `line` is 1-based, None where there is none."""

    def __init__(self, file: Path, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(f"{file}{f':{line}' if line else ''}: {message}")
        self.file = file
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class FolderData:
    """What a folder holds, and the files of it that could not be read.

    Both by name: the path below the folder with `/`, without `.yaml`. The data is of JSON's kinds
    (dates have become text), the same whether it came from the cache or not.
    """

    data: Mapping[str, object]
    errors: Mapping[str, DataFileError]


def load_folder(folder: Path, *, recursive: bool = False) -> Mapping[str, object]:
    """The `*.yaml` of `folder` by name without `.yaml`, in the order of their names.

    With `recursive` also those of sub-folders, as `sub/name`. Raises `DataFileError` for the first
    that cannot be read.
    """
    found = read_folder(folder, recursive=recursive)
    for error in found.errors.values():
        raise error
    return found.data


def read_folder(folder: Path, *, recursive: bool = False) -> FolderData:
    """As `load_folder`, but with the errors beside the data instead of raised."""
    files = _yaml_files(folder, recursive)
    stamp = _stamp(folder, files)
    cache = _cache_file(folder, recursive)
    kept = _read_cache(cache, stamp)
    if kept is not None:
        return FolderData(kept, {})
    data: dict[str, object] = {}
    errors: dict[str, DataFileError] = {}
    for name, (path, _, _) in files.items():
        try:
            data[name] = read_yaml(path)
        except DataFileError as error:
            errors[name] = error
    # Through JSON and back, so that the first run sees exactly what later ones will.
    encoded = msgspec.json.encode(data)
    if not errors:
        _write_cache(cache, stamp, encoded)
    return FolderData(cast("dict[str, object]", msgspec.json.decode(encoded)), errors)


def read_yaml(path: Path) -> object:
    """One YAML file as plain data of JSON's kinds.

    Raises `DataFileError`, also for a key that stands twice.
    """
    import yaml

    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise DataFileError(path, f"larger than {_LARGEST_FILE} bytes")
        loader = _loader()(path.read_bytes())
        try:
            node = loader.get_single_node()
            _refuse_duplicates(node, path)
            parsed = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
        return msgspec.json.decode(msgspec.json.encode(parsed))
    except OSError as error:
        raise DataFileError(path, f"cannot be read: {error.strerror or error}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise DataFileError(path, f"not YAML: {error.problem or error.context}", line, column) from error
    except (yaml.YAMLError, UnicodeError, RecursionError, TypeError, ValueError) as error:
        raise DataFileError(path, f"not YAML that can be used: {error}") from error


def line_of_key(path: Path, key: str) -> int | None:
    """The 1-based line of what `key` (`require.all[1].property`) leads to, as far as it can be followed; None
    for a file that is no YAML."""
    import yaml

    try:
        node = yaml.compose(path.read_bytes(), Loader=_loader())
    except (OSError, yaml.YAMLError, UnicodeError, RecursionError):
        return None
    line: int | None = None
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", key):
        if name and isinstance(node, yaml.MappingNode):
            pairs = {k.value: (k, v) for k, v in node.value if isinstance(k, yaml.ScalarNode)}
            if name not in pairs:
                break
            at, node = pairs[name]
        elif index and isinstance(node, yaml.SequenceNode) and int(index) < len(node.value):
            at = node = node.value[int(index)]
        else:
            break
        line = at.start_mark.line + 1
    return line


def _loader() -> "type[yaml.SafeLoader]":
    """libyaml's loader, which is ten times as fast, where PyYAML was built with it."""
    import yaml

    return cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _refuse_duplicates(root: "yaml.Node | None", path: Path) -> None:
    """YAML 1.2 section 3.2.1.1 wants keys to be unique; PyYAML lets the last one win."""
    import yaml

    seen: set[int] = set()
    todo = [root]
    while todo:
        node = todo.pop()
        if not isinstance(node, yaml.CollectionNode) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            todo += node.value
            continue
        keys: set[str] = set()
        for key, value in node.value:
            todo.append(value)
            if isinstance(key, yaml.ScalarNode) and key.value in keys:
                mark = key.start_mark
                raise DataFileError(
                    path, f"the key {key.value!r} stands twice", mark.line + 1, mark.column + 1
                )
            if isinstance(key, yaml.ScalarNode):
                keys.add(key.value)


def _yaml_files(folder: Path, recursive: bool) -> dict[str, tuple[Path, int, int]]:
    """Name to path, size and modification time, sorted by name."""
    found: dict[str, tuple[Path, int, int]] = {}
    todo = [(str(folder), "")]
    while todo:
        at, prefix = todo.pop()
        try:
            entries = list(os.scandir(at))
        except OSError:
            continue
        for entry in entries:
            if entry.name.endswith(".yaml") and entry.is_file():
                status = entry.stat()
                name = prefix + entry.name.removesuffix(".yaml")
                found[name] = (Path(entry.path), status.st_size, status.st_mtime_ns)
            elif recursive and entry.is_dir(follow_symlinks=False) and not entry.name.startswith((".", "_")):
                todo.append((entry.path, f"{prefix}{entry.name}/"))
    return dict(sorted(found.items()))


def _stamp(folder: Path, files: Mapping[str, tuple[Path, int, int]]) -> str:
    digest = hashlib.sha256(f"{_FORM} {__version__} {folder.absolute()}".encode())
    for name, (_, size, changed) in files.items():
        digest.update(f"\0{name}\0{size}\0{changed}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _cache_file(folder: Path, recursive: bool) -> Path | None:
    try:
        from platformdirs import user_cache_path

        digest = hashlib.sha256(f"{folder.absolute()}\0{recursive}".encode("utf-8", "surrogateescape"))
        return user_cache_path("wa-scan", appauthor=False) / f"data-{digest.hexdigest()[:20]}.json"
    except (OSError, RuntimeError):
        return None


def _read_cache(cache: Path | None, stamp: str) -> dict[str, object] | None:
    """What was kept, if it is still what the folder holds: a line with the stamp, then the data."""
    if cache is None:
        return None
    try:
        head, _, body = cache.read_bytes().partition(b"\n")
        if head.decode("ascii", "replace") != stamp:
            return None
        found = msgspec.json.decode(body)
    except (OSError, msgspec.DecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _write_cache(cache: Path | None, stamp: str, body: bytes) -> None:
    if cache is None:
        return
    written = cache.with_name(f"{cache.name}.{os.getpid()}")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        written.write_bytes(stamp.encode() + b"\n" + body)
        written.replace(cache)
        _forget_old(cache)
    except OSError:
        with suppress(OSError):
            written.unlink()


def _forget_old(cache: Path) -> None:
    """Folders come and go (those of tests, of branches): what was not written for a month is dropped."""
    newest = cache.stat().st_mtime
    for other in cache.parent.glob("data-*"):
        with suppress(OSError):
            if newest - other.stat().st_mtime > _KEPT_SECONDS:
                other.unlink()
