"""What an API's OpenAPI body says of its operations and tags."""

import json
from typing import Any

import pytest

from tests.aws.reading import Snippet, only
from wa_scan.aws.openapi import operations
from wa_scan.aws.resources import Resource
from wa_scan.values import Unknown
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN, Truth

REST, HTTP = "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"
AUTHORIZER = {"type": "oauth2", "x-amazon-apigateway-authorizer": {"type": "jwt"}}
SIGNED = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
}
KEY = {"type": "apiKey", "name": "x-api-key", "in": "header"}
BEARER = {"type": "http", "scheme": "bearer"}


def template(type_: str, body: object, more: str = "") -> str:
    api = f"{{Type: {type_}, Properties: {{Body: {json.dumps(body)}{more}}}}}"
    return f"Parameters: {{Open: {{Type: String}}}}\nResources: {{Api: {api}}}\n"


@pytest.mark.parametrize(
    ("operation", "root", "asks"),
    [
        ({}, {}, FALSE),
        ({"security": []}, {}, FALSE),
        ({"security": [{"visitors": []}]}, {}, TRUE),
        ({"security": [{"signed": []}]}, {}, TRUE),
        ({"security": [{"key": []}]}, {}, TRUE),
        # What API Gateway makes of other schemes is not known; of one that is not declared it makes nothing.
        ({"security": [{"bearer": []}]}, {}, UNKNOWN),
        ({"security": [{"NONE": []}]}, {}, FALSE),
        ({"security": [{}, {"visitors": []}]}, {}, TRUE),
        ({"security": [{"Ref": "Open"}]}, {}, UNKNOWN),
        ({"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}, {}, TRUE),
        ({"x-amazon-apigateway-auth": {"type": "NONE"}}, {}, FALSE),
        # Which APIs heed what the root says is not told.
        ({}, {"security": [{"visitors": []}]}, UNKNOWN),
        ({"security": []}, {"security": [{"visitors": []}]}, FALSE),
    ],
)
def test_who_may_call(
    cloudformation: Snippet, operation: dict[str, Any], root: dict[str, Any], asks: Truth
) -> None:
    schemes = {"visitors": AUTHORIZER, "signed": SIGNED, "key": KEY, "bearer": BEARER}
    for declared in ({"components": {"securitySchemes": schemes}}, {"securityDefinitions": schemes}):
        body = {"paths": {"/orders": {"get": operation}}, **declared, **root}
        api = only(cloudformation(template(REST, body)), REST)
        ((found, _),) = operations(api)
        assert found.asks_who_calls() == asks


def test_which_operations_there_are(cloudformation: Snippet) -> None:
    paths = {
        "/orders": {"parameters": [], "get": {}, "post": {}, "summary": "orders"},
        "/files/{path+}": {"x-amazon-apigateway-any-method": {}},
    }
    api = only(cloudformation(template(HTTP, {"paths": paths})), HTTP)
    found = [(operation.method, operation.path) for operation, _ in operations(api)]
    assert found == [("GET", "/orders"), ("POST", "/orders"), ("ANY", "/files/{path+}")]


def test_an_api_without_a_body_has_none(terraform: Snippet) -> None:
    api = only(terraform('resource "aws_apigatewayv2_api" "shop" {\n  name = "shop"\n}\n'), HTTP)
    assert list(operations(api)) == []


def test_tags_in_the_body_are_the_api_s(cloudformation: Snippet) -> None:
    tags = [
        {"name": "Owner", "x-amazon-apigateway-tag-value": "shop"},
        {"name": "orders", "description": "What is about orders"},
    ]
    found = only(cloudformation(template(HTTP, {"tags": tags})), HTTP).tags
    assert found.get("Owner").text == "shop"
    assert not found.get("orders").is_set().true.is_always
    beside = only(cloudformation(template(HTTP, {"tags": tags}, ", Tags: {Project: shop}")), HTTP).tags
    assert (beside.get("Owner").text, beside.get("Project").text) == ("shop", "shop")
    untagged = only(cloudformation(template(HTTP, {"tags": tags[1:]})), HTTP).tags
    assert untagged.is_set() == FALSE


def test_tags_in_the_body_of_terraform_are_the_api_s(terraform: Snippet) -> None:
    source = """
        resource "aws_apigatewayv2_api" "shop" {
          name          = "shop"
          protocol_type = "HTTP"
          body = jsonencode({
            openapi = "3.0.1"
            tags    = [{ name = "Owner", x-amazon-apigateway-tag-value = "shop" }]
          })
        }
    """
    assert only(terraform(source), HTTP).tags.get("Owner").text == "shop"


YAML_BODY = """
openapi: "3.0.1"
tags: [{name: Owner, x-amazon-apigateway-tag-value: shop}]
x-function: &function {type: aws_proxy, uri: %s}
paths:
  /orders:
    get:
      responses: {200: {description: ok}}
      x-amazon-apigateway-integration: *function
    post:
      security: [{visitors: []}]
components:
  securitySchemes:
    visitors: {type: oauth2, x-amazon-apigateway-authorizer: {type: jwt}}
"""


def asks(api: Resource) -> dict[tuple[str, str], Truth]:
    return {(one.method, one.path): one.asks_who_calls() for one, _ in operations(api)}


WHO_MAY_CALL = {("GET", "/orders"): FALSE, ("POST", "/orders"): TRUE}


def test_bodies_that_are_yaml_text_in_terraform(terraform: Snippet) -> None:
    function = 'resource "aws_lambda_function" "f" {}'
    for type_, name in (("aws_apigatewayv2_api", HTTP), ("aws_api_gateway_rest_api", REST)):
        body = YAML_BODY % "${aws_lambda_function.f.invoke_arn}"
        api = only(terraform(f'{function}\nresource "{type_}" "shop" {{\n body = <<EOT{body}EOT\n}}'), name)
        assert asks(api) == WHO_MAY_CALL
        ((operation, _), _) = operations(api)
        uri = operation.integration.get("uri")
        assert isinstance(uri, Unknown)
        assert uri.symbol.text == "aws_lambda_function.f.invoke_arn"


def test_bodies_that_are_yaml_text_in_cloudformation(cloudformation: Snippet) -> None:
    body = json.dumps(YAML_BODY % "${Function.Arn}")
    function = "Function: {Type: AWS::Lambda::Function}"
    api = f"Api: {{Type: {REST}, Properties: {{Body: !Sub {body}}}}}"
    assert asks(only(cloudformation(f"Resources: {{{function}, {api}}}"), REST)) == WHO_MAY_CALL


def test_tags_in_the_yaml_body_of_terraform_are_the_api_s(terraform: Snippet) -> None:
    source = f'resource "aws_apigatewayv2_api" "shop" {{\n body = <<EOT{YAML_BODY % "x"}EOT\n}}'
    assert only(terraform(source), HTTP).tags.get("Owner").text == "shop"


@pytest.mark.parametrize(
    "body",
    [
        "just a text: with a colon",
        "openapi: [",
        "openapi: x\n---\nopenapi: y",
        "openapi: *nothing",
        "openapi: " + "[" * 100 + "]" * 100,
        "a0: &a0 [x]\n" + "".join(f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]\n" for i in range(9)),
        "- a: 1",
    ],
)
def test_texts_that_are_no_openapi_have_no_operations(cloudformation: Snippet, body: str) -> None:
    api = only(cloudformation(template(REST, body)), REST)
    assert list(operations(api)) == []
