"""Provider configurations: which one a resource uses, its region and its default tags."""

from typing import TYPE_CHECKING

from wa_scan.terraform.bodies import EvaluatedBody, evaluate_body
from wa_scan.terraform.configuration import ResourceConfig
from wa_scan.terraform.references import references
from wa_scan.terraform.syntax import Block, Expression, Object, Template

if TYPE_CHECKING:
    from wa_scan.terraform.modules import ModuleInstance

# Local name and alias; the alias of the default configuration is empty.
ProviderName = tuple[str, str]


def provider_name(expression: Expression) -> ProviderName | None:
    """`aws`, `aws.west` or `"aws.west"`, as `provider` and `providers` are written."""
    if isinstance(expression, Template) and expression.literal is not None:
        name, _, alias = expression.literal.partition(".")
        return name, alias
    for reference in references(expression):
        names = reference.names
        return names[0], names[1] if len(names) > 1 else ""
    return None


def provider_of(config: ResourceConfig) -> ProviderName:
    """The provider configuration that a resource names, or that its type implies."""
    given = config.block.body.attributes.get("provider")
    named = provider_name(given.value) if given is not None else None
    return named or (config.type.split("_", 1)[0], "")


def passed_providers(call: Block) -> dict[ProviderName, ProviderName]:
    """The `providers` argument of a module call: names inside to names outside."""
    given = call.body.attributes.get("providers")
    if given is None or not isinstance(given.value, Object):
        return {}
    found = {}
    for item in given.value.items:
        inside, outside = provider_name(item.key), provider_name(item.value)
        if inside is not None and outside is not None:
            found[inside] = outside
    return found


class Providers:
    """The provider configurations that one module instance sees, evaluated when asked for."""

    def __init__(self, module: "ModuleInstance") -> None:
        self._module = module
        self._found: dict[ProviderName, EvaluatedBody | None] = {}

    def get(self, name: ProviderName) -> EvaluatedBody | None:
        """The configuration, None where there is none (its settings then come from outside)."""
        if name not in self._found:
            self._found[name] = None
            self._found[name] = self._look_up(name)
        return self._found[name]

    def _look_up(self, name: ProviderName) -> EvaluatedBody | None:
        module = self._module
        block = module.config.providers.get(name)
        # A default configuration in a child is often only `provider "aws" {}`, to declare the name.
        if block is not None:
            return evaluate_body(
                block.body, block.header, module.provider_scope(name), module.evaluation.report
            )
        call = module.call
        if call is None:
            return None
        outside = passed_providers(call.block).get(name)
        if outside is not None:
            return call.parent.providers.get(outside)
        # Only the default configuration is inherited.
        return call.parent.providers.get(name) if not name[1] else None
