from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    Graph,
    LinkKind,
    MapValue,
    Resource,
    Risk,
    Step,
    Truth,
    Verdict,
    any_of,
    require,
    rule,
)

# What hands an event over and does not wait for an answer, and how it is linked to the function.
INVOKERS = {
    "AWS::S3::Bucket": LinkKind.INVOKES,
    "AWS::SNS::Topic": LinkKind.PUBLISHES_TO,
    "AWS::Events::Rule": LinkKind.INVOKES,
    "AWS::Scheduler::Schedule": LinkKind.INVOKES,
}
PRINCIPALS = r"^(s3|sns|events|scheduler)\.amazonaws\.com"
SAM_EVENTS = ("S3", "SNS", "Schedule", "ScheduleV2", "CloudWatchEvent", "EventBridgeRule")


@rule(
    id="REL-LAMBDA-01",
    risk=Risk.LRI,
    best_practices=["REL04-BP02", "REL05-BP04"],
    resources=["AWS::Lambda::Function"],
    equivalents={
        "checkov": ["CKV_AWS_116"],
        "cdk_nag": ["LambdaAsyncFailureDestination", "LambdaDLQ"],
        "cfn_guard": ["LAMBDA_DLQ_CHECK"],
        "kics": [
            "lambda_function_without_dead_letter_queue",
            "serverless_function_without_dead_letter_queue",
        ],
        "prowler": ["awslambda_function_no_dead_letter_queue"],
        "aws_config": ["lambda-dlq-check"],
    },
    sources=["https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"],
    misses="An asynchronous invocation from another root module or template is not seen.",
)
def lambda_no_failure_destination(function: Resource, graph: Graph) -> Iterator[Verdict]:
    """Events that a function could not handle are lost.

    Why: Lambda tries an asynchronous invocation twice more and then drops the event; nobody knows
    what was in it.

    How to fix: send events that failed to a queue or a topic.
    Terraform: add an `aws_lambda_function_event_invoke_config` with an `on_failure` destination, or a
    `dead_letter_config`.
    CloudFormation: add an `AWS::Lambda::EventInvokeConfig` with an `OnFailure` destination, or set
    `DeadLetterConfig`.
    """
    asynchronous, invokers = _invoked(function, graph)
    if asynchronous.is_surely_false:
        return
    queue = function["DeadLetterConfig.TargetArn"]
    destination = function["Extra.EventInvokeConfig.DestinationConfig.OnFailure"]
    holds = ~asynchronous | queue.is_set() | destination.is_set()
    yield require(holds, at=queue, resource=function, path="DeadLetterConfig", related=invokers[:3])


def _invoked(function: Resource, graph: Graph) -> tuple[Truth, list[Step]]:
    """Whether the function is invoked asynchronously, and by what."""
    aliases = [
        link.source
        for link in graph.edges(into=function, kind=LinkKind.ATTACHED_TO)
        if link.source.type == "AWS::Lambda::Alias"
    ]
    found: list[Truth] = [_sam_events(function)]
    invokers: dict[Step, None] = {}
    for target in (function, *aliases):
        for link in graph.edges(into=target):
            source = link.source
            if INVOKERS.get(source.type or "") is link.kind:
                truth = Truth.when(link.guard & source.exists)
            elif source.type == "AWS::Lambda::Permission" and link.path == "FunctionName":
                truth = source["Principal"].matches(PRINCIPALS).given(link.guard & source.exists, FALSE)
            else:
                continue
            found.append(truth)
            if not truth.is_surely_false:
                invokers[Step(source.location, f"{source.address} invokes it and does not wait")] = None
    return any_of(found), list(invokers)


def _sam_events(function: Resource) -> Truth:
    return any_of(
        event.get("Type").is_in(SAM_EVENTS).given(guard, FALSE)
        for events, guard in function["Extra.Events"].alternatives()
        if isinstance(events, MapValue)
        for event in events.entries.values()
    )
