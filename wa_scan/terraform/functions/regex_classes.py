"""Sets of characters in regular expressions: ranges of code points, case folding, named classes."""

from functools import lru_cache
from unicodedata import category, name

from wa_scan.terraform.errors import EvaluationError

LAST = 0x10FFFF

Ranges = tuple[tuple[int, int], ...]
"""Code points: first and last of each range, ascending, not touching one another."""


def merged(ranges: "list[tuple[int, int]] | Ranges") -> Ranges:
    """The same code points as sorted ranges that do not touch."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


def negated(ranges: Ranges) -> Ranges:
    found: list[tuple[int, int]] = []
    at = 0
    for low, high in ranges:
        if low > at:
            found.append((at, low - 1))
        at = high + 1
    if at <= LAST:
        found.append((at, LAST))
    return tuple(found)


# Characters that fold to an ASCII letter besides its other case.
_ODD_FOLDS = {"k": "\u212a", "K": "\u212a", "s": "\u017f", "S": "\u017f"}
_ODD_FOLDS |= {"\u212a": "kK", "\u017f": "sS"}
_ODD_FOLDS |= {"\u00e5": "\u212b", "\u00c5": "\u212b", "\u212b": "\u00e5\u00c5"}


def folded(ranges: Ranges) -> Ranges:
    """With the other cases of every character; of huge ranges only those of ASCII letters."""
    found = list(ranges)
    for low, high in ranges:
        codes = range(low, high + 1) if high - low < 3000 else range(low, min(high, 127) + 1)
        for code in codes:
            sign = chr(code)
            for other in (sign.lower(), sign.upper(), *_ODD_FOLDS.get(sign, "")):
                if len(other) == 1 and other != sign:
                    found.append((ord(other), ord(other)))
    return merged(found)


def _ranges(text: str) -> Ranges:
    """`az09` is a to z and 0 to 9."""
    return merged([(ord(text[at]), ord(text[at + 1])) for at in range(0, len(text), 2)])


PERL = {"d": _ranges("09"), "s": _ranges("\t\n\f\r  "), "w": _ranges("09AZaz__")}
POSIX = {
    "alnum": _ranges("09AZaz"),
    "alpha": _ranges("AZaz"),
    "ascii": _ranges("\0\x7f"),
    "blank": _ranges("\t\t  "),
    "cntrl": _ranges("\0\x1f\x7f\x7f"),
    "digit": _ranges("09"),
    "graph": _ranges("!~"),
    "lower": _ranges("az"),
    "print": _ranges(" ~"),
    "punct": _ranges("!/:@[`{~"),
    "space": _ranges("\t\r  "),
    "upper": _ranges("AZ"),
    "word": _ranges("09AZaz__"),
    "xdigit": _ranges("09AFaf"),
}
# Scripts whose characters' names start with the name of the script.
_SCRIPTS = {
    "Arabic": "ARABIC",
    "Armenian": "ARMENIAN",
    "Bengali": "BENGALI",
    "Cyrillic": "CYRILLIC",
    "Devanagari": "DEVANAGARI",
    "Georgian": "GEORGIAN",
    "Greek": "GREEK",
    "Han": "CJK UNIFIED",
    "Hangul": "HANGUL",
    "Hebrew": "HEBREW",
    "Hiragana": "HIRAGANA",
    "Katakana": "KATAKANA",
    "Latin": "LATIN",
    "Thai": "THAI",
}
_CATEGORIES = {
    "L": "Lu Ll Lt Lm Lo",
    "M": "Mn Mc Me",
    "N": "Nd Nl No",
    "P": "Pc Pd Ps Pe Pi Pf Po",
    "S": "Sm Sc Sk So",
    "Z": "Zs Zl Zp",
    "C": "Cc Cf Co Cs",
}
_ALL_CATEGORIES = " ".join(_CATEGORIES.values()).split()


@lru_cache(maxsize=64)
def unicode_class(wanted: str) -> Ranges:
    """The code points of a general category (`L`, `Lu`) or of a common script."""
    if wanted == "Any":
        return ((0, LAST),)
    if wanted in _SCRIPTS:
        start = _SCRIPTS[wanted]
        codes = [code for code in range(LAST + 1) if name(chr(code), "").startswith(start)]
    elif members := _CATEGORIES.get(wanted) or (wanted if wanted in _ALL_CATEGORIES else ""):
        codes = [code for code in range(LAST + 1) if category(chr(code)) in members]
    else:
        raise EvaluationError("invalid regular expression: invalid character class range")
    found: list[tuple[int, int]] = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1] = (found[-1][0], code)
        else:
            found.append((code, code))
    return tuple(found)
