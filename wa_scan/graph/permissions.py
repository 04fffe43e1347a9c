"""What an identity may do in the end: its policies, within its permissions boundary and the organization's
policies.

Source: IAM User Guide, "Policy evaluation logic": an explicit Deny wins; what is allowed has to be allowed
by the identity's policies, by its boundary where it has one, and by every level of service control policies.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wa_scan.aws.links import LinkKind
from wa_scan.aws.policies import DocumentKind, PolicyDocument, policy_documents
from wa_scan.aws.resources import Resource
from wa_scan.graph.graph import Graph
from wa_scan.values import Absent, Guard, Truth, any_of
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN

MANAGED_POLICY, CONTROL = "AWS::IAM::ManagedPolicy", "AWS::Organizations::Policy"
_SAM_POLICIES = "Extra.RolePolicies"


@dataclass(frozen=True, slots=True, eq=False)
class Permissions:
    """The documents that decide, each with the guard under which it does.

    `elsewhere`: managed policies that are not in the code (AWS's own) are attached. `boundary`: None where
    the identity has none; `boundary_elsewhere`: it has one that is not in the code. `controls`: the service
    control policies in the code; whether the identity's account is one that they hold for is not known.
    """

    identity: Resource
    policies: tuple[tuple[PolicyDocument, Guard], ...]
    elsewhere: Truth
    boundary: tuple[PolicyDocument, ...] | None
    boundary_elsewhere: Truth
    controls: tuple[PolicyDocument, ...]

    def allows(self, action: str, resource: str | Resource) -> Truth:
        """Whether `action` (`s3:GetObject`) on `resource` (an ARN, or a resource of the code) is allowed."""
        granted = self._any(lambda each: each.some(lambda s: s.allows() & s.applies_to(action, resource)))
        # A policy that is not in the code may allow it, and may deny it.
        granted = granted | (self.elsewhere & UNKNOWN)
        denied = self._any(lambda each: each.denies(action, resource))
        return granted & ~denied & self._within(action, resource) & self._under_control(action, resource)

    def _any(self, test: Callable[[PolicyDocument], Truth]) -> Truth:
        return any_of(test(document).given(guard, FALSE) for document, guard in self.policies)

    def _within(self, action: str, resource: str | Resource) -> Truth:
        """What the boundary leaves."""
        unseen = ~self.boundary_elsewhere | UNKNOWN
        if self.boundary is None:
            return unseen
        allowed = any_of(each.allows(action, resource) for each in self.boundary)
        denied = any_of(each.denies(action, resource) for each in self.boundary)
        return unseen & allowed & ~denied

    def _under_control(self, action: str, resource: str | Resource) -> Truth:
        """What the organization leaves: unknown where a policy denies it or allows only others."""
        if not self.controls:
            return TRUE
        denied = any_of(each.denies(action, resource) for each in self.controls)
        allowed = any_of(each.allows(action, resource) for each in self.controls)
        only_denials = ~any_of(each.some(lambda s: s.allows()) for each in self.controls)
        return (~denied & (allowed | only_denials)) | UNKNOWN


def permissions_of(identity: Resource, graph: Graph) -> Permissions:
    """The permissions of a role, user or group (or of a function whose role AWS SAM makes)."""
    policies = [
        (document, Guard.ALWAYS)
        for document in policy_documents(identity)
        if document.kind is DocumentKind.IDENTITY or document.path.startswith(_SAM_POLICIES)
    ]
    attached = _attached(identity, graph)
    for policy, guard in attached:
        policies += [(document, guard) for document in policy_documents(policy)]
    boundaries = [
        link.target
        for link in graph.edges(out_of=identity)
        if link.path == "PermissionsBoundary" and link.target.type == MANAGED_POLICY
    ]
    has_boundary = ~_is_nothing(identity, "PermissionsBoundary")
    return Permissions(
        identity,
        tuple(policies),
        _elsewhere(identity, len(attached)),
        tuple(each for policy in boundaries for each in policy_documents(policy)) if boundaries else None,
        FALSE if boundaries else has_boundary,
        tuple(
            document
            for policy in graph.of_type(CONTROL, unit=identity.unit)
            if policy["Type"].is_in(("SERVICE_CONTROL_POLICY", None)).true.is_always
            for document in policy_documents(policy)
        ),
    )


def _attached(identity: Resource, graph: Graph) -> Sequence[tuple[Resource, Guard]]:
    found = [
        (link.target, link.guard)
        for link in graph.edges(out_of=identity)
        if link.path.startswith("ManagedPolicyArns") and link.target.type == MANAGED_POLICY
    ]
    found += [
        (link.source, link.guard)
        for link in graph.edges(into=identity, kind=LinkKind.ATTACHED_TO)
        if link.source.type == MANAGED_POLICY
    ]
    return found


def _elsewhere(identity: Resource, attached: int) -> Truth:
    """Whether policies are attached that are not in the code."""
    written = [guard for _, guard in identity["ManagedPolicyArns"].items()]
    if len(written) <= attached:
        return FALSE
    return any_of(Truth.when(guard) for guard in written)


def _is_nothing(identity: Resource, path: str) -> Truth:
    value = identity[path]
    return TRUE if isinstance(value, Absent) else value.equals(None)
