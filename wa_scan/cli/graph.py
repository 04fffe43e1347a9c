"""`wa-scan graph`: the resources and how they hang together."""

from pathlib import Path
from typing import Any

import click

from wa_scan.cli import terminal
from wa_scan.cli.options import InputCommand, debug_option, input_options, log_to_stderr, source_option


@click.command(name="graph", cls=InputCommand, short_help="Draw the resources and how they hang together.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["dot", "mermaid"]),
    default="dot",
    show_default=True,
    help="The language of the drawing.",
)
@input_options
@source_option
@debug_option
def command(paths: tuple[Path, ...], *, format_: str, debug: bool, **inputs: Any) -> int:
    """Draw the resources under PATHs (default: the working directory) and the links between them.

    Instances of one block are one node, module calls are boxes; dashes mean "only under a condition".

    \b
    Examples:
      wa-scan graph ./infra | dot -Tsvg > infra.svg
      wa-scan graph ./infra -f mermaid > infra.mmd
    """
    from wa_scan.api import evaluate
    from wa_scan.cli.writing import say_problems
    from wa_scan.errors import ProblemLevel
    from wa_scan.options import ScanOptions
    from wa_scan.sources.discover import discover

    if debug:
        log_to_stderr()
    options = ScanOptions(**inputs)
    discovery = discover(paths or (Path(),), options.base, source=options.source)
    evaluation = evaluate(discovery, options)
    if format_ == "dot":
        from wa_scan.report.dot import render_dot as render
    else:
        from wa_scan.report.mermaid import render_mermaid as render
    terminal.write(render(evaluation.graph))
    say_problems(evaluation.problems)
    return 2 if any(problem.level is ProblemLevel.ERROR for problem in evaluation.problems) else 0
