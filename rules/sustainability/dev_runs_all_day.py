from collections.abc import Iterator

from wa_scan.engine.authoring import (
    Graph,
    Pillar,
    Precision,
    Resource,
    Risk,
    Step,
    Truth,
    Verdict,
    all_of,
    require,
    rule,
)
from wa_scan.engine.schedules import rests, stopped_by_the_clock
from wa_scan.engine.stages import stage_of
from wa_scan.engine.workloads import by_unit, may_have_more

RUNNING = (
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::EC2::Instance",
    "AWS::ECS::Service",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
)
RELATED = 5


@rule(
    id="SUS-ENV-01",
    risk=Risk.MRI,
    best_practices=["SUS02-BP01", "SUS02-BP03", "COST09-BP03"],
    pillars=[Pillar.COST_OPTIMIZATION],
    precision=Precision.MEDIUM,
    sources=[
        "https://docs.aws.amazon.com/wellarchitected/latest/framework/sus_sus_user_a2.html",
        "https://docs.aws.amazon.com/solutions/latest/instance-scheduler-on-aws/solution-overview.html",
    ],
    misses="What stops it from another root module, template or account is not seen.",
)
def dev_runs_all_day(graph: Graph) -> Iterator[Verdict]:
    """A development or test environment runs day and night.

    Why: people use it for some 50 of a week's 168 hours; money and energy for the others are wasted.

    How to fix: stop it outside working hours, by a schedule or the Instance Scheduler's `Schedule` tag.
    Terraform: add an `aws_autoscaling_schedule`, or an `aws_scheduler_schedule` that stops what runs.
    CloudFormation: add an `AWS::AutoScaling::ScheduledAction`, or an `AWS::Scheduler::Schedule` that
    stops what runs.
    """
    for unit, resources in by_unit(graph, *RUNNING).items():
        stages = {each: stage_of(each, graph) for each in resources if not _is_part_of_cluster(each)}
        resting = {
            each: rests(each, graph) | Truth.when(~stage.development)
            for each, stage in stages.items()
            if not stage.development.is_never
        }
        if not resting:
            continue
        restless = [each for each, rest in resting.items() if not rest.false.is_never] or list(resting)
        first = restless[0]
        name, told = stages[first].name, stages[first].told
        yield require(
            all_of(resting.values()) | stopped_by_the_clock(graph, unit) | may_have_more(graph, unit),
            at=first,
            path="schedule",
            message=f"Runs day and night ({name}): nothing in this configuration stops it.",
            related=([told] if told is not None else [])
            + [Step(each.location, f"so does {each.address}") for each in restless[1 : RELATED + 1]],
        )


def _is_part_of_cluster(resource: Resource) -> bool:
    is_instance = resource.type == "AWS::RDS::DBInstance"
    return is_instance and not resource["DBClusterIdentifier"].is_set().is_surely_false
