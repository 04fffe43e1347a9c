"""Templates of cloud assemblies: their resources are constructs of an app of the AWS CDK.

A resource is called by its construct path; the source lines that made it are the calls that lead to it; what
the library adds for its own upkeep is told apart.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from wa_scan.blocks import EvaluatedResource, EvaluatedUnit
from wa_scan.cloudformation.assembly_frames import SourceLines
from wa_scan.cloudformation.assembly_upkeep import METADATA, is_upkeep, marked_paths
from wa_scan.cloudformation.nodes import MappingNode, text_of
from wa_scan.cloudformation.resources import WrittenResource
from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.sources.paths import display_path
from wa_scan.sources.units import Stack
from wa_scan.values import Known, Location, MapValue, Step

CONSTRUCT_PATH = "aws:cdk:path"
_LOGICAL_ID = "aws:cdk:logicalId"
_CREATION = "aws:cdk:creationStack"
_LARGEST = 50_000_000
_DEEPEST = 100
# An L2 construct's own resource has one of these names; its trace is the nearest to its children's.
_DEFAULT_CHILDREN = ("", "/Resource", "/Default")


def values_of(stack: Stack) -> dict[str, str]:
    """The parameters and pseudo parameters that an assembly gives to a stack."""
    found = {**stack.parameters, "AWS::StackName": stack.name}
    if stack.account is not None:
        found["AWS::AccountId"] = stack.account
    if stack.region is not None:
        found["AWS::Region"] = stack.region
    return found


class Constructs:
    """What an assembly knows of the constructs of one stack and of those that it nests."""

    def __init__(self, stack: Stack, tree: Path) -> None:
        self._stack = stack
        self._lines = SourceLines(stack.folder, tree, stack.working_directory)
        self._steps: dict[str, tuple[Step, ...]] = {}
        self.problems: list[Problem] = []

    def addresses(self, written: Mapping[str, WrittenResource], is_root: bool) -> dict[str, str]:
        """The construct paths of a template's resources by logical ID, where there is one of its own."""
        found: dict[str, str] = {}
        taken: set[str] = set()
        for name, resource in written.items():
            metadata = resource.node.get("Metadata")
            path = text_of(metadata.get(CONSTRUCT_PATH)) if isinstance(metadata, MappingNode) else None
            if path is None and is_root:
                path = self._paths.get(name)
            if path and path not in taken:
                taken.add(path)
                found[name] = path
        return found

    def completed(self, resource: EvaluatedResource, paths: frozenset[str]) -> EvaluatedResource:
        """`resource` with the source lines that lead to it, and whether it is the library's own."""
        return replace(
            resource,
            calls=(*resource.calls, *self.steps(resource.address)),
            is_upkeep=is_upkeep(resource.type, resource.address, self._marked, paths),
        )

    def steps(self, path: str) -> tuple[Step, ...]:
        """The lines of source that made the construct at `path`, the outermost call first; of the nearest
        construct around it where its own trace does not reach the app's code."""
        tried: list[str] = []
        found: tuple[Step, ...] = ()
        # The stack itself has a line too, but that would be blamed for all that is in it.
        while "/" in path and path != self._stack.path and len(tried) < _DEEPEST:
            if path in self._steps:
                found = self._steps[path]
                break
            tried.append(path)
            found = next((steps for end in _DEFAULT_CHILDREN if (steps := self._own_steps(path + end))), ())
            if found:
                break
            path = path.rpartition("/")[0]
        self._steps.update(dict.fromkeys(tried, found))
        return found

    def _own_steps(self, path: str) -> tuple[Step, ...]:
        for trace in _traces(self._metadata.get(path) or self._metadata.get(f"/{path}")):
            steps = self._lines.steps(trace)
            if steps:
                return steps
        return ()

    @cached_property
    def _metadata(self) -> Mapping[str, object]:
        file = self._stack.metadata_file
        if file is None:
            return self._stack.metadata
        try:
            if file.stat().st_size > _LARGEST:
                raise ValueError("it is too large")
            more = json.loads(file.read_bytes())
            if not isinstance(more, dict):
                raise ValueError("it is not an object")
        except (OSError, ValueError, RecursionError) as error:
            place = Location(display_path(file, self._stack.working_directory), 1, 1, 1, 1)
            message = f"The constructs' metadata cannot be read: {error}."
            self.problems.append(Problem(ProblemKind.UNREADABLE_FILE, message, place, ProblemLevel.ERROR))
            return self._stack.metadata
        return {**self._stack.metadata, **more}

    @cached_property
    def _marked(self) -> frozenset[str]:
        return marked_paths(self._metadata)

    @cached_property
    def _paths(self) -> dict[str, str]:
        """Construct paths by logical ID, without IDs that several have (in nested stacks)."""
        found: dict[str, str] = {}
        several: set[str] = set()
        for path, entries in self._metadata.items():
            for entry in _entries(entries, _LOGICAL_ID):
                name, own = entry.get("data"), path.removeprefix("/")
                if isinstance(name, str) and found.setdefault(name, own) != own:
                    several.add(name)
        return {name: path for name, path in found.items() if name not in several}


def with_constructs(unit: EvaluatedUnit, constructs: Constructs | None) -> EvaluatedUnit:
    """`unit` with what is known of its constructs: all where its template is an assembly's, else only
    which resources are the library's own, as far as they have construct paths."""
    if constructs is None:
        return _with_upkeep(unit)
    paths = frozenset(resource.address for resource in unit.resources)
    resources = tuple(constructs.completed(resource, paths) for resource in unit.resources)
    return replace(
        unit,
        resources=resources,
        generated_files=unit.files_read,
        problems=(*unit.problems, *constructs.problems),
    )


def _with_upkeep(unit: EvaluatedUnit) -> EvaluatedUnit:
    paths = [_path_in(resource) for resource in unit.resources]
    known = frozenset(filter(None, paths))
    if not known and not any(resource.type == METADATA for resource in unit.resources):
        return unit
    resources = tuple(
        replace(resource, is_upkeep=is_upkeep(resource.type, path, (), known))
        for resource, path in zip(unit.resources, paths, strict=True)
    )
    return replace(unit, resources=resources)


def _path_in(resource: EvaluatedResource) -> str:
    metadata = resource.meta.entries.get("Metadata")
    path = metadata.entries.get(CONSTRUCT_PATH) if isinstance(metadata, MapValue) else None
    return path.data if isinstance(path, Known) and isinstance(path.data, str) else ""


def _entries(entries: object, type_: str) -> Iterator[Mapping[str, object]]:
    """The entries of a construct's metadata that are of a type."""
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("type") == type_:
            yield entry


def _traces(entries: object) -> Iterator[list[str]]:
    """The traces to where a construct was made: new assemblies have an entry for them, in old ones they stand
    beside the logical ID."""
    for entry in _entries(entries, _CREATION):
        yield _lines(entry.get("data"))
    for entry in _entries(entries, _LOGICAL_ID):
        yield _lines(entry.get("trace"))


def _lines(trace: object) -> list[str]:
    return [line for line in trace if isinstance(line, str)] if isinstance(trace, list) else []
