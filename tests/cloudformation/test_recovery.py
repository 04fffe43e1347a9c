"""A syntax error costs the entry that has it, and is told."""

from collections.abc import Callable

import pytest

from wa_scan.blocks import EvaluatedUnit
from wa_scan.cloudformation.recovery import recover
from wa_scan.errors import ProblemKind

UnitOf = Callable[..., EvaluatedUnit]

BROKEN = {
    "a value that is not closed": "  Bad:\n    Type: AWS::S3::Bucket\n    Properties: [a\n",
    "a text that is not closed": '  Bad:\n    Type: AWS::S3::Bucket\n    Properties: {A: "x}\n',
    "deeper than its neighbours": "  Bad:\n    Type: AWS::S3::Bucket\n     Properties: {A: 1}\n",
    "a tab": "  Bad:\n\tType: AWS::S3::Bucket\n",
    "two colons": "  Bad:\n    Type: AWS::S3::Bucket: x\n",
    "a quote too many": "  Bad:\n    Type: 'AWS::S3'::Bucket'\n",
    "a percent sign": "  Bad:\n    Type: %x\n",
    "a brace too many": "  Bad: {Type: AWS::S3::Bucket}}\n",
}
BEFORE = '  First:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: "first"}\n'
AFTER = '  Last:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: !Sub "${Bad}-last"\n'


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("order", ["first", "middle", "last"])
def test_the_other_resources_are_read(broken: str, order: str, unit_of: UnitOf) -> None:
    parts = {
        "first": (broken, BEFORE, AFTER),
        "middle": (BEFORE, broken, AFTER),
        "last": (BEFORE, AFTER, broken),
    }
    text = "Description: x\nResources:\n" + "".join(parts[order]) + "Outputs:\n  O: {Value: !Ref Last}\n"
    unit = unit_of(text)
    assert [resource.address for resource in unit.resources] == ["First", "Last"]
    assert set(unit.outputs) == {"O"}
    (problem,) = unit.problems
    assert problem.kind is ProblemKind.SYNTAX_ERROR
    assert (problem.hint or "").endswith("All but Bad was read.")
    for resource in unit.resources:
        line = text.split("\n")[resource.location.start_line - 1]
        assert line == f"  {resource.address}:"


def test_several_broken_entries(unit_of: UnitOf) -> None:
    text = "Parameters:\n  P: [\nResources:\n" + BEFORE + BROKEN["two colons"] + AFTER + "Outputs:\n  O: }\n"
    unit = unit_of(text)
    assert [resource.address for resource in unit.resources] == ["First", "Last"]
    assert [problem.hint for problem in unit.problems] == ["All but P, Bad, O was read."]


@pytest.mark.parametrize(
    "text",
    [
        "Resources: {A: [}",
        "Resources:\n  A: [\n",
        "Resources:\n  A: {Type: AWS::SQS::Queue}\n  {\n",
        '{"Resources": {"A": {"Type": "AWS::SQS::Queue"}, "B": ]}}',
        "{{{",
        "\x01",
        "a: b: c\n" * 2,
    ],
)
def test_where_nothing_is_left(text: str, unit_of: UnitOf) -> None:
    unit = unit_of(text)
    assert unit.resources == ()
    assert [problem.kind for problem in unit.problems] == [ProblemKind.SYNTAX_ERROR]


def test_it_is_given_up_after_some_attempts() -> None:
    asked: list[str] = []

    def always(text: str) -> int:
        asked.append(text)
        return text.count("\n", 0, text.index("B")) + 1 if "B" in text else 0

    text = "Resources:\n" + "".join(f"  B{n}: x\n" for n in range(50))
    assert recover(text, always) is None
    assert len(asked) == 12
    asked.clear()
    assert recover(text + "#" * 1_000_000, always) is None
    assert asked == []


def test_long_lines() -> None:
    text = "Resources:\n  A: {}\n" + "a" + " " * 400_000 + "\n"
    assert recover(text, lambda text: 3 if "   " in text else None) is None
