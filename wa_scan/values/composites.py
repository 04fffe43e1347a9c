"""Values made of other values: choices under a condition, lists and maps."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from wa_scan.values.assumptions import is_assumption
from wa_scan.values.guards import Guard
from wa_scan.values.kinds import NO_REFERENCES, Absent, Known, Scalar, Unknown, Value
from wa_scan.values.origins import Origin
from wa_scan.values.symbols import Symbol
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN, Truth, all_of, any_of


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
    if isinstance(data, Scalar):
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
