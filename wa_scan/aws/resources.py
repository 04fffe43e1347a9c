"""Canonical resources."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wa_scan.blocks import Language, Mode
from wa_scan.values import (
    Absent,
    Choice,
    Guard,
    Known,
    Location,
    MapValue,
    Origin,
    Step,
    Value,
    choose,
)


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One resource in the canonical vocabulary; compared by identity.

    `type`: the registry's type (`AWS::RDS::DBInstance`), or None for a type with no mapping, whose
    `properties` then keep the source language's names. `source_type`: as written. `properties`:
    canonical names; settings that Terraform splits into resources of their own are folded in.
    `tags`: key to value with the provider's or stack's default tags applied, a `MapValue` whose `rest`
    is set where more may be there; `Absent` if the type takes no tags.
    `defaults`: what holds where a property is absent, by dotted path; only paths with a default
    other than "nothing". `meta`, `location`, `extent`, `exists`, `calls`: as in
    `wa_scan.blocks.EvaluatedResource`. `unit`: the name of the root module or template.
    `folded`: addresses of the resources whose settings were folded into this one. `aliases`, `is_upkeep`: as
    in `EvaluatedResource`; rules do not judge what is there for upkeep only.
    """

    address: str
    type: str | None
    source_type: str
    mode: Mode
    language: Language
    unit: str
    properties: MapValue
    location: Location
    extent: Location
    tags: Value
    defaults: Mapping[str, Value] = field(default_factory=dict)
    meta: MapValue = field(default_factory=lambda: MapValue({}))
    exists: Guard = Guard.ALWAYS
    calls: tuple[Step, ...] = ()
    region: Value | None = None
    folded: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    is_upkeep: bool = False

    @property
    def origin(self) -> Origin:
        return Origin(self.location, self.address)

    def __getitem__(self, path: str) -> Value:
        """The property at a dotted `path`, `DistributionConfig.Logging.Bucket`.

        Never raises: where nothing is written the answer is `Absent` with the default that then holds
        (also for a null, `AWS::NoValue`), located at the innermost block that is there.
        """
        value: Value = self.properties
        for key in path.split("."):
            value = value.get(key)
        return self._with_default(value, self.defaults.get(path))

    def _with_default(self, value: Value, default: Value | None) -> Value:
        if isinstance(value, Absent):
            return Absent(value.origin or self.origin, default) if default is not None else value
        if isinstance(value, Known) and value.data is None:
            return Absent(value.origin or self.origin, default)
        if isinstance(value, Choice):
            return choose(
                value.guard,
                self._with_default(value.if_true, default),
                self._with_default(value.if_false, default),
                value.origin,
            )
        return value

    def each(self, path: str) -> "list[tuple[Part, Guard]]":
        """The elements of the list at `path` as parts to ask further, each with its guard.

        `each("BlockDeviceMappings")` gives parts whose `part["Ebs.Encrypted"]` knows the default at
        `BlockDeviceMappings[].Ebs.Encrypted`.
        """
        return Part(self, "", self.properties).each(path)

    def __repr__(self) -> str:
        return f"Resource({self.address}: {self.type or self.source_type})"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A map inside a resource (one element of a list of blocks), asked like a resource."""

    resource: Resource
    path: str
    value: Value

    @property
    def origin(self) -> Origin | None:
        return self.value.origin or self.resource.origin

    def __getitem__(self, path: str) -> Value:
        value = self.value
        for key in path.split("."):
            value = value.get(key)
        full = f"{self.path}.{path}" if self.path else path
        return self.resource._with_default(value, self.resource.defaults.get(full))

    def each(self, path: str) -> "list[tuple[Part, Guard]]":
        full = f"{self.path}.{path}" if self.path else path
        return [
            (Part(self.resource, f"{full}[]", item), guard)
            for item, guard in self[path].items()
            if not isinstance(item, Known) or item.data is not None
        ]
