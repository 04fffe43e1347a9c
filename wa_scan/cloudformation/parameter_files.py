"""Parameter values from the files that other tools deploy with.

Sources: AWS CLI, `aws cloudformation create-stack --parameters file://…`, `--cli-input-json` and `deploy
--parameter-overrides file://…`, `describe-stacks`; AWS CodePipeline user guide, "template configuration
file"; AWS SAM developer guide, "AWS SAM CLI configuration file".
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wa_scan.cloudformation.given_values import GivenText
from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.cloudformation.texts import scalar_text
from wa_scan.errors import Problem, ProblemKind, ProblemLevel, UsageError
from wa_scan.values import Location, Origin

MAX_BYTES = 1_000_000
_FILE = "file://"
SAM_CONFIGURATIONS = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")
DEFAULT_ENVIRONMENT = "default"
SAM_TEMPLATES = ("template.yaml", "template.yml", "template.json")
"""What `sam deploy` deploys where it is told nothing else."""


@dataclass(frozen=True, slots=True)
class ParameterFile:
    """Values by parameter name, and the tags that the stack gets. `template`: the file that a SAM
    configuration is of, as written there; None where it says nothing. `further`: files that more values
    would come from (`file://…`), which are not read, and where they are named. `missing`: the environment
    that was asked for and that a SAM configuration does not have, and that file."""

    parameters: dict[str, GivenText] = field(default_factory=dict)
    tags: dict[str, GivenText] = field(default_factory=dict)
    template: str | None = None
    further: tuple[tuple[str, Location], ...] = ()
    missing: tuple[str, Location] | None = None

    def notes(self) -> Iterator[Problem]:
        """What is to be said of the files that are not read, and of what is not there."""
        if self.missing is not None:
            name, file = self.missing
            message = f"This SAM configuration has no environment {name}."
            yield Problem(ProblemKind.NOT_LOOKED_AT, message, file, ProblemLevel.NOTE)
        for name, place in self.further:
            yield Problem(
                ProblemKind.NOT_LOOKED_AT,
                f"What {name} gives was not read.",
                place,
                ProblemLevel.NOTE,
                hint="name that file with --parameters",
            )


class ParameterFileError(ValueError):
    """A parameter file says something that cannot be. `location` is None for the whole file."""

    def __init__(self, message: str, location: Location | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.location = location


def read_parameter_file(path: Path, display: str, environment: str = DEFAULT_ENVIRONMENT) -> ParameterFile:
    """The values in a parameter file: JSON or YAML as the AWS CLI and CodePipeline take it, or
    `samconfig.toml`, of which the section of `environment` counts. Raises `UsageError`."""
    try:
        return parameters_in(path, display, environment)
    except OSError as error:
        raise UsageError(f"The parameter file {display} cannot be read: {error.strerror}.") from error
    except ParameterFileError as error:
        place = error.location or display
        raise UsageError(f"The parameter file {place} cannot be used: {error.message}.") from error


def parameters_in(path: Path, display: str, environment: str = DEFAULT_ENVIRONMENT) -> ParameterFile:
    """As `read_parameter_file`. Raises `ParameterFileError` and `OSError`."""
    with path.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ParameterFileError(f"it is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        text = data.decode("utf-8-sig")
        root = _root(text, display, path.suffix)
        if path.suffix == ".toml" or path.name in SAM_CONFIGURATIONS:
            return _of_sam_configuration(root, environment, text)
        return _of_data(root)
    except ParameterFileError:
        raise
    except RecursionError as error:
        raise ParameterFileError("it is nested too deeply") from error
    except ValueError as error:
        raise ParameterFileError(str(error)) from error


def _root(text: str, display: str, suffix: str) -> Node:
    if suffix == ".toml":
        from wa_scan.cloudformation.toml_nodes import toml_root

        return toml_root(text, display)
    from wa_scan.cloudformation.decode import decode

    decoded = decode(text, display)
    for problem in decoded.problems:
        raise ParameterFileError(problem.message.rstrip("."), problem.location)
    if decoded.root is None:
        raise ParameterFileError("it is empty")
    return decoded.root


def _of_data(root: Node) -> ParameterFile:
    """`[{"ParameterKey": …, "ParameterValue": …}]`, `["Name=value"]`, `{"Parameters": …, "Tags": …}` with
    either form of both, `{"Name": "value"}`, or what `describe-stacks` prints of one stack."""
    if isinstance(root, SequenceNode):
        return ParameterFile(dict(_pairs(root)), further=tuple(_further(root)))
    if not isinstance(root, MappingNode):
        raise ParameterFileError("it holds neither a list nor a mapping")
    if "Resources" in root.entries:
        raise ParameterFileError("it is a template", root.entries["Resources"].key)
    stacks = root.get("Stacks")
    if isinstance(stacks, SequenceNode):
        if len(stacks.items) != 1 or not isinstance(stacks.items[0], MappingNode):
            raise ParameterFileError("it does not describe exactly one stack", stacks.location)
        root = stacks.items[0]
    section = root.get("Parameters")
    if isinstance(section, MappingNode | SequenceNode):
        tags = root.get("Tags")
        return ParameterFile(_of_option(section), _of_option(tags) if tags is not None else {})
    if stacks is not None:
        return ParameterFile({})
    return ParameterFile(_texts(root))


def _pairs(items: SequenceNode) -> Iterator[tuple[str, GivenText]]:
    for item in items.items:
        if isinstance(item, MappingNode):
            pair = _entry(item)
            if pair is not None:
                yield pair
        elif isinstance(item, ScalarNode) and isinstance(item.data, str):
            yield from _assignments([item.data], item.location)
        else:
            raise ParameterFileError(
                "an entry is neither a ParameterKey with a ParameterValue nor Name=value", item.location
            )


def _entry(item: MappingNode) -> tuple[str, GivenText] | None:
    for key_name, value_name in (("ParameterKey", "ParameterValue"), ("Key", "Value")):
        key = item.get(key_name)
        if isinstance(key, ScalarNode):
            entry = item.entries.get(value_name)
            # With `UsePreviousValue` there is no value: it is not known here.
            if entry is None:
                return None
            resolved = item.get("ResolvedValue")
            found = resolved.data if isinstance(resolved, ScalarNode) else None
            name = scalar_text(key.data)
            place = entry.key.to(entry.value.location)
            return name, _given(
                name, _text(entry.value), place, None if found is None else scalar_text(found)
            )
    raise ParameterFileError("an entry has no ParameterKey", item.location)


def _assignments(written: list[str], location: Location) -> Iterator[tuple[str, GivenText]]:
    """`Name=value` and `ParameterKey=Name,ParameterValue=value`; what is in a file of its own
    (`file://…`) is left out."""
    for one in written:
        if one.startswith(_FILE):
            continue
        key, separator, value = one.partition(",ParameterValue=")
        if separator and key.startswith("ParameterKey="):
            key = key.removeprefix("ParameterKey=")
        else:
            key, separator, value = one.partition("=")
        if not separator:
            raise ParameterFileError(f"{one!r} is not Name=value", location)
        yield key, _given(key, value, location)


def _of_sam_configuration(root: Node, environment: str, text: str) -> ParameterFile:
    found = ParameterFile()
    missing: tuple[str, Location] | None = None
    # The default one nobody asked for.
    if environment != DEFAULT_ENVIRONMENT and isinstance(root, MappingNode) and root.get(environment) is None:
        missing = environment, Location(root.location.file, 1, 1, 1, 1)
    template: str | None = None
    further: tuple[tuple[str, Location], ...] = ()
    # What is set for one command comes after what is set for all.
    for command in ("global", "deploy"):
        section = root
        for name in (environment, command, "parameters"):
            inner = section.get(name) if isinstance(section, MappingNode) else None
            section = inner if inner is not None else ScalarNode(None, root.location)
        if not isinstance(section, MappingNode):
            continue
        for target, option in ((found.parameters, "parameter_overrides"), (found.tags, "tags")):
            node = section.get(option)
            if node is not None:
                target.update(_placed(_of_option(node), text))
                further += tuple(_further(node))
        for option in ("template_file", "template"):
            named = section.get(option)
            if isinstance(named, ScalarNode) and isinstance(named.data, str):
                template = named.data
    return ParameterFile(found.parameters, found.tags, template, further, missing)


def _placed(values: dict[str, GivenText], text: str) -> dict[str, GivenText]:
    """Values that were written into one text or list over several lines, each with its own line."""
    lines = text.split("\n")
    if len(lines) * len(values) > MAX_BYTES:
        return values
    found: dict[str, GivenText] = {}
    for name, value in values.items():
        at = value.origin.location
        word = re.compile(rf"(?<![\w.-]){re.escape(name)}['\"]?\s*(?:=|,ParameterValue=)")
        here = range(at.start_line, at.end_line + 1) if at.start_line < at.end_line else ()
        line = next((number for number in here if word.search(lines[number - 1].partition("#")[0])), None)
        if line is not None:
            written = lines[line - 1].rstrip()
            start = len(written) - len(written.lstrip()) + 1
            place = Location(at.file, line, start, line, len(written) + 1)
            value = _given(name, value, place, value.resolved)
        found[name] = value
    return found


def _of_option(option: Node) -> dict[str, GivenText]:
    if isinstance(option, MappingNode):
        return _texts(option)
    if isinstance(option, SequenceNode):
        return dict(_pairs(option))
    if isinstance(option, ScalarNode) and isinstance(option.data, str):
        return dict(_assignments(shlex.split(option.data), option.location))
    return {}


def _further(option: Node) -> Iterator[tuple[str, Location]]:
    """The files that an option takes more values from."""
    for node in option.items if isinstance(option, SequenceNode) else (option,):
        if isinstance(node, ScalarNode) and isinstance(node.data, str):
            for one in shlex.split(node.data) if node is option else (node.data,):
                if one.startswith(_FILE):
                    yield one.removeprefix(_FILE), node.location


def _texts(node: MappingNode) -> dict[str, GivenText]:
    return {
        name: _given(name, _text(value), key.to(value.location))
        for name, (key, value) in node.entries.items()
    }


def _text(node: Node) -> str:
    if isinstance(node, SequenceNode):
        return ",".join(_text(item) for item in node.items)
    if isinstance(node, ScalarNode):
        return scalar_text(node.data)
    raise ParameterFileError("a value is a mapping", node.location)


def _given(name: str, text: str, location: Location, resolved: str | None = None) -> GivenText:
    return GivenText.of(text, Origin(location, f"{name} in {Path(location.file).name}"), resolved)
