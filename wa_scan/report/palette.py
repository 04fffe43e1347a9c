"""Colours of the text report."""

from wa_scan.engine.framework import Risk
from wa_scan.errors import ProblemLevel

_RESET = "\x1b[0m"
_RISKS = {Risk.HRI: "\x1b[1;31m", Risk.MRI: "\x1b[1;33m", Risk.LRI: "\x1b[1;34m"}
_PROBLEMS = {ProblemLevel.ERROR: "\x1b[1;31m", ProblemLevel.NOTE: "\x1b[36m"}


class Palette:
    """Wraps text in ANSI colours, or leaves it as it is."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def risk(self, risk: Risk, text: str) -> str:
        return self._wrap(_RISKS[risk], text)

    def problem(self, level: ProblemLevel, text: str) -> str:
        return self._wrap(_PROBLEMS[level], text)

    def strong(self, text: str) -> str:
        return self._wrap("\x1b[1m", text)

    def faint(self, text: str) -> str:
        return self._wrap("\x1b[2m", text)

    def place(self, text: str) -> str:
        return self._wrap("\x1b[36m", text)

    def good(self, text: str) -> str:
        return self._wrap("\x1b[1;32m", text)

    def bad(self, text: str) -> str:
        return self._wrap("\x1b[1;31m", text)

    def _wrap(self, code: str, text: str) -> str:
        return f"{code}{text}{_RESET}" if self._colour and text else text
