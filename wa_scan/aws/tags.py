"""The tags of resources, whatever way they were written, and the environment that they name."""

import re
from collections.abc import Mapping

from wa_scan.aws.resources import Resource
from wa_scan.values import Absent, Choice, Known, ListValue, MapValue, Origin, Text, Unknown, Value, choose

_ENVIRONMENT_KEYS = (
    "environment",
    "env",
    "stage",
    "environmentname",
    "envname",
    "environmenttype",
    "deploymentenvironment",
)

# What the SAM transform writes on what it makes (`lambda:createdBy: SAM`): nobody's tag.
_MADE_BY = ":createdBy"
# What SAM makes of dependencies on something under a condition.
_WAITS_FOR = "sam:ConditionalDependsOn:"


def tags_of(written: Value | None, default_tags: Value | None, origin: Origin) -> Value:
    """The tags written on a resource, over the provider's or stack's default tags: key to value.

    `written`: a map, a list of `{Key, Value}` blocks, something unknown, or None where there is none.
    """
    own = _without_bookkeeping(_as_map(written, origin)) if written is not None else MapValue({}, origin)
    if default_tags is None:
        return own
    return _over(_as_map(default_tags, origin), own, origin)


def _without_bookkeeping(tags: Value) -> Value:
    if not isinstance(tags, MapValue):
        return tags
    entries = {key: value for key, value in tags.entries.items() if not _is_bookkeeping(key, value)}
    if len(entries) == len(tags.entries):
        return tags
    return MapValue(entries, tags.origin, tags.rest, tags.references)


def _is_bookkeeping(key: str, value: Value) -> bool:
    return key.startswith(_WAITS_FOR) or (key.endswith(_MADE_BY) and value.text == "SAM")


def _as_map(value: Value, origin: Origin) -> Value:
    """Tags as a map; what is not known of them is in its `rest`."""
    if isinstance(value, Choice):
        # A branch that was written elsewhere stands where the choice is used.
        here = value.origin or origin
        return choose(value.guard, _as_map(value.if_true, here), _as_map(value.if_false, here), value.origin)
    if isinstance(value, MapValue):
        return value
    if isinstance(value, Unknown):
        return MapValue({}, value.origin or origin, value, value.references)
    if isinstance(value, ListValue):
        return _from_list(value, origin)
    return MapValue({}, value.origin or origin)


def _from_list(value: ListValue, origin: Origin) -> Value:
    entries: dict[str, Value] = {}
    rest = value.rest
    for element, guard in ListValue(value.elements).items():
        if isinstance(element, Unknown):
            rest = rest or element
            continue
        for key, called in _either(element, "Key", "key").alternatives():
            if isinstance(key, Known) and key.text is not None:
                there = _either(element, "Value", "value")
                entries[key.text] = choose(guard & called, there, entries.get(key.text, Known(None)))
            else:
                rest = rest or _first_unknown(key)
    return MapValue(entries, value.origin or origin, rest, value.references)


def _either(element: Value, *names: str) -> Value:
    for name in names:
        found = element.get(name)
        if not isinstance(found, Absent):
            return found
    return Absent(element.origin)


def _first_unknown(value: Value) -> Unknown | None:
    parts = value.parts if isinstance(value, Text) else (value,)
    return next((part for part in parts if isinstance(part, Unknown)), None)


def _over(below: Value, above: Value, origin: Origin) -> Value:
    here = above.origin or origin
    if isinstance(below, Choice):
        return choose(
            below.guard, _over(below.if_true, above, origin), _over(below.if_false, above, origin), here
        )
    if isinstance(above, Choice):
        return choose(
            above.guard, _over(below, above.if_true, origin), _over(below, above.if_false, origin), here
        )
    if not isinstance(below, MapValue) or not isinstance(above, MapValue):
        return above
    if not below.entries and below.rest is None:
        return above
    return MapValue(
        {**below.entries, **_written(above, below)},
        above.origin or origin,
        above.rest or below.rest,
        below.references | above.references,
    )


def _written(above: MapValue, below: MapValue) -> Mapping[str, Value]:
    # A tag that is null is not written at all.
    return {
        key: value
        for key, value in above.entries.items()
        if key not in below.entries or not (isinstance(value, Known) and value.data is None)
    }


def environment(resource: Resource) -> Value:
    """What the resource's own tags call its environment: the tag `Environment`, `env`, `stage` or alike.

    `Absent` where no such tag is there. Keys compare without case, `-`, `_`, `:` and a prefix.
    """
    tags = resource.tags
    for candidate, _ in tags.alternatives():
        if not isinstance(candidate, MapValue):
            continue
        found = _environment_in(candidate.entries)
        if found is not None:
            return tags.get(found)
    return tags.get("Environment")


def _environment_in(entries: Mapping[str, Value]) -> str | None:
    plain = {_plain(key): key for key in reversed(list(entries))}
    return next((plain[name] for name in _ENVIRONMENT_KEYS if name in plain), None)


def _plain(key: str) -> str:
    return re.sub(r"[-_ ]", "", re.split(r"[:/]", key)[-1]).lower()
