import re
from collections.abc import Iterator

from wa_scan.engine.authoring import (
    TRUE,
    Graph,
    LinkKind,
    Resource,
    Risk,
    Truth,
    Verdict,
    any_of,
    require,
    rule,
)

# What takes in failures by another way than a redrive policy of a queue: subscriptions, functions, pipes.
FAILURES = re.compile(r"dead_?letter|redrive|on_?failure", re.IGNORECASE)
# What is called so takes in failures of something that is set up elsewhere.
CALLED_SO = re.compile(r"dlq|dead.?letter|redrive|failure|failed|undeliver|quarantine|parking", re.IGNORECASE)


@rule(
    id="REL-SQS-01",
    risk=Risk.MRI,
    best_practices=["REL04-BP02", "REL05-BP04"],
    resources=["AWS::SQS::Queue"],
    equivalents={"cdk_nag": ["AwsSolutions-SQS3", "SQSRedrivePolicy"]},
    sources=[
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html"
    ],
    misses="A queue called like a dead-letter queue is taken for one.",
)
def sqs_no_dead_letter_queue(queue: Resource, graph: Graph) -> Iterator[Verdict]:
    """Messages that cannot be handled are tried again until they are lost.

    Why: without a dead-letter queue a bad message comes back until its retention ends (in a FIFO queue
    all behind it wait), and is then deleted without a trace.

    How to fix: send messages that failed several times to a dead-letter queue, and alarm on it.
    Terraform: set `redrive_policy` with `deadLetterTargetArn` and `maxReceiveCount`.
    CloudFormation: set `RedrivePolicy` with `deadLetterTargetArn` and `maxReceiveCount`.
    """
    takes_failures = _takes_failures(queue, graph)
    if takes_failures.is_surely_true:
        return
    policy = queue["RedrivePolicy"]
    yield require(policy.is_set() | takes_failures, at=policy, resource=queue, path="RedrivePolicy")


def _takes_failures(queue: Resource, graph: Graph) -> Truth:
    """Whether it is a dead-letter queue itself: nothing needs to follow it."""
    if CALLED_SO.search(queue.address) or CALLED_SO.search(_name(queue)):
        return TRUE
    linked = any_of(
        Truth.when(link.guard & link.source.exists)
        for link in graph.edges(into=queue)
        if link.kind is LinkKind.DEAD_LETTERS_TO or FAILURES.search(link.path)
    )
    # A policy that says who may use it as one.
    permission = queue["RedriveAllowPolicy.redrivePermission"]
    allowed = queue["RedriveAllowPolicy"].is_set() & ~permission.equals("denyAll")
    return linked | allowed


def _name(queue: Resource) -> str:
    """The known parts of its name."""
    return repr(queue["QueueName"])
