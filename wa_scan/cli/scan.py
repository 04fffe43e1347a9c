"""`wa-scan scan`, the default command."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wa_scan.cli import terminal
from wa_scan.cli.options import (
    InputCommand,
    Target,
    debug_option,
    input_options,
    log_to_stderr,
    pillar_option,
    rule_folders_option,
    source_option,
    targets,
)
from wa_scan.version import __version__

if TYPE_CHECKING:
    from wa_scan.options import ScanOptions
    from wa_scan.review.report import Report
    from wa_scan.sources.units import Discovery


def _formats() -> Sequence[str]:
    from wa_scan.report import FORMATS

    return tuple(FORMATS)


class _ScanCommand(InputCommand):
    """Names the formats in the help, which are looked up only then."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for param in self.params:
            if isinstance(param, click.Option) and param.help:
                param.help = param.help.replace("{formats}", ", ".join(_formats()))
        super().format_options(ctx, formatter)


@click.command(name="scan", cls=_ScanCommand, short_help="Review Terraform and CloudFormation.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "-f",
    "--format",
    "formats",
    metavar="FORMAT[=FILE]",
    multiple=True,
    callback=targets(_formats),
    help="Write a report: {formats}. Repeatable; without FILE to standard output.  [default: text]",
)
@click.option(
    "--fail-on",
    type=click.Choice(["HRI", "MRI", "LRI", "never"], case_sensitive=False),
    metavar="HRI|MRI|LRI|never",
    default="HRI",
    show_default=True,
    help="The lowest risk of a finding that makes the exit status 1.",
)
@click.option("--strict", is_flag=True, help="Exit 2 if anything was out of reach, too.  [default: no]")
@click.option("--allow-empty", is_flag=True, help="Exit 0 where there is nothing to scan.  [default: no]")
@pillar_option
@click.option(
    "--rule",
    "rules",
    metavar="RULE",
    multiple=True,
    help="Only this rule: an id or a name. Repeatable.  [default: all]",
)
@click.option(
    "--skip-rule",
    "skip_rules",
    metavar="RULE",
    multiple=True,
    help="Not this rule. Repeatable.  [default: none]",
)
@rule_folders_option
@input_options
@source_option
@click.option(
    "--only",
    metavar="FILE",
    # A misspelt name would pass for a file without findings.
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Report only what concerns this file. Repeatable.  [default: everything]",
)
@click.option("--hook", is_flag=True, help="PATHs are what pre-commit names.  [default: no]")
@click.option("--show-unknown", is_flag=True, help="List verdicts that stay unknown.  [default: no]")
@click.option(
    "--each-instance", is_flag=True, help="A finding for each instance of a block.  [default: one for all]"
)
@click.option("--all-places", is_flag=True, help="List every place of every rule.  [default: the first 10]")
@click.option(
    "--category", metavar="NAME", help="Name this analysis among others, for SARIF.  [default: none]"
)
@click.option(
    "--colour",
    "--color",
    type=click.Choice(terminal.COLOUR_CHOICES),
    default="auto",
    show_default=True,
    help="Colour the text report; auto heeds the terminal and NO_COLOR.",
)
@click.option("--no-progress", is_flag=True, help="No progress bar.  [default: one on a terminal]")
@click.option("-q", "--quiet", is_flag=True, help="No text report, only errors.  [default: no]")
@debug_option
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="wa-scan")
def command(
    paths: tuple[Path, ...],
    formats: tuple[Target, ...],
    fail_on: str,
    *,
    strict: bool,
    only: tuple[Path, ...],
    show_unknown: bool,
    all_places: bool,
    category: str | None,
    colour: str,
    no_progress: bool,
    quiet: bool,
    debug: bool,
    **inputs: Any,
) -> int:
    """Review the Terraform and CloudFormation under PATHs (default: the working directory).

    A folder that other scanned folders call as a module is reviewed through its callers. A Terraform file as
    PATH stands for the root modules it belongs to, of which only what concerns the file is reported.

    A plan among PATHs, as `terraform show -json PLAN` prints it, is reviewed by the values in it, and at the
    lines of the Terraform that it was made from.
    """
    from wa_scan.options import ScanOptions
    from wa_scan.sources.discover import discover

    if debug:
        log_to_stderr()
    options = ScanOptions(**inputs)
    written = _checked(formats, quiet)
    given = paths if paths or options.hook else (Path(),)
    _refuse_misspelt_command(paths, options.base)
    discovery = discover(given, options.base, hook=options.hook, source=options.source)
    if options.hook and discovery.is_empty and not discovery.problems:
        return 0
    if only:
        discovery = _narrowed(discovery, only, options)
    report = _review(discovery, options, progress=not (no_progress or quiet) and sys.stderr.isatty())

    from wa_scan.cli.writing import report_context, say_problems, write_reports
    from wa_scan.engine.framework import Risk

    risk = None if fail_on == "never" else Risk(fail_on)
    context = replace(
        report_context(report, discovery, options.base),
        show_unknown=show_unknown,
        fail_on=risk,
        strict=strict,
        category=category,
    )
    if all_places:
        context = replace(context, places_per_rule=None)
    if discovery.is_empty and not report.findings:
        # A report of nothing says less than a sentence.
        written = [target for target in written if target != Target("text", None)]
    write_reports(report, context, written, colour)
    if Target("text", None) not in written:
        say_problems(report.problems)
    if discovery.is_empty and options.allow_empty and not quiet:
        click.echo("There is nothing to scan here.", err=True)
    return report.exit_status(risk, strict)


def _checked(formats: tuple[Target, ...], quiet: bool) -> list[Target]:
    """The reports to write. The text report goes to standard output unless something else does."""
    to_stdout = [target for target in formats if target.file is None]
    if len(to_stdout) > 1:
        names = " and ".join(target.format for target in to_stdout)
        raise click.UsageError(
            f"{names} cannot both go to standard output: give one a file, {to_stdout[0].format}=FILE."
        )
    files = [target.file for target in formats if target.file is not None]
    for path in files:
        if files.count(path) > 1:
            raise click.UsageError(f"two reports cannot both go to {path}.")
    if to_stdout or quiet:
        return list(formats)
    return [Target("text", None), *formats]


def _refuse_misspelt_command(paths: tuple[Path, ...], base: Path) -> None:
    """A first path that does not exist but is nearly a command's name was meant as one."""
    if not paths or len(paths[0].parts) != 1 or paths[0].suffix or (base / paths[0]).exists():
        return
    import difflib

    from wa_scan.cli.main import COMMANDS

    near = difflib.get_close_matches(paths[0].name, COMMANDS, n=1)
    if near:
        raise click.UsageError(
            f"there is no path and no command {paths[0].name!r}. Did you mean `wa-scan {near[0]}`?"
        )


def _narrowed(discovery: "Discovery", only: tuple[Path, ...], options: "ScanOptions") -> "Discovery":
    from wa_scan.sources.paths import display_path

    units = [root.display for root in discovery.roots] + [one.display for one in discovery.templates]
    units += [plan.display for plan in discovery.plans]
    files = frozenset(display_path(path, options.base) for path in only)
    return replace(discovery, narrowed=frozenset(units), named_files=discovery.named_files | files)


def _review(discovery: "Discovery", options: "ScanOptions", progress: bool) -> "Report":
    from wa_scan.api import evaluate, judge, load_rules
    from wa_scan.cli.progress import ProgressBar

    rules = load_rules(options)
    with ProgressBar(progress) as bar:
        return judge(discovery, evaluate(discovery, options, bar), rules, options)
