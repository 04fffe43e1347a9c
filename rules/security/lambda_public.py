from collections.abc import Iterator

from wa_scan.engine.authoring import (
    Absent,
    Graph,
    LinkKind,
    Precision,
    Resource,
    Risk,
    Verdict,
    any_of,
    require,
    rule,
)

FUNCTION, ALIAS = "AWS::Lambda::Function", "AWS::Lambda::Alias"
PERMISSION, URL = "AWS::Lambda::Permission", "AWS::Lambda::Url"
# Each keeps out whoever is not named in it.
LIMITS = ("SourceArn", "SourceAccount", "PrincipalOrgID", "EventSourceToken")
OPEN_URL = "A function's URL asks nobody who they are."


@rule(
    id="SEC-LAMBDA-01",
    risk=Risk.HRI,
    best_practices=["SEC03-BP07", "SEC03-BP01"],
    resources=[PERMISSION, URL, FUNCTION],
    precision=Precision.MEDIUM,
    equivalents={
        "checkov": ["CKV_AWS_301", "CKV_AWS_258"],
        "cdk_nag": ["LambdaFunctionPublicAccessProhibited", "LambdaFunctionUrlAuth"],
        "cfn_guard": ["LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED", "LAMBDA_NO_WILDCARD_PRINCIPALS"],
        "cfn_nag": ["F13"],
        "regula": ["FG_R00276"],
        "kics": ["lambda_permission_principal_is_wildcard", "lambda_with_vulnerable_policy"],
        "prowler": ["awslambda_function_not_publicly_accessible", "awslambda_function_url_public"],
        "aws_config": ["lambda-function-public-access-prohibited"],
    },
    sources=[
        "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
        "https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html",
    ],
    misses="Whether a function behind a URL checks its callers itself cannot be seen.",
)
def lambda_public(resource: Resource, graph: Graph) -> Iterator[Verdict]:
    """Anyone may invoke a function.

    Why: strangers can run the function as often as they like, with whatever input, at your cost.

    How to fix: let only the service or account that needs it invoke the function; give URLs IAM
    authorization.
    Terraform: name the `principal` with a `source_arn`; set `authorization_type = "AWS_IAM"`.
    CloudFormation: name the `Principal` with a `SourceArn`; set `AuthType` to `AWS_IAM`.
    """
    if resource.type == PERMISSION:
        yield from _permission(resource, graph)
        return
    # On a function AWS SAM writes its URL.
    path = "AuthType" if resource.type == URL else "Extra.Unmapped.FunctionUrlConfig.AuthType"
    kind = resource[path]
    if resource.type == URL or not isinstance(kind, Absent):
        yield require(~kind.equals("NONE"), at=kind, resource=resource, path=path, message=OPEN_URL)


def _permission(permission: Resource, graph: Graph) -> Iterator[Verdict]:
    named = list(graph.edges(out_of=permission).targets())
    named += [one for each in named if each.type == ALIAS for one in graph.edges(out_of=each).targets()]
    functions = [one for one in named if one.type in (FUNCTION, ALIAS)]
    urls = [
        one
        for function in functions
        for one in graph.edges(into=function, kind=LinkKind.ATTACHED_TO).sources()
        if one.type == URL
    ]
    through_url = permission["InvokedViaFunctionUrl"].equals(True)
    if urls and (not isinstance(permission["FunctionUrlAuthType"], Absent) or through_url.is_surely_true):
        # What a URL needs is judged there.
        return
    principal = permission["Principal"]
    limited = any_of(permission[name].is_set() for name in LIMITS)
    by_url = permission["FunctionUrlAuthType"].equals("AWS_IAM")
    yield require(
        ~principal.equals("*") | limited | by_url,
        at=principal,
        resource=permission,
        path="Principal",
    )
