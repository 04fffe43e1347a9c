"""Writing JSON documents."""

import msgspec

from wa_scan.report.printable import safe_json

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = dict[str, JsonValue]


def json_text(document: JsonObject) -> str:
    """`document`, indented by two spaces and ending with a newline.

    Characters that a terminal would act on are escaped. Half a surrogate pair (an undecodable file
    name has them) becomes `?`: JSON cannot say it.
    """
    try:
        encoded = msgspec.json.encode(document)
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(_encodable(document))
    return safe_json(msgspec.json.format(encoded, indent=2).decode()) + "\n"


def _encodable(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_encodable(each) for each in value]
    if isinstance(value, dict):
        return {str(_encodable(key)): _encodable(each) for key, each in value.items()}
    return value
