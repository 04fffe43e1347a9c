"""Values of parameters that were given from outside, which know where they were written."""

from collections.abc import Mapping

from wa_scan.values import Known, MapValue, Origin, Value


class GivenText(str):
    """A parameter's (or a tag's) value as text, and where it was given.

    `resolved`: for a parameter whose value names an SSM parameter, what that one's value was.
    """

    __slots__ = ("origin", "resolved")

    origin: Origin
    resolved: str | None

    @staticmethod
    def of(text: str, origin: Origin, resolved: str | None = None) -> "GivenText":
        given = GivenText(text)
        given.origin = origin
        given.resolved = resolved
        return given


def origin_of(given: str) -> Origin | None:
    """Where a value was given, None where nobody knows: on the command line, say."""
    return given.origin if isinstance(given, GivenText) else None


def tags_of(given: Mapping[str, str]) -> Value | None:
    """A stack's tags as the map that they are, None where there are none."""
    if not given:
        return None
    return MapValue({key: Known(str(text), origin_of(text)) for key, text in given.items()})
