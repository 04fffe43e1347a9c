"""What is a part of something else is drawn in it, however it was written."""

from pathlib import Path

import pytest

from tests.report.test_drawing_of_storefront import drawn

FUNCTION = """
  Orders:
    Type: AWS::Lambda::Function
    Properties:
      Handler: orders.handler
      Role: arn:aws:iam::123456789012:role/orders
      Code: {S3Bucket: code, S3Key: orders.zip}
"""
URI = "!Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Orders.Arn}/invocations"
PARTS = f"""\
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
  Path:
    Type: AWS::ApiGateway::Resource
    Properties: {{RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: orders}}
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Path
      HttpMethod: GET
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        Uri: {URI}
  Deployment:
    Type: AWS::ApiGateway::Deployment
    DependsOn: Get
    Properties: {{RestApiId: !Ref Api}}
{FUNCTION}"""
BODY = f"""\
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        openapi: "3.0.1"
        paths:
          /orders:
            get:
              x-amazon-apigateway-integration:
                type: aws_proxy
                httpMethod: POST
                uri: {URI}
{FUNCTION}"""
# Of an API that is not here nothing is known but the part.
ALONE = f"""\
Parameters: {{Api: {{Type: String}}}}
Resources:
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {{ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Orders.Arn}}
{FUNCTION}"""


@pytest.mark.parametrize(
    ("template", "edge"),
    [
        (PARTS, ("Api", "Orders", "invokes")),
        (BODY, ("Api", "Orders", "invokes")),
        (ALONE, ("Integration", "Orders", "invokes")),
    ],
    ids=["routes and integrations", "an OpenAPI body", "an API that is elsewhere"],
)
def test_an_api(tmp_path: Path, template: str, edge: tuple[str, str, str]) -> None:
    (tmp_path / "template.yaml").write_text(template)
    drawing = drawn(tmp_path)
    assert set(drawing.nodes) == set(edge[:2])
    assert [(a, b, data["kind"]) for a, b, data in drawing.edges(data=True)] == [edge]
