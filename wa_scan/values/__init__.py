"""What a value knows about itself.

Takes nothing from any other package: every step of the way speaks in these terms. Gives locations,
origins (where a value was written and the way it came), guards (conditions), the kinds of value,
and three-valued truths about them.
"""

from wa_scan.values.assumptions import assumed, is_assumption, is_ruled_out, settled
from wa_scan.values.composites import Choice, ListValue, MapValue, choose, known
from wa_scan.values.guards import Guard
from wa_scan.values.kinds import Absent, Known, Scalar, Unknown, Value
from wa_scan.values.locations import Location
from wa_scan.values.origins import Origin, Step
from wa_scan.values.symbols import Symbol
from wa_scan.values.texts import Text
from wa_scan.values.truths import Truth, all_of, any_of

__all__ = [
    "Absent",
    "Choice",
    "Guard",
    "Known",
    "ListValue",
    "Location",
    "MapValue",
    "Origin",
    "Scalar",
    "Step",
    "Symbol",
    "Text",
    "Truth",
    "Unknown",
    "Value",
    "all_of",
    "any_of",
    "assumed",
    "choose",
    "is_assumption",
    "is_ruled_out",
    "known",
    "settled",
]
