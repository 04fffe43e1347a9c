"""The kinds of value that rules, links and reports see, whatever language they were written in.

Every question about a value is answered with a `Truth`, never with a bool: an unknown value gives
an unknown answer, a choice answers for each of its branches.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum

from wa_scan.values.assumptions import is_assumption
from wa_scan.values.guards import Guard
from wa_scan.values.origins import Origin
from wa_scan.values.symbols import Symbol
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN, Truth, all_of, any_of

type_of_scalar = (str, int, float, bool, type(None))
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
    """One of the kinds below. `origin` is None only for values that nobody wrote."""

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
        return self.holds(lambda data: _is_number(data) and float(data) >= least)  # type: ignore[arg-type]

    def at_most(self, most: float) -> Truth:
        return self.holds(lambda data: _is_number(data) and float(data) <= most)  # type: ignore[arg-type]

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


class Choice(Value):
    """`if_true` under `guard`, `if_false` otherwise. Make one with `choose`."""

    __slots__ = ("guard", "if_false", "if_true")

    def __init__(self, guard: Guard, if_true: Value, if_false: Value, origin: Origin | None = None) -> None:
        self.guard = guard
        self.if_true = if_true
        self.if_false = if_false
        self.origin = origin
        self.references = if_true.references | if_false.references

    def _ask(self, question: Callable[[Value], Truth]) -> Truth:
        return question(self.if_true).given(self.guard, question(self.if_false))

    def holds(self, predicate: Callable[[Scalar], bool | None]) -> Truth:
        return self._ask(lambda value: value.holds(predicate))

    def equals(self, expected: Scalar) -> Truth:
        return self._ask(lambda value: value.equals(expected))

    def is_in(self, expected: Iterable[Scalar]) -> Truth:
        options = tuple(expected)
        return self._ask(lambda value: value.is_in(options))

    def matches(self, pattern: str, flags: int = 0) -> Truth:
        return self._ask(lambda value: value.matches(pattern, flags))

    def at_least(self, least: float) -> Truth:
        return self._ask(lambda value: value.at_least(least))

    def at_most(self, most: float) -> Truth:
        return self._ask(lambda value: value.at_most(most))

    def is_set(self) -> Truth:
        return self._ask(lambda value: value.is_set())

    def any(self, test: Callable[[Value], Truth]) -> Truth:
        return self._ask(lambda value: value.any(test))

    def all(self, test: Callable[[Value], Truth]) -> Truth:
        return self._ask(lambda value: value.all(test))

    def get(self, key: str) -> Value:
        return choose(self.guard, self.if_true.get(key), self.if_false.get(key), self.origin)

    def items(self) -> Iterator[tuple[Value, Guard]]:
        for side, guard in ((self.if_true, self.guard), (self.if_false, ~self.guard)):
            for item, inner in side.items():
                both = inner & guard
                if not both.is_never:
                    yield item, both

    def alternatives(self) -> Iterator[tuple[Value, Guard]]:
        for side, guard in ((self.if_true, self.guard), (self.if_false, ~self.guard)):
            for value, inner in side.alternatives():
                both = inner & guard
                if not both.is_never:
                    yield value, both

    @property
    def scalar(self) -> Scalar:
        return self.if_true.scalar if is_assumption(self.guard) else None

    def all_references(self) -> frozenset[Symbol]:
        return self.if_true.all_references() | self.if_false.all_references()

    def __repr__(self) -> str:
        return f"Choice({self.guard} ? {self.if_true!r} : {self.if_false!r})"


class ListValue(Value):
    """A list. An element may be a `Choice` with a null branch: it is then there under a guard.

    `rest` stands for further elements that are not known (how many, or which).
    """

    __slots__ = ("elements", "rest")

    def __init__(
        self,
        elements: Iterable[Value],
        origin: Origin | None = None,
        rest: Unknown | None = None,
        references: frozenset[Symbol] = NO_REFERENCES,
    ) -> None:
        self.elements = tuple(elements)
        self.origin = origin
        self.rest = rest
        self.references = references

    def holds(self, predicate: Callable[[Scalar], bool | None]) -> Truth:
        return FALSE

    def is_set(self) -> Truth:
        there = any_of(Truth.when(guard) for _, guard in self._present())
        return there | UNKNOWN if self.rest is not None else there

    def get(self, key: str) -> Value:
        # A block that may occur once is a list of one in Terraform, a map in CloudFormation.
        if len(self.elements) == 1 and self.rest is None:
            return self.elements[0].get(key)
        if not self.elements and self.rest is not None:
            return self.rest.get(key)
        return Absent(self.origin)

    def _present(self) -> Iterator[tuple[Value, Guard]]:
        for element in self.elements:
            if isinstance(element, Choice):
                for value, guard in element.alternatives():
                    if not _is_nothing(value):
                        yield value, guard
            elif not _is_nothing(element):
                yield element, Guard.ALWAYS

    def items(self) -> Iterator[tuple[Value, Guard]]:
        yield from self._present()
        if self.rest is not None:
            yield from self.rest.items()

    def any(self, test: Callable[[Value], Truth]) -> Truth:
        found = any_of(test(item).given(guard, FALSE) for item, guard in self._present())
        return found | self.rest.any(test) if self.rest is not None else found

    def all(self, test: Callable[[Value], Truth]) -> Truth:
        found = all_of(test(item).given(guard, TRUE) for item, guard in self._present())
        return found & self.rest.all(test) if self.rest is not None else found

    def all_references(self) -> frozenset[Symbol]:
        return self.references.union(*(element.all_references() for element in self.elements))

    def __repr__(self) -> str:
        return f"ListValue({list(self.elements)!r}{', ...' if self.rest else ''})"


class MapValue(Value):
    """A map, an object, or the body of a block: `origin` is then its header line.

    `rest` is set where further keys may be there that are not known.
    """

    __slots__ = ("entries", "rest")

    def __init__(
        self,
        entries: Mapping[str, Value],
        origin: Origin | None = None,
        rest: Unknown | None = None,
        references: frozenset[Symbol] = NO_REFERENCES,
    ) -> None:
        self.entries = entries
        self.origin = origin
        self.rest = rest
        self.references = references

    def holds(self, predicate: Callable[[Scalar], bool | None]) -> Truth:
        return FALSE

    def is_set(self) -> Truth:
        there = any_of(~value.equals(None) for value in self.entries.values())
        return there | UNKNOWN if self.rest is not None else there

    def get(self, key: str) -> Value:
        found = self.entries.get(key)
        if found is not None:
            return found
        return self.rest.get(key) if self.rest is not None else Absent(self.origin)

    def items(self) -> Iterator[tuple[Value, Guard]]:
        yield self, Guard.ALWAYS

    def all_references(self) -> frozenset[Symbol]:
        return self.references.union(*(value.all_references() for value in self.entries.values()))

    def __repr__(self) -> str:
        return f"MapValue({dict(self.entries)!r}{', ...' if self.rest else ''})"


def known(data: object, origin: Origin | None = None) -> Value:
    """Plain Python data (scalars, lists, dicts with text keys) as a value."""
    if isinstance(data, Mapping):
        return MapValue({str(key): known(item, origin) for key, item in data.items()}, origin)
    if isinstance(data, list | tuple):
        return ListValue([known(item, origin) for item in data], origin)
    if isinstance(data, type_of_scalar):
        return Known(data, origin)
    raise TypeError(f"no value is made of a {type(data).__name__}")


def choose(guard: Guard, if_true: Value, if_false: Value, origin: Origin | None = None) -> Value:
    """`if_true` under `guard`, `if_false` otherwise; not a choice where that is certain."""
    if guard.is_always or if_true is if_false:
        return if_true
    if guard.is_never:
        return if_false
    return Choice(guard, if_true, if_false, origin)


def _is_nothing(value: Value) -> bool:
    return value.scalar is None and isinstance(value, Known | Absent)


def _is_number(data: Scalar) -> bool:
    return isinstance(data, int | float) and not isinstance(data, bool)


def _same(data: Scalar, expected: Scalar) -> bool:
    if isinstance(data, bool) or isinstance(expected, bool):
        return data is expected
    return data == expected
