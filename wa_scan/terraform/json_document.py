"""JSON with the place of every key and value.

Follows RFC 8259. The standard library's decoder gives no places, and recurses.
"""

import re
from dataclasses import dataclass

from wa_scan.terraform.nesting import MAX_DEPTH, too_deep
from wa_scan.terraform.source_text import EscapedText, SourceText, TerraformSyntaxError
from wa_scan.values import Location


@dataclass(slots=True)
class JsonNode:
    """A JSON value. For a string `location` includes the quotes."""

    location: Location


@dataclass(slots=True)
class JsonLiteral(JsonNode):
    """`text` is a number as written, or true, false or null."""

    text: str


@dataclass(slots=True)
class JsonString(JsonNode):
    """`source` is the text without quotes, escapes decoded, that knows its places."""

    source: SourceText

    @property
    def text(self) -> str:
        return self.source.text


@dataclass(slots=True)
class JsonArray(JsonNode):
    elements: list[JsonNode]


@dataclass(slots=True)
class JsonObject(JsonNode):
    """`members` in the order of the text; a key may occur more than once."""

    members: list[tuple[JsonString, JsonNode]]


_TOKEN = re.compile(
    r"""[ \t\r\n]*+(?:
      (?P<string>"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+")
    | (?P<literal>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?|true|false|null)
    | (?P<sign>[\[\]{},:])
    )""",
    re.VERBOSE,
)
_BLANKS = re.compile(r"[ \t\r\n]*+")
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|.)")
_SINGLE_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_NUMBER_OR_WORD = re.compile(r"[\w.+-]*+")


MAX_VALUES = 500_000
"""How many values a file may hold; more would take more memory than configuration is worth."""


def parse_json(source: SourceText) -> JsonNode:
    """The value that the text is. Raises `TerraformSyntaxError`."""
    return _Reader(source).read()


@dataclass(slots=True)
class _Open:
    """An array or object that has not ended: where it began, its members, the key that waits."""

    start: int
    elements: list[JsonNode] | None
    members: list[tuple[JsonString, JsonNode]]
    key: JsonString | None = None


class _Reader:
    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._text = source.text
        self._pos = 0
        self._values = 0

    def read(self) -> JsonNode:
        stack: list[_Open] = []
        while True:
            value: JsonNode | None = self._value_or_opening(stack)
            while value is not None:
                if not stack:
                    self._pos = self._after_blanks()
                    if self._pos < len(self._text):
                        raise self._unexpected("A JSON file ends after its one value")
                    return value
                top = stack[-1]
                if top.elements is not None:
                    top.elements.append(value)
                elif top.key is not None:
                    top.members.append((top.key, value))
                    top.key = None
                closer = "]" if top.elements is not None else "}"
                sign = self._sign()
                if sign in {",", closer}:
                    self._pos = self._after_blanks() + 1
                if sign == ",":
                    if top.elements is None:
                        top.key = self._key("Another property is expected after the comma")
                    value = None
                elif sign == closer:
                    value = self._close(stack.pop())
                else:
                    raise self._unexpected(f"A comma or `{closer}` is expected here")

    def _value_or_opening(self, stack: list[_Open]) -> JsonNode | None:
        """The next value; None where an array or object opened, which waits for its first member."""
        found = _TOKEN.match(self._text, self._pos)
        if found is None or found["sign"] in {"]", "}", ",", ":"}:
            raise self._unexpected("A value is expected here")
        start, end = found.span(found.lastgroup or 0)
        self._values += 1
        if self._values > MAX_VALUES:
            message = f"This file has more than {MAX_VALUES} values, more than wa-scan follows"
            raise TerraformSyntaxError(message, self._source.location(start, end), limit=True)
        if found.lastgroup == "string":
            self._pos = end
            return self._string(start, end)
        if found.lastgroup == "literal":
            self._pos = end
            return JsonLiteral(self._source.location(start, end), found["literal"])
        if len(stack) >= MAX_DEPTH:
            raise too_deep(self._source.location(start, end))
        self._pos = end
        opened = _Open(start, [] if found["sign"] == "[" else None, [])
        after = self._after_blanks()
        if self._text.startswith("]" if opened.elements is not None else "}", after):
            self._pos = after + 1
            return self._close(opened)
        if opened.elements is None:
            opened.key = self._key("A property's name in double quotes is expected here")
        stack.append(opened)
        return None

    def _key(self, message: str) -> JsonString:
        found = _TOKEN.match(self._text, self._pos)
        if found is None or found.lastgroup != "string":
            raise self._unexpected(message)
        self._pos = found.end()
        key = self._string(*found.span("string"))
        if self._sign() != ":":
            raise self._unexpected("A `:` is expected after a property's name")
        self._pos = self._after_blanks() + 1
        return key

    def _close(self, opened: _Open) -> JsonNode:
        location = self._source.location(opened.start, self._pos)
        if opened.elements is not None:
            return JsonArray(location, opened.elements)
        return JsonObject(location, opened.members)

    def _sign(self) -> str:
        """The next sign, not yet passed; "" where there is none."""
        found = _TOKEN.match(self._text, self._pos)
        if found is None or found["sign"] is None:
            return ""
        return found["sign"]

    def _after_blanks(self) -> int:
        found = _BLANKS.match(self._text, self._pos)
        return found.end() if found else self._pos

    def _string(self, start: int, end: int) -> JsonString:
        body = self._text[start + 1 : end - 1]
        location = self._source.location(start, end)
        if "\\" not in body:
            return JsonString(location, EscapedText(self._source, body, range(start + 1, end)))
        pieces: list[str] = []
        offsets: list[int] = []
        pos = 0
        for escape in _ESCAPE.finditer(body):
            pieces.append(body[pos : escape.start()])
            offsets += range(start + 1 + pos, start + 1 + escape.start())
            pieces.append(_decoded(escape[0]))
            offsets.append(start + 1 + escape.start())
            pos = escape.end()
        pieces.append(body[pos:])
        offsets += range(start + 1 + pos, end)
        return JsonString(location, EscapedText(self._source, "".join(pieces), offsets))

    def _unexpected(self, message: str) -> TerraformSyntaxError:
        start = self._after_blanks()
        text = self._text
        if start >= len(text):
            return TerraformSyntaxError(
                f"{message}, but the file ends", self._source.location(len(text), len(text))
            )
        if text[start] == '"':
            end = start + 1
            if _TOKEN.match(text, start) is None:
                message = "This text has no closing quote, or holds a control character or an unknown escape"
        else:
            word = _NUMBER_OR_WORD.match(text, start)
            end = max(word.end() if word else 0, start + 1)
            if text[start] == "#" or text.startswith(("//", "/*"), start):
                message = 'JSON has no comments; a property named "//" is ignored'
            else:
                message += f", not `{text[start : min(end, start + 40)]}`"
        return TerraformSyntaxError(message, self._source.location(start, end))


def _decoded(escape: str) -> str:
    if escape[1] != "u":
        return _SINGLE_ESCAPES.get(escape[1], escape[1])
    code = int(escape[2:6], 16)
    if len(escape) == 12:
        return chr(0x10000 + ((code - 0xD800) << 10) + int(escape[8:], 16) - 0xDC00)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)
