"""JSON text from values and values from JSON text, to the letter of Go's encoding/json."""

import json
import re
from collections.abc import Sequence

from wa_scan.terraform.arithmetic import is_infinite, number_text, parse_number
from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.functions.signature import (
    Context,
    Needs,
    any_parameter,
    function,
    string_parameter,
    text,
    unknown_call,
)
from wa_scan.terraform.operators import unknown_text
from wa_scan.terraform.types import DYNAMIC, STRING
from wa_scan.terraform.values import (
    NULL,
    Number,
    TfValue,
    UnknownData,
    boolean,
    normal_form,
    number,
    object_of,
    string,
    tuple_of,
)

_ESCAPED = re.compile('[\x00-\x1f"\\\\<>&\u2028\u2029]')
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", '"': '\\"', "\\": "\\\\"}


MAX_JSON = 1_000_000
"""How many characters are encoded; what AWS takes is far below."""


def quoted_json(value: str) -> str:
    """A text as a JSON string; `<`, `>` and `&` are escaped, as Go does by default."""
    return f'"{_ESCAPED.sub(_escape, value)}"'


def _escape(match: re.Match[str]) -> str:
    sign = match[0]
    return _ESCAPES.get(sign) or f"\\u{ord(sign):04x}"


Pieces = list[str | TfValue]


def encode_json(value: TfValue) -> Pieces:
    """The JSON text of a value, in pieces: what is unknown in it stands among the texts, inside
    quotes where it is a string. Raises where the text would be too long.
    """
    encoder = _Encoder()
    encoder.add(value)
    return encoder.pieces()


class _Encoder:
    def __init__(self) -> None:
        self._parts: list[str | TfValue] = []
        self._size = 0

    def pieces(self) -> Pieces:
        return self._parts

    def _put(self, piece: str) -> None:
        self._size += len(piece)
        if self._size > MAX_JSON:
            raise LimitReachedError("the JSON text would be too long")
        self._parts.append(piece)

    def add(self, value: TfValue) -> None:
        data = value.data
        if isinstance(data, str):
            self._put(quoted_json(data))
        elif data is None:
            self._put("null")
        elif isinstance(data, bool):
            self._put("true" if data else "false")
        elif isinstance(data, tuple):
            self._put("[")
            for position, item in enumerate(data):
                if position:
                    self._put(",")
                self.add(item)
            self._put("]")
        elif isinstance(data, dict):
            self._put("{")
            for position, key in enumerate(sorted(data)):
                self._put(f"{',' if position else ''}{quoted_json(key)}:")
                self.add(data[key])
            self._put("}")
        elif isinstance(data, Number):
            if is_infinite(data):
                raise EvaluationError("an infinite number cannot be written as JSON")
            self._put(number_text(data))
        else:
            self._add_unknown(value)

    def _add_unknown(self, value: TfValue) -> None:
        data = value.data
        if value.type is not STRING or not isinstance(data, UnknownData):
            self._parts.append(value)
            return
        self._put('"')
        for part in data.parts or (value,):
            if isinstance(part, str):
                self._put(quoted_json(part)[1:-1])
            else:
                self._parts.append(part)
        self._put('"')


@function("jsonencode", any_parameter("val", Needs.RESOLVED, nullable=True), returns=STRING)
def _jsonencode(arguments: Sequence[TfValue], context: Context) -> TfValue:
    value = arguments[0]
    if isinstance(value.data, UnknownData) and value.type is not STRING:
        return unknown_call("jsonencode", arguments, STRING)
    pieces = merged(encode_json(value))
    if len(pieces) == 1 and isinstance(pieces[0], str):
        return string(pieces[0])
    if len(pieces) > 10_000:
        return unknown_call("jsonencode", arguments, STRING)
    return unknown_text(pieces)


def merged(pieces: Pieces) -> Pieces:
    """Texts that follow one another as one."""
    found: Pieces = []
    run: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            run.append(piece)
            continue
        if run:
            found.append("".join(run))
            run = []
        found.append(piece)
    if run or not found:
        found.append("".join(run))
    return found


class _RawNumber(str):
    """A number of JSON text as it was written."""

    __slots__ = ()


def decode_json(source: str) -> TfValue:
    """The value of a JSON text: objects and tuples. Raises `EvaluationError` for what is none."""
    try:
        found = json.loads(
            source, parse_int=_RawNumber, parse_float=_RawNumber, parse_constant=_refuse_constant
        )
    except ValueError as error:
        raise EvaluationError(f"not valid JSON: {error}") from None
    return _from_json(found)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _from_json(found: object) -> TfValue:
    if isinstance(found, _RawNumber):
        value = parse_number(found)
        if value is None:
            raise EvaluationError("not valid JSON: invalid number")
        return number(value)
    if isinstance(found, str):
        return string(found)
    if isinstance(found, bool):
        return boolean(found)
    if isinstance(found, dict):
        return object_of({normal_form(key): _from_json(item) for key, item in found.items()})
    if isinstance(found, list):
        return tuple_of([_from_json(item) for item in found])
    return NULL


@function("jsondecode", string_parameter("str"), returns=DYNAMIC, never_null=False)
def _jsondecode(arguments: Sequence[TfValue], context: Context) -> TfValue:
    return decode_json(text(arguments[0]))
