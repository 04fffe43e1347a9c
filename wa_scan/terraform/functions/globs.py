"""Terraform's glob patterns (the doublestar package of Go)."""

import re

from wa_scan.terraform.functions.signature import limited, refuse


def glob_pattern(pattern: str) -> re.Pattern[str]:
    """A regular expression for whole relative paths. `*` and `?` stay within one part of the path,
    `**` as a part of its own stands for any parts, `{a,b}` for alternatives.
    """
    if len(pattern) > 1000:
        raise limited("the pattern is too long", 1)
    parts = pattern.split("/")
    if parts.count("**") > 6 or pattern.count("*") > 30:
        raise limited("the pattern has too many wildcards", 1)
    translated = _translate(pattern)
    try:
        return re.compile(translated, re.DOTALL)
    except re.error:
        raise refuse(f"failed to glob pattern {pattern[:60]}: syntax error in pattern", 1) from None


def _translate(pattern: str) -> str:
    found: list[str] = []
    at, depth = 0, 0
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign == "*":
            starts_part = at == 1 or pattern[at - 2] == "/"
            if starts_part and pattern.startswith("*/", at):
                found.append("(?:[^/]+/)*")
                at += 2
            elif starts_part and pattern[at:] == "*":
                found.append(".*")
                at += 1
            else:
                while pattern[at : at + 1] == "*":
                    at += 1
                found.append("[^/]*")
        elif sign == "?":
            found.append("[^/]")
        elif sign == "[":
            end = _class_end(pattern, at)
            inside = pattern[at:end].replace("\\", "\\\\")
            found.append(f"[{inside}]")
            at = end + 1
        elif sign == "{":
            found.append("(?:")
            depth += 1
        elif sign == "}" and depth:
            found.append(")")
            depth -= 1
        elif sign == "," and depth:
            found.append("|")
        elif sign == "\\" and at < len(pattern):
            found.append(re.escape(pattern[at]))
            at += 1
        else:
            found.append(re.escape(sign))
    if depth:
        raise refuse("syntax error in pattern: a brace is not closed", 1)
    return "".join(found)


def _class_end(pattern: str, start: int) -> int:
    at = start + 1 if pattern[start : start + 1] == "^" else start
    end = pattern.find("]", at + 1)
    if end < 0:
        raise refuse("syntax error in pattern: a bracket is not closed", 1)
    return end
