import re
from collections.abc import Iterator

from wa_scan.engine.authoring import (
    Graph,
    LinkKind,
    Precision,
    Resource,
    Risk,
    Truth,
    Verdict,
    any_of,
    rule,
)
from wa_scan.engine.workloads import (
    SERVING,
    by_unit,
    each_or_all,
    has,
    has_source_type,
    is_conditional,
    may_have_more,
    mentions,
)

# A function or an instance by itself may be a mere helper.
WORKLOAD = tuple(each for each in SERVING if each not in ("AWS::Lambda::Function", "AWS::EC2::Instance"))
ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
# Written down for people, or for Systems Manager to run.
RUNBOOK = re.compile(r"run[-_ ]?book|play[-_ ]?book|\bwiki\b|confluence|\bSOPs?\b|https?://", re.IGNORECASE)
# Beside alarms a link may be to anything, and a playbook may be Ansible's.
NAMED = re.compile(r"run[-_ ]?book", re.IGNORECASE)
# Documents that nobody runs; one without a type is a command.
NO_PROCEDURES = (
    *("Session", "Policy", "Package", "ChangeCalendar", "ApplicationConfiguration", "DeploymentStrategy"),
    *("ApplicationConfigurationSchema", "CloudFormation", "ConformancePackTemplate", "QuickSetup"),
)
PLANS = ("AWS::SSMIncidents::ResponsePlan", "AWS::Config::RemediationConfiguration")
# Services that keep runbooks with their alerts.
ELSEWHERE = re.compile(
    r"(pagerduty|opsgenie|firehydrant|rootly|incident|squadcast|xmatters|betteruptime|spike)_"
)
TOPIC_ARN = re.compile(r":sns:")


@rule(
    id="OPS-RUNBOOK-01",
    risk=Risk.LRI,
    best_practices=["OPS07-BP03", "OPS07-BP04", "OPS10-BP02"],
    precision=Precision.LOW,
    misses="Runbooks that are kept in a wiki or a repository, and that no alarm links to, are not seen.",
    sources=[
        "https://docs.aws.amazon.com/wellarchitected/latest/framework/ops_ready_to_support_use_runbooks.html"
    ],
)
def workload_no_runbooks(graph: Graph) -> Iterator[Verdict]:
    """A workload has no runbook: nothing in this configuration is one or links to one.

    Why: at night, under pressure, people improvise; what was tried and written down is quicker and safer.

    How to fix: automate what is done again and again, and link each alarm to what is to be done about it.
    Terraform: add an `aws_ssm_document` of type `Automation`, or a link to the `alarm_description`.
    CloudFormation: add an `AWS::SSM::Document` of type `Automation`, or a link to the `AlarmDescription`.
    """
    yield from each_or_all(
        _workloads(graph),
        path="runbooks",
        too="has none either",
        message="None of {count} workloads has a runbook, or links to one.",
    )


def _workloads(graph: Graph) -> Iterator[tuple[Truth, list[Resource]]]:
    """Of each unit that runs something whether it has a runbook, and where one should be named."""
    for unit, members in by_unit(graph, *ALARMS, *WORKLOAD).items():
        alarms = [each for each in members if each.type in ALARMS]
        # An alarm that people hear of is where the runbook should be named; others may only scale something.
        heard = [each for each in alarms if _is_heard(each, graph)]
        shown = sorted([*heard, *(each for each in members if each.type in WORKLOAD)], key=is_conditional)
        if shown:
            yield _is_kept(unit, alarms, graph), shown


def _is_kept(unit: str, alarms: list[Resource], graph: Graph) -> Truth:
    """Whether something in `unit` is a runbook, or leads to one."""
    documents = any_of(
        Truth.when(each.exists) & ~each["DocumentType"].is_in(NO_PROCEDURES)
        for each in graph.of_type("AWS::SSM::Document", unit=unit)
    )
    linked = any_of(Truth.when(each.exists) & mentions(each.properties, RUNBOOK) for each in alarms)
    if not (documents | linked).is_surely_true:
        linked |= any_of(
            Truth.when(each.exists) & (mentions(each.properties, NAMED) | mentions(each.tags, NAMED))
            for each in graph.in_unit(unit)
        )
    return (
        documents
        | linked
        | has(graph, unit, *PLANS)
        | has_source_type(graph, unit, ELSEWHERE)
        | may_have_more(graph, unit)
    )


def _is_heard(alarm: Resource, graph: Graph) -> bool:
    targets = graph.edges(out_of=alarm, kind=LinkKind.PUBLISHES_TO).targets()
    by_arn = mentions(alarm["AlarmActions"], TOPIC_ARN)
    return any(each.type == "AWS::SNS::Topic" for each in targets) or not by_arn.is_surely_false
