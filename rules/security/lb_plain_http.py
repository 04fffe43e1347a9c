from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    TRUE,
    UNKNOWN,
    Absent,
    Graph,
    LinkKind,
    Part,
    Resource,
    Risk,
    Truth,
    Verdict,
    any_of,
    require,
    rule,
)

LISTENER, CLASSIC = "AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancing::LoadBalancer"
BALANCER, RULE = "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::ListenerRule"
INTERNAL = "Requests cross the network unencrypted: an internal load balancer answers plain HTTP."


@rule(
    id="SEC-LB-01",
    risk=Risk.HRI,
    best_practices=["SEC09-BP02"],
    resources=[LISTENER, CLASSIC],
    equivalents={
        "checkov": ["CKV_AWS_2", "CKV_AWS_376", "CKV2_AWS_20"],
        "trivy": ["AWS-0054"],
        "cdk_nag": ["ALBHttpToHttpsRedirection", "AwsSolutions-ELB5"],
        "cfn_guard": ["ELBV2_LISTENER_PROTOCOL_RULE", "ELB_TLS_HTTPS_LISTENERS_ONLY"],
        "cfn_nag": ["W56"],
        "terrascan": ["AC_AWS_0120", "AC_AWS_0491", "AC_AWS_0492"],
        "regula": ["FG_R00013"],
        "kics": ["alb_listening_on_http", "elb_without_secure_protocol"],
        "prowler": ["elbv2_ssl_listeners", "elb_ssl_listeners"],
        "aws_config": ["alb-http-to-https-redirection-check", "elb-tls-https-listeners-only"],
    },
    sources=[
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html",
    ],
    misses="What TCP listeners carry is not known. Plain HTTP on an internal load balancer weighs less.",
)
def lb_plain_http(resource: Resource, graph: Graph) -> Iterator[Verdict]:
    """A load balancer answers plain HTTP without sending callers to HTTPS.

    Why: whoever is on the way can read passwords and sessions and change pages.

    How to fix: listen on HTTPS, and let the HTTP listener redirect to it.
    Terraform: give the listener a `default_action` of type `redirect` with `protocol = "HTTPS"`.
    CloudFormation: give the listener a default action `redirect` whose `RedirectConfig.Protocol` is `HTTPS`.
    """
    if resource.type == CLASSIC:
        for listener, guard in resource.each("Listeners"):
            protocol = listener["Protocol"]
            yield require(
                (~protocol.matches("^http$", 2)).given(guard, TRUE),
                at=protocol,
                resource=resource,
                path="Listeners[].Protocol",
                message=INTERNAL if resource["Scheme"].text == "internal" else None,
            )
        return
    protocol = resource["Protocol"]
    if isinstance(protocol, Absent) and isinstance(resource["Port"], Absent):
        # A Gateway Load Balancer's listener has neither.
        return
    balancers = [link.source for link in graph.edges(into=resource, kind=LinkKind.SERVES)]
    is_internal = any(one.type == BALANCER and one["Scheme"].text == "internal" for one in balancers)
    yield require(
        ~protocol.equals("HTTP") | _sends_to_https(resource, graph),
        at=protocol,
        resource=resource,
        path="Protocol",
        message=INTERNAL if is_internal else None,
    )


def _sends_to_https(listener: Resource, graph: Graph) -> Truth:
    actions = listener.each("DefaultActions")
    redirects = any_of(_is_redirect(action).given(guard, FALSE) for action, guard in actions)
    refuses = any_of(action["Type"].equals("fixed-response").given(guard, FALSE) for action, guard in actions)
    rules = [
        one for one in graph.edges(into=listener, kind=LinkKind.ATTACHED_TO).sources() if one.type == RULE
    ]
    forwards = any_of(
        (~_is_redirect(action) & ~action["Type"].equals("fixed-response")).given(guard, FALSE)
        for one in rules
        for action, guard in one.each("Actions")
    )
    # Where the listener itself refuses, rules serve; they may be set up elsewhere.
    return redirects | (refuses & ~forwards & (TRUE if rules else UNKNOWN))


def _is_redirect(action: Part) -> Truth:
    return action["Type"].equals("redirect") & action["RedirectConfig.Protocol"].equals("HTTPS")
