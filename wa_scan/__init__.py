"""wa-scan reviews infrastructure code the way a Well-Architected review would.

The public names are imported when they are first used, so that `import wa_scan` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from wa_scan.version import __version__

if TYPE_CHECKING:
    from wa_scan.api import scan
    from wa_scan.engine.authoring import rule
    from wa_scan.engine.findings import Finding
    from wa_scan.engine.framework import Pillar, Risk
    from wa_scan.errors import Problem, UsageError, WaScanError
    from wa_scan.graph.graph import Graph
    from wa_scan.options import ScanOptions
    from wa_scan.review.report import Report


__all__ = [
    "Finding",
    "Graph",
    "Pillar",
    "Problem",
    "Report",
    "Risk",
    "ScanOptions",
    "UsageError",
    "WaScanError",
    "__version__",
    "rule",
    "scan",
]

_HOMES = {
    "Finding": "wa_scan.engine.findings",
    "Graph": "wa_scan.graph.graph",
    "Pillar": "wa_scan.engine.framework",
    "Problem": "wa_scan.errors",
    "Report": "wa_scan.review.report",
    "Risk": "wa_scan.engine.framework",
    "ScanOptions": "wa_scan.options",
    "UsageError": "wa_scan.errors",
    "WaScanError": "wa_scan.errors",
    "rule": "wa_scan.engine.authoring",
    "scan": "wa_scan.api",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
