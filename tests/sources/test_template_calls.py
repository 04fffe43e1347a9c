"""The cheap look at which templates nest which."""

import pytest

from wa_scan.sources.template_calls import mentioned_templates, nested_by

SIZE = 500_000


def test_what_a_template_mentions() -> None:
    data = b"""
    Type: AWS::CloudFormation::Stack
    TemplateURL: ./a.yaml
    TemplateURL: !Sub https://${B}.s3.${AWS::Region}.amazonaws.com/${P}x/b.template.json
    TemplateURL: {"Fn::Join": ["", ["https://s3.amazonaws.com/", {"Ref": "B"}, "/y/c.template"]]}
    """
    assert mentioned_templates(data) == ("./a.yaml", "/y/c.template", "x/b.template.json")
    assert mentioned_templates(b"TemplateURL: ./a.yaml") == ()


def test_who_nests_whom() -> None:
    mentioned = {
        "/t/main.yaml": ["./a.yaml", "x/b.json", "../other/c.yaml", "main.yaml", "gone.yaml"],
        "/t/a.yaml": ["d.yaml"],
        "/t/x/b.json": [],
        "/other/c.yaml": [],
        "/t/one/d.yaml": [],
        "/t/two/d.yaml": [],
    }
    calls = nested_by(mentioned)
    assert calls["/t/main.yaml"] == {"/t/a.yaml", "/t/x/b.json", "/other/c.yaml"}
    assert calls["/t/a.yaml"] == set()


@pytest.mark.parametrize(
    "data", [b"a" * SIZE, b"a." * SIZE, b"./" * SIZE, b".yaml" * SIZE, b"a.yaml " * SIZE]
)
def test_hostile_text(data: bytes) -> None:
    assert len(mentioned_templates(b"AWS::CloudFormation::Stack " + data)) <= 1
