"""Making strings of values that are only partly known."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256

from wa_scan.values import (
    Choice,
    Guard,
    Known,
    ListValue,
    Origin,
    Scalar,
    Symbol,
    Text,
    Unknown,
    Value,
    choose,
    is_assumption,
)
from wa_scan.values.kinds import NO_REFERENCES, Reason

MAX_WAYS = 32
"""How many ways independent choices are told apart in one string before it is given up."""

MAX_SYMBOL = 200
"""Characters of a computed symbol that are kept."""

Part = str | Unknown

_DYNAMIC = re.compile(r"\{\{resolve:[^{}]*\}\}")
_VARIABLE = re.compile(r"[$&]\{([^{}]*)\}")
_HOLE = re.compile("\ufdd0([0-9]+)\ufdd1")  # noncharacters: no template text contains them


def scalar_text(data: Scalar) -> str:
    """A scalar as CloudFormation writes it into a string, and compares it."""
    if isinstance(data, bool):
        return "true" if data else "false"
    return "" if data is None else str(data)


def display(value: Value) -> str:
    """A value for people, as part of an unknown value's symbol."""
    if isinstance(value, Known):
        return scalar_text(value.data)
    if isinstance(value, Unknown):
        return value.symbol.text
    if isinstance(value, Text):
        return display_parts(value.parts)
    return "…"


def display_parts(parts: Iterable[Part]) -> str:
    """A partly known text for people: unknown parts as `${symbol}`."""
    return "".join(p if isinstance(p, str) else f"${{{p.symbol.text}}}" for p in parts)


def symbol_of(text: str) -> Symbol:
    """A symbol for something computed, of bounded length: computations can nest."""
    return Symbol(text if len(text) <= MAX_SYMBOL else f"{text[:MAX_SYMBOL]}… #{_digest(text)}")


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def parts_of(value: Value) -> tuple[Part, ...] | None:
    """What `value` adds to a string; None for a list or a map, which cannot be a part of one."""
    if isinstance(value, Known):
        return (scalar_text(value.data),)
    if isinstance(value, Unknown):
        return (value,)
    return value.parts if isinstance(value, Text) else None


def join_parts(parts: Iterable[Part], previous: Origin | None = None) -> Value:
    """The string that the parts make, with its dynamic references taken out as unknown parts."""
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    if any(isinstance(part, str) and "{{resolve:" in part for part in merged):
        merged = _without_dynamic_references(merged)
    if not merged:
        return Known("", previous)
    if len(merged) == 1:
        only = merged[0]
        return Known(only, previous) if isinstance(only, str) else only
    return Text(tuple(merged), previous)


def split_text(
    value: Unknown | Text, delimiter: str, lists: Mapping[Symbol, tuple[str, Unknown]]
) -> Value | None:
    """The list that `value` is the elements of, joined by `delimiter`; None where that is not known.

    `lists`: what texts were joined from. A text with unknown parts is split where it is written if none of
    them can hold the delimiter. Lists of names and IDs are joined by commas and the like, which neither
    contains. What stands for a list in the middle comes last, as `rest`.
    """
    if isinstance(value, Unknown):
        joined_by, found = lists.get(value.symbol, ("", value))
        if joined_by != delimiter:
            return None
        return stand(found, value.origin) if value.origin is not None else found
    elements: list[list[Part]] = [[]]
    for part in value.parts:
        if isinstance(part, Unknown):
            if part.symbol in lists:
                if lists[part.symbol][0] != delimiter:
                    return None
            elif _may_hold(part.symbol, delimiter):
                return None
            elements[-1].append(part)
            continue
        first, *others = part.split(delimiter)
        elements[-1].append(first)
        elements += ([other] for other in others)
    singles: list[list[Part]] = []
    wholes: list[Unknown] = []
    for element in elements:
        written = [part for part in element if part != ""]
        joined = [part for part in written if isinstance(part, Unknown) and part.symbol in lists]
        if not joined:
            singles.append(element)
        elif len(written) > 1:
            return None
        else:
            wholes.append(lists[joined[0].symbol][1])
    values = [_element(element, value.origin) for element in singles]
    return ListValue(values, value.origin, _one_of_all(wholes) if wholes else None)


def _one_of_all(lists: Sequence[Unknown]) -> Unknown:
    if len(lists) == 1:
        return lists[0]
    symbol = symbol_of(" and ".join(each.symbol.text for each in lists))
    references = NO_REFERENCES.union(*(each.all_references() for each in lists))
    return Unknown(symbol, lists[0].reason, lists[0].origin, references)


_SEPARATORS = (",", ";", "|")
_IDENTIFIER = re.compile(r"[\w+=.@/:*-]*")
_IDENTIFYING = re.compile(r"(Ref|Arn|ARN|Id|ID|Name|Address|Port)\Z")
_PSEUDO = re.compile(r"(.*/)?AWS::(AccountId|Partition|Region)\Z")


def _may_hold(symbol: Symbol, delimiter: str) -> bool:
    """Whether what `symbol` stands for may contain `delimiter`: names, IDs and ARNs are made of few signs."""
    if delimiter.strip() in _SEPARATORS:
        return False
    attribute = symbol.attribute or ""
    if symbol.resource is not None and _IDENTIFYING.search(attribute) is not None:
        return attribute.startswith("Outputs.") or _IDENTIFIER.fullmatch(delimiter) is not None
    return _PSEUDO.match(symbol.text) is None or re.fullmatch(r"[\w-]*", delimiter) is not None


def _element(parts: list[Part], origin: Origin | None) -> Value:
    found = join_parts(parts, origin)
    return stand(found, origin) if origin is not None else found


def with_bindings(text: str, bindings: Mapping[str, Value]) -> str:
    """`text` with the variables of loops, `${Variable}` or, without what a logical ID may not
    contain, `&{Variable}`."""

    def value(found: re.Match[str]) -> str:
        bound = bindings.get(found[1])
        if not isinstance(bound, Known):
            return found[0]
        data = scalar_text(bound.data)
        return re.sub(r"[^A-Za-z0-9]", "", data) if found[0][0] == "&" else data

    return _VARIABLE.sub(value, text)


def literal(text: str, origin: Origin | None) -> Value:
    """A string that stands in the template as it is."""
    if "{{resolve:" not in text:
        return Known(text, origin)
    value = join_parts((text,))
    return value if origin is None else stand(value, origin)


def stand(value: Value, origin: Origin) -> Value:
    """`value` where it now stands; the way it came, `value.origin`, should be behind `origin`."""
    if isinstance(value, Known):
        return Known(value.data, origin, value.references)
    if isinstance(value, Unknown):
        return Unknown(value.symbol, value.reason, origin, value.references, value.never_null)
    if isinstance(value, Text):
        return Text(value.parts, origin)
    return value


def distribute(
    values: Sequence[Value], compute: Callable[[Sequence[Value]], Value], under: Guard = Guard.ALWAYS
) -> Value:
    """`compute` over values none of which is a choice, for every way the choices among `values`
    can fall while `under` holds. Choices beyond `MAX_WAYS` count as unknown."""
    if not any(isinstance(value, Choice) for value in values):
        return compute(values)
    ways = MAX_WAYS
    atoms: dict[Guard, frozenset[str]] = {}
    unknowns: dict[int, Unknown] = {}

    def atoms_of(guard: Guard) -> frozenset[str]:
        found = atoms.get(guard)
        if found is None:
            found = atoms[guard] = frozenset(guard.atoms())
        return found

    def given_up_once(value: Choice) -> Unknown:
        found = unknowns[id(value)] = given_up(value)
        return found

    def fall(at: list[Value], index: int, under: Guard) -> Value:
        nonlocal ways
        settled_atoms = atoms_of(under)
        while index < len(at):
            value = at[index]
            if not isinstance(value, Choice):
                index += 1
                continue
            # A guard of other atoms is not settled: no need to combine the two.
            related = not settled_atoms.isdisjoint(atoms_of(value.guard))
            if related and under.implies(value.guard):
                at[index] = value.if_true
            elif related and (under & value.guard).is_never:
                at[index] = value.if_false
            elif is_assumption(value.guard):
                # All defaults or none: combinations of some with others tell little.
                assuming = Guard.ALWAYS
                other = at.copy()
                for place in range(index, len(at)):
                    choice = at[place]
                    if isinstance(choice, Choice) and is_assumption(choice.guard):
                        assuming = assuming & choice.guard
                        at[place], other[place] = choice.if_true, choice.if_false
                if_true = fall(at, index, under & assuming)
                return choose(assuming, if_true, fall(other, index, under & ~assuming), value.origin)
            elif ways <= 1:
                at[index] = unknowns.get(id(value)) or given_up_once(value)
            else:
                ways -= 1
                other = at.copy()
                at[index], other[index] = value.if_true, value.if_false
                if_true = fall(at, index, under & value.guard)
                return choose(value.guard, if_true, fall(other, index, under & ~value.guard), value.origin)
        return compute(at)

    return fall(list(values), 0, under)


def given_up(value: Choice) -> Unknown:
    """A choice as one unknown value."""
    atoms = ", ".join(value.guard.atoms())
    symbol = Symbol(f"one of several values, depending on {atoms} #{_digest(repr(value))}")
    references = value.all_references()
    return Unknown(symbol, Reason.UNSUPPORTED, value.origin, references | {symbol})


def _without_dynamic_references(parts: list[Part]) -> list[Part]:
    unknowns = [part for part in parts if isinstance(part, Unknown)]
    numbers = iter(range(len(unknowns)))
    text = "".join(p if isinstance(p, str) else f"\ufdd0{next(numbers)}\ufdd1" for p in parts)
    found: list[Part] = []
    at = 0
    for reference in _DYNAMIC.finditer(text):
        found += _filled(text[at : reference.start()], unknowns)
        inside = _filled(reference[0], unknowns)
        symbol = symbol_of(display_parts(inside))
        references = NO_REFERENCES.union(
            {symbol}, *(part.references for part in inside if isinstance(part, Unknown))
        )
        found.append(Unknown(symbol, Reason.DATA, None, references, never_null=True))
        at = reference.end()
    return found + _filled(text[at:], unknowns)


def _filled(text: str, unknowns: list[Unknown]) -> list[Part]:
    pieces = _HOLE.split(text)
    return [
        unknowns[int(piece)] if index % 2 else piece
        for index, piece in enumerate(pieces)
        if index % 2 or piece
    ]
