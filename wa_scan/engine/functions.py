"""Rules that are functions: `rules/<pillar>/<name>.py`."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from wa_scan.aws.resources import Resource
from wa_scan.blocks import Language
from wa_scan.engine.conditions import DeclarationError
from wa_scan.engine.framework import Pillar, Risk
from wa_scan.engine.metadata import LanguageTexts, Metadata, OnlyIn, rule_of
from wa_scan.engine.rules import Precision, Rule
from wa_scan.engine.verdicts import Verdict
from wa_scan.graph.graph import Graph

GraphCheck = Callable[[Graph], Iterator[Verdict]]
ResourceCheck = Callable[[Resource, Graph], Iterator[Verdict]]

_SECTION = re.compile(r"^\s*(Why|How to fix|Terraform|CloudFormation):\s*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RuleFunction:
    """A decorated function with its metadata; the loader adds the name and pillar of its file."""

    check: GraphCheck | ResourceCheck
    metadata: Metadata
    resources: tuple[str, ...]

    @property
    def name(self) -> str:
        return getattr(self.check, "__name__", "")

    @property
    def is_per_resource(self) -> bool:
        """Whether the function judges one resource at a time: it then takes (resource, graph)."""
        return self.check.__code__.co_argcount == 2

    def rule_named(self, name: str, pillar: Pillar, remedies: Mapping[Language, str]) -> Rule:
        """Raises `DeclarationError`."""
        if self.is_per_resource and not self.resources:
            raise DeclarationError("resources", "a rule of (resource, graph) must name resource types")
        return rule_of(self.metadata, name, pillar, self.resources, remedies)


def rule(
    *,
    id: str,
    risk: Risk,
    best_practices: Sequence[str],
    resources: Sequence[str] = (),
    pillars: Sequence[Pillar] = (),
    equivalents: Mapping[str, Sequence[str]] | None = None,
    precision: Precision = Precision.HIGH,
    security_severity: float | None = None,
    aliases: Sequence[str] = (),
    sources: Sequence[str] = (),
    misses: str | None = None,
    only_in: Language | None = None,
    because: str = "",
) -> Callable[[GraphCheck | ResourceCheck], RuleFunction]:
    """Makes the decorated function a rule; its docstring is the rule's documentation.

    The docstring is a title line, a `Why:` paragraph and a `How to fix:` paragraph; the last may end in
    `Terraform:` and `CloudFormation:` parts for what differs. `resources`: the canonical types that the
    rule judges: it does not run where there are none of them; empty for rules about the whole
    workload. `pillars`: further ones, beside the folder's. `only_in` with `because`: the one language
    that has what the rule looks for.

    The function takes the graph, or a resource of one of `resources` and the graph; in the second form
    an error in one resource leaves the others judged.
    """

    def decorate(check: GraphCheck | ResourceCheck) -> RuleFunction:
        texts = documentation_of(check.__doc__ or "")
        metadata = Metadata(
            id=id,
            risk=risk,
            best_practices=list(best_practices),
            what=texts.title,
            why=texts.why,
            fix=texts.fix,
            pillars=list(pillars),
            equivalents={tool: list(ids) for tool, ids in (equivalents or {}).items()},
            precision=precision,
            security_severity=security_severity,
            aliases=list(aliases),
            sources=list(sources),
            misses=misses,
            only_in=OnlyIn(language=only_in, because=because) if only_in else None,
        )
        return RuleFunction(check, metadata, tuple(resources))

    return decorate


@dataclass(frozen=True, slots=True)
class Documentation:
    """The parts of a rule function's docstring."""

    title: str
    why: str
    fix: LanguageTexts


def documentation_of(docstring: str) -> Documentation:
    """Sections that are missing are empty; checking is the loader's."""
    pieces = _SECTION.split(docstring)
    sections = {name: _sentence(text) for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}
    return Documentation(
        title=" ".join(pieces[0].split()),
        why=sections.get("Why", ""),
        fix=LanguageTexts(
            all=sections.get("How to fix", ""),
            terraform=sections.get("Terraform", ""),
            cloudformation=sections.get("CloudFormation", ""),
        ),
    )


def _sentence(text: str) -> str:
    """On one line, with a capital: after `Why:` a docstring reads better without."""
    line = " ".join(text.split())
    return line[:1].upper() + line[1:]
