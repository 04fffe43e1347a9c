"""Options that several commands share, and how their values are read."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

folder = click.Path(exists=True, file_okay=False, path_type=Path)
file = click.Path(exists=True, dir_okay=False, path_type=Path)


class Target(NamedTuple):
    """A report format and the file to write it to; None for standard output."""

    format: str
    file: Path | None


def targets(formats: Callable[[], Sequence[str]]) -> Callable[..., tuple[Target, ...]]:
    """A callback that reads `FORMAT[=FILE]`s; the file `-` is standard output."""

    def read(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> tuple[Target, ...]:
        return tuple(_target(value, formats()) for value in values)

    return read


def _target(value: str, formats: Sequence[str]) -> Target:
    name, equals, path = value.partition("=")
    if name not in formats:
        raise click.BadParameter(f"there is no format {name!r}. Formats: {', '.join(formats)}.")
    if equals and not path:
        raise click.BadParameter(f"{value!r} names no file.")
    return Target(name, Path(path) if path and path != "-" else None)


def assignments(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """A callback that reads `NAME=VALUE`s."""
    found: dict[str, str] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not name.strip() or not equals:
            raise click.BadParameter(f"{value!r} is not of the form NAME=VALUE.")
        found[name.strip()] = text
    return found


class InputCommand(click.Command):
    """A command with `input_options`: of `--var` and `--var-file`, and of `--parameter` and `--parameters`,
    what is given later is stronger."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        texts, _, order = self.make_parser(ctx).parse_args(args=list(args))
        rest = super().parse_args(ctx, args)
        for values, in_files in (("variables", "variable_files"), ("parameters", "parameter_files")):
            # Files, and between them the values that were given there.
            given: list[Path | Mapping[str, str]] = []
            stronger: dict[str, str] = {}
            files = iter(ctx.params.get(in_files) or ())
            assigned = iter(texts.get(values) or ())
            for param in order:
                if param.name == values:
                    stronger |= assignments(ctx, param, (next(assigned),))
                elif param.name == in_files:
                    given += [stronger, next(files)] if stronger else [next(files)]
                    stronger = {}
            ctx.params[values] = stronger
            ctx.params[in_files] = tuple(given)
        return rest


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that give inputs their values; they arrive as fields of `ScanOptions`."""
    for option in reversed(
        (
            click.option(
                "--var",
                "variables",
                metavar="NAME=VALUE",
                multiple=True,
                callback=assignments,
                help="A Terraform variable's value, as for terraform plan. Repeatable.",
            ),
            click.option(
                "--var-file",
                "variable_files",
                metavar="FILE",
                multiple=True,
                type=file,
                help="A file of variables' values, as for terraform plan. Repeatable.",
            ),
            click.option(
                "--workspace", metavar="NAME", help="The Terraform workspace; unknown if not given."
            ),
            click.option(
                "--env-vars",
                is_flag=True,
                help="Read TF_VAR_NAME and TF_WORKSPACE from the environment.  [default: no]",
            ),
            click.option(
                "--download-modules",
                is_flag=True,
                help="Fetch modules from registries and git, over the network.  [default: no]",
            ),
            click.option(
                "--module-cache",
                metavar="DIR",
                type=click.Path(file_okay=False, path_type=Path),
                help="Where fetched modules are kept, and used offline.  [default: in the user's cache]",
            ),
            click.option(
                "--parameter",
                "parameters",
                metavar="NAME=VALUE",
                multiple=True,
                callback=assignments,
                help="A CloudFormation parameter's value, instead of its default. Repeatable.",
            ),
            click.option(
                "--parameters",
                "parameter_files",
                metavar="FILE",
                multiple=True,
                type=file,
                help="A file of parameters: the AWS CLI's, CodePipeline's or SAM's. Repeatable.",
            ),
            click.option(
                "--config-env",
                metavar="NAME",
                default="default",
                show_default=True,
                help="The environment in samconfig.toml that counts.",
            ),
        )
    ):
        command = option(command)
    return command


def source_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--source` to a command."""
    return click.option(
        "--source",
        metavar="DIR",
        type=folder,
        help="The Terraform that plan files were made from.  [default: in or above the plan's folder]",
    )(command)


def pillar_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--pillar` to a command."""
    return click.option(
        "--pillar",
        "pillars",
        metavar="PILLAR",
        multiple=True,
        help="Only rules of this pillar (security, reliability, …). Repeatable.  [default: all]",
    )(command)


def rule_folders_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--rules` to a command; it arrives as `rule_folders`."""
    return click.option(
        "--rules",
        "rule_folders",
        metavar="DIR",
        type=folder,
        multiple=True,
        help="A folder of further rules; Python among them is run. Repeatable.  [default: none]",
    )(command)


def debug_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--debug` to a command."""
    return click.option("--debug", is_flag=True, help="Show tracebacks of wa-scan's own faults.")(command)


def log_to_stderr() -> None:
    """Let the log, which tells of faults that were survived, be seen."""
    import logging

    logging.basicConfig(format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("wa_scan").setLevel(logging.DEBUG)
