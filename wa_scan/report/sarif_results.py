"""Findings as SARIF results."""

from collections.abc import Mapping, Sequence

import sarif_om

from wa_scan.engine.findings import Finding, Status
from wa_scan.report.line_hash import line_hashes
from wa_scan.report.masking import Masks
from wa_scan.report.sarif_locations import Locations
from wa_scan.report.sarif_rules import LEVELS, sentence
from wa_scan.sources.texts import SourceTexts
from wa_scan.values import Step

# Beyond these a reader is helped no more; GitHub's own limits are 1,000 locations in a thread flow, of
# which it shows 1,000, and 100 locations of a result.
_MOST_STEPS = 100
_MOST_RELATED = 50
_MOST_ADDRESSES = 50
_MOST_NAMED = 5


def results_of(
    findings: Sequence[Finding],
    rule_indices: Mapping[str, int],
    locations: Locations,
    texts: SourceTexts,
    masks: Masks,
) -> list[sarif_om.Result]:
    """A SARIF result for each finding, in their order; `rule_indices`: where each rule id stands among
    the rules."""
    hashes = _line_hashes(findings, texts)
    return [
        _result(
            finding,
            rule_indices[finding.rule.id],
            locations,
            masks,
            # Without the text there is nothing to hash; the finding's own fingerprint is as stable.
            hashes.get(finding.location.file, {}).get(finding.location.start_line, finding.fingerprint),
        )
        for finding in findings
    ]


def _result(
    finding: Finding, rule_index: int, locations: Locations, masks: Masks, line_hash: str
) -> sarif_om.Result:
    failed = finding.status is not Status.UNKNOWN
    addresses = (finding.instances or (finding.resource.address,))[:_MOST_ADDRESSES]
    return sarif_om.Result(
        rule_id=finding.rule.id,
        rule_index=rule_index,
        kind="fail" if failed else "open",
        # SARIF 2.1.0 section 3.27.10: only what failed has a level.
        level=LEVELS[finding.rule.risk] if failed else "none",
        message=sarif_om.Message(text=_message(finding, masks)),
        locations=[locations.location(finding.location, addresses=addresses)],
        partial_fingerprints={
            "primaryLocationLineHash": line_hash,
            "waScanFingerprint/v1": finding.fingerprint,
        },
        code_flows=_code_flows(finding, locations, masks),
        related_locations=_related(finding, locations, masks),
        suppressions=(
            [sarif_om.Suppression(kind="inSource")] if finding.status is Status.SUPPRESSED else None
        ),
    )


def _message(finding: Finding, masks: Masks) -> str:
    """The first sentence stands alone: GitHub makes it the alert's title."""
    address, said = finding.resource.address, sentence(finding.message)
    sentences = [said if address in said else f"{address}: {said}"]
    if not finding.when.is_always:
        sentences.append(f"This holds when {finding.when}.")
    others = [each for each in finding.instances if each != address]
    if others:
        shown = ", ".join(others[:_MOST_NAMED])
        more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
        sentences.append(f"The same holds for {shown}{more}.")
    sentences.append(f"How to fix: {sentence(finding.remediation)}")
    return plain(masks(" ".join(sentences)))


def plain(text: str) -> str:
    """`text` without what SARIF 2.1.0 section 3.11.6 reads as a link, and with no empty message."""
    return text.replace("](", "] (")


def _code_flows(finding: Finding, locations: Locations, masks: Masks) -> list[sarif_om.CodeFlow] | None:
    if len(finding.trace) < 2:
        return None
    steps = [
        sarif_om.ThreadFlowLocation(location=_step(step, locations, masks))
        for step in finding.trace[-_MOST_STEPS:]
    ]
    return [sarif_om.CodeFlow(thread_flows=[sarif_om.ThreadFlow(locations=steps)])]


def _related(finding: Finding, locations: Locations, masks: Masks) -> list[sarif_om.Location] | None:
    steps = list(dict.fromkeys((*finding.related, *finding.resource.calls)))[:_MOST_RELATED]
    return [_step(step, locations, masks, number) for number, step in enumerate(steps)] or None


def _step(step: Step, locations: Locations, masks: Masks, identity: int = -1) -> sarif_om.Location:
    return locations.location(step.location, text=plain(masks(step.text)), identity=identity)


def _line_hashes(findings: Sequence[Finding], texts: SourceTexts) -> dict[str, dict[int, str]]:
    lines: dict[str, set[int]] = {}
    for finding in findings:
        lines.setdefault(finding.location.file, set()).add(finding.location.start_line)
    return {
        file: line_hashes(texts.text(file), wanted) for file, wanted in lines.items() if texts.line(file, 1)
    }
