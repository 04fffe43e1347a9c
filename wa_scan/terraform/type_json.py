"""Types in cty's JSON form, as Terraform writes them into plans."""

from typing import Union

from wa_scan.terraform.types import (
    ListType,
    MapType,
    ObjectType,
    Primitive,
    SetType,
    TupleType,
    Type,
)

# `list` rather than a tuple per form: it is what `json` reads and writes.
TypeJson = Union[str, list["TypeJson"], dict[str, "TypeJson"]]  # noqa: UP007


def type_to_json(type_: Type) -> TypeJson:
    """cty's JSON form: `"string"`, `["list", "string"]`, `["object", {"a": "number"}]`."""
    if isinstance(type_, Primitive):
        return type_.name
    if isinstance(type_, ListType):
        return ["list", type_to_json(type_.element)]
    if isinstance(type_, SetType):
        return ["set", type_to_json(type_.element)]
    if isinstance(type_, MapType):
        return ["map", type_to_json(type_.element)]
    if isinstance(type_, TupleType):
        return ["tuple", [type_to_json(item) for item in type_.elements]]
    assert isinstance(type_, ObjectType)
    form: list[TypeJson] = ["object", {name: type_to_json(item) for name, item in type_.attributes}]
    if type_.optional:
        names: list[TypeJson] = [*sorted(type_.optional)]
        form.append(names)
    return form
