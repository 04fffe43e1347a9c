"""Write docs/rules/ from what the rules say of themselves.

python scripts/generate_rule_docs.py            writes the pages and the index
python scripts/generate_rule_docs.py --check    writes nothing, exits with 1 if something would change
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from wa_scan.engine.documentation import rule_markdown
from wa_scan.engine.framework import Pillar
from wa_scan.engine.loading import load_rules
from wa_scan.engine.rules import Rule

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "rules"
NOTE = "<!-- Made by scripts/generate_rule_docs.py from the rule itself: do not edit. -->\n\n"


def index(rules: tuple[Rule, ...]) -> str:
    parts = [f"# The rules\n\n{len(rules)} rules, by pillar. `wa-scan explain ID` shows the same pages.\n"]
    for pillar in Pillar:
        mine = [rule for rule in rules if rule.pillar is pillar]
        if mine:
            rows = "".join(
                f"| [{rule.id}]({rule.id}.md) | {rule.risk.value} | `{rule.name}` | {rule.title} |\n"
                for rule in mine
            )
            parts.append(
                f"## {pillar.title}\n\n| Rule | Risk | Name | What is wrong |\n|---|---|---|---|\n{rows}"
            )
    return "\n".join(parts)


def pages() -> dict[str, str]:
    """File name to text."""
    loaded = load_rules()
    if loaded.problems:
        sys.exit("\n".join(problem.message for problem in loaded.problems))
    found = {f"{rule.id}.md": NOTE + rule_markdown(rule) for rule in loaded.rules}
    return {"README.md": NOTE + index(loaded.rules), **found}


def main() -> int:
    check = sys.argv[1:] == ["--check"]
    wanted = pages()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    stale = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
    if check:
        for name in stale:
            print(f"docs/rules/{name} is not what the rules say; run scripts/generate_rule_docs.py")
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
    print(f"{len(stale)} of {len(wanted)} pages changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
