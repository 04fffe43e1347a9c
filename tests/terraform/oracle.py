"""Reading and comparing what Terraform 1.11.4 itself computed (`fixtures/oracle-terraform/README.md`)."""

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from wa_scan.terraform.types import SetType
from wa_scan.terraform.values import ChoiceData, TfValue, UnknownData
from wa_scan.values import Choice, Known, ListValue, MapValue, Text, Unknown, Value

ORACLE = Path(__file__).parents[2] / "fixtures" / "oracle-terraform"

Json = None | bool | int | float | Decimal | str | list["Json"] | dict[str, "Json"]

UNKNOWN: Json = {"unknown": True}


@dataclass(frozen=True)
class Difference:
    """`kind`: "wrong", or "unknown" where Terraform knows and wa-scan does not."""

    kind: str
    path: str
    expected: Json
    found: Json


def load(path: Path) -> Json:
    found: Json = json.loads(path.read_text(), parse_float=Decimal)
    return found


def cases() -> list[dict[str, Json]]:
    text = (ORACLE / "functions.jsonl").read_text() + (ORACLE / "more.jsonl").read_text()
    return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


def plain(value: TfValue) -> Json:
    """A value in the oracle's JSON form."""
    data = value.data
    if isinstance(data, UnknownData | ChoiceData):
        return UNKNOWN
    if isinstance(data, tuple):
        return [plain(item) for item in data]
    if isinstance(data, dict):
        return {key: plain(item) for key, item in data.items()}
    return data


def plain_exported(value: Value) -> Json:
    """The same for a value as the rest of wa-scan sees it."""
    if isinstance(value, Unknown | Text | Choice):
        return UNKNOWN
    if isinstance(value, ListValue):
        return [plain_exported(item) for item in value.elements]
    if isinstance(value, MapValue):
        return {key: plain_exported(item) for key, item in value.entries.items()}
    assert isinstance(value, Known)
    return value.data


def compare(expected: Json, found: Json, path: str = "") -> Iterator[Difference]:
    """Every difference; what wa-scan knows and Terraform does not yet is none."""
    if expected == UNKNOWN:
        return
    if found == UNKNOWN:
        yield Difference("unknown", path, expected, found)
    elif isinstance(expected, dict) and isinstance(found, dict):
        if expected.keys() != found.keys():
            yield Difference("wrong", path, expected, found)
            return
        for key in expected:
            yield from compare(expected[key], found[key], f"{path}.{key}")
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield Difference("wrong", path, expected, found)
            return
        for at, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from compare(one, other, f"{path}[{at}]")
    elif not same_scalar(expected, found):
        yield Difference("wrong", path, expected, found)


def same_scalar(expected: Json, found: Json) -> bool:
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | Decimal | float) and isinstance(found, int | Decimal | float):
        one, other = Decimal(expected), Decimal(found)
        return one == other or abs(one - other) <= abs(one) * Decimal("1e-15")
    return type(expected) is type(found) and expected == found


def is_set(value: TfValue) -> bool:
    return isinstance(value.type, SetType)


def unzipped(text: Json) -> bytes:
    """What `base64gzip` compressed: the bytes differ from library to library."""
    assert isinstance(text, str)
    return gzip.decompress(base64.b64decode(text))
