"""Which resource a value names: by reference, by name, or by ARN."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from wa_scan.aws.arns import Arn, Key, arn_forms, is_pattern, key_of, parse_arn
from wa_scan.aws.resources import Resource
from wa_scan.aws.table import Table
from wa_scan.blocks import Mode
from wa_scan.values import Guard, Known, ListValue, Symbol, Text, Unknown, Value

# An instance of a resource under some key, at the start of a symbol's text.
_ADDRESS = re.compile(r"((?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(?:data\.)?[a-z0-9]+_\w+\.[\w-]+)\[[^\]]*\]")
# A pattern that fits more resources than these names none of them in particular.
_MOST_BY_PATTERN = 8


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
        self._by_name: dict[tuple[str, Key], list[Resource]] = {}
        self._sorted_names: dict[str, list[str]] = {}
        for resource in resources:
            if resource.address.endswith("]"):
                self._instances.setdefault(without_key(resource.address), []).append(resource)
            if resource.type is None or resource.mode is not Mode.MANAGED:
                continue
            for property_ in rows.type_row(resource.type).identifiers:
                for value, _ in resource[property_].alternatives():
                    key = name_key(value)
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
        if written is None:
            return None
        if written[0] in self._by_address:
            # Of one instance only; links with all would be as many as their square.
            return written[0]
        if not self.at(f"{written[1]}[*]"):
            return None
        return f"{written[1]}[*]"

    def named(self, value: Value, types: Sequence[str]) -> Sequence[Resource]:
        """The resources of `types` whose name or ARN `value` is written out to be.

        Nothing where several have that name, unless there is only ever one of them.
        """
        arn = parse_arn(value)
        if arn is not None:
            return self.with_arn(arn, types)
        key = name_key(value)
        if key is None:
            return ()
        keys = [key]
        if isinstance(key, str) and ("/" in key or ":" in key):
            # What Application Auto Scaling calls `table/orders`, an ARN without its first fields.
            keys += [key.rsplit("/", 1)[-1], key.rsplit(":", 1)[-1]]
        for type_ in types:
            for candidate in keys:
                found = self._by_name.get((type_, candidate))
                if found:
                    return one_of(found)
        return ()

    def all_called(self, name: Value, type_: str) -> Sequence[Resource]:
        """The resources of `type_` with this name, however many they are."""
        key = name_key(name)
        return self._by_name.get((type_, key), ()) if key is not None else ()

    def with_arn(self, arn: Arn, types: Sequence[str]) -> Sequence[Resource]:
        """The resources of `types` that `arn`, or a pattern of few ARNs, is of or lies in."""
        for type_ in types:
            forms = arn_forms().get(type_)
            if forms is None:
                found = self._by_last_segment(arn, type_)
                if found:
                    return one_of(found)
                continue
            for name in (name for form in forms for name in form.names(arn)):
                within = [each for each in self._called(type_, name) if _may_be_in(each, arn)]
                if within:
                    return within if is_pattern(name) else one_of(within)
        return ()

    def _called(self, type_: str, name: Key) -> Sequence[Resource]:
        if is_pattern(name):
            return self._fitting(type_, name) if isinstance(name, str) else ()
        found = self._by_name.get((type_, name))
        if found is None and isinstance(name, str) and name.startswith("/"):
            found = self._by_name.get((type_, name[1:]))
        if found is None and isinstance(name, Symbol):
            address = self.address_of(name)
            at = self.at(address) if address is not None else ()
            found = [each for each in at if each.type == type_]
        return found or ()

    def _fitting(self, type_: str, pattern: str) -> Sequence[Resource]:
        """The resources whose known names `pattern`, something with `*` at its end, fits."""
        start = pattern.rstrip("*?")
        if not re.search("[A-Za-z0-9]", start) or is_pattern(start):
            return ()
        names = self._sorted_names.get(type_)
        if names is None:
            names = sorted(key for of, key in self._by_name if of == type_ and isinstance(key, str))
            self._sorted_names[type_] = names
        found: list[Resource] = []
        for name in names[bisect_left(names, start) :]:
            if not name.startswith(start):
                break
            found += self._by_name[type_, name]
            if len(found) > _MOST_BY_PATTERN:
                return ()
        return found

    def _by_last_segment(self, arn: Arn, type_: str) -> Sequence[Resource]:
        last = arn.resource[-1] if arn.resource else ""
        if arn.account == "aws" or not isinstance(last, str) or is_pattern(last):
            return ()
        whole = key_of(arn.resource)
        for name in (whole, re.split("[/:]", last)[-1]):
            found = self._by_name.get((type_, name))
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


def one_of(resources: Sequence[Resource]) -> Sequence[Resource]:
    """`resources` if there is only ever one of them, else none."""
    if len(resources) < 2 or (
        len(resources) <= _MOST_BY_PATTERN
        and all((one.exists & other.exists).is_never for one, other in combinations(resources, 2))
    ):
        return resources
    return ()


def _may_be_in(resource: Resource, arn: Arn) -> bool:
    """Whether an ARN with this account and region may be that of `resource`."""
    region = resource.region.text if resource.region is not None else None
    return arn.account != "aws" and (arn.region is None or region is None or arn.region == region)


def name_key(value: Value) -> Key | None:
    """What a value names by being written out, the same for two values exactly if they are the same."""
    if isinstance(value, Known):
        return value.data if isinstance(value.data, str) and value.data else None
    if isinstance(value, Unknown):
        return value.symbol
    if isinstance(value, Text):
        return key_of(value.parts)
    return None


def without_key(address: str) -> str:
    """`module.a["x"].aws_subnet.b[0]` without its last `[0]`."""
    if not address.endswith("]"):
        return address
    at = address.rfind("[")
    if address.endswith('"]'):
        at = address.rfind('["')
    return address[:at] if at > 0 else address
