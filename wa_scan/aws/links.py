"""Typed links between resources."""

from dataclasses import dataclass
from enum import Enum

from wa_scan.aws.resources import Resource
from wa_scan.values import Guard, Location


class LinkKind(Enum):
    """What one resource has to do with another; the value is what graphs are labelled with."""

    REFERENCES = "references"
    IN_SUBNET = "in subnet"
    IN_VPC = "in VPC"
    IN_ZONE = "in zone"
    PROTECTED_BY = "protected by"
    ROUTES_TO = "routes to"
    ATTACHED_TO = "attached to"
    ENCRYPTED_WITH = "encrypted with"
    LOGS_TO = "logs to"
    BACKED_UP_BY = "backed up by"
    INVOKES = "invokes"
    READS_FROM = "reads from"
    WRITES_TO = "writes to"
    ASSUMES = "assumes"
    PUBLISHES_TO = "publishes to"
    ALARMED_BY = "alarmed by"
    SCALED_BY = "scaled by"
    SERVES = "serves"
    DEAD_LETTERS_TO = "dead letters to"
    DEPENDS_ON = "depends on"


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """`source` has to do with `target`, as written at `location` in the property `path`."""

    source: Resource
    target: Resource
    kind: LinkKind
    path: str
    location: Location
    guard: Guard = Guard.ALWAYS
