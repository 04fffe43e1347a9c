"""A line of source with the columns that count marked, fitted to a width."""

from typing import NamedTuple

from wa_scan.report.masking import Masks
from wa_scan.report.printable import printable, printable_character

TAB = 4
_CUT = "…"


class Excerpt(NamedTuple):
    """`text`: what to show of a line; the mark goes under `length` terminal cells from the cell `offset`."""

    text: str
    offset: int
    length: int


def excerpt(line: str, start: int, end: int | None, width: int, masks: Masks) -> Excerpt:
    """`line` in at most `width` cells, with the 1-based columns from `start` to before `end` marked.

    `end` None: to the end of the line. Tabs become spaces, control characters visible escapes, secrets masks;
    a line that is too long is cropped around its mark. The mark is at least one cell.
    """
    first = min(max(start, 1) - 1, len(line))
    last = len(line.rstrip()) if end is None else min(end - 1, len(line))
    last = max(last, first)
    spans = masks.spans(line)
    if len(line) <= width and not spans and line.isascii() and line.isprintable():
        return Excerpt(line.rstrip(), first, max(last - first, 1))
    # What is further away than a line of narrow characters cannot be seen.
    low, high = max(0, first - width), min(len(line), first + width)
    shown, offsets = _cells(line, low, high, spans)
    total = offsets[-1]
    mark = offsets[first - low]
    mark_end = offsets[min(last, high) - low]
    if low == 0 and high == len(line) and total <= width:
        return Excerpt("".join(shown).rstrip(), mark, max(mark_end - mark, 1))
    return _cropped(shown, offsets, mark, mark_end, width, low > 0, high < len(line))


def _cells(line: str, low: int, high: int, spans: list[tuple[int, int, str]]) -> tuple[list[str], list[int]]:
    """What each character is shown as, and at which cell; one more cell than characters."""
    from rich.cells import cell_len

    masked = {}
    for start, end, mask in spans:
        # A secret that begins before what is shown still leaves its mask.
        if start < high and end > low:
            masked[max(start, low)] = printable(mask)
            masked.update(dict.fromkeys(range(max(start, low) + 1, min(end, high)), ""))
    shown: list[str] = []
    offsets = [0]
    for index in range(low, high):
        character = line[index]
        text = masked.get(index)
        if text is None:
            at = offsets[-1]
            text = " " * (TAB - at % TAB) if character == "\t" else printable_character(character)
        shown.append(text)
        offsets.append(offsets[-1] + cell_len(text))
    return shown, offsets


def _cropped(
    shown: list[str], offsets: list[int], mark: int, mark_end: int, width: int, before: bool, after: bool
) -> Excerpt:
    """The part of the line around the mark, `…` standing where something is left out."""
    begin = 0
    if mark_end > width - 1 or before:
        begin = max(0, min(mark - width // 4, offsets[-1] - width + 2))
    cut_left = before or begin > 0
    room = width - (1 if cut_left else 0) - 1
    parts: list[str] = []
    used = 0
    first_cell: int | None = None
    cut_right = after
    for text, at, to in zip(shown, offsets, offsets[1:], strict=False):
        if at < begin:
            continue
        if used + (to - at) > room:
            cut_right = True
            break
        if first_cell is None:
            first_cell = at
        parts.append(text)
        used += to - at
    left = _CUT if cut_left else ""
    shift = len(left) - (first_cell if first_cell is not None else mark)
    offset = max(mark + shift, 0)
    length = min(mark_end - mark, max(len(left) + used - offset, 1))
    return Excerpt(left + "".join(parts) + (_CUT if cut_right else ""), offset, max(length, 1))
