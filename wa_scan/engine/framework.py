"""The Well-Architected Framework's own terms: pillars and risks."""

from enum import Enum


class Pillar(Enum):
    """The six pillars, in the framework's order; the value is the id in every report."""

    OPERATIONAL_EXCELLENCE = "operational-excellence"
    SECURITY = "security"
    RELIABILITY = "reliability"
    PERFORMANCE_EFFICIENCY = "performance-efficiency"
    COST_OPTIMIZATION = "cost-optimization"
    SUSTAINABILITY = "sustainability"

    @property
    def title(self) -> str:
        return self.value.replace("-", " ").capitalize()

    @property
    def prefix(self) -> str:
        """The first part of rule and best-practice ids."""
        return _PREFIXES[self]


_PREFIXES = {
    Pillar.OPERATIONAL_EXCELLENCE: "OPS",
    Pillar.SECURITY: "SEC",
    Pillar.RELIABILITY: "REL",
    Pillar.PERFORMANCE_EFFICIENCY: "PERF",
    Pillar.COST_OPTIMIZATION: "COST",
    Pillar.SUSTAINABILITY: "SUS",
}


class Risk(Enum):
    """How much a finding matters, and by when it wants fixing."""

    HRI = "HRI"
    MRI = "MRI"
    LRI = "LRI"

    @property
    def title(self) -> str:
        return {"HRI": "High risk", "MRI": "Medium risk", "LRI": "Low risk"}[self.value]

    @property
    def fix_by(self) -> str:
        return {
            "HRI": "fix within 30 days",
            "MRI": "fix within 90 days",
            "LRI": "plan in the backlog",
        }[self.value]

    @property
    def rank(self) -> int:
        """0 for the highest risk."""
        return ("HRI", "MRI", "LRI").index(self.value)

    def at_or_above(self, other: "Risk") -> bool:
        return self.rank <= other.rank
