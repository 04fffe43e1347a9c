"""Telling CloudFormation templates and cloud assemblies from other YAML and JSON by a look at the bytes.

A template has, at its top level, `AWSTemplateFormatVersion`, or `Resources` of which one has a
`Type` of CloudFormation's forms, or a SAM `Transform` (AWS CloudFormation User Guide, "Template
anatomy"). A look, not a parse: broken templates must be recognised too, so that they are reported.
"""

import re

MANIFEST = "manifest.json"
"""The file that makes a folder a cloud assembly of the AWS CDK, if its content is that of one."""

TEMPLATE_SUFFIXES = (".yaml", ".yml", ".json", ".template", ".cfn", ".cform", ".cf")

_RESOURCE_TYPE = re.compile(
    rb"""\bType["']?\s*:\s*["']?(?:(?:AWS|Alexa)::\w+::\w|Custom::[\w@-]|AWS::CloudFormation::CustomResource)"""
)
_TRANSFORM = re.compile(rb"AWS::(?:Serverless-2016-10-31|LanguageExtensions|Include)")
# In JSON, the first of: a string, a bracket. Strings are skipped whole, so that braces in them do not count.
_JSON_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[{}\[\]]|(?<![:\w])//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/')
_JSON_COMMENTS = re.compile(rb"\s*+(?:(?://[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)\s*+)++")
_YAML_CONTENT = re.compile(rb"^(?!---|%|[ \t]*#|[ \t]*\r?$)([ \t]*)\S", re.MULTILINE)
_DEEPEST = 80
_DECIDING = (b"AWSTemplateFormatVersion", b"Resources", b"Transform")


def looks_like_template(data: bytes) -> bool:
    """Whether the bytes of a YAML or JSON file look like a CloudFormation template."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode("utf-8")
    if b"AWSTemplateFormatVersion" not in data and not (
        b"Resources" in data and (_RESOURCE_TYPE.search(data) or _TRANSFORM.search(data))
    ):
        return False
    text = data.removeprefix(b"\xef\xbb\xbf")
    # JSON has no comments, but people write some.
    comments = _JSON_COMMENTS.match(text) if text.lstrip()[:1] == b"/" else None
    text = text[comments.end() :] if comments is not None else text
    keys = _json_top_keys(text) if text.lstrip()[:1] == b"{" else _yaml_top_keys(text)
    if b"AWSTemplateFormatVersion" in keys:
        return True
    return b"Resources" in keys and bool(_RESOURCE_TYPE.search(text) or b"Transform" in keys)


def looks_like_assembly(data: bytes) -> bool:
    """Whether the bytes of a `manifest.json`, or the first of them, look like those of a cloud assembly:
    many things have a manifest of that name."""
    return b'"artifacts"' in data and (b'"aws:cloudformation:stack"' in data or b'"cdk:' in data)


def _json_top_keys(text: bytes) -> set[bytes]:
    """Which of the deciding keys the outermost object has (JSON, or YAML in flow style)."""
    found: set[bytes] = set()
    depth = 0
    for token in _JSON_TOKEN.finditer(text):
        first = token[0][:1]
        if first in b"{[":
            depth += 1
        elif first in b"}]":
            depth -= 1
        elif depth == 1 and token[0][1:-1] in _DECIDING and _colon_follows(text, token.end()):
            found.add(token[0][1:-1])
    if not found:
        # Flow style may leave the quotes away.
        found = {key for key in _DECIDING if re.match(rb"\s*\{\s*" + key + rb"\s*:", text)}
    return found


def _colon_follows(text: bytes, at: int) -> bool:
    return text[at : at + 64].lstrip()[:1] == b":"


def _yaml_top_keys(text: bytes) -> set[bytes]:
    """Which of the deciding keys stand at the indentation of the first content line."""
    content = _YAML_CONTENT.search(text)
    if content is None or len(content[1]) > _DEEPEST:
        return set()
    indent = content[1]
    return {
        key
        for key in _DECIDING
        if re.search(rb"^" + indent + rb"""["']?""" + key + rb"""["']?[ \t]*:(?=\s|$)""", text, re.MULTILINE)
    }
