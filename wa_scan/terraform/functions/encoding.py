"""Encodings of text: base64, URLs, character sets, CSV, gzip."""

import binascii
import codecs
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from urllib.parse import quote_plus

from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.functions.hashes import digest
from wa_scan.terraform.functions.signature import (
    Context,
    function,
    plain,
    refuse,
    string_parameter,
    text,
)
from wa_scan.terraform.types import DYNAMIC, STRING, ObjectType
from wa_scan.terraform.values import TfValue, list_of, normal_form, object_of, string

_STR = string_parameter("str")


def _decoded(value: str) -> bytes:
    try:
        return b64decode(value.replace("\r", "").replace("\n", "").encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise refuse("failed to decode base64 data", 0) from None


@plain("base64encode", _STR, returns=STRING)
def _base64encode(value: str) -> str:
    return b64encode(value.encode()).decode("ascii")


@plain("base64decode", _STR, returns=STRING)
def _base64decode(value: str) -> str:
    try:
        return _decoded(value).decode("utf-8")
    except UnicodeDecodeError:
        raise refuse("the result of decoding the provided string is not valid UTF-8", 0) from None


@plain("base64gzip", _STR, returns=STRING)
def _base64gzip(value: str) -> str:
    import gzip

    return b64encode(gzip.compress(value.encode(), mtime=0)).decode("ascii")


@plain("base64sha256", _STR, returns=STRING)
def _base64sha256(value: str) -> str:
    return b64encode(digest("sha256", value.encode())).decode("ascii")


@plain("base64sha512", _STR, returns=STRING)
def _base64sha512(value: str) -> str:
    return b64encode(digest("sha512", value.encode())).decode("ascii")


@plain("urlencode", _STR, returns=STRING)
def _urlencode(value: str) -> str:
    return quote_plus(value, safe="")


# Names and aliases in the IANA registry of what Go's `golang.org/x/text` supports, and Python's
# codecs for them. https://www.iana.org/assignments/character-sets
_CODECS = {
    "utf-8": "utf-8",
    "csutf8": "utf-8",
    "utf-16": "utf-16-be",
    "csutf16": "utf-16-be",
    "utf-16be": "utf-16-be",
    "csutf16be": "utf-16-be",
    "utf-16le": "utf-16-le",
    "csutf16le": "utf-16-le",
    "us-ascii": "ascii",
    "us": "ascii",
    "iso646-us": "ascii",
    "ibm367": "ascii",
    "cp367": "ascii",
    "csascii": "ascii",
    "latin1": "iso-8859-1",
    "l1": "iso-8859-1",
    "iso_8859-1": "iso-8859-1",
    "ibm819": "iso-8859-1",
    "cp819": "iso-8859-1",
    "latin2": "iso-8859-2",
    "latin9": "iso-8859-15",
    "latin-9": "iso-8859-15",
    "ibm037": "cp037",
    "cp037": "cp037",
    "macintosh": "mac-roman",
    "mac": "mac-roman",
    "koi8-r": "koi8-r",
    "cskoi8r": "koi8-r",
    "koi8-u": "koi8-u",
    "shift_jis": "shift_jis",
    "ms_kanji": "shift_jis",
    "csshiftjis": "shift_jis",
    "euc-jp": "euc-jp",
    "iso-2022-jp": "iso-2022-jp",
    "gbk": "gbk",
    "cp936": "gbk",
    "ms936": "gbk",
    "windows-936": "gbk",
    "gb18030": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5",
    "csbig5": "big5",
    "euc-kr": "euc-kr",
    "windows-874": "cp874",
    **{f"iso-8859-{part}": f"iso-8859-{part}" for part in (*range(1, 11), 13, 14, 15, 16)},
    **{f"windows-{page}": f"cp{page}" for page in range(1250, 1259)},
    **{f"ibm{page}": f"cp{page}" for page in (437, 850, 852, 855, 860, 862, 863, 865, 866)},
    **{f"cp{page}": f"cp{page}" for page in (437, 850, 852, 855, 860, 862, 863, 865, 866)},
}
_MARKED = ("utf-16", "csutf16")
"""With a byte-order mark, big-endian first."""


def _codec(name: str, argument: int) -> codecs.CodecInfo:
    found = _CODECS.get(name.lower())
    if found is None:
        raise refuse(f'"{name[:60]}" is not a supported IANA encoding name or alias', argument)
    return codecs.lookup(found)


@plain("textencodebase64", string_parameter("string"), string_parameter("encoding"), returns=STRING)
def _textencodebase64(value: str, encoding: str) -> str:
    codec = _codec(encoding, 1)
    try:
        data = codec.encode(value)[0]
    except UnicodeError:
        raise refuse(f"the text contains signs that {codec.name} cannot represent", 0) from None
    if encoding.lower() in _MARKED:
        data = b"\xfe\xff" + data
    return b64encode(data).decode("ascii")


@plain("textdecodebase64", string_parameter("source"), string_parameter("encoding"), returns=STRING)
def _textdecodebase64(source: str, encoding: str) -> str:
    codec = _codec(encoding, 1)
    data = _decoded(source)
    if encoding.lower() in _MARKED:
        little = data.startswith(b"\xff\xfe")
        codec = codecs.lookup("utf-16-le" if little else "utf-16-be")
        data = data[2:] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else data
    try:
        return codec.decode(data)[0]
    except UnicodeError:
        raise refuse(f"the data contain what {codec.name} does not define", 0) from None


@function("csvdecode", _STR, returns=DYNAMIC)
def _csvdecode(arguments: Sequence[TfValue], context: Context) -> TfValue:
    rows = _records(text(arguments[0]))
    if not rows:
        raise EvaluationError("missing header line")
    header = [normal_form(name) for name in rows[0]]
    if len(set(header)) < len(header):
        raise EvaluationError("a column name is used twice")
    element = ObjectType((name, STRING) for name in header)
    found: list[TfValue] = []
    for row in rows[1:]:
        if len(row) != len(header):
            raise EvaluationError("a record has a wrong number of fields")
        found.append(object_of({name: string(cell) for name, cell in zip(header, row, strict=True)}))
    return list_of(element, found)


_CELL = re.compile(r"[^,\n]*")


def _records(source: str) -> list[list[str]]:
    """The rows of a CSV text as Go's encoding/csv reads them: strict about quotes."""
    rows: list[list[str]] = []
    source = source.replace("\r\n", "\n")
    at = 0
    while at < len(source):
        if source[at] == "\n":
            at += 1
            continue
        row: list[str] = []
        while True:
            if source[at : at + 1] == '"':
                cell, at = _quoted_cell(source, at + 1)
            else:
                match = _CELL.match(source, at)
                assert match is not None
                cell, at = match[0], match.end()
                if '"' in cell:
                    raise EvaluationError('bare " in non-quoted field')
            row.append(cell)
            if source[at : at + 1] != ",":
                break
            at += 1
        at += 1
        rows.append(row)
    return rows


def _quoted_cell(source: str, at: int) -> tuple[str, int]:
    found: list[str] = []
    while True:
        end = source.find('"', at)
        if end < 0:
            raise EvaluationError('extraneous or missing " in quoted field')
        found.append(source[at:end])
        at = end + 1
        following = source[at : at + 1]
        if following == '"':
            found.append('"')
            at += 1
        elif following in (",", "\n", ""):
            return "".join(found), at
        else:
            raise EvaluationError('extraneous or missing " in quoted field')
