import re
from collections.abc import Iterator

from wa_scan.engine.authoring import Graph, Pillar, Precision, Risk, Step, Verdict, any_of, require, rule
from wa_scan.engine.workloads import SERVING, by_unit, has, has_source_type, is_used, may_have_more

ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::CloudWatch::AnomalyDetector")
# Monitoring by others counts too.
MONITORS = re.compile(
    r"^(datadog|newrelic|grafana|dynatrace|signalfx|honeycombio|checkly|statuscake|site24x7|logzio|"
    r"coralogix|sysdig|appdynamics|elasticstack|opsgenie|pagerduty|betteruptime)_"
)
RELATED = 5


@rule(
    id="OPS-ALARM-01",
    risk=Risk.MRI,
    best_practices=["OPS08-BP04", "REL06-BP01"],
    pillars=[Pillar.RELIABILITY],
    precision=Precision.LOW,
    misses="Alarms that are set up in another root module or template, or by hand, are not seen. An "
    "instance is a workload where it is behind a load balancer or lets a web port in.",
    sources=[
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html"
    ],
)
def workload_no_alarms(graph: Graph) -> Iterator[Verdict]:
    """A workload has no alarm at all.

    Why: when it fails or slows down, its users are the first to notice.

    How to fix: alarm on what users feel, such as errors, latency and queue age, and notify someone.
    Terraform: add an `aws_cloudwatch_metric_alarm` with `alarm_actions`.
    CloudFormation: add an `AWS::CloudWatch::Alarm` with `AlarmActions`.
    """
    for unit, members in by_unit(graph, *SERVING).items():
        # Nobody's requests fail with a bastion or a build machine.
        used = {each: truth for each in members if not (truth := is_used(each, graph)).is_surely_false}
        if not used:
            continue
        serving = list(used)
        others = [Step(one.location, f"{one.address} has no alarm") for one in serving[1 : RELATED + 1]]
        yield require(
            has(graph, unit, *ALARMS)
            | has_source_type(graph, unit, MONITORS)
            | may_have_more(graph, unit)
            | ~any_of(used.values()),
            at=serving[0],
            path="alarms",
            related=others,
        )
