"""Writing sarif-om's objects as JSON: the package has the classes of SARIF 2.1.0 and no serialiser."""

from typing import Any

import attr

from wa_scan.report.json_text import JsonObject, JsonValue

_NO_DEFAULT = object()
# A result's level is always said: without it the rule's would hold, which may be configured otherwise.
_ALWAYS_WRITTEN = frozenset({"level"})
_known: dict[type, tuple[tuple[str, str, object], ...]] = {}


def serialise(node: Any) -> JsonObject:
    """A sarif-om object under the names of the SARIF schema, without what is None or the schema's default."""
    written: JsonObject = {}
    for attribute, name, default in _fields(type(node)):
        value = getattr(node, attribute)
        if value is None or (value == default and attribute not in _ALWAYS_WRITTEN):
            continue
        written[name] = _value(value)
    return written


def _value(value: Any) -> JsonValue:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list):
        return [_value(each) for each in value]
    if isinstance(value, dict):
        return {key: _value(each) for key, each in value.items()}
    return serialise(value)


def _fields(kind: type) -> tuple[tuple[str, str, object], ...]:
    """Of a class of sarif-om: attribute, name in the schema, default."""
    if kind not in _known:
        _known[kind] = tuple(
            (field.name, field.metadata["schema_property_name"], _default(field))
            for field in attr.fields(kind)
        )
    return _known[kind]


def _default(field: "attr.Attribute[object]") -> object:
    if field.default is attr.NOTHING:
        return _NO_DEFAULT
    # The types of attrs say that `Factory` is a function; it is a class.
    if isinstance(field.default, attr.Factory):  # type: ignore[arg-type]
        return field.default.factory()  # type: ignore[attr-defined]
    return field.default
