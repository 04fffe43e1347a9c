"""Whether a text that was made with the help of a resource's name or ARN is that resource's.

`${aws_s3_bucket.main.arn}/*` is of the bucket, `${aws_s3_bucket.main.id}-logs` is the name of another one.
"""

import re

from wa_scan.aws.arns import arn_forms, parse_arn
from wa_scan.aws.identities import Identities, name_key
from wa_scan.aws.resources import Resource
from wa_scan.aws.table import Table
from wa_scan.values import Known, Text, Unknown

# What makes a longer name of a name: beside one of these it is not the whole name.
_BOUND_BEFORE = re.compile(r"[A-Za-z0-9_-]\Z")
_BOUND_AFTER = re.compile(r"[A-Za-z0-9_-]")


class Naming:
    """Tells of each text whether it names the resource that it was made of; each resource is looked at
    once."""

    def __init__(self, identities: Identities, rows: Table) -> None:
        self._identities = identities
        self._rows = rows
        self._names: dict[int, tuple[Resource, tuple[str, ...]]] = {}

    def names(self, leaf: Text | Known, address: str, target: Resource) -> bool:
        """Whether `leaf`, made of something of `target` at `address`, names it and no other."""
        if isinstance(leaf, Known):
            return not isinstance(leaf.data, str) or self._is_name_of(leaf.data, target)
        own = [
            index
            for index, part in enumerate(leaf.parts)
            if isinstance(part, Unknown) and self._identities.address_of(part.symbol) == address
        ]
        if not own:
            return self._has_name_of(leaf, target)
        return any(_stands_alone(leaf, index) and _is_of_service(leaf, index, target) for index in own)

    def _has_name_of(self, text: Text, target: Resource) -> bool:
        """Whether a text that `target` went into is its name or ARN, where its name is written out."""
        names = [
            key
            for property_ in self._identifiers(target)
            for leaf, _ in target[property_].alternatives()
            if (key := name_key(leaf)) is not None
        ]
        if not names:
            return True
        arn, forms = parse_arn(text), arn_forms().get(target.type or "", ())
        written = [name_key(text)]
        if arn is not None:
            written += [name for form in forms for name in form.names(arn)]
        return any(name in written for name in names)

    def _identifiers(self, target: Resource) -> tuple[str, ...]:
        return self._rows.type_row(target.type).identifiers if target.type is not None else ()

    def _is_name_of(self, text: str, target: Resource) -> bool:
        """Whether a known text that `target` went into has its name in it, where the name is known too."""
        names = self._known_names(target)
        return not names or any(
            re.search(rf"(?<![A-Za-z0-9_-]){re.escape(name)}(?![A-Za-z0-9_-])", text) for name in names
        )

    def _known_names(self, target: Resource) -> tuple[str, ...]:
        found = self._names.get(id(target))
        if found is None:
            names = tuple(
                leaf.text
                for property_ in self._identifiers(target)
                for leaf, _ in target[property_].alternatives()
                if leaf.text
            )
            found = self._names[id(target)] = (target, names)
        return found[1]


def _stands_alone(text: Text, index: int) -> bool:
    """Whether the part at `index` is not a piece of a longer name."""
    parts = text.parts
    before = parts[index - 1] if index else ""
    after = parts[index + 1] if index + 1 < len(parts) else ""
    if not isinstance(before, str) or _BOUND_BEFORE.search(before):
        return False
    return isinstance(after, str) and not _BOUND_AFTER.match(after)


def _is_of_service(text: Text, index: int, target: Resource) -> bool:
    """Whether an ARN made with a name of `target` is of its service. An ARN inside another one stands for
    itself (`...:lambda:path/2015-03-31/functions/${function.arn}/invocations`)."""
    part = text.parts[index]
    if isinstance(part, Unknown) and (part.symbol.attribute or "").lower().endswith("arn"):
        return True
    arn, forms = parse_arn(text), arn_forms().get(target.type or "", ())
    return arn is None or not forms or any(arn.service == form.service for form in forms)
