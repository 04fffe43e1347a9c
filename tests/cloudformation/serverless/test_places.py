"""Where what the transform makes stands, and what its trace says."""

import pytest

from wa_scan.blocks import EvaluatedResource
from wa_scan.cloudformation.evaluate import evaluate_text
from wa_scan.values import ListValue, Location, MapValue, Value

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Alias: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Globals:
  Function:
    Timeout: 30
    Tracing: Active
    Environment:
      Variables:
        STAGE: !Ref Stage
  HttpApi:
    FailOnWarnings: true
Resources:
  Get:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      MemorySize: 512
      AutoPublishAlias: !Ref Alias
      Policies:
        - AmazonS3ReadOnlyAccess
        - DynamoDBReadPolicy: {TableName: !Ref Table}
        - Statement:
            - Effect: Allow
              Action: "s3:*"
              Resource: "*"
      Environment:
        Variables:
          OWN: mine
      Events:
        Rest: {Type: Api, Properties: {Path: /x, Method: get}}
        Http: {Type: HttpApi}
        Daily:
          Type: Schedule
          Properties:
            Schedule: rate(1 day)
        Upload:
          Type: S3
          Properties:
            Bucket: !Ref Bucket
            Events: s3:ObjectCreated:*
  Put:
    Type: AWS::Serverless::Function
    Condition: IsProd
    Properties:
      Runtime: python3.13
      Handler: app.handler
      InlineCode: "def handler(event, context): pass"
      Timeout: 5
      DeploymentPreference: {Type: AllAtOnce}
      AutoPublishAlias: live
  Table:
    Type: AWS::Serverless::SimpleTable
    Connectors:
      Reader:
        Properties:
          Destination: {Id: Get}
          Permissions: [Read]
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: uploads
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: machine.asl.json
      Name: shop
      Role: arn:aws:iam::111122223333:role/shop
"""
LINES = TEMPLATE.split("\n")
FILE = "t.yaml"


@pytest.fixture(scope="module")
def resources() -> dict[str, EvaluatedResource]:
    unit = evaluate_text(TEMPLATE, FILE)
    assert unit.problems == ()
    return {resource.address: resource for resource in unit.resources}


def text_at(location: Location) -> str:
    """The text of a place within one line."""
    assert location.file == FILE
    assert location.start_line == location.end_line, location
    return LINES[location.start_line - 1][location.start_column - 1 : location.end_column - 1]


def value_at(resource: EvaluatedResource, path: str) -> Value:
    value: Value = resource.body
    for step in path.split("."):
        value = value.elements[int(step)] if step.isdigit() else value.get(step)  # type: ignore[attr-defined]
    return value


@pytest.mark.parametrize(
    ("address", "path", "text"),
    [
        ("Get", "Code", "CodeUri"),
        ("Get", "MemorySize", "MemorySize: 512"),
        ("Get", "Timeout", "Timeout: 30"),
        ("Put", "Timeout", "Timeout: 5"),
        ("Get", "TracingConfig", "Tracing"),
        ("Get", "TracingConfig.Mode", "Tracing: Active"),
        ("Get", "Environment.Variables.STAGE", "STAGE: !Ref Stage"),
        ("Get", "Environment.Variables.OWN", "OWN: mine"),
        ("Put", "Code.ZipFile", 'InlineCode: "def handler(event, context): pass"'),
        ("GetRole", "ManagedPolicyArns.2", "AmazonS3ReadOnlyAccess"),
        ("GetRole", "ManagedPolicyArns.0", "Policies"),
        ("GetRole", "Policies", "Policies"),
        ("GetRole", "Policies.1.PolicyDocument.Statement.0.Action", 'Action: "s3:*"'),
        ("GetDaily", "ScheduleExpression", "Schedule: rate(1 day)"),
        ("GetDaily", "Targets", "Daily"),
        ("GetAliasAlias", "Name", "Get"),
        ("PutAliaslive", "Name", "AutoPublishAlias: live"),
        ("ServerlessHttpApi", "FailOnWarnings", "FailOnWarnings: true"),
        ("Bucket", "BucketName", "BucketName: uploads"),
        ("Machine", "StateMachineName", "Name: shop"),
        ("Machine", "RoleArn", "Role: arn:aws:iam::111122223333:role/shop"),
    ],
)
def test_values(resources: dict[str, EvaluatedResource], address: str, path: str, text: str) -> None:
    found = value_at(resources[address], path)
    assert found.origin is not None
    assert text_at(found.origin.location) == text


@pytest.mark.parametrize(
    ("address", "text", "reason"),
    [
        ("Get", "Get", None),
        ("Bucket", "Bucket", None),
        ("Table", "Table", None),
        ("GetRole", "Policies", "Policies of Get"),
        ("PutRole", "Put", "Put"),
        ("GetDaily", "Daily", "Events.Daily of Get"),
        ("GetDailyPermission", "Daily", "Events.Daily of Get"),
        ("GetUploadPermission", "Upload", "Events.Upload of Get"),
        ("ServerlessRestApi", "Rest", "Events.Rest of Get"),
        ("ServerlessRestApiProdStage", "Rest", "Events.Rest of Get"),
        ("ServerlessHttpApi", "HttpApi", "Globals, HttpApi"),
        ("PutAliaslive", "AutoPublishAlias", "AutoPublishAlias of Put"),
        ("PutDeploymentGroup", "DeploymentPreference", "DeploymentPreference of Put"),
        ("ServerlessDeploymentApplication", "DeploymentPreference", "DeploymentPreference of Put"),
    ],
)
def test_resources(
    resources: dict[str, EvaluatedResource], address: str, text: str, reason: str | None
) -> None:
    resource = resources[address]
    assert text_at(resource.location) == text
    assert resource.extent.contains(resource.location)
    steps = [step.text for step in resource.body.origin or ()]
    made = [] if reason is None else [f"made by the SAM transform from {reason}"]
    assert steps == [*made, f"resource {address}"]


def test_an_event_with_a_short_name() -> None:
    text = (
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n"
        "    Properties:\n      Handler: a.b\n      Runtime: python3.13\n      CodeUri: s\n"
        "      AutoPublishAlias: live\n      Events:\n"
        "        A: {Type: Schedule, Properties: {Schedule: rate(1 day)}}\n"
    )
    found = {each.address: each.location.start_line for each in evaluate_text(text, FILE).resources}
    assert found["FAliaslive"] == 9
    assert found["FA"] == found["FAPermission"] == 11


def test_conditions_are_kept(resources: dict[str, EvaluatedResource]) -> None:
    assert str(resources["Put"].exists) == str(resources["PutRole"].exists) == "IsProd is true"
    assert resources["Get"].exists.is_always


def test_parameters_stay_what_they_are(resources: dict[str, EvaluatedResource]) -> None:
    """The translator reads the alias, which has no value; the template still says `!Ref Alias`."""
    assert str(value_at(resources["GetAliasAlias"], "Name")) == str(
        evaluate_text(
            "Parameters: {Alias: {Type: String}}\n"
            "Resources: {A: {Type: 'AWS::Lambda::Alias', Properties: {Name: !Ref Alias}}}\n",
            FILE,
        )
        .resources[0]
        .body.get("Name")
    )


def test_what_is_not_serverless_keeps_every_place() -> None:
    plain = (
        "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {A: [1, true, null, x], C: !Sub 'x'}\n"
    )
    table = "  T: {Type: AWS::Serverless::SimpleTable}\n"
    before = evaluate_text("# \n" + plain + table, FILE).resources[0]
    after = evaluate_text("Transform: AWS::Serverless-2016-10-31\n" + plain + table, FILE).resources[0]
    assert str(after.body) == str(before.body)
    assert [value.origin.location for value in leaves(after.body) if value.origin] == [
        value.origin.location for value in leaves(before.body) if value.origin
    ]


def leaves(value: Value) -> list[Value]:
    if isinstance(value, MapValue):
        return [value, *(leaf for item in value.entries.values() for leaf in leaves(item))]
    elements = value.elements if isinstance(value, ListValue) else ()
    return [value, *(leaf for item in elements for leaf in leaves(item))]


def test_short_and_long_get_att() -> None:
    unit = evaluate_text(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n"
        "  F:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {Handler: a.b, Runtime: python3.13, CodeUri: s, Role: !GetAtt R.Arn}\n"
        "  R: {Type: AWS::IAM::Role, Properties: {Path: {'Fn::GetAtt': S.Endpoint.Address}}}\n"
        "  S: {Type: AWS::RDS::DBInstance}\n",
        FILE,
    )
    assert unit.problems == ()
    function, role, _ = unit.resources
    assert str(function.body.get("Role")) == "Unknown(R.Arn)"
    assert str(role.body.get("Path")) == "Unknown(S.Endpoint.Address)"
