"""Secrets found are never printed whole."""

import re
from collections.abc import Iterable

SHORT = 8
KEPT = 2
MASK = "****"


class Masks:
    """Replaces every secret of a report, wherever it occurs: its first two characters and `****`.

    A secret of fewer than `SHORT` characters is hidden altogether, and only where it stands as a
    word of its own: a password `db` must not take the address `aws_db_instance.main` apart.
    A secret of several lines is hidden line by line. Text may hold a secret as the source
    languages write it, with `\\"`, `\\\\` and `\\n`.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        forms: set[str] = set()
        for secret in secrets:
            for text in {secret, *secret.splitlines()}:
                if text.strip():
                    forms.add(text.strip())
                    forms.add(_as_written(text.strip()))
        self._pattern: re.Pattern[str] | None = None
        if forms:
            longest_first = sorted(forms, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join(map(_pattern, longest_first)))

    def __call__(self, text: str) -> str:
        return text if self._pattern is None else self._pattern.sub(_mask, text)

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """Where secrets stand in `text`: start, end (0-based, exclusive) and what to show instead."""
        if self._pattern is None:
            return []
        return [(found.start(), found.end(), _mask(found)) for found in self._pattern.finditer(text)]


def _as_written(secret: str) -> str:
    return (
        secret.replace("\\", "\\\\")
        .replace('"', '\\"')
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t")
    )


def _pattern(form: str) -> str:
    literal = re.escape(form)
    return literal if len(form) >= SHORT else rf"(?<!\w){literal}(?!\w)"


def _mask(found: re.Match[str]) -> str:
    secret = found.group()
    return secret[:KEPT] + MASK if len(secret) >= SHORT else MASK
