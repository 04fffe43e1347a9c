"""Text from scanned files, made safe to show.

A terminal acts on control characters, and bidirectional controls reorder what a reader sees
(CVE-2021-42574); both are shown as escapes instead.
"""

import re

# C0, DEL, C1; soft hyphen; Arabic letter mark, directional marks, embeddings, overrides and isolates;
# zero-width space and word joiner; line and paragraph separators; byte-order mark; interlinear and tag
# characters; surrogates. The zero-width joiners stay: scripts and emoji need them, and they reorder nothing.
_UNSAFE_CLASS = (
    "\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff"
)
_UNSAFE = re.compile(f"[{_UNSAFE_CLASS}]")
_UNSAFE_IN_JSON = re.compile(f"[{_UNSAFE_CLASS}]".replace("\x00-\x1f", ""))


def printable(text: str) -> str:
    """`text` on one line, with every character that a terminal would act on as a visible escape."""
    return text if text.isprintable() else _UNSAFE.sub(_escape, text)


def printable_character(character: str) -> str:
    return _escape_character(character) if _UNSAFE.match(character) else character


def safe_json(text: str) -> str:
    """The same JSON document with every such character inside its strings as a `\\u` escape."""
    return text if text.isascii() and "\x7f" not in text else _UNSAFE_IN_JSON.sub(_json_escape, text)


def _escape(match: re.Match[str]) -> str:
    return _escape_character(match.group())


def _escape_character(character: str) -> str:
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character) or ascii(character)[1:-1]


def _json_escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
