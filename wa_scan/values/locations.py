"""Places in source text."""

from typing import NamedTuple


class Location(NamedTuple):
    """A range of one source file.

    `file` is the path as reports print it: relative to the working directory, with `/`. Lines and
    columns are 1-based, columns count Unicode code points, and the end column is exclusive, as in
    SARIF 2.1.0 section 3.30. (SARIF's UTF-16 columns are made by the SARIF report, which has the
    text.)
    """

    file: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.start_line}:{self.start_column}"

    def to(self, end: "Location") -> "Location":
        """From the start of this location to the end of `end`, in the same file."""
        return Location(self.file, self.start_line, self.start_column, end.end_line, end.end_column)

    def contains(self, other: "Location") -> bool:
        """Whether `other` lies wholly inside this location."""
        return (
            self.file == other.file
            and (self.start_line, self.start_column) <= (other.start_line, other.start_column)
            and (other.end_line, other.end_column) <= (self.end_line, self.end_column)
        )
