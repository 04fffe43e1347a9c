"""Where a value was written and the way it came."""

from collections.abc import Iterator
from typing import NamedTuple

from wa_scan.values.locations import Location


class Step(NamedTuple):
    """One station of a value's way: `text` says in a few words what happened at `location`."""

    location: Location
    text: str


class Origin:
    """A value's way, newest step first: `location` is where the value now stands.

    An attribute `multi_az = var.multi_az` stands at the attribute; `previous` is the argument of
    the module call, whose `previous` is the variable's default or the line of a tfvars file.
    Shared, never changed: many values point at the same earlier steps.
    """

    __slots__ = ("location", "previous", "text")

    def __init__(self, location: Location, text: str, previous: "Origin | None" = None) -> None:
        self.location = location
        self.text = text
        self.previous = previous

    def steps(self) -> list[Step]:
        """The way from the oldest step to where the value stands now."""
        found: list[Step] = []
        at: Origin | None = self
        while at is not None:
            found.append(Step(at.location, at.text))
            at = at.previous
        found.reverse()
        return found

    @property
    def is_secret(self) -> bool:
        """Whether the value came by something that is not to be shown."""
        at: Origin | None = self
        while at is not None:
            if isinstance(at, SecretOrigin):
                return True
            at = at.previous
        return False

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps())

    def __repr__(self) -> str:
        return f"Origin({' -> '.join(f'{s.location} {s.text}' for s in self.steps())})"


class SecretOrigin(Origin):
    """A step that makes what comes from it a secret: a parameter with `NoEcho`."""

    __slots__ = ()
