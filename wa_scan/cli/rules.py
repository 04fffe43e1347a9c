"""`wa-scan rules`: the rules there are."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wa_scan.cli import terminal
from wa_scan.cli.options import debug_option, pillar_option, rule_folders_option

if TYPE_CHECKING:
    from wa_scan.engine.rules import Rule


@click.command(name="rules", short_help="List the rules.")
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to list them.",
)
@pillar_option
@click.option(
    "--risk",
    type=click.Choice(["HRI", "MRI", "LRI"], case_sensitive=False),
    metavar="HRI|MRI|LRI",
    help="Only rules of this risk.  [default: all]",
)
@click.option(
    "--resource",
    metavar="TYPE",
    help="Only rules about this type of resource (AWS::RDS::DBInstance).  [default: all]",
)
@rule_folders_option
@debug_option
def command(
    *,
    format_: str,
    pillars: Sequence[str],
    risk: str | None,
    resource: str | None,
    rule_folders: tuple[Path, ...],
    debug: bool,
) -> int:
    """List the rules, all or some of them.

    \b
    Examples:
      wa-scan rules --pillar security --risk HRI
      wa-scan rules -f json | jq -r '.rules[].id'
    """
    from wa_scan.cli.writing import say_problems
    from wa_scan.engine.loading import load_rules
    from wa_scan.engine.selection import selected

    found = selected(load_rules(rule_folders), pillars=pillars)
    rules = [
        rule
        for rule in found.rules
        if (risk is None or rule.risk.value == risk)
        and (resource is None or resource.lower() in (type_.lower() for type_ in rule.resources))
    ]
    terminal.write(_as_json(rules) if format_ == "json" else _as_text(rules))
    say_problems(found.problems)
    return 2 if found.problems else 0


def _as_json(rules: Iterable["Rule"]) -> str:
    entries = [
        {
            "id": rule.id,
            "name": rule.name,
            "title": rule.title,
            "pillars": [pillar.value for pillar in rule.pillars],
            "risk": rule.risk.value,
            "resources": list(rule.resources),
            "best_practices": list(rule.best_practices),
            "equivalents": {tool: list(ids) for tool, ids in sorted(rule.equivalents.items())},
            "fixable": rule.fixable,
        }
        for rule in rules
    ]
    return json.dumps({"rules": entries}, indent=2, ensure_ascii=False) + "\n"


def _as_text(rules: Sequence["Rule"]) -> str:
    if not rules:
        return "No rule is like that.\n"
    id_width = max(len(rule.id) for rule in rules)
    name_width = max(len(rule.name) for rule in rules)
    lines: list[str] = []
    for pillar in dict.fromkeys(rule.pillar for rule in sorted(rules, key=_order)):
        lines += ["", pillar.title] if lines else [pillar.title]
        lines += [
            f"  {rule.id:{id_width}}  {rule.risk.value}  {rule.name:{name_width}}  {rule.title}"
            for rule in sorted(rules, key=_order)
            if rule.pillar is pillar
        ]
    count = "1 rule" if len(rules) == 1 else f"{len(rules)} rules"
    return "\n".join(lines) + f"\n\n{count}. `wa-scan explain RULE` says more about one.\n"


def _order(rule: "Rule") -> tuple[int, int, str]:
    from wa_scan.engine.framework import Pillar

    return (list(Pillar).index(rule.pillar), rule.risk.rank, rule.id)
