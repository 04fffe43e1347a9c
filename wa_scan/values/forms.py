"""Values in a plain form that people and programs can look at: what a value is, without where it came from.

A program reads a form as JSON: an unknown value is `{"unknown": SYMBOL}`, with `"known"` beside it where
parts of it are known; a choice is `{"choice": [{"when": GUARD, "value": …}, …]}`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from wa_scan.values.assumptions import settled
from wa_scan.values.composites import Choice, ListValue, MapValue
from wa_scan.values.guards import Guard
from wa_scan.values.kinds import Unknown, Value
from wa_scan.values.texts import Text

MOST_PARTS = 1_000_000
"""What is shared in memory may be far larger written out; beyond this many parts it is not."""
MOST_BRANCHES = 50
"""A choice between more is shown as unknown."""

MOST_PARTS_IN_ALL = 5_000_000
"""Of all values that one former has made forms of."""

TOO_LARGE = "a value too large to be written out"


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number with all its digits, as JSON writes it."""

    text: str


@dataclass(frozen=True, slots=True)
class UnknownForm:
    """`symbol` says what it stands for; `known` is what is sure to be among its parts."""

    symbol: str
    known: "list[Form] | dict[str, Form] | None" = None


@dataclass(frozen=True, slots=True)
class ChoiceForm:
    """What a value may be, each with the guard under which it is that."""

    branches: "tuple[tuple[str, Form], ...]"


@dataclass(frozen=True, slots=True)
class SensitiveForm:
    """A value that is not for everybody's eyes."""

    value: "Form"


Form = (
    None | bool | str | Numeral | list["Form"] | dict[str, "Form"] | UnknownForm | ChoiceForm | SensitiveForm
)


def numeral(number: int | float) -> Form:
    """A number in JSON; text where JSON has none, as for infinity."""
    exact = Decimal(repr(number))
    return Numeral(f"{exact:f}") if exact.is_finite() else str(number)


def text_with_unknown(parts: Iterable[str | tuple[str]]) -> str:
    """A partly known text as a template: unknown parts, which come as 1-tuples, inside `${}`."""
    return "".join(
        part.replace("${", "$${").replace("%{", "%%{") if isinstance(part, str) else f"${{{part[0]}}}"
        for part in parts
    )


class Former:
    """Makes forms; what is shared before is shared after. `secrets`: texts that make a text sensitive which
    holds one, beside those whose origin says so."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secrets)
        # The value is kept beside its form, so that its id stays its own.
        self._made: dict[int, tuple[Value, Form, int]] = {}
        self._in_all = 0

    def form(self, value: Value) -> Form:
        form, size = self._sized(value)
        self._in_all += size
        return form if self._in_all <= MOST_PARTS_IN_ALL else UnknownForm(TOO_LARGE)

    def _sized(self, value: Value) -> tuple[Form, int]:
        found = self._made.get(id(value))
        if found is None:
            form, size = self._make(value)
            if size > MOST_PARTS:
                form, size = UnknownForm(TOO_LARGE), 1
            found = self._made[id(value)] = (value, form, size)
        return found[1], found[2]

    def _make(self, value: Value) -> tuple[Form, int]:
        if isinstance(value, ListValue):
            items, size = self._items(value.elements)
            if value.rest is None:
                return items, size
            return [*items, UnknownForm(value.rest.symbol.text)], size + 1
        if isinstance(value, MapValue):
            entries, size = self._entries(value.entries)
            if value.rest is None:
                return entries, size
            return UnknownForm(value.rest.symbol.text, entries or None), size
        if isinstance(value, Unknown):
            return UnknownForm(value.symbol.text), 1
        if isinstance(value, Text):
            text = text_of(value)
            return self._of_text(value, UnknownForm(text), text), 1
        if isinstance(value, Choice):
            return self._choice(value)
        scalar = value.scalar
        if isinstance(scalar, str):
            return self._of_text(value, scalar, scalar), 1
        if value.origin is not None and scalar is not None and value.origin.is_secret:
            return SensitiveForm(str(scalar)), 1
        if isinstance(scalar, int | float) and not isinstance(scalar, bool):
            return numeral(scalar), 1
        return scalar, 1

    def _of_text(self, value: Value, form: Form, text: str) -> Form:
        is_secret = value.origin is not None and value.origin.is_secret
        return SensitiveForm(form) if is_secret or any(part in text for part in self._secrets) else form

    def _items(self, values: Iterable[Value]) -> tuple[list[Form], int]:
        made = [self._sized(value) for value in values]
        return [form for form, _ in made], 1 + sum(size for _, size in made)

    def _entries(self, values: Mapping[str, Value]) -> tuple[dict[str, Form], int]:
        made = {key: self._sized(value) for key, value in values.items()}
        return {key: form for key, (form, _) in made.items()}, 1 + sum(size for _, size in made.values())

    def _choice(self, value: Choice) -> tuple[Form, int]:
        guards: dict[int, tuple[Value, Guard]] = {}
        for count, (leaf, assuming) in enumerate(value.alternatives()):
            if count >= MOST_BRANCHES * 4:
                return UnknownForm(TOO_LARGE), 1
            guard = settled(assuming)
            if guard.is_never:
                continue
            before = guards.get(id(leaf))
            guards[id(leaf)] = (leaf, guard if before is None else before[1] | guard)
        if len(guards) > MOST_BRANCHES:
            return UnknownForm(TOO_LARGE), 1
        if len(guards) == 1:
            return self._sized(next(leaf for leaf, _ in guards.values()))
        made = [(str(guard), *self._sized(leaf)) for leaf, guard in guards.values()]
        return ChoiceForm(tuple((when, form) for when, form, _ in made)), 1 + sum(size for *_, size in made)


def text_of(value: Text) -> str:
    """A partly known text as a template with the symbols of its unknown parts."""
    return text_with_unknown(part if isinstance(part, str) else (part.symbol.text,) for part in value.parts)
