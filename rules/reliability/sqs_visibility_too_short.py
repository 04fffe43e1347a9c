from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    TRUE,
    UNKNOWN,
    Graph,
    LinkKind,
    Resource,
    Risk,
    Step,
    Truth,
    Value,
    Verdict,
    any_of,
    require,
    rule,
)

FUNCTION = "AWS::Lambda::Function"


@rule(
    id="REL-SQS-02",
    risk=Risk.MRI,
    best_practices=["REL04-BP02", "REL05-BP04"],
    resources=["AWS::SQS::Queue"],
    equivalents={"cdk_nag": ["LambdaEventSourceSQSVisibilityTimeout"]},
    sources=[
        "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
    ],
    misses="AWS advises six times the function's timeout; found is only what is shorter than the timeout.",
)
def sqs_visibility_too_short(queue: Resource, graph: Graph) -> Iterator[Verdict]:
    """A queue shows a message again while the function is still at work on it.

    Why: the message is handled twice, and counts as failed although it did not fail; Lambda refuses to be
    set up so.

    How to fix: hide messages for at least as long as the function may take, better six times as long.
    Terraform: raise `visibility_timeout_seconds` to six times the function's `timeout`.
    CloudFormation: raise `VisibilityTimeout` to six times the function's `Timeout`.
    """
    hidden = queue["VisibilityTimeout"]
    for link in graph.edges(out_of=queue, kind=LinkKind.INVOKES):
        for function in _functions(link.target, graph):
            timeout = function["Timeout"]
            place = (timeout.origin or function.origin).location
            yield require(
                _at_least(hidden, timeout).given(link.guard & queue.exists & function.exists, TRUE),
                at=hidden,
                resource=queue,
                path="VisibilityTimeout",
                message=_message(hidden, timeout),
                related=[Step(place, f"{function.address} may take that long")],
            )


def _functions(target: Resource, graph: Graph) -> list[Resource]:
    """The function that is invoked, also by its alias."""
    if target.type == FUNCTION:
        return [target]
    behind = graph.edges(out_of=target, kind=LinkKind.ATTACHED_TO).targets()
    return [each for each in behind if each.type == FUNCTION]


def _at_least(hidden: Value, timeout: Value) -> Truth:
    found = []
    for leaf, guard in timeout.alternatives():
        seconds = leaf.scalar
        holds = hidden.at_least(seconds) if isinstance(seconds, int | float) else UNKNOWN
        found.append(holds.given(guard, FALSE))
    return any_of(found)


def _message(hidden: Value, timeout: Value) -> str | None:
    if hidden.scalar is None or timeout.scalar is None:
        return None
    return f"Messages are hidden for {hidden.scalar} seconds, and the function may take {timeout.scalar}."
