"""`Fn::ImportValue` of what templates export that are scanned along."""

from pathlib import Path

import pytest

from wa_scan.blocks import EvaluatedUnit
from wa_scan.cloudformation.evaluate import EvaluateOptions, Templates
from wa_scan.cloudformation.export_names import is_telling, may_be_same
from wa_scan.sources.units import Template
from wa_scan.values import Choice, Unknown, Value

NETWORK = """\
Parameters: {Open: {Type: String}}
Conditions: {IsOpen: !Equals [!Ref Open, 'yes']}
Resources: {Vpc: {Type: AWS::EC2::VPC}}
Outputs:
  VpcId: {Value: !Ref Vpc, Export: {Name: !Sub "${AWS::StackName}-VpcId"}}
  Cidr: {Value: 10.0.0.0/16, Export: {Name: network-cidr}}
  Range: {Value: !If [IsOpen, 0.0.0.0/0, 10.0.0.0/8], Export: {Name: network-range}}
"""
APP = """\
Parameters: {Network: {Type: String}}
Resources:
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {P: %s}}
"""


def evaluate(folder: Path, files: dict[str, str]) -> dict[str, EvaluatedUnit]:
    roots = []
    for name, text in files.items():
        (folder / name).write_text(text)
        roots.append(Template(folder / name, name, folder))
    templates = Templates(roots, EvaluateOptions(), [str(root.path) for root in roots], folder)
    return {root.display: templates.evaluate(root) for root in roots}


def imported(folder: Path, expression: str, **others: str) -> Value:
    files = {"app.yaml": APP % expression, "network.yaml": NETWORK}
    files |= {f"{name}.yaml": text for name, text in others.items()}
    return evaluate(folder, files)["app.yaml"].resources[0].body.get("P")


def test_a_known_value_keeps_its_way(tmp_path: Path) -> None:
    value = imported(tmp_path, "!ImportValue network-cidr")
    assert value.scalar == "10.0.0.0/16"
    assert value.origin is not None
    assert [(step.location[:2], step.text) for step in value.origin] == [
        (("network.yaml", 6), "output Cidr of network.yaml"),
        (("app.yaml", 3), "property P"),
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "!ImportValue shop-VpcId",
        "{'Fn::ImportValue': !Sub '${Network}-VpcId'}",
        "{'Fn::ImportValue': {'Fn::Join': ['-', [!Ref Network, VpcId]]}}",
    ],
)
def test_what_is_unknown_says_whose_it_is(expression: str, tmp_path: Path) -> None:
    value = imported(tmp_path, expression)
    assert isinstance(value, Unknown)
    assert (value.symbol.text, value.symbol.resource) == ("network.yaml: Vpc", None)


def test_a_condition_says_whose_it_is(tmp_path: Path) -> None:
    value = imported(tmp_path, "!ImportValue network-range")
    assert isinstance(value, Choice)
    assert str(value.guard) == "network.yaml: IsOpen is true"


@pytest.mark.parametrize(
    ("expression", "others"),
    [
        ("!ImportValue network-other", {}),
        ("!ImportValue network-cidr", {"second": NETWORK}),
        ("{'Fn::ImportValue': !Sub '${Network}-VpcId'}", {"second": NETWORK}),
        ("{'Fn::ImportValue': !Ref Network}", {}),
        # What is imported by the same parameter has to be exported there, too.
        (
            "[{'Fn::ImportValue': !Sub '${Network}-VpcId'}, {'Fn::ImportValue': !Sub '${Network}-Table'}]",
            {},
        ),
    ],
)
def test_what_may_be_several_or_none_stays_unknown(
    expression: str, others: dict[str, str], tmp_path: Path
) -> None:
    value = imported(tmp_path, expression, **others)
    (first, _), *_ = value.items()
    assert isinstance(value if isinstance(value, Unknown) else first, Unknown)
    assert "network.yaml" not in repr(value)


def test_templates_may_import_from_each_other(tmp_path: Path) -> None:
    template = """\
Resources: {{Q: {{Type: AWS::SQS::Queue, Properties: {{P: !ImportValue {1}-b}}}}}}
Outputs:
  A: {{Value: !ImportValue {1}-b, Export: {{Name: {0}-a}}}}
  B: {{Value: {0}, Export: {{Name: {0}-b}}}}
  C: {{Value: !ImportValue {1}-c, Export: {{Name: {0}-c}}}}
"""
    units = evaluate(
        tmp_path, {"one.yaml": template.format("one", "two"), "two.yaml": template.format("two", "one")}
    )
    assert units["one.yaml"].resources[0].body.get("P").scalar == "two"
    assert units["one.yaml"].outputs["A"].get("Value").scalar == "two"
    assert isinstance(units["two.yaml"].outputs["C"].get("Value"), Unknown)
    assert [unit.problems for unit in units.values()] == [(), ()]


def test_a_nested_stack_exports_too(tmp_path: Path) -> None:
    parent = "Resources: {Net: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: network.yaml}}}"
    network = NETWORK.replace("Type: String", "Type: String, Default: 'no'")
    files = {"app.yaml": APP % "!ImportValue x-VpcId", "parent.yaml": parent}
    (tmp_path / "network.yaml").write_text(network)
    value = evaluate(tmp_path, files)["app.yaml"].resources[0].body.get("P")
    assert isinstance(value, Unknown)
    assert value.symbol.text == "parent.yaml: Net/Vpc"


@pytest.mark.parametrize(
    ("one", "other", "same", "telling"),
    [
        ((None, "-VpcId"), (None, "-VpcId"), True, True),
        (("a-VpcId",), (None, "-VpcId"), True, True),
        (("-VpcId",), (None, "-VpcId"), False, True),
        ((None, "-VpcId"), (None, "-SubnetId"), False, False),
        ((None, "-Arn"), (None, "-Arn"), True, False),
        (("x-Id",), (None, "-Id"), True, False),
        (("prod:", None, ":Cluster"), (None, ":Cluster"), True, True),
        (("prod:", None), ("test:", None), False, False),
        (("a-b-c",), ("a", None, "b", None, "c"), True, False),
        (("abc",), ("a", None, "b", None, "c"), False, False),
    ],
)
def test_names(one: tuple[str | None, ...], other: tuple[str | None, ...], same: bool, telling: bool) -> None:
    assert may_be_same(one, other) is same
    assert may_be_same(other, one) is same
    if same:
        assert is_telling(one, other) is telling
