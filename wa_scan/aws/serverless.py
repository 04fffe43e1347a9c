"""What `Globals` of an AWS SAM template add to the serverless resources that the transform refused. All
others have been translated before.

Source: AWS SAM Developer Guide, "Globals section of the AWS SAM template": what a resource writes wins, maps
are united, lists are joined with the global elements first.
"""

from dataclasses import replace

from wa_scan.blocks import EvaluatedResource, EvaluatedUnit
from wa_scan.values import Choice, Known, ListValue, MapValue, Value, choose

_PREFIX = "AWS::Serverless::"


def with_globals(block: EvaluatedResource, unit: EvaluatedUnit) -> EvaluatedResource:
    """`block` with the settings that the template's `Globals` give to its type."""
    if not block.type.startswith(_PREFIX):
        return block
    shared = unit.settings.get("Globals")
    section = shared.get(block.type.removeprefix(_PREFIX)) if shared is not None else None
    if not isinstance(section, MapValue):
        return block
    body = _united(section, block.body)
    return replace(block, body=body) if isinstance(body, MapValue) else block


def _united(shared: Value, own: Value) -> Value:
    if isinstance(own, Known) and own.data is None:
        return shared
    if isinstance(own, Choice):
        return choose(own.guard, _united(shared, own.if_true), _united(shared, own.if_false), own.origin)
    if isinstance(shared, MapValue) and isinstance(own, MapValue):
        entries = {**shared.entries, **own.entries}
        for key in shared.entries:
            if key in own.entries:
                entries[key] = _united(shared.entries[key], own.entries[key])
        return MapValue(entries, own.origin, own.rest or shared.rest, own.references | shared.references)
    if isinstance(shared, ListValue) and isinstance(own, ListValue):
        return ListValue(
            (*shared.elements, *own.elements), own.origin, own.rest or shared.rest, own.references
        )
    return own
