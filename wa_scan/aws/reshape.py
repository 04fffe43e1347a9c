"""The named transformations that the mapping table may ask for.

Each takes a value and the words after its name in the table, and gives the reshaped value. They see
neither choices nor nulls nor unknown values: those are handled by `reshape` alike for all.
"""

from base64 import b64decode
from collections.abc import Callable, Sequence

from wa_scan.aws.documents import parse_document, parse_yaml
from wa_scan.values import Absent, Choice, Guard, Known, ListValue, MapValue, Scalar, Unknown, Value, choose

Reshaping = Callable[[Value, Sequence[str]], Value]


class UnknownReshapingError(KeyError):
    """The table names a transformation that is not here."""


def reshape(value: Value, name: str, arguments: Sequence[str]) -> Value:
    """`value` transformed by the transformation called `name`; nothing stays nothing."""
    try:
        transformation = RESHAPINGS[name]
    except KeyError:
        raise UnknownReshapingError(name) from None
    return _over(value, lambda leaf: transformation(leaf, arguments), name in _TAKE_UNKNOWN)


def _over(value: Value, transform: Callable[[Value], Value], unknown_too: bool) -> Value:
    if isinstance(value, Choice):
        return choose(
            value.guard,
            _over(value.if_true, transform, unknown_too),
            _over(value.if_false, transform, unknown_too),
            value.origin,
        )
    if isinstance(value, Absent) or (isinstance(value, Known) and value.data is None):
        return value
    if isinstance(value, Unknown) and not unknown_too:
        return value
    return transform(value)


def _flag(value: Value, arguments: Sequence[str]) -> Value:
    """A boolean as one of two words: `flag Enabled Suspended`; `~` stands for nothing."""
    holds = _boolean(value)
    if holds is None:
        return value
    word = arguments[0] if holds else arguments[1]
    return Known(None if word == "~" else word, value.origin, value.references)


def _is(value: Value, arguments: Sequence[str]) -> Value:
    """Whether a word is one of the given ones, as a boolean: `is ENABLED`."""
    data = value.scalar
    if isinstance(data, bool):
        data = "true" if data else "false"
    if not isinstance(data, str | int | float):
        return value
    return Known(str(data) in arguments, value.origin, value.references)


def _only_true(value: Value, arguments: Sequence[str]) -> Value:
    """A flag that says nothing where it is off."""
    return Known(None, value.origin, value.references) if _boolean(value) is False else value


def _negate(value: Value, arguments: Sequence[str]) -> Value:
    holds = _boolean(value)
    return value if holds is None else Known(not holds, value.origin, value.references)


def _boolean(value: Value) -> bool | None:
    data = value.scalar
    if isinstance(data, bool):
        return data
    if isinstance(data, str) and data.lower() in ("true", "false"):
        return data.lower() == "true"
    return None


def _words(value: Value, arguments: Sequence[str]) -> Value:
    """Other words for the same thing: `words HTTP=http HTTPS=https`; others stay."""
    table = dict(word.split("=", 1) for word in arguments)
    data = value.scalar
    if isinstance(data, bool):
        data = "true" if data else "false"
    if isinstance(data, str) and data in table:
        return Known(table[data], value.origin, value.references)
    return value


def _list(value: Value, arguments: Sequence[str]) -> Value:
    """One thing as a list of it."""
    return value if isinstance(value, ListValue) else ListValue([value], value.origin)


def _first(value: Value, arguments: Sequence[str]) -> Value:
    """The one thing in a list."""
    if not isinstance(value, ListValue):
        return value
    found: Value = value.rest if value.rest is not None else Known(None, value.origin)
    for item, guard in reversed(list(ListValue(value.elements).items())):
        found = choose(guard, item, found, value.origin)
    return found


def _pick(value: Value, arguments: Sequence[str]) -> Value:
    """What one key of a block holds: `pick name`."""
    return _first(value, ()).get(arguments[0])


def _each_pick(value: Value, arguments: Sequence[str]) -> Value:
    """What one key of each block of a list holds: `each_pick name`."""
    blocks = value if isinstance(value, ListValue) else ListValue([value], value.origin)
    picked = [
        choose(guard, block.get(arguments[0]), _NOTHING)
        for block, guard in ListValue(blocks.elements).items()
    ]
    return ListValue(picked, value.origin, blocks.rest)


def _json(value: Value, arguments: Sequence[str]) -> Value:
    return parse_document(value)


def _yaml(value: Value, arguments: Sequence[str]) -> Value:
    return parse_yaml(value)


def _settings(value: Value, arguments: Sequence[str]) -> Value:
    """A list of `{Key, Value}` (or other names) as a map, dots in keys making maps within."""
    key_name, value_name = arguments if arguments else ("Key", "Value")
    if not isinstance(value, ListValue):
        return value
    entries: dict[str, Value] = {}
    rest = value.rest
    for element, guard in ListValue(value.elements).items():
        key = element.get(key_name).text
        if key is None:
            if isinstance(element, Unknown):
                rest = element
            continue
        place(entries, tuple(key.split(".")), choose(guard, _typed(element.get(value_name)), _NOTHING))
    return MapValue(_frozen(entries, value), value.origin, rest)


def _pairs(value: Value, arguments: Sequence[str]) -> Value:
    """A list of `{Key, Value}` under the given names as a map; elements without a value are left out."""
    key_name, value_name = arguments
    if not isinstance(value, ListValue):
        return value
    entries: dict[str, Value] = {}
    rest = value.rest
    for element, guard in ListValue(value.elements).items():
        key, item = element.get(key_name).text, element.get(value_name)
        if key is not None and not isinstance(item, Absent):
            entries[key] = choose(guard, item, _NOTHING)
        elif isinstance(element, Unknown):
            rest = element
    return MapValue(entries, value.origin, rest, value.references)


def place(entries: dict[str, Value], path: tuple[str, ...], value: Value) -> None:
    """Puts `value` at `path` into nested maps, made on the way."""
    key, *below = path
    if not below:
        entries[key] = value
        return
    inner = entries.get(key)
    inner_entries = dict(inner.entries) if isinstance(inner, MapValue) else {}
    place(inner_entries, tuple(below), value)
    entries[key] = MapValue(inner_entries, inner.origin if inner is not None else None)


def _frozen(entries: dict[str, Value], container: Value) -> dict[str, Value]:
    return {
        key: MapValue(_frozen(dict(item.entries), container), container.origin)
        if isinstance(item, MapValue) and item.origin is None
        else item
        for key, item in entries.items()
    }


def _typed(value: Value) -> Value:
    """Settings are written as text whatever they are: `"true"` is true, `"60"` is 60."""
    if isinstance(value, Choice):
        return choose(value.guard, _typed(value.if_true), _typed(value.if_false), value.origin)
    data = value.scalar
    if isinstance(value, Known) and isinstance(data, str):
        found: Scalar = data
        if data in ("true", "false"):
            found = data == "true"
        elif data.isascii() and data.isdigit() and len(data) < 16:
            found = int(data)
        return Known(found, value.origin, value.references)
    return value


def _one_per(value: Value, arguments: Sequence[str]) -> Value:
    """Blocks with lists as blocks with one thing each: `one_per cidr_blocks ipv6_cidr_blocks`.

    Each block becomes as many as its lists have elements together; a flag counts where it is true.
    """
    blocks = value if isinstance(value, ListValue) else ListValue([value], value.origin)
    found: list[Value] = []
    for block, guard in ListValue(blocks.elements).items():
        for part, inner in _split(block, arguments):
            found.append(choose(guard & inner, part, _NOTHING))
    return ListValue(found, value.origin, blocks.rest)


def _split(block: Value, names: Sequence[str]) -> list[tuple[Value, Guard]]:
    if not isinstance(block, MapValue):
        return [(block, Guard.ALWAYS)]
    shared = {name: item for name, item in block.entries.items() if name not in names}
    found: list[tuple[Value, Guard]] = []
    for name in names:
        if name not in block.entries:
            continue
        for item, guard in block.entries[name].items():
            if (isinstance(item, Known) and item.data is False) or item.is_set().is_surely_false:
                continue
            found.append((MapValue({**shared, name: item}, block.origin, block.rest), guard))
    return found or [(block, Guard.ALWAYS)]


def _as(value: Value, arguments: Sequence[str]) -> Value:
    """One thing as a map that holds it: `as CertificateArn`."""
    return MapValue({arguments[0]: value}, value.origin)


def _each_as(value: Value, arguments: Sequence[str]) -> Value:
    """Each element of a list as a map that holds it: `each_as Address`; with more to stand beside it:
    `each_as Address SubscriptionType=EMAIL`."""
    elements = value if isinstance(value, ListValue) else ListValue([value], value.origin)
    name, *more = arguments
    beside: dict[str, Value] = {
        key: Known(word, value.origin) for key, _, word in (pair.partition("=") for pair in more)
    }
    made: list[Value] = [
        choose(guard, MapValue({name: item, **beside}, item.origin or value.origin), _NOTHING)
        for item, guard in ListValue(elements.elements).items()
    ]
    return ListValue(made, value.origin, elements.rest)


def _keyed(value: Value, arguments: Sequence[str]) -> Value:
    """Blocks that name themselves as a map by that name: `keyed log_type`."""
    if not isinstance(value, ListValue):
        return value
    entries: dict[str, Value] = {}
    rest = value.rest
    for element, guard in ListValue(value.elements).items():
        data = element.get(arguments[0]).scalar
        key = str(data) if isinstance(data, str | int) else None
        if key is not None:
            entries[key] = choose(guard, element, entries.get(key, _NOTHING))
        elif isinstance(element, Unknown):
            rest = element
    return MapValue(entries, value.origin, rest)


def _constant(value: Value, arguments: Sequence[str]) -> Value:
    """That the attribute is there says something else too: `constant VPC`."""
    if isinstance(value, Unknown) and not value.never_null:
        return value
    return Known(" ".join(arguments), value.origin)


def _base64(value: Value, arguments: Sequence[str]) -> Value:
    """Text that may be in base 64, readable; what is not stays as it is."""
    data = value.text
    if data is None or len(data) < 8 or len(data) % 4:
        return value
    try:
        decoded = b64decode(data, validate=True).decode("utf-8")
    except ValueError:
        return value
    return Known(decoded, value.origin, value.references)


def _arn_name(value: Value, arguments: Sequence[str]) -> Value:
    """The last part of a known ARN."""
    data = value.text
    if data is None or not data.startswith("arn:"):
        return value
    return Known(data.rsplit(":", 1)[-1].rsplit("/", 1)[-1], value.origin, value.references)


_NOTHING = Known(None)
_TAKE_UNKNOWN = frozenset({"list", "as", "constant"})

RESHAPINGS: dict[str, Reshaping] = {
    "flag": _flag,
    "is": _is,
    "not": _negate,
    "only_true": _only_true,
    "words": _words,
    "list": _list,
    "first": _first,
    "pick": _pick,
    "each_pick": _each_pick,
    "json": _json,
    "yaml": _yaml,
    "settings": _settings,
    "pairs": _pairs,
    "one_per": _one_per,
    "arn_name": _arn_name,
    "as": _as,
    "each_as": _each_as,
    "keyed": _keyed,
    "constant": _constant,
    "base64": _base64,
}
