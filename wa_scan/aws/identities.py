"""Which resource a value names: by reference, by name, or by ARN."""

import re
from collections.abc import Iterator, Mapping, Sequence

from wa_scan.aws.resources import Resource
from wa_scan.aws.table import Table
from wa_scan.blocks import Mode
from wa_scan.values import Guard, Known, ListValue, Symbol, Text, Unknown, Value

# An instance of a resource under some key, at the start of a symbol's text.
_ADDRESS = re.compile(r"((?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(?:data\.)?[a-z0-9]+_\w+\.[\w-]+)\[[^\]]*\]")
# A name, or something unknown that is the same wherever it stands.
_Key = str | Symbol | tuple[str | Symbol, ...]


class Identities:
    """The resources of one unit, found by what other resources call them."""

    def __init__(
        self,
        resources: Sequence[Resource],
        rows: Table,
        settings: Mapping[str, Sequence[tuple[Value, str]]] | None = None,
    ) -> None:
        """`settings`: for split settings by address, what names their owner and the owner's type."""
        self._settings = settings or {}
        self._by_address: dict[str, Resource] = {resource.address: resource for resource in resources}
        self._instances: dict[str, list[Resource]] = {}
        self._by_name: dict[tuple[str, _Key], list[Resource]] = {}
        for resource in resources:
            if resource.address.endswith("]"):
                self._instances.setdefault(without_key(resource.address), []).append(resource)
            if resource.type is None or resource.mode is not Mode.MANAGED:
                continue
            for property_ in rows.type_row(resource.type).identifiers:
                for value, _ in resource[property_].alternatives():
                    key = _key(value)
                    if key is not None:
                        self._by_name.setdefault((resource.type, key), []).append(resource)

    def at(self, reference: str) -> Sequence[Resource]:
        """The resource at an address that a symbol names; all instances where it names none in particular."""
        found = self._by_address.get(reference)
        if found is not None:
            return (found,)
        address = reference.removesuffix("[*]")
        if address in self._by_address:
            return (self._by_address[address],)
        instances = self._instances.get(address)
        if instances is None and reference.endswith("]"):
            # An instance under a key that evaluation did not settle.
            unkeyed = self._by_address.get(without_key(address))
            return () if unkeyed is None else (unkeyed,)
        return instances or ()

    def address_of(self, symbol: Symbol) -> str | None:
        """The address that a symbol belongs to; `[*]` for an instance under a key that is not known."""
        if symbol.resource is not None:
            return symbol.resource
        written = _ADDRESS.match(symbol.text)
        if written is None or not self.at(f"{written[1]}[*]"):
            return None
        return f"{written[1]}[*]"

    def named(self, value: Value, types: Sequence[str]) -> Sequence[Resource]:
        """The resources of `types` whose name or ARN `value` is written out to be."""
        key = _key(value)
        if key is None:
            return ()
        keys = [key]
        if isinstance(key, str):
            # An ARN, or what Application Auto Scaling calls `table/orders`.
            last = key.split(":", 5)[-1] if key.startswith("arn:") else key
            keys += [last, last.rsplit("/", 1)[-1], last.rsplit(":", 1)[-1]]
        elif isinstance(key, tuple) and isinstance(key[-1], str) and ("/" in key[-1] or ":" in key[-1]):
            # `arn:aws:iam::${account}:policy/app`
            keys.append(re.split("[/:]", key[-1])[-1])
        for type_ in types:
            for candidate in keys:
                found = self._by_name.get((type_, candidate))
                if found:
                    return found
        return ()

    def owners(self, value: Value, types: Sequence[str]) -> Iterator[tuple[Resource, Guard]]:
        """The resources of `types` that `value` (or an element of it) names, each with its guard."""
        seen: Mapping[int, None] = {}
        for leaf, guard in _names_in(value):
            for resource in self.owner_of_leaf(leaf, types):
                if id(resource) not in seen or not guard.is_always:
                    seen = {**seen, id(resource): None}
                    yield resource, guard

    def owner_of_leaf(self, leaf: Value, types: Sequence[str], steps: int = 4) -> Sequence[Resource]:
        """The resources of `types` that `leaf` refers to, or is the name of.

        A setting of a bucket goes by the bucket's name: one that refers to another setting of the bucket
        means the bucket. At most `steps` settings on the way.
        """
        own = self.address_of(leaf.symbol) if isinstance(leaf, Unknown) else None
        addresses = {own} if own is not None else {self.address_of(symbol) for symbol in leaf.references}
        known = sorted(address for address in addresses if address is not None)
        referred = [
            resource
            for address in known
            for resource in self.at(address)
            if resource.type in types and resource.mode is Mode.MANAGED
        ]
        if referred:
            return referred
        found = self.named(leaf, types)
        if found or not steps:
            return found
        return [
            owner
            for address in known
            for naming, type_ in self._settings.get(address, ())
            if type_ in types
            for name, _ in _names_in(naming)
            for owner in self.owner_of_leaf(name, types, steps - 1)
        ]


def _names_in(value: Value) -> Iterator[tuple[Value, Guard]]:
    """A name, or the names in a list; something unknown is one name."""
    for leaf, guard in value.alternatives():
        if not isinstance(leaf, ListValue):
            yield leaf, guard
            continue
        for item, inner in leaf.items():
            both = guard & inner
            if not both.is_never:
                yield item, both


def _key(value: Value) -> _Key | None:
    if isinstance(value, Known):
        return value.data if isinstance(value.data, str) and value.data else None
    if isinstance(value, Unknown):
        return value.symbol
    if isinstance(value, Text):
        return tuple(part if isinstance(part, str) else part.symbol for part in value.parts)
    return None


def without_key(address: str) -> str:
    """`module.a["x"].aws_subnet.b[0]` without its last `[0]`."""
    if not address.endswith("]"):
        return address
    at = address.rfind("[")
    if address.endswith('"]'):
        at = address.rfind('["')
    return address[:at] if at > 0 else address
