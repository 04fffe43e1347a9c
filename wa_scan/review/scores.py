"""The review's scores: the share of checks that a workload satisfies."""

from collections.abc import Mapping, Sequence

from wa_scan.engine.findings import VerdictCounts
from wa_scan.engine.framework import Pillar
from wa_scan.engine.rules import Rule


def pillar_scores(rules: Sequence[Rule], verdicts: Mapping[str, VerdictCounts]) -> dict[Pillar, int]:
    """0 to 100 for each pillar with a check that was judged, in the framework's order.

    A check is a rule; it is judged if it passed or failed for some resource, satisfied if it failed for
    none, and counts for each of its pillars. What is only unknown counts neither way.
    """
    found: dict[Pillar, int] = {}
    for pillar in Pillar:
        judged = [
            counts
            for rule in rules
            if pillar in rule.pillars
            and (counts := verdicts.get(rule.id)) is not None
            and (counts.passed or counts.failed)
        ]
        if judged:
            satisfied = sum(1 for counts in judged if not counts.failed)
            found[pillar] = _rounded(100 * satisfied / len(judged))
    return found


def overall_score(scores: Mapping[Pillar, int]) -> int | None:
    """The mean of the pillars' scores; None where no pillar was judged."""
    return _rounded(sum(scores.values()) / len(scores)) if scores else None


def _rounded(number: float) -> int:
    """Halves go up, as a reader of percentages expects; round() would take 62.5 to 62."""
    return int(number + 0.5)
