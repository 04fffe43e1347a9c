from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    UNKNOWN,
    Graph,
    Pillar,
    Precision,
    Resource,
    Risk,
    Scalar,
    Truth,
    Value,
    Verdict,
    any_of,
    require,
    rule,
)


@rule(
    id="COST-ASG-01",
    risk=Risk.LRI,
    best_practices=["COST09-BP03", "REL07-BP01", "SUS02-BP01"],
    pillars=[Pillar.RELIABILITY, Pillar.SUSTAINABILITY],
    resources=["AWS::AutoScaling::AutoScalingGroup"],
    precision=Precision.MEDIUM,
    sources=["https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html"],
    misses="A group of a fixed size on purpose (a quorum, a licence) is found all the same.",
)
def asg_fixed_size(group: Resource, graph: Graph) -> Iterator[Verdict]:
    """An Auto Scaling group never changes its size.

    Why: it is sized for the busiest hour and paid for around the clock, and a busier hour overloads it.

    How to fix: set a lower minimum and a higher maximum, and let a target tracking policy choose.
    Terraform: set `min_size` below `max_size` and add an `aws_autoscaling_policy`.
    CloudFormation: set `MinSize` below `MaxSize` and add an `AWS::AutoScaling::ScalingPolicy`.
    """
    least, most = group["MinSize"], group["MaxSize"]
    # One instance in a group of one is there to be replaced, not to scale.
    alone = most.at_most(1)
    same = any_of(_is(most, leaf.scalar).given(guard, FALSE) for leaf, guard in least.alternatives())
    yield require(~same | alone, at=most, resource=group, path="MaxSize")


def _is(value: Value, other: Scalar) -> Truth:
    number = _number(other)
    return UNKNOWN if number is None else value.holds(lambda data: _number(data) == number)


def _number(data: Scalar) -> float | None:
    return None if isinstance(data, bool | str | None) else float(data)
