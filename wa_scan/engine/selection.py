"""Choosing rules by their ids, names and pillars."""

from collections.abc import Collection

from wa_scan.engine.framework import Pillar
from wa_scan.engine.rules import Rule
from wa_scan.engine.ruleset import RuleSet
from wa_scan.errors import UsageError


def selected(
    rules: RuleSet,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    pillars: Collection[str | Pillar] = (),
) -> RuleSet:
    """The rules named in `only` (all if empty) and not in `skip`, of one of `pillars` (any if empty).

    Rules are named by id, name or alias, or by a pillar for all of its rules; pillars by id
    (`cost-optimization`) or prefix (`COST`). Raises `UsageError` for a name that means nothing.
    """
    chosen = {pillar if isinstance(pillar, Pillar) else pillar_named(pillar) for pillar in pillars}
    wanted = _ids(rules, only) if only else {rule.id for rule in rules.rules}
    wanted -= _ids(rules, skip)
    kept = [
        one
        for one in rules.loaded
        if one.rule.id in wanted and (not chosen or not chosen.isdisjoint(one.rule.pillars))
    ]
    return RuleSet(tuple(kept), rules.problems)


def pillar_named(word: str) -> Pillar:
    """Raises `UsageError`."""
    found = _pillar(word)
    if found is None:
        known = ", ".join(pillar.value for pillar in Pillar)
        raise UsageError(f"{word!r} is no pillar; the pillars are {known}")
    return found


def rule_named(rules: RuleSet, word: str) -> Rule:
    """The rule of this id, name or alias. Raises `UsageError` with what may have been meant."""
    found = rules.find(word)
    if found is None:
        near = rules.suggestions(word)
        meant = f"did you mean {' or '.join(near)}?" if near else "`wa-scan rules` lists them"
        raise UsageError(f"no rule is called {word!r}; {meant}")
    return found


def _ids(rules: RuleSet, words: Collection[str]) -> set[str]:
    found: set[str] = set()
    for word in words:
        pillar = _pillar(word)
        if pillar is not None:
            found.update(rule.id for rule in rules.rules if pillar in rule.pillars)
        else:
            found.add(rule_named(rules, word).id)
    return found


def _pillar(word: str) -> Pillar | None:
    plain = word.strip().lower().replace("_", "-").replace(" ", "-")
    return next((one for one in Pillar if plain in (one.value, one.prefix.lower())), None)
