"""Bad input is reported with its place, and what can be evaluated is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from wa_scan.blocks import EvaluatedUnit
from wa_scan.cloudformation.decode import MAX_DEPTH
from wa_scan.cloudformation.evaluate import evaluate_template
from wa_scan.cloudformation.files import MAX_BYTES
from wa_scan.errors import ProblemLevel
from wa_scan.sources.units import Template
from wa_scan.values import Unknown
from wa_scan.values.kinds import Reason

BUCKET = "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n    Properties:\n      P: "
UnitOf = Callable[..., EvaluatedUnit]


def reports(unit: EvaluatedUnit) -> list[tuple[str, str]]:
    """Kind and place of each problem."""
    return [(problem.kind.value, str(problem.location)) for problem in unit.problems]


def addresses(unit: EvaluatedUnit) -> list[str]:
    return [resource.address for resource in unit.resources]


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        ("!Ref Missing", "t.yaml:5:15"),
        ("{Ref: Missing}", "t.yaml:5:16"),
        ("{Ref: [a]}", "t.yaml:5:16"),
        ("!GetAtt Missing.Arn", "t.yaml:5:18"),
        ("!GetAtt Bucket", "t.yaml:5:18"),
        ("!Sub '${Missing}'", "t.yaml:5:15"),
        ("!Sub '${Missing.Arn}'", "t.yaml:5:15"),
        ("!Sub [a, b, c]", "t.yaml:5:15"),
        ("!FindInMap [Missing, a, b]", "t.yaml:5:22"),
        ("!FindInMap [a, b]", "t.yaml:5:21"),
        ("!If [Missing, 1, 2]", "t.yaml:5:15"),
        ("!If [Missing, 1]", "t.yaml:5:14"),
        ("!Select [2, [a, b]]", "t.yaml:5:18"),
        ("!Select [x, [a, b]]", "t.yaml:5:19"),
        ("!Join [a, b]", "t.yaml:5:20"),
        ("!Join a", "t.yaml:5:16"),
        ("!Split [a, [b]]", "t.yaml:5:21"),
        ("!Cidr [10.0.0.0/24, 300, 4]", "t.yaml:5:16"),
        ("!Cidr [x, 1, 4]", "t.yaml:5:16"),
        ("!Foo bar", "t.yaml:5:10"),
        ("{'Fn::Foo': bar}", "t.yaml:5:10"),
        ("!Equals [a]", "t.yaml:5:18"),
        ("!And [a]", "t.yaml:5:16"),
    ],
)
def test_call_that_cannot_be(expression: str, place: str, unit_of: UnitOf) -> None:
    unit = unit_of(BUCKET + expression + "\n      Q: 1\n")
    assert reports(unit) == [("evaluation-error", place)]
    (bucket,) = unit.resources
    value = bucket.body.get("P")
    assert isinstance(value, Unknown)
    assert value.reason is Reason.ERROR
    assert value.origin is not None
    assert str(value.origin.location) == "t.yaml:5:7"
    assert bucket.body.get("Q").scalar == 1


def test_unknown_condition_of_a_resource(unit_of: UnitOf) -> None:
    unit = unit_of(BUCKET + "1\n    Condition: Missing\n")
    assert reports(unit) == [("evaluation-error", "t.yaml:6:16")]
    assert addresses(unit) == ["Bucket"]


def test_circular_conditions(unit_of: UnitOf) -> None:
    unit = unit_of(
        "Conditions:\n  A: !Not [!Condition B]\n  B: !Not [!Condition A]\n" + BUCKET + "!If [A, 1, 2]\n"
    )
    assert reports(unit) == [("evaluation-error", "t.yaml:2:3")]
    assert repr(unit.resources[0].body.get("P")) == "Choice(A is true ? Known(1) : Known(2))"


def test_duplicate_keys_are_both_reported_and_the_last_counts(unit_of: UnitOf) -> None:
    unit = unit_of(BUCKET + "1\n      P: 2\n")
    assert reports(unit) == [("syntax-error", "t.yaml:5:7"), ("syntax-error", "t.yaml:6:7")]
    assert unit.resources[0].body.get("P").scalar == 2


@pytest.mark.parametrize("key", ["~", "[a]", "{a: b}"])
def test_key_that_is_no_text(key: str, unit_of: UnitOf) -> None:
    unit = unit_of(BUCKET + f"1\n      ? {key}\n      : 2\n      Q: 3\n")
    assert reports(unit) == [("syntax-error", "t.yaml:6:9")]
    assert unit.resources[0].body.get("Q").scalar == 3


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("", ("not-a-template", "t.yaml:1:1")),
        ("# nothing\n", ("not-a-template", "t.yaml:1:1")),
        ("just text", ("not-a-template", "t.yaml:1:1")),
        ("- a\n- b\n", ("not-a-template", "t.yaml:1:1")),
        ("a: 1\n", ("not-a-template", "t.yaml:1:1")),
        ("Resources:\n\tB: 1\n", ("syntax-error", "t.yaml:2:1")),
        ("Resources: [1]\n", ("evaluation-error", "t.yaml:1:12")),
        ("Resources: text\n", ("evaluation-error", "t.yaml:1:12")),
        ('{"Resources": {}', ("syntax-error", "t.yaml:1:17")),
        ('{\n  // remark\n  "Resources": {"A": 1}}', ("syntax-error", "t.yaml:2:3")),
        ("Resources:\n  A: {Properties: {}}\n", ("evaluation-error", "t.yaml:2:3")),
        ("Resources:\n  A: {Type: [x]}\n", ("evaluation-error", "t.yaml:2:3")),
        ("Resources:\n  A: 1\n", ("evaluation-error", "t.yaml:2:3")),
        ("Resources:\n  A: *b\n", ("syntax-error", "t.yaml:2:6")),
        ("Resources: &a\n  A: *a\n", ("syntax-error", "t.yaml:2:6")),
        ("Resources: {A: \x01}\n", ("syntax-error", "t.yaml:1:16")),
        ("A: " + "[" * 100_000, ("limit-reached", "t.yaml:1:103")),
        ('{"Resources":' * 100_000, ("limit-reached", "t.yaml:1:1301")),
        ("A: " + "- " * 100_000, ("syntax-error", "t.yaml:1:4")),
        ("A: [" + "1," * 600_000 + "1]", ("limit-reached", "t.yaml:1:999995")),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_template_that_cannot_be_read(text: str, report: tuple[str, str], unit_of: UnitOf) -> None:
    unit = unit_of(text)
    assert reports(unit)[:1] == [report]
    assert unit.resources == ()


def test_properties_that_are_no_mapping(unit_of: UnitOf) -> None:
    unit = unit_of("Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: [1]\n")
    assert reports(unit) == [("evaluation-error", "t.yaml:4:17")]
    assert addresses(unit) == ["A"]


def test_only_the_first_document_is_read(unit_of: UnitOf) -> None:
    unit = unit_of(BUCKET + "1\n---\na: 1\n")
    assert reports(unit) == [("syntax-error", "t.yaml:6:1")]
    assert addresses(unit) == ["Bucket"]


def test_aliases_that_multiply(unit_of: UnitOf) -> None:
    lines = ["a0: &a0 x"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    unit = unit_of("\n".join(lines) + "\n" + BUCKET + "*a11\n")
    assert [kind for kind, _ in reports(unit)] == ["limit-reached"]


def test_text_that_multiplies(unit_of: UnitOf) -> None:
    expression = "x" * 100
    for _ in range(30):
        expression = f'!Sub ["${{a}}${{a}}", {{a: {expression}}}]'
    unit = unit_of(BUCKET + expression + "\n")
    assert reports(unit) == [("limit-reached", "t.yaml:2:3")]


@pytest.mark.parametrize(
    ("around", "levels"),
    [
        ("!Join ['', [{}, a]]", 2),
        ("!Select [0, [{}]]", 2),
        ("!If [C, {}, b]", 1),
        ("[{}]", 1),
        ("{{a: {}}}", 1),
    ],
)
def test_deepest_nesting_is_evaluated(around: str, levels: int, unit_of: UnitOf) -> None:
    expression = "x"
    for _ in range((MAX_DEPTH - 5) // levels):
        expression = around.format(expression)
    unit = unit_of("Conditions:\n  C: !Equals [!Ref 'AWS::Region', a]\n" + BUCKET + expression + "\n")
    assert unit.problems == ()
    assert addresses(unit) == ["Bucket"]


def template(path: Path, tree: Path | None = None) -> Template:
    return Template(path, path.name, tree or path.parent)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    assert reports(evaluate_template(template(tmp_path / "x"))) == [("unreadable-file", "x:1:1")]


def test_folder(tmp_path: Path) -> None:
    assert reports(evaluate_template(template(tmp_path, tmp_path.parent))) == [
        ("unreadable-file", f"{tmp_path.name}:1:1")
    ]


def test_file_outside_of_the_tree(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "secret.yaml").write_text(BUCKET)
    (inside / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    unit = evaluate_template(template(inside / "link.yaml"))
    assert reports(unit) == [("outside-tree", "link.yaml:1:1")]


def test_file_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_bytes("a: é\nb: ".encode() + b"\xff\xfe\n")
    assert reports(evaluate_template(template(path))) == [("unreadable-file", "t.yaml:2:4")]


def test_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("#" * MAX_BYTES + "\n")
    assert reports(evaluate_template(template(path))) == [("limit-reached", "t.yaml:1:1")]


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + BUCKET.replace("\n", "\r\n").encode() + b"1\r\n")
    unit = evaluate_template(template(path))
    assert unit.problems == ()
    value = unit.resources[0].body.get("P")
    assert value.origin is not None
    assert value.origin.location == ("t.yaml", 5, 7, 5, 11)


@pytest.mark.parametrize(
    "text",
    [
        "Transform: [MyMacro]\n" + BUCKET + "!Foo bar\n",
        "Transform: [MyMacro]\n" + BUCKET + "!If [MadeByMacro, 1, 2]\n",
        "Fn::Transform: {Name: MyMacro}\n" + BUCKET + "!Ref MadeByMacro\n",
        BUCKET + "{'Fn::Transform': {Name: AWS::Include, Parameters: {Location: s3://b/k}}}\n",
        "Resources:\n  Bucket:\n    Type: My::Thing::Here::MODULE\n",
        "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n  'Fn::Transform': {Name: AWS::Include}\n",
    ],
    ids=[
        "macro",
        "condition of a macro",
        "macro as a function",
        "include",
        "module",
        "include among resources",
    ],
)
def test_what_is_out_of_reach_is_a_note(text: str, unit_of: UnitOf) -> None:
    unit = unit_of(text)
    assert [problem.level for problem in unit.problems] == [ProblemLevel.NOTE]
    assert addresses(unit) == ["Bucket"]
