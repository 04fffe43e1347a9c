"""How much work something is: how many functions it calls, which is the same on every machine."""

import sys
from collections.abc import Callable
from types import FrameType


def calls_in(task: Callable[[], object]) -> int:
    """The number of calls of functions, Python's and C's, while `task` runs. What is imported or cached when
    it is first used should have been."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        task()
    finally:
        sys.setprofile(before)
    return calls
