"""`wa-scan console`: expressions evaluated against a root module."""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wa_scan.cli import terminal
from wa_scan.cli.options import InputCommand, debug_option, folder, input_options, log_to_stderr

if TYPE_CHECKING:
    from wa_scan.report.json_text import JsonObject
    from wa_scan.terraform.console import Console, RefusedError

PROMPT = "> "
CONTINUED = ". "
HELP = "An expression shows its value, `type(EXPRESSION)` its type; `exit` or Ctrl-D ends.\n"


@click.command(name="console", cls=InputCommand, short_help="Evaluate Terraform expressions.")
@click.argument("directory", metavar="[DIR]", default=Path(), type=folder)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help='Read one {"expr": EXPRESSION} a line and answer one JSON object a line.  [default: no]',
)
@input_options
@debug_option
def command(directory: Path, *, as_json: bool, debug: bool, **inputs: Any) -> int:
    """Evaluate expressions where the root module in DIR (default: the working directory) could use them, as
    `terraform console -plan` does, without providers and state, in the workspace
    "default" unless one is named.

    On a terminal it asks for them; else it reads one a line from standard input, or several lines while
    brackets are open, and exits with 2 if one was refused. `type(EXPRESSION)` shows its type.

    With --json an answer is {"type": TYPE, "value": VALUE}: the type in cty's JSON form, numbers with all
    digits, sets as lists, {"unknown": true} for what is not known, sensitive values as they are; or
    {"error": {"message", "line", "column"}}, whatever the line was, which is no reason to exit with 2.

    \b
    Examples:
      wa-scan console ./infra
      echo 'cidrsubnets("10.0.0.0/16", 4, 4, 8)' | wa-scan console
      echo '{"expr": "local.tags"}' | wa-scan console ./infra --json
    """
    from wa_scan.api import states_around
    from wa_scan.options import ScanOptions, module_store, terraform_options
    from wa_scan.sources.single import root_module_at
    from wa_scan.terraform.console import open_console

    if debug:
        log_to_stderr()
    options = ScanOptions(**inputs)
    told = terraform_options(options, module_store(options))
    root = root_module_at(directory, options.base)
    told = replace(told, workspace=told.workspace or "default", short_circuits=False)
    with open_console(root, told, states_around(root, told, options.base)) as console:
        _say_new_problems(console)
        if as_json:
            return _answer_lines(console)
        if sys.stdin.isatty():
            return _converse(console)
        refused = [not _show(console, text) for text in _expressions(_lines())]
    return 2 if any(refused) else 0


def _lines() -> Iterator[str]:
    """The lines of standard input, in UTF-8 whatever the locale, without their ends."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


def _expressions(lines: Iterator[str]) -> Iterator[str]:
    from wa_scan.terraform.console import goes_on

    text = ""
    for line in lines:
        text = f"{text}\n{line}" if text else line
        if text.strip() and not goes_on(text):
            yield text
            text = ""
    if text.strip():
        yield text


def _show(console: "Console", text: str) -> bool:
    """Print the value of an expression, or on standard error why it has none."""
    from wa_scan.report.printable import printable
    from wa_scan.terraform.console import INPUT, RefusedError

    try:
        shown = console.shown(text)
    except RefusedError as error:
        at = error.location
        place = f"line {at.start_line}, column {at.start_column}" if at.file == INPUT else str(at)
        click.echo(f"Error: {printable(f'{place}: {error.message}')}", err=True)
        return False
    finally:
        _say_new_problems(console)
    terminal.write("\n".join(map(printable, shown.split("\n"))) + "\n")
    return True


def _say_new_problems(console: "Console") -> None:
    """What is wrong with the configuration itself, as soon as something needs it."""
    from wa_scan.cli.writing import say_problems

    say_problems(console.new_problems())


def _converse(console: "Console") -> int:
    # For `input`, which then has a history and can be edited; the history goes with the process.
    with suppress(ImportError):
        import_module("readline")
    from wa_scan.terraform.console import goes_on

    text = ""
    while True:
        try:
            line = input(CONTINUED if text else PROMPT)
        except EOFError:
            terminal.write("\n")
            return 0
        except KeyboardInterrupt:
            terminal.write("\n")
            if not text:
                raise
            text = ""
            continue
        if not text and line.strip() in ("exit", "quit"):
            return 0
        if not text and line.strip() == "help":
            terminal.write(HELP)
            continue
        text = f"{text}\n{line}" if text else line
        if text.strip() and not goes_on(text):
            _show(console, text)
            text = ""


def _answer_lines(console: "Console") -> int:
    from wa_scan.report.json_text import json_line

    for line in sys.stdin.buffer:
        if line.strip():
            terminal.write(json_line(_answer(console, line)))
            _say_new_problems(console)
    return 0


def _answer(console: "Console", line: bytes) -> "JsonObject":
    from wa_scan.report.answers import value_answer
    from wa_scan.terraform.console import RefusedError

    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return _error("this line is no JSON")
    text = request.get("expr") if isinstance(request, dict) else None
    if not isinstance(text, str):
        return _error('this line has no text under "expr"')
    try:
        return value_answer(console.value(text))
    except RefusedError as error:
        return _refusal(error)


def _refusal(error: "RefusedError") -> "JsonObject":
    from wa_scan.terraform.console import INPUT

    at = error.location
    found = _error(error.message, at.start_line, at.start_column)
    if at.file != INPUT:
        assert isinstance(found["error"], dict)
        found["error"]["file"] = at.file
    return found


def _error(message: str, line: int = 1, column: int = 1) -> "JsonObject":
    return {"error": {"message": message, "line": line, "column": column}}
