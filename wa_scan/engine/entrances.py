"""Where requests come in, load balancers and APIs, and what answers them."""

import re
from collections.abc import Iterator

from wa_scan.aws.links import LinkKind
from wa_scan.aws.resources import Resource
from wa_scan.graph.graph import Graph
from wa_scan.values import Absent, MapValue, Truth, Value
from wa_scan.values.truths import FALSE, TRUE

FUNCTION = "AWS::Lambda::Function"
SERVERS = ("AWS::ECS::Service", "AWS::AutoScaling::AutoScalingGroup", "AWS::EC2::Instance", FUNCTION)
BALANCERS = ("AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancing::LoadBalancer")
# The last for the API that AWS SAM makes of a function's events.
ENTRANCES = (*BALANCERS, "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", FUNCTION)

_ROUTES = {"AWS::ApiGateway::Method": "HttpMethod", "AWS::ApiGatewayV2::Route": "RouteKey"}
_ONWARD = (LinkKind.SERVES, LinkKind.ROUTES_TO, LinkKind.INVOKES)
_READS = r"(?i)^(get|head|any)\b|^\$default$"
_READS_IN_BODY = re.compile(r"^Body\..*\.(get|head|x-amazon-apigateway-any-method)\.")


def readers(entrance: Resource, graph: Graph) -> Iterator[tuple[Resource, Truth]]:
    """What answers the requests that come in at `entrance`, with whether reads (GET) may be among them."""
    if entrance.type in BALANCERS:
        speaks_http = ~entrance["Type"].is_in(("network", "gateway"))
        yield from ((server, speaks_http) for server in _behind(entrance, graph))
    if entrance.type == FUNCTION:
        events = entrance["Extra.Events"]
        for leaf, guard in events.alternatives():
            for event in leaf.entries.values() if isinstance(leaf, MapValue) else ():
                yield entrance, _is_read(event).given(guard, FALSE)
    for link in graph.edges(into=entrance):
        if link.kind is LinkKind.ATTACHED_TO and link.source.type in _ROUTES:
            reads = link.source[_ROUTES[link.source.type]].matches(_READS)
            reads = reads & ~entrance["ProtocolType"].equals("WEBSOCKET")
            yield from ((server, reads) for server in _behind(link.source, graph))
        elif link.source.type == FUNCTION and link.path.startswith("Extra.Events."):
            yield link.source, _is_read(link.source[".".join(link.path.split(".")[:3])])
    for link in graph.edges(out_of=entrance, kind=LinkKind.INVOKES):
        if link.target.type == FUNCTION and (link.path == "Target" or _READS_IN_BODY.match(link.path)):
            yield link.target, TRUE


def _is_read(event: Value) -> Truth:
    method = event.get("Properties").get("Method")
    reads = TRUE if isinstance(method, Absent) else method.matches(_READS)
    return event.get("Type").is_in(("Api", "HttpApi")) & reads


def _behind(start: Resource, graph: Graph) -> list[Resource]:
    """The servers that `start` leads to, nearest first."""
    seen, todo = {start}, [start]
    for at in todo:
        for target in graph.edges(out_of=at, kind=_ONWARD).targets():
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return [each for each in todo if each.type in SERVERS]
