"""Which environment resources belong to, as far as the code tells it."""

import re
from dataclasses import dataclass

from wa_scan.aws.resources import Resource
from wa_scan.aws.tags import environment
from wa_scan.blocks import EvaluatedUnit
from wa_scan.engine.workloads import written
from wa_scan.graph.graph import Graph
from wa_scan.values import Absent, Guard, Step, Unknown, Value

_INPUTS = re.compile(
    r"(app|deploy(ment)?|target)?(environment|env|stage)(name|type)?|deploymentstage", re.IGNORECASE
)
_FOLDERS = re.compile(r"(^|/)(environments?|envs?|stages?|live|accounts?)/([^/]+)(/|$)")
_PRODUCTION = frozenset({"prod", "production", "prd", "live"})
_IN_NAMES = frozenset(
    {"dev", "develop", "development", "devel", "test", "testing", "tst", "qa", "uat", "staging", "stg"}
    | {"sandbox", "sbx", "nonprod", "nonproduction", "preprod", "preproduction"}
)
# Words that mean something else in the name of a thing.
_IN_VALUES = _IN_NAMES | {"stage", "acceptance", "integration", "int", "demo", "preview", "lab"}
_NAMES = ("AutoScalingGroupName", "DBInstanceIdentifier", "DBClusterIdentifier", "ServiceName", "Cluster")


@dataclass(frozen=True, slots=True)
class Stage:
    """`development`: when it surely is an environment for development or tests. `name`: what it is called.

    `told`: where the code says so, None where only the unit's folder does.
    """

    development: Guard
    name: str = ""
    told: Step | None = None


_UNKNOWN = Stage(Guard.NEVER)


def stage_of(resource: Resource, graph: Graph) -> Stage:
    """The environment of `resource`: what its tag surely says; else the inputs of its unit (`environment`,
    `Stage`); else its name; else the folder of its unit (`environments/dev`)."""
    tag = environment(resource)
    if not isinstance(tag, Absent | Unknown):
        return _told_by(tag, "the tag says", _IN_VALUES)
    unit = graph.unit(resource.unit)
    for name, value in (unit.inputs if unit is not None else {}).items():
        if _INPUTS.fullmatch(re.sub(r"[-_]", "", name)) and not isinstance(value, Absent):
            return _told_by(value, f"{name} says", _IN_VALUES)
    for value in (resource.tags.get("Name"), *(resource[path] for path in _NAMES)):
        # A name that is nothing but `test` says that nobody gave it one.
        stage = _told_by(value, "the name says", _IN_NAMES)
        names = {written(leaf).lower() for leaf, _ in value.alternatives()}
        if stage is not _UNKNOWN and stage.name not in names:
            return stage
    return _by_folder(unit)


def _told_by(value: Value, how: str, words: frozenset[str]) -> Stage:
    when, name, told = Guard.NEVER, "", None
    for leaf, guard in value.alternatives():
        word = _development_word(written(leaf), words)
        if word is not None:
            when = when | guard
            name = name or word
            if told is None and leaf.origin is not None:
                told = Step(leaf.origin.location, f"{how} {word}")
    return Stage(when, name, told) if name else _UNKNOWN


def _by_folder(unit: EvaluatedUnit | None) -> Stage:
    match = _FOLDERS.search(unit.name) if unit is not None else None
    word = _development_word(match[3], _IN_VALUES) if match is not None else None
    return Stage(Guard.ALWAYS, word) if word is not None else _UNKNOWN


def _development_word(text: str, words: frozenset[str]) -> str | None:
    """The word of `text` that means development or tests, None where production is named too."""
    joined = re.sub(r"(?<![a-z])(non|pre)[-_ ](?=prod)", r"\1", text.lower())
    found = [re.sub(r"[0-9]+$", "", word) for word in re.split(r"[^a-z0-9]+", joined)]
    if _PRODUCTION.intersection(found):
        return None
    return next((word for word in found if word in words), None)
