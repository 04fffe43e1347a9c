"""The kinds of value that rules, links and reports see, whatever language they were written in: what every
value answers, and the kinds that stand for one thing. Those made of others are in `composites.py`.

Every question about a value is answered with a `Truth`, never with a bool: an unknown value gives
an unknown answer, a choice answers for each of its branches.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import TypeGuard

from wa_scan.values.guards import Guard
from wa_scan.values.origins import Origin
from wa_scan.values.symbols import Symbol
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN, Truth, all_of, any_of

Scalar = str | int | float | bool | None

NO_REFERENCES: frozenset[Symbol] = frozenset()


class Reason(Enum):
    """Why a value is not known."""

    INPUT = "an input without a value"
    COMPUTED = "known after deployment"
    DATA = "looked up at deployment"
    MODULE = "from a module that was not found"
    IMPURE = "different at every run"
    ERROR = "could not be evaluated"
    UNSUPPORTED = "not evaluated by wa-scan"


class Value:
    """One of the kinds. `origin` is None only for values that nobody wrote."""

    __slots__ = ("origin", "references")

    origin: Origin | None
    # What of other resources went into this value, kept even where the result is known.
    references: frozenset[Symbol]

    # --- questions about one scalar -------------------------------------------------------

    def holds(self, predicate: Callable[[Scalar], bool | None]) -> Truth:
        """Whether `predicate` holds for this scalar; a list or a map is never a scalar: false."""
        raise NotImplementedError

    def equals(self, expected: Scalar) -> Truth:
        """Whether this is `expected`; a bool never equals a number."""
        return self.holds(lambda data: _same(data, expected))

    def is_in(self, expected: Iterable[Scalar]) -> Truth:
        options = tuple(expected)
        return self.holds(lambda data: any(_same(data, option) for option in options))

    def matches(self, pattern: str, flags: int = 0) -> Truth:
        """Whether the regular expression `pattern` is found in this text (`re.search`)."""
        compiled = re.compile(pattern, flags)
        return self.holds(lambda data: isinstance(data, str) and compiled.search(data) is not None)

    def at_least(self, least: float) -> Truth:
        return self.holds(lambda data: _is_number(data) and float(data) >= least)

    def at_most(self, most: float) -> Truth:
        return self.holds(lambda data: _is_number(data) and float(data) <= most)

    def is_set(self) -> Truth:
        """Whether there is something here: not absent (without default), null, `""` or empty."""
        raise NotImplementedError

    # --- parts ----------------------------------------------------------------------------

    def get(self, key: str) -> "Value":
        """The entry `key` of a map; `Absent` where there is none."""
        raise NotImplementedError

    def items(self) -> Iterator[tuple["Value", Guard]]:
        """The elements of a list, each with the guard under which it is there.

        Something that is not a list counts as a list of one, as CloudFormation reads it; nothing
        is an empty list; an unknown list gives its one unknown element.
        """
        raise NotImplementedError

    def any(self, test: Callable[["Value"], Truth]) -> Truth:
        """Whether `test` holds for an element."""
        return any_of(test(item).given(guard, FALSE) for item, guard in self.items())

    def all(self, test: Callable[["Value"], Truth]) -> Truth:
        """Whether `test` holds for every element."""
        return all_of(test(item).given(guard, TRUE) for item, guard in self.items())

    def alternatives(self) -> Iterator[tuple["Value", Guard]]:
        """What this may be: itself, or the leaves of a choice, each with its guard."""
        yield self, Guard.ALWAYS

    @property
    def scalar(self) -> Scalar:
        """The scalar that this surely is (or by default is), else None."""
        return None

    @property
    def text(self) -> str | None:
        """The text that this surely is (or by default is), else None."""
        found = self.scalar
        return found if isinstance(found, str) else None

    def all_references(self) -> frozenset[Symbol]:
        """What of other resources went into this value or anything inside it."""
        return self.references


class Known(Value):
    """A scalar that is known, null included."""

    __slots__ = ("data",)

    def __init__(
        self,
        data: Scalar,
        origin: Origin | None = None,
        references: frozenset[Symbol] = NO_REFERENCES,
    ) -> None:
        self.data = data
        self.origin = origin
        self.references = references

    def holds(self, predicate: Callable[[Scalar], bool | None]) -> Truth:
        return Truth.of(predicate(self.data))

    def is_set(self) -> Truth:
        return Truth.of(self.data is not None and self.data != "")

    def get(self, key: str) -> Value:
        return Absent(self.origin)

    def items(self) -> Iterator[tuple[Value, Guard]]:
        if self.data is not None:
            yield self, Guard.ALWAYS

    @property
    def scalar(self) -> Scalar:
        return self.data

    def __repr__(self) -> str:
        return f"Known({self.data!r})"


class Absent(Value):
    """Nothing was written here. `default` is what then applies: null if nothing does.

    `origin` is the block or map in which it is absent.
    """

    __slots__ = ("default",)

    def __init__(self, origin: Origin | None, default: Value | None = None) -> None:
        self.origin = origin
        self.references = NO_REFERENCES
        self.default: Value = default if default is not None else Known(None, origin)

    def holds(self, predicate: Callable[[Scalar], bool | None]) -> Truth:
        return self.default.holds(predicate)

    def is_set(self) -> Truth:
        return self.default.is_set()

    def get(self, key: str) -> Value:
        found = self.default.get(key)
        return Absent(self.origin, found.default if isinstance(found, Absent) else found)

    def items(self) -> Iterator[tuple[Value, Guard]]:
        yield from self.default.items()

    @property
    def scalar(self) -> Scalar:
        return self.default.scalar

    def __repr__(self) -> str:
        return f"Absent(default={self.default!r})"


class Unknown(Value):
    """Something that is not known before deployment, with the symbol that it stands for.

    `never_null`: it is sure to be something (another resource's ARN, say).
    """

    __slots__ = ("never_null", "reason", "symbol")

    def __init__(
        self,
        symbol: Symbol,
        reason: Reason = Reason.COMPUTED,
        origin: Origin | None = None,
        references: frozenset[Symbol] | None = None,
        never_null: bool = False,
    ) -> None:
        self.symbol = symbol
        self.reason = reason
        self.origin = origin
        self.references = references if references is not None else frozenset((symbol,))
        self.never_null = never_null

    def holds(self, predicate: Callable[[Scalar], bool | None]) -> Truth:
        return UNKNOWN

    def equals(self, expected: Scalar) -> Truth:
        return FALSE if expected is None and self.never_null else UNKNOWN

    def is_set(self) -> Truth:
        return TRUE if self.never_null else UNKNOWN

    def get(self, key: str) -> Value:
        symbol = self.symbol
        return Unknown(
            Symbol(
                f"{symbol.text}.{key}",
                symbol.resource,
                f"{symbol.attribute}.{key}" if symbol.attribute else key,
            ),
            self.reason,
            self.origin,
            self.references,
        )

    def items(self) -> Iterator[tuple[Value, Guard]]:
        symbol = self.symbol
        yield (
            Unknown(
                Symbol(f"{symbol.text}[*]", symbol.resource, symbol.attribute),
                self.reason,
                self.origin,
                self.references,
            ),
            Guard.ALWAYS,
        )

    def any(self, test: Callable[[Value], Truth]) -> Truth:
        # The list may be empty, so an unknown list never surely has such an element ...
        return Truth.of(None) & super().any(test)

    def all(self, test: Callable[[Value], Truth]) -> Truth:
        # ... and never surely lacks them.
        return Truth.of(None) | super().all(test)

    def __repr__(self) -> str:
        return f"Unknown({self.symbol.text})"


def _is_number(data: Scalar) -> TypeGuard[int | float]:
    return isinstance(data, int | float) and not isinstance(data, bool)


def _same(data: Scalar, expected: Scalar) -> bool:
    if isinstance(data, bool) or isinstance(expected, bool):
        return data is expected
    return data == expected
