"""Finding the file that is meant where only the end of its path is known."""

from collections.abc import Iterable, Sequence


class PathSuffixes:
    """Absolute paths with `/`, found by their last parts."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_name: dict[str, list[tuple[str, ...]]] = {}
        for path in sorted(set(paths)):
            parts = tuple(path.split("/"))
            self._by_name.setdefault(parts[-1], []).append(parts)

    def fitting(self, tail: Sequence[str], folder: str = "") -> tuple[list[str], int]:
        """Those below `folder` that share the longest end with the path `tail`, at least their names, and of
        how many parts that is."""
        longest = 0
        found: list[str] = []
        for parts in self._by_name.get(tail[-1], ()) if tail else ():
            path = "/".join(parts)
            if folder and not path.startswith(f"{folder.rstrip('/')}/"):
                continue
            length = _common_end(parts, tail)
            if length > longest:
                longest, found = length, []
            if length == longest:
                found.append(path)
        return found, longest


def _common_end(one: Sequence[str], other: Sequence[str]) -> int:
    length = 0
    for part, its in zip(reversed(one), reversed(other), strict=False):
        if part != its:
            break
        length += 1
    return length
