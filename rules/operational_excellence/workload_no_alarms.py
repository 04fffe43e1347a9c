import re
from collections.abc import Iterator

from wa_scan.engine.authoring import (
    UNKNOWN,
    Graph,
    Mode,
    Pillar,
    Precision,
    Resource,
    Risk,
    Step,
    Truth,
    Verdict,
    any_of,
    require,
    rule,
)

# What users notice when it breaks, the most telling first.
SERVING = (
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
    "AWS::Serverless::Api",
    "AWS::Serverless::HttpApi",
    "AWS::ECS::Service",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::EC2::Instance",
    "AWS::Lambda::Function",
    "AWS::Serverless::Function",
)
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
    precision=Precision.MEDIUM,
    misses="Alarms that are set up in another root module or template, or by hand, are not seen.",
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
    by_unit: dict[str, list[Resource]] = {}
    for resource in graph.of_type(*SERVING):
        if not _helps_the_deployment(resource, graph):
            by_unit.setdefault(resource.unit, []).append(resource)
    # A module that is not on disk or a nested stack may bring alarms.
    hidden = {unit.name for unit in graph.units if unit.unfound_modules}
    hidden |= {stack.unit for stack in graph.of_type("AWS::CloudFormation::Stack")}
    for unit, serving in by_unit.items():
        alarmed = any_of(Truth.when(alarm.exists) for alarm in graph.of_type(*ALARMS, unit=unit))
        if any(_is_monitor(resource, unit) for resource in graph.resources):
            alarmed = alarmed | Truth.of(True)
        if unit in hidden:
            alarmed = alarmed | UNKNOWN
        others = [Step(one.location, f"{one.address} has no alarm") for one in serving[1 : RELATED + 1]]
        yield require(alarmed, at=serving[0], path="alarms", related=others)


def _helps_the_deployment(resource: Resource, graph: Graph) -> bool:
    """Whether it stands behind a custom resource, and so serves nobody but CloudFormation."""
    return any(
        link.source.source_type.startswith(("Custom::", "AWS::CloudFormation::CustomResource"))
        for link in graph.edges(into=resource)
    )


def _is_monitor(resource: Resource, unit: str) -> bool:
    if resource.unit != unit or resource.mode is not Mode.MANAGED:
        return False
    return MONITORS.match(resource.source_type) is not None
