from collections.abc import Iterator

from wa_scan.aws.policies import DocumentKind
from wa_scan.engine.authoring import Graph, Resource, Risk, Verdict, rule
from wa_scan.engine.permissions import no_statement, own_documents


@rule(
    id="SEC-IAM-04",
    risk=Risk.HRI,
    best_practices=["SEC03-BP07", "SEC03-BP09"],
    resources=["AWS::IAM::Role"],
    security_severity=9.8,
    equivalents={
        "checkov": ["CKV_AWS_60"],
        "regula": ["FG_R00219"],
        "kics": ["iam_role_allows_all_principals_to_assume"],
    },
    sources=["https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"],
    misses="A condition on anything but account, organization, network or identity counts as none.",
)
def iam_trust_anyone(role: Resource, graph: Graph) -> Iterator[Verdict]:
    """Anyone with an AWS account may assume a role.

    Why: whoever learns the role's ARN, which is no secret, has everything that the role may do.

    How to fix: name the accounts, roles or services that may assume the role, or limit `*` with a condition
    on `aws:PrincipalOrgID` or `sts:ExternalId`.
    Terraform: replace `*` in `Principal`, or add a `Condition`.
    CloudFormation: replace `*` in `Principal`, or add a `Condition`.
    """
    for document in own_documents(role, graph):
        if document.kind is DocumentKind.TRUST:
            yield no_statement(
                document,
                lambda each: each.allows() & each.is_for_anyone() & ~each.is_limited(),
                "Principal",
                lambda principal: principal.equals("*"),
            )
