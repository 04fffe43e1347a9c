"""The text of templates: where it ends, and what its escapes stand for."""

import re

_QUOTED = re.compile(r'[^"\\$%\r\n]*+')
_LINE = re.compile(r"[^$%\n]*+")
_PLAIN_LINE = re.compile(r"[^$%\n]*+\n")
_CODE_POINT = re.compile(r"u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class LexicalError(Exception):
    """`text[start:end]` is not in the language, or (`limit`) beyond what wa-scan follows. Only between
    the lexer's own parts.
    """

    def __init__(self, message: str, start: int, end: int, *, limit: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.limit = limit


def quoted_text(text: str, start: int) -> tuple[str, int]:
    """The text in quotes from `start`, escapes resolved, and where it ends: at a sequence, at a
    quote, or where quoted text cannot go on. Raises `LexicalError` for an unknown escape.
    """
    pieces: list[str] = []
    pos = start
    while True:
        pos = _pass(_QUOTED, text, pos, pieces)
        sign = text[pos : pos + 1]
        if sign == "\\":
            decoded, pos = _escape(text, pos)
            pieces.append(decoded)
        elif not sign or sign not in "$%" or text.startswith("{", pos + 1):
            return "".join(pieces), pos
        else:
            pos = _dollar_or_percent(text, pos, pieces)


def line_text(text: str, start: int) -> tuple[str, int]:
    """The text of a heredoc or template file from `start`, and where it ends: at a sequence, after
    a newline, or at the end. There are no backslash escapes.
    """
    plain = _PLAIN_LINE.match(text, start)
    if plain is not None:
        return plain[0], plain.end()
    pieces: list[str] = []
    pos = start
    while True:
        pos = _pass(_LINE, text, pos, pieces)
        sign = text[pos : pos + 1]
        if sign == "\n":
            end = pos - text.endswith("\r", start, pos)
            if end - start > 1 and text[end - 2] in "$%":
                # HCL's scanner ends a literal here too, which shows where a `~` strips.
                return "".join(pieces).removesuffix("\r"), end
            pieces.append(sign)
            return "".join(pieces), pos + 1
        if not sign or text.startswith("{", pos + 1):
            return "".join(pieces), pos
        pos = _dollar_or_percent(text, pos, pieces)


def _pass(pattern: re.Pattern[str], text: str, pos: int, pieces: list[str]) -> int:
    found = pattern.match(text, pos)
    if found is None or found.end() == pos:
        return pos
    pieces.append(found[0])
    return found.end()


def _dollar_or_percent(text: str, pos: int, pieces: list[str]) -> int:
    """Pass `$${` or `%%{`, which stand for `${` and `%{`, or a lone `$` or `%`."""
    sign = text[pos]
    if text.startswith(sign + "{", pos + 1):
        pieces.append(sign + "{")
        return pos + 3
    pieces.append(sign)
    return pos + 1


def _escape(text: str, pos: int) -> tuple[str, int]:
    sign = text[pos + 1 : pos + 2]
    if sign in _ESCAPES:
        return _ESCAPES[sign], pos + 2
    found = _CODE_POINT.match(text, pos + 1)
    if found is None:
        shown = sign if sign.isprintable() else ""
        raise LexicalError(
            f'`\\{shown}` begins no escape that there is (\\n, \\r, \\t, \\", \\\\, \\uNNNN, \\UNNNNNNNN);'
            " write `\\\\` for a backslash",
            pos,
            pos + 1 + len(shown),
        )
    code = int(found[0][1:], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise LexicalError(f"`\\{found[0]}` stands for no character", pos, found.end())
    return chr(code), found.end()
