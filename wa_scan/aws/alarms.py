"""What CloudWatch alarms watch, where their dimensions and rules name it rather than refer to it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from wa_scan.aws.identities import name_key
from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.references import References
from wa_scan.aws.resources import Part, Resource
from wa_scan.aws.services import service_in
from wa_scan.blocks import Mode
from wa_scan.datafiles import load_folder
from wa_scan.values import Guard, Known, Text, Unknown, Value

ALARM, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
_METRIC_FILTER = "AWS::Logs::MetricFilter"
# CloudWatch API PutCompositeAlarm, AlarmRule: an alarm's state by its name or ARN, in quotes or not.
_STATE = re.compile(r"\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*[\"']?([^\"'()]+?)[\"']?\s*\)")


def alarm_links(resources: Sequence[Resource], references: References) -> Iterator[Link]:
    """A link from what is watched to each alarm; from an alarm to the composite alarms made of it."""
    alarms = [each for each in resources if each.type == ALARM and each.mode is Mode.MANAGED]
    filters = _metric_filters(resources) if alarms else {}
    for alarm in alarms:
        for metric, guard in _metrics(alarm):
            yield from _watched_by(alarm, metric, guard, references)
            key = (name_key(metric["Namespace"]), name_key(metric["MetricName"]))
            for filter_ in filters.get(key, ()):
                yield _link(filter_, alarm, "MetricName", metric["MetricName"], guard)
    for composite in resources:
        if composite.type == COMPOSITE and composite.mode is Mode.MANAGED:
            yield from _parts_of(composite, references)


def _metrics(alarm: Resource) -> Iterator[tuple[Part, Guard]]:
    yield Part(alarm, "", alarm.properties), Guard.ALWAYS
    for query, guard in alarm.each("Metrics"):
        yield Part(alarm, f"{query.path}.MetricStat.Metric", query["MetricStat.Metric"]), guard


def _watched_by(alarm: Resource, metric: Part, when: Guard, references: References) -> Iterator[Link]:
    dimensions = [
        (part["Name"].text or "", part["Value"], guard) for part, guard in metric.each("Dimensions")
    ]
    by_name = {name: value for name, value, _ in dimensions}
    for namespace, of_namespace in metric["Namespace"].alternatives():
        named = _types_in(namespace)
        for name, value, guard in dimensions:
            for leaf, inner in value.alternatives() if name in named else ():
                found: Sequence[Resource]
                if name == "ServiceName" and "ClusterName" in by_name:
                    found = service_in(by_name["ClusterName"], leaf, references)
                else:
                    found = references.named(leaf, named[name], by_name=True)
                for resource in found:
                    both = when & of_namespace & guard & inner
                    yield _link(resource, alarm, f"{metric.path}.Dimensions[].Value", leaf, both)


def _types_in(namespace: Value) -> Mapping[str, Sequence[str]]:
    """What dimensions name in a namespace; where it is not known, those that mean the same in all."""
    if namespace.text is not None:
        return dimension_types().get(namespace.text, {})
    found: dict[str, Sequence[str]] = {}
    for dimensions in dimension_types().values():
        for name, types in dimensions.items():
            found[name] = types if found.get(name, types) == types else ()
    return found


def _link(source: Resource, alarm: Resource, path: str, value: Value, guard: Guard) -> Link:
    location = (value.origin or alarm.origin).location
    return Link(source, alarm, LinkKind.ALARMED_BY, path.lstrip("."), location, guard & alarm.exists)


def _metric_filters(resources: Sequence[Resource]) -> Mapping[object, list[Resource]]:
    """Metric filters by namespace and name of the metrics that they make."""
    found: dict[object, list[Resource]] = {}
    for resource in resources:
        if resource.type == _METRIC_FILTER and resource.mode is Mode.MANAGED:
            for part, _ in resource.each("MetricTransformations"):
                key = (name_key(part["MetricNamespace"]), name_key(part["MetricName"]))
                if None not in key:
                    found.setdefault(key, []).append(resource)
    return found


def _parts_of(composite: Resource, references: References) -> Iterator[Link]:
    for rule, guard in composite["AlarmRule"].alternatives():
        for name in _names_in(rule):
            for alarm in references.named(name, (ALARM, COMPOSITE), by_name=True):
                if alarm is not composite:
                    yield _link(alarm, composite, "AlarmRule", rule, guard)
                    location = (rule.origin or composite.origin).location
                    yield Link(composite, alarm, LinkKind.REFERENCES, "AlarmRule", location, guard)


def _names_in(rule: Value) -> Iterator[Value]:
    """The names of alarms in a rule; those not known as what stands for them."""
    if isinstance(rule, Known):
        yield from (Known(match[1]) for match in _STATE.finditer(rule.text or ""))
    elif isinstance(rule, Text):
        unknown = [part for part in rule.parts if isinstance(part, Unknown)]
        numbered = iter(range(len(unknown)))
        written = "".join(part if isinstance(part, str) else f"\0{next(numbered)}\0" for part in rule.parts)
        for match in _STATE.finditer(written):
            pieces = match[1].split("\0")
            parts = tuple(
                unknown[int(piece)] if index % 2 else piece for index, piece in enumerate(pieces) if piece
            )
            yield text_of(parts)


def text_of(parts: Sequence[str | Unknown]) -> Value:
    """A text of these parts."""
    if len(parts) == 1:
        only = parts[0]
        return Known(only) if isinstance(only, str) else only
    return Text(tuple(parts))


@cache
def dimension_types() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """By namespace and dimension: the types of which it names one."""
    written = load_folder(Path(__file__).parent)["alarms"]
    return msgspec.convert(written, dict[str, dict[str, list[str]]])
