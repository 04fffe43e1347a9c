"""Rules and notifications as SARIF reporting descriptors, with the properties that GitHub reads."""

import re

import sarif_om

from wa_scan.engine.best_practices import best_practices
from wa_scan.engine.documentation import rule_markdown
from wa_scan.engine.framework import Pillar, Risk
from wa_scan.engine.rules import Rule

LEVELS = {Risk.HRI: "error", Risk.MRI: "warning", Risk.LRI: "note"}

# GitHub's limits: 1024 characters of a description; 10 tags are shown.
_LONGEST_DESCRIPTION = 1024
_MOST_TAGS = 10
_PROBLEM_SEVERITIES = {Risk.HRI: "error", Risk.MRI: "warning", Risk.LRI: "recommendation"}
# Where a security rule does not say: the middle of GitHub's high, medium and low.
_SECURITY_SEVERITIES = {Risk.HRI: 8.0, Risk.MRI: 5.5, Risk.LRI: 2.0}


def rule_descriptor(rule: Rule) -> sarif_om.ReportingDescriptor:
    """A rule as SARIF has it: its level, help in Markdown and tags."""
    return sarif_om.ReportingDescriptor(
        id=rule.id,
        name=rule.name,
        short_description=_text(rule.title),
        full_description=_text(f"{sentence(rule.title)} {sentence(rule.why)}"),
        default_configuration=sarif_om.ReportingConfiguration(level=LEVELS[rule.risk]),
        help=sarif_om.MultiformatMessageString(text=_help(rule), markdown=rule_markdown(rule, heading=False)),
        help_uri=_help_uri(rule),
        deprecated_ids=list(rule.aliases) or None,
        properties=_properties(rule),
    )


def sentence(text: str) -> str:
    """`text` with a full stop at its end where it has none."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _text(text: str) -> sarif_om.MultiformatMessageString:
    text = sentence(text)
    if len(text) > _LONGEST_DESCRIPTION:
        text = text[: _LONGEST_DESCRIPTION - 1] + "…"
    return sarif_om.MultiformatMessageString(text=text)


def _help(rule: Rule) -> str:
    fixes = {rule.fix[language]: language for language in rule.languages}
    lines = [sentence(rule.title), f"Why: {sentence(rule.why)}"]
    for fix, language in fixes.items():
        where = f" in {language.title}" if len(fixes) > 1 else ""
        lines.append(f"How to fix{where}: {sentence(fix)}")
    return "\n".join(lines)


def _help_uri(rule: Rule) -> str | None:
    known = best_practices()
    return next((known[id_].url for id_ in rule.best_practices if id_ in known), None)


def _properties(rule: Rule) -> dict[str, object]:
    tags = [*(pillar.value for pillar in rule.pillars), rule.risk.value, *rule.best_practices]
    properties: dict[str, object] = {
        "tags": list(dict.fromkeys(tags))[:_MOST_TAGS],
        "precision": rule.precision.value,
    }
    if rule.pillar is Pillar.SECURITY:
        severity = rule.security_severity or _SECURITY_SEVERITIES[rule.risk]
        properties["security-severity"] = f"{severity:.1f}"
    else:
        properties["problem.severity"] = _PROBLEM_SEVERITIES[rule.risk]
    return properties


def semantic_version(version: str) -> str | None:
    """`version` where it is one of SemVer 2.0.0's, else None."""
    return version if re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?", version) else None
