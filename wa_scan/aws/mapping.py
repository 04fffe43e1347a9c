"""From the arguments of one source block to canonical properties, as the table says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from wa_scan.aws.coercion import coerced
from wa_scan.aws.documents import parse_document
from wa_scan.aws.merging import is_nothing, put
from wa_scan.aws.reshape import reshape
from wa_scan.aws.schemas import ANY, Kind, Node
from wa_scan.values import (
    Absent,
    Choice,
    Known,
    ListValue,
    MapValue,
    Origin,
    Text,
    Unknown,
    Value,
    choose,
    known,
)

# Arguments that configure the provider, not the resource.
_NOT_SETTINGS = frozenset({"id", "tags_all", "timeouts", "region", "expected_bucket_owner"})

_PREFIXED = frozenset({"name", "description", "type"})

# A step of a target: a property, or one element of a list (`[KeyType=HASH]`, `[0]`).
_STEP = re.compile(r"[^.\[]+|\[[^\]]+\]")

Path = tuple[str, ...]
Rows = Mapping[str, str | list[str] | None]


@dataclass(frozen=True, slots=True)
class Target:
    """Where an attribute lands. `path`: from the enclosing element; `appends`: to the list there.

    `node`: what the registry has there (for `appends`, of one element). `block`: how the attribute's
    own nested attributes are mapped. `reshapings`: names with their arguments, in order.
    """

    path: Path
    node: Node
    block: "BlockRule"
    appends: bool = False
    reshapings: tuple[tuple[str, tuple[str, ...]], ...] = ()


class BlockRule:
    """How the attributes of one kind of block are mapped; targets are found once and kept.

    `node`: the registry's object that the block (one element of it) becomes. `base`: where in it attributes
    without a row land. `exact`: names are the registry's own already, and unknown ones are kept.
    """

    def __init__(
        self,
        node: Node,
        rows: Rows,
        prefix: str = "",
        base: Path = (),
        constants: Mapping[str, object] | None = None,
        skipped: frozenset[str] = frozenset(),
        exact: bool = False,
        numbers: frozenset[str] = frozenset(),
        place: str = "",
        noun: str = "",
    ) -> None:
        self.node = node
        self.rows = rows
        self.prefix = prefix
        self.base = base
        self.constants = constants or {}
        self.skipped = skipped
        self.exact = exact
        self.numbers = numbers
        self.place = place
        # `name` of a table is its `TableName` in many types.
        self.noun = noun
        self._targets: dict[str, tuple[Target, ...]] = {}
        # The lists of which single elements are written, `KeySchema[KeyType=HASH].AttributeName`.
        self.gathered: set[Path] = set()

    def targets(self, attribute: str) -> tuple[Target, ...]:
        """Where `attribute` lands; nowhere if it is no setting."""
        try:
            return self._targets[attribute]
        except KeyError:
            found = self._targets[attribute] = self._find(attribute)
            return found

    def _find(self, attribute: str) -> tuple[Target, ...]:
        if attribute in self.skipped:
            return ()
        if self.exact:
            return (self._made((attribute,), attribute),)
        full = f"{self.prefix}{attribute}"
        if full in self.rows:
            written = self.rows[full]
        elif f"**.{attribute}" in self.rows:
            written = self.rows[f"**.{attribute}"]
        else:
            home = self.node.at(self.base)
            name = home.match(attribute)
            if name is None and not self.prefix and attribute in _PREFIXED:
                name = home.match(self.noun + attribute)
            if name is not None:
                return (self._made((*self.base, name), attribute),)
            written = None
        if written is None:
            return self._elsewhere(attribute)
        places = [written] if isinstance(written, str) else written
        return tuple(self._written(place, attribute) for place in places)

    def _elsewhere(self, attribute: str) -> tuple[Target, ...]:
        if not self.prefix and attribute in _NOT_SETTINGS:
            return ()
        return (Target(("Extra", "Unmapped", attribute), ANY, BlockRule(ANY, {}, exact=True)),)

    def _written(self, written: str, attribute: str) -> Target:
        words = [part.strip() for part in written.split("|")]
        place, calls = words[0], tuple(_call(part) for part in words[1:])
        absolute = place.startswith("/")
        place = place.removeprefix("/")
        outer, appends, inner = place.partition("[]")
        path = () if outer in ("", ".") else tuple(_STEP.findall(outer))
        if not absolute:
            path = (*self.base, *path)
        for depth, step in enumerate(path):
            if step.startswith("["):
                self.gathered.add(path[:depth])
        below = inner.strip(".")
        return self._made(path, attribute, bool(appends), tuple(below.split(".")) if below else (), calls)

    def _made(
        self,
        path: Path,
        attribute: str,
        appends: bool = False,
        inner: Path = (),
        reshapings: tuple[tuple[str, tuple[str, ...]], ...] = (),
    ) -> Target:
        named = tuple(step for step in path if not step.startswith("["))
        node = self.node.at(named)
        place = ".".join((self.place, *named)).strip(".")
        if appends and node.kind is Kind.LIST:
            node = node.item
        below = node
        while below.kind in (Kind.LIST, Kind.MAP):
            below, place = below.item, place + "[]"
        if below.kind is Kind.STRING and place in self.numbers:
            node = Node(Kind.NUMBER)
        block = BlockRule(
            below,
            self.rows,
            f"{self.prefix}{attribute}.",
            inner,
            exact=self.exact,
            numbers=self.numbers,
            place=place,
        )
        return Target(path, node, block, appends, reshapings)


def _call(text: str) -> tuple[str, tuple[str, ...]]:
    name, *arguments = text.split()
    return name, tuple(arguments)


# Lists and maps by themselves and what they were shaped for, kept so that the ids stay their own.
Shaped = dict[tuple[int, int], tuple[Value, Target, Value]]


def map_block(body: MapValue, rule: BlockRule, shaped: Shaped | None = None) -> MapValue:
    """The canonical object that the block `body` becomes. `shaped`: of other bodies, which may have
    arguments in common with this one."""
    entries: dict[str, Value] = {}
    for path, constant in rule.constants.items():
        put(entries, tuple(path.split(".")), known(constant, body.origin), body.origin)
    for name, value in body.entries.items():
        if not isinstance(value, Absent):
            for target in rule.targets(name):
                _land(entries, value, target, body.origin, shaped)
    for place in rule.gathered:
        _gather(entries, place)
    return MapValue(entries, body.origin, body.rest, body.references)


def _gather(entries: dict[str, Value], path: Path) -> None:
    """Makes a list of what was put at `path` by element: an element is left out where nothing is in it."""
    written = entries.get(path[0])
    if not isinstance(written, MapValue):
        return
    if len(path) > 1:
        inner = dict(written.entries)
        _gather(inner, path[1:])
        entries[path[0]] = MapValue(inner, written.origin, written.rest, written.references)
        return
    elements: list[Value] = []
    for selector, element in sorted(written.entries.items(), key=lambda entry: entry[0]):
        if not isinstance(element, MapValue) or all(is_nothing(item) for item in element.entries.values()):
            continue
        key, _, value = selector[1:-1].partition("=")
        constant = {key: Known(value, element.origin)} if value else {}
        elements.append(MapValue({**constant, **element.entries}, element.origin))
    if elements:
        entries[path[0]] = ListValue(elements, written.origin)
    else:
        del entries[path[0]]


def _land(
    entries: dict[str, Value], value: Value, target: Target, origin: Origin | None, shaped: Shaped | None
) -> None:
    if shaped is None or not isinstance(value, ListValue | MapValue):
        mapped = _mapped(value, target)
    else:
        same = (id(value), id(target))
        found = shaped.get(same)
        if found is None:
            found = shaped[same] = (value, target, _mapped(value, target))
        mapped = found[2]
    if target.path:
        put(entries, target.path, mapped, origin)
        return
    for key, item in _entries_of(mapped).items():
        put(entries, (key,), item, origin)


def _mapped(value: Value, target: Target) -> Value:
    for call, arguments in target.reshapings:
        value = reshape(value, call, arguments)
    mapped = shape(value, target.node, target.block, aslist=target.appends)
    return _as_list(mapped) if target.appends else mapped


def _as_list(value: Value) -> Value:
    if isinstance(value, ListValue) or is_nothing(value):
        return value
    return ListValue([value], value.origin)


def _entries_of(value: Value) -> Mapping[str, Value]:
    if isinstance(value, MapValue):
        return value.entries
    if isinstance(value, Choice):
        true, false = _entries_of(value.if_true), _entries_of(value.if_false)
        nothing = Known(None, value.origin)
        return {
            key: choose(value.guard, true.get(key, nothing), false.get(key, nothing), value.origin)
            for key in (*true, *(name for name in false if name not in true))
        }
    return {}


def shape(value: Value, node: Node, block: BlockRule, *, aslist: bool = False) -> Value:
    """`value` in the shape and scalar types that the registry has at `node`.

    `aslist`: it holds elements that are each like `node`, as blocks do that are appended to a list.
    """
    kind = node.kind
    if isinstance(value, Choice):
        true = shape(value.if_true, node, block, aslist=aslist)
        false = shape(value.if_false, node, block, aslist=aslist)
        if true is value.if_true and false is value.if_false:
            return value
        return choose(value.guard, true, false, value.origin)
    if isinstance(value, Unknown) or is_nothing(value):
        return value
    if aslist and isinstance(value, ListValue):
        return ListValue(
            [shape(element, node, block) for element in value.elements],
            value.origin,
            value.rest,
            value.references,
        )
    if kind is Kind.LIST:
        return _shaped_list(value, node, block)
    if kind is Kind.OBJECT:
        return _shaped_object(value, node, block)
    if kind is Kind.MAP:
        return _shaped_map(value, node, block)
    if kind is Kind.DOCUMENT:
        if isinstance(value, Known | Text):
            return parse_document(value)
        # A block without declared settings (`none {}`).
        return reshape(value, "first", ()) if _is_one_block(value) else value
    if kind is Kind.ANY and node is not ANY and isinstance(value, Known | Text):
        # A property of several kinds (a policy as an object or as text); below `Extra` texts stay texts.
        return parse_document(value)
    return coerced(value, kind)


def _is_one_block(value: Value) -> bool:
    return (
        isinstance(value, ListValue) and len(value.elements) == 1 and isinstance(value.elements[0], MapValue)
    )


def _shaped_list(value: Value, node: Node, block: BlockRule) -> Value:
    item = node.item
    if isinstance(value, ListValue):
        elements = [shape(element, item, block) for element in value.elements]
        if all(new is old for new, old in zip(elements, value.elements, strict=True)):
            return value
        return ListValue(elements, value.origin, value.rest, value.references)
    if isinstance(value, MapValue) and node.key_name is not None and not _is_key_value(value):
        key_name = node.key_name
        pairs = [
            MapValue({key_name: Known(key, item.origin), "Value": item}, item.origin)
            for key, item in value.entries.items()
        ]
        return ListValue(pairs, value.origin, value.rest, value.references)
    if isinstance(value, Known | Text):
        parsed = parse_document(value)
        if parsed is not value:
            return shape(parsed, node, BlockRule(block.node, {}, "document."))
    return ListValue([shape(value, item, block)], value.origin)


def _is_key_value(value: MapValue) -> bool:
    return any(key in value.entries for key in ("key", "Key", "value", "Value", "values"))


def _shaped_object(value: Value, node: Node, block: BlockRule) -> Value:
    if isinstance(value, MapValue):
        return map_block(value, block)
    if isinstance(value, ListValue):
        if not value.elements and value.rest is None:
            return Known(None, value.origin)
        return shape(reshape(value, "first", ()), node, block)
    parsed = parse_document(value)
    return value if parsed is value else shape(parsed, node, BlockRule(block.node, {}, "document."))


def _shaped_map(value: Value, node: Node, block: BlockRule) -> Value:
    if isinstance(value, ListValue) and value.elements:
        value = reshape(value, "first", ())
        return shape(value, node, block)
    if isinstance(value, MapValue):
        item = node.item
        if item.kind is Kind.ANY:
            return value
        return MapValue(
            {key: shape(part, item, block) for key, part in value.entries.items()},
            value.origin,
            value.rest,
            value.references,
        )
    return value
