"""What stops resources, or shrinks them to nothing, by the clock or for want of work."""

import re

from wa_scan.aws.links import LinkKind
from wa_scan.aws.resources import Resource
from wa_scan.engine.workloads import mentions
from wa_scan.graph.graph import Graph
from wa_scan.values import MapValue, Truth, any_of
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN

# Resources that start something by the clock, each with the property that says what.
_TIMERS = {
    "AWS::Scheduler::Schedule": "Target",
    "AWS::Events::Rule": "Targets",
    "AWS::SSM::Association": "Name",
    "AWS::SSM::MaintenanceWindowTask": "TaskArn",
    "AWS::Lambda::Function": "Extra.Events",
}
_BY_THE_CLOCK = re.compile(r"Schedule(V2|Expression)?")
_STOPS = re.compile(
    r"stop|shut[-_ ]?down|power[-_ ]?off|switch[-_ ]?off|turn[-_ ]?off|hibernat|suspend|"
    r"scale[-_ ]?(down|in|to)|off[-_ ]?hours|out[-_ ]?of[-_ ]?hours|downtime|instance[-_ ]?schedul|"
    r"updateservice|updateautoscaling",
    re.IGNORECASE,
)
# What may hold any program, the one that stops things too.
_PROGRAMS = ("AWS::Lambda::Function", "AWS::StepFunctions::StateMachine", "AWS::SSM::Document")
_PROGRAM_NAMES = re.compile(r":lambda:|:states:|automation|^x$", re.IGNORECASE)
# Tags of the Instance Scheduler and of others like it; the value may still be to leave something alone.
_TAGS = re.compile(
    r"(instance|ec2|rds|asg|start|stop)*[-_]?schedul(e|er|ing)|(auto)?[-_]?(start[-_]?)?(stop|shutdown|off)([-_]?time)?|"
    r".*(off[-_]?hours|downtime|uptime|(working|office|business|operating|running)[-_]?hours)",
    re.IGNORECASE,
)
_LEFT_ALONE = re.compile(r"false|no|none|never|0|always([-_ ]?on)?|24[x/-]7|skip.*", re.IGNORECASE)


def rests(resource: Resource, graph: Graph) -> Truth:
    """Whether the resource's own settings let it stop or shrink to nothing, or name its schedule."""
    tagged = _has_schedule_tag(resource)
    if resource.type == "AWS::AutoScaling::AutoScalingGroup":
        return tagged | _is_scheduled_group(resource, graph) | resource["MinSize"].at_most(0)
    if resource.type == "AWS::ECS::Service":
        targets = graph.edges(out_of=resource, kind=LinkKind.SCALED_BY).targets()
        scaled = any_of(t["ScheduledActions"].is_set() | t["MinCapacity"].at_most(0) for t in targets)
        # A daemon is where instances are, and rests with them.
        nothing = resource["SchedulingStrategy"].equals("DAEMON") | resource["DesiredCount"].at_most(0)
        return tagged | scaled | (nothing & Truth.of(not targets))
    if resource.type == "AWS::RDS::DBCluster":
        least = resource["ServerlessV2ScalingConfiguration.MinCapacity"]
        return tagged | resource["EngineMode"].equals("serverless") | (least.is_set() & least.at_most(0))
    return tagged


def _is_scheduled_group(group: Resource, graph: Graph) -> Truth:
    found = FALSE
    for action in graph.of_type("AWS::AutoScaling::ScheduledAction", unit=group.unit):
        groups = graph.edges(into=action, kind=LinkKind.SCALED_BY)
        if not groups:
            found = found | UNKNOWN.given(action.exists, FALSE)
        elif group in groups.sources():
            found = found | Truth.when(action.exists)
    return found


def _has_schedule_tag(resource: Resource) -> Truth:
    found = FALSE
    for tags, guard in resource.tags.alternatives():
        held = FALSE
        if isinstance(tags, MapValue):
            for key, value in tags.entries.items():
                if _TAGS.fullmatch(re.split("[:/]", key)[-1]) is not None:
                    held = held | value.holds(lambda data: _LEFT_ALONE.fullmatch(str(data)) is None)
            if tags.rest is not None:
                held = held | UNKNOWN
        found = found | held.given(guard, FALSE)
    return found


def stopped_by_the_clock(graph: Graph, unit: str) -> Truth:
    """Whether something in `unit` is started by the clock to stop or shrink others.

    Unknown where a program is started of which nothing tells what it does.
    """
    return any_of(_stops(timer, graph).given(timer.exists, FALSE) for timer in _timers(graph, unit))


def _timers(graph: Graph, unit: str) -> list[Resource]:
    return [
        each
        for each in graph.of_type(*_TIMERS, unit=unit)
        if each.type == "AWS::SSM::MaintenanceWindowTask"
        or not mentions(each[_TIMERS[each.type or ""]], _BY_THE_CLOCK).is_surely_false
        or not each["ScheduleExpression"].is_set().is_surely_false
    ]


def _stops(timer: Resource, graph: Graph) -> Truth:
    started = graph.edges(out_of=timer, kind=(LinkKind.INVOKES, LinkKind.REFERENCES)).targets()
    programs = [each for each in (timer, *started) if each.type in _PROGRAMS]
    told = any_of(mentions(each.properties, _STOPS) for each in (timer, *programs))
    if any(_STOPS.search(each.address) for each in (timer, *programs)):
        return TRUE
    named = not mentions(timer[_TIMERS[timer.type or ""]], _PROGRAM_NAMES).is_surely_false
    return told | (UNKNOWN if programs or named else FALSE)
