from collections.abc import Iterator

from wa_scan.engine.authoring import FALSE, Graph, LinkKind, Resource, Risk, Truth, Verdict, require, rule

ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
# Links into an alarm that do not make anything of it.
NO_WATCHERS = (LinkKind.ALARMED_BY, LinkKind.DEPENDS_ON)


@rule(
    id="OPS-ALARM-02",
    risk=Risk.MRI,
    best_practices=["OPS08-BP04", "REL06-BP03"],
    resources=["AWS::CloudWatch::Alarm"],
    equivalents={
        "checkov": ["CKV_AWS_319"],
        "cdk_nag": ["CloudWatchAlarmAction"],
        "cfn_guard": ["CLOUDWATCH_ALARM_ACTION_CHECK"],
        "prowler": ["cloudwatch_alarm_actions_enabled", "cloudwatch_alarm_actions_alarm_state_configured"],
        "aws_config": ["cloudwatch-alarm-action-check"],
    },
    sources=[
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
    ],
    misses="An EventBridge rule that reacts to every alarm's change of state is not counted as an action.",
)
def alarm_without_action(alarm: Resource, graph: Graph) -> Iterator[Verdict]:
    """An alarm tells nobody when it goes off.

    Why: what it was set up to notice is noticed all the same by the users first.

    How to fix: send its change of state to someone who can act, or to what can mend it.
    Terraform: set `alarm_actions` to the ARN of a topic that people or a paging service subscribe to.
    CloudFormation: set `AlarmActions` to the ARN of a topic that people or a paging service subscribe to.
    """
    acts = FALSE
    for action in ACTIONS:
        acts = acts | alarm[action].any(lambda target: target.is_set())
    enabled = alarm["ActionsEnabled"]
    # A composite alarm, a deployment or a scaling policy that watches this alarm is its action.
    watched = Truth.of(any(link.kind not in NO_WATCHERS for link in graph.edges(into=alarm)))
    decides = enabled if enabled.equals(False).is_surely_true else alarm["AlarmActions"]
    yield require((acts & ~enabled.equals(False)) | watched, at=decides, resource=alarm, path="AlarmActions")
