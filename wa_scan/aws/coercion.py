"""Scalars in the type that the registry has for them: `"true"` as true, `"20"` as 20, 16.3 as `"16.3"`."""

import re

from wa_scan.aws.schemas import Kind
from wa_scan.values import Known, ListValue, Value

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def coerced(value: Value, kind: Kind) -> Value:
    """`value` as a scalar of `kind`; what cannot be one (`"x"` as a number) stays as it is."""
    if isinstance(value, ListValue) and kind is not Kind.ANY:
        # Terraform may take a list where the registry has one thing (the ranges of a security-group rule).
        is_one = len(value.elements) == 1 and value.rest is None
        return coerced(value.elements[0], kind) if is_one else value
    if not isinstance(value, Known):
        return value
    data = value.data
    if kind is Kind.BOOLEAN:
        if isinstance(data, str) and data.lower() in ("true", "false"):
            return Known(data.lower() == "true", value.origin, value.references)
    elif kind in (Kind.INTEGER, Kind.NUMBER):
        if isinstance(data, str):
            found = _number(data)
            if found is not None:
                return Known(found, value.origin, value.references)
    elif kind is Kind.STRING:
        if isinstance(data, bool):
            return Known("true" if data else "false", value.origin, value.references)
        if isinstance(data, int | float):
            return Known(str(data), value.origin, value.references)
    return value


def _number(text: str) -> int | float | None:
    stripped = text.strip()
    if len(stripped) > 40 or not _NUMBER.fullmatch(stripped):
        return None
    return float(stripped) if "." in stripped else int(stripped)
