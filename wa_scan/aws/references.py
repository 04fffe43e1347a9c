"""What a value in a resource refers to."""

from collections.abc import Iterator, Mapping, Sequence

from wa_scan.aws.arns import parse_arn
from wa_scan.aws.identities import Identities, one_of, without_key
from wa_scan.aws.naming import Naming
from wa_scan.aws.resources import Resource
from wa_scan.aws.table import Table
from wa_scan.values import Absent, Guard, Known, ListValue, Text, Unknown, Value


def items_of(value: Value) -> Iterator[tuple[Value, Guard]]:
    """The elements of a list, or the one thing that stands there, each with its guard.

    Unlike `Value.items` it gives an unknown value as it is: whether that is a list is not told.
    """
    for leaf, guard in value.alternatives():
        if isinstance(leaf, ListValue):
            for element in leaf.elements:
                for item, inner in items_of(element):
                    yield item, guard & inner
            if leaf.rest is not None:
                yield leaf.rest, guard
        elif not (isinstance(leaf, Absent) or (isinstance(leaf, Known) and leaf.data is None)):
            yield leaf, guard


class References:
    """What the values of one unit refer to: through symbols, by name and by ARN."""

    def __init__(
        self, resources: Sequence[Resource], by_address: Mapping[str, Resource], rows: Table
    ) -> None:
        """`by_address`: which resource each address now is (a setting that was folded in is its owner)."""
        self._by_address = by_address
        self._identities = Identities(resources, rows)
        self._naming = Naming(self._identities, rows)

    def at(self, address: str) -> Sequence[Resource]:
        """The resource at an address, or all instances of the block there."""
        owner = self._by_address.get(address)
        return (owner,) if owner is not None else self._identities.at(address)

    def referred(self, leaf: Value, types: Sequence[str]) -> Iterator[tuple[Resource, bool]]:
        """What `leaf` refers to, and whether it stands for that rather than being made with its help.

        An unknown value stands for what its symbol names (one element of a list, say), whatever else went
        into choosing it. A name or ARN that is written out is looked up among `types`.
        """
        address_of = self._identities.address_of
        subject = address_of(leaf.symbol) if isinstance(leaf, Unknown) else None
        addresses = {each for symbol in leaf.references if (each := address_of(symbol)) is not None}
        if subject is not None and len(addresses) > 1:
            # Without the other elements of the list that one was chosen from.
            siblings = f"{without_key(subject)}["
            addresses = {each for each in addresses if each == subject or not each.startswith(siblings)}
        is_found = False
        for address in sorted(addresses):
            for target in self.at(address):
                is_subject = subject is None or address == subject
                if is_subject and isinstance(leaf, Text | Known):
                    is_subject = self._naming.names(leaf, address, target)
                is_found = is_found or (is_subject and target.type in types)
                yield target, is_subject
        if types and not is_found:
            for target in self._identities.named(leaf, types):
                yield target, True

    def named(self, leaf: Value, types: Sequence[str], *, by_name: bool = False) -> Sequence[Resource]:
        """The resources of `types` that `leaf` surely stands for: a reference, or an ARN written out.

        `by_name`: a plain name will do too.
        """
        is_plain = isinstance(leaf, Known) and not by_name and parse_arn(leaf) is None
        if is_plain and not leaf.references:
            return ()
        found = [
            target
            for target, is_subject in self.referred(leaf, () if is_plain else types)
            if is_subject and target.type in types
        ]
        if len(found) > 1 and not (isinstance(leaf, Unknown) and "[*]" in leaf.symbol.text):
            return found if parse_arn(leaf) is not None else one_of(found)
        return found

    def candidates(self, leaf: Value, type_: str) -> list[Resource]:
        """The resources of `type_` that `leaf` may stand for, several of one name included."""
        referred = [
            target for target, is_subject in self.referred(leaf, ()) if is_subject and target.type == type_
        ]
        return referred or list(self._identities.all_called(leaf, type_))
