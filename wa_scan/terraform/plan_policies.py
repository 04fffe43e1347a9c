"""Policy documents that are known only after apply, written from what the plan knows of their data source.

As long as anything in a document is unknown (a bucket's ARN) Terraform reads the data source only when it
applies, and plans its `json` as unknown. Its arguments are in the plan all the same.
"""

from wa_scan.terraform.bodies import EvaluatedBody
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.export import Exporter
from wa_scan.terraform.policy_document import policy_document
from wa_scan.terraform.symbolic import unknown
from wa_scan.terraform.values import TfValue, boolean, null, number, object_of, string, tuple_of
from wa_scan.values import Known, ListValue, Location, MapValue, Text, Unknown, Value

TYPE = "aws_iam_policy_document"
_OUTPUTS = frozenset({"id", "json", "minified_json"})


def planned_policy(body: MapValue, header: Location) -> Value | None:
    """The JSON text of the data source with this body, None where the provider refuses it."""
    arguments = {name: value for name, value in body.entries.items() if name not in _OUTPUTS}
    try:
        made = policy_document(EvaluatedBody(header, {k: _value(v) for k, v in arguments.items()}, {}))
    except EvaluationError:
        return None
    found = made.get("json")
    return Exporter().value(found) if found is not None else None


def _value(value: Value) -> TfValue:
    if isinstance(value, Known):
        data = value.data
        if isinstance(data, str):
            made = string(data)
        elif isinstance(data, bool):
            made = boolean(data)
        elif isinstance(data, int):
            made = number(data)
        else:
            made = null()
        return made.with_marks(value.references) if value.references else made
    if isinstance(value, ListValue):
        return tuple_of(_value(item) for item in value.elements)
    if isinstance(value, MapValue):
        return object_of({name: _value(item) for name, item in value.entries.items()})
    if isinstance(value, Unknown):
        return unknown(value.symbol, value.reason, never_null=value.never_null).with_marks(value.references)
    names = ", ".join(sorted(symbol.text for symbol in value.all_references()))
    text = unknown(names or "a text known only in part", never_null=isinstance(value, Text))
    return text.with_marks(value.all_references())
