"""Grapheme clusters: what a reader sees as one character (Unicode Standard Annex 29).

The properties are taken from general categories where the standard defines them so; the rest
is a short table from Unicode 15's `GraphemeBreakProperty.txt` and `emoji-data.txt`.
"""

from functools import lru_cache
from unicodedata import category

_RI_FIRST, _RI_LAST = 0x1F1E6, 0x1F1FF
_EXTRA_EXTEND = frozenset(
    (
        *(0x200C, 0xFF9E, 0xFF9F, 0x09BE, 0x09D7, 0x0B3E, 0x0B57, 0x0BBE, 0x0BD7, 0x0CC2, 0x0CD5, 0x0CD6),
        *(0x0D3E, 0x0D57, 0x0DCF, 0x0DDF, 0x1B35, 0x302E, 0x302F, 0x1133E, 0x11357, 0x114B0, 0x114BD),
        *range(0x1F3FB, 0x1F400),
        *range(0xE0020, 0xE0080),
    )
)
_NOT_SPACING = frozenset([0x102B, 0x102C, 0x1038, *range(0x1062, 0x1065), *range(0x1067, 0x106E)])
_PREPEND = frozenset(
    [*range(0x0600, 0x0606), 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x0D4E, 0x110BD, 0x110CD]
)
_ZWJ = 0x200D
# Ranges of Extended_Pictographic, first and last.
_PICTOGRAPHIC = (
    (0xA9, 0xA9),
    (0xAE, 0xAE),
    (0x203C, 0x203C),
    (0x2049, 0x2049),
    (0x2122, 0x2122),
    (0x2139, 0x2139),
    (0x2194, 0x2199),
    (0x21A9, 0x21AA),
    (0x231A, 0x231B),
    (0x2328, 0x2328),
    (0x2388, 0x2388),
    (0x23CF, 0x23CF),
    (0x23E9, 0x23F3),
    (0x23F8, 0x23FA),
    (0x24C2, 0x24C2),
    (0x25AA, 0x25AB),
    (0x25B6, 0x25B6),
    (0x25C0, 0x25C0),
    (0x25FB, 0x25FE),
    (0x2600, 0x2605),
    (0x2607, 0x2612),
    (0x2614, 0x2685),
    (0x2690, 0x2705),
    (0x2708, 0x2712),
    (0x2714, 0x2714),
    (0x2716, 0x2716),
    (0x271D, 0x271D),
    (0x2721, 0x2721),
    (0x2728, 0x2728),
    (0x2733, 0x2734),
    (0x2744, 0x2744),
    (0x2747, 0x2747),
    (0x274C, 0x274C),
    (0x274E, 0x274E),
    (0x2753, 0x2755),
    (0x2757, 0x2757),
    (0x2763, 0x2767),
    (0x2795, 0x2797),
    (0x27A1, 0x27A1),
    (0x27B0, 0x27B0),
    (0x27BF, 0x27BF),
    (0x2934, 0x2935),
    (0x2B05, 0x2B07),
    (0x2B1B, 0x2B1C),
    (0x2B50, 0x2B50),
    (0x2B55, 0x2B55),
    (0x3030, 0x3030),
    (0x303D, 0x303D),
    (0x3297, 0x3297),
    (0x3299, 0x3299),
    (0x1F000, 0x1F0FF),
    (0x1F10D, 0x1F10F),
    (0x1F12F, 0x1F12F),
    (0x1F16C, 0x1F171),
    (0x1F17E, 0x1F17F),
    (0x1F18E, 0x1F18E),
    (0x1F191, 0x1F19A),
    (0x1F1AD, 0x1F1E5),
    (0x1F201, 0x1F20F),
    (0x1F21A, 0x1F21A),
    (0x1F22F, 0x1F22F),
    (0x1F232, 0x1F23A),
    (0x1F23C, 0x1F23F),
    (0x1F249, 0x1F3FA),
    (0x1F400, 0x1F53D),
    (0x1F546, 0x1F64F),
    (0x1F680, 0x1F6FF),
    (0x1F774, 0x1F77F),
    (0x1F7D5, 0x1F7FF),
    (0x1F80C, 0x1F80F),
    (0x1F848, 0x1F84F),
    (0x1F85A, 0x1F85F),
    (0x1F888, 0x1F88F),
    (0x1F8AE, 0x1F8FF),
    (0x1F90C, 0x1F93A),
    (0x1F93C, 0x1F945),
    (0x1F947, 0x1FAFF),
    (0x1FC00, 0x1FFFD),
)


def graphemes(text: str) -> list[str]:
    """The grapheme clusters of `text`, in order."""
    if text.isascii() and "\r" not in text:
        return list(text)
    if all(_kind(sign) == "other" for sign in set(text)):
        return list(text)
    found: list[str] = []
    start = 0
    previous = ""
    # Of the cluster so far: an odd run of regional indicators; a pictograph, then one and a joiner.
    odd_indicator = pictograph = joined = False
    for at, sign in enumerate(text):
        kind = _kind(sign)
        if at and not _continues(previous, kind, odd_indicator, joined):
            found.append(text[start:at])
            start = at
            odd_indicator = pictograph = joined = False
        joined = pictograph and kind == "zwj"
        if kind == "pictographic":
            pictograph = True
        elif kind not in ("extend", "zwj"):
            pictograph = False
        odd_indicator = kind == "indicator" and not odd_indicator
        previous = kind
    if text:
        found.append(text[start:])
    return found


def _continues(previous: str, kind: str, odd_indicator: bool, joined: bool) -> bool:
    """Whether there is no boundary between two signs (rules GB3 to GB13)."""
    if previous == "cr" and kind == "lf":
        return True
    if previous in _CONTROLS or kind in _CONTROLS:
        return False
    if kind in ("extend", "zwj", "spacing") or previous == "prepend":
        return True
    if previous == "L":
        return kind in ("L", "V", "LV", "LVT")
    if previous in ("LV", "V"):
        return kind in ("V", "T")
    if previous in ("LVT", "T"):
        return kind == "T"
    if kind == "indicator":
        return previous == "indicator" and odd_indicator
    return kind == "pictographic" and joined


_CONTROLS = frozenset(("control", "cr", "lf"))


@lru_cache(maxsize=4096)
def _kind(sign: str) -> str:
    code = ord(sign)
    if code < 0x300:
        if 0x20 <= code < 0x7F:
            return "other"
        if code == 0x0D:
            return "cr"
        if code == 0x0A:
            return "lf"
    if code == _ZWJ:
        return "zwj"
    if code in _EXTRA_EXTEND:
        return "extend"
    if code in _PREPEND:
        return "prepend"
    if _RI_FIRST <= code <= _RI_LAST:
        return "indicator"
    hangul = _hangul(code)
    if hangul:
        return hangul
    group = category(sign)
    if group in ("Mn", "Me"):
        return "extend"
    if (group == "Mc" and code not in _NOT_SPACING) or code in (0x0E33, 0x0EB3):
        return "spacing"
    if group in ("Cc", "Cf", "Zl", "Zp", "Cs"):
        return "control"
    if any(first <= code <= last for first, last in _PICTOGRAPHIC):
        return "pictographic"
    return "other"


def _hangul(code: int) -> str:
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return "T"
    return ""
