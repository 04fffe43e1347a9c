"""The translator, run on data: AWS's own `samtranslator`, without network, environment or AWS configuration.

Where it refuses a resource, or fails at one, that resource is taken out and the rest translated again.
"""

import logging
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from wa_scan.cloudformation.serverless.written import located, place_of

if TYPE_CHECKING:
    from samtranslator.plugins import BasePlugin
    from samtranslator.translator.translator import Translator

REGION = "us-east-1"
"""The region that is assumed where none is given; it only decides the partition of ARNs."""

_LONGEST = 300


class Refused(NamedTuple):
    """What the translator says of one resource, or of the template where `resource` is None."""

    resource: str | None
    reason: str


@dataclass
class Translation:
    """`template`: None where it was refused. `makers`: by the logical ID of what was made, the resource that
    it was made from, None where it was made for several."""

    template: dict[str, Any] | None
    makers: dict[str, str | None]
    refused: list[Refused]


class _Session:
    """What the translator asks of a boto3 session."""

    def __init__(self, region: str) -> None:
        self.region_name = region


class Resources(dict[str, Any]):
    """The `Resources` section, which notes who adds what to it: `makers` is shared by its copies, `current`
    tells the resource that is being translated."""

    makers: dict[str, str | None]
    current: Callable[[], str | None]

    def __setitem__(self, name: str, resource: Any) -> None:
        self.makers.setdefault(name, self.current())
        super().__setitem__(name, resource)

    def update(self, *others: Any, **more: Any) -> None:
        for name, resource in dict(*others, **more).items():
            self.makers[name] = self.current()
            super().__setitem__(name, resource)

    def __deepcopy__(self, memo: dict[int, object]) -> "Resources":
        made = Resources()
        made.makers, made.current = self.makers, self.current
        memo[id(self)] = made
        for name, resource in self.items():
            dict.__setitem__(made, name, deepcopy(resource, memo))
        return made


def run(template: dict[str, Any], values: dict[str, str], region: str = REGION) -> Translation:
    """`template`, which is changed, translated with the `values` of parameters."""
    # A handler of our own: without any, Python prints the translator's log on the terminal.
    log = logging.getLogger("samtranslator")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    from samtranslator.model.exceptions import ExceptionWithMessage, InvalidDocumentException
    from samtranslator.parser.parser import Parser

    translator, at = _translator(Parser(), region)
    makers: dict[str, str | None] = {name: name for name in template["Resources"]}
    resources = Resources(template["Resources"])
    resources.makers, resources.current = makers, lambda: at[0]
    template["Resources"] = resources
    try:
        made = translator.translate(template, dict(values), passthrough_metadata=True)
    except InvalidDocumentException as error:
        return Translation(None, makers, [_refused(cause) for cause in error.causes])
    except ExceptionWithMessage as error:
        return Translation(None, makers, [_refused(error)])
    except Exception as error:  # whatever the translator trips over must not end the scan
        return Translation(None, makers, [Refused(at[0], f"the translator fails: {type(error).__name__}")])
    return Translation(made, makers, [])


def _refused(error: Any) -> Refused:
    """What an exception of the translator says; it keeps the logical ID apart from the reason."""
    name = getattr(error, "_logical_id", None)
    if isinstance(name, list):
        name = next(iter(name), None)
    if not isinstance(name, str) or name == "Globals":
        return Refused(None, _one_line(error.message))
    return Refused(name, _one_line(getattr(error, "_message", None) or error.message))


def _one_line(text: object) -> str:
    shown = " ".join(str(text).split())
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} …"


def _translator(parser: Any, region: str) -> "tuple[Translator, list[str | None]]":
    """The translator and a cell that holds the logical ID of what it is translating."""
    from samtranslator.translator import translator as module
    from samtranslator.translator.translator import Translator

    if not hasattr(module.make_policy_template_for_function_plugin, "cache_info"):
        # Each translation would validate the package's own data file anew, which takes most of its time.
        made = cache(module.make_policy_template_for_function_plugin)
        module.make_policy_template_for_function_plugin = made
    at: list[str | None] = [None]

    class Tracking(Translator):  # type: ignore[misc]  # the package has no types
        def _get_resources_to_iterate(self, *arguments: Any) -> Any:
            return _tracked(super()._get_resources_to_iterate(*arguments), at)

    session: Any = _Session(region)
    return Tracking(_managed_policies(region), parser, [_applications()], session), at


class _ManagedPolicies(dict[str, str]):
    """AWS's managed policies by name: an ARN stands where the name that asks for it was written."""

    def get(self, name: Any, default: Any = None) -> Any:
        found = super().get(name, default)
        place = place_of(name)
        return located(found, place) if isinstance(found, str) and place is not None else found


def _managed_policies(region: str) -> _ManagedPolicies:
    from samtranslator.internal.managed_policies import get_bundled_managed_policy_map
    from samtranslator.translator.arn_generator import ArnGenerator

    return _ManagedPolicies(get_bundled_managed_policy_map(ArnGenerator.get_partition_name(region)) or {})


def _tracked(
    resources: list[tuple[str, dict[str, Any]]], at: list[str | None]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in resources:
        at[0] = name
        yield name, resource
    at[0] = None


def _applications() -> "BasePlugin":
    """In place of the plugin that asks the Serverless Application Repository for nested applications."""
    from samtranslator.plugins.application.serverless_app_plugin import ServerlessAppPlugin

    class Applications(ServerlessAppPlugin):  # type: ignore[misc]  # the package has no types
        def on_before_transform_template(self, template_dict: Any) -> None:
            pass

        def on_before_transform_resource(self, logical_id: Any, resource_type: Any, properties: Any) -> None:
            location = properties.get("Location") if isinstance(properties, dict) else None
            if resource_type != self.SUPPORTED_RESOURCE_TYPE or location is None:
                return
            if isinstance(location, dict):
                # The address comes into being at deployment: what is known is which application it is.
                place = place_of(location)
                said = [location.get(key) for key in (self.APPLICATION_ID_KEY, self.SEMANTIC_VERSION_KEY)]
                named = " ".join(str(part) for part in said if part and not isinstance(part, dict | list))
                location = named or "an application of the Serverless Application Repository"
                location = located(location, place) if place is not None else location
            properties[self.TEMPLATE_URL_KEY] = location

        def on_after_transform_template(self, template: Any) -> None:
            pass

    return Applications()
