"""What a rule says about one resource, before it is known whether that makes a finding."""

from collections.abc import Sequence
from dataclasses import dataclass

from wa_scan.aws.resources import Part, Resource
from wa_scan.values import Guard, Origin, Step, Truth, Value, settled

Place = Value | Resource | Part | Origin


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether `resource` is as the rule requires. Made by `require`.

    `at`: what decides it. `path`: the canonical property that decides, `""` where there is no one
    property; part of the fingerprint.
    """

    resource: Resource
    holds: Truth
    at: Place
    path: str = ""
    message: str | None = None
    related: tuple[Step, ...] = ()
    secrets: tuple[str, ...] = ()

    @property
    def fails(self) -> Guard:
        """When there is such a resource and it surely is not as required."""
        return settled(self.resource.exists & self.holds.false)

    @property
    def unknown(self) -> Guard:
        return settled(self.resource.exists & self.holds.unknown)


def require(
    holds: Truth,
    *,
    at: Place,
    resource: Resource | None = None,
    path: str = "",
    message: str | None = None,
    related: Sequence[Step] = (),
    secrets: Sequence[str] = (),
) -> Verdict:
    """The verdict that `resource` is right where `holds` is true, and wrong where it is false.

    `at` is the place that a reader should look at: the value that decides (its attribute is marked, or
    the header of the block in which it is absent), a part of a resource, or the resource's header.
    `resource` must be given where `at` is a value or an origin, which do not know what they belong
    to. `message` replaces the rule's title for this finding, `related` adds places that tell why,
    `secrets` are texts that no report may print whole.
    """
    if resource is None:
        if isinstance(at, Resource):
            resource = at
        elif isinstance(at, Part):
            resource = at.resource
        else:
            raise TypeError("require() needs resource= where at= is a value or an origin")
    return Verdict(resource, holds, at, path, message, tuple(related), tuple(secrets))
