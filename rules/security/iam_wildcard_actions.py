import re
from collections.abc import Iterator

from wa_scan.aws.policies import Statement
from wa_scan.engine.authoring import (
    FALSE,
    Graph,
    Resource,
    Risk,
    Text,
    Truth,
    Unknown,
    Value,
    Verdict,
    any_of,
    rule,
)
from wa_scan.engine.permissions import IDENTITIES, identity_policies, no_statement

# None of these services' actions can be limited to a resource.
WITHOUT_RESOURCES = ("ce", "ec2messages", "health", "pricing", "ssmmessages", "xray")
EVERY_ACTION = rf"^(?!({'|'.join(WITHOUT_RESOURCES)}):)[A-Za-z0-9-]+:\*$"
# `arn:aws:dynamodb:*:*:*` and `arn:aws:s3:::*` leave nothing of the service out either.
EVERYTHING = r"^\*$|^arn:(aws[a-z-]*|\*)(:\*)*$|^arn:(aws[a-z-]*|\*):[a-z0-9-]+:\*?:\*?:\*$"


@rule(
    id="SEC-IAM-02",
    risk=Risk.MRI,
    best_practices=["SEC03-BP02"],
    resources=list(IDENTITIES),
    equivalents={
        "checkov": ["CKV_AWS_49", "CKV_AWS_63"],
        "trivy": ["AWS-0057"],
        "cdk_nag": ["AwsSolutions-IAM5", "IAMPolicyNoStatementsWithFullAccess"],
        "cfn_guard": [
            "IAM_MANAGEDPOLICY_NO_STATEMENTS_WITH_FULL_ACCESS",
            "IAM_POLICY_NO_STATEMENTS_WITH_FULL_ACCESS",
            "IAM_ROLE_NO_WILDCARD_ACTIONS_ON_PERMISSIONS",
        ],
        "cfn_nag": ["F3", "F4", "F5"],
        "prowler": [
            "iam_inline_policy_no_full_access_to_cloudtrail",
            "iam_inline_policy_no_full_access_to_kms",
            "iam_policy_no_full_access_to_cloudtrail",
            "iam_policy_no_full_access_to_kms",
        ],
        "aws_config": ["iam-policy-no-statements-with-full-access"],
    },
    sources=["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"],
    misses="A statement with a condition is not reported, whatever the condition says.",
)
def iam_wildcard_actions(identity: Resource, graph: Graph) -> Iterator[Verdict]:
    """A policy allows every action of a service on every resource.

    Why: a flaw in one program then reaches all data and settings of the service, deletion included, and those
    of other workloads in the account too.

    How to fix: allow the actions that are needed, on the resources that are needed.
    Terraform: name them in the statement's `actions` and `resources`.
    CloudFormation: name them in `Action` and `Resource`.
    """
    for document in identity_policies(identity, graph):
        yield no_statement(document, _opens_a_service, "Action", _is_every_action, _message)


def _opens_a_service(statement: Statement) -> Truth:
    some_service = any_of(_is_every_action(action) & Truth.when(guard) for action, guard in statement.actions)
    everything = any_of(
        _is_everything(resource) & Truth.when(guard) for resource, guard in statement.resources
    )
    return statement.allows() & some_service & everything & ~statement.has_condition()


def _is_every_action(action: Value) -> Truth:
    return action.matches(EVERY_ACTION)


def _is_everything(resource: Value) -> Truth:
    # What is made of a resource's ARN or name names that resource.
    if isinstance(resource, Unknown | Text) and any(symbol.resource for symbol in resource.references):
        return FALSE
    return resource.matches(EVERYTHING)


def _message(statements: list[Statement]) -> str:
    found = {name: None for each in statements for action, _ in each.actions for name in _services(action)}
    named = list(found)[:5] + ([f"{len(found) - 5} more"] if len(found) > 5 else [])
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return f"Every action of {listed} is allowed on every resource."


def _services(action: Value) -> list[str]:
    leaves = [leaf.text for leaf, _ in action.alternatives()]
    return [text.removesuffix(":*") for text in leaves if text is not None and re.match(EVERY_ACTION, text)]
