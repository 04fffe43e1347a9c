"""`flatten`, which has to know of everything inside whether it is a list."""

from collections.abc import Sequence

from wa_scan.terraform.choices import distribute
from wa_scan.terraform.functions.collections import check_size, has_unknown
from wa_scan.terraform.functions.signature import (
    Context,
    Needs,
    any_parameter,
    elements,
    entries,
    function,
    refuse,
    unknown_call,
)
from wa_scan.terraform.types import DYNAMIC, ListType, SetType, TupleType
from wa_scan.terraform.values import ChoiceData, Mark, TfValue, UnknownData, tuple_of
from wa_scan.values import Symbol


@function("flatten", any_parameter("list", Needs.NOTHING, keeps_marks=True), returns=DYNAMIC)
def _flatten(arguments: Sequence[TfValue], context: Context) -> TfValue:
    source = arguments[0]
    if isinstance(source.data, UnknownData):
        return unknown_call("flatten", arguments, DYNAMIC)
    if not isinstance(source.type, ListType | SetType | TupleType):
        if not isinstance(source.data, dict) or not has_unknown(source):
            raise refuse("can only flatten lists, sets and tuples", 0)
        # Terraform looks at the type only once all inside is known.
        source = tuple_of([item for _, item in entries(source)]).with_marks(source.marks)
    flattening = _Flattening()
    known = flattening.add(source)
    if flattening.choices:
        # Whether something here is a list, and how long, depends on conditions.
        choices = flattening.choices
        return distribute(choices, lambda sides: _flatten([_replaced(source, choices, sides)], context))
    if not known:
        return unknown_call("flatten", arguments, DYNAMIC)
    return tuple_of(flattening.items).with_marks(frozenset(flattening.marks))


class _Flattening:
    """`items`: what is no list itself. `marks`: those of the lists that disappear. `choices`: what may
    be a list or not.
    """

    def __init__(self) -> None:
        self.items: list[TfValue] = []
        self.marks: set[Mark | Symbol] = set()
        self.choices: list[TfValue] = []
        self._lists = 0

    def add(self, source: TfValue) -> bool:
        """Whether it is known what is in this list."""
        self.marks |= source.marks
        self._lists += 1
        check_size(self._lists)
        known = not isinstance(source.type, SetType) or len(elements(source)) < 2 or not has_unknown(source)
        for item in elements(source):
            data = item.data
            is_list = data is not None and isinstance(item.type, ListType | SetType | TupleType)
            if isinstance(data, ChoiceData):
                if is_list or item.type is DYNAMIC:
                    self.choices.append(item)
                else:
                    self.items.append(item)
            elif isinstance(data, UnknownData):
                known = known and not is_list and item.type is not DYNAMIC
                self.items.append(item)
            elif is_list:
                known = self.add(item) and known
            else:
                self.items.append(item)
        check_size(len(self.items))
        return known


def _replaced(source: TfValue, old: Sequence[TfValue], new: Sequence[TfValue]) -> TfValue:
    """`source`, a list of lists, with some of what is inside replaced; as a tuple of tuples."""
    instead = {id(one): other for one, other in zip(old, new, strict=True)}

    def rebuilt(value: TfValue) -> TfValue:
        found = instead.get(id(value))
        if found is not None:
            return found
        if isinstance(value.data, tuple):
            return tuple_of(map(rebuilt, value.data)).with_marks(value.marks)
        return value

    return rebuilt(source)
