"""The names that git tracks, read from `.git/index`.

A tracked file is not ignored, whatever `.gitignore` says (gitignore(5): patterns concern
"intentionally untracked files"). Format: git's Documentation/gitformat-index.txt.
"""

import struct
from bisect import bisect_left
from pathlib import Path

_SIZE_LIMIT = 200_000_000
_HASH_SIZE = 20
_FIXED = 40 + _HASH_SIZE  # the stat data and the object name, before the flags
_EXTENDED = 0x4000


class TrackedNames:
    """Sorted repository-relative names with `/`."""

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def __contains__(self, name: str) -> bool:
        at = bisect_left(self._names, name)
        return at < len(self._names) and self._names[at] == name

    def any_below(self, folder: str) -> bool:
        """Whether some tracked file lies below `folder`."""
        prefix = folder + "/"
        at = bisect_left(self._names, prefix)
        return at < len(self._names) and self._names[at].startswith(prefix)


def tracked_names(repository: Path) -> TrackedNames:
    """What the repository's index lists; nothing where there is no index of a known form."""
    try:
        index = _git_folder(repository) / "index"
        if not index.is_file() or index.stat().st_size > _SIZE_LIMIT:
            return TrackedNames([])
        return TrackedNames(sorted(_entries(index.read_bytes())))
    except (OSError, ValueError, struct.error, IndexError):
        return TrackedNames([])


def _git_folder(repository: Path) -> Path:
    folder = repository / ".git"
    if folder.is_file():  # a work tree or a submodule: `gitdir: <path>`
        text = folder.read_text("utf-8").strip()
        if not text.startswith("gitdir: "):
            raise ValueError("not a .git file")
        return repository / text.removeprefix("gitdir: ")
    return folder


def _entries(data: bytes) -> list[str]:
    """The names of an index of version 2, 3 or 4 with SHA-1 object names."""
    signature, version, count = struct.unpack_from(">4sLL", data)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("not an index of a known version")
    names: list[str] = []
    at = 12
    previous = b""
    for _ in range(count):
        start = at
        (flags,) = struct.unpack_from(">H", data, at + _FIXED)
        at += _FIXED + 2 + (2 if flags & _EXTENDED else 0)
        if version == 4:
            strip, at = _varint(data, at)
            end = data.index(b"\0", at)
            name = previous[: len(previous) - strip] + data[at:end]
            at = end + 1
            previous = name
        else:
            end = data.index(b"\0", at)
            name = data[at:end]
            at = start + (end - start + 8) // 8 * 8
        names.append(name.decode("utf-8", "surrogateescape"))
    return names


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Git's offset encoding: 7 bits a byte, big end first, one added for each continuation."""
    byte = data[at]
    value = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, at + 1
