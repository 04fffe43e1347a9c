"""Where a finding is shown, and the way that the value came there."""

from typing import NamedTuple

from wa_scan.aws.resources import Part, Resource
from wa_scan.engine.verdicts import Verdict
from wa_scan.values import Absent, Choice, Guard, Location, Origin, Step, Value, settled


class Shown(NamedTuple):
    """`location` and `trace` as in `Finding`; `related`: what is added to the verdict's own;
    `decider`: what stands there in a few words (`attribute multi_az`), free of line numbers."""

    location: Location
    trace: tuple[Step, ...]
    related: tuple[Step, ...]
    decider: str


class Elsewhere(NamedTuple):
    """Files that are not the user's to change: those below the `folders` of modules from elsewhere (with a
    `/` at the end) and those that a tool `generated` from the user's source."""

    folders: tuple[str, ...] = ()
    generated: frozenset[str] = frozenset()

    def holds(self, file: str) -> bool:
        return file in self.generated or file.startswith(self.folders)


def shown_at(verdict: Verdict, when: Guard, elsewhere: Elsewhere) -> Shown:
    """Where `verdict` is shown as it holds under `when`.

    Of a choice the trace is the way of the first branch that holds there. What is `elsewhere` is shown at the
    call that leads there, which is what its user can change, with the place there as related. Of the
    trace that is left which lies outside of the module.
    """
    origin, trace = _place(verdict, when)
    calls = verdict.resource.calls
    if elsewhere.holds(origin.location.file):
        own = next((call for call in reversed(calls) if not elsewhere.holds(call.location.file)), None)
        if own is not None:
            what = "template" if origin.location.file in elsewhere.generated else "module"
            inside = Step(origin.location, f"{verdict.resource.address} in the {what}")
            handed = tuple(step for step in trace if not elsewhere.holds(step.location.file))
            return Shown(own.location, (*handed, own) if handed else (), (inside,), origin.text)
    return Shown(origin.location, trace, calls, origin.text)


def _place(verdict: Verdict, when: Guard) -> tuple[Origin, tuple[Step, ...]]:
    at, resource = verdict.at, verdict.resource
    if isinstance(at, Resource):
        made = at.properties.origin
        return at.origin, _way(made) if made is not None and made.previous is not None else ()
    if isinstance(at, Part):
        header = at.origin or resource.origin
        return header, _way(header) if header.previous else ()
    if isinstance(at, Origin):
        return at, _way(at)
    value = _branch(at, when)
    inner = value.origin
    if isinstance(at, Choice):
        outer = at.origin or inner or resource.origin
        trace = _way(inner) if inner else ()
        # A branch may stand at the key alone, the choice at the key and all of its value.
        if trace and trace[-1].text == outer.text and outer.location.contains(trace[-1].location):
            trace = trace[:-1]
        if not trace or trace[-1].location != outer.location:
            trace = (*trace, Step(outer.location, outer.text))
        return outer, trace
    if inner is None:
        return resource.origin, ()
    nothing_there = isinstance(value, Absent) or inner.location == resource.location
    if nothing_there and inner.previous is None:
        return inner, ()
    return inner, _way(inner)


def _branch(value: Value, when: Guard) -> Value:
    for alternative, guard in value.alternatives():
        if not settled(guard & when).is_never:
            return alternative
    return value


def deciding_value(verdict: Verdict, when: Guard) -> Value | None:
    """The value that decides under `when`, a choice's branch if it is one; None for blocks."""
    return _branch(verdict.at, when) if isinstance(verdict.at, Value) else None


def _way(origin: Origin) -> tuple[Step, ...]:
    return tuple(origin.steps())
