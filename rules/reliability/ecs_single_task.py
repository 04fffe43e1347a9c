from collections.abc import Iterator

from wa_scan.engine.authoring import (
    FALSE,
    UNKNOWN,
    Graph,
    LinkKind,
    Precision,
    Resource,
    Risk,
    Truth,
    Verdict,
    any_of,
    require,
    rule,
)


@rule(
    id="REL-ECS-01",
    risk=Risk.MRI,
    best_practices=["REL10-BP01", "REL11-BP02"],
    resources=["AWS::ECS::Service"],
    precision=Precision.MEDIUM,
    sources=[
        "https://docs.aws.amazon.com/AmazonECS/latest/bestpracticesguide/availability.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html",
    ],
    misses="Some work must not be done twice at a time; the code does not tell which.",
)
def ecs_single_task(service: Resource, graph: Graph) -> Iterator[Verdict]:
    """A container service runs a single task.

    Why: whenever that task fails, is replaced or its zone is lost, the service is down until another has
    started.

    How to fix: run two tasks or more, which ECS spreads over the zones.
    Terraform: set `desired_count = 2`, or the `min_capacity` of its `aws_appautoscaling_target`.
    CloudFormation: set `DesiredCount` to 2, or the `MinCapacity` of its scalable target.
    """
    count = service["DesiredCount"]
    # Switched off is not running alone, and a daemon runs on every container instance.
    runs_once = count.equals(1) & ~service["SchedulingStrategy"].equals("DAEMON")
    if runs_once.is_surely_false:
        return
    scaled = any_of(
        link.target["MinCapacity"].at_least(2).given(link.guard & link.target.exists, FALSE)
        for link in graph.edges(out_of=service, kind=LinkKind.SCALED_BY)
    )
    holds = ~runs_once | scaled | (_counted_elsewhere(service) & UNKNOWN)
    yield require(holds, at=count, resource=service, path="DesiredCount")


def _counted_elsewhere(service: Resource) -> Truth:
    """Whether Terraform leaves the count to others after the service was made."""
    return any_of(
        block.get("ignore_changes").any(lambda name: name.is_in(["desired_count", "all"])).given(guard, FALSE)
        for block, guard in service.meta.get("lifecycle").items()
    )
