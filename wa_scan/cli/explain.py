"""`wa-scan explain`: what a rule says of itself."""

import sys
from pathlib import Path

import click

from wa_scan.cli import terminal
from wa_scan.cli.options import debug_option, rule_folders_option


@click.command(name="explain", short_help="Explain a rule.")
@click.argument("words", metavar="RULE...", nargs=-1, required=True)
@rule_folders_option
@click.option(
    "--colour",
    "--color",
    type=click.Choice(terminal.COLOUR_CHOICES),
    default="auto",
    show_default=True,
    help="Render for a terminal; auto heeds the terminal and NO_COLOR.",
)
@debug_option
def command(words: tuple[str, ...], rule_folders: tuple[Path, ...], colour: str, debug: bool) -> None:
    """Explain RULE (an id or a name): what it looks for, why, how to fix it. Markdown unless on a terminal.

    \b
    Examples:
      wa-scan explain REL-RDS-01
      wa-scan explain rds-single-az > rds-single-az.md
    """
    from wa_scan.engine.documentation import rule_markdown
    from wa_scan.engine.loading import load_rules
    from wa_scan.engine.selection import rule_named

    rules = load_rules(rule_folders)
    pages = [rule_markdown(rule_named(rules, word)) for word in words]
    text = "\n".join(page.rstrip("\n") + "\n" for page in pages)
    terminal.write(_rendered(text) if terminal.wants_colour(colour, sys.stdout) else text)


def _rendered(markdown: str) -> str:
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(width=min(100, terminal.width_of(sys.stdout)), force_terminal=True)
    with console.capture() as captured:
        console.print(Markdown(markdown, hyperlinks=False))
    return captured.get()
