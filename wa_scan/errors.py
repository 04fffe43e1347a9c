"""What can go wrong, and the exit status that shows it.

    WaScanError
    ├── UsageError           the command line or configuration is wrong        exit 2
    └── Problem's kinds are data, not exceptions: they do not end a scan.

A file that cannot be read or parsed, a module that calls itself, a rule that raises: each is a
`Problem`, an entry of every report, with its place. A problem of level ERROR makes the exit
status 2; one of level NOTE (something merely out of reach) only with `--strict`.
"""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from wa_scan.values.locations import Location


class WaScanError(Exception):
    """The root of all errors that wa-scan raises on purpose."""


class UsageError(WaScanError):
    """The command line, an option or a configuration file is wrong. Exit status 2."""


class ProblemKind(Enum):
    """What kind of thing could not be done; the value is the stable id in every report."""

    UNREADABLE_FILE = "unreadable-file"
    SYNTAX_ERROR = "syntax-error"
    NOT_A_TEMPLATE = "not-a-template"
    EVALUATION_ERROR = "evaluation-error"
    MODULE_CYCLE = "module-cycle"
    MODULE_UNAVAILABLE = "module-unavailable"
    OUTSIDE_TREE = "outside-tree"
    NOT_LOOKED_AT = "not-looked-at"
    LIMIT_REACHED = "limit-reached"
    RULE_NOT_LOADED = "rule-not-loaded"
    RULE_FAILED = "rule-failed"
    INTERNAL_ERROR = "internal-error"
    NOTHING_TO_SCAN = "nothing-to-scan"


class ProblemLevel(Enum):
    """ERROR: something that should have been read or checked was not. NOTE: out of reach."""

    ERROR = "error"
    NOTE = "note"


class Entry(NamedTuple):
    """What stands for a problem in a list of several that differ in one name: the `heading` of that list, the
    same for all of them, and the `name`."""

    heading: str
    name: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was not read, evaluated or checked. `message` is one plain sentence.

    `location` is as narrow as is known; for a whole file its first line, or None where there is
    no file (a rule that raised). `hint` says what to do next, where there is something to do. `entry`: how
    it is listed among others of its sort, None where it is better said by itself.
    """

    kind: ProblemKind
    message: str
    location: Location | None = None
    level: ProblemLevel = ProblemLevel.ERROR
    hint: str | None = None
    entry: Entry | None = None
