"""What the provider configurations of a plan say: default tags and regions."""

from collections.abc import Mapping

from wa_scan.terraform.plan_configuration import PlanConfiguration, is_expression
from wa_scan.terraform.plan_document import PlanDocument
from wa_scan.terraform.plan_records import NOTHING, Json, PlannedInstance, PlanRecords, as_map
from wa_scan.terraform.plan_values import clean
from wa_scan.values import Known, ListValue, MapValue, Origin, Symbol, Unknown, Value, known
from wa_scan.values.kinds import Reason


class PlanProviders:
    """The `provider_config` of the configuration. Variables in it have the values of the plan."""

    def __init__(
        self, records: PlanRecords, configuration: PlanConfiguration, document: PlanDocument
    ) -> None:
        self._records = records
        self._configuration = configuration
        self._document = document

    def default_tags(self, instance: PlannedInstance, source: Value | None, origin: Origin) -> Value | None:
        """The provider's default tags for an instance. AWS's provider plans them among `tags_all`."""
        every, own = instance.values.get("tags_all"), as_map(instance.values.get("tags"))
        if isinstance(every, dict):
            written = source.entries if isinstance(source, MapValue) else {}
            added: dict[str, Value] = {
                key: Known(clean(value), written[key].origin if key in written else origin)
                for key, value in every.items()
                if isinstance(value, str) and own.get(key) != value
            }
            if not added and source is None:
                return None
            return MapValue(added, (source.origin if source is not None else None) or origin)
        if source is not None:
            return source
        blocks = self._expressions(instance).get("default_tags")
        block = blocks[0] if isinstance(blocks, list) and blocks else blocks
        return self._value(as_map(block).get("tags"), "default_tags", origin)

    def region(self, instance: PlannedInstance, source: Value | None, origin: Origin) -> Value | None:
        own = instance.values.get("region")
        if isinstance(own, str) and own:
            same = source is not None and source.text == own
            return source if same else Known(own, source.origin if source is not None else origin)
        if source is not None:
            return source
        return self._value(self._expressions(instance).get("region"), "region", origin)

    def settings(self) -> Value | None:
        """The provider blocks as far as they are constant, as the evaluation of a source gives them."""
        made: list[Value] = []
        for name, entry in self._configuration.providers.items():
            steps = ("provider_config", name)
            place = self._document.key_or_value(self._records.configuration_start, steps)
            if place is None:
                continue
            origin = Origin(place, "block provider")
            body: dict[str, Value] = {"name": Known(str(as_map(entry).get("name") or name), origin)}
            for argument, expression in as_map(as_map(entry).get("expressions")).items():
                found = self._value(expression, argument, origin)
                if found is not None:
                    body[argument] = found
            made.append(MapValue(body, origin))
        return ListValue(made) if made else None

    def _expressions(self, instance: PlannedInstance) -> Json:
        key = as_map(self._configuration.block(instance)).get("provider_config_key")
        providers = self._configuration.providers
        if not isinstance(key, str):
            return NOTHING
        # A module that is given its providers names them by a key of its own.
        entry = providers.get(key) or providers.get(key.rpartition(":")[2]) or providers.get("aws")
        return as_map(as_map(entry).get("expressions"))

    def _value(self, expression: object, name: str, origin: Origin) -> Value | None:
        if not isinstance(expression, Mapping) or not is_expression(dict(expression)):
            return None
        if "constant_value" in expression:
            return known(expression["constant_value"], origin)
        references = expression.get("references")
        named = [each for each in references if isinstance(each, str)] if isinstance(references, list) else []
        if len(named) == 1 and named[0].startswith("var."):
            variable = named[0].removeprefix("var.")
            if variable in self._records.variables:
                return known(self._records.variables[variable], origin)
        text = named[0] if named else f"the provider's {name}"
        return Unknown(Symbol(text), Reason.UNSUPPORTED, origin)
