"""Text with its place in a file, and the error that has such a place."""

from bisect import bisect_right
from collections.abc import Sequence

from wa_scan.errors import WaScanError
from wa_scan.values import Location


class TerraformSyntaxError(WaScanError):
    """Text is not in Terraform's language. `message` is one sentence, `location` the place.

    `limit`: the text may be right, but goes beyond what wa-scan follows.
    """

    def __init__(self, message: str, location: Location, *, limit: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.limit = limit

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


class SourceText:
    """A text and where it begins in its file; offsets count code points from 0.

    `line` and `column` (1-based) are where the text begins.
    """

    __slots__ = ("_first_line", "_line_starts", "path", "text")

    def __init__(self, path: str, text: str, line: int = 1, column: int = 1) -> None:
        self.path = path
        self.text = text
        self._first_line = line - 1
        starts = [1 - column]
        newline = text.find("\n")
        while newline >= 0:
            starts.append(newline + 1)
            newline = text.find("\n", newline + 1)
        self._line_starts = starts

    def location(self, start: int, end: int) -> Location:
        """The place of `text[start:end]`."""
        starts = self._line_starts
        first = self._first_line
        line = bisect_right(starts, start)
        last = line if len(starts) == line or end < starts[line] else bisect_right(starts, end)
        return Location(
            self.path, line + first, start - starts[line - 1] + 1, last + first, end - starts[last - 1] + 1
        )


class EscapedText(SourceText):
    """A text that escapes were decoded from: `offsets[i]` is where character i begins in the
    text of `source`, with one more entry for the end.
    """

    __slots__ = ("_offsets", "_source")

    def __init__(self, source: SourceText, text: str, offsets: Sequence[int]) -> None:
        self.path = source.path
        self.text = text
        self._source = source
        self._offsets = offsets

    def location(self, start: int, end: int) -> Location:
        return self._source.location(self._offsets[start], self._offsets[end])
