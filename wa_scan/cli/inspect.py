"""`wa-scan inspect`: what wa-scan sees of a root module or a template."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wa_scan.cli import terminal
from wa_scan.cli.options import InputCommand, debug_option, input_options, log_to_stderr

if TYPE_CHECKING:
    from wa_scan.inspection import Inspection
    from wa_scan.options import ScanOptions


@click.command(name="inspect", cls=InputCommand, short_help="Show what wa-scan sees.")
@click.argument("path", metavar="[DIR]", default=Path(), type=click.Path(exists=True, path_type=Path))
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to show it. Only json shows sensitive values.",
)
@click.option(
    "--trace",
    metavar="ADDRESS.ARGUMENT",
    help="Only the way that this value came, a step a line; also of output.NAME and var.NAME.",
)
@input_options
@debug_option
def command(path: Path, *, format_: str, trace: str | None, debug: bool, **inputs: Any) -> int:
    """Show the outputs and resources of the root module in DIR (default: the working directory), of a
    template or of a plan, with all values as they are known before deployment.

    In JSON an unknown value is {"unknown": SYMBOL}, a partly known text {"unknown": "prefix-${SYMBOL}"};
    where other parts are known they stand beside it under "known". What depends on a condition is
    {"choice": [{"when": GUARD, "value": VALUE}, ...]}. Sets are lists. What terraform plan would refuse, a
    required variable without a value included, is among the errors; the exit status is then 2. The
    workspace is "default" unless it is named.

    \b
    Examples:
      wa-scan inspect ./infra --var-file prod.tfvars
      wa-scan inspect ./infra -f json | jq '.resources["aws_db_instance.main"]'
      wa-scan inspect ./infra --trace 'module.db["a"].aws_db_instance.main.multi_az'
    """
    from wa_scan.options import ScanOptions

    if debug:
        log_to_stderr()
    options = ScanOptions(**inputs)
    inspection = _inspected(path, options)

    from wa_scan.cli.writing import say_problems
    from wa_scan.errors import ProblemLevel
    from wa_scan.report.inspection import inspection_json, inspection_text, is_refused, ways_json, ways_text

    as_json = format_ == "json"
    if trace is None:
        terminal.write(inspection_json(inspection) if as_json else inspection_text(inspection))
    else:
        from wa_scan.inspection import ways
        from wa_scan.sources.texts import SourceTexts

        found = ways(inspection, trace)
        files = {step.location.file for way in found for step in way.steps}
        texts = SourceTexts({file: options.base / file for file in files})
        terminal.write(ways_json(found, texts) if as_json else ways_text(found, texts))
    errors = [problem for problem in inspection.unit.problems if is_refused(problem)]
    if not as_json:
        say_problems(replace(error, level=ProblemLevel.ERROR) for error in errors)
    return 2 if errors else 0


def _inspected(path: Path, options: "ScanOptions") -> "Inspection":
    from wa_scan.api import states_around
    from wa_scan.inspection import inspection_of
    from wa_scan.options import module_store, template_options, terraform_options, with_parameter_files
    from wa_scan.sources.single import unit_at
    from wa_scan.sources.units import PlanFile, Template

    unit = unit_at(path, options.base)
    if isinstance(unit, Template):
        from wa_scan.cloudformation.evaluate import Templates
        from wa_scan.sources.discover import discover

        # Which templates there are around it, for those that it nests.
        around = discover((unit.path,), options.base).candidates
        told_templates = template_options(with_parameter_files(options))
        return inspection_of(Templates((unit,), told_templates, around, options.base).evaluate(unit))
    told = terraform_options(options, module_store(options))
    if isinstance(unit, PlanFile):
        from wa_scan.terraform.plan import evaluate_plan

        return inspection_of(evaluate_plan(unit, told).unit)
    from wa_scan.terraform.inspection import inspect_root

    as_planned = replace(
        told, workspace=told.workspace or "default", require_inputs=True, short_circuits=False
    )
    return inspect_root(unit, as_planned, states_around(unit, as_planned, options.base))
