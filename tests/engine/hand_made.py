"""Resources, rules and rule folders made by hand."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from wa_scan.aws.resources import Resource
from wa_scan.blocks import EvaluatedUnit, Language, Mode
from wa_scan.engine.findings import RuleRun
from wa_scan.engine.loading import load_rules
from wa_scan.engine.ruleset import RuleSet
from wa_scan.engine.run import run_rules
from wa_scan.graph.graph import Graph
from wa_scan.values import Absent, Guard, Location, MapValue, Origin, Step, Value

FILE = "infra/main.tf"


def line(number: int, file: str = FILE) -> Location:
    return Location(file, number, 1, number, 20)


def written(number: int, text: str = "attribute", previous: Origin | None = None) -> Origin:
    """The origin of something on line `number`."""
    return Origin(line(number), text, previous)


def resource(
    properties: Mapping[str, Value] | None = None,
    *,
    address: str = "aws_db_instance.main",
    type: str | None = "AWS::RDS::DBInstance",
    at: int = 1,
    file: str = FILE,
    exists: Guard = Guard.ALWAYS,
    defaults: Mapping[str, Value] | None = None,
    calls: tuple[Step, ...] = (),
    mode: Mode = Mode.MANAGED,
    unit: str = "infra",
) -> Resource:
    header = Location(file, at, 1, at, 34)
    origin = Origin(header, address)
    return Resource(
        address=address,
        type=type,
        source_type="aws_db_instance",
        mode=mode,
        language=Language.TERRAFORM,
        unit=unit,
        properties=MapValue(properties or {}, origin),
        location=header,
        extent=Location(file, at, 1, at + 9, 2),
        tags=Absent(origin),
        defaults=defaults or {},
        exists=exists,
        calls=calls,
    )


DECLARATION = """
    id: REL-RDS-91
    risk: HRI
    best_practices: [REL10-BP01]
    what: A database runs in a single zone.
    why: If the zone fails, the database is down.
    fix: Set it to run in two zones.
    """


def declared(folder: Path, checks: str, name: str = "one", head: str = DECLARATION) -> RuleSet:
    """The one rule of a folder that has `checks` beside the usual metadata."""
    write(folder, f"reliability/{name}.yaml", dedent(head) + dedent(checks))
    return own_rules(folder)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), encoding="utf-8")
    return path


def own_rules(folder: Path) -> RuleSet:
    """Only what was loaded from `folder`."""
    rules = load_rules([folder])
    return RuleSet(tuple(one for one in rules.loaded if folder in one.file.parents), rules.problems)


def run(rules: RuleSet, *resources: Resource, external_folders: tuple[str, ...] = ()) -> RuleRun:
    unit = EvaluatedUnit("infra", Language.TERRAFORM, (), external_folders=external_folders)
    return run_rules(rules, Graph(resources, units=[unit]))


def shown(run: RuleRun) -> list[tuple[str, str, int, str]]:
    """Status, address, line and guard of every finding."""
    return [(f.status.value, f.resource.address, f.location.start_line, str(f.when)) for f in run.findings]
