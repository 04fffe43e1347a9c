"""`Fn::ForEach` against the same templates with the loops carried out: the findings are the same."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cfnlint.decode.cfn_yaml import loads
from cfnlint.template import Template
from cfnlint.template.transforms._language_extensions import language_extension

from tests.cloudformation.loop_templates import BY_HAND, TEMPLATES
from wa_scan import scan
from wa_scan.blocks import EvaluatedUnit
from wa_scan.engine.findings import Finding
from wa_scan.values import Location

HEADER = "Transform: AWS::LanguageExtensions\n"


def _carried_out(text: str) -> str:
    """`text` as cfn-lint's own transform leaves it."""
    template = Template("t.yaml", loads(text), ["us-east-1"])
    matches, made = language_extension(template)
    assert matches == []
    assert made is not None
    return json.dumps({key: value for key, value in made.items() if key != "Transform"}, indent=1)


def _findings(path: Path, text: str) -> list[Finding]:
    path.parent.mkdir(parents=True)
    path.write_text(text)
    report = scan([path])
    assert report.problems == ()
    assert report.findings
    return list(report.findings)


def _told(findings: list[Finding]) -> set[tuple[str, ...]]:
    """Rule, address, status and guard: what loops make at one place is one finding with several instances."""
    return {
        (each.rule.id, address, each.status.value, str(each.when))
        for each in findings
        for address in each.instances or (each.resource.address,)
    }


def _lines_of_loops(text: str) -> set[int]:
    found: set[int] = set()
    indent = -1
    for number, line in enumerate(text.splitlines(), 1):
        own = len(line) - len(line.lstrip())
        if own <= indent:
            indent = -1
        if indent < 0 and line.lstrip().startswith("Fn::ForEach::"):
            indent = own
        if indent >= 0:
            found.add(number)
    return found


@pytest.mark.parametrize("name", TEMPLATES)
def test_findings_of_loops_are_those_of_what_they_make(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = HEADER + TEMPLATES[name]
    loops = _findings(Path("loops/t.yaml"), text)
    assert _told(loops) == _told(_findings(Path("made/t.json"), _carried_out(text)))
    lines = _lines_of_loops(text)
    for finding in loops:
        assert finding.location.file == "loops/t.yaml"
        if f"\n  {finding.resource.address}:" not in text:
            assert finding.location.start_line in lines
            assert finding.location.end_line in lines


@pytest.mark.parametrize("name", BY_HAND)
def test_findings_of_loops_are_those_of_the_same_by_hand(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    loops, made = BY_HAND[name]
    found = _findings(Path("loops/t.yaml"), HEADER + loops)
    assert _told(found) == _told(_findings(Path("made/t.yaml"), made))


def test_exports_of_loops_are_imported_by_loops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("network.yaml").write_text(
        HEADER
        + """
Parameters: {Zones: {Type: CommaDelimitedList, Default: "a,b"}}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Fn::ForEach::Subnets:
    - Zone
    - !Ref Zones
    - Subnet${Zone}:
        Type: AWS::EC2::Subnet
        Properties: {VpcId: !Ref Vpc, AvailabilityZone: !Sub "eu-west-1${Zone}"}
Outputs:
  Fn::ForEach::Exports:
    - Zone
    - !Ref Zones
    - Out${Zone}: {Value: !Ref "Subnet${Zone}", Export: {Name: !Sub "subnet-${Zone}"}}
"""
    )
    Path("store.yaml").write_text(
        HEADER
        + """
Resources:
  Fn::ForEach::Groups:
    - Zone
    - [a, b]
    - Group${Zone}:
        Type: AWS::RDS::DBSubnetGroup
        Properties:
          DBSubnetGroupDescription: x
          SubnetIds: [!ImportValue {"Fn::Sub": "subnet-${Zone}"}]
"""
    )
    report = scan([tmp_path])
    assert report.problems == ()
    links = {
        (link.source.address, link.target.address)
        for link in report.graph.links
        if link.source.address.startswith("Group")
    }
    assert links == {("Groupa", "Subneta"), ("Groupb", "Subnetb")}


def test_loops_that_depend_on_conditions(unit_of: Callable[[str], EvaluatedUnit]) -> None:
    unit = unit_of(HEADER + BY_HAND["a mapping by a parameter that conditions ask for"][0])
    assert {each.address: str(each.exists) for each in unit.resources} == {
        "Shop": "always",
        "Stock": "IsProd is true",
    }


def test_the_sam_transform_gets_what_is_made_in_any_case(unit_of: Callable[[str], EvaluatedUnit]) -> None:
    text = BY_HAND["a mapping by a parameter that conditions ask for"][0]
    unit = unit_of("Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\n" + text)
    assert {each.address: str(each.exists) for each in unit.resources} == {"Shop": "always"}
    assert [(each.message, str(each.location)) for each in unit.problems] == [
        ("What Fn::ForEach::Databases makes under a condition was not looked at.", "t.yaml:8:3")
    ]


def test_names_that_loops_make_twice_are_reported(unit_of: Callable[[str], EvaluatedUnit]) -> None:
    unit = unit_of(
        HEADER
        + """
Resources:
  Fn::ForEach::Queues:
    - Name
    - [a-1, a.1]
    - "Queue&{Name}": {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Name}}
"""
    )
    assert [(each.message, each.location) for each in unit.problems] == [
        ("Loops make several resources Queuea1; the last one counts.", Location("t.yaml", 7, 7, 7, 21))
    ]
    assert [each.body.get("QueueName").text for each in unit.resources] == ["a.1"]


def test_what_is_known_of_a_collection_is_looked_at(unit_of: Callable[[str], EvaluatedUnit]) -> None:
    unit = unit_of(
        HEADER
        + """
Parameters: {Name: {Type: String}}
Resources:
  Fn::ForEach::Queues:
    - Name
    - [known, !Ref Name]
    - Queue${Name}: {Type: AWS::SQS::Queue}
"""
    )
    assert [each.address for each in unit.resources] == ["Queueknown"]
    assert [(each.message, str(each.location)) for each in unit.problems] == [
        (
            "What Fn::ForEach::Queues runs over is not known before deployment; "
            "not all that it may make was looked at.",
            "t.yaml:7:7",
        )
    ]
