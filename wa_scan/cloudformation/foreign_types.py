"""Resources that are more than CloudFormation's own types tell: modules, custom resources, registry types.

Source: AWS CloudFormation user guide, "Managing extensions with the CloudFormation registry" and "Create
custom provisioning logic with custom resources".
"""

from collections.abc import Iterable

from wa_scan.blocks import EvaluatedResource
from wa_scan.cloudformation.assembly_upkeep import WHOLE_CUSTOM_RESOURCES
from wa_scan.errors import Problem, ProblemKind, ProblemLevel

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
    return [
        Problem(
            ProblemKind.NOT_LOOKED_AT,
            _message(type_, len({resource.address for resource in of_type})),
            min(resource.location for resource in of_type),
            ProblemLevel.NOTE,
        )
        for type_, of_type in sorted(by_type.items())
    ]


def _message(type_: str, count: int) -> str:
    several = f" ({count} times)" if count > 1 else ""
    if type_.endswith("::MODULE"):
        return f"What the module {type_}{several} contains was not looked at."
    if type_.startswith("Custom::") or type_ == _CUSTOM_RESOURCE:
        return f"What the custom resource {type_}{several} does was not looked at."
    return f"The type {type_}{several} is from the registry and not AWS's own; it was not looked at."
