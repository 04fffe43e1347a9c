"""What a report needs to know besides what was found."""

from dataclasses import dataclass
from pathlib import Path

from wa_scan.engine.framework import Risk
from wa_scan.sources.texts import SourceTexts
from wa_scan.version import __version__

PLACES_PER_RULE = 10


@dataclass(frozen=True, slots=True)
class ReportContext:
    """Where the texts are, and how to present them.

    `repository_root`: the top of the git repository that holds what was scanned, None where there
    is none. `working_directory`: what the files of the report are relative to. `width`: of the
    text report in terminal cells. `show_unknown`: list verdicts that could not be reached, too.
    `fail_on` and `strict`: what decides the exit status; every format says what it comes to.
    `category`: names this analysis among others of the same commit (SARIF's `automationDetails`).
    `places_per_rule`: how many places of a rule the text report shows, None for all.
    """

    texts: SourceTexts
    repository_root: Path | None = None
    working_directory: Path = Path()
    colour: bool = False
    width: int = 100
    show_unknown: bool = False
    version: str = __version__
    fail_on: Risk | None = Risk.HRI
    strict: bool = False
    category: str | None = None
    places_per_rule: int | None = PLACES_PER_RULE
