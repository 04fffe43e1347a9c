"""Forms of values as JSON and as text for people."""

import json
from collections.abc import Iterable, Mapping

import msgspec

from wa_scan.report.json_text import JsonObject, JsonValue
from wa_scan.report.printable import printable
from wa_scan.values.forms import ChoiceForm, Form, Numeral, SensitiveForm, UnknownForm

SENSITIVE = "(sensitive value)"


def json_form(form: Form) -> JsonValue:
    """A form as JSON; what is sensitive is shown."""
    if isinstance(form, Numeral):
        return msgspec.Raw(form.text.encode())
    if isinstance(form, list):
        return [json_form(item) for item in form]
    if isinstance(form, dict):
        return json_object(form)
    if isinstance(form, SensitiveForm):
        return json_form(form.value)
    if isinstance(form, ChoiceForm):
        return {"choice": [{"when": when, "value": json_form(item)} for when, item in form.branches]}
    if isinstance(form, UnknownForm):
        unknown: JsonObject = {"unknown": form.symbol}
        return unknown if form.known is None else unknown | {"known": json_form(form.known)}
    return form


def json_object(forms: Mapping[str, Form]) -> JsonObject:
    """Forms by name as one JSON object."""
    return {name: json_form(form) for name, form in forms.items()}


def text_form(form: Form, indent: int = 0) -> str:
    """About as it would be written in Terraform, over several lines; without what is sensitive."""
    if isinstance(form, SensitiveForm):
        return SENSITIVE
    if isinstance(form, Numeral):
        return form.text
    if isinstance(form, UnknownForm):
        shown = f"(unknown: {printable(form.symbol)})"
        return f"{shown} with {text_form(form.known, indent)}" if form.known is not None else shown
    if isinstance(form, ChoiceForm):
        branches = (
            f"when {printable(when)}: {text_form(value, indent + 2)}" for when, value in form.branches
        )
        return f"({_lines(branches, indent)})"
    if isinstance(form, list):
        return f"[{_lines((f'{text_form(item, indent + 2)},' for item in form), indent)}]"
    if isinstance(form, dict):
        return f"{{{_lines(entry_lines(form, indent + 2), indent)}}}"
    return printable(json.dumps(form, ensure_ascii=False))


def entry_lines(entries: Mapping[str, Form], indent: int) -> Iterable[str]:
    """`name = value` for each entry, their continuation lines indented."""
    for name, value in entries.items():
        shown = name if name.replace("-", "_").isidentifier() else json.dumps(name, ensure_ascii=False)
        yield f"{printable(shown)} = {text_form(value, indent)}"


def _lines(items: Iterable[str], indent: int) -> str:
    found = [f"\n{' ' * (indent + 2)}{item}" for item in items]
    return "".join(found) + f"\n{' ' * indent}" if found else ""
