"""Terraform's values and block bodies as forms, with every digit of their numbers."""

from collections.abc import Mapping, Sequence

from wa_scan.terraform.arithmetic import is_infinite, number_text
from wa_scan.terraform.bodies import BlockList, EvaluatedBody
from wa_scan.terraform.choices import alternatives
from wa_scan.terraform.symbolic import OpenData
from wa_scan.terraform.symbols import expression_text
from wa_scan.terraform.values import SECRET, ChoiceData, Mark, TfValue, UnknownData
from wa_scan.values import Guard
from wa_scan.values.forms import (
    MOST_BRANCHES,
    MOST_PARTS,
    MOST_PARTS_IN_ALL,
    TOO_LARGE,
    ChoiceForm,
    Form,
    Numeral,
    SensitiveForm,
    UnknownForm,
    text_with_unknown,
)

Sized = tuple[Form, int]
_HIDDEN = SECRET | {Mark.EPHEMERAL}


class TerraformFormer:
    """Makes forms; what is shared before is shared after."""

    def __init__(self) -> None:
        # The value is kept beside its form, so that its id stays its own.
        self._values: dict[int, tuple[TfValue, Sized]] = {}
        self._bodies: dict[int, tuple[EvaluatedBody, Sized]] = {}
        self._in_all = 0

    def form(self, value: TfValue) -> Form:
        form, size = self._sized(value)
        return form if self._may_have(size) else UnknownForm(TOO_LARGE)

    def body(self, body: EvaluatedBody) -> dict[str, Form]:
        """Arguments by name and nested blocks, as lists, by type."""
        form, size = self._body(body)
        assert isinstance(form, dict)
        return form if self._may_have(size) else dict.fromkeys(form, UnknownForm(TOO_LARGE))

    def _may_have(self, size: int) -> bool:
        self._in_all += size
        return self._in_all <= MOST_PARTS_IN_ALL

    def _sized(self, value: TfValue) -> Sized:
        found = self._values.get(id(value))
        if found is not None:
            return found[1]
        form, size = self._make(value)
        if size > MOST_PARTS:
            form, size = UnknownForm(TOO_LARGE), 1
        if not value.marks.isdisjoint(_HIDDEN):
            form = SensitiveForm(form)
        self._values[id(value)] = (value, (form, size))
        return form, size

    def _make(self, value: TfValue) -> Sized:
        data = value.data
        if data is None or isinstance(data, bool | str):
            return data, 1
        if isinstance(data, tuple):
            return self._items(data)
        if isinstance(data, dict):
            return self._entries(data)
        if isinstance(data, ChoiceData):
            return self._choice(value)
        if isinstance(data, UnknownData):
            known, size = self._known_parts(data)
            return UnknownForm(symbol_text(data), known), size
        # JSON has no infinity: its text.
        return number_text(data) if is_infinite(data) else Numeral(number_text(data)), 1

    def _items(self, values: Sequence[TfValue]) -> tuple[list[Form], int]:
        made = [self._sized(value) for value in values]
        return [form for form, _ in made], 1 + sum(size for _, size in made)

    def _entries(self, values: Mapping[str, TfValue]) -> tuple[dict[str, Form], int]:
        made = {key: self._sized(value) for key, value in values.items()}
        return {key: form for key, (form, _) in made.items()}, 1 + sum(size for _, size in made.values())

    def _known_parts(self, data: UnknownData) -> tuple[list[Form] | dict[str, Form] | None, int]:
        known = data.attributes if isinstance(data, OpenData) else data.contents
        if not known:
            return None, 1
        return self._items(known) if isinstance(known, tuple) else self._entries(known)

    def _choice(self, value: TfValue) -> Sized:
        branches = branches_of(value)
        if branches is None:
            return UnknownForm(expression_text(value)), 1
        made = [(str(guard), *self._sized(leaf)) for leaf, guard in branches]
        return ChoiceForm(tuple((when, form) for when, form, _ in made)), 1 + sum(size for *_, size in made)

    def _body(self, body: EvaluatedBody) -> Sized:
        found = self._bodies.get(id(body))
        if found is not None:
            return found[1]
        entries, size = self._entries(body.attributes)
        for kind, blocks in body.blocks.items():
            entries[kind], more = self._blocks(blocks)
            size += more
        self._bodies[id(body)] = (body, (entries, size))
        return entries, size

    def _blocks(self, blocks: BlockList) -> Sized:
        forms: list[Form] = []
        size = 1
        for body, guard in blocks.elements:
            form, more = self._body(body)
            if not guard.is_always:
                form = ChoiceForm(((str(guard), form), (str(~guard), None)))
            forms.append(form)
            size += more
        if blocks.rest is not None:
            forms.append(self._sized(blocks.rest)[0])
        return forms, size + 1


def branches_of(value: TfValue) -> list[tuple[TfValue, Guard]] | None:
    """What a choice may be, each value once; None for more than `MOST_BRANCHES` of them."""
    found: dict[int, tuple[TfValue, Guard]] = {}
    for count, (leaf, guard) in enumerate(alternatives(value)):
        before = found.get(id(leaf))
        found[id(leaf)] = (leaf, guard if before is None else before[1] | guard)
        if len(found) > MOST_BRANCHES or count > MOST_BRANCHES * 4:
            return None
    return list(found.values())


def symbol_text(data: UnknownData) -> str:
    """What an unknown value stands for; a partly known text as a template."""
    if data.parts is None:
        return data.symbol.text
    return text_with_unknown(part if isinstance(part, str) else (_part_text(part),) for part in data.parts)


def _part_text(part: TfValue) -> str:
    return symbol_text(part.data) if isinstance(part.data, UnknownData) else expression_text(part)
