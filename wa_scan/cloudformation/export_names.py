"""Which export a name means, where either may be known in part only.

Names of exports are mostly made of the name of the exporting stack, which a template does not know:
`${AWS::StackName}-VpcId`. What imports it has a parameter for that: `${NetworkStack}-VpcId`. Such names are
taken for the same where their fixed parts agree and say of what thing they are.
"""

import re

from wa_scan.cloudformation.nodes import MappingNode, Node, SequenceNode, text_of
from wa_scan.cloudformation.texts import scalar_text
from wa_scan.values import Known, Text, Value

Pattern = tuple[str | None, ...]
"""The fixed parts of a name; None is any text."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_BY_PARAMETER = re.compile(r"\$\{(\w+)\}([^$]+)")
_SHORTEST = 3
# What says of which kind a value is, but not of what.
_KINDS = frozenset(
    [
        *("address", "arn", "arns", "cidr", "domain", "endpoint", "export", "host", "hostname", "ids", "key"),
        *("list", "name", "names", "output", "port", "ref", "region", "stack", "type", "uri", "url", "value"),
        *("version", "zone"),
    ]
)


def pattern_of(name: Value) -> Pattern | None:
    """None for what is no name, or one of which nothing is known."""
    if isinstance(name, Known) and name.data is not None:
        return (scalar_text(name.data),)
    if isinstance(name, Text):
        return tuple(part if isinstance(part, str) else None for part in name.parts)
    return None


def imported_ends(root: Node | None) -> dict[str, set[str]]:
    """By parameter the rest of the names that a template imports as `${Parameter}…`, where that is fixed."""
    found: dict[str, set[str]] = {}
    seen: set[int] = set()
    todo: list[Node | None] = [root]
    while todo:
        at = todo.pop()
        if at is None or id(at) in seen:
            continue
        seen.add(id(at))
        if isinstance(at, SequenceNode):
            todo += at.items
        elif isinstance(at, MappingNode):
            todo += (child for _, child in at.entries.values())
            argument = at.get("Fn::ImportValue")
            written = text_of(argument.get("Fn::Sub")) if isinstance(argument, MappingNode) else None
            name = _BY_PARAMETER.fullmatch(written or "")
            if name is not None:
                found.setdefault(name[1], set()).add(name[2])
    return found


def may_be_same(one: Pattern, other: Pattern) -> bool:
    """Whether two names can be the same text."""
    if len(one) == 1 and one[0] is not None:
        return _fits(one[0], other)
    if len(other) == 1 and other[0] is not None:
        return _fits(other[0], one)
    starts, ends = (one[0] or "", other[0] or ""), (one[-1] or "", other[-1] or "")
    return (starts[0].startswith(starts[1]) or starts[1].startswith(starts[0])) and (
        ends[0].endswith(ends[1]) or ends[1].endswith(ends[0])
    )


def is_telling(one: Pattern, other: Pattern) -> bool:
    """Whether what two names have in common says of what thing they are."""
    shared: list[str] = []
    if len(one) == 1 or len(other) == 1:
        shared = [part for part in (other if len(one) == 1 else one) if part is not None]
    else:
        shared.append(min(one[0] or "", other[0] or "", key=len))
        shared.append(min(one[-1] or "", other[-1] or "", key=len))
    words = {word.lower() for part in shared for word in _WORD.findall(part)}
    return any(len(word) >= _SHORTEST and word not in _KINDS for word in words)


def _fits(text: str, pattern: Pattern) -> bool:
    """Whether `text` has the fixed parts in this order, with something between them."""
    at = 0
    for index, part in enumerate(pattern):
        if part is None:
            continue
        if index == 0:
            found = 0 if text.startswith(part) else -1
        elif index == len(pattern) - 1:
            found = len(text) - len(part) if text.endswith(part) else -1
        else:
            found = text.find(part, at + 1)
        if found < at + (index > 0):
            return False
        at = found + len(part)
    return at < len(text) if pattern[-1] is None else at == len(text)
