"""Verdicts that are one finding, gathered: what several instances of a block have in common is said once."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from wa_scan.aws.resources import Resource
from wa_scan.engine.findings import Finding, Status
from wa_scan.engine.fingerprints import block_address
from wa_scan.engine.places import Shown
from wa_scan.engine.rules import Rule
from wa_scan.engine.verdicts import Verdict
from wa_scan.values import Guard, Location, Step

_RELATED_AT_MOST = 10
_DIGITS = re.compile(r"[0-9]{1,18}")


# An address is asked for once for each rule that finds something in it.
@lru_cache(maxsize=4_096)
def natural(text: str) -> str:
    """A key that sorts `x[2]` before `x[10]`: numbers come before all else, by their value."""
    return _DIGITS.sub(_padded, text)


def _padded(digits: "re.Match[str]") -> str:
    return f"\0{digits[0]:0>18}"


_Order = tuple[str, str]


@dataclass(slots=True)
class _Part:
    """Members whose verdicts tell the same besides; of all but the first only the addresses are kept."""

    order: _Order
    verdict: Verdict
    shown: Shown
    addresses: list[str]


@dataclass(slots=True)
class Group:
    """Verdicts that are one finding: same rule, status, location, message and guard.

    `instance`: unit and address where every instance has a finding of its own, else empty.
    """

    rule: Rule
    status: Status
    when: Guard
    message: str
    location: Location
    instance: tuple[str, ...]
    _parts: dict[tuple[object, ...], _Part] = field(default_factory=dict)

    def add(self, verdict: Verdict, shown: Shown, resources: Sequence[Resource]) -> None:
        """`resources`: all that `verdict` holds for, its own first and in their natural order."""
        order = (verdict.resource.unit, natural(verdict.resource.address))
        key = (verdict.related, shown.related, verdict.secrets)
        part = self._parts.get(key)
        if part is None:
            part = self._parts[key] = _Part(order, verdict, shown, [])
        elif order < part.order:
            part.order, part.verdict, part.shown = order, verdict, shown
        part.addresses += [resource.address for resource in resources]

    def finding(self) -> Finding:
        parts = sorted(self._parts.values(), key=lambda part: part.order)
        verdict, shown = parts[0].verdict, parts[0].shown
        related: dict[Step, None] = {}
        for part in parts:
            related.update(dict.fromkeys((*part.verdict.related, *part.shown.related)))
        secrets = sorted({text for part in parts for text in part.verdict.secrets})
        # Kept as text until all findings are there, since it must be unique among them.
        kept = "\0".join(_identity(self.rule, verdict, shown))
        return Finding(
            rule=self.rule,
            status=self.status,
            message=self.message,
            resource=verdict.resource,
            location=self.location,
            fingerprint=kept,
            when=self.when,
            trace=shown.trace,
            related=tuple(related)[:_RELATED_AT_MOST],
            instances=_sorted(address for part in parts for address in part.addresses),
            secrets=tuple(secrets),
        )


def _sorted(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(addresses), key=natural))


def _identity(rule: Rule, verdict: Verdict, shown: Shown) -> tuple[str, ...]:
    """What makes a finding the same one tomorrow: nothing that moves with lines or instances."""
    resource = verdict.resource
    in_module = resource.location.file == shown.location.file
    block = block_address(resource.address, keep_modules=not in_module, calls=len(resource.calls))
    return (rule.id, shown.location.file, block, verdict.path or shown.decider)
