"""What rule files import: `from wa_scan.engine.authoring import Graph, Risk, require, rule`."""

from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.resources import Part, Resource
from wa_scan.blocks import Language, Mode
from wa_scan.engine.framework import Pillar, Risk
from wa_scan.engine.functions import rule
from wa_scan.engine.rules import Precision
from wa_scan.engine.verdicts import Verdict, require
from wa_scan.graph.graph import Graph, Links
from wa_scan.values import (
    Absent,
    Choice,
    Guard,
    Known,
    ListValue,
    MapValue,
    Origin,
    Scalar,
    Step,
    Text,
    Truth,
    Unknown,
    Value,
    all_of,
    any_of,
)
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN

__all__ = [
    "FALSE",
    "TRUE",
    "UNKNOWN",
    "Absent",
    "Choice",
    "Graph",
    "Guard",
    "Known",
    "Language",
    "Link",
    "LinkKind",
    "Links",
    "ListValue",
    "MapValue",
    "Mode",
    "Origin",
    "Part",
    "Pillar",
    "Precision",
    "Resource",
    "Risk",
    "Scalar",
    "Step",
    "Text",
    "Truth",
    "Unknown",
    "Value",
    "Verdict",
    "all_of",
    "any_of",
    "require",
    "rule",
]
