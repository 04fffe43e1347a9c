"""What evaluation gives: the blocks of a unit with their values, in either language.

`terraform/` and `cloudformation/` make these, `aws/` turns them into canonical resources.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from wa_scan.errors import Problem
from wa_scan.values import Guard, Location, MapValue, Origin, Step, Value


class Language(Enum):
    """The language that a block was written in; it decides which defaults hold."""

    TERRAFORM = "terraform"
    CLOUDFORMATION = "cloudformation"

    @property
    def title(self) -> str:
        """The language's name as people write it."""
        return {"terraform": "Terraform", "cloudformation": "CloudFormation"}[self.value]


class Mode(Enum):
    """MANAGED: a resource. DATA: something that only looks (a Terraform data source)."""

    MANAGED = "managed"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class EvaluatedResource:
    """One instance of a resource or data source.

    `address`: as the language's users write it (`module.db["a"].aws_db_instance.main[0]`,
    a logical ID). `type`: as written (`aws_db_instance`, `AWS::RDS::DBInstance`).
    `body`: arguments and nested blocks, under the names of the source language. A nested block
    type is a `ListValue` of `MapValue`s however often it may occur; an argument with the value null
    is `Known(None)` with its origin.
    `meta`: what the language adds to every resource: `depends_on`, `lifecycle`, `provisioner`,
    `connection`; `DeletionPolicy`, `UpdateReplacePolicy`, `DependsOn`, `Metadata`, `UpdatePolicy`,
    `CreationPolicy`.
    `location`: the block's header line (`resource "aws_db_instance" "main"`, the logical ID).
    `extent`: the whole block. `exists`: when there is such a resource at all.
    `calls`: the module calls (or nested stacks) that lead here, outermost first.
    `default_tags`: the provider's (or the stack's), a `MapValue`, or something unknown.
    `aliases`: other names that it is known by (the logical ID where the address is a construct path).
    `is_upkeep`: a tool added it for its own upkeep, so that nobody is to blame for how it is.
    """

    address: str
    type: str
    mode: Mode
    language: Language
    body: MapValue
    location: Location
    extent: Location
    meta: MapValue = field(default_factory=lambda: MapValue({}))
    exists: Guard = Guard.ALWAYS
    calls: tuple[Step, ...] = ()
    default_tags: Value | None = None
    region: Value | None = None
    aliases: tuple[str, ...] = ()
    is_upkeep: bool = False

    @property
    def origin(self) -> Origin:
        return Origin(self.location, self.address)


@dataclass(frozen=True, slots=True)
class UnfoundModule:
    """A module call whose source is not on disk, or (`is_stack`) a nested stack whose template is not."""

    call: str
    source: str
    location: Location
    is_stack: bool = False


@dataclass(frozen=True, slots=True)
class EvaluatedUnit:
    """A Terraform root module or a CloudFormation template, evaluated.

    `name`: its folder or file, as reports print it. `resources`: in the order of their addresses.
    `inputs`: variables or parameters by name, with the values they have here. `files_read`: every
    file that went in, as reports print it. `settings`: other top-level settings that rules ask for,
    by name: `terraform` (the `terraform` block), `provider` (a list), `Description`, ….
    `external_folders`: of modules that were installed or fetched, as reports print them: what is in there
    is not the user's to change. `generated_files`: those of `files_read` that a tool wrote from source that
    the resources' `calls` lead through.
    """

    name: str
    language: Language
    resources: tuple[EvaluatedResource, ...]
    inputs: Mapping[str, Value] = field(default_factory=dict)
    outputs: Mapping[str, Value] = field(default_factory=dict)
    settings: Mapping[str, Value] = field(default_factory=dict)
    files_read: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    unfound_modules: tuple[UnfoundModule, ...] = ()
    external_folders: tuple[str, ...] = ()
    generated_files: tuple[str, ...] = ()
