"""What YAML, JSON and CloudFormation each make of the same characters."""

import re
from math import isinf
from typing import Any

from wa_scan.values import Scalar

YAML_TAG = "tag:yaml.org,2002:"

_JSON_STRING_OR_TAB = re.compile(r'"(?:[^"\\]|\\.)*"?|\t', re.DOTALL)
_SURROGATE_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)
_STAND_IN = re.compile("([\ue000-\ue3ff])([\ue400-\ue7ff])")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)\Z")
_LONE_CARRIAGE_RETURN = re.compile(r"\r(?!\n)")
_OTHER_LINE_BREAKS = str.maketrans("\x85\u2028\u2029", "   ")


def as_yaml(text: str) -> tuple[str, bool]:
    """`text` so that a YAML parser reads JSON too, every character staying in its place; and whether
    texts in it then need `without_stand_ins`.

    Line breaks that only YAML 1.1 counts, and in JSON tabs between tokens, become spaces. YAML has no
    surrogate pairs: stand-ins of the same length, from the private use area, take their places.
    """
    if "\r" in text:
        text = _LONE_CARRIAGE_RETURN.sub(" ", text)
    if not text.isascii():
        text = text.translate(_OTHER_LINE_BREAKS)
    if text.lstrip()[:1] != "{":
        return text, False
    if "\t" in text:
        text = _JSON_STRING_OR_TAB.sub(lambda found: " " if found[0] == "\t" else found[0], text)
    text, pairs = _SURROGATE_PAIR.subn(_stand_in_for_pair, text)
    return text, pairs > 0


def without_stand_ins(text: str) -> str:
    """`text` with the characters that stand-ins took the place of."""
    return _STAND_IN.sub(_pair_of_stand_ins, text)


def function_of(tag: str | None) -> str | None:
    """The long name of the function that a tag such as `!Sub` is short for."""
    if tag is None or tag == "!" or tag.startswith(YAML_TAG):
        return None
    suffix = tag.removeprefix("!")
    return suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"


def plain_scalar(text: str, loader: Any, implicit: tuple[bool, bool]) -> Scalar:
    """A plain scalar. What YAML 1.1 would take for a date, a base-60 or an octal number stays text:
    templates write versions (`2012-10-17`), port pairs (`22:22`) and account numbers (`012345`)."""
    from yaml import ScalarNode as YamlScalar

    tag = loader.resolve(YamlScalar, text, implicit)
    if tag == YAML_TAG + "null":
        return None
    if tag == YAML_TAG + "bool":
        return text.lower() in ("true", "yes", "on")
    try:
        if tag == YAML_TAG + "int":
            if _DECIMAL.match(text):
                return int(text.replace("_", ""))
            return int(text, 16) if text[:2] in ("0x", "0X") else text
        if tag == YAML_TAG + "float" and ":" not in text and text[-1:].isdigit():
            number = float(text.replace("_", ""))
            return text if isinf(number) else number
    except ValueError:
        return text
    return text


def _stand_in_for_pair(found: re.Match[str]) -> str:
    high, low = int(found[2], 16) + 0x800, int(found[3], 16) + 0x800
    return f"{found[1]}\\u{high:04x}\\u{low:04x}"


def _pair_of_stand_ins(found: re.Match[str]) -> str:
    return chr(0x10000 + ((ord(found[1]) - 0xE000) << 10) + (ord(found[2]) - 0xE400))
