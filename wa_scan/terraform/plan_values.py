"""Values of a plan: what the provider plans, standing where it was written.

A plan has values in the form of the provider's schema: every attribute is there, null where it is not
set; nested blocks are lists of objects; what is known only after apply is marked in a mirror of that form
(`after_unknown`), and so is what is sensitive. What nobody wrote and the provider only decides after
apply says nothing, as in the source.
"""

from collections.abc import Mapping, Sequence

from wa_scan.terraform.plan_written import Written
from wa_scan.values import Known, ListValue, MapValue, Value


def planned_body(
    values: Mapping[str, object],
    unknown: object,
    sensitive: object,
    written: Written,
    left_out: frozenset[str],
) -> MapValue:
    """The attributes and nested blocks of one instance, without those `left_out`."""
    entries: dict[str, Value] = {}
    names = dict.fromkeys((*values, *(unknown if isinstance(unknown, dict) else ())))
    for name in names:
        if name in left_out:
            continue
        # What is write-only is never in a plan.
        is_unknown = True if name.endswith("_wo") else part_of(unknown, name)
        data = values.get(name)
        # Most attributes of most resources are not set, and nobody wrote them.
        if not data and (is_unknown is True or data is None or data == [] or data == ""):
            told = written.tells_of(name)
            if told is False or (told is None and not is_unknown):
                continue
        found = planned(data, is_unknown, part_of(sensitive, name), written.member(name, data), name)
        if found is not None:
            entries[name] = found
    for name, found in written.others(names):
        entries[name] = found
    return MapValue(entries, written.origin)


def planned(data: object, unknown: object, sensitive: object, written: Written, path: str) -> Value | None:
    """The value at `path` (from the resource); None where there is nothing."""
    if unknown is True:
        return None if written.is_configured is False else written.unknown(path)
    if sensitive is True:
        if data is None:
            return Known(None, written.origin) if written.is_configured else None
        return written.secret(path, data)
    if isinstance(data, dict) or (data is None and isinstance(unknown, dict) and unknown):
        return _map(data or {}, unknown, sensitive, written, path)
    if isinstance(data, list):
        return _list(data, unknown, sensitive, written, path)
    if data is None or data == "":
        # A provider may fill in an empty text for what is not set.
        if not written.is_configured:
            return None
        return Known(data, written.origin, written.references(data))
    if isinstance(data, str | bool | int | float):
        return written.known(clean(data))
    return None


def _map(
    data: Mapping[str, object], unknown: object, sensitive: object, written: Written, path: str
) -> Value | None:
    entries: dict[str, Value] = {}
    for name in dict.fromkeys((*data, *(unknown if isinstance(unknown, dict) else ()))):
        item = data.get(name)
        found = planned(
            item,
            part_of(unknown, name),
            part_of(sensitive, name),
            written.member(name, item),
            f"{path}.{name}",
        )
        if found is not None:
            entries[str(clean(name))] = found
    if not entries and not data and not written.is_configured:
        return None
    return MapValue(entries, written.origin)


def _list(
    data: Sequence[object], unknown: object, sensitive: object, written: Written, path: str
) -> Value | None:
    if not data and not written.is_configured:
        return None
    elements: list[Value] = []
    for at, (item, own) in enumerate(zip(data, written.elements(data), strict=True)):
        found = planned(item, part_of(unknown, at), part_of(sensitive, at), own, f"{path}[{at}]")
        if found is not None or item is None:
            elements.append(found if found is not None else Known(None, own.origin))
    return ListValue(elements, written.origin)


def part_of(marks: object, key: str | int) -> object:
    """The marks of a part, of which there may be fewer than there are parts."""
    if marks is True:
        return True
    if isinstance(marks, dict):
        return marks.get(key, False)
    if isinstance(marks, list) and isinstance(key, int) and key < len(marks):
        return marks[key]
    return False


def clean(data: str | bool | int | float) -> str | bool | int | float:
    """As the other evaluators give it: whole numbers as such, and text without lone surrogates."""
    if isinstance(data, str):
        return data if data.isascii() else data.encode("utf-8", "replace").decode("utf-8")
    if isinstance(data, float) and data.is_integer() and abs(data) < 1e15:
        return int(data)
    return data
