"""`count` and `for_each`: which instances a resource or module call has, and when."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from wa_scan.terraform.choices import alternatives, choose
from wa_scan.terraform.convert import convert
from wa_scan.terraform.dispatch import evaluate
from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.scope import NOTHING, Scope
from wa_scan.terraform.symbolic import OpenData, RepeatedData, index_symbol, open_object, unknown
from wa_scan.terraform.symbols import bounded
from wa_scan.terraform.syntax import Attribute, Body
from wa_scan.terraform.types import DYNAMIC, NUMBER, STRING, MapType, ObjectType, SetType
from wa_scan.terraform.values import (
    ChoiceData,
    Mark,
    TfValue,
    UnknownData,
    number,
    object_of,
    string,
)
from wa_scan.values import Guard, Symbol

MOST_INSTANCES = 10_000


class Repetition(Enum):
    """How a block is repeated; it decides what a reference to it gives."""

    SINGLE = "single"
    COUNT = "count"
    FOR_EACH = "for_each"


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A key that is not known. `stands_for_all`: for all keys there are, printed as `[*]`; else it is one
    member of a set, printed as its symbol.
    """

    symbol: Symbol
    stands_for_all: bool = True


Key = int | str | UnknownKey | None


@dataclass(frozen=True, slots=True)
class Instance:
    """One repetition: its key (None for a block that is not repeated) and when it is there at all.

    `each`: key and value of an instance of `for_each`. `named`: `count` or `each` where neither tells.
    """

    key: Key
    exists: Guard = Guard.ALWAYS
    each: tuple[TfValue, TfValue] | None = None
    named: Mapping[str, TfValue] = field(default_factory=lambda: NOTHING)

    @property
    def names(self) -> Mapping[str, TfValue]:
        """`each` or `count`; made when asked for, since most of many instances are never asked again."""
        if self.each is not None:
            return {"each": object_of({"key": self.each[0], "value": self.each[1]})}
        if isinstance(self.key, int):
            return {"count": object_of({"index": number(self.key)})}
        return self.named

    @property
    def suffix(self) -> str:
        """What the address of the block gets, as Terraform prints it."""
        return key_suffix(self.key)


@dataclass(frozen=True, slots=True)
class Expansion:
    """`is_complete`: there are no further instances than these."""

    repetition: Repetition
    instances: tuple[Instance, ...]
    is_complete: bool = True


SINGLE = Expansion(Repetition.SINGLE, (Instance(None),))


def key_suffix(key: Key) -> str:
    """What the key of an instance adds to its address: `[0]`, `["a"]`, nothing for none."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    if isinstance(key, UnknownKey):
        return "[*]" if key.stands_for_all else f"[{key.symbol.text}]"
    escaped = key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    escaped = escaped.replace("\t", "\\t").replace("${", "$${").replace("%{", "%%{")
    return f'["{escaped}"]'


def some_instance(collection: tuple[TfValue, ...] | dict[str, TfValue], key: Symbol) -> TfValue | None:
    """The one of all instances of a resource whose key is not known; None for any other collection.

    Known are those of its attributes that do not differ.
    """
    pairs = collection.items() if isinstance(collection, dict) else enumerate(collection)
    address = ""
    first: OpenData | None = None
    shared: dict[str, TfValue] = {}
    for own, member in pairs:
        data = member.data
        if not isinstance(data, OpenData) or data.symbol.resource != data.symbol.text:
            return None
        at = data.symbol.text.removesuffix(key_suffix(own))
        if first is None:
            address, first, shared = at, data, dict(data.attributes)
        if at != address or at == data.symbol.text:
            return None
        shared = {name: value for name, value in shared.items() if data.attributes.get(name) is value}
    if first is None:
        return None
    symbol = Symbol(bounded(f"{address}[{key.text}]"), f"{address}[*]")
    return open_object(symbol, first.reason, shared)


def expand(body: Body, scope: Scope, address: str) -> Expansion:
    """The instances of the block with this body. Raises `EvaluationError` where Terraform refuses."""
    count = body.attributes.get("count")
    for_each = body.attributes.get("for_each")
    if count is not None and for_each is not None:
        raise EvaluationError('only one of "count" and "for_each" can be set', for_each.name_location)
    if count is not None:
        return _expand_count(count, scope, address)
    if for_each is not None:
        return _expand_for_each(for_each, scope, address)
    return SINGLE


def _expand_count(attribute: Attribute, scope: Scope, address: str) -> Expansion:
    value = evaluate(attribute.value, scope)
    _refuse_ephemeral(value, attribute, "count")
    _refuse_known_after_apply(value, attribute, "count")
    when: list[Guard] = []
    rest: list[Instance] = []
    for side, guard in alternatives(value):
        if side.data is None:
            if guard.is_always:
                raise EvaluationError('"count" is null', attribute.value.location)
            continue
        try:
            side = convert(side, NUMBER)
        except EvaluationError:
            raise EvaluationError('"count" must be a whole number', attribute.value.location) from None
        data = side.data
        if isinstance(data, UnknownData):
            rest.append(_unknown_count(data, guard, attribute, address))
            continue
        how_many = _whole(data, attribute)
        if how_many > MOST_INSTANCES:
            raise LimitReachedError(
                f'"count" is {how_many}, more than the {MOST_INSTANCES} instances that are looked at',
                attribute.value.location,
            )
        for at in range(how_many):
            if at < len(when):
                when[at] = when[at] | guard
            else:
                when.append(guard)
    instances = [Instance(at, guard) for at, guard in enumerate(when)]
    return Expansion(Repetition.COUNT, (*instances, *_merged(rest)), not rest)


def _whole(data: object, attribute: Attribute) -> int:
    from decimal import Decimal

    if isinstance(data, Decimal) and data.is_finite() and data == data.to_integral_value():
        data = int(data)
    if not isinstance(data, int) or isinstance(data, bool):
        raise EvaluationError('"count" must be a whole number', attribute.value.location)
    if data < 0:
        raise EvaluationError('"count" must not be negative', attribute.value.location)
    return data


def _unknown_count(data: UnknownData, guard: Guard, attribute: Attribute, address: str) -> Instance:
    names = {"count": object_of({"index": unknown(f"count.index of {address}", type=NUMBER)})}
    exists = guard & Guard.of(f"{data.symbol.text} > 0")
    return Instance(UnknownKey(data.symbol), exists, named=names)


def _refuse_ephemeral(value: TfValue, attribute: Attribute, name: str) -> None:
    if Mark.EPHEMERAL in value.marks:
        raise EvaluationError(f'"{name}" cannot be an ephemeral value', attribute.value.location)


def _refuse_known_after_apply(value: TfValue, attribute: Attribute, name: str) -> None:
    """Terraform wants instances known while planning. Only of its builtin resource does wa-scan know
    for sure that it is not.
    """
    if not isinstance(value.data, UnknownData | ChoiceData):
        return
    symbols = [mark for mark in value.marks if isinstance(mark, Symbol)]
    if isinstance(value.data, UnknownData):
        symbols.append(value.data.symbol)
    for symbol in symbols:
        if symbol.resource is not None and "terraform_data." in symbol.resource:
            raise EvaluationError(
                f'"{name}" depends on {symbol.text}, which is known only after apply',
                attribute.value.location,
            )


def _merged(instances: list[Instance]) -> list[Instance]:
    """One instance for each address, there when any of them is."""
    found: dict[str, Instance] = {}
    for instance in instances:
        before = found.get(instance.suffix)
        if before is None:
            found[instance.suffix] = instance
            continue
        names = {
            name: choose(before.exists, value, instance.names[name]) if name in instance.names else value
            for name, value in before.names.items()
        }
        found[instance.suffix] = Instance(before.key, before.exists | instance.exists, named=names)
    return list(found.values())


@dataclass(slots=True)
class _Entry:
    """An instance of `for_each` while its alternatives are gathered."""

    each_key: TfValue
    value: TfValue
    exists: Guard


def _expand_for_each(attribute: Attribute, scope: Scope, address: str) -> Expansion:
    value = evaluate(attribute.value, scope)
    if Mark.SENSITIVE in value.marks:
        raise EvaluationError('"for_each" cannot be a sensitive value', attribute.value.location)
    _refuse_ephemeral(value, attribute, "for_each")
    _refuse_known_after_apply(value, attribute, "for_each")
    entries: dict[str, _Entry] = {}
    rest: list[Instance] = []
    for side, guard in alternatives(value):
        data = side.data
        if data is None:
            if guard.is_always:
                raise EvaluationError('"for_each" is null', attribute.value.location)
            continue
        if isinstance(data, UnknownData):
            some = data.exists if isinstance(data, RepeatedData) else None
            exists = guard & (Guard.of(f"length({data.symbol.text}) > 0") if some is None else some)
            rest.append(_unknown_each(data.symbol, side, exists, address))
            continue
        if isinstance(data, dict) and isinstance(side.type, MapType | ObjectType):
            members = [(string(key), element) for key, element in data.items()]
        elif isinstance(data, tuple) and isinstance(side.type, SetType):
            members = [(element, element) for element in data]
        else:
            raise EvaluationError(
                '"for_each" must be a map, an object or a set of text', attribute.value.location
            )
        if len(entries) + len(members) > MOST_INSTANCES:
            raise LimitReachedError(
                f'"for_each" has more than the {MOST_INSTANCES} instances that are looked at',
                attribute.value.location,
            )
        for key, element in members:
            if isinstance(key.data, UnknownData | ChoiceData):
                rest += _unknown_member(key, guard, attribute)
            else:
                _add(entries, key, element, guard, attribute)
    instances = [
        Instance(key, entry.exists, (entry.each_key, entry.value)) for key, entry in sorted(entries.items())
    ]
    return Expansion(Repetition.FOR_EACH, (*instances, *_merged(rest)), not rest)


def _add(
    entries: dict[str, _Entry], key: TfValue, element: TfValue, guard: Guard, attribute: Attribute
) -> None:
    text = key.data
    if not isinstance(text, str):
        raise EvaluationError('the keys of "for_each" must be text', attribute.value.location)
    if Mark.SENSITIVE in key.marks:
        raise EvaluationError('the keys of "for_each" must not be sensitive', attribute.value.location)
    found = entries.get(text)
    if found is None:
        entries[text] = _Entry(key, element, guard)
        return
    if found.value is not element:
        type = element.type if element.type is found.value.type else DYNAMIC
        found.value = TfValue(type, ChoiceData(guard, element, found.value), element.marks, element.origin)
    found.exists = found.exists | guard


def _unknown_member(key: TfValue, guard: Guard, attribute: Attribute) -> Iterator[Instance]:
    """An element of a set that is not known, perhaps one of several."""
    for side, when in alternatives(key, guard):
        data = side.data
        if isinstance(data, UnknownData):
            _refuse_known_after_apply(side, attribute, "for_each")
            yield Instance(UnknownKey(data.symbol, stands_for_all=False), when, (side, side))
        elif isinstance(data, str):
            yield Instance(data, when, (side, side))


def _unknown_each(symbol: Symbol, source: TfValue, exists: Guard, address: str) -> Instance:
    key = unknown(f"each.key of {address}", type=STRING, never_null=True)
    if isinstance(source.type, SetType):
        value = key
    else:
        assert isinstance(source.data, UnknownData)
        member = source.data.under("each.key") if isinstance(source.data, RepeatedData) else None
        if member is not None:
            return Instance(UnknownKey(symbol), exists, (key, member))
        element = source.type.element if isinstance(source.type, MapType) else DYNAMIC
        anonymous = Symbol(index_symbol(symbol, 0).text[:-3] + "[each.key]")
        value = unknown(anonymous, source.data.reason, element, origin=source.origin)
    return Instance(UnknownKey(symbol), exists, (key, value))
