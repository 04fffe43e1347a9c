"""Block bodies: their attributes, nested blocks and `dynamic` blocks, evaluated."""

from collections.abc import Callable, Iterator, Mapping
from copy import copy

from wa_scan.terraform.choices import restrict
from wa_scan.terraform.dispatch import evaluate
from wa_scan.terraform.entries import value_or_entries
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.iteration import pairs
from wa_scan.terraform.references import iterator_name
from wa_scan.terraform.scope import Scope
from wa_scan.terraform.symbolic import attribute_symbol, index_symbol, open_object, unknown
from wa_scan.terraform.syntax import Attribute, Block, Body
from wa_scan.terraform.types import DYNAMIC, MapType, SetType
from wa_scan.terraform.values import ChoiceData, TfValue, UnknownData, object_of, string, tuple_of
from wa_scan.values import Guard, Location, Origin, Symbol
from wa_scan.values.kinds import Reason

# Called with an error and the place it is about; what it concerns becomes unknown.
Report = Callable[[EvaluationError, Location], None]

# What a nested block takes compared with an element of a `for`: it is evaluated, mapped and judged.
_STEPS_OF_A_BLOCK = 20


class EvaluatedBody:
    """`attributes` by name, their origin being the whole attribute; `blocks` by type."""

    __slots__ = ("attributes", "blocks", "header")

    def __init__(
        self,
        header: Location,
        attributes: dict[str, TfValue],
        blocks: "dict[str, BlockList]",
    ) -> None:
        self.header = header
        self.attributes = attributes
        self.blocks = blocks


class BlockList:
    """The nested blocks of one type, each with the guard under which it is there. `rest` stands for
    blocks of which it is not known how many there are.
    """

    __slots__ = ("elements", "rest")

    def __init__(self) -> None:
        self.elements: list[tuple[EvaluatedBody, Guard]] = []
        self.rest: TfValue | None = None


def evaluate_attribute(attribute: Attribute, scope: Scope, report: Report) -> TfValue:
    """The value of an attribute; unknown, and reported, where Terraform refuses it."""
    name = attribute.name
    text = f"{scope.place}.{name}" if scope.place else name
    value = value_or_entries(attribute.value, scope, report, text)
    origin = Origin(attribute.location, f"attribute {name}", value.origin)
    return TfValue(value.type, value.data, value.marks, origin)


def evaluate_body(
    body: Body,
    header: Location,
    scope: Scope,
    report: Report,
    skipped: frozenset[str] = frozenset(),
) -> EvaluatedBody:
    """`body` without the attributes and blocks named in `skipped`."""
    attributes = {
        name: evaluate_attribute(attribute, scope, report)
        for name, attribute in body.attributes.items()
        if name not in skipped
    }
    made = EvaluatedBody(header, attributes, {})
    for block in body.blocks:
        if block.type not in skipped:
            add_block(made.blocks, block, scope, report)
    return made


def add_block(
    blocks: dict[str, BlockList],
    block: Block,
    scope: Scope,
    report: Report,
    guard: Guard = Guard.ALWAYS,
) -> None:
    """Evaluates a nested block, or all that a `dynamic` block stands for, into `blocks`."""
    if block.type == "dynamic" and len(block.labels) == 1:
        _add_dynamic(blocks, block, scope, report, guard)
        return
    made = evaluate_body(block.body, block.header, scope, report)
    for at, label in enumerate(block.labels):
        place = block.label_locations[at] if at < len(block.label_locations) else block.header
        _add_label(made, at, string(label, Origin(place, "label")))
    blocks.setdefault(block.type, BlockList()).elements.append((made, guard))


def _add_label(body: EvaluatedBody, at: int, label: TfValue) -> None:
    """Labels of nested blocks are rare (`provisioner`, `backend`), and their first one is a type."""
    body.attributes.setdefault("type" if at == 0 else f"label_{at}", label)


def _add_dynamic(
    blocks: dict[str, BlockList], block: Block, scope: Scope, report: Report, guard: Guard
) -> None:
    kind = block.labels[0]
    target = blocks.setdefault(kind, BlockList())
    for_each = block.body.attributes.get("for_each")
    content = next((inner for inner in block.body.blocks if inner.type == "content"), None)
    if for_each is None or content is None:
        missing = '"for_each"' if for_each is None else 'a "content" block'
        report(EvaluationError(f"a dynamic block needs {missing}", block.header), block.header)
        return
    name = iterator_name(block.body, kind)
    try:
        collection = evaluate(for_each.value, scope)
        members = list(_members(collection, guard, for_each))
        scope.module.spend(len(members) * _STEPS_OF_A_BLOCK)
    except EvaluationError as error:
        report(error, for_each.value.location)
        target.rest = unknown(_place(scope, kind), Reason.ERROR)
        return
    for key, value, when, is_rest in members:
        inner = scope.with_names({name: object_of({"key": key, "value": value})})
        report_it = report if when.is_always else _under(when, report)
        made = evaluate_body(content.body, content.header, inner, report_it)
        labels = block.body.attributes.get("labels")
        if labels is not None:
            given_labels = evaluate_attribute(labels, inner, report_it).data
            if isinstance(given_labels, tuple):
                for at, label in enumerate(given_labels):
                    _add_label(made, at, label)
        target.elements.append((made, when))
        if is_rest and isinstance(value.data, UnknownData):
            target.rest = unknown(_place(scope, kind), value.data.reason)


def _under(when: Guard, report: Report) -> Report:
    """`report` for what is evaluated only `when` something unknown holds."""

    def weakened(error: EvaluationError, location: Location) -> None:
        # The error itself may be raised again where it is evaluated anyway.
        error = copy(error)
        error.when = error.when & when
        report(error, location)

    return weakened


def _place(scope: Scope, kind: str) -> str:
    return f"{scope.place}.{kind}" if scope.place else kind


def _members(
    collection: TfValue, guard: Guard, for_each: Attribute
) -> Iterator[tuple[TfValue, TfValue, Guard, bool]]:
    """Key, value, guard, and whether it stands for an unknown number of such members."""
    data = collection.data
    if isinstance(data, ChoiceData):
        for side, when in ((data.if_true, data.guard), (data.if_false, ~data.guard)):
            both = guard & when
            if not both.is_never:
                yield from _members(side, both, for_each)
    elif isinstance(data, UnknownData):
        text = data.symbol.text
        # Only the text: it is one of several elements, not the thing itself.
        element = collection.type.element if isinstance(collection.type, SetType | MapType) else DYNAMIC
        key = unknown(f"{text}[*].key", data.reason)
        symbol = index_symbol(data.symbol, 0)
        some = Symbol(f"{text}[*]", symbol.resource, symbol.attribute)
        value = unknown(some, data.reason, element, origin=collection.origin)
        yield key, value, guard & Guard.of(f"length({text}) > 0"), True
    elif data is None:
        raise EvaluationError('"for_each" of a dynamic block is null', for_each.value.location)
    elif isinstance(data, dict | tuple):
        for key, value in pairs(collection):
            yield key, value, guard, False
    else:
        raise EvaluationError('"for_each" of a dynamic block must be a collection', for_each.value.location)


def given(body: EvaluatedBody, when: Guard) -> EvaluatedBody:
    """`body` where `when` holds: choices and blocks that it rules out are left out."""
    if when.is_always:
        return body
    attributes = {}
    for name, value in body.attributes.items():
        if isinstance(value.data, ChoiceData):
            value = restrict(value, when).with_origin(value.origin)
        attributes[name] = value
    blocks = {}
    for kind, before in body.blocks.items():
        blocks[kind] = after = BlockList()
        after.rest = before.rest
        for inner, guard in before.elements:
            both = guard & when
            if not both.is_never:
                after.elements.append((given(inner, both), Guard.ALWAYS if when.implies(guard) else guard))
    return EvaluatedBody(body.header, attributes, blocks)


def open_attributes(body: EvaluatedBody, symbol: Symbol) -> Mapping[str, TfValue]:
    """What a reference to the block finds: attributes, and nested blocks as lists of objects."""
    if not body.blocks:
        return body.attributes
    found = dict(body.attributes)
    for kind, blocks in body.blocks.items():
        own = attribute_symbol(symbol, kind)
        if blocks.rest is not None or any(not guard.is_always for _, guard in blocks.elements):
            continue
        found[kind] = tuple_of(
            open_object(
                index_symbol(own, at),
                attributes=open_attributes(inner, index_symbol(own, at)),
                origin=Origin(inner.header, f"block {kind}"),
            )
            for at, (inner, _) in enumerate(blocks.elements)
        )
    return found
