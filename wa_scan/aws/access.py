"""Who reads, writes, invokes or publishes to what: links from what policies allow.

An identity's grants are its own (inline, attached, made by AWS SAM) and those of resource policies that
name it. A link starts at what assumes the role, or at the role itself where nothing here does. A grant for
every resource of a kind (`*`) names none, so it is no link.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.policies import DocumentKind, PolicyDocument, Statement, policy_documents
from wa_scan.aws.references import References, items_of
from wa_scan.aws.resources import Resource
from wa_scan.blocks import Mode
from wa_scan.datafiles import load_folder
from wa_scan.values import Guard, Location, Value

ROLE, USER, GROUP = "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"
PROFILE, MANAGED_POLICY = "AWS::IAM::InstanceProfile", "AWS::IAM::ManagedPolicy"
_IDENTITIES = (ROLE, USER, GROUP)
# What AWS SAM writes on a function is the policy of the role that it makes.
_SAM_POLICIES = "Extra.RolePolicies"
_ASSUME = "sts:AssumeRole"


@dataclass(frozen=True, slots=True)
class _Grant:
    """That a statement allows something on `target`, as written at `location`."""

    target: Resource
    kind: LinkKind
    location: Location
    guard: Guard


def access_links(
    resources: Sequence[Resource], references: References, links: Iterable[Link]
) -> Iterator[Link]:
    """The links that policies make. `links`: those found so far, of which roles' bearers are taken."""
    managed = [each for each in resources if each.mode is Mode.MANAGED]
    if any(each.type in _IDENTITIES or _is_sam_function(each) for each in managed):
        yield from _Access(managed, references, links).links()


class _Access:
    def __init__(self, resources: Sequence[Resource], references: References, links: Iterable[Link]) -> None:
        self._resources = resources
        self._references = references
        self._bearers = _bearers_of(links)
        self._documents: dict[int, list[PolicyDocument]] = {}
        self._grants: dict[int, list[_Grant]] = {}
        self._found: dict[tuple[int, int, LinkKind], Link] = {}

    def links(self) -> Iterator[Link]:
        attached = self._attached()
        for identity in self._resources:
            if identity.type not in _IDENTITIES and not _is_sam_function(identity):
                continue
            documents = [
                (document, Guard.ALWAYS)
                for document in self._of(identity)
                if document.kind is DocumentKind.IDENTITY or document.path.startswith(_SAM_POLICIES)
            ]
            for policy, guard in attached.get(id(identity), ()):
                documents += [(document, guard) for document in self._of(policy)]
            self._link_identity(identity, documents)
            if identity.type == ROLE:
                self._link_trust(identity)
        for resource in self._resources:
            if resource.type in access_kinds():
                self._link_resource_policies(resource)
        yield from self._found.values()

    def _of(self, resource: Resource) -> list[PolicyDocument]:
        found = self._documents.get(id(resource))
        if found is None:
            found = self._documents[id(resource)] = policy_documents(resource)
        return found

    def _attached(self) -> Mapping[int, list[tuple[Resource, Guard]]]:
        """The managed policies of each identity, written at the one or at the other."""
        found: dict[int, dict[int, tuple[Resource, Guard]]] = {}

        def add(identity: Resource, policy: Resource, guard: Guard) -> None:
            earlier = found.setdefault(id(identity), {}).get(id(policy))
            if earlier is not None:
                guard = guard | earlier[1]
            found[id(identity)][id(policy)] = (policy, guard)

        for resource in self._resources:
            if resource.type in (ROLE, USER, GROUP):
                for policy, guard in self._named(resource["ManagedPolicyArns"], (MANAGED_POLICY,)):
                    add(resource, policy, guard & policy.exists)
            elif resource.type == MANAGED_POLICY:
                for property_, type_ in (("Roles", ROLE), ("Users", USER), ("Groups", GROUP)):
                    for identity, guard in self._named(resource[property_], (type_,)):
                        add(identity, resource, guard & resource.exists)
        return {key: list(policies.values()) for key, policies in found.items()}

    def _named(self, value: Value, types: Sequence[str]) -> Iterator[tuple[Resource, Guard]]:
        for leaf, guard in items_of(value):
            for resource in self._references.named(leaf, types, by_name=True):
                yield resource, guard

    def _link_identity(self, identity: Resource, documents: Sequence[tuple[PolicyDocument, Guard]]) -> None:
        denied = [
            statement
            for document, _ in documents
            for statement, guard in document.statements
            if guard.is_always and statement.denies().is_surely_true and _is_unconditional(statement)
        ]
        boundary = [
            document
            for policy, _ in self._named(identity["PermissionsBoundary"], (MANAGED_POLICY,))
            for document in self._of(policy)
        ]
        for document, attached in documents:
            for grant in self._granted(document):
                if self._is_taken_back(grant, denied) or not self._is_within(grant, boundary):
                    continue
                guard = grant.guard & attached & identity.exists & grant.target.exists
                if grant.kind is LinkKind.ASSUMES:
                    if self._may_trust(grant.target):
                        self._add(identity, grant, guard)
                    continue
                for bearer, borne in self._bearers.get(id(identity), ((identity, Guard.ALWAYS),)):
                    self._add(bearer, grant, guard & borne)

    def _granted(self, document: PolicyDocument) -> list[_Grant]:
        """What the document allows on resources that it names."""
        key = id(document)
        found = self._grants.get(key)
        if found is None:
            found = self._grants[key] = list(self._grants_of(document))
        return found

    def _grants_of(self, document: PolicyDocument) -> Iterator[_Grant]:
        for statement, guard in document.statements:
            if guard.is_never or not statement.allows().is_surely_true:
                continue
            for leaf, when in items_of(statement.value.get("Resource")):
                for target in self._references.named(leaf, _granted_types()):
                    location = (leaf.origin or document.origin or document.resource.origin).location
                    for kind in _kinds_allowed(statement, target):
                        yield _Grant(target, kind, location, guard & when)

    def _is_taken_back(self, grant: _Grant, denied: Sequence[Statement]) -> bool:
        """Whether a statement denies all that the grant allows."""
        actions = _actions(grant.target.type or "", grant.kind)
        return any(
            all(each.covers_action(action).is_surely_true for action in actions)
            and self._covers(each, grant.target)
            for each in denied
        )

    def _is_within(self, grant: _Grant, boundary: Sequence[PolicyDocument]) -> bool:
        """Whether a permissions boundary, where there is one in the code, leaves something of the grant."""
        if not boundary:
            return True
        actions = _actions(grant.target.type or "", grant.kind)
        return any(
            statement.allows().is_surely_true
            and any(statement.covers_action(action).is_surely_true for action in actions)
            and self._covers(statement, grant.target)
            for document in boundary
            for statement, _ in document.statements
        )

    def _covers(self, statement: Statement, target: Resource) -> bool:
        if statement.covers_all_resources().is_surely_true:
            return True
        return any(
            target in self._references.named(leaf, (target.type or "",))
            for leaf, _ in items_of(statement.value.get("Resource"))
        )

    def _may_trust(self, role: Resource) -> bool:
        """Whether the role's trust policy may let an identity of AWS assume it, not just services."""
        documents = [each for each in self._of(role) if each.kind is DocumentKind.TRUST]
        return (
            not documents
            or any(
                kind in ("AWS", "*")
                for document in documents
                for statement, _ in document.statements
                for kind, _, _ in statement.principals
            )
            or any(not document.statements for document in documents)
        )

    def _link_trust(self, role: Resource) -> None:
        """Links from the identities that a role's trust policy names."""
        for document in self._of(role):
            if document.kind is not DocumentKind.TRUST:
                continue
            for identity, guard, location in self._principals(document):
                if identity is not role:
                    grant = _Grant(role, LinkKind.ASSUMES, location, guard)
                    self._add(identity, grant, guard & identity.exists & role.exists)

    def _link_resource_policies(self, resource: Resource) -> None:
        for document in self._of(resource):
            if document.kind is not DocumentKind.RESOURCE or document.path.startswith(_SAM_POLICIES):
                continue
            for statement, guard in document.statements:
                if guard.is_never or not statement.allows().is_surely_true:
                    continue
                kinds = list(_kinds_allowed(statement, resource))
                for identity, when, location in self._principals_of(statement, guard) if kinds else ():
                    for kind in kinds:
                        grant = _Grant(resource, kind, location, when)
                        for bearer, borne in self._bearers.get(id(identity), ((identity, Guard.ALWAYS),)):
                            self._add(bearer, grant, when & borne & identity.exists & resource.exists)

    def _principals(self, document: PolicyDocument) -> Iterator[tuple[Resource, Guard, Location]]:
        for statement, guard in document.statements:
            if not guard.is_never and statement.allows().is_surely_true:
                yield from self._principals_of(statement, guard)

    def _principals_of(
        self, statement: Statement, guard: Guard
    ) -> Iterator[tuple[Resource, Guard, Location]]:
        for kind, principal, when in statement.principals:
            if kind != "AWS":
                continue
            for identity in self._references.named(principal, (ROLE, USER)):
                origin = principal.origin or statement.origin or statement.document.resource.origin
                yield identity, guard & when, origin.location

    def _add(self, source: Resource, grant: _Grant, guard: Guard) -> None:
        if source is grant.target or guard.is_never:
            return
        key = (id(source), id(grant.target), grant.kind)
        earlier = self._found.get(key)
        location = grant.location
        if earlier is not None:
            guard, location = guard | earlier.guard, earlier.location
        self._found[key] = Link(source, grant.target, grant.kind, "Policies", location, guard)


def _is_sam_function(resource: Resource) -> bool:
    return resource.source_type == "AWS::Serverless::Function"


def _is_unconditional(statement: Statement) -> bool:
    return statement.has_condition().is_surely_false


def _bearers_of(links: Iterable[Link]) -> Mapping[int, list[tuple[Resource, Guard]]]:
    """What runs as each role, by way of its instance profile too."""
    direct: dict[int, dict[int, tuple[Resource, Guard]]] = {}
    profiles: list[tuple[Resource, Resource, Guard]] = []
    for link in links:
        if link.kind is not LinkKind.ASSUMES or link.source.mode is not Mode.MANAGED:
            continue
        if link.source.type == PROFILE:
            profiles.append((link.source, link.target, link.guard))
        elif link.source.type not in _IDENTITIES:
            _bear(direct, link.target, link.source, link.guard)
    for profile, role, guard in profiles:
        for bearer, borne in direct.get(id(profile), {}).values():
            _bear(direct, role, bearer, borne & guard)
    return {key: list(bearers.values()) for key, bearers in direct.items()}


def _bear(
    found: dict[int, dict[int, tuple[Resource, Guard]]], role: Resource, bearer: Resource, guard: Guard
) -> None:
    of_role = found.setdefault(id(role), {})
    earlier = of_role.get(id(bearer))
    of_role[id(bearer)] = (bearer, guard if earlier is None else guard | earlier[1])


def _kinds_allowed(statement: Statement, target: Resource) -> Iterator[LinkKind]:
    for kind, actions in access_kinds().get(target.type or "", {}).items():
        if any(statement.covers_action(action).is_surely_true for action in actions):
            yield kind


def _actions(type_: str, kind: LinkKind) -> Sequence[str]:
    return access_kinds().get(type_, {}).get(kind, ())


@cache
def access_kinds() -> Mapping[str, Mapping[LinkKind, Sequence[str]]]:
    """By canonical type: which actions are which link."""
    written = msgspec.convert(load_folder(Path(__file__).parent)["access"], dict[str, dict[str, list[str]]])
    found = {
        type_: {LinkKind(kind): tuple(actions) for kind, actions in kinds.items()}
        for type_, kinds in written.items()
    }
    found[ROLE] = {LinkKind.ASSUMES: (_ASSUME,)}
    return found


@cache
def _granted_types() -> tuple[str, ...]:
    return tuple(access_kinds())
