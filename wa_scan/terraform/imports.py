"""`import` blocks: objects that exist already, whose ids are therefore known while planning."""

from typing import TYPE_CHECKING

from wa_scan.terraform.dispatch import evaluate
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.instances import expand, key_suffix
from wa_scan.terraform.scope import Scope
from wa_scan.terraform.syntax import Block, Expression, GetAttr, Index, Name
from wa_scan.terraform.values import TfValue

if TYPE_CHECKING:
    from wa_scan.terraform.modules import ModuleInstance


def imported_ids(root: "ModuleInstance") -> dict[str, TfValue]:
    """The known ids of imported objects by resource instance address."""
    found: dict[str, TfValue] = {}
    for block in root.config.imports:
        target = block.body.attributes.get("to")
        # What else an import tells is decided by the provider, except for the builtin resource.
        if target is None or not _is_builtin(target.value):
            continue
        try:
            _add(block, target.value, root, found)
        except EvaluationError as error:
            root.evaluation.report(error, block.header)
    return found


def _add(block: Block, target: Expression, root: "ModuleInstance", found: dict[str, TfValue]) -> None:
    identity = block.body.attributes.get("id")
    if identity is None:
        return
    base = root.scope.at_place("import", {})
    for instance in expand(block.body, base, "import").instances:
        scope = base.with_names(instance.names)
        address = _address(target, scope)
        value = evaluate(identity.value, scope)
        if value.data is None or value.data == "":
            raise EvaluationError("the id of what is imported is missing", identity.value.location)
        if address is not None and isinstance(value.data, str):
            found[address] = value


def _is_builtin(target: Expression) -> bool:
    node = target
    while isinstance(node, GetAttr | Index):
        if isinstance(node, GetAttr):
            source = node.source
            if isinstance(source, Name) and source.name == "terraform_data":
                return True
            if isinstance(source, GetAttr) and source.name == "terraform_data":
                return True
        node = node.source
    return False


def _address(target: Expression, scope: Scope) -> str | None:
    suffixes: list[str] = []
    node = target
    while True:
        if isinstance(node, Name):
            return node.name + "".join(reversed(suffixes))
        if isinstance(node, GetAttr):
            suffixes.append(f".{node.name}")
        elif isinstance(node, Index):
            key = evaluate(node.key, scope).data
            if isinstance(key, bool) or not isinstance(key, str | int):
                return None
            suffixes.append(key_suffix(key))
        else:
            return None
        node = node.source
