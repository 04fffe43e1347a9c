"""What identities are allowed, for the rules about it."""

from collections.abc import Callable, Iterator

from wa_scan.aws.policies import DocumentKind, PolicyDocument, Statement, policy_documents
from wa_scan.aws.resources import Resource
from wa_scan.engine.verdicts import Verdict, require
from wa_scan.graph.graph import Graph
from wa_scan.values import Absent, ListValue, Truth, Value, any_of
from wa_scan.values.truths import FALSE

IDENTITIES = (
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::IAM::Group",
    "AWS::IAM::Policy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
    "AWS::IAM::GroupPolicy",
    "AWS::SSO::PermissionSet",
    "AWS::Lambda::Function",
)
# What AWS SAM writes on a function is the policy of the role that it makes.
_OF_FUNCTION = "Extra.RolePolicies"


def identity_policies(resource: Resource, graph: Graph) -> list[PolicyDocument]:
    """The documents that are written in `resource` and say what an identity may do.

    Left out are those of resources of their own that are folded in, which are judged as themselves,
    and permissions boundaries, which allow nothing.
    """
    links = graph.edges(into=resource)
    if links and all(link.path.endswith("PermissionsBoundary") for link in links):
        return []
    return [
        document
        for document in own_documents(resource, graph)
        if document.kind is DocumentKind.IDENTITY or document.path.startswith(_OF_FUNCTION)
    ]


def own_documents(resource: Resource, graph: Graph) -> Iterator[PolicyDocument]:
    """The documents of `resource` without those of resources that were folded into it."""
    elsewhere = [one.extent for a in resource.folded if (one := graph.find(resource.unit, a)) is not None]
    for document in policy_documents(resource):
        place = (document.origin or resource.origin).location
        if not any(extent.contains(place) for extent in elsewhere):
            yield document


def no_statement(
    document: PolicyDocument,
    test: Callable[[Statement], Truth],
    element: str,
    item: Callable[[Value], Truth],
    message: Callable[[list[Statement]], str] | None = None,
) -> Verdict:
    """Whether `test` holds for no statement; shown at the `element` (`Action`) of the first.

    `item`: which of several items of the element to show. `message`: made of the statements for which it
    surely holds.
    """
    judged = [(test(each).given(guard, FALSE), each) for each, guard in document.statements]
    bad = [each for truth, each in judged if not truth.true.is_never]
    return require(
        ~any_of(truth for truth, _ in judged),
        at=_place(document, bad, element, item),
        resource=document.resource,
        path=document.path,
        message=message(bad) if message is not None and bad else None,
    )


def _place(
    document: PolicyDocument, bad: list[Statement], element: str, item: Callable[[Value], Truth]
) -> Value:
    if not bad:
        return document.value
    part = bad[0].value.get(element)
    if isinstance(part, ListValue):
        part = next((one for one, _ in part.items() if not item(one).true.is_never and one.origin), part)
    return document.value if part.origin is None or isinstance(part, Absent) else part
