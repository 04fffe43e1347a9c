"""What a template is deployed with, as far as the file beside it says: SAM's configuration."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from wa_scan.cloudformation.parameter_files import (
    SAM_CONFIGURATIONS,
    SAM_TEMPLATES,
    ParameterFileError,
    parameters_in,
)
from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.sources.units import Template
from wa_scan.values import Location

if TYPE_CHECKING:
    from wa_scan.cloudformation.evaluate import EvaluateOptions


def with_sam_configuration(
    template: Template, options: "EvaluateOptions"
) -> tuple["EvaluateOptions", tuple[Problem, ...]]:
    """`options` with what `sam deploy` would take from the configuration beside `template`; what the
    options say themselves is stronger."""
    folder = template.path.parent
    path = next((folder / name for name in SAM_CONFIGURATIONS if (folder / name).is_file()), None)
    if path is None or not path.resolve().is_relative_to(template.tree.resolve()):
        return options, ()
    display = template.display.removesuffix(template.path.name) + path.name
    try:
        found = parameters_in(path, display, options.environment)
    except (OSError, ParameterFileError) as error:
        place = error.location if isinstance(error, ParameterFileError) else None
        reason = error.message if isinstance(error, ParameterFileError) else str(error.strerror)
        problem = Problem(
            ProblemKind.UNREADABLE_FILE,
            f"What {template.path.name} is deployed with cannot be read: {reason}.",
            place or Location(display, 1, 1, 1, 1),
            ProblemLevel.NOTE,
        )
        return options, (problem,)
    if not _is_of(found.template, template):
        return options, ()
    return replace(
        options,
        parameters={**found.parameters, **options.parameters},
        tags={**found.tags, **options.tags},
    ), tuple(found.notes())


def _is_of(named: str | None, template: Template) -> bool:
    """Whether a configuration that names this template file is that of `template`."""
    if named is None:
        return template.path.name in SAM_TEMPLATES
    # What `sam build` writes to `.aws-sam` comes from the template beside the configuration.
    if named.replace("\\", "/").startswith(".aws-sam/"):
        return template.path.name in SAM_TEMPLATES
    return os.path.normpath(template.path.parent / named) == os.path.normpath(template.path)
