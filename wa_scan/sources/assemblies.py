"""Cloud assemblies: the folders that the AWS CDK writes (`cdk.out`), known by their `manifest.json`.

Source: the schema of `@aws-cdk/cloud-assembly-schema`, versions 1 to 55. A manifest has `version` and
`artifacts`; stacks are artifacts of the type `aws:cloudformation:stack`, stages folders with manifests of
their own (`cdk:cloud-assembly`). What constructs leave behind stands in the artifact or in a file that it
names.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wa_scan.errors import Problem, ProblemKind
from wa_scan.sources.paths import display_path, is_below
from wa_scan.sources.sniff import MANIFEST, looks_like_assembly
from wa_scan.sources.units import Stack
from wa_scan.sources.walk import reason
from wa_scan.values import Location

_STACK = "aws:cloudformation:stack"
_STAGE = "cdk:cloud-assembly"
_ENVIRONMENT = re.compile(r"aws://([^/]+)/([^/]+)\Z")
_ASSET = re.compile(rb'"aws:asset:path"\s*:\s*"((?:[^"\\]|\\.)*)"')
_LARGEST = 20_000_000


@dataclass(frozen=True, slots=True)
class Assembly:
    """`stacks`: by the path of their template, absolute. `problems`: what the manifest says and cannot be."""

    stacks: Mapping[Path, Stack] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_assembly(folder: Path, tree: Path, working_directory: Path) -> Assembly | None:
    """The assembly in `folder` (absolute), without those of its stages; None where there is none.

    Never raises; a manifest that is broken gives problems and no stacks.
    """
    path = folder / MANIFEST
    file = display_path(path, working_directory)
    try:
        if not path.is_file() or not is_below(path, tree) or path.stat().st_size > _LARGEST:
            return None
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        problem = _problem(f"the file cannot be read: {why}", Location(file, 1, 1, 1, 1))
        return Assembly(problems=(problem,))
    if b'"artifacts"' not in data:
        return None
    text = data.decode("utf-8-sig", "replace")
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Assembly(problems=(_not_json(file, error),)) if looks_like_assembly(data) else None
    if not _is_manifest(manifest):
        return None
    reader = _Reader(folder, tree, working_directory, file, text)
    stacks = dict(reader.stacks(manifest["artifacts"]))
    return Assembly(stacks, tuple(reader.problems))


def is_asset(folder: str) -> bool:
    """Whether a folder of an assembly is an asset: programs or data to upload, whatever looks like a template
    among them."""
    return os.path.basename(folder).startswith("asset.")


def nested_templates(template: bytes) -> Iterator[str]:
    """The files that a template's nested stacks (and other assets) are, relative to its assembly. A look at
    the text, not a parse."""
    for match in _ASSET.finditer(template):
        yield match[1].decode("utf-8", "replace")


def _is_manifest(manifest: object) -> bool:
    return (
        isinstance(manifest, dict)
        and isinstance(manifest.get("version"), str)
        and isinstance(manifest.get("artifacts"), dict)
        and all(
            isinstance(artifact, dict) and isinstance(artifact.get("type"), str)
            for artifact in manifest["artifacts"].values()
        )
    )


def _not_json(file: str, error: ValueError | RecursionError) -> Problem:
    place = Location(file, 1, 1, 1, 1)
    message = "the manifest of the cloud assembly is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        place = Location(file, error.lineno, error.colno, error.lineno, error.colno + 1)
        message = f"the manifest of the cloud assembly is not JSON: {error.msg}"
    hint = "Its templates are scanned as they are; run cdk synth again to have constructs named."
    return Problem(ProblemKind.SYNTAX_ERROR, message, place, hint=hint)


def _problem(message: str, place: Location) -> Problem:
    return Problem(ProblemKind.UNREADABLE_FILE, message, place)


class _Reader:
    """Reads the artifacts of one manifest. `text` is the manifest's, to find places in."""

    def __init__(self, folder: Path, tree: Path, working_directory: Path, file: str, text: str) -> None:
        self._folder = folder
        self._tree = tree
        self._working_directory = working_directory
        self._file = file
        self._text = text
        self.problems: list[Problem] = []

    def stacks(self, artifacts: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[Path, Stack]]:
        for name, artifact in artifacts.items():
            properties = artifact.get("properties")
            if not isinstance(properties, dict):
                properties = {}
            if artifact["type"] == _STAGE:
                self._check_stage(name, properties.get("directoryName"))
            elif artifact["type"] == _STACK:
                template = self._file_of(name, "template", properties.get("templateFile"))
                if template is not None:
                    yield template, self._stack(name, artifact, properties)

    def _stack(self, name: str, artifact: Mapping[str, object], properties: Mapping[str, object]) -> Stack:
        account, region = _environment(artifact.get("environment"))
        metadata = artifact.get("metadata")
        kept = metadata if isinstance(metadata, dict) else {}
        stack_name = properties.get("stackName")
        # With the name in brackets where that is another one.
        path = str(artifact.get("displayName", "")).partition(" (")[0]
        more = artifact.get("additionalMetadataFile")
        return Stack(
            artifact=name,
            name=stack_name if isinstance(stack_name, str) and stack_name else name,
            path=path or name,
            folder=self._folder,
            working_directory=self._working_directory,
            account=account,
            region=region,
            parameters=_texts(properties.get("parameters")),
            tags={**_tags_in(kept), **_texts(properties.get("tags"))},
            metadata=kept,
            metadata_file=self._file_of(name, "metadata", more) if more is not None else None,
        )

    def _check_stage(self, name: str, directory: object) -> None:
        if not isinstance(directory, str) or not (self._folder / directory / MANIFEST).is_file():
            self._report(f"the nested assembly {name} is not there: {directory}", directory)

    def _file_of(self, name: str, kind: str, file: object) -> Path | None:
        """The file that an artifact names, inside the tree; None, and a problem, where there is none."""
        if not isinstance(file, str) or not file:
            self._report(f"the stack {name} names no {kind} file", name)
            return None
        try:
            path = Path(self._folder, file)
            if not is_below(path, self._tree):
                self._report(f"the {kind} file of the stack {name} lies outside of what is scanned", file)
                return None
            if not path.is_file():
                self._report(f"the {kind} file of the stack {name} is not there: {file}", file)
                return None
        except (OSError, ValueError) as error:
            self._report(f"the {kind} file of the stack {name} cannot be read: {error}", file)
            return None
        return Path(os.path.normpath(path))

    def _report(self, message: str, written: object) -> None:
        self.problems.append(_problem(message, self._place(written)))

    def _place(self, written: object) -> Location:
        """Where the text is first written in the manifest, else its first line."""
        quoted = json.dumps(written)
        at = self._text.find(quoted) if isinstance(written, str) else -1
        if at < 0:
            return Location(self._file, 1, 1, 1, 1)
        line = self._text.count("\n", 0, at) + 1
        column = at - self._text.rfind("\n", 0, at)
        return Location(self._file, line, column, line, column + len(quoted))


def _environment(written: object) -> tuple[str | None, str | None]:
    """Account and region of `aws://123456789012/eu-west-1`, None for each that is not known."""
    match = _ENVIRONMENT.match(written) if isinstance(written, str) else None
    if match is None:
        return None, None
    account, region = match.groups()
    return (
        None if account == "unknown-account" else account,
        None if region == "unknown-region" else region,
    )


def _texts(written: object) -> dict[str, str]:
    """The texts and numbers of a mapping, as texts."""
    if not isinstance(written, dict):
        return {}
    return {
        str(name): str(value)
        for name, value in written.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }


def _tags_in(metadata: Mapping[str, object]) -> dict[str, str]:
    """The stack's tags, which old assemblies have in the metadata of the stack only."""
    found: dict[str, str] = {}
    for entries in metadata.values():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and entry.get("type") == "aws:cdk:stack-tags":
                for tag in entry["data"] if isinstance(entry.get("data"), list) else ():
                    if isinstance(tag, dict):
                        key, value = tag.get("Key", tag.get("key")), tag.get("Value", tag.get("value"))
                        if isinstance(key, str) and isinstance(value, str):
                            found[key] = value
    return found
