"""Scans of folders whose templates nest each other."""

import re
from pathlib import Path

from wa_scan import scan
from wa_scan.api import ScanOptions
from wa_scan.engine.findings import Finding
from wa_scan.errors import ProblemLevel
from wa_scan.review.report import Report

STORE = """\
Parameters:
  Subnets: {Type: List<AWS::EC2::Subnet::Id>}
  Vpc: {Type: AWS::EC2::VPC::Id}
  Multi: {Type: String}
  Key: {Type: String, Default: ''}
Conditions:
  HasKey: !Not [!Equals [!Ref Key, '']]
Resources:
  Access:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: store
      VpcId: !Ref Vpc
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0, Description: x}
  Group:
    Type: AWS::RDS::DBSubnetGroup
    Properties: {SubnetIds: !Ref Subnets, DBSubnetGroupDescription: store}
  Database:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Delete
    Properties:
      Engine: postgres
      DBInstanceClass: db.m5.large
      MultiAZ: !Ref Multi
      StorageEncrypted: !If [HasKey, true, false]
      KmsKeyId: !If [HasKey, !Ref Key, !Ref AWS::NoValue]
      DBSubnetGroupName: !Ref Group
      VPCSecurityGroups: [!Ref Access]
  Files:
    Type: AWS::S3::Bucket
    Condition: HasKey
Outputs:
  Database: {Value: !Ref Database}
"""
NETWORK = """\
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  A:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: !Select [0, !GetAZs '']}
  B:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: !Select [1, !GetAZs '']}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/RDS
      MetricName: CPUUtilization
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 1
      Threshold: 80
      AlarmActions: [arn:aws:sns:eu-west-1:123456789012:people]
      Dimensions: [{Name: DBInstanceIdentifier, Value: %s}]
"""
HEADER = """\
Parameters: {Key: {Type: String, Default: ''}, Multi: {Type: String, AllowedValues: ['true', 'false']}}
"""
NESTED = (
    HEADER
    + "Resources:\n"
    + NETWORK % "!GetAtt Store.Outputs.Database"
    + """\
  Store:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: templates/store.yaml
      Tags: [{Key: team, Value: shop}, {Key: Environment, Value: production}]
      Parameters:
        Subnets: !Join [',', [!Ref A, !Ref B]]
        Vpc: !Ref Vpc
        Multi: !Ref Multi
        Key: !Ref Key
"""
)


def inlined() -> str:
    """The same as one template, written by hand as far as references go."""
    body = STORE[STORE.index("Conditions:") : STORE.index("Outputs:")]
    conditions, resources = body.split("Resources:\n")
    resources = resources.replace("!Ref Subnets", "[!Ref A, !Ref B]")
    # What a stack's tags do is written on each resource.
    tags = "      Tags: [{Key: team, Value: shop}, {Key: Environment, Value: production}]\n"
    resources = re.sub(r"(      (?:GroupDescription|Engine): \w+\n)", rf"\1{tags}", resources)
    resources = resources.replace("{SubnetIds:", f"{{{tags.strip()}, SubnetIds:")
    resources = resources.replace(
        "    Condition: HasKey\n", f"    Condition: HasKey\n    Properties:\n{tags}"
    )
    return HEADER + conditions + "Resources:\n" + NETWORK % "!Ref Database" + resources


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def scanned(folder: Path, *paths: str) -> Report:
    return scan(paths or (".",), ScanOptions(working_directory=folder))


def essence(finding: Finding) -> tuple[str, str, str, str]:
    address = finding.resource.address.removeprefix("Store/")
    return finding.rule.id, address, finding.status.value, str(finding.when)


def test_nested_stacks_have_the_findings_of_one_template(tmp_path: Path) -> None:
    write(tmp_path / "nested", {"main.yaml": NESTED, "templates/store.yaml": STORE})
    write(tmp_path / "inlined", {"main.yaml": inlined()})
    nested, inline = scanned(tmp_path / "nested"), scanned(tmp_path / "inlined")
    assert nested.problems == inline.problems == ()
    # A nested template's comparison with what it is handed is called after the parameter.
    expected = {
        (
            rule,
            address,
            status,
            when.replace("HasKey is false", 'Key is ""').replace("HasKey is true", 'Key is not ""'),
        )
        for rule, address, status, when in map(essence, inline.findings)
    }
    assert {finding.rule.id for finding in inline.findings} >= {"REL-RDS-01", "SEC-RDS-02"}
    assert set(map(essence, nested.findings)) == expected


def test_a_nested_template_is_no_unit_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, {"main.yaml": NESTED, "templates/store.yaml": STORE, "other.yaml": STORE})
    report = scanned(tmp_path)
    assert {unit.name for unit in report.graph.units} == {"main.yaml", "other.yaml"}
    assert report.coverage.files_read == ("main.yaml", "other.yaml", "templates/store.yaml")
    assert report.coverage.modules_not_found == ()


def test_a_template_that_is_only_mentioned_is_scanned(tmp_path: Path) -> None:
    main = """\
Description: see templates/store.yaml
Resources: {Gone: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: gone.yaml}}}
"""
    write(tmp_path, {"main.yaml": main, "templates/store.yaml": STORE})
    report = scanned(tmp_path)
    assert {unit.name for unit in report.graph.units} == {"main.yaml", "templates/store.yaml"}
    assert [(one.call, one.source) for one in report.coverage.modules_not_found] == [("Gone", "gone.yaml")]


def test_a_template_nested_often_is_blamed_once(tmp_path: Path) -> None:
    stack = "  S{0}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: bucket.yaml}}}}\n"
    bucket = "Resources: {Bucket: {Type: AWS::S3::Bucket}}\n"
    main = "Resources:\n" + "".join(stack.format(number) for number in range(100))
    write(tmp_path, {"main.yaml": main, "bucket.yaml": bucket})
    found = [one for one in scanned(tmp_path).findings if one.location.file == "bucket.yaml"]
    assert len({one.rule.id for one in found}) == len(found) > 0
    # The one about tags is about the unit.
    counts = {one.rule.id: len(one.instances) for one in found if one.rule.id != "COST-TAG-01"}
    assert set(counts.values()) == {100}, counts
    write(tmp_path / "alone", {"bucket.yaml": bucket})
    alone = {one.rule.id for one in scanned(tmp_path / "alone").findings}
    assert {one.rule.id for one in found} == alone


def test_the_fingerprint_is_that_of_the_template(tmp_path: Path) -> None:
    stack = "Resources: {%s: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: bucket.yaml}}}\n"
    found = []
    for name in ("First", "Second"):
        write(
            tmp_path / name,
            {"main.yaml": stack % name, "bucket.yaml": "Resources: {B: {Type: AWS::S3::Bucket}}\n"},
        )
        report = scanned(tmp_path / name)
        found.append({one.fingerprint for one in report.findings if one.location.file == "bucket.yaml"})
    assert found[0] == found[1] != set()


def test_who_names_a_nested_template_gets_what_concerns_it(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, {"infra/main.yaml": NESTED, "infra/templates/store.yaml": STORE, "other.yaml": STORE})
    whole, named = scanned(tmp_path), scanned(tmp_path, "infra/templates/store.yaml")
    assert {unit.name for unit in named.graph.units} == {"infra/main.yaml"}
    wanted = {
        one.fingerprint
        for one in whole.findings
        if "infra/templates/store.yaml" in {one.location.file, *(step.location.file for step in one.trace)}
    }
    assert {one.fingerprint for one in named.findings} == wanted != set()
    assert all(problem.level is ProblemLevel.NOTE for problem in named.problems)


STAGED = """\
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Db:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: db.yaml, Parameters: {Stage: !Ref Stage}}
  Echo:
    Type: AWS::EC2::Instance
    Condition: IsProd
    Properties: {KeyName: !GetAtt Db.Outputs.Stage, UserData: !Sub '${Db.Outputs.Stage} ${Stage}'}
"""
STAGED_DB = """\
Parameters:
  Stage: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Condition: IsProd
    Properties:
      Engine: postgres
      DBInstanceClass: db.m5.large
      DBName: !Ref Stage
      PubliclyAccessible: !Equals [!Ref Stage, dev]
      Tags: [{Key: Environment, Value: !Ref Stage}]
Outputs:
  Stage: {Value: !Ref Stage}
"""


def test_no_finding_rests_on_a_default_that_the_condition_of_a_nested_resource_excludes(
    tmp_path: Path,
) -> None:
    write(tmp_path, {"main.yaml": STAGED, "db.yaml": STAGED_DB})
    report = scanned(tmp_path)
    found = {one.address: one for one in report.graph.resources}
    database, echo = found["Db/Database"], found["Echo"]
    assert database["DBName"].text == "prod"
    assert (echo["KeyName"].text, echo["UserData"].text) == ("prod", "prod prod")
    rules = {one.rule.id for one in report.findings}
    assert "REL-RDS-01" in rules
    # Public; of a development environment.
    assert rules.isdisjoint({"SEC-RDS-01", "SUS-ENV-01"})


def test_links_cross_the_border(tmp_path: Path) -> None:
    write(tmp_path, {"main.yaml": NESTED, "templates/store.yaml": STORE})
    graph = scanned(tmp_path).graph
    links = {(link.source.address, link.kind.value, link.target.address) for link in graph.links}
    assert ("Store/Group", "in subnet", "A") in links
    assert ("Store/Access", "in VPC", "Vpc") in links
    assert ("Store/Database", "alarmed by", "Alarm") in links
    assert {target for source, kind, target in links if source == "Store" and kind != "references"} == set()


def test_what_an_import_gives_is_linked(tmp_path: Path) -> None:
    network = (
        "Resources: {Vpc: {Type: AWS::EC2::VPC}}\nOutputs: {V: {Value: !Ref Vpc, Export: {Name: net-Vpc}}}\n"
    )
    app = "Resources: {G: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !ImportValue net-Vpc}}}\n"
    write(tmp_path, {"network.yaml": network, "app.yaml": app})
    links = {
        (link.source.unit, link.source.address, link.kind.value, link.target.unit, link.target.address)
        for link in scanned(tmp_path).graph.links
    }
    assert ("app.yaml", "G", "in VPC", "network.yaml", "Vpc") in links


def test_custom_resources_and_registry_types_are_said_once(tmp_path: Path) -> None:
    types = ("Custom::Thing", "Custom::Thing", "Org::Service::Type", "My::Own::Part::MODULE")
    resources = "".join(f"  R{number}: {{Type: {type_}}}\n" for number, type_ in enumerate(types))
    write(tmp_path, {"main.yaml": f"Resources:\n{resources}  Queue: {{Type: AWS::SQS::Queue}}\n"})
    assert sorted((one.message, one.level) for one in scanned(tmp_path).problems) == [
        (
            "The type Org::Service::Type is from the registry and not AWS's own; it was not looked at.",
            ProblemLevel.NOTE,
        ),
        ("What the custom resource Custom::Thing (2 times) does was not looked at.", ProblemLevel.NOTE),
        ("What the module My::Own::Part::MODULE contains was not looked at.", ProblemLevel.NOTE),
    ]


def test_stacks_that_terraform_makes_are_said_not_to_be_looked_at(tmp_path: Path) -> None:
    stack = """\
resource "aws_cloudformation_stack" "net" {
  count         = 2
  name          = "net"
  template_body = file("net.yaml")
}
"""
    write(tmp_path, {"main.tf": stack, "net.yaml": "Resources: {Vpc: {Type: AWS::EC2::VPC}}\n"})
    assert [one.message for one in scanned(tmp_path, "main.tf").problems] == [
        "What the template of aws_cloudformation_stack.net[0] makes was not looked at."
    ]
