"""A rule's page, from what the rule says of itself.

The same text is the page in `docs/rules/`, the help of the SARIF rule and the answer of `wa-scan explain`.
"""

from collections.abc import Sequence
from os.path import commonprefix

from wa_scan.blocks import Language
from wa_scan.engine.best_practices import best_practices
from wa_scan.engine.rules import Rule

_TITLES = {Language.TERRAFORM: "Terraform", Language.CLOUDFORMATION: "CloudFormation"}
_FENCES = {Language.TERRAFORM: "hcl", Language.CLOUDFORMATION: "yaml"}
TOOLS = {
    "aws_config": "AWS Config",
    "cdk_nag": "cdk-nag",
    "cfn_guard": "CloudFormation Guard",
    "cfn_nag": "cfn_nag",
    "checkov": "Checkov",
    "kics": "KICS",
    "prowler": "Prowler",
    "regula": "Regula",
    "security_hub": "Security Hub",
    "terrascan": "Terrascan",
    "tflint": "TFLint",
    "trivy": "Trivy",
}


def rule_markdown(rule: Rule, *, heading: bool = True) -> str:
    """The whole page in GitHub's Markdown, ending in a newline; without `heading` the body alone."""
    parts = [f"# {rule.id} {rule.name}"] if heading else []
    parts += [f"**{rule.title}**", rule.why, _facts(rule), *_fix(rule), *_background(rule)]
    return "\n\n".join(parts) + "\n"


def _facts(rule: Rule) -> str:
    pillars = ", ".join(pillar.title for pillar in rule.pillars)
    looks_at = ", ".join(f"`{type_}`" for type_ in rule.resources) or "the whole workload"
    rows = [
        ("Risk", f"{rule.risk.value} ({rule.risk.title.lower()}): {rule.risk.fix_by}"),
        ("Pillars" if len(rule.pillars) > 1 else "Pillar", pillars),
        ("Looks at", looks_at),
    ]
    if len(rule.languages) == 1:
        rows.append(("Only in", _TITLES[rule.languages[0]]))
    if rule.aliases:
        rows.append(("Formerly", ", ".join(f"`{alias}`" for alias in rule.aliases)))
    body = "\n".join(f"| {name} | {text} |" for name, text in rows)
    return f"| | |\n|---|---|\n{body}"


def _fix(rule: Rule) -> list[str]:
    texts = [rule.fix[language] for language in rule.languages]
    shared = _shared_sentences(texts)
    parts = ["## How to fix it", *([shared] if shared else [])]
    for language, text in zip(rule.languages, texts, strict=True):
        own = text[len(shared) :].strip()
        snippet = rule.remedy.get(language)
        if own or snippet:
            parts.append(f"**{_TITLES[language]}:** {own}".rstrip())
        if snippet:
            parts.append(f"```{_FENCES[language]}\n{snippet.rstrip()}\n```")
    return parts


def _shared_sentences(texts: Sequence[str]) -> str:
    """The whole sentences that all `texts` begin with."""
    if len(set(texts)) == 1:
        return texts[0]
    # Character by character is what is wanted: no paths here.
    start = commonprefix(list(texts))  # noqa: RUF071
    return start[: start.rfind(". ") + 1]


def _background(rule: Rule) -> list[str]:
    practices = best_practices()
    lines = [
        f"- [{practice.id} {practice.title}]({practice.url})"
        for one in rule.best_practices
        if (practice := practices.get(one)) is not None
    ]
    parts = ["## Well-Architected best practices", "\n".join(lines)]
    if rule.misses:
        parts += ["## What it does not see", rule.misses]
    if rule.equivalents:
        rows = "\n".join(
            f"| {TOOLS.get(tool, tool)} | {', '.join(f'`{one}`' for one in ids)} |"
            for tool, ids in sorted(rule.equivalents.items())
        )
        parts += ["## The same check elsewhere", f"| Tool | Checks |\n|---|---|\n{rows}"]
    if rule.sources:
        parts += ["## Sources", "\n".join(f"- <{source}>" for source in rule.sources)]
    return parts
