"""Matching regular expressions in linear time, as RE2 promises, with leftmost-first matches.

Python's `re` backtracks: a pattern from an untrusted file could make it run for ever. It is used
where the size of pattern and text bound what it can do; otherwise the pattern runs on Pike's
virtual machine, all alternatives at once (Cox, "Regular Expression Matching: the Virtual Machine
Approach", 2009).
"""

import re
from bisect import bisect_right
from functools import lru_cache

from wa_scan.terraform.errors import LimitReachedError
from wa_scan.terraform.functions.regex_classes import Ranges
from wa_scan.terraform.functions.regex_syntax import (
    Alternatives,
    Assertion,
    Characters,
    Group,
    Node,
    Pattern,
    Repeat,
    Sequence,
    parse_pattern,
)

MAX_INSTRUCTIONS = 20_000
# For all matches of one call: some seconds.
MAX_STEPS = 3_000_000
# Ways that backtracking may have to try.
_MAX_BACKTRACKING = 200_000

Span = tuple[int, int]
Match = tuple[Span | None, ...]
"""Where the match is, then where each group is; None for groups that took no part."""


@lru_cache(maxsize=256)
def compiled(text: str) -> "Regex":
    """Raises `EvaluationError` for a pattern that RE2 refuses, or that is too large."""
    return Regex(parse_pattern(text))


class Budget:
    """Steps that searching may still take."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MAX_STEPS

    def spend(self, steps: int) -> None:
        # Every search costs something, whatever it looks at.
        self._left -= steps + 10
        if self._left < 0:
            raise LimitReachedError("matching the regular expression takes too long")


class Regex:
    """A pattern, ready to be searched for."""

    def __init__(self, pattern: Pattern) -> None:
        self.names = pattern.names
        self._root = pattern.root
        self._simple = _is_simple(pattern.root)
        self._program: list[_Instruction] | None = None
        self._backtracking: re.Pattern[str] | None = None

    def search(self, text: str, start: int = 0, budget: "Budget | None" = None) -> Match | None:
        """The leftmost match at or after `start`. Raises `LimitReachedError` beyond the budget."""
        budget = budget or Budget()
        ways = _ways(self._root, len(text) - start) if self._simple else 0
        if not ways or ways * (len(text) + 1) > _MAX_BACKTRACKING:
            return self._search_machine(text, start, budget)
        found = self._search_backtracking(text, start)
        end = len(text) if found is None else whole(found)[1]
        budget.spend(ways * (end - start + 1) // 50)
        return found

    def _search_backtracking(self, text: str, start: int) -> Match | None:
        if self._backtracking is None:
            self._backtracking = re.compile(_python_pattern(self._root), re.ASCII)
        found = self._backtracking.search(text, start)
        if found is None:
            return None
        spans = (found.span(index) for index in range(len(self.names) + 1))
        return tuple(None if span[0] < 0 else span for span in spans)

    def _search_machine(self, text: str, start: int, budget: "Budget") -> Match | None:
        if self._program is None:
            self._program = _Compiler().program(self._root)
        slots = _run(self._program, text, start, 2 * (len(self.names) + 1), budget)
        if slots is None:
            return None
        return tuple(
            None if (low := slots[at]) is None or (high := slots[at + 1]) is None else (low, high)
            for at in range(0, len(slots), 2)
        )

    def find_all(self, text: str) -> list[Match]:
        """All matches that do not overlap; no empty one right after another."""
        found: list[Match] = []
        at, previous_end = 0, -1
        budget = Budget()
        while at <= len(text):
            match = self.search(text, at, budget)
            if match is None:
                break
            start, end = whole(match)
            accepted = True
            if end == at:
                accepted = start != previous_end
                at += 1
            else:
                at = end
            previous_end = end
            if accepted:
                found.append(match)
        return found


def whole(match: Match) -> Span:
    span = match[0]
    assert span is not None
    return span


# --- backtracking, where it is harmless ---------------------------------------------------


def _is_simple(node: Node) -> bool:
    """Whether no repetition is inside another and what repeats is without alternatives: then
    the number of ways to match is bounded by `_ways`, and groups mean the same as in RE2.
    """
    if isinstance(node, Sequence | Alternatives):
        return all(map(_is_simple, node.items))
    if isinstance(node, Group):
        return _is_simple(node.item)
    if isinstance(node, Repeat):
        return _is_fixed(node.item)
    return True


def _is_fixed(node: Node) -> bool:
    """Whether this matches texts of one length above 0, in one way."""
    if isinstance(node, Characters):
        return True
    if isinstance(node, Group):
        return _is_fixed(node.item)
    if isinstance(node, Sequence):
        return bool(node.items) and all(map(_is_fixed, node.items))
    return False


def _ways(node: Node, length: int) -> int:
    """At most so many ways to match a text of that length from one position."""
    if isinstance(node, Sequence):
        product = 1
        for item in node.items:
            product *= _ways(item, length)
            if product > _MAX_BACKTRACKING:
                break
        return product
    if isinstance(node, Alternatives):
        return sum(_ways(item, length) for item in node.items)
    if isinstance(node, Group):
        return _ways(node.item, length)
    if isinstance(node, Repeat):
        most = length if node.most is None else min(node.most, length)
        return max(most - node.least, 0) + 1
    return 1


_ASSERTIONS = {
    "text_start": r"\A",
    "text_end": r"\Z",
    "line_start": r"(?m:^)",
    "line_end": r"(?m:$)",
    "boundary": r"\b",
    "no_boundary": r"(?!\b)",
}


def _python_pattern(node: Node) -> str:
    if isinstance(node, Characters):
        return _python_class(node.ranges)
    if isinstance(node, Sequence):
        return "".join(map(_python_pattern, node.items))
    if isinstance(node, Alternatives):
        return f"(?:{'|'.join(map(_python_pattern, node.items))})"
    if isinstance(node, Group):
        return f"({_python_pattern(node.item)})"
    if isinstance(node, Repeat):
        most = "" if node.most is None else node.most
        return f"(?:{_python_pattern(node.item)}){{{node.least},{most}}}{'' if node.greedy else '?'}"
    assert isinstance(node, Assertion)
    return _ASSERTIONS[node.kind]


def _python_class(ranges: Ranges) -> str:
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return re.escape(chr(ranges[0][0]))
    if not ranges:
        return "(?!)"
    return "[" + "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges) + "]"


# --- the virtual machine ------------------------------------------------------------------


class _Members(dict[str, bool]):
    """Whether a character is in a set; remembers what was asked."""

    def __init__(self, ranges: Ranges) -> None:
        super().__init__()
        self._starts = [low for low, _ in ranges]
        self._ranges = ranges

    def __missing__(self, sign: str) -> bool:
        code = ord(sign)
        at = bisect_right(self._starts, code) - 1
        found = self[sign] = at >= 0 and code <= self._ranges[at][1]
        return found


class _Instruction:
    """`operation`: char, split, jump, save, assert, match. `first` is preferred to `second`."""

    __slots__ = ("first", "kind", "members", "operation", "second", "slot")

    def __init__(self, operation: str) -> None:
        self.operation = operation
        self.first = 0
        self.second = 0
        self.slot = 0
        self.kind = ""
        self.members: _Members | None = None


class _Compiler:
    def __init__(self) -> None:
        self.code: list[_Instruction] = []

    def program(self, root: Node) -> list[_Instruction]:
        self._compile(Group(root, 0))
        self._emit("match")
        return self.code

    def _emit(self, operation: str) -> _Instruction:
        if len(self.code) >= MAX_INSTRUCTIONS:
            raise LimitReachedError("the regular expression is too large")
        made = _Instruction(operation)
        made.first = len(self.code) + 1
        self.code.append(made)
        return made

    def _compile(self, node: Node) -> None:
        if isinstance(node, Characters):
            self._emit("char").members = _Members(node.ranges)
        elif isinstance(node, Assertion):
            self._emit("assert").kind = node.kind
        elif isinstance(node, Sequence):
            for item in node.items:
                self._compile(item)
        elif isinstance(node, Group):
            self._emit("save").slot = 2 * node.index
            self._compile(node.item)
            self._emit("save").slot = 2 * node.index + 1
        elif isinstance(node, Alternatives):
            self._alternatives(node)
        else:
            assert isinstance(node, Repeat)
            self._repeat(node)

    def _alternatives(self, node: Alternatives) -> None:
        ends: list[_Instruction] = []
        for item in node.items[:-1]:
            split = self._emit("split")
            self._compile(item)
            ends.append(self._emit("jump"))
            split.second = len(self.code)
        self._compile(node.items[-1])
        for end in ends:
            end.first = len(self.code)

    def _repeat(self, node: Repeat) -> None:
        if node.most is None:
            self._unbounded(node)
            return
        for _ in range(node.least):
            self._compile(node.item)
        splits: list[_Instruction] = []
        for _ in range(node.most - node.least):
            splits.append(self._emit("split"))
            self._compile(node.item)
        for split in splits:
            self._branch(split, node.greedy)

    def _unbounded(self, node: Repeat) -> None:
        """`x{2,}` as `xx+`, `x*` as `(x+)?`: what is preferred of an empty `x` shows only so (as in Go)."""
        skip = self._emit("split") if node.least == 0 else None
        for _ in range(node.least - 1):
            self._compile(node.item)
        start = len(self.code)
        self._compile(node.item)
        again = self._emit("split")
        again.first, again.second = start, len(self.code)
        if not node.greedy:
            again.first, again.second = again.second, again.first
        if skip is not None:
            self._branch(skip, node.greedy)

    def _branch(self, split: _Instruction, greedy: bool) -> None:
        """Makes `split` choose between going on and leaving to what comes next."""
        inside, outside = split.first, len(self.code)
        split.first, split.second = (inside, outside) if greedy else (outside, inside)


Slots = tuple[int | None, ...]
_Thread = tuple[int, Slots]
"""An instruction that waits for a character, and where groups started and ended on the way."""


def _run(program: list[_Instruction], text: str, start: int, count: int, budget: Budget) -> Slots | None:
    """The slots of the leftmost-first match at or after `start`."""
    fresh: Slots = (None,) * count
    arriving: list[_Thread] = []
    matched: Slots | None = None
    for at in range(start, len(text) + 1):
        if matched is None:
            # A later start is less preferred than all that are under way.
            arriving.append((0, fresh))
        elif not arriving:
            break
        threads = _settled(program, text, at, arriving)
        budget.spend(len(threads) + len(arriving))
        arriving = []
        sign = text[at] if at < len(text) else ""
        for where, slots in threads:
            instruction = program[where]
            if instruction.members is None:
                matched = slots
                break
            if sign and instruction.members[sign]:
                arriving.append((where + 1, slots))
    return matched


def _settled(program: list[_Instruction], text: str, at: int, arriving: list[_Thread]) -> list[_Thread]:
    """The threads at the next instructions that take a character, or at the match, by preference;
    each instruction once.
    """
    seen: set[int] = set()
    found: list[_Thread] = []
    todo = arriving[::-1]
    while todo:
        where, slots = todo.pop()
        if where in seen:
            continue
        seen.add(where)
        instruction = program[where]
        operation = instruction.operation
        if operation in ("char", "match"):
            found.append((where, slots))
        elif operation == "jump":
            todo.append((instruction.first, slots))
        elif operation == "split":
            todo.append((instruction.second, slots))
            todo.append((instruction.first, slots))
        elif operation == "save":
            slot = instruction.slot
            todo.append((where + 1, (*slots[:slot], at, *slots[slot + 1 :])))
        elif _holds(instruction.kind, text, at):
            todo.append((where + 1, slots))
    return found


def _holds(kind: str, text: str, at: int) -> bool:
    if kind == "text_start":
        return at == 0
    if kind == "text_end":
        return at == len(text)
    if kind == "line_start":
        return at == 0 or text[at - 1] == "\n"
    if kind == "line_end":
        return at == len(text) or text[at] == "\n"
    before = at > 0 and _is_word(text[at - 1])
    after = at < len(text) and _is_word(text[at])
    return (before != after) == (kind == "boundary")


def _is_word(sign: str) -> bool:
    return sign.isascii() and (sign.isalnum() or sign == "_")
