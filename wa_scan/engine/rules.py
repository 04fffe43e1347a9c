"""What a rule says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from wa_scan.blocks import Language
from wa_scan.engine.framework import Pillar, Risk


class Precision(Enum):
    """How often a finding of the rule is right; SARIF's `precision` as GitHub reads it."""

    VERY_HIGH = "very-high"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's metadata; the same text is the documentation page, the SARIF help and `explain`.

    `id`: stable, never reused (`REL-RDS-01`). `name`: the file's name with dashes
    (`rds-single-az`). `pillars`: the folder's first. `title`: what is wrong, one sentence.
    `why`: one or two sentences. `fix`: one sentence in each language's own words. `remedy`: a snippet in
    each language that shows the right way, may be empty. `resources`: canonical types that it looks at,
    empty for rules about the whole workload. `best_practices`: framework ids (`REL10-BP01`).
    `equivalents`: the checks of peers that look for the same, by tool (`checkov`, `trivy`, `kics`, …).
    `security_severity`: 0.1 to 10, security rules only. `sources`: where the facts come from.
    `misses`: known misses.
    `languages`: those in which what the rule looks for can be written at all.
    """

    id: str
    name: str
    title: str
    pillars: tuple[Pillar, ...]
    risk: Risk
    why: str
    fix: Mapping[Language, str]
    best_practices: tuple[str, ...]
    remedy: Mapping[Language, str] = field(default_factory=dict)
    resources: tuple[str, ...] = ()
    equivalents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    precision: Precision = Precision.HIGH
    security_severity: float | None = None
    aliases: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    misses: str | None = None
    fixable: bool = False
    languages: tuple[Language, ...] = tuple(Language)

    @property
    def pillar(self) -> Pillar:
        return self.pillars[0]
