from collections.abc import Iterator

from wa_scan.engine.authoring import (
    UNKNOWN,
    Graph,
    Precision,
    Resource,
    Risk,
    Truth,
    Unknown,
    Verdict,
    any_of,
    require,
    rule,
)

FLOW_LOG, SUBNET = "AWS::EC2::FlowLog", "AWS::EC2::Subnet"


@rule(
    id="SEC-VPC-01",
    risk=Risk.MRI,
    best_practices=["SEC04-BP01"],
    resources=["AWS::EC2::VPC"],
    precision=Precision.MEDIUM,
    equivalents={
        "checkov": ["CKV2_AWS_11"],
        "trivy": ["AWS-0178"],
        "cdk_nag": ["AwsSolutions-VPC7"],
        "cfn_nag": ["W60"],
        "terrascan": ["AC_AWS_0369"],
        "regula": ["FG_R00054"],
        "kics": ["vpc_flowlogs_disabled"],
        "prowler": ["vpc_flow_logs_enabled"],
        "aws_config": ["vpc-flow-logs-enabled"],
    },
    sources=["https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html"],
    misses="Flow logs that another root module or template sets up are not seen.",
)
def vpc_no_flow_logs(vpc: Resource, graph: Graph) -> Iterator[Verdict]:
    """A VPC has no flow log.

    Why: after an attack nobody can tell who connected to what, or where data went.

    How to fix: record the VPC's traffic, at least what is rejected, in CloudWatch Logs or S3.
    Terraform: add an `aws_flow_log` with the VPC's `vpc_id`.
    CloudFormation: add an `AWS::EC2::FlowLog` with the VPC as `ResourceId`.
    """
    if vpc.source_type == "aws_default_vpc":
        return
    subnets = [one for one in graph.edges(into=vpc).sources() if one.type == SUBNET]
    logged = any_of(_has_flow_log(one, graph) for one in (vpc, *subnets))
    elsewhere = any_of(
        UNKNOWN
        for log in graph.of_type(FLOW_LOG, unit=vpc.unit)
        for leaf, _ in log["ResourceId"].alternatives()
        if isinstance(leaf, Unknown) and leaf.symbol.resource is None
    )
    hidden = any_of(
        UNKNOWN
        for unit in graph.units
        if unit.name == vpc.unit
        for module in unit.unfound_modules
        if "flow" in f"{module.call} {module.source}".lower()
    )
    yield require(logged | elsewhere | hidden, at=vpc, path="flow logs")


def _has_flow_log(resource: Resource, graph: Graph) -> Truth:
    links = [*graph.edges(into=resource), *graph.edges(out_of=resource)]
    return any_of(
        Truth.when(link.guard & link.source.exists & link.target.exists)
        for link in links
        if FLOW_LOG in (link.source.type, link.target.type) and link.path.startswith("ResourceId")
    )
