"""What the transform refuses: which resource, and where it is written."""

import re
from collections.abc import Callable, Sequence

from wa_scan.cloudformation.nodes import Entry, MappingNode
from wa_scan.cloudformation.serverless.translator import Refused
from wa_scan.errors import Problem, ProblemKind
from wa_scan.values import Location

_EVENT = re.compile(r"Event with id \[([^\]]+)\]")
_WORD = re.compile(r"\b[A-Z][A-Za-z]+\b")


def resource_of(refused: Refused, resources: MappingNode) -> str | None:
    """The logical ID that was written, of what may be one that the transform made up."""
    name = refused.resource
    if name is None or name in resources.entries:
        return name
    return max((own for own in resources.entries if name.startswith(own)), key=len, default=None)


def culprit_of(names: Sequence[str], fails_with: Callable[[Sequence[str]], bool]) -> str | None:
    """The first of `names` with which, and all before it, the translator fails without saying where; None
    where it fails without any. Takes as many tries as the number of names has bits."""
    if fails_with(()):
        return None
    passes, fails = 0, len(names)
    while fails - passes > 1:
        middle = (passes + fails) // 2
        if fails_with(names[:middle]):
            fails = middle
        else:
            passes = middle
    return names[fails - 1] if names else None


def problem_of(refused: Refused, root: MappingNode, resources: MappingNode) -> Problem:
    """The problem to report, at the property or event that is refused as far as that can be told."""
    name = resource_of(refused, resources)
    entry = resources.entries.get(name) if name is not None else None
    reason = refused.reason.rstrip(".")
    if name is None or entry is None:
        message = f"The SAM transform refuses this template: {reason}."
        return Problem(ProblemKind.EVALUATION_ERROR, message, top_of(root))
    message = f"The SAM transform refuses {name}: {reason}."
    return Problem(ProblemKind.EVALUATION_ERROR, message, _part_of(entry, reason))


def top_of(root: MappingNode) -> Location:
    """Where to show what concerns the whole transform."""
    entry = root.entries.get("Globals") or root.entries.get("Transform")
    return entry.key if entry is not None else root.location


def _part_of(entry: Entry, reason: str) -> Location:
    node = entry.value
    properties = node.get("Properties") if isinstance(node, MappingNode) else None
    if not isinstance(properties, MappingNode):
        return entry.key
    event = _EVENT.search(reason)
    events = properties.get("Events")
    if event is not None and isinstance(events, MappingNode):
        for name, (key, _) in events.entries.items():
            if event[1].endswith(name):
                return key
    named = (properties.entries.get(word) for word in _WORD.findall(reason))
    return next((part.key for part in named if part is not None), entry.key)
