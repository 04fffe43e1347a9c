"""CloudFormation stacks that Terraform makes: their templates are not looked into."""

from collections.abc import Iterable, Iterator

from wa_scan.blocks import EvaluatedResource, Mode
from wa_scan.errors import Entry, Problem, ProblemKind, ProblemLevel

_TYPES = ("aws_cloudformation_stack", "aws_cloudformation_stack_set")


def notes_on_stacks(resources: Iterable[EvaluatedResource]) -> Iterator[Problem]:
    """One note for each block."""
    seen: set[object] = set()
    for resource in resources:
        if resource.type in _TYPES and resource.mode is Mode.MANAGED and resource.location not in seen:
            seen.add(resource.location)
            message = f"What the template of {resource.address} makes was not looked at."
            entry = Entry("What the templates of these stacks make was not looked at:", resource.address)
            yield Problem(
                ProblemKind.NOT_LOOKED_AT, message, resource.location, ProblemLevel.NOTE, entry=entry
            )
