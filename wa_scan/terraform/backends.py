"""Where a root module keeps its state, and whether a `terraform_remote_state` data source reads it there.

The arguments of each backend are those of Terraform 1.11's documentation. What a partial configuration
leaves to the command line or to the environment is not known, and so never the same place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os.path import normpath
from pathlib import Path

from wa_scan.terraform.arithmetic import number_text
from wa_scan.terraform.bodies import EvaluatedBody
from wa_scan.terraform.values import ChoiceData, TfValue, UnknownData

DEFAULT_WORKSPACE = "default"

Arguments = Mapping[str, TfValue]


@dataclass(frozen=True, slots=True)
class _Backend:
    """`required` arguments tell one state from another, and so do those with `defaults`. `hints` need
    not be given, but two that differ are of two states. `named_by`: what only counts for workspaces other
    than the default one.
    """

    required: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    named_by: Mapping[str, str] = field(default_factory=dict)


_BACKENDS = {
    "s3": _Backend(("bucket", "key"), hints=("region",), named_by={"workspace_key_prefix": "env:"}),
    "gcs": _Backend(("bucket",), {"prefix": ""}),
    "azurerm": _Backend(("storage_account_name", "container_name", "key")),
    "http": _Backend(("address",)),
    "pg": _Backend((), {"schema_name": "terraform_remote_state"}, ("conn_str",)),
    "consul": _Backend(("path",), hints=("address",)),
    "kubernetes": _Backend(("secret_suffix",), {"namespace": "default"}),
    "oss": _Backend(("bucket",), {"prefix": "env:", "key": "terraform.tfstate"}, ("region",)),
    "cos": _Backend(("bucket",), {"prefix": "", "key": "terraform.tfstate"}, ("region",)),
}
_WORKSPACES_FOLDER = "terraform.tfstate.d"
_HCP_TERRAFORM = "app.terraform.io"


@dataclass(frozen=True, slots=True)
class StatePlace:
    """Where the states of a root module's workspaces are.

    `identity` is equal for the same place; `hints` may be absent, but must not differ; `naming` says where
    workspaces other than the default one are. `prefix`: on HCP Terraform, what the names of its
    workspaces start with; `name`: the one workspace.
    """

    backend: str
    identity: tuple[str, ...]
    hints: Mapping[str, str] = field(default_factory=dict)
    naming: tuple[str, ...] = ()
    name: str | None = None
    prefix: str | None = None


@dataclass(frozen=True, slots=True)
class StateQuery:
    """What a data source reads. `workspace`: None where it is not known."""

    place: StatePlace
    workspace: str | None = DEFAULT_WORKSPACE


def query_of(body: EvaluatedBody, directory: Path) -> StateQuery | None:
    """What the data source with these arguments reads; None where that is not known. `directory`: of the
    root module that it is in, whence relative paths are followed."""
    attributes = body.attributes
    backend, config = attributes.get("backend"), attributes.get("config")
    given: object = config.data if config is not None else {}
    if backend is None or not isinstance(backend.data, str):
        return None
    if not isinstance(given, dict):
        return None
    workspaces = given.get("workspaces")
    place = state_place(backend.data, given, _only(workspaces), directory)
    if place is None:
        return None
    workspace = attributes.get("workspace")
    if workspace is None or workspace.data is None:
        return StateQuery(place)
    return StateQuery(place, workspace.data if isinstance(workspace.data, str) else None)


def _only(value: TfValue | None) -> Arguments | None:
    data = value.data if value is not None else None
    if isinstance(data, tuple) and len(data) == 1:
        data = data[0].data
    return data if isinstance(data, dict) else None


def place_of_block(kind: str, body: EvaluatedBody, directory: Path) -> StatePlace | None:
    """Where the root module in `directory` keeps its state, by its `backend` block of this kind or (kind
    "cloud") by its `cloud` block."""
    nested = body.blocks.get("workspaces")
    workspaces = _only(body.attributes.get("workspaces"))
    if nested is not None and nested.elements:
        workspaces = nested.elements[0][0].attributes
    return state_place("remote" if kind == "cloud" else kind, body.attributes, workspaces, directory)


def state_place(
    backend: str, arguments: Arguments, workspaces: Arguments | None, directory: Path
) -> StatePlace | None:
    """None for an unknown backend, and where what decides about the place is not known."""
    if backend == "local":
        return _local_place(arguments, directory)
    if backend == "remote":
        return _remote_place(arguments, workspaces)
    known = _BACKENDS.get(backend)
    if known is None:
        return None
    identity = [_text(arguments, name) for name in known.required]
    identity += [_text(arguments, name, default) for name, default in known.defaults.items()]
    naming = [_text(arguments, name, default) for name, default in known.named_by.items()]
    if backend == "gcs":
        identity = [text.strip("/") if text is not None else None for text in identity]
    decided, named = _all_known(identity), _all_known(naming)
    if decided is None or named is None:
        return None
    hints = {name: text for name in known.hints if (text := _text(arguments, name)) is not None}
    return StatePlace(backend, decided, hints, named)


def _local_place(arguments: Arguments, directory: Path) -> StatePlace | None:
    path = _text(arguments, "path", "terraform.tfstate")
    folder = _text(arguments, "workspace_dir", _WORKSPACES_FOLDER)
    if path is None or folder is None or "\0" in path + folder:
        return None
    return StatePlace(
        "local",
        (normpath(directory / path),),
        naming=(normpath(directory / folder),),
    )


def _remote_place(arguments: Arguments, workspaces: Arguments | None) -> StatePlace | None:
    host = _text(arguments, "hostname", _HCP_TERRAFORM)
    organization = _text(arguments, "organization")
    if host is None or organization is None or workspaces is None:
        return None
    name, prefix = _text(workspaces, "name"), _text(workspaces, "prefix")
    if (name is None) == (prefix is None):
        return None
    return StatePlace("remote", (host.lower(), organization), name=name, prefix=prefix)


def _text(arguments: Arguments, name: str, default: str | None = None) -> str | None:
    """An argument as text, the default where it is not given; None where it is not known."""
    value = arguments.get(name)
    if value is None or value.data is None:
        return default
    data = value.data
    if isinstance(data, str):
        return data
    if isinstance(data, bool | tuple | dict | UnknownData | ChoiceData):
        return None
    return number_text(data)


def _all_known(texts: Iterable[str | None]) -> tuple[str, ...] | None:
    found = []
    for text in texts:
        if text is None:
            return None
        found.append(text)
    return tuple(found)


def workspace_read(query: StateQuery, place: StatePlace) -> tuple[bool, str | None]:
    """Whether `query` reads a state at `place`, and of which workspace; None if that does not matter or
    is not known. On HCP Terraform a workspace with a prefix is named by what follows it."""
    own = query.place
    if own.backend != place.backend:
        return False, None
    if any(own.hints[name] != place.hints[name] for name in own.hints.keys() & place.hints.keys()):
        return False, None
    if own.backend == "remote":
        return _remote_workspace(query, place)
    if query.workspace == DEFAULT_WORKSPACE:
        return own.identity == place.identity, DEFAULT_WORKSPACE
    if own.naming != place.naming:
        return False, None
    # In other workspaces the folder alone says where the state file is.
    return own.backend == "local" or own.identity == place.identity, query.workspace


def _remote_workspace(query: StateQuery, place: StatePlace) -> tuple[bool, str | None]:
    own = query.place
    if own.identity != place.identity:
        return False, None
    name = own.name
    if own.prefix is not None:
        if own.prefix == place.prefix:
            return True, query.workspace
        if query.workspace is None:
            return False, None
        name = own.prefix + query.workspace
    if name is None:
        return False, None
    if place.prefix is not None:
        return name.startswith(place.prefix), name.removeprefix(place.prefix)
    return name == place.name, None
