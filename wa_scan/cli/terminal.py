"""Standard output: its colours, its width, its end."""

import os
import sys
from typing import TextIO

COLOUR_CHOICES = ("auto", "always", "never")
_WIDTH_OF_FILES = 100
_WIDEST = 160


def wants_colour(choice: str, stream: TextIO) -> bool:
    """Whether to colour what goes to `stream`. `NO_COLOR` (no-color.org) and `TERM=dumb` speak for
    `auto` only: an option outranks the environment."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def width_of(stream: TextIO) -> int:
    """Cells in a line: the terminal's, within bounds, or a fixed number where there is none."""
    import shutil

    if not stream.isatty() and not os.environ.get("COLUMNS"):
        return _WIDTH_OF_FILES
    return max(40, min(_WIDEST, shutil.get_terminal_size().columns))


def write(text: str) -> None:
    """Write `text` to standard output in UTF-8, whatever the locale. A reader that has gone, as
    `head` does, is no error: what it wanted it has."""
    try:
        # Not print(): reports are the same bytes everywhere, so line ends are not translated.
        buffer = getattr(sys.stdout, "buffer", None)
        if buffer is None:
            sys.stdout.write(text)
        else:
            sys.stdout.flush()
            buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.flush()
    except BrokenPipeError:
        silence()


def silence() -> None:
    """Send what is still to be written to standard output nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
