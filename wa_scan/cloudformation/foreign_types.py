"""Resources that are more than CloudFormation's own types tell: modules, custom resources, registry types.

Source: AWS CloudFormation user guide, "Managing extensions with the CloudFormation registry" and "Create
custom provisioning logic with custom resources".
"""

from collections.abc import Iterable, Sequence

from wa_scan.blocks import EvaluatedResource
from wa_scan.cloudformation.assembly_upkeep import WHOLE_CUSTOM_RESOURCES
from wa_scan.errors import Entry, Problem, ProblemKind, ProblemLevel

_OWN = ("AWS::", "Alexa::")
_CUSTOM_RESOURCE = "AWS::CloudFormation::CustomResource"


def notes_on_foreign_types(resources: Iterable[EvaluatedResource]) -> list[Problem]:
    """One note for each such type, at the first of its resources."""
    by_type: dict[str, list[EvaluatedResource]] = {}
    for resource in resources:
        is_own = resource.type.startswith(_OWN) and resource.type != _CUSTOM_RESOURCE
        if resource.type in WHOLE_CUSTOM_RESOURCES:
            continue
        if not is_own or resource.type.endswith("::MODULE"):
            by_type.setdefault(resource.type, []).append(resource)
    return [_note(type_, of_type) for type_, of_type in sorted(by_type.items())]


def _note(type_: str, of_type: Sequence[EvaluatedResource]) -> Problem:
    count = len({resource.address for resource in of_type})
    named = f"{type_} ({count} times)" if count > 1 else type_
    if type_.endswith("::MODULE"):
        message = f"What the module {named} contains was not looked at."
        heading = "What these modules contain was not looked at:"
    elif type_.startswith("Custom::") or type_ == _CUSTOM_RESOURCE:
        message = f"What the custom resource {named} does was not looked at."
        heading = "What these custom resources do was not looked at:"
    else:
        message = f"The type {named} is from the registry and not AWS's own; it was not looked at."
        heading = "These types are from the registry and not AWS's own; they were not looked at:"
    place = min(resource.location for resource in of_type)
    return Problem(ProblemKind.NOT_LOOKED_AT, message, place, ProblemLevel.NOTE, entry=Entry(heading, type_))
