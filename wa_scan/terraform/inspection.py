"""A root module with all its values as forms, for looking at what evaluation made of it."""

from typing import TYPE_CHECKING

from wa_scan.blocks import Mode
from wa_scan.inspection import Inspection
from wa_scan.sources.units import RootModule
from wa_scan.terraform.bodies import EvaluatedBody, given
from wa_scan.terraform.configuration import ResourceConfig
from wa_scan.terraform.context import EvaluateOptions
from wa_scan.terraform.evaluate import evaluate_root
from wa_scan.terraform.forms import TerraformFormer
from wa_scan.terraform.modules import ModuleInstance
from wa_scan.terraform.resources import ResourceInstance, is_computed
from wa_scan.values import Guard
from wa_scan.values.forms import Form, SensitiveForm

if TYPE_CHECKING:
    from wa_scan.terraform.states import RemoteStates


def inspect_root(
    root: RootModule, options: EvaluateOptions, states: "RemoteStates | None" = None
) -> Inspection:
    """As `evaluate_root`; numbers keep all their digits and sets Terraform's order."""
    former = TerraformFormer()
    inputs: dict[str, Form] = {}
    outputs: dict[str, Form] = {}
    found: dict[Mode, dict[str, dict[str, Form]]] = {Mode.MANAGED: {}, Mode.DATA: {}}
    exists_when: dict[str, str] = {}
    bodies: dict[tuple[int, Guard], EvaluatedBody] = {}

    def look_at(module: ModuleInstance) -> None:
        if module.call is None:
            inputs.update((name, former.form(module.variable(name))) for name in module.config.variables)
            outputs.update((name, former.form(value)) for name, value in module.outputs().items())
        for block in module.resources():
            for instance in block.instances:
                arguments = _arguments(block.config, instance, former, bodies)
                found[block.config.mode][instance.address] = arguments
                if not instance.exists.is_always:
                    exists_when[instance.address] = str(instance.exists)

    unit = evaluate_root(root, options, observe=look_at, states=states)
    order = [resource.address for resource in unit.resources]
    managed, data = ({at: by[at] for at in order if at in by} for by in found.values())
    return Inspection(unit, inputs, outputs, managed, data, exists_when)


def _arguments(
    config: ResourceConfig,
    instance: ResourceInstance,
    former: TerraformFormer,
    bodies: dict[tuple[int, Guard], EvaluatedBody],
) -> dict[str, Form]:
    """What is configured while the instance is there; of a resource whose schema is known also what is
    computed or left out. `bodies`: what is the same for several instances.
    """
    key = (id(instance.body), instance.exists)
    body = bodies.get(key)
    if body is None:
        body = bodies[key] = given(instance.body, instance.exists)
    arguments = former.body(body)
    if not is_computed(config) or not isinstance(instance.value.data, dict):
        return arguments
    whole = former.form(instance.value)
    if isinstance(whole, SensitiveForm):
        whole = whole.value
    assert isinstance(whole, dict)
    return {**whole, **arguments}
