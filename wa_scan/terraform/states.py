"""The outputs of the root modules that are scanned along, for `terraform_remote_state` data sources.

Each root module is opened once and evaluated as far as others ask for its outputs; what is left is
evaluated when its own turn comes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wa_scan.sources.units import RootModule
from wa_scan.terraform.adoption import Adopter
from wa_scan.terraform.backends import StatePlace, StateQuery, place_of_block, query_of, workspace_read
from wa_scan.terraform.bodies import EvaluatedBody, evaluate_body
from wa_scan.terraform.context import EvaluateOptions, Evaluation
from wa_scan.terraform.errors import EvaluationError, StateCycleError
from wa_scan.terraform.evaluate import open_root
from wa_scan.terraform.files import ParsedFiles
from wa_scan.terraform.modules import ModuleInstance
from wa_scan.terraform.symbolic import DeferredData
from wa_scan.terraform.types import DYNAMIC
from wa_scan.terraform.values import TfValue, null, object_of
from wa_scan.values import Location, Origin, Symbol
from wa_scan.values.kinds import Reason

_NOWHERE = Location("", 1, 1, 1, 1)

_ARGUMENTS = ("backend", "config", "defaults", "workspace")
_Output = tuple[RootModule, str]


class _Source:
    """A root module whose outputs others may ask for. `module` is None once its outputs are all known."""

    def __init__(self, module: ModuleInstance, adopter: Adopter) -> None:
        config = module.config
        self.module: ModuleInstance | None = module
        self.adopter = adopter
        self.names = tuple(config.outputs)
        # Whether it surely has no other outputs: nothing of it was left out or could not be read.
        left_out = module.evaluation.root.left_out
        folder = config.directory
        self.is_complete = not config.problems and all(Path(path).parent != folder for path in left_out)
        self.outputs: dict[str, TfValue] = {}
        self._place: StatePlace | None = None
        self._is_placed = False

    @property
    def place(self) -> StatePlace | None:
        """Where its state is kept; None where that is not known."""
        if not self._is_placed and self.module is not None:
            self._is_placed = True
            self._place = place_of(self.module)
        return self._place

    def output(self, name: str) -> TfValue:
        found = self.outputs.get(name)
        if found is None:
            assert self.module is not None
            found = self.outputs[name] = self.module.output(name)
        return found

    def close(self) -> None:
        """Lets go of all but the outputs."""
        if self.module is not None and self.place is not None:
            self.outputs = self.module.outputs()
        self.module = None


def place_of(module: ModuleInstance) -> StatePlace | None:
    """Where a root module keeps its state: what its last `backend` or `cloud` block says, else a file."""
    directory = module.config.directory
    kind, body = "local", EvaluatedBody(_NOWHERE, {}, {})
    for block in module.config.terraform:
        for inner in block.body.blocks:
            if inner.type not in ("backend", "cloud"):
                continue
            if inner.type == "backend" and len(inner.labels) != 1:
                return None
            kind = inner.labels[0] if inner.type == "backend" else "cloud"
            # What is wrong with it is said with the other settings.
            body = evaluate_body(inner.body, inner.header, module.scope, lambda error, place: None)
    return place_of_block(kind, body, directory)


@dataclass(slots=True)
class _Reading:
    """An output that is being asked for. `is_cyclic`: what is asked for needs what asks."""

    output: _Output
    is_cyclic: bool = False


class RemoteStates:
    """Root modules by where they keep their state.

    `depth`: how many outputs of other root modules are being asked for, one from inside the other.
    """

    def __init__(self, roots: Iterable[RootModule], options: EvaluateOptions, parsed: ParsedFiles) -> None:
        self._options = options
        self._parsed = parsed
        # Gone over once, and only if a state is asked for.
        self._roots = roots
        self._evaluations: dict[RootModule, Evaluation] = {}
        self._sources: dict[RootModule, _Source] = {}
        self._places: list[tuple[RootModule, StatePlace]] | None = None
        self._names: set[str] = set()
        self._readings: list[_Reading] = []
        self._cyclic: set[_Output] = set()

    @property
    def depth(self) -> int:
        return len(self._readings)

    def evaluation(self, root: RootModule) -> Evaluation:
        found = self._evaluations.get(root)
        if found is None:
            found = self._evaluations[root] = Evaluation(root, self._options, self._parsed)
            found.states = self
        return found

    def open(self, root: RootModule) -> ModuleInstance:
        """The root module, evaluated as far as others have asked for its outputs."""
        source = self._source(root)
        assert source.module is not None
        return source.module

    def close(self, root: RootModule) -> None:
        """Keeps only the outputs of a root module, when all that is in it has been evaluated."""
        self._source(root).close()
        self._evaluations.pop(root, None)

    def _source(self, root: RootModule) -> _Source:
        found = self._sources.get(root)
        if found is None:
            adopter = Adopter(root.display, self._names)
            found = self._sources[root] = _Source(open_root(self.evaluation(root)), adopter)
        return found

    # --- asking -------------------------------------------------------------------------------

    def state(self, body: EvaluatedBody, asking: RootModule, address: str) -> TfValue | None:
        """The data source with this body and address as an object; None where its state is not that of a
        root module which is scanned along."""
        query = query_of(body, asking.directory)
        root = self._root_of(query) if query is not None else None
        if root is None:
            return None
        source = self._source(root)
        defaults = body.attributes.get("defaults")
        given = defaults.data if defaults is not None and isinstance(defaults.data, dict) else {}
        symbol = Symbol(f"{address}.outputs", address, "outputs")
        names = (*source.names, *(name for name in given if name not in source.names))
        # Outputs that are null are not in a state.
        outputs = DeferredData(
            symbol, Reason.DATA, names, partial(self._read, root, given), source.is_complete
        )
        made = {name: body.attributes.get(name, null()) for name in _ARGUMENTS}
        marks = frozenset((symbol,))
        return object_of({**made, "outputs": TfValue(DYNAMIC, outputs, marks)})

    def _read(self, root: RootModule, defaults: dict[str, TfValue], name: str) -> TfValue | None:
        """An output as other root modules see it; None where it is not to be known."""
        source = self._source(root)
        if name not in source.names:
            return defaults.get(name)
        reading = _Reading((root, name))
        if reading.output in self._cyclic:
            return None
        self._readings.append(reading)
        try:
            value = source.output(name)
        except StateCycleError:
            reading.is_cyclic = True
        except EvaluationError:
            # A cycle inside the other root module, which it reports itself.
            return None
        except Exception:
            _log_fault(root)
            return None
        finally:
            self._readings.pop()
        if reading.is_cyclic:
            self._cyclic.add(reading.output)
        if reading.output in self._cyclic:
            return None
        if value.data is None and name in defaults:
            return defaults[name]
        adopted = source.adopter.value(value)
        origin = adopted.origin
        if origin is None:
            return adopted
        text = f"output {name} of {root.display}"
        return adopted.with_origin(Origin(origin.location, text, origin.previous))

    def refuse_cycle(self, depth: int) -> None:
        """Raises `StateCycleError` if another root module was asked since `depth`, for what now turns out
        to be needed by itself."""
        if depth >= len(self._readings):
            return
        for reading in self._readings[depth:]:
            reading.is_cyclic = True
        raise StateCycleError

    # --- places -------------------------------------------------------------------------------

    def _root_of(self, query: StateQuery) -> RootModule | None:
        """The one root module whose state is asked for, as it is evaluated; None for none and for several."""
        if self._places is None:
            self._places = []
            for root in self._roots:
                place = self._place(root)
                if place is not None:
                    self._places.append((root, place))
        found: list[RootModule] = []
        for root, place in self._places:
            is_there, workspace = workspace_read(query, place)
            if is_there and self._is_evaluated(workspace, place):
                found.append(root)
            elif is_there:
                return None
        return found[0] if len(found) == 1 else None

    def _is_evaluated(self, workspace: str | None, place: StatePlace) -> bool:
        """Whether a root module is evaluated for this workspace, or for any."""
        selected = self._options.workspace
        return selected is None or workspace == selected or place.name is not None

    def _place(self, root: RootModule) -> StatePlace | None:
        try:
            return self._source(root).place
        except Exception:
            _log_fault(root)
            return None


def _log_fault(root: RootModule) -> None:
    """A fault of wa-scan, which is reported when the turn of that root module comes."""
    import logging

    logging.getLogger("wa_scan").debug("while evaluating %s for others", root.display, exc_info=True)
