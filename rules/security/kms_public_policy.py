from collections.abc import Iterator

from wa_scan.aws.policies import policy_documents
from wa_scan.engine.authoring import TRUE, Graph, Resource, Risk, Verdict, require, rule
from wa_scan.engine.exposure import let_in_by


@rule(
    id="SEC-KMS-02",
    risk=Risk.HRI,
    best_practices=["SEC08-BP01", "SEC03-BP07"],
    resources=["AWS::KMS::Key", "AWS::KMS::ReplicaKey"],
    security_severity=9.1,
    equivalents={
        "checkov": ["CKV_AWS_33"],
        "cfn_guard": ["KMS_NO_WILDCARD_PRINCIPAL"],
        "cfn_nag": ["F76"],
        "terrascan": ["AC_AWS_0162", "AC_AWS_0482"],
        "regula": ["FG_R00252"],
        "kics": ["kms_allows_wildcard_principal", "kms_key_with_full_permissions"],
        "prowler": ["kms_key_not_publicly_accessible"],
    },
    sources=["https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html"],
    misses="A condition that narrows a policy otherwise than by account or service is not seen.",
)
def kms_public_policy(key: Resource, graph: Graph) -> Iterator[Verdict]:
    """A KMS key may be used by anyone.

    Why: anyone with an AWS account, yours or another, can do with the key what the policy allows, such as
    decrypting your data.

    How to fix: name the accounts and roles that may use the key, or narrow the statement with a condition.
    Terraform: replace `*` in the principals, or add a condition on `kms:CallerAccount`.
    CloudFormation: replace `*` in `Principal`, or add a condition on `kms:CallerAccount`.
    """
    documents = policy_documents(key)
    if not documents:
        # The default policy lets in nobody but the account's own.
        yield require(TRUE, at=key)
    for document in documents:
        is_public, place = let_in_by(document)
        yield require(~is_public, at=place, resource=key, path=document.path)
