from collections.abc import Iterator

from wa_scan.aws.engines import engine_data, is_deprecated
from wa_scan.engine.authoring import Graph, Pillar, Resource, Risk, Verdict, require, rule


@rule(
    id="SEC-LAMBDA-02",
    risk=Risk.MRI,
    best_practices=["SEC06-BP01", "PERF02-BP01"],
    pillars=[Pillar.PERFORMANCE_EFFICIENCY],
    resources=["AWS::Lambda::Function"],
    equivalents={
        "checkov": ["CKV_AWS_363"],
        "cdk_nag": ["AwsSolutions-L1"],
        "tflint": ["aws_lambda_function_deprecated_runtime"],
        "prowler": ["awslambda_function_using_supported_runtimes"],
    },
    sources=["https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html#runtimes-deprecated"],
    misses="What was deprecated after this version of wa-scan was made is not known.",
)
def lambda_deprecated_runtime(function: Resource, graph: Graph) -> Iterator[Verdict]:
    """A function runs on a runtime that is deprecated.

    Why: it gets no security patches any more, and one day can be neither updated nor made again.

    How to fix: move the code to a runtime that is supported.
    Terraform: set `runtime` to one that is supported.
    CloudFormation: set `Runtime` to one that is supported.
    """
    runtime = function["Runtime"]
    if not runtime.is_set().is_surely_false:
        name = runtime.text or ""
        day = engine_data().runtimes.get(name)
        yield require(
            ~runtime.holds(lambda data: isinstance(data, str) and is_deprecated(data)),
            at=runtime,
            resource=function,
            path="Runtime",
            message=f"{name} is deprecated since {day}." if day is not None else None,
        )
