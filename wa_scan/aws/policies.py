"""IAM policy documents as rules ask of them, whatever property and language they were written in.

Semantics: IAM User Guide, "IAM JSON policy element reference". A document may be known in part: what
is unknown answers with an unknown truth.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase

from wa_scan.aws.documents import parse_document
from wa_scan.aws.policy_conditions import Condition
from wa_scan.aws.policy_patterns import fits_principal, fits_resource
from wa_scan.aws.resources import Resource
from wa_scan.values import (
    Absent,
    Choice,
    Guard,
    Known,
    ListValue,
    MapValue,
    Origin,
    Text,
    Truth,
    Unknown,
    Value,
    any_of,
)
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN

# Attributes that tell somebody's identity: `arn`, `iam_arn`, `Arn`, `account_id`, `S3CanonicalUserId`.
_IDENTIFIER = re.compile(r"(?i)(arn|id)$")
_POLICY_PROPERTIES = frozenset(
    {
        "AccessPolicies",
        "AssumeRolePolicyDocument",
        "FileSystemPolicy",
        "InlinePolicy",
        "KeyPolicy",
        "Policy",
        "PolicyDocument",
        "RepositoryPolicyText",
        "ResourcePolicy",
    }
)


class DocumentKind(Enum):
    """IDENTITY: what its bearer may do. TRUST: who may assume a role. RESOURCE: who may use a resource.
    CONTROL: what an account's identities may do at most (a service or resource control policy).

    A permissions boundary is an IDENTITY document of the policy that is used as one.
    """

    IDENTITY = "identity"
    TRUST = "trust"
    RESOURCE = "resource"
    CONTROL = "control"


@dataclass(frozen=True, slots=True, eq=False)
class PolicyDocument:
    """A policy document of `resource` at the property `path`, there where `guard` holds.

    `value` is a map, or something unknown: `statements` then has one unknown statement.
    """

    resource: Resource
    path: str
    kind: DocumentKind
    value: Value
    guard: Guard = Guard.ALWAYS

    @property
    def origin(self) -> Origin | None:
        return self.value.origin or self.resource.origin

    @property
    def statements(self) -> "list[tuple[Statement, Guard]]":
        if not isinstance(self.value, MapValue):
            return [(Statement(self, self.value), self.guard)]
        return [
            (Statement(self, item), self.guard & guard) for item, guard in self.value.get("Statement").items()
        ]

    def some(self, test: "Callable[[Statement], Truth]") -> Truth:
        """Whether `test` holds for a statement."""
        return any_of(test(statement).given(guard, FALSE) for statement, guard in self.statements)

    def is_public(self) -> Truth:
        """Whether a statement lets anyone in, without a condition that keeps most out."""
        return self.some(lambda each: each.allows() & each.is_for_anyone() & ~each.is_limited())

    def requires_tls(self) -> Truth:
        """Whether everyone is denied whatever they ask for over a connection without TLS."""
        return self.some(
            lambda each: (
                each.denies() & each.is_for_anyone() & each.covers_service_actions() & each.is_without_tls()
            )
        )

    def allows(self, action: str, resource: str | Resource, principal: str | None = None) -> Truth:
        """Whether `action` on `resource` (an ARN, or a resource of the code) is allowed by this document.

        A Deny wins. What depends on a condition is unknown. `principal`: who asks (an ARN, an account, a
        service, `*` for anyone); None for a document that is its bearer's own.
        """
        allowed = self.some(lambda each: each.allows() & each.applies_to(action, resource, principal))
        return allowed & ~self.denies(action, resource, principal)

    def denies(self, action: str, resource: str | Resource, principal: str | None = None) -> Truth:
        """Whether a statement denies it."""
        return self.some(lambda each: each.denies() & each.applies_to(action, resource, principal))


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A statement of a policy document. Names and wildcards are compared as IAM does, without case."""

    document: PolicyDocument
    value: Value

    @property
    def origin(self) -> Origin | None:
        return self.value.origin or self.document.origin

    @property
    def sid(self) -> str | None:
        return self.value.get("Sid").text

    @property
    def effect(self) -> Value:
        return self.value.get("Effect")

    def allows(self) -> Truth:
        return self.effect.equals("Allow")

    def denies(self) -> Truth:
        return self.effect.equals("Deny")

    @property
    def actions(self) -> list[tuple[Value, Guard]]:
        """What `Action` lists; nothing where there is `NotAction`."""
        return list(self.value.get("Action").items())

    @property
    def not_actions(self) -> list[tuple[Value, Guard]]:
        return list(self.value.get("NotAction").items())

    @property
    def resources(self) -> list[tuple[Value, Guard]]:
        return list(self.value.get("Resource").items())

    @property
    def not_resources(self) -> list[tuple[Value, Guard]]:
        return list(self.value.get("NotResource").items())

    def covers_action(self, action: str) -> Truth:
        """Whether `action` (`iam:PassRole`) is among the actions, wildcards and `NotAction` counted."""
        listed = _any_pattern(self.actions, action)
        excluded = self.value.get("NotAction")
        return listed | (_is_there(excluded) & ~_any_pattern(self.not_actions, action))

    def applies_to(self, action: str, resource: str | Resource, principal: str | None = None) -> Truth:
        """Whether the statement is about such a request; unknown where that depends on a condition."""
        about = self.covers_action(action) & self.covers_resource(resource) & self.covers_principal(principal)
        return about & (~self.has_condition() | UNKNOWN)

    def covers_resource(self, resource: str | Resource) -> Truth:
        """Whether `resource` is among the resources, wildcards and `NotResource` counted. A statement without
        either is about what its document is attached to."""
        excluded = self.value.get("NotResource")
        named = self.value.get("Resource")
        listed = _any(self.resources, lambda each: fits_resource(each, resource))
        others = _is_there(excluded) & ~_any(self.not_resources, lambda each: fits_resource(each, resource))
        return listed | others | (~_is_there(named) & ~_is_there(excluded))

    def covers_principal(self, principal: str | None) -> Truth:
        """Whether `principal` is among the principals, `NotPrincipal` counted."""
        if principal is None:
            return TRUE
        named = any_of(
            fits_principal(kind, pattern, principal).given(guard, FALSE)
            for kind, pattern, guard in self.principals
        )
        everyone_but = self.value.get("NotPrincipal")
        return named | (_is_there(everyone_but) & ~self._excludes(principal))

    def _excludes(self, principal: str) -> Truth:
        return any_of(
            fits_principal(kind, item, principal).given(guard, FALSE)
            for leaf, _ in self.value.get("NotPrincipal").alternatives()
            if isinstance(leaf, MapValue)
            for kind, listed in leaf.entries.items()
            for item, guard in listed.items()
        )

    def covers_all_actions(self) -> Truth:
        """Whether every action of every service is among the actions."""
        return _any(self.actions, lambda each: each.is_in(("*", "*:*")))

    def covers_service_actions(self) -> Truth:
        """Whether every action of a service, or of all, is among the actions."""
        return _any(self.actions, _is_service_wildcard)

    def covers_all_resources(self) -> Truth:
        """Whether every resource is meant: `*`, or no `Resource` where the kind of policy needs none."""
        return _any(self.resources, lambda each: each.is_in(("*", "arn:aws:*", "arn:*")))

    @property
    def principals(self) -> list[tuple[str, Value, Guard]]:
        """(`AWS`, `Service`, `Federated`, `CanonicalUser` or `*`, the principal, when)."""
        found: list[tuple[str, Value, Guard]] = []
        for leaf, guard in self.value.get("Principal").alternatives():
            if isinstance(leaf, MapValue):
                for kind, listed in leaf.entries.items():
                    found += ((kind, item, guard & inner) for item, inner in listed.items())
                if leaf.rest is not None:
                    found.append(("AWS", leaf.rest, guard))
            elif not isinstance(leaf, Absent):
                found += (("*", item, guard & inner) for item, inner in leaf.items())
        return found

    def is_for_anyone(self) -> Truth:
        """Whether the principal is `*`, or everyone but some (`NotPrincipal`)."""
        named = any_of(
            _is_anyone(principal).given(guard, FALSE)
            for kind, principal, guard in self.principals
            if kind in ("*", "AWS")
        )
        everyone_but = self.value.get("NotPrincipal")
        return named | (_is_there(everyone_but) & self.allows())

    @property
    def conditions(self) -> list[tuple[str, str, Value, Guard]]:
        """(operator, key, values, when), as written."""
        found: list[tuple[str, str, Value, Guard]] = []
        for leaf, guard in self.value.get("Condition").alternatives():
            if not isinstance(leaf, MapValue):
                continue
            for operator, keys in leaf.entries.items():
                for inner, when in keys.alternatives():
                    if isinstance(inner, MapValue):
                        found += (
                            (operator, key, value, guard & when) for key, value in inner.entries.items()
                        )
        return found

    def has_condition(self) -> Truth:
        return self.value.get("Condition").is_set()

    def is_limited(self) -> Truth:
        """Whether a condition keeps everyone but certain accounts, networks or resources out."""
        return self._has_unread_conditions() | any_of(
            Condition(operator, key, value).limits_callers().given(guard, FALSE)
            for operator, key, value, guard in self.conditions
        )

    def is_without_tls(self) -> Truth:
        """Whether the statement is about requests without TLS, and about nothing narrower."""
        found = [
            value.any(lambda each: each.is_in((False, "false"))).given(guard, FALSE)
            for operator, key, value, guard in self.conditions
            if key.lower() == "aws:securetransport" and operator.lower() in ("bool", "boolifexists")
        ]
        old_versions = [
            TRUE.given(guard, FALSE)
            for operator, key, _, guard in self.conditions
            if key.lower() == "s3:tlsversion" and operator.lower().startswith("numericlessthan")
        ]
        only = Truth.of(len(self.conditions) <= 1 or None)
        return self._has_unread_conditions() | (any_of([*found, *old_versions]) & only)

    def _has_unread_conditions(self) -> Truth:
        """Unknown where the conditions are."""
        return any_of(
            UNKNOWN.given(guard, FALSE)
            for leaf, guard in self.value.get("Condition").alternatives()
            if isinstance(leaf, Unknown | Text)
        )


def policy_documents(resource: Resource) -> list[PolicyDocument]:
    """Every policy document in the properties of `resource`: inline, trust, attached or its own."""
    found: list[PolicyDocument] = []
    names = _POLICY_PROPERTIES
    if resource.type == "AWS::Organizations::Policy":
        names = names | {"Content"}
    for path, name, value, guard in _walk(resource.properties, "", "", Guard.ALWAYS, names):
        is_policy = name in names or path.startswith("Extra.Policies")
        is_document = isinstance(value, MapValue) and "Statement" in value.entries
        if is_document or (is_policy and isinstance(value, Unknown | Text)):
            found.append(PolicyDocument(resource, path, _kind(resource, name), value, guard))
    return found


def _kind(resource: Resource, name: str) -> DocumentKind:
    if name == "AssumeRolePolicyDocument":
        return DocumentKind.TRUST
    if resource.type == "AWS::Organizations::Policy":
        return DocumentKind.CONTROL
    is_identity = (resource.type or "").startswith(("AWS::IAM::", "AWS::SSO::"))
    return DocumentKind.IDENTITY if is_identity else DocumentKind.RESOURCE


def _walk(
    value: Value, path: str, name: str, guard: Guard, names: frozenset[str]
) -> Iterator[tuple[str, str, Value, Guard]]:
    """Maps and unknowns below `value` with path and the property they are in; not below a document."""
    if isinstance(value, Choice):
        yield from _walk(value.if_true, path, name, guard & value.guard, names)
        yield from _walk(value.if_false, path, name, guard & ~value.guard, names)
    elif isinstance(value, MapValue):
        if "Statement" in value.entries:
            yield path, name, value, guard
            return
        for key, item in value.entries.items():
            if path or key != "Tags":
                yield from _walk(item, f"{path}.{key}" if path else key, key, guard, names)
    elif isinstance(value, ListValue):
        for item in value.elements:
            yield from _walk(item, f"{path}[]", name, guard, names)
        if value.rest is not None:
            yield f"{path}[]", name, value.rest, guard
    elif isinstance(value, Unknown | Text) or (name in names and isinstance(value, Known)):
        parsed = parse_document(value)
        if parsed is value:
            yield path, name, value, guard
        else:
            yield from _walk(parsed, path, name, guard, names)


def _any(items: Sequence[tuple[Value, Guard]], test: Callable[[Value], Truth]) -> Truth:
    return any_of(test(item).given(guard, FALSE) for item, guard in items)


def _any_pattern(patterns: Sequence[tuple[Value, Guard]], name: str) -> Truth:
    wanted = name.lower()
    return _any(
        patterns,
        lambda pattern: pattern.holds(
            lambda data: isinstance(data, str) and fnmatchcase(wanted, data.lower())
        ),
    )


def _is_anyone(principal: Value) -> Truth:
    """Whether a principal is `*`; the ARN or ID of something never is, even if it is not known."""
    return any_of(
        FALSE
        if isinstance(leaf, Unknown)
        and leaf.symbol.resource
        and _IDENTIFIER.search(leaf.symbol.attribute or "")
        else leaf.equals("*").given(guard, FALSE)
        for leaf, guard in principal.alternatives()
    )


def _is_service_wildcard(action: Value) -> Truth:
    return action.holds(lambda data: isinstance(data, str) and (data == "*" or data.endswith(":*")))


def _is_there(value: Value) -> Truth:
    return FALSE if isinstance(value, Absent) else ~value.equals(None)
