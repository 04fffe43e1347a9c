"""A set of rules with their checks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from wa_scan.aws.resources import Resource
from wa_scan.engine.rules import Rule
from wa_scan.engine.verdicts import Verdict
from wa_scan.errors import Problem
from wa_scan.graph.graph import Graph


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule with its check: of one resource at a time (`each`), or of the graph (`whole`).

    `file`: where it was loaded from.
    """

    rule: Rule
    file: Path
    each: Callable[[Resource, Graph], Iterable[Verdict]] | None = None
    whole: Callable[[Graph], Iterable[Verdict]] | None = None


@dataclass(frozen=True)
class RuleSet:
    """Rules by id, and what could not be loaded."""

    loaded: tuple[LoadedRule, ...] = ()
    problems: tuple[Problem, ...] = ()

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(one.rule for one in self.loaded)

    @cached_property
    def _by_word(self) -> Mapping[str, Rule]:
        words: dict[str, Rule] = {}
        for rule in self.rules:
            for alias in rule.aliases:
                words.setdefault(alias.lower(), rule)
        for rule in self.rules:
            words[rule.name] = words[rule.id.lower()] = rule
        return words

    def find(self, word: str) -> Rule | None:
        """The rule of this id, name or alias, in upper or lower case."""
        return self._by_word.get(word.strip().lower().replace("_", "-"))

    def suggestions(self, word: str) -> list[str]:
        """Ids and names that `word` may have been meant for, nearest first."""
        import difflib

        near = difflib.get_close_matches(word.lower(), self._by_word, n=3, cutoff=0.5)
        return list(dict.fromkeys(self._by_word[one].name for one in near))
