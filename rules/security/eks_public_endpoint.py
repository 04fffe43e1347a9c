from collections.abc import Iterator

from wa_scan.engine.authoring import Absent, Graph, Resource, Risk, Verdict, require, rule


@rule(
    id="SEC-EKS-01",
    risk=Risk.HRI,
    best_practices=["SEC05-BP01", "SEC05-BP02"],
    resources=["AWS::EKS::Cluster"],
    equivalents={
        "checkov": ["CKV_AWS_38", "CKV_AWS_39"],
        "trivy": ["AWS-0040", "AWS-0041"],
        "cdk_nag": ["AwsSolutions-EKS1"],
        "cfn_guard": ["EKS_ENDPOINT_NO_PUBLIC_ACCESS"],
        "kics": ["eks_cluster_has_public_access", "eks_cluster_has_public_access_cidrs"],
        "prowler": ["eks_cluster_not_publicly_accessible"],
    },
    sources=["https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigRequest.html"],
    misses="A range that is not the whole internet is not reported, however wide it is.",
)
def eks_public_endpoint(cluster: Resource, graph: Graph) -> Iterator[Verdict]:
    """A Kubernetes API server is open to the whole internet.

    Why: everyone can try stolen credentials and new flaws on it, and it controls all that the cluster runs.

    How to fix: switch the public endpoint off and the private one on, or allow known addresses only.
    Terraform: set `endpoint_public_access = false`, or `public_access_cidrs`, in `vpc_config`.
    CloudFormation: set `EndpointPublicAccess` to false, or `PublicAccessCidrs`, in `ResourcesVpcConfig`.
    """
    public = cluster["ResourcesVpcConfig.EndpointPublicAccess"]
    ranges = cluster["ResourcesVpcConfig.PublicAccessCidrs"]
    everywhere = [item for item, _ in ranges.items() if not item.equals("0.0.0.0/0").true.is_never]
    at = public if isinstance(ranges, Absent) else everywhere[0] if everywhere else ranges
    yield require(
        ~public.equals(True) | ~ranges.any(lambda each: each.equals("0.0.0.0/0")),
        at=at,
        resource=cluster,
        path="ResourcesVpcConfig.PublicAccessCidrs",
    )
