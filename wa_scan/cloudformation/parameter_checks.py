"""Whether CloudFormation would take a value for a parameter.

Source: AWS CloudFormation user guide, "Parameters" (properties, AWS-specific parameter types).
"""

import re
from collections.abc import Iterator, Mapping

from wa_scan.cloudformation.nodes import MappingNode, ScalarNode, SequenceNode
from wa_scan.cloudformation.texts import scalar_text

MAX_WAYS = 1_000_000
"""Ways in which a pattern can be tried on a value; one that has more is not tried."""

_PREFIXES = {
    "AWS::EC2::Image::Id": "ami-",
    "AWS::EC2::Instance::Id": "i-",
    "AWS::EC2::SecurityGroup::Id": "sg-",
    "AWS::EC2::Subnet::Id": "subnet-",
    "AWS::EC2::VPC::Id": "vpc-",
    "AWS::EC2::Volume::Id": "vol-",
}
_LIST = re.compile(r"List<(.*)>")
_CLASS_OR_ESCAPE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_QUANTIFIER = re.compile(r"(\))?(?:([*+])|\{(\d{1,5})(,)?(\d{0,5})\}|(\?))[?+]?")


def refusals(type_: str, body: MappingNode, given: str, is_hidden: bool) -> Iterator[str]:
    """Why CloudFormation would not take `given` for the parameter declared by `body`, in words that
    follow "The value of the parameter X …". The value itself is left out where `is_hidden`."""
    within = _LIST.fullmatch(type_)
    item_type = within[1] if within else "String" if type_ == "CommaDelimitedList" else type_
    is_list = within is not None or type_ == "CommaDelimitedList"
    items = [item.strip() for item in given.split(",")] if is_list else [given]
    if item_type.startswith("AWS::SSM::Parameter::"):
        return
    for item in dict.fromkeys(items):
        reason = _refusal(item_type, body, item)
        if reason is not None:
            yield reason if is_hidden else f"{reason}: {item!r}"


def _refusal(type_: str, body: MappingNode, item: str) -> str | None:
    if type_ == "Number" and _number(item) is None:
        return "is not a number"
    prefix = _PREFIXES.get(type_)
    if prefix is not None and not item.startswith(prefix):
        return f"is not an {type_}, which begins with {prefix}"
    listed = body.get("AllowedValues")
    if isinstance(listed, SequenceNode) and all(isinstance(one, ScalarNode) for one in listed.items):
        allowed = [scalar_text(one.data) for one in listed.items if isinstance(one, ScalarNode)]
        if item not in allowed:
            return "is none of its AllowedValues"
    return _bound(type_, body, item) or _unlike(body, item)


def _bound(type_: str, body: MappingNode, item: str) -> str | None:
    size = _number(item) if type_ == "Number" else float(len(item))
    names: Mapping[str, bool] = (
        {"MinValue": True, "MaxValue": False}
        if type_ == "Number"
        else {"MinLength": True, "MaxLength": False}
    )
    for name, is_least in names.items():
        node = body.get(name)
        limit = _number(scalar_text(node.data)) if isinstance(node, ScalarNode) else None
        if limit is None or size is None:
            continue
        if size < limit if is_least else size > limit:
            what = "" if type_ == "Number" else "length "
            return (
                f"has a {what}{'below' if is_least else 'above'} its {name}"
                if what
                else (f"is {'below' if is_least else 'above'} its {name}")
            )
    return None


def _unlike(body: MappingNode, item: str) -> str | None:
    node = body.get("AllowedPattern")
    pattern = scalar_text(node.data) if isinstance(node, ScalarNode) else None
    if pattern is None or not _is_tame(pattern, len(item)):
        return None
    try:
        found = re.fullmatch(pattern, item)
    except (re.error, RecursionError, OverflowError):
        # Java's expressions, which CloudFormation takes, are not all Python's.
        return None
    return None if found is not None else "does not match its AllowedPattern"


def _is_tame(pattern: str, length: int) -> bool:
    """Whether trying the pattern on a text of this length surely ends soon."""
    bare = _CLASS_OR_ESCAPE.sub("x", pattern)
    ways = 1 + bare.count("|")
    repeats: list[int] = []
    for group, sign, least, comma, most, maybe in _QUANTIFIER.findall(bare):
        if sign or (comma and not most):
            if group:
                return False
            ways *= length + 1
        elif maybe:
            ways *= 2
        elif group:
            repeats.append(int(most or least))
        else:
            ways *= int(most) - int(least) + 1 if most else 1
    for count in repeats:
        if count > 20:
            return False
        ways = ways ** max(count, 1)
        if ways > MAX_WAYS:
            return False
    return ways <= MAX_WAYS


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
