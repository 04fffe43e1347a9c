"""What AWS Backup selects: by tags and by ARN patterns. (Plain references are links already.)

Sources: AWS Backup Developer Guide, "Assign resources to a backup plan"; CloudFormation
AWS::Backup::BackupSelection: `ListOfTags` are alternatives, `Conditions` must all hold, and only with
`Resources`; `NotResources` are left out.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.resources import Part, Resource
from wa_scan.blocks import Mode
from wa_scan.values import Guard, MapValue, Text, Truth, Unknown, Value, all_of, any_of
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN

# What AWS Backup can back up: the service and resource part of its ARN, `*` where its name stands.
# Source: Service Authorization Reference, resource types of each service.
_ARN_OF = {
    "AWS::DynamoDB::Table": "dynamodb:table/",
    "AWS::EC2::Instance": "ec2:instance/",
    "AWS::EC2::Volume": "ec2:volume/",
    "AWS::EFS::FileSystem": "elasticfilesystem:file-system/",
    "AWS::FSx::FileSystem": "fsx:file-system/",
    "AWS::RDS::DBInstance": "rds:db:",
    "AWS::RDS::DBCluster": "rds:cluster:",
    "AWS::DocDB::DBCluster": "rds:cluster:",
    "AWS::Neptune::DBCluster": "rds:cluster:",
    "AWS::Redshift::Cluster": "redshift:cluster:",
    "AWS::S3::Bucket": "s3:",
}


def backup_links(resources: Sequence[Resource]) -> Iterator[Link]:
    """A link from every resource to each selection that its tags or its kind put it in.

    Where that depends on tags that are not known, the link stands under a guard that says so.
    """
    selections = [
        resource
        for resource in resources
        if resource.type == "AWS::Backup::BackupSelection" and resource.mode is Mode.MANAGED
    ]
    if not selections:
        return
    for resource in resources:
        if resource.type not in _ARN_OF or resource.mode is not Mode.MANAGED:
            continue
        for selection in selections:
            selected = _selects(selection, resource)
            guard = selected.true
            if not selected.unknown.is_never:
                maybe = Guard.of(f"{selection.address} selects {resource.address}")
                guard = guard | (selected.unknown & maybe)
            guard = guard & selection.exists
            if not guard.is_never:
                yield Link(
                    resource,
                    selection,
                    LinkKind.BACKED_UP_BY,
                    "BackupSelection",
                    selection.location,
                    guard,
                )


def _selects(selection: Resource, resource: Resource) -> Truth:
    by_tag = any_of(
        _has_tag(resource.tags, part["ConditionKey"], part["ConditionValue"], like=False).given(guard, FALSE)
        for part, guard in selection.each("BackupSelection.ListOfTags")
    )
    patterns = selection["BackupSelection.Resources"]
    by_arn = patterns.any(lambda pattern: _matches(pattern, resource))
    left_out = selection["BackupSelection.NotResources"].any(lambda pattern: _matches(pattern, resource))
    return (by_tag | (by_arn & _conditions(selection, resource))) & ~left_out


def _conditions(selection: Resource, resource: Resource) -> Truth:
    def each(name: str) -> Iterator[tuple[Part, Guard]]:
        yield from selection.each(f"BackupSelection.Conditions.{name}")

    found: list[Truth] = []
    for name, like, holds in (
        ("StringEquals", False, True),
        ("StringLike", True, True),
        ("StringNotEquals", False, False),
        ("StringNotLike", True, False),
    ):
        for part, guard in each(name):
            has = _has_tag(resource.tags, part["ConditionKey"], part["ConditionValue"], like=like)
            found.append((has if holds else ~has).given(guard, TRUE))
    return all_of(found)


def _has_tag(tags: Value, key: Value, value: Value, *, like: bool) -> Truth:
    name = key.text
    wanted = value.text
    if name is None or wanted is None:
        return UNKNOWN
    # Conditions name the tag as a condition key does.
    name = name.removeprefix("aws:ResourceTag/")
    if not isinstance(tags, MapValue):
        return _of_alternatives(tags, key, value, like)
    found = tags.get(name)
    if like:
        return found.holds(lambda data: isinstance(data, str) and fnmatchcase(data, wanted))
    return found.equals(wanted)


def _of_alternatives(tags: Value, key: Value, value: Value, like: bool) -> Truth:
    found = FALSE
    for leaf, guard in tags.alternatives():
        if isinstance(leaf, MapValue):
            found = _has_tag(leaf, key, value, like=like).given(guard, found)
        elif isinstance(leaf, Unknown):
            found = UNKNOWN.given(guard, found)
    return found


def _matches(pattern: Value, resource: Resource) -> Truth:
    """Whether an ARN pattern, written out, takes in all resources of this resource's kind.

    Patterns that name one resource are references, found as links of their own.
    """
    if isinstance(pattern, Text):
        written = "".join(part if isinstance(part, str) else "*" for part in pattern.parts)
    else:
        written = pattern.text or ""
    if written == "*":
        return TRUE
    pieces = written.split(":", 5)
    if len(pieces) < 6 or not written.endswith("*"):
        return FALSE
    service, _, rest = _ARN_OF[resource.type or ""].partition(":")
    return Truth.of(pieces[2] == service and fnmatchcase(rest + "\ue000", pieces[5]))
