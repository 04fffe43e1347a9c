"""What a console answers to programs, in the form in which the recorded answers of Terraform are kept
(`fixtures/oracle-terraform/README.md`).
"""

from typing import cast

from wa_scan.report.forms import json_form
from wa_scan.report.json_text import JsonObject, JsonValue
from wa_scan.terraform.forms import TerraformFormer
from wa_scan.terraform.type_json import type_to_json
from wa_scan.terraform.values import TfValue
from wa_scan.values.forms import ChoiceForm, Form, SensitiveForm, UnknownForm

UNKNOWN: JsonValue = {"unknown": True}


def value_answer(value: TfValue) -> JsonObject:
    """`type` and `value`; where it applies also `has_unknown`, and `sensitive`: true, or the shape of the
    value with true at the sensitive parts.
    """
    form = TerraformFormer().form(value)
    found: JsonObject = {"type": _type(value), "value": _plain(form)}
    if _has_unknown(form):
        found["has_unknown"] = True
    if shape := _sensitive(form):
        found["sensitive"] = shape
    return found


def _type(value: TfValue) -> JsonValue:
    # Each such form is one of JSON; only lists of the one are no lists of the other to the type checker.
    return cast("JsonValue", type_to_json(value.type))


def _plain(form: Form) -> JsonValue:
    if isinstance(form, UnknownForm | ChoiceForm):
        return UNKNOWN
    if isinstance(form, SensitiveForm):
        return _plain(form.value)
    if isinstance(form, list):
        return [_plain(item) for item in form]
    if isinstance(form, dict):
        return {key: _plain(item) for key, item in form.items()}
    return json_form(form)


def _has_unknown(form: Form) -> bool:
    if isinstance(form, SensitiveForm):
        return _has_unknown(form.value)
    if isinstance(form, list | dict):
        return any(map(_has_unknown, form.values() if isinstance(form, dict) else form))
    return isinstance(form, UnknownForm | ChoiceForm)


def _sensitive(form: Form) -> JsonValue:
    if isinstance(form, SensitiveForm):
        return True
    if isinstance(form, dict):
        return {key: inner for key, item in form.items() if (inner := _sensitive(item))}
    if isinstance(form, list):
        shape = [_sensitive(item) or False for item in form]
        return list(shape) if any(shape) else None
    return None
