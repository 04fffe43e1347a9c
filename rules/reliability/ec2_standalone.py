from collections.abc import Iterator

from wa_scan.engine.authoring import Graph, Precision, Resource, Risk, Verdict, require, rule
from wa_scan.engine.instances import serves_requests


@rule(
    id="REL-EC2-01",
    risk=Risk.MRI,
    best_practices=["REL07-BP01", "REL11-BP03"],
    resources=["AWS::EC2::Instance"],
    precision=Precision.MEDIUM,
    sources=["https://docs.aws.amazon.com/autoscaling/ec2/userguide/what-is-amazon-ec2-auto-scaling.html"],
    misses="An instance behind a load balancer of another root module or template is not seen to serve.",
)
def ec2_standalone(instance: Resource, graph: Graph) -> Iterator[Verdict]:
    """An instance that serves requests stands outside any Auto Scaling group.

    Why: when it fails nothing takes its place, and when demand grows nothing is added: somebody has to
    notice and act.

    How to fix: run it from a launch template in an Auto Scaling group of at least two, behind a load
    balancer.
    Terraform: replace it by an `aws_launch_template` and an `aws_autoscaling_group`.
    CloudFormation: replace it by an `AWS::EC2::LaunchTemplate` and an
    `AWS::AutoScaling::AutoScalingGroup`.
    """
    serves = serves_requests(instance, graph)
    if not serves.is_surely_false:
        yield require(~serves, at=instance, path="AutoScalingGroup")
