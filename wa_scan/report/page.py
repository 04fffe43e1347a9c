"""The lines of a text report while it is written."""

import re
import textwrap

from wa_scan.report.context import ReportContext
from wa_scan.report.masking import Masks
from wa_scan.report.palette import Palette
from wa_scan.report.printable import printable

NARROWEST = 40
_KEY = re.compile(r'\["(?:[^"\\]|\\.)*"\]')


class Page:
    """Collects lines. Whatever comes from scanned files passes through `clean` on its way in."""

    def __init__(self, context: ReportContext, masks: Masks) -> None:
        self.context = context
        self.masks = masks
        self.palette = Palette(context.colour)
        self.width = max(context.width, NARROWEST)
        self._lines: list[str] = []

    def clean(self, text: str) -> str:
        """`text` with secrets masked, on one line, without what a terminal acts on."""
        return printable(self.masks(text))

    def address(self, text: str) -> str:
        """An address. What a resource is called is no secret even if it reads like a password of another,
        `aws_db_instance.postgres`; a key of its instances may be one."""
        return printable(_KEY.sub(lambda key: self.masks(key.group()), text))

    def line(self, text: str = "") -> None:
        """Adds a line as it is; a blank line at the start or after another one is left out."""
        if text or (self._lines and self._lines[-1]):
            self._lines.append(text.rstrip())

    def paragraph(self, text: str, indent: str, label: str = "") -> None:
        """Adds `text` (clean already), wrapped to the width under its faint `label`."""
        wrapped = textwrap.wrap(
            text,
            self.width,
            initial_indent=" " * (len(indent) + len(label)),
            subsequent_indent=" " * (len(indent) + len(label)),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, line in enumerate(wrapped):
            lead = self.palette.faint(label) if number == 0 else " " * len(label)
            self.line(indent + lead + line[len(indent) + len(label) :])

    def text(self) -> str:
        return "\n".join(self._lines).rstrip("\n") + "\n"


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """`1 finding`, `2 findings`, `1,234 findings`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
