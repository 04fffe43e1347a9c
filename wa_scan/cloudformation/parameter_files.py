"""Parameter values from the files that other tools deploy with.

Sources: AWS CLI, `aws cloudformation create-stack --parameters file://…` and `deploy
--parameter-overrides file://…`; AWS CodePipeline user guide, "template configuration file"; AWS SAM
developer guide, "AWS SAM CLI configuration file".
"""

import json
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wa_scan.cloudformation.texts import scalar_text
from wa_scan.errors import UsageError

MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class ParameterFile:
    """Values by parameter name, and the tags that the stack gets."""

    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def read_parameter_file(path: Path, environment: str = "default") -> ParameterFile:
    """The values in a parameter file: JSON or YAML as the AWS CLI and CodePipeline take it, or
    `samconfig.toml`, of which the section of `environment` counts. Raises `UsageError`."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise UsageError(f"The parameter file {path} is larger than {MAX_BYTES // 1_000_000} MB.")
        text = data.decode("utf-8-sig")
        if path.suffix == ".toml":
            return _of_sam_configuration(tomllib.loads(text), environment)
        return _of_data(_load(text, path))
    except OSError as error:
        raise UsageError(f"The parameter file {path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The parameter file {path} cannot be used: {error}.") from error


def _load(text: str, path: Path) -> object:
    if path.suffix not in (".yaml", ".yml"):
        return json.loads(text)
    from yaml import YAMLError, safe_load

    try:
        return safe_load(text)
    except YAMLError as error:
        raise ValueError(str(error)) from error


def _of_data(data: object) -> ParameterFile:
    """`[{"ParameterKey": …, "ParameterValue": …}]`, `["Name=value"]`, `{"Parameters": {…}, "Tags": {…}}` or
    `{"Name": "value"}`."""
    if isinstance(data, list):
        return ParameterFile(dict(_pairs(data)))
    if isinstance(data, dict):
        if isinstance(data.get("Parameters"), dict):
            return ParameterFile(_texts(data["Parameters"]), _texts(data.get("Tags") or {}))
        return ParameterFile(_texts(data))
    raise ValueError("it holds neither a list nor a mapping")


def _pairs(items: list[object]) -> Iterator[tuple[str, str]]:
    for item in items:
        if isinstance(item, dict) and "ParameterKey" in item:
            # With `UsePreviousValue` there is no value: it is not known here.
            if "ParameterValue" in item:
                yield str(item["ParameterKey"]), _text(item["ParameterValue"])
        elif isinstance(item, str):
            yield _pair(item)
        else:
            raise ValueError("an entry is neither a ParameterKey with a ParameterValue nor Name=value")


def _pair(written: str) -> tuple[str, str]:
    key, separator, value = written.partition(",ParameterValue=")
    if separator and key.startswith("ParameterKey="):
        return key.removeprefix("ParameterKey="), value
    key, separator, value = written.partition("=")
    if not separator:
        raise ValueError(f"{written!r} is not Name=value")
    return key, value


def _of_sam_configuration(data: dict[str, object], environment: str) -> ParameterFile:
    found = ParameterFile()
    sections = data.get(environment)
    # What is set for one command comes after what is set for all.
    for command in ("global", "deploy"):
        section = sections.get(command) if isinstance(sections, dict) else None
        parameters = section.get("parameters") if isinstance(section, dict) else None
        if isinstance(parameters, dict):
            found.parameters.update(_of_option(parameters.get("parameter_overrides")))
            found.tags.update(_of_option(parameters.get("tags")))
    return found


def _of_option(option: object) -> dict[str, str]:
    if isinstance(option, dict):
        return _texts(option)
    if isinstance(option, str):
        option = shlex.split(option)
    return dict(_pairs(option)) if isinstance(option, list) else {}


def _texts(data: object) -> dict[str, str]:
    if not isinstance(data, dict):
        raise ValueError("a mapping is expected where there is something else")
    return {str(key): _text(value) for key, value in data.items()}


def _text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(_text(item) for item in value)
    if value is None or isinstance(value, str | int | float | bool):
        return scalar_text(value)
    raise ValueError(f"a value is a {type(value).__name__}")
