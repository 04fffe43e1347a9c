"""Log groups that a service writes to because of their names.

Sources: Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs"; API Gateway Developer
Guide, "Set up CloudWatch logging for REST APIs"; Amazon RDS User Guide, "Publishing database logs to Amazon
CloudWatch Logs"; Amazon EKS User Guide, "Send control plane logs to CloudWatch Logs"; AWS CodeBuild User
Guide; Amazon ECS Developer Guide, "Monitor Amazon ECS containers using Container Insights". The
names were not checked offline.
"""

from collections.abc import Iterator, Sequence

from wa_scan.aws.alarms import text_of
from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.references import References
from wa_scan.aws.resources import Resource
from wa_scan.blocks import Mode
from wa_scan.values import Known, Text, Unknown, Value

LOG_GROUP, FUNCTION = "AWS::Logs::LogGroup", "AWS::Lambda::Function"
# (before the name, after it, what the name is of)
_NAMES = (
    ("/aws/lambda/", "", FUNCTION),
    ("/aws/codebuild/", "", "AWS::CodeBuild::Project"),
    ("/aws/eks/", "/cluster", "AWS::EKS::Cluster"),
    ("/aws/ecs/containerinsights/", "/performance", "AWS::ECS::Cluster"),
    ("/aws/rds/instance/", "/", "AWS::RDS::DBInstance"),
    ("/aws/rds/cluster/", "/", "AWS::RDS::DBCluster"),
    ("API-Gateway-Execution-Logs_", "/", "AWS::ApiGateway::RestApi"),
)


def log_group_links(resources: Sequence[Resource], references: References) -> Iterator[Link]:
    """A link from a function, database, cluster, ... to the log group that bears its name."""
    for group in resources:
        if group.type != LOG_GROUP or group.mode is not Mode.MANAGED:
            continue
        name = group["LogGroupName"]
        for leaf, guard in name.alternatives():
            for prefix, suffix, type_ in _NAMES:
                inner = _between(leaf, prefix, suffix)
                if inner is None:
                    continue
                for writer in references.named(inner, (type_,), by_name=True):
                    if type_ == FUNCTION and not writer["LoggingConfig.LogGroup"].is_set().is_surely_false:
                        continue
                    location = (leaf.origin or group.origin).location
                    both = guard & group.exists & writer.exists
                    yield Link(writer, group, LinkKind.LOGS_TO, "LogGroupName", location, both)


def _between(leaf: Value, prefix: str, suffix: str) -> Value | None:
    """The part of a name that stands after `prefix` and before `suffix`; None where it has not these."""
    if not isinstance(leaf, Known | Text):
        return None
    parts: list[str | Unknown] = list(leaf.parts) if isinstance(leaf, Text) else [leaf.text or ""]
    if not isinstance(parts[0], str) or not parts[0].startswith(prefix):
        return None
    parts[0] = parts[0][len(prefix) :]
    if suffix:
        for index, part in enumerate(parts):
            if isinstance(part, str) and suffix in part:
                parts[index:] = [part.partition(suffix)[0]]
                break
        else:
            return None
    kept = [part for part in parts if part != ""]
    return text_of(kept) if kept else None
