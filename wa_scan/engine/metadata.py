"""A rule's metadata as authors write it, and the `Rule` that it makes once checked."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from wa_scan.blocks import Language
from wa_scan.engine.best_practices import best_practices
from wa_scan.engine.conditions import DeclarationError
from wa_scan.engine.framework import Pillar, Risk
from wa_scan.engine.rules import Precision, Rule

_ID = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*-[0-9]+")

# GitHub shows 7.0 and more as high, 4.0 and more as medium: so does a risk that says nothing else.
_SEVERITIES = {Risk.HRI: 8.0, Risk.MRI: 5.5, Risk.LRI: 3.0}


class LanguageTexts(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A text for each language. `all`: the same for both, put before the language's own."""

    all: str = ""
    terraform: str = ""
    cloudformation: str = ""

    def by_language(self) -> dict[Language, str]:
        own = {Language.TERRAFORM: self.terraform, Language.CLOUDFORMATION: self.cloudformation}
        texts = {lang: " ".join(t for t in (self.all, text) if t) for lang, text in own.items()}
        return {language: text for language, text in texts.items() if text}


class OnlyIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The one language that has what a rule looks for, and why the other has not."""

    language: Language
    because: str


class Metadata(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What both kinds of rule say of themselves; `wa_scan.engine.rules.Rule` says what each means."""

    id: str
    risk: Risk
    best_practices: list[str]
    what: str
    why: str
    fix: str | LanguageTexts
    remedy: LanguageTexts = msgspec.field(default_factory=LanguageTexts)
    pillars: list[Pillar] = msgspec.field(default_factory=list)
    equivalents: dict[str, list[str]] = msgspec.field(default_factory=dict)
    precision: Precision = Precision.HIGH
    security_severity: float | None = None
    aliases: list[str] = msgspec.field(default_factory=list)
    sources: list[str] = msgspec.field(default_factory=list)
    misses: str | None = None
    only_in: OnlyIn | None = None


def rule_of(
    metadata: Metadata,
    name: str,
    pillar: Pillar,
    resources: Sequence[str],
    remedies: Mapping[Language, str],
) -> Rule:
    """The rule `name` in the folder of `pillar`.

    `remedies`: snippets that hold where the metadata has none of its own. Raises `DeclarationError`.
    """
    if not _ID.fullmatch(metadata.id):
        raise DeclarationError("id", f"{metadata.id!r} is not of the form REL-RDS-01")
    if not metadata.best_practices:
        raise DeclarationError("best_practices", "must name at least one, such as REL10-BP01")
    for at, practice in enumerate(metadata.best_practices):
        if practice not in best_practices():
            raise DeclarationError(
                f"best_practices[{at}]", f"{practice!r} is no best practice of the framework"
            )
    languages = (metadata.only_in.language,) if metadata.only_in else tuple(Language)
    for key, text in (("what", metadata.what), ("why", metadata.why)):
        if not text.strip():
            raise DeclarationError(key, "must not be empty")
    pillars = (pillar, *(other for other in metadata.pillars if other is not pillar))
    severity = metadata.security_severity
    if severity is not None and not 0 < severity <= 10:
        raise DeclarationError("security_severity", "must be above 0 and at most 10")
    if severity is None and Pillar.SECURITY in pillars:
        severity = _SEVERITIES[metadata.risk]
    return Rule(
        id=metadata.id,
        name=name,
        title=_one_line(metadata.what),
        pillars=pillars,
        risk=metadata.risk,
        why=_one_line(metadata.why),
        fix=_fixes(metadata.fix, languages),
        best_practices=tuple(metadata.best_practices),
        remedy={**remedies, **metadata.remedy.by_language()},
        resources=tuple(resources),
        equivalents={tool: tuple(ids) for tool, ids in sorted(metadata.equivalents.items())},
        precision=metadata.precision,
        security_severity=severity if Pillar.SECURITY in pillars else None,
        aliases=tuple(metadata.aliases),
        sources=tuple(metadata.sources),
        misses=_one_line(metadata.misses) if metadata.misses else None,
        languages=languages,
    )


def _fixes(fix: str | LanguageTexts, languages: Sequence[Language]) -> dict[Language, str]:
    texts = LanguageTexts(all=fix) if isinstance(fix, str) else fix
    found = {language: _one_line(text) for language, text in texts.by_language().items()}
    for language in languages:
        if not found.get(language):
            raise DeclarationError("fix", f"does not say how to fix it in {language.value}")
    # A finding asks for the text of its own language only, whichever that is.
    return {language: found.get(language, found[languages[0]]) for language in Language}


def _one_line(text: str) -> str:
    return " ".join(text.split())
