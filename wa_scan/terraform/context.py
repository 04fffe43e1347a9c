"""What one evaluation of a root module shares: options, files, problems and limits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from wa_scan.blocks import UnfoundModule
from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.sources.units import RootModule
from wa_scan.terraform.configuration import ModuleConfig, load_module
from wa_scan.terraform.errors import (
    EvaluationError,
    FileUnavailableError,
    InternalFaultError,
    LimitReachedError,
    OutputUnavailableError,
    OutsideTreeError,
)
from wa_scan.terraform.external_modules import ExternalModule, ExternalModules, ModuleCall
from wa_scan.terraform.files import ParsedFiles, display_of, list_directory
from wa_scan.terraform.syntax import Template
from wa_scan.terraform.values import TfValue
from wa_scan.terraform.versions import TERRAFORM, satisfies
from wa_scan.values import Guard, Location

if TYPE_CHECKING:
    from wa_scan.terraform.packages.store import ModuleStore
    from wa_scan.terraform.states import RemoteStates
    from wa_scan.terraform.variables import Given, Variable

MOST_STEPS = 1_000_000
MOST_MODULE_INSTANCES = 5_000
MOST_RESOURCE_INSTANCES = 100_000
DEEPEST_MODULES = 100


_KINDS: dict[type[EvaluationError], ProblemKind] = {
    LimitReachedError: ProblemKind.LIMIT_REACHED,
    FileUnavailableError: ProblemKind.UNREADABLE_FILE,
    OutsideTreeError: ProblemKind.OUTSIDE_TREE,
    InternalFaultError: ProblemKind.INTERNAL_ERROR,
    OutputUnavailableError: ProblemKind.EVALUATION_ERROR,
}


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """`variables`: from `--var`, the text after `=`; `variable_files`: from `--var-file`, weaker than
    those, the later stronger than the earlier; among them a mapping for the `--var`s that stood between
    the files; `workspace`: `terraform.workspace`, unknown if None; `environment`: where `TF_VAR_` values
    are taken from, None for not at all. `require_inputs`: what stops `terraform plan`, but not wa-scan, is
    an error, too: a root variable without a value, a version of Terraform that is not ours. `planned`:
    values of root variables that a plan was made with, stronger than all others. `modules`: where modules
    are taken from that are neither in the tree nor installed, None for nowhere. `short_circuits`: `&&` and
    `||` leave out what is wrong on the right where the left decides, as Terraform does since 1.12.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    variable_files: Sequence[Path | Mapping[str, str]] = ()
    workspace: str | None = None
    environment: Mapping[str, str] | None = None
    require_inputs: bool = False
    planned: Mapping[str, "Given"] = field(default_factory=dict)
    modules: "ModuleStore | None" = None
    short_circuits: bool = False


class Evaluation:
    """Collects what goes wrong, once each, and loads each module folder once."""

    def __init__(self, root: RootModule, options: EvaluateOptions, parsed: ParsedFiles | None = None) -> None:
        self.root = root
        self.options = options
        self.parsed = parsed if parsed is not None else ParsedFiles()
        self.problems: dict[tuple[ProblemKind, str, Location | None], Problem] = {}
        self.unfound: dict[tuple[str, Location], UnfoundModule] = {}
        self.files_read: dict[str, None] = {}
        self.declared: dict[int, dict[str, Variable]] = {}
        self._steps = 0
        self._templates: dict[tuple[str, str], Template] = {}
        self.module_instances = 0
        self.resource_instances = 0
        # The root modules that are scanned along, if any are.
        self.states: RemoteStates | None = None
        self.read_imports: Callable[[], dict[str, TfValue]] | None = None
        self._imported: dict[str, TfValue] = {}
        self._configs: dict[Path, ModuleConfig] = {}
        self.external = ExternalModules(root, options.modules)

    def external_module(self, call: ModuleCall) -> ExternalModule | None:
        """A module from elsewhere. What goes wrong with it is reported."""
        found = self.external.find(call)
        for problem in self.external.problems:
            self.add(problem)
        return found

    def spend(self, steps: int) -> None:
        """Counts the elements that `for`, splats and `dynamic` blocks go over."""
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise LimitReachedError(
                f"`for` expressions and `dynamic` blocks take more than {MOST_STEPS} steps"
            )

    def begin_anew(self) -> None:
        """For what is evaluated by itself, as each expression on a console is."""
        self._steps = 0

    def template(self, text: str, path: str) -> Template:
        """A template file, parsed once for each text. Raises `EvaluationError`."""
        from wa_scan.terraform.parse import parse_template
        from wa_scan.terraform.source_text import TerraformSyntaxError

        found = self._templates.get((text, path))
        if found is None:
            shown = self.display(self.external.real_path(path))
            try:
                found = parse_template(text, shown)
            except TerraformSyntaxError as error:
                message = f"the template {shown} cannot be parsed: {error.message}"
                raise (LimitReachedError if error.limit else EvaluationError)(message, argument=0) from None
            self._templates[text, path] = found
        return found

    def imported(self, address: str) -> TfValue | None:
        """The known id of an object that an `import` block brings under this address."""
        if self.read_imports is not None:
            read, self.read_imports = self.read_imports, None
            self._imported = read()
        return self._imported.get(address)

    def note_read(self, path: Path) -> None:
        self.files_read[self.display(path)] = None

    def display(self, path: Path) -> str:
        return display_of(path, self.root.directory, self.root.display)

    def config(self, directory: Path, tree: Path | None = None) -> ModuleConfig:
        """The module in `directory`, which must be inside `tree`, the root module's if it is None."""
        found = self._configs.get(directory)
        if found is None:
            found = self._configs[directory] = self._load(directory, tree or self.root.tree)
            for problem in found.problems:
                self.add(problem)
            self._check_version(found)
            for file in found.files:
                self.files_read[file] = None
        return found

    def _load(self, directory: Path, tree: Path) -> ModuleConfig:
        root = self.root
        display = self.display(directory)
        key = (directory, display, tree, frozenset(root.left_out))
        found = self.parsed.modules.get(key)
        if found is None:
            listed = list_directory(directory, tree, root.left_out)
            found = self.parsed.modules[key] = load_module(directory, display, listed, self.parsed)
        return found

    def _check_version(self, config: ModuleConfig) -> None:
        for block in config.terraform:
            wanted = block.body.attributes.get("required_version")
            text = wanted.value.literal if wanted and isinstance(wanted.value, Template) else None
            if wanted is None or text is None or satisfies(TERRAFORM, text) is not False:
                continue
            message = f'this module wants Terraform "{text}", and is read as Terraform 1.11 would'
            self.tolerate(message, wanted.location)

    def tolerate(self, message: str, location: Location) -> None:
        """Notes what another version of Terraform takes; an error where all is to be as this one has it."""
        level = ProblemLevel.ERROR if self.options.require_inputs else ProblemLevel.NOTE
        self.add(Problem(ProblemKind.EVALUATION_ERROR, message, location, level))

    def add(self, problem: Problem) -> None:
        self.problems.setdefault((problem.kind, problem.message, problem.location), problem)

    def report(self, error: EvaluationError, location: Location, when: Guard = Guard.ALWAYS) -> None:
        """Notes an error of evaluation, at its own place or else at `location`.

        It is only a note where Terraform may accept it: what is beyond wa-scan, or what is evaluated
        only `when` something unknown holds.
        """
        kind = next((kind for error_type, kind in _KINDS.items() if isinstance(error, error_type)), None)
        always = when.is_always and error.when.is_always
        is_note = kind is not ProblemKind.INTERNAL_ERROR and (kind is not None or not always)
        self.add(
            Problem(
                kind or ProblemKind.EVALUATION_ERROR,
                error.message,
                error.location or location,
                ProblemLevel.NOTE if is_note else ProblemLevel.ERROR,
            )
        )

    def refuse(self, message: str, location: Location | None, when: Guard = Guard.ALWAYS) -> None:
        level = ProblemLevel.ERROR if when.is_always else ProblemLevel.NOTE
        self.add(Problem(ProblemKind.EVALUATION_ERROR, message, location, level))
