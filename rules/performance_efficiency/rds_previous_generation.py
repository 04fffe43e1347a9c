from collections.abc import Iterator

from wa_scan.aws.instance_types import is_previous_generation
from wa_scan.engine.authoring import Graph, Pillar, Resource, Risk, Verdict, require, rule


@rule(
    id="PERF-RDS-01",
    risk=Risk.MRI,
    best_practices=["PERF02-BP01", "COST06-BP02", "SUS05-BP02"],
    pillars=[Pillar.COST_OPTIMIZATION, Pillar.SUSTAINABILITY],
    resources=["AWS::RDS::DBInstance"],
    equivalents={
        "tflint": ["aws_db_instance_previous_type"],
    },
    sources=["https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Types.html"],
)
def rds_previous_generation(database: Resource, graph: Graph) -> Iterator[Verdict]:
    """A database runs on an instance class of a previous generation.

    Why: the same money buys less work on it, and newer engine versions cannot be installed on it.

    How to fix: move to a current class of the same family and size.
    Terraform: set `instance_class` to one such as `db.m7g.large`.
    CloudFormation: set `DBInstanceClass` to one such as `db.m7g.large`.
    """
    value = database["DBInstanceClass"]
    yield require(~is_previous_generation(value), at=value, resource=database)
