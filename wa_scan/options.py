"""What a scan can be told, and what each step of the way is told of it."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wa_scan.cloudformation.evaluate import EvaluateOptions as TemplateOptions
    from wa_scan.errors import Problem
    from wa_scan.terraform.context import EvaluateOptions
    from wa_scan.terraform.packages.store import ModuleStore


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """What a scan can be told.

    `working_directory`: what relative paths are relative to, and what reports print paths relative to;
    None for the process's. `variables`, `variable_files`, `workspace`: as for `terraform plan`; a mapping
    among the files stands for values that are weaker than the files after it. `env_vars`: take `TF_VAR_`
    values and `TF_WORKSPACE` from the process's environment.
    `source`: the root module that plan files were made from, None for the one in or above their folder.
    `download_modules`: fetch modules from registries, git and archives into `module_cache` (None for one in
    the user's cache folder). Without it nothing is fetched, and only a cache that is named is used.
    `parameters`: of CloudFormation templates, by name. `parameter_files`: files of them, as the AWS CLI,
    CodePipeline and SAM read them; a mapping among the files stands for values that are weaker than the files
    after it. `stack_tags`: put on every resource of a stack. `config_env`: the environment of SAM's
    configuration that counts. `rule_folders`: folders of further rules.
    `rules`, `skip_rules`: ids, names or aliases of rules, or pillars; of `rules` an empty tuple means all.
    `pillars`: only rules of these. `each_instance`: a finding for each instance of a block instead of one for
    all that are alike. `hook`: the paths are what pre-commit names, so files that are no
    infrastructure are passed over. `allow_empty`: nothing to scan is no problem.
    """

    working_directory: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    variable_files: tuple[Path | Mapping[str, str], ...] = ()
    workspace: str | None = None
    env_vars: bool = False
    download_modules: bool = False
    module_cache: Path | None = None
    source: Path | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    parameter_files: tuple[Path | Mapping[str, str], ...] = ()
    stack_tags: Mapping[str, str] = field(default_factory=dict)
    config_env: str = "default"
    rule_folders: tuple[Path, ...] = ()
    rules: tuple[str, ...] = ()
    skip_rules: tuple[str, ...] = ()
    pillars: tuple[str, ...] = ()
    each_instance: bool = False
    hook: bool = False
    allow_empty: bool = False

    @property
    def base(self) -> Path:
        """The working directory, absolute."""
        return (self.working_directory or Path()).absolute()


def terraform_options(options: ScanOptions, modules: "ModuleStore | None" = None) -> "EvaluateOptions":
    """What the evaluation of root modules is told."""
    from wa_scan.terraform.context import EvaluateOptions

    environment = os.environ if options.env_vars else {}
    return EvaluateOptions(
        variables=options.variables,
        variable_files=tuple(
            options.base / named if isinstance(named, Path) else named for named in options.variable_files
        ),
        workspace=options.workspace or environment.get("TF_WORKSPACE") or None,
        environment=environment,
        modules=modules,
        short_circuits=True,
    )


def module_store(options: ScanOptions, say: Callable[[str], None] | None = None) -> "ModuleStore | None":
    """Where modules from elsewhere are taken from, None for nowhere; `say` hears of downloads.

    Raises `UsageError` for a cache that cannot be written."""
    if not options.download_modules and options.module_cache is None:
        return None
    from wa_scan.terraform.packages.cache import default_folder
    from wa_scan.terraform.packages.store import ModuleStore

    named = options.module_cache
    folder = options.base / named if named is not None else default_folder()
    return ModuleStore(folder, download=options.download_modules, say=say or (lambda _: None))


def template_options(options: ScanOptions) -> "TemplateOptions":
    """What the evaluation of templates is told, `options` being without parameter files."""
    from wa_scan.cloudformation.evaluate import EvaluateOptions as TemplateOptions

    return TemplateOptions(options.parameters, options.stack_tags, options.config_env)


def with_parameter_files(options: ScanOptions) -> ScanOptions:
    """`options` with what its parameter files say, and without the files. Raises `UsageError`."""
    return read_parameter_files(options)[0]


def read_parameter_files(options: ScanOptions) -> tuple[ScanOptions, Sequence["Problem"]]:
    """As `with_parameter_files`, and notes on what the files name and was not read."""
    if not options.parameter_files:
        return options, ()
    from wa_scan.cloudformation.parameter_files import read_parameter_file
    from wa_scan.sources.paths import display_path

    parameters: dict[str, str] = {}
    tags: dict[str, str] = {}
    notes: list[Problem] = []
    for named in options.parameter_files:
        if isinstance(named, Path):
            display = display_path(named, options.base)
            found = read_parameter_file(options.base / named, display, options.config_env)
            parameters |= found.parameters
            tags |= found.tags
            notes += found.notes()
        else:
            parameters |= named
    return replace(
        options,
        parameters={**parameters, **options.parameters},
        parameter_files=(),
        stack_tags={**tags, **options.stack_tags},
    ), notes
