"""The entry point, the group of commands, and what happens to errors."""

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from wa_scan.version import __version__

INTERRUPTED = 130
USAGE = 2

# In the order in which `--help` shows them; each is imported only when it is used.
COMMANDS = {
    "scan": "Review Terraform and CloudFormation (the default command).",
    "rules": "List the rules.",
    "explain": "Explain a rule: what, why, how to fix it.",
    "graph": "Draw the resources and how they hang together.",
    "inspect": "Show what wa-scan sees: every value, and the way it came.",
    "console": "Evaluate Terraform expressions.",
}

EXAMPLES = """
  wa-scan ./infra                                  review a folder
  wa-scan . -f sarif=out.sarif -f json=out.json    write reports to files as well
  wa-scan ./infra --fail-on MRI                    exit 1 on medium risks, too
  wa-scan ./infra --var-file prod.tfvars           with the values of production
  wa-scan ./infra --pillar reliability             only rules of one pillar
  wa-scan plan.json --source ./infra               a plan, at the lines of its source
  wa-scan explain rds-single-az                    what a rule means, how to fix it
"""

EXIT_STATUS = """
  0  nothing at or above the --fail-on level
  1  findings at or above it
  2  wrong usage, or something that should have been read could not be
"""


class Commands(click.Group):
    """A group whose commands are imported when used; anything that names none is for `scan`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"wa_scan.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in COMMANDS and args[0] not in {"--help", "-h", "--version"}):
            args = ["scan", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("wa-scan", "[scan] [OPTIONS] [PATH]...")
        formatter.write_usage("wa-scan", "COMMAND [OPTIONS] [ARGS]...", prefix=" " * 7)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            formatter.write(EXAMPLES.strip("\n") + "\n")
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
        scan = self.get_command(ctx, "scan")
        assert scan is not None
        with click.Context(scan, info_name="scan", parent=ctx) as inner:
            scan.format_options(inner, formatter)
        with formatter.section("Exit status"):
            formatter.write(EXIT_STATUS.strip("\n") + "\n")


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`wa-scan COMMAND --help` says more about a command.",
)
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="wa-scan")
def commands() -> None:
    """Review Terraform and CloudFormation the way an AWS Well-Architected review would.

    Nothing is run, and PATHs (default: the working directory) are only read. Nothing goes to the network
    unless --download-modules asks for it.
    """


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status. A traceback is only shown with `--debug`."""
    given = list(sys.argv[1:] if args is None else args)
    # Nearly all that a scan makes lives until its end: looking for garbage as often as usual takes
    # a tenth to a half of the time and finds little.
    gc.set_threshold(200_000, 20, 20)
    try:
        status = commands.main(given, prog_name="wa-scan", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        status = USAGE
    except (KeyboardInterrupt, click.Abort):
        status = INTERRUPTED
    except BrokenPipeError:
        # The reader has gone, as `head` does; what it wanted it has. Later flushes must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except Exception as error:
        if "--debug" in given:
            import traceback

            traceback.print_exc()
        status = _say(error)
    # Nor is it looked for once more at the exit.
    gc.freeze()
    sys.exit(status if isinstance(status, int) else 0)


def _say(error: Exception) -> int:
    from wa_scan.errors import WaScanError

    if isinstance(error, WaScanError):
        click.echo(f"Error: {error}", err=True)
    else:
        click.echo(
            f"Error: wa-scan failed with {type(error).__name__}: {error}\n"
            "This is a fault of wa-scan. Run it again with --debug and report what it prints.",
            err=True,
        )
    return USAGE
