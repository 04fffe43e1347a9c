from collections.abc import Iterator

from wa_scan.engine.authoring import Graph, Pillar, Precision, Resource, Risk, Step, Verdict, require, rule

# What costs money by the hour, the request or the gigabyte, and takes tags that appear on the bill.
BILLED = (
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::CloudFront::Distribution",
    "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::Table",
    "AWS::EC2::EIP",
    "AWS::EC2::Instance",
    "AWS::EC2::NatGateway",
    "AWS::EC2::Volume",
    "AWS::ECS::Cluster",
    "AWS::ECS::Service",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::EKS::Cluster",
    "AWS::EKS::Nodegroup",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::FileSystem",
    "AWS::Kinesis::Stream",
    "AWS::Lambda::Function",
    "AWS::MSK::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
)
# From so many on, a configuration without a single tag is one decision, not as many oversights.
MANY = 3
RELATED = 5


@rule(
    id="COST-TAG-01",
    risk=Risk.MRI,
    best_practices=["COST03-BP02", "OPS05-BP03"],
    pillars=[Pillar.OPERATIONAL_EXCELLENCE],
    resources=BILLED,
    precision=Precision.MEDIUM,
    equivalents={
        "checkov": ["CKV_AWS_153"],
        "kics": ["resource_not_using_tags", "lambda_function_without_tags", "efs_without_tags"],
        "tflint": ["aws_resource_missing_tags", "aws_provider_missing_default_tags"],
    },
    sources=["https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/cost-alloc-tags.html"],
    misses="Tags that a CloudFormation stack is given when it is deployed are known only where a parameter "
    "file (`--parameters`, or the `samconfig.toml` beside a SAM template) says them.",
)
def resource_untagged(graph: Graph) -> Iterator[Verdict]:
    """A billed resource has no tags at all.

    Why: its cost cannot be told apart on the bill, and nobody can see what it is for or whose it is.

    How to fix: tag it with at least an owner, an environment and a cost centre.
    Terraform: set `default_tags` in the provider, so that no resource can be forgotten.
    CloudFormation: set `Tags`, or give tags to the whole stack when it is deployed.
    """
    by_unit: dict[str, list[Resource]] = {}
    for resource in graph.of_type(*BILLED):
        by_unit.setdefault(resource.unit, []).append(resource)
    for resources in by_unit.values():
        untagged = [each for each in resources if each.tags.is_set().is_surely_false]
        if len(untagged) == len(resources) >= MANY:
            first, *others = sorted(untagged, key=lambda each: each.address)
            yield require(
                first.tags.is_set(),
                at=first.tags,
                resource=first,
                path="Tags",
                message=f"None of the {len(resources)} billed resources here has a tag.",
                related=[Step(each.location, f"{each.address} has no tags") for each in others[:RELATED]],
            )
            continue
        for each in resources:
            yield require(each.tags.is_set(), at=each.tags, resource=each, path="Tags")
