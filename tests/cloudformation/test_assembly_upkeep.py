"""What the CDK adds for itself is told from what an app asks for."""

from __future__ import annotations

import pytest

from wa_scan.cloudformation.assembly_upkeep import is_upkeep, marked_paths

ROLE, FUNCTION, POLICY = "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::IAM::Policy"

OWN = [
    ("AWS::CDK::Metadata", "Shop/CDKMetadata/Default"),
    (ROLE, "Shop/Custom::S3AutoDeleteObjectsCustomResourceProvider/Role"),
    (FUNCTION, "Shop/Custom::CrossRegionExportWriterCustomResourceProvider/Handler"),
    (FUNCTION, "Shop/AWSCDK.TriggerCustomResourceProviderCustomResourceProvider/Handler"),
    ("Custom::S3AutoDeleteObjects", "Shop/Bucket/AutoDeleteObjectsCustomResource/Default"),
    (POLICY, "Pipe/Prod/Api/LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a/ServiceRole/DefaultPolicy/Resource"),
    (FUNCTION, "Shop/AWS679f53fac002430cb0da5b7982bd2287/Resource"),
    (ROLE, "Shop/BucketNotificationsHandler050a0587b7544547bf325f094a3db834/Role/Resource"),
    (FUNCTION, "Shop/Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C512MiB/Resource"),
    (FUNCTION, "Shop/Evala0d2ce44871b4e7487a1f5e63d7c3bdc/Resource"),
    (ROLE, "Shop/@aws-cdk--aws-eks.KubectlProvider/Provider/framework-onEvent/ServiceRole/Resource"),
    (
        "AWS::CloudFormation::Stack",
        "Shop/@aws-cdk--aws-eks.KubectlProvider.NestedStack/@aws-cdk--aws-eks.KubectlProvider.NestedStackResource",
    ),
    (FUNCTION, "Shop/Provider/framework-isComplete/Resource"),
    (ROLE, "Shop/Eks/Resource/CreationRole/Resource"),
    (POLICY, "Shop/Bucket/Notifications/HandlerPolicy/Resource"),
]
APPS = [
    (FUNCTION, "Shop/OnEvent/Resource"),
    (ROLE, "Shop/CreationRole/Resource"),
    (POLICY, "Shop/Call/CustomResourcePolicy/Resource"),
    ("Custom::AWS", "Shop/Call/Resource/Default"),
    ("Custom::Mine", "Shop/Mine/Default"),
    (FUNCTION, "Shop/Custom::MineCustomResourceProvider/Handler"),
    (FUNCTION, "Shop/SingletonLambda0123456789abcdef0123456789abcdef/Resource"),
    ("AWS::StepFunctions::StateMachine", "Shop/waiter-state-machine/Resource"),
    ("AWS::S3::Bucket", "Pipe/Pipeline/Pipeline/ArtifactsBucket/Resource"),
    # A stack may be called anything.
    ("AWS::S3::Bucket", "AWS679f53fac002430cb0da5b7982bd2287/Bucket/Resource"),
    ("AWS::S3::Bucket", ""),
]


@pytest.mark.parametrize(("type_", "path"), OWN)
def test_the_librarys_own(type_: str, path: str) -> None:
    assert is_upkeep(type_, path)


@pytest.mark.parametrize(("type_", "path"), APPS)
def test_the_apps_own(type_: str, path: str) -> None:
    assert not is_upkeep(type_, path)


def test_what_waits_for_a_provider_is_the_frameworks() -> None:
    paths = {"Shop/Provider/framework-isComplete/Resource", "Shop/Provider/waiter-state-machine/Resource"}
    assert is_upkeep(
        "AWS::StepFunctions::StateMachine", "Shop/Provider/waiter-state-machine/Resource", (), paths
    )


def test_newer_libraries_mark_their_handlers() -> None:
    marked = marked_paths(
        {
            "/Shop/NewHandler": [{"type": "aws:cdk:is-custom-resource-handler-singleton", "data": True}],
            "/Shop/Fn/Resource": [{"type": "aws:cdk:logicalId", "data": "Fn"}],
            "/Shop/odd": "no list",
        }
    )
    assert marked == {"Shop/NewHandler"}
    assert is_upkeep(FUNCTION, "Shop/NewHandler/Resource", marked)
    assert is_upkeep(ROLE, "Shop/NewHandler/ServiceRole/Resource", marked)
    assert not is_upkeep(FUNCTION, "Shop/NewHandler2/Resource", marked)
