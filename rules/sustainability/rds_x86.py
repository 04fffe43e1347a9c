import re
from collections.abc import Iterator

from wa_scan.aws.instance_types import could_run_on_arm
from wa_scan.engine.authoring import (
    Absent,
    Graph,
    Pillar,
    Precision,
    Resource,
    Risk,
    Truth,
    Verdict,
    require,
    rule,
)

PROPERTIES = {
    "AWS::RDS::DBInstance": "DBInstanceClass",
    "AWS::ElastiCache::ReplicationGroup": "CacheNodeType",
    "AWS::ElastiCache::CacheCluster": "CacheNodeType",
}
# Engines that run on Graviton, in any case; those of Microsoft, IBM and (but for Custom) Oracle do not.
ON_ARM = re.compile(r"(?i)^(aurora|mysql|mariadb|postgres)")


@rule(
    id="SUS-ARM-03",
    risk=Risk.LRI,
    best_practices=["SUS05-BP02", "COST06-BP02", "PERF02-BP01"],
    pillars=[Pillar.COST_OPTIMIZATION],
    resources=list(PROPERTIES),
    precision=Precision.HIGH,
    sources=["https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html"],
)
def rds_x86(database: Resource, graph: Graph) -> Iterator[Verdict]:
    """A managed database or cache runs on x86 processors.

    Why: the same engine on Arm (Graviton) takes less energy and costs less, and nothing of the
    application has to change.

    How to fix: move to the Arm class of the same family and size, in a maintenance window.
    Terraform: set `instance_class` to one such as `db.m7g.large` (`node_type` to `cache.m7g.large`).
    CloudFormation: set `DBInstanceClass` to one such as `db.m7g.large` (`CacheNodeType`: `cache.m7g.large`).
    """
    value = database[PROPERTIES[database.type or ""]]
    supported = Truth.of(True)
    if database.type == "AWS::RDS::DBInstance":
        engine = database["Engine"]
        # A replica has the engine of its source.
        supported = Truth.of(None) if isinstance(engine, Absent) else engine.matches(ON_ARM.pattern)
    yield require(~(could_run_on_arm(value) & supported), at=value, resource=database)
