"""Telling templates from other YAML and JSON."""

import json
import time
from pathlib import Path

import pytest

from wa_scan.sources.sniff import TEMPLATE_SUFFIXES, looks_like_template

CORPORA = Path(__file__).parents[2].parent / "shared/corpora"
RESOURCE = {"Type": "AWS::S3::Bucket"}

TEMPLATES: dict[str, str | bytes] = {
    "yaml with a version": "AWSTemplateFormatVersion: '2010-09-09'\nParameters: {}\n",
    "yaml without a version": "Resources:\n  A:\n    Type: AWS::SQS::Queue\n",
    "quoted keys": '"Resources":\n  A:\n    "Type": "AWS::SQS::Queue"\n',
    "custom resource": "Resources:\n  A:\n    Type: Custom::Thing\n",
    "alexa": "Resources:\n  A:\n    Type: 'Alexa::ASK::Skill'\n",
    "sam": "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: 'AWS::Serverless::Function'}\n",
    "sam without a type": "Transform: AWS::Serverless-2016-10-31\nResources: !Include x\n",
    "comments and a document mark first": "# x\n---\n# y\nResources:\n  A:\n    Type: AWS::SQS::Queue\n",
    "indented as a whole": "  Resources:\n    A:\n      Type: AWS::SQS::Queue\n",
    "windows line ends and a byte-order mark": "\ufeffResources:\r\n  A:\r\n    Type: AWS::SQS::Queue\r\n",
    "json": json.dumps({"Resources": {"A": RESOURCE}}),
    "json with the resources last": json.dumps(
        {"Outputs": {"a": {"Resources": 1}}, "Resources": {"A": RESOURCE}}
    ),
    "flow yaml": "{Resources: {A: {Type: AWS::S3::Bucket}}}",
    "broken yaml": "Resources:\n  A:\n    Type: AWS::SQS::Queue\n\t- : ][\n",
    "broken json": '{"Resources": {"A": {"Type": "AWS::S3::Bucket"',
    "utf-16": "Resources:\n  A:\n    Type: AWS::SQS::Queue\n".encode("utf-16"),
}

OTHERS: dict[str, str | bytes] = {
    "empty": "",
    "kubernetes": "apiVersion: v1\nkind: Pod\nspec:\n  Resources:\n    Type: AWS::x\n",
    "a template in a configuration map": "data:\n  t: |\n    AWSTemplateFormatVersion: x\n    Resources:\n",
    "serverless framework": "service: x\nresources:\n  Resources:\n    A:\n      Type: AWS::SQS::Queue\n",
    "policy": json.dumps({"Version": "2012-10-17", "Statement": [{"Resource": "*"}]}),
    "a template inside other json": json.dumps({"template": {"Resources": {"A": RESOURCE}}}),
    "a template as a string": json.dumps({"body": json.dumps({"Resources": {"A": RESOURCE}})}),
    "resources of something else": "Resources:\n  - name: x\n    Type: dog\n",
    "binary": b"\x00\xff\xfe\x01Resources\x00",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates(name: str) -> None:
    assert looks_like_template(as_bytes(TEMPLATES[name]))


@pytest.mark.parametrize("name", OTHERS)
def test_others(name: str) -> None:
    assert not looks_like_template(as_bytes(OTHERS[name]))


@pytest.mark.parametrize(
    "data",
    [
        b'{"Resources": "AWSTemplateFormatVersion' + b'\\"' * 2_000_000,
        b'{"AWSTemplateFormatVersion' + b'"' * 2_000_001,
        b"{" * 2_000_000 + b'"AWSTemplateFormatVersion"',
        b"Resources Type:" + b" " * 2_000_000 + b"Type:" * 400_000,
        b" " * 2_000_000 + b"AWSTemplateFormatVersion",
        b"\n" * 2_000_000 + b"AWSTemplateFormatVersion",
    ],
)
def test_hostile_bytes_take_no_longer_than_others(data: bytes) -> None:
    started = time.process_time()
    looks_like_template(data)
    assert time.process_time() - started < 5


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not beside the checkout")
def test_every_template_of_the_corpora_is_recognised() -> None:
    missed = [
        path.name
        for path in (CORPORA / "widdix-aws-cf-templates").rglob("*")
        if path.suffix in TEMPLATE_SUFFIXES
        and b"AWSTemplateFormatVersion" in (data := path.read_bytes())
        and not looks_like_template(data)
    ]
    assert missed == []


def as_bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()
