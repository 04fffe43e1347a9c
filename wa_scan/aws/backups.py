"""What AWS Backup selects: by tags, by ARN and by ARN patterns.

Sources: AWS Backup Developer Guide, "Assign resources to a backup plan"; CloudFormation
AWS::Backup::BackupSelection: `ListOfTags` are alternatives, `Conditions` must all hold, and only with
`Resources`; `NotResources` are left out.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from wa_scan.aws.arns import Key, arn_forms, is_pattern, parse_arn
from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.references import References, items_of
from wa_scan.aws.resources import Part, Resource
from wa_scan.aws.table import table
from wa_scan.blocks import Mode
from wa_scan.values import (
    Absent,
    Guard,
    Location,
    MapValue,
    Truth,
    Unknown,
    Value,
    all_of,
    any_of,
)
from wa_scan.values.truths import FALSE, TRUE, UNKNOWN

# What AWS Backup can back up. Source: AWS Backup Developer Guide, "Supported resource types". How their ARNs
# read: `arns.yaml`.
_BACKED_UP = (
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Instance",
    "AWS::EC2::Volume",
    "AWS::EFS::FileSystem",
    "AWS::FSx::FileSystem",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBCluster",
    "AWS::DocDB::DBCluster",
    "AWS::Neptune::DBCluster",
    "AWS::Redshift::Cluster",
    "AWS::S3::Bucket",
)
SELECTION = "AWS::Backup::BackupSelection"


def backup_links(resources: Sequence[Resource], references: References) -> Iterator[Link]:
    """A link from every resource to each selection that its tags, its kind or its ARN put it in.

    Where that depends on tags that are not known, the link stands under a guard that says so.
    """
    managed = [resource for resource in resources if resource.mode is Mode.MANAGED]
    selections = [resource for resource in managed if resource.type == SELECTION]
    if not selections:
        return
    backed_up = _BackedUp([resource for resource in managed if resource.type in _BACKED_UP])
    for selection in selections:
        named = _Patterns(selection["BackupSelection.Resources"], references)
        left_out = _Patterns(selection["BackupSelection.NotResources"], references)
        for resource in backed_up.candidates(selection, named):
            by_tag = _by_tag(selection, resource)
            by_arn = named.take_in(resource) & _conditions(selection, resource)
            selected = (by_tag | by_arn) & ~left_out.take_in(resource)
            guard = selected.true
            if not selected.unknown.is_never:
                maybe = Guard.of(f"{selection.address} selects {resource.address}")
                guard = guard | (selected.unknown & maybe)
            guard = guard & selection.exists
            if not guard.is_never:
                location = named.place_of(resource) or selection.location
                yield Link(resource, selection, LinkKind.BACKED_UP_BY, "BackupSelection", location, guard)


class _BackedUp:
    """What can be backed up, found by the keys of its tags."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._all = resources
        self._by_key: dict[str, list[Resource]] = {}
        self._of_unknown_tags: list[Resource] = []
        for resource in resources:
            for tags, _ in resource.tags.alternatives():
                if isinstance(tags, MapValue) and tags.rest is None:
                    for key in tags.entries:
                        self._by_key.setdefault(key, []).append(resource)
                elif not isinstance(tags, Absent):
                    self._of_unknown_tags.append(resource)

    def candidates(self, selection: Resource, named: "_Patterns") -> Sequence[Resource]:
        """All that `selection` may select, each once, in the order of the unit."""
        if named.has_wildcard:
            return self._all
        found = {id(each) for each in named.resources}
        for part, _ in selection.each("BackupSelection.ListOfTags"):
            key = part["ConditionKey"].text
            if key is None:
                return self._all
            found |= {id(each) for each in self._by_key.get(_tag_name(key), ())}
            found |= {id(each) for each in self._of_unknown_tags}
        return [each for each in self._all if id(each) in found]


class _Patterns:
    """ARNs and ARN patterns, as a selection lists them."""

    def __init__(self, patterns: Value, references: References) -> None:
        self._named: dict[int, tuple[Guard, Location | None]] = {}
        self._open: list[tuple[Value, Guard]] = []
        self.resources: list[Resource] = []
        for leaf, guard in items_of(patterns):
            found = references.named(leaf, _BACKED_UP)
            if not found:
                self._open.append((leaf, guard))
            for resource in found:
                earlier = self._named.get(id(resource))
                self._named[id(resource)] = (
                    guard if earlier is None else guard | earlier[0],
                    leaf.origin.location if leaf.origin is not None else None,
                )
                self.resources.append(resource)

    @property
    def has_wildcard(self) -> bool:
        return bool(self._open)

    def take_in(self, resource: Resource) -> Truth:
        named = self._named.get(id(resource))
        by_pattern = any_of(_fits(leaf, resource).given(guard, FALSE) for leaf, guard in self._open)
        return by_pattern if named is None else by_pattern | Truth.when(named[0])

    def place_of(self, resource: Resource) -> Location | None:
        found = self._named.get(id(resource))
        return found[1] if found is not None else None


def _by_tag(selection: Resource, resource: Resource) -> Truth:
    return any_of(
        _has_tag(resource.tags, part["ConditionKey"], part["ConditionValue"], like=False).given(guard, FALSE)
        for part, guard in selection.each("BackupSelection.ListOfTags")
    )


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
    name = _tag_name(name)
    if not isinstance(tags, MapValue):
        return _of_alternatives(tags, key, value, like)
    found = tags.get(name)
    if like:
        return found.holds(lambda data: isinstance(data, str) and fnmatchcase(data, wanted))
    return found.equals(wanted)


def _tag_name(key: str) -> str:
    """Conditions name a tag as a condition key does."""
    return key.removeprefix("aws:ResourceTag/")


def _of_alternatives(tags: Value, key: Value, value: Value, like: bool) -> Truth:
    found = FALSE
    for leaf, guard in tags.alternatives():
        if isinstance(leaf, MapValue):
            found = _has_tag(leaf, key, value, like=like).given(guard, found)
        elif isinstance(leaf, Unknown):
            found = UNKNOWN.given(guard, found)
    return found


def _fits(pattern: Value, resource: Resource) -> Truth:
    """Whether an ARN pattern, written out, takes in `resource`: `*`, all of its kind, or a pattern of names.

    Patterns of one region or account are taken to be of that of the resources.
    """
    if pattern.equals("*").is_surely_true:
        return TRUE
    arn = parse_arn(pattern)
    if arn is None:
        return UNKNOWN if isinstance(pattern, Unknown) and pattern.symbol.resource is None else FALSE
    fits = FALSE
    for form in arn_forms()[resource.type or ""]:
        if form.service != arn.service:
            continue
        for name in form.names(arn):
            fits = fits | _name_fits(name, resource)
        if arn.resource in (("*",), ()):
            fits = TRUE
    return fits


def _name_fits(name: Key, resource: Resource) -> Truth:
    if name == "*":
        return TRUE
    if not isinstance(name, str) or not is_pattern(name):
        return FALSE
    identifiers = table().type_row(resource.type or "").identifiers
    return any_of(
        resource[path].holds(lambda data: isinstance(data, str) and fnmatchcase(data, name))
        if resource[path].is_set().is_surely_true
        else UNKNOWN
        for path in identifiers
    )
