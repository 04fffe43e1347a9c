"""Types in cty's JSON form, as Terraform writes them into plans."""

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
TypeJson = str | list["TypeJson"] | dict[str, "TypeJson"]


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


def written_size(type_: Type) -> int:
    """How many types are written out when `type_` is: far more than it shares in memory, perhaps."""
    sizes: dict[int, int] = {}
    todo = [type_]
    while todo:
        at = todo[-1]
        inside = _inside(at)
        missing = [item for item in inside if id(item) not in sizes]
        todo += missing
        if not missing:
            sizes[id(at)] = 1 + sum(sizes[id(item)] for item in inside)
            todo.pop()
    return sizes[id(type_)]


def _inside(type_: Type) -> tuple[Type, ...]:
    if isinstance(type_, ListType | SetType | MapType):
        return (type_.element,)
    if isinstance(type_, TupleType):
        return type_.elements
    return tuple(item for _, item in type_.attributes) if isinstance(type_, ObjectType) else ()
