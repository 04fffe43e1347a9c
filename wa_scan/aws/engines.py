"""Engines and their versions: of databases, caches, clusters and runtimes.

Sources: Amazon RDS User Guide, "Upgrading the engine version" (which part of a version is its major one);
`engine_versions.yaml` for what is retired, and when runtimes are deprecated.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from wa_scan.aws.resources import Resource
from wa_scan.datafiles import load_folder
from wa_scan.values import Guard, Truth
from wa_scan.values.truths import FALSE, UNKNOWN

# Types with an engine: (what names it, or the name itself in brackets; its version).
_ENGINES = {
    "AWS::RDS::DBInstance": ("Engine", "EngineVersion"),
    "AWS::RDS::DBCluster": ("Engine", "EngineVersion"),
    "AWS::RDS::GlobalCluster": ("Engine", "EngineVersion"),
    "AWS::ElastiCache::ReplicationGroup": ("Engine", "EngineVersion"),
    "AWS::ElastiCache::CacheCluster": ("Engine", "EngineVersion"),
    "AWS::AmazonMQ::Broker": ("EngineType", "EngineVersion"),
    "AWS::DocDB::DBCluster": ("[docdb]", "EngineVersion"),
    "AWS::Neptune::DBCluster": ("[neptune]", "EngineVersion"),
    "AWS::EKS::Cluster": ("[kubernetes]", "Version"),
    "AWS::MSK::Cluster": ("[kafka]", "KafkaVersion"),
    "AWS::OpenSearchService::Domain": ("[opensearch]", "EngineVersion"),
    "AWS::Elasticsearch::Domain": ("[elasticsearch]", "ElasticsearchVersion"),
}
# Engines whose major version is one number from the version given on; of all others it is two.
_ONE_NUMBER = {
    "aurora-postgresql": 10,
    "elasticsearch": 5,
    "kafka": 1,
    "opensearch": 1,
    "postgres": 10,
    "redis": 6,
    "valkey": 7,
}
_ONE_NUMBER_ENGINES = ("oracle", "custom-oracle", "sqlserver", "custom-sqlserver", "memcached")
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")


@dataclass(frozen=True, slots=True)
class EngineVersion:
    """`version`: as written. `major`: `16`, `8.0`; `minor`: what comes after it, "" for none."""

    engine: str
    version: str
    major: str
    minor: str

    @property
    def is_retired(self) -> bool:
        """Whether no version of this major one can be created any more."""
        return self.major in engine_data().retired.get(self.engine, ())


class EngineData(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`as_of`: the day (ISO) of the data. `retired`: major versions by engine. `runtimes`: the day on which
    each is deprecated."""

    source: str
    as_of: str
    retired: dict[str, list[str]]
    runtimes: dict[str, str]


@cache
def engine_data() -> EngineData:
    """What `engine_versions.yaml` says of engines and runtimes."""
    return msgspec.convert(load_folder(Path(__file__).parent)["engine_versions"], EngineData)


def runtimes() -> Mapping[str, str]:
    """The day (ISO) on which each Lambda runtime is deprecated, where one is announced."""
    return engine_data().runtimes


def is_deprecated(runtime: str) -> bool:
    """Whether a Lambda runtime was deprecated by the day of the data; a clock is not asked."""
    day = engine_data().runtimes.get(runtime)
    return day is not None and day <= engine_data().as_of


def parse_version(engine: str, version: str) -> EngineVersion:
    """`postgres`, `16.3`: major 16, minor 3; `aurora-mysql`, `8.0.mysql_aurora.3.04.0`: major 8.0."""
    found = _NUMBERS.search(version)
    numbers = found[0].split(".") if found is not None else []
    length = 2
    since = _ONE_NUMBER.get(engine)
    if (since is not None and numbers and int(numbers[0]) >= since) or engine.startswith(_ONE_NUMBER_ENGINES):
        length = 1
    major = ".".join(numbers[:length])
    rest = version[found.start() :] if found is not None else ""
    return EngineVersion(engine, version, major, rest[len(major) :].lstrip("."))


def engines_of(resource: Resource) -> list[tuple[EngineVersion, Guard]]:
    """What a database, cache or cluster runs, where engine and version are known; each with its guard."""
    places = _ENGINES.get(resource.type or "")
    if places is None:
        return []
    named, versioned = places
    engines = (
        [(named[1:-1], Guard.ALWAYS)]
        if named.startswith("[")
        else [(leaf.text or "", guard) for leaf, guard in resource[named].alternatives()]
    )
    return [
        (parse_version(engine.lower(), str(leaf.scalar)), guard & inner)
        for engine, guard in engines
        for leaf, inner in resource[versioned].alternatives()
        if engine and isinstance(leaf.scalar, str | int | float) and not (guard & inner).is_never
    ]


def runs_retired_version(resource: Resource) -> Truth:
    """Whether the major version can no longer be created; unknown where engine or version are not known, or
    left to AWS, which takes its current one."""
    found, settled = FALSE, Guard.NEVER
    for version, guard in engines_of(resource):
        found = found | Truth.of(version.is_retired).given(guard, FALSE)
        settled = settled | guard
    return found | UNKNOWN.given(~settled, FALSE)
