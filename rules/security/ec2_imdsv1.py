import re
from collections.abc import Iterator

from wa_scan.aws.account_settings import by_account
from wa_scan.engine.authoring import (
    FALSE,
    TRUE,
    UNKNOWN,
    Absent,
    Graph,
    Known,
    ListValue,
    MapValue,
    Mode,
    Precision,
    Resource,
    Risk,
    Truth,
    Value,
    Verdict,
    all_of,
    any_of,
    require,
    rule,
)

INSTANCE, TEMPLATE = "AWS::EC2::Instance", "AWS::EC2::LaunchTemplate"
# Amazon's own images that say themselves that tokens are required (`ImdsSupport`): the name that they are
# looked up by, who owns them (Amazon Linux, those for EKS, those for ECS), and the public parameter that
# names them. From AWS's documentation, not checked offline.
AMAZONS_NAME = re.compile(r"^(al2023-ami-|amazon-eks-node-al2023-)")
AMAZON = frozenset(("amazon", "137112412989", "602401143452", "591542846629"))
PARAMETER = re.compile(
    r"/aws/service/(ami-amazon-linux-latest/al2023-ami-|ecs/optimized-ami/amazon-linux-2023/"
    r"|eks/optimized-ami/[^/]+/amazon-linux-2023/)"
)
# What others make of them may say so, too.
REQUIRES_TOKENS = re.compile(r"al2023|amazon-linux-2023|bottlerocket", re.IGNORECASE)


@rule(
    id="SEC-EC2-01",
    risk=Risk.HRI,
    best_practices=["SEC06-BP02", "SEC03-BP02"],
    resources=[INSTANCE, TEMPLATE, "AWS::AutoScaling::LaunchConfiguration"],
    precision=Precision.MEDIUM,
    equivalents={
        "checkov": ["CKV_AWS_79"],
        "trivy": ["AWS-0028", "AWS-0130"],
        "cdk_nag": ["EC2IMDSv2Enabled"],
        "terrascan": ["AC_AWS_0479", "AC_AWS_0487"],
        "prowler": [
            "autoscaling_group_launch_configuration_requires_imdsv2",
            "ec2_confidential_workload_host_imdsv2_not_enforced",
            "ec2_instance_imdsv2_enabled",
            "ec2_launch_template_imdsv2_required",
        ],
        "aws_config": ["ec2-imdsv2-check"],
    },
    sources=[
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsRequest.html",
        "https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateLaunchConfiguration.html",
        "https://docs.aws.amazon.com/linux/al2023/ug/ec2-imds.html",
    ],
    misses="An image of your own, or a setting of the account elsewhere, that requires tokens is not seen.",
)
def ec2_imdsv1(resource: Resource, graph: Graph) -> Iterator[Verdict]:
    """An instance answers requests for its credentials without a token (IMDSv1).

    Why: a flaw in an application that makes it fetch a URL is then enough to steal the credentials of the
    instance's role.

    How to fix: require tokens, which current SDKs and agents use by themselves.
    Terraform: add `metadata_options { http_tokens = "required" }`.
    CloudFormation: set `MetadataOptions.HttpTokens` to `required`.
    """
    within = "LaunchTemplateData." if resource.type == TEMPLATE else ""
    tokens = resource[f"{within}MetadataOptions.HttpTokens"]
    switched_off = resource[f"{within}MetadataOptions.HttpEndpoint"].equals("disabled")
    path = f"{within}MetadataOptions.HttpTokens"
    # What the account says comes before what the image says.
    by_default = left_out(resource, resource[f"{within}ImageId"], graph)
    by_default = by_default & ~by_account(resource, path, "optional")
    required = any_of(
        (by_default if isinstance(leaf, Absent) else leaf.equals("required")).given(guard, FALSE)
        for leaf, guard in tokens.alternatives()
    )
    required = required | (unsaid(tokens) & by_account(resource, path, "required"))
    yield require(required | switched_off, at=tokens, resource=resource, path=path)


def unsaid(tokens: Value) -> Truth:
    return any_of(Truth.when(guard) for leaf, guard in tokens.alternatives() if isinstance(leaf, Absent))


def left_out(resource: Resource, image: Value, graph: Graph) -> Truth:
    """Whether tokens are required where nothing is said: not known where a template says it, or an image of
    someone's own."""
    if resource.type == INSTANCE and not resource["LaunchTemplate"].is_set().is_surely_false:
        return UNKNOWN
    if resource.type == TEMPLATE and image.is_set().is_surely_false:
        return UNKNOWN
    return all_of(by_image(leaf, graph, resource).given(guard, TRUE) for leaf, guard in image.alternatives())


def by_image(image: Value, graph: Graph, resource: Resource) -> Truth:
    if is_amazons(image, graph, resource):
        return TRUE
    may = any(REQUIRES_TOKENS.search(text) for text in told(image, graph, resource))
    return UNKNOWN if may else FALSE


def is_amazons(image: Value, graph: Graph, resource: Resource) -> bool:
    """Whether `image` is one of Amazon's that require tokens, by its parameter or by how it is looked up."""
    if PARAMETER.search(image.text or repr(image)):
        return True
    if any("looked up at" in step.text and PARAMETER.search(step.text) for step in image.origin or ()):
        return True
    symbols = list(image.all_references())
    source = graph.find(resource.unit, symbols[0].resource or "") if len(symbols) == 1 else None
    if source is None or source.mode is not Mode.DATA:
        return False
    if source.type == "AWS::SSM::Parameter":
        return PARAMETER.match(source["Name"].text or "") is not None
    owners = [one.text for one, _ in source["Owners"].items()]
    names = [
        value.text or ""
        for one, _ in source["Filter"].items()
        if one.get("name").equals("name").is_surely_true
        for value, _ in one.get("values").items()
    ]
    return (
        bool(owners)
        and all(owner in AMAZON for owner in owners)
        and bool(names)
        and all(AMAZONS_NAME.match(name) for name in names)
    )


def told(image: Value, graph: Graph, resource: Resource) -> Iterator[str]:
    """What the code says of an image: its name or lookup, and the way that it came."""
    yield repr(image)
    for step in image.origin or ():
        yield step.text
    for symbol in image.all_references():
        source = graph.find(resource.unit, symbol.resource or "")
        if source is not None:
            yield from texts(source.properties)


def texts(value: Value) -> Iterator[str]:
    for leaf, _ in value.alternatives():
        if isinstance(leaf, Known):
            yield str(leaf.data)
        elif isinstance(leaf, MapValue):
            for entry in leaf.entries.values():
                yield from texts(entry)
        elif isinstance(leaf, ListValue):
            for element in leaf.elements:
                yield from texts(element)
