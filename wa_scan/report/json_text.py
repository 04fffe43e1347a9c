"""Writing JSON documents."""

import msgspec

from wa_scan.report.printable import safe_json

# `Raw`: a number with more digits than a float has.
JsonValue = None | bool | int | float | str | msgspec.Raw | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = dict[str, JsonValue]


def json_text(document: JsonObject) -> str:
    """`document`, indented by two spaces and ending with a newline.

    Characters that a terminal would act on are escaped. Half a surrogate pair (an undecodable file
    name has them) becomes `?`: JSON cannot say it.
    """
    return safe_json(msgspec.json.format(_encoded(document), indent=2).decode()) + "\n"


def json_line(document: JsonObject) -> str:
    """The same on one line."""
    return safe_json(_encoded(document).decode()) + "\n"


def _encoded(document: JsonObject) -> bytes:
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:
        return msgspec.json.encode(_encodable(document))


def _encodable(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_encodable(each) for each in value]
    if isinstance(value, dict):
        return {str(_encodable(key)): _encodable(each) for key, each in value.items()}
    return value
