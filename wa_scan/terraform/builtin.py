"""The resources of Terraform's builtin provider, whose schema is known."""

from wa_scan.terraform.bodies import EvaluatedBody
from wa_scan.terraform.symbolic import attribute_symbol, unknown
from wa_scan.terraform.types import DYNAMIC, STRING
from wa_scan.terraform.values import TfValue, UnknownData, null, object_of
from wa_scan.values import Symbol


def builtin_object(address: str, body: EvaluatedBody, imported: TfValue | None) -> TfValue:
    """The `terraform_data` at `address` as it is planned before it exists. `imported`: the id of an object
    that exists already.
    """
    symbol = Symbol(address, address)
    attributes = body.attributes
    given = attributes.get("input")
    triggers = attributes.get("triggers_replace")
    id_symbol = attribute_symbol(symbol, "id")
    identity = unknown(id_symbol, type=STRING, never_null=True, marks=frozenset((id_symbol,)))
    made = {
        "id": imported if imported is not None else identity,
        "input": given if given is not None else null(),
        "triggers_replace": triggers if triggers is not None else null(),
        "output": null(),
    }
    if given is not None:
        made["output"] = _output(given, symbol)
    return object_of(made)


def _output(given: TfValue, symbol: Symbol) -> TfValue:
    """Known only after apply, of the type of the input; null where that is null."""
    if given.data is None:
        return null(given.type).with_marks(given.marks)
    is_open = isinstance(given.data, UnknownData)
    type = DYNAMIC if is_open and given.type is DYNAMIC else given.type
    own = attribute_symbol(symbol, "output")
    return unknown(own, type=type, marks=given.marks | {own})
