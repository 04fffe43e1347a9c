"""`data "terraform_remote_state"` of the backend "local": what the state file in the tree holds.

Other backends are elsewhere, and their outputs unknown. The state format is Terraform's version 4.
"""

from wa_scan.terraform.bodies import EvaluatedBody
from wa_scan.terraform.convert import convert
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.functions.filesystem import FileAccess
from wa_scan.terraform.functions.json_text import decode_json
from wa_scan.terraform.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
)
from wa_scan.terraform.values import TfValue, null, object_of

_PRIMITIVES = {"string": STRING, "number": NUMBER, "bool": BOOL, "dynamic": DYNAMIC}
_COLLECTIONS = {"list": ListType, "set": SetType, "map": MapType}


def remote_state(body: EvaluatedBody, files: FileAccess | None) -> TfValue | None:
    """The data source as an object; None where its outputs are not to be known.

    Raises `EvaluationError` where the state cannot be read.
    """
    attributes = body.attributes
    path = _path(attributes)
    if path is None or files is None:
        return None
    defaults = attributes.get("defaults")
    outputs: dict[str, TfValue] = {}
    if defaults is not None:
        if not isinstance(defaults.data, dict):
            return None
        outputs.update(defaults.data)
    outputs.update(_outputs(files.read(path), path))
    made = {name: attributes.get(name, null()) for name in ("backend", "config", "defaults", "workspace")}
    return object_of({**made, "outputs": object_of(outputs)})


def _path(attributes: dict[str, TfValue]) -> str | None:
    """The path of the state file; None where that is not known or it is no file."""
    backend, config = attributes.get("backend"), attributes.get("config")
    workspace = attributes.get("workspace")
    if backend is None or backend.data != "local":
        return None
    given = config.data if config is not None else {}
    if not isinstance(given, dict) or "workspace_dir" in given:
        return None
    if workspace is not None and workspace.data is not None and workspace.data != "default":
        name = workspace.data
        return f"terraform.tfstate.d/{name}/terraform.tfstate" if isinstance(name, str) else None
    path = given.get("path")
    if path is None or path.data is None:
        return "terraform.tfstate"
    return path.data if isinstance(path.data, str) else None


def _outputs(data: bytes, path: str) -> dict[str, TfValue]:
    broken = EvaluationError(f'the state file "{path}" cannot be read')
    try:
        state = decode_json(data.decode("utf-8")).data
    except (UnicodeDecodeError, EvaluationError):
        raise broken from None
    entries = state.get("outputs") if isinstance(state, dict) else None
    if entries is None or not isinstance(entries.data, dict):
        raise broken
    found = {}
    for name, entry in entries.data.items():
        if not isinstance(entry.data, dict) or "value" not in entry.data or "type" not in entry.data:
            raise broken
        found[name] = convert(entry.data["value"], _type(entry.data["type"], broken))
    return found


def _type(form: TfValue, broken: EvaluationError) -> Type:
    """A type from cty's JSON form."""
    data = form.data
    if isinstance(data, str) and data in _PRIMITIVES:
        return _PRIMITIVES[data]
    if isinstance(data, tuple) and len(data) == 2:
        kind, inside = data[0].data, data[1]
        if isinstance(kind, str) and kind in _COLLECTIONS:
            return _COLLECTIONS[kind](_type(inside, broken))
        if kind == "tuple" and isinstance(inside.data, tuple):
            return TupleType([_type(item, broken) for item in inside.data])
        if kind == "object" and isinstance(inside.data, dict):
            return ObjectType([(name, _type(item, broken)) for name, item in inside.data.items()])
    raise broken
