"""Telling Terraform's plans from other files by a cheap look at the bytes.

`terraform show -json PLAN` (and OpenTofu's) prints one JSON object with `format_version` and, as far as
there is anything planned, `planned_values` and `resource_changes` (Terraform, "JSON Output Format").
A look, not a parse: a plan that was cut off must be recognised too, so that it is reported.
"""

import re

# What PowerShell writes with `>` is UTF-16.
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_ZIP = b"PK\x03\x04"
_FIRST_KEY = re.compile(rb'\s*\{\s*"format_version"\s*:')
_CONTENT = (b'"planned_values"', b'"resource_changes"')
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[{}\[\]]')
# Sorted by its keys a plan has `format_version` after most of the rest, too far to look in larger files.
_LARGEST_WALKED = 4_000_000

HINT = "Write the plan as JSON first: terraform show -json PLAN > plan.json"


def looks_like_plan(data: bytes) -> bool:
    """Whether the bytes of a JSON file, or the first of them, look like a plan."""
    if data[:2] in _UTF_16:
        data = data.decode("utf-16", "replace").encode("utf-8")
    if b'"format_version"' not in data or not any(key in data for key in _CONTENT):
        return False
    text = data.removeprefix(b"\xef\xbb\xbf")
    if text.lstrip()[:1] != b"{":
        return False
    keys = _top_keys(text) if len(text) <= _LARGEST_WALKED else {b'"format_version"', *_CONTENT}
    # Where `format_version` comes first nothing else of that form is known, even if the rest is cut off.
    is_first = _FIRST_KEY.match(text) is not None
    return (is_first or b'"format_version"' in keys) and any(key in keys for key in _CONTENT)


def no_plan_because(data: bytes) -> tuple[str, str] | None:
    """What a file is that was meant as a plan and is none, and what to do; None for any other file."""
    if data[:2] in _UTF_16:
        data = data.decode("utf-16", "replace").encode("utf-8")
    if data.startswith(_ZIP) and b"tfplan" in data[:4096]:
        return "this is a plan in Terraform's own binary format, which only Terraform reads", HINT
    text = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b'{"@level"'):
        return "this is the log of `terraform plan -json` and not the plan", (
            "Save the plan and write it as JSON: terraform plan -out=PLAN, then terraform show -json PLAN"
        )
    if _FIRST_KEY.match(text) and b'"values"' in text:
        return "this is a state and not a plan", HINT
    return None


def _top_keys(text: bytes) -> set[bytes]:
    """The keys of the outermost object, with their quotes."""
    found: set[bytes] = set()
    depth = 0
    for token in _TOKEN.finditer(text):
        first = token[0][:1]
        if first in b"{[":
            depth += 1
        elif first in b"}]":
            depth -= 1
        elif depth == 1 and text[token.end() : token.end() + 64].lstrip()[:1] == b":":
            found.add(token[0])
    return found
