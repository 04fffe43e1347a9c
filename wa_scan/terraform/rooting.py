"""What is inside a collection stands where the collection is used."""

from wa_scan.values import Choice, Known, ListValue, MapValue, Origin, Text, Unknown, Value


def rooted(value: Value, root: Origin) -> Value:
    """`value` with everything in it that was written outside of `root` standing at `root`.

    `cidr_blocks = var.admin_cidrs`: the elements were written in a tfvars file, but a finding about one
    belongs to the attribute, whose origin tells the way from there. What was written inside the
    attribute keeps its own, narrower place, and what needs no change is not copied. The way of an
    element begins where it was written itself, not where the collection begins.
    """
    return _rooted(value, root, {})


def _rooted(value: Value, root: Origin, done: dict[int, Value]) -> Value:
    # What is shared is walked once: a value may be far larger written out than it is in memory.
    found = done.get(id(value))
    if found is None:
        found = done[id(value)] = _moved(value, root, done)
    return found


def _moved(value: Value, root: Origin, done: dict[int, Value]) -> Value:
    if isinstance(value, ListValue):
        elements = [_rooted(element, root, done) for element in value.elements]
        if all(new is old for new, old in zip(elements, value.elements, strict=True)):
            return value if _stands(value, root) else _list(value, value.elements, root)
        return _list(value, elements, root)
    if isinstance(value, MapValue):
        entries = {name: _rooted(entry, root, done) for name, entry in value.entries.items()}
        if _stands(value, root) and all(entries[name] is old for name, old in value.entries.items()):
            return value
        return MapValue(entries, _origin(value, root), value.rest, value.references)
    if _stands(value, root):
        return value
    origin = _origin(value, root)
    if isinstance(value, Known):
        return Known(value.data, origin, value.references)
    if isinstance(value, Unknown):
        return Unknown(value.symbol, value.reason, origin, value.references, value.never_null)
    if isinstance(value, Text):
        text = Text(value.parts, origin)
        text.references = value.references
        return text
    if isinstance(value, Choice):
        choice = Choice(value.guard, value.if_true, value.if_false, origin)
        choice.references = value.references
        return choice
    return value


def _list(value: ListValue, elements: "list[Value] | tuple[Value, ...]", root: Origin) -> ListValue:
    return ListValue(elements, _origin(value, root), value.rest, value.references)


def _origin(value: Value, root: Origin) -> Origin | None:
    return value.origin if value.origin is None or _stands(value, root) else _begun(value.origin, root)


def _begun(inner: Origin, root: Origin) -> Origin:
    """`root`, its first step (`local.tags`) narrowed to where `inner` was written if that is inside it."""
    way: list[Origin] = []
    at = root
    while at.previous is not None:
        way.append(at)
        at = at.previous
    if not way or at.location == inner.location or not at.location.contains(inner.location):
        return root
    found = Origin(inner.location, at.text, inner.previous)
    for step in reversed(way):
        found = Origin(step.location, step.text, found)
    return found


def _stands(value: Value, root: Origin) -> bool:
    return value.origin is None or root.location.contains(value.origin.location)
