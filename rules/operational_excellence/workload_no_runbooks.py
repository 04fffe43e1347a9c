import re
from collections.abc import Iterator

from wa_scan.engine.authoring import (
    Graph,
    Precision,
    Risk,
    Step,
    Truth,
    Verdict,
    any_of,
    require,
    rule,
)
from wa_scan.engine.workloads import SERVING, by_unit, has, has_source_type, may_have_more, mentions

# A function by itself may be a mere helper.
SERVES_REQUESTS = tuple(each for each in SERVING if each != "AWS::Lambda::Function")
ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
# Written down for people, or for Systems Manager to run.
RUNBOOK = re.compile(r"run[-_ ]?book|play[-_ ]?book|\bwiki\b|confluence|\bSOPs?\b|https?://", re.IGNORECASE)
# Documents that nobody runs; one without a type is a command.
NO_PROCEDURES = (
    *("Session", "Policy", "Package", "ChangeCalendar", "ApplicationConfiguration", "DeploymentStrategy"),
    *("ApplicationConfigurationSchema", "CloudFormation", "ConformancePackTemplate", "QuickSetup"),
)
PLANS = (
    "AWS::SSMIncidents::ResponsePlan",
    "AWS::Config::RemediationConfiguration",
    "AWS::SSM::MaintenanceWindowTask",
)
# Services that keep runbooks with their alerts.
ELSEWHERE = re.compile(
    r"(pagerduty|opsgenie|firehydrant|rootly|incident|squadcast|xmatters|betteruptime|spike)_"
)
RELATED = 5


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
    for unit, members in by_unit(graph, *ALARMS, *SERVES_REQUESTS).items():
        alarms = [each for each in members if each.type in ALARMS]
        documents = any_of(
            Truth.when(each.exists) & ~each["DocumentType"].is_in(NO_PROCEDURES)
            for each in graph.of_type("AWS::SSM::Document", unit=unit)
        )
        linked = any_of(Truth.when(each.exists) & mentions(each.properties, RUNBOOK) for each in alarms)
        yield require(
            documents
            | linked
            | has(graph, unit, *PLANS)
            | has_source_type(graph, unit, ELSEWHERE)
            | may_have_more(graph, unit),
            at=members[0],
            path="runbooks",
            related=[
                Step(each.location, f"{each.address} has none either") for each in members[1 : RELATED + 1]
            ],
        )
