import re
from collections.abc import Iterator

from wa_scan.aws.openapi import body_of, operations
from wa_scan.aws.policies import policy_documents
from wa_scan.engine.authoring import (
    FALSE,
    TRUE,
    UNKNOWN,
    Absent,
    Graph,
    LinkKind,
    MapValue,
    Precision,
    Resource,
    Risk,
    Truth,
    Verdict,
    any_of,
    require,
    rule,
)

METHOD, ROUTE = "AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Route"
REST_API, API, RESOURCE = "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::ApiGateway::Resource"
# What has to be open to those who are not signed in yet, or checks a signature itself.
OPEN_BY_NATURE = re.compile(
    r"(^|/)(health[a-z]*|ping|status|log-?in|sign-?in|sign-?up|register|webhooks?|callback|oauth2?|\.well-known|"
    r"favicon\.ico|robots\.txt)(/|$)",
    re.IGNORECASE,
)


@rule(
    id="SEC-APIGW-01",
    risk=Risk.HRI,
    best_practices=["SEC03-BP01"],
    resources=[METHOD, ROUTE, REST_API, API],
    precision=Precision.MEDIUM,
    equivalents={
        "checkov": ["CKV2_AWS_70", "CKV_AWS_59", "CKV_AWS_309"],
        "trivy": ["AWS-0004"],
        "cdk_nag": ["AwsSolutions-APIG4", "AwsSolutions-COG4"],
        "cfn_guard": ["API_GW_METHOD_AUTHORIZATION_TYPE_RULE"],
        "cfn_nag": ["W59"],
        "terrascan": ["AC_AWS_0439"],
        "kics": ["api_gateway_with_open_access", "api_gateway_without_configured_authorizer"],
        "prowler": [
            "apigateway_restapi_authorizers_enabled",
            "apigateway_restapi_public_with_authorizer",
            "apigatewayv2_api_authorizers_enabled",
        ],
    },
    sources=[
        "https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethod.html",
        "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html",
    ],
    misses="OpenAPI bodies in S3 are unknown; code that checks its callers is not read.",
)
def apigw_no_authorization(entrance: Resource, graph: Graph) -> Iterator[Verdict]:
    """A public API's method or route asks nobody who they are.

    Why: anyone on the internet can call what is behind it, as often as they like.

    How to fix: let an authorizer (Cognito, your identity provider, a function) or IAM decide who may call.
    Terraform: set `authorization` or `authorization_type`, and `authorizer_id`.
    CloudFormation: set `AuthorizationType` and `AuthorizerId`.
    In an OpenAPI body: name a security scheme with an `x-amazon-apigateway-authorizer` in `security`.
    """
    if entrance.type in (REST_API, API):
        yield from _body(entrance)
        return
    kind = entrance["AuthorizationType"]
    excused = _method(entrance, graph) if entrance.type == METHOD else _route(entrance, graph)
    yield require(
        ~kind.equals("NONE") | entrance["ApiKeyRequired"].equals(True) | excused,
        at=kind,
        resource=entrance,
        path="AuthorizationType",
    )


def _body(api: Resource) -> Iterator[Verdict]:
    """A verdict for each operation of an API's OpenAPI body."""
    closed = _is_closed(api) if api.type == REST_API else FALSE
    body, elsewhere = body_of(api), api["BodyS3Location"]
    unread = any_of(
        (FALSE if isinstance(leaf, MapValue) else leaf.is_set()).given(guard, FALSE)
        for leaf, guard in body.alternatives()
    )
    if not (unread | elsewhere.is_set()).is_surely_false:
        place = elsewhere if unread.is_surely_false else body
        yield require(closed | UNKNOWN, at=place, resource=api, path="Body")
    for operation, guard in operations(api):
        open_by_nature = operation.method == "OPTIONS" or OPEN_BY_NATURE.search(operation.path) is not None
        excused = Truth.of(open_by_nature) | operation.integration.get("type").matches("(?i)^mock$")
        security = operation.security
        yield require(
            (operation.asks_who_calls() | excused | closed).given(guard, TRUE),
            at=operation.value if isinstance(security, Absent) else security,
            resource=api,
            path=f"Body.paths.{operation.path}.{operation.method.lower()}.security",
            message=f"`{operation.method} {operation.path}` asks nobody who they are.",
        )


def _method(method: Resource, graph: Graph) -> Truth:
    """Whether a method may be open: it answers browsers' questions only, or strangers cannot reach it."""
    around = graph.edges(out_of=method, kind=LinkKind.ATTACHED_TO).targets()
    paths = [one["PathPart"].text or "" for one in around if one.type == RESOURCE]
    apis = [one for one in around if one.type == REST_API]
    closed = any_of(_is_closed(api) for api in apis) if apis else UNKNOWN
    return (
        method["HttpMethod"].equals("OPTIONS")
        | method["Integration.Type"].equals("MOCK")
        | Truth.of(any(OPEN_BY_NATURE.search(path) for path in paths))
        | closed
    )


def _is_closed(api: Resource) -> Truth:
    """Whether an API can be reached from within a VPC only, or its policy keeps strangers out."""
    documents = policy_documents(api)
    limited = ~any_of(document.is_public() for document in documents) if documents else FALSE
    return api["EndpointConfiguration.Types"].any(lambda each: each.equals("PRIVATE")) | limited


def _route(route: Resource, graph: Graph) -> Truth:
    """Whether a route may be open: of a WebSocket API only `$connect` can ask who is there."""
    key = route["RouteKey"].text
    if key is None:
        return UNKNOWN
    if key.startswith("OPTIONS ") or OPEN_BY_NATURE.search(key):
        return TRUE
    if key == "$connect" or re.match(r"[A-Z]+ /", key):
        return FALSE
    if key != "$default":
        return TRUE
    apis = [one for one in graph.edges(out_of=route, kind=LinkKind.ATTACHED_TO).targets() if one.type == API]
    return ~any_of(api["ProtocolType"].equals("HTTP") for api in apis) if apis else UNKNOWN
