"""Which resources the AWS CDK adds for its own upkeep.

An app's author neither asks for these nor can change them: the functions behind the custom resources that
constructs of the library bring along, with their roles; usage metadata. They are told by what the library
leaves in the metadata of its own handlers, and by the names that it gives them, which are the same in every
app. Functions and custom resources of the app's own are not among them, though the library's framework runs
them.

Source: aws-cdk-lib 2.100.0 and 2.276.0: `core/lib/custom-resource-provider`, `custom-resources`,
`custom-resource-handlers`, and the modules that use them (`aws-s3`, `aws-logs`, `aws-ec2`, `aws-eks`, …).
"""

import re
from collections.abc import Collection, Mapping

METADATA = "AWS::CDK::Metadata"

# Set on the construct of a handler since aws-cdk-lib 2.130.
_MARK = "aws:cdk:is-custom-resource-handler-"
_DEEPEST = 100
_LIBRARYS_OWN = "@aws-cdk--"
_FRAMEWORK = re.compile(r"framework-(?:onEvent|isComplete|onTimeout)\Z")
_WAITER = "waiter-state-machine"

# Custom resources of the library, without those that stand for something that a user asks for (`Custom::AWS`,
# `Custom::AWSCDK-EKS-Cluster`), which was then not looked at.
_TYPES = frozenset(
    f"Custom::{name}"
    for name in (
        *("AWSCDKCfnJson", "AWSCDKCfnJsonStringify", "CDKBucketDeployment", "CloudwatchLogResourcePolicy"),
        *("CrossAccountZoneDelegation", "CrossRegionExportReader", "CrossRegionExportWriter"),
        *("CrossRegionStringParameterReader", "DeleteExistingRecordSet", "DescribeCognitoUserPoolClient"),
        *("DynamoDBReplica", "ECRAutoDeleteImages", "ElasticsearchAccessPolicy", "GluePartitionIndex"),
        *("LogRetention", "OpenSearchAccessPolicy", "S3AutoDeleteObjects", "S3BucketNotifications"),
        *(
            "S3ObjectCopy",
            "SyntheticsAutoDeleteUnderlyingResources",
            "Trigger",
            "UserPoolCloudFrontDomainName",
        ),
        *("VpcRestrictDefaultSG", "AWSCDKOpenIdConnectProvider"),
    )
)
WHOLE_CUSTOM_RESOURCES = frozenset(("Custom::AWSCDK-EKS-Cluster", "Custom::AWSCDK-EKS-FargateProfile"))
"""Custom resources of the library whose properties say all about what they make: mapped to its type."""

# `CustomResourceProvider.getOrCreate(this, TYPE)` makes a construct of this name in the stack.
_PROVIDERS = frozenset(
    f"{type_}CustomResourceProvider"
    for type_ in (*_TYPES, "Custom::AWSCDKCfnUtilsProvider", "AWSCDK.TriggerCustomResourceProvider")
)
# `SingletonFunction`s are named by what they are for, the digits of these, and how they are configured.
_SINGLETONS = (
    "679f53fac002430cb0da5b7982bd2287",  # AwsCustomResource
    "aae0aa3c5b4d4f87b02d85b201efdd8a",  # LogRetention
    "050a0587b7544547bf325f094a3db834",  # bucket notifications
    "8693bb64968944b69aafb0cc9eb8756c",  # BucketDeployment
    "8693bb64968944b69aafb0cc9eb8757c",  # EMR containers' role policy
    "e2f8cf6b1b0f4b3f9a2c6f1f5b6d4a71",  # S3ObjectCopy
    "b4cf1abd4e4f4bc699441af7ccd9ec37",  # AwsApi as an event's target
    "8a0c93f3dbef4b71ac137aaf2048ce7e",  # CallAwsServiceCrossRegion
    "224e77f9a32e4b4dac32983477abba16",  # DropSpamReceiptRule
)
# EvaluateExpression has one for each runtime, and its role one.
_SINGLETON = re.compile(rf".*(?:{'|'.join(_SINGLETONS)})|Eval[A-Za-z]*[0-9a-f]{{32}}\Z", re.IGNORECASE)
# Parts of constructs that run or authorise handlers, by their names in the library.
_PARTS = frozenset(("AwsCliLayer", "KubectlHandlerRole", "KubectlReadyBarrier", "NodeProxyAgentLayer"))
_PAIRS = (("Resource", "CreationRole"), ("Notifications", "HandlerPolicy"))
_REPLICA_POLICY = "SourceTableAttachedManagedPolicy-"


def marked_paths(metadata: Mapping[str, object]) -> frozenset[str]:
    """The constructs that the library marks as its own handlers, by their paths without the first `/`."""
    return frozenset(
        path.removeprefix("/")
        for path, entries in metadata.items()
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and str(entry.get("type")).startswith(_MARK)
    )


def is_upkeep(type_: str, path: str, marked: Collection[str] = (), paths: Collection[str] = ()) -> bool:
    """Whether the resource at the construct `path` is the library's own.

    `marked`: as `marked_paths` gives them. `paths`: the constructs around it, to tell the library's framework
    from what is only called so.
    """
    if type_ == METADATA or type_ in _TYPES:
        return True
    names = path.split("/", _DEEPEST)
    if marked and any("/".join(names[:count]) in marked for count in range(2, len(names) + 1)):
        return True
    return any(
        _is_librarys(name)
        or (names[at - 1], name) in _PAIRS
        or (name == _WAITER and f"{'/'.join(names[:at])}/framework-isComplete/Resource" in paths)
        for at, name in enumerate(names)
        if at > 0
    )


def _is_librarys(name: str) -> bool:
    if name in _PROVIDERS or name in _PARTS or name.startswith((_LIBRARYS_OWN, _REPLICA_POLICY)):
        return True
    return _FRAMEWORK.match(name) is not None or _SINGLETON.match(name) is not None
