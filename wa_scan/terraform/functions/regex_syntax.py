"""The syntax of RE2's regular expressions, as Go's `regexp` package reads it.

Gives a tree whose characters are all sets of code points: case folding, classes and negation are
resolved here, so that matching knows none of them.
"""

from dataclasses import dataclass
from functools import lru_cache

from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.functions.regex_classes import (
    LAST,
    PERL,
    POSIX,
    Ranges,
    folded,
    merged,
    negated,
    unicode_class,
)

MAX_REPEAT = 1000
_MAX_PATTERN = 20_000
_MAX_DEPTH = 100


class Node:
    """A part of a pattern."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Characters(Node):
    """One character of a set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Assertion(Node):
    """`kind`: text_start, text_end, line_start, line_end, boundary, no_boundary."""

    kind: str


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Alternatives(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat(Node):
    """`most` is None for no limit."""

    item: Node
    least: int
    most: int | None
    greedy: bool


@dataclass(frozen=True, slots=True)
class Group(Node):
    """A capturing group; indexes start at 1."""

    item: Node
    index: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """`names`: by group, "" for groups without a name."""

    root: Node
    names: tuple[str, ...]


def parse_pattern(text: str) -> Pattern:
    """Raises `EvaluationError` for what RE2 refuses."""
    if len(text) > _MAX_PATTERN:
        raise LimitReachedError("the regular expression is too long")
    return _Parser(text).pattern()


def _bad(problem: str) -> EvaluationError:
    return EvaluationError(f"invalid regular expression: {problem}")


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.names: list[str] = []
        self.depth = 0

    def pattern(self) -> Pattern:
        root = self._alternatives(frozenset())
        if self.at < len(self.text):
            raise _bad("unexpected )")
        return Pattern(root, tuple(self.names))

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _alternatives(self, flags: frozenset[str]) -> Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _bad("nested too deeply")
        found: list[Node] = []
        items: list[Node] = []
        repeated = False
        while self.at < len(self.text):
            sign = self._peek()
            if sign == ")":
                break
            if sign == "|":
                self.at += 1
                found.append(Sequence(tuple(items)))
                items, repeated = [], False
                continue
            if self.text.startswith("(?", self.at) and (changed := self._flags_here(flags)) is not None:
                flags, repeated = changed, False
                continue
            bounds = self._repetition(flags)
            if bounds is None:
                items.append(self._atom(flags))
                repeated = False
                continue
            if not items:
                raise _bad("missing argument to repetition operator")
            if repeated:
                raise _bad("invalid nested repetition operator")
            least, most, greedy = bounds
            items[-1] = Repeat(items[-1], least, most, greedy)
            repeated = True
        found.append(Sequence(tuple(items)))
        self.depth -= 1
        return found[0] if len(found) == 1 else Alternatives(tuple(found))

    def _flags_here(self, flags: frozenset[str]) -> frozenset[str] | None:
        """The flags after `(?i)`; None where something else stands here."""
        end = self.at + 2
        while self.text[end : end + 1] and self.text[end] in "imsU-":
            end += 1
        if self.text[end : end + 1] != ")":
            return None
        changed = self._changed(flags, self.text[self.at + 2 : end])
        self.at = end + 1
        return changed

    def _changed(self, flags: frozenset[str], letters: str) -> frozenset[str]:
        on, minus, off = letters.partition("-")
        if "-" in off or (minus and not off) or not letters:
            raise _bad("invalid or unsupported Perl syntax")
        return (flags | set(on)) - set(off)

    def _repetition(self, flags: frozenset[str]) -> tuple[int, int | None, bool] | None:
        sign = self._peek()
        bounds: tuple[int, int | None] | None = None
        if sign and sign in "*+?":
            bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
            self.at += 1
        elif sign == "{":
            bounds = self._counts()
        if bounds is None:
            return None
        greedy = "U" not in flags
        if self._peek() == "?":
            self.at += 1
            greedy = not greedy
        return (*bounds, greedy)

    def _counts(self) -> tuple[int, int | None] | None:
        """`{2}`, `{2,}`, `{2,5}`; None where the brace is only a brace."""
        end = self.text.find("}", self.at)
        if end < 0:
            return None
        first, comma, last = self.text[self.at + 1 : end].partition(",")
        if not _is_count(first) or not (last == "" or _is_count(last)):
            return None
        least = int(first[:5])
        most: int | None = least if not comma else None if last == "" else int(last[:5])
        if least > MAX_REPEAT or (most is not None and (most > MAX_REPEAT or most < least)):
            raise _bad("invalid repeat count")
        self.at = end + 1
        return least, most

    def _atom(self, flags: frozenset[str]) -> Node:
        sign = self._peek()
        self.at += 1
        if sign == "(":
            return self._group(flags)
        if sign == "[":
            return Characters(self._class(flags))
        if sign == ".":
            return Characters(((0, LAST),) if "s" in flags else negated(((10, 10),)))
        if sign == "^":
            return Assertion("line_start" if "m" in flags else "text_start")
        if sign == "$":
            return Assertion("line_end" if "m" in flags else "text_end")
        if sign == "\\":
            return self._escape(flags)
        return Characters(_single(ord(sign), flags))

    def _group(self, flags: frozenset[str]) -> Node:
        index: int | None = None
        if self._peek() != "?":
            self.names.append("")
            index = len(self.names)
        else:
            self.at += 1
            named = next((o for o in ("P<", "<") if self.text.startswith(o, self.at)), None)
            if named and self.text[self.at + len(named) : self.at + len(named) + 1] not in ("=", "!"):
                end = self.text.find(">", self.at)
                found = self.text[self.at + len(named) : end]
                if end < 0 or not found or not found.replace("_", "a").isalnum():
                    raise _bad("invalid named capture")
                self.names.append(found)
                index = len(self.names)
                self.at = end + 1
            else:
                end = self.at
                while self.text[end : end + 1] and self.text[end] in "imsU-":
                    end += 1
                if self.text[end : end + 1] != ":":
                    raise _bad("invalid or unsupported Perl syntax")
                if end > self.at:
                    flags = self._changed(flags, self.text[self.at : end])
                self.at = end + 1
        item = self._alternatives(flags)
        if self._peek() != ")":
            raise _bad("missing closing )")
        self.at += 1
        # A group around several items must stay one item for what repeats it.
        return item if index is None else Group(item, index)

    def _escape(self, flags: frozenset[str]) -> Node:
        sign = self._peek()
        if sign in ("A", "z", "b", "B"):
            self.at += 1
            kinds = {"A": "text_start", "z": "text_end", "b": "boundary", "B": "no_boundary"}
            return Assertion(kinds[sign])
        if sign == "Q":
            end = self.text.find("\\E", self.at)
            literal = self.text[self.at + 1 : end if end >= 0 else None]
            self.at = end + 2 if end >= 0 else len(self.text)
            return Sequence(tuple(Characters(_single(ord(each), flags)) for each in literal))
        ranges = self._class_escape(flags)
        if ranges is not None:
            return Characters(ranges)
        return Characters(_single(self._escaped_code(), flags))

    def _class_escape(self, flags: frozenset[str]) -> Ranges | None:
        """`\\d`, `\\pL`, `\\P{Greek}`; None where the escape is one character."""
        sign = self._peek()
        if sign and sign in "dswDSW":
            self.at += 1
            ranges = PERL[sign.lower()]
            return negated(ranges) if sign.isupper() else ranges
        if sign not in ("p", "P"):
            return None
        self.at += 1
        wanted = self._peek()
        self.at += 1
        if wanted == "{":
            end = self.text.find("}", self.at)
            if end < 0:
                raise _bad("invalid character class range")
            wanted = self.text[self.at : end]
            self.at = end + 1
        inverse = (sign == "P") != wanted.startswith("^")
        ranges = unicode_class(wanted.removeprefix("^"))
        if "i" in flags:
            ranges = folded(ranges)
        return negated(ranges) if inverse else ranges

    def _escaped_code(self) -> int:
        sign = self._peek()
        self.at += 1
        if sign in _CONTROL:
            return _CONTROL[sign]
        if sign == "x":
            return self._hexadecimal()
        if sign and sign in "01234567":
            return self._octal(sign)
        if sign and sign.isascii() and not sign.isalnum():
            return ord(sign)
        raise _bad("trailing backslash at end of expression" if not sign else "invalid escape sequence")

    def _octal(self, first: str) -> int:
        digits = first
        while len(digits) < 3 and self._peek() and self._peek() in "01234567":
            digits += self._peek()
            self.at += 1
        if first != "0" and len(digits) < 2:
            raise _bad("invalid escape sequence")
        return int(digits, 8)

    def _hexadecimal(self) -> int:
        if self._peek() == "{":
            end = self.text.find("}", self.at)
            digits = self.text[self.at + 1 : end] if end >= 0 else ""
            self.at = end + 1
        else:
            digits = self.text[self.at : self.at + 2]
            self.at += 2
            if len(digits) < 2:
                digits = ""
        if not digits or len(digits) > 8 or any(each not in "0123456789abcdefABCDEF" for each in digits):
            raise _bad("invalid escape sequence")
        code = int(digits, 16)
        if code > LAST:
            raise _bad("invalid escape sequence")
        return code

    def _class(self, flags: frozenset[str]) -> Ranges:
        inverse = self._peek() == "^"
        if inverse:
            self.at += 1
        found: list[tuple[int, int]] = []
        first = True
        while first or self._peek() != "]":
            if self.at >= len(self.text):
                raise _bad("missing closing ]")
            first = False
            posix = self._posix()
            if posix is None and self._peek() == "\\":
                self.at += 1
                posix = self._class_escape(flags)
                if posix is None:
                    self.at -= 1
            if posix is not None:
                found += posix
                continue
            low = self._class_character()
            high = low
            if self._peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self._class_character()
                if high < low:
                    raise _bad("invalid character class range")
            found += folded(((low, high),)) if "i" in flags else ((low, high),)
        self.at += 1
        ranges = merged(found)
        return negated(ranges) if inverse else ranges

    def _posix(self) -> Ranges | None:
        if not self.text.startswith("[:", self.at):
            return None
        end = self.text.find(":]", self.at + 2)
        if end < 0:
            return None
        wanted = self.text[self.at + 2 : end]
        ranges = POSIX.get(wanted.removeprefix("^"))
        if ranges is None:
            raise _bad("invalid character class range")
        self.at = end + 2
        return negated(ranges) if wanted.startswith("^") else ranges

    def _class_character(self) -> int:
        sign = self._peek()
        self.at += 1
        if sign != "\\":
            if not sign:
                raise _bad("missing closing ]")
            return ord(sign)
        return self._escaped_code()


def _is_count(digits: str) -> bool:
    return digits.isdecimal() and digits.isascii() and (digits == "0" or not digits.startswith("0"))


@lru_cache(maxsize=1024)
def _single(code: int, flags: frozenset[str]) -> Ranges:
    return folded(((code, code),)) if "i" in flags else ((code, code),)


_CONTROL = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
