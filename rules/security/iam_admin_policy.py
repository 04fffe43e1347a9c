from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    Choice,
    Graph,
    Resource,
    Risk,
    Text,
    Truth,
    Unknown,
    Value,
    Verdict,
    require,
    rule,
)
from wa_scan.engine.permissions import IDENTITIES, identity_policies, no_statement

ATTACHING = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")
ADMINISTRATOR = ":iam::aws:policy/AdministratorAccess"


@rule(
    id="SEC-IAM-01",
    risk=Risk.HRI,
    best_practices=["SEC03-BP02"],
    resources=list(IDENTITIES),
    security_severity=8.8,
    equivalents={
        "checkov": ["CKV_AWS_1", "CKV_AWS_62", "CKV_AWS_274", "CKV_AWS_275"],
        "cdk_nag": ["IAMPolicyNoStatementsWithAdminAccess"],
        "cfn_guard": [
            "IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS",
            "IAM_ROLE_ADMINISTRATOR_ACCESS_POLICY_RULE",
        ],
        "cfn_nag": ["W43"],
        "terrascan": ["AC_AWS_0143", "AC_AWS_0144", "AC_AWS_0146", "AC_AWS_0147", "AC_AWS_0474"],
        "regula": ["FG_R00092"],
        "kics": [
            "iam_policies_with_full_privileges",
            "iam_policy_grants_full_permissions",
            "iam_role_with_full_privileges",
        ],
        "prowler": [
            "iam_aws_attached_policy_no_administrative_privileges",
            "iam_customer_attached_policy_no_administrative_privileges",
            "iam_customer_unattached_policy_no_administrative_privileges",
            "iam_inline_policy_no_administrative_privileges",
            "iam_group_administrator_access_policy",
            "iam_role_administratoraccess_policy",
            "iam_user_administrator_access_policy",
        ],
        "aws_config": ["iam-policy-no-statements-with-admin-access"],
    },
    sources=["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"],
    misses="A statement with a condition is not reported, whatever the condition says.",
)
def iam_admin_policy(identity: Resource, graph: Graph) -> Iterator[Verdict]:
    """A policy allows every action on every resource.

    Why: whoever takes over the identity, or makes it run their code, owns the whole account.

    How to fix: allow the actions and resources that are needed; IAM Access Analyzer finds out which.
    Terraform: list them in `actions` and `resources`, and do not attach `AdministratorAccess`.
    CloudFormation: list them in `Action` and `Resource`, and do not attach `AdministratorAccess`.
    """
    for document in identity_policies(identity, graph):
        yield no_statement(
            document,
            lambda each: (
                each.allows()
                & each.covers_all_actions()
                & each.covers_all_resources()
                & ~each.has_condition()
            ),
            "Action",
            lambda action: action.is_in(("*", "*:*")),
        )
    if identity.type in ATTACHING:
        for arn, guard in identity["ManagedPolicyArns"].items():
            yield require(
                ~_is_administrator(arn).given(guard, FALSE),
                at=arn,
                resource=identity,
                path="ManagedPolicyArns",
                message="The policy AdministratorAccess allows every action on every resource.",
            )


def _is_administrator(arn: Value) -> Truth:
    if isinstance(arn, Choice):
        return _is_administrator(arn.if_true).given(arn.guard, _is_administrator(arn.if_false))
    if isinstance(arn, Text):
        # The partition is seldom known.
        last = arn.parts[-1]
        return Truth.of(isinstance(last, str) and last.endswith(ADMINISTRATOR))
    if isinstance(arn, Unknown) and (arn.symbol.resource or "data.").split(".")[0] != "data":
        return FALSE
    return arn.holds(lambda data: isinstance(data, str) and data.endswith(ADMINISTRATOR))
