"""Reports made by hand: the renderers are tested without the rest of the way."""

from collections.abc import Callable, Mapping

from wa_scan.aws.resources import Resource
from wa_scan.blocks import Language, Mode
from wa_scan.engine.findings import Finding, Status
from wa_scan.engine.framework import Pillar, Risk
from wa_scan.engine.rules import Rule
from wa_scan.errors import Problem
from wa_scan.report.context import ReportContext
from wa_scan.review.report import Coverage, Report
from wa_scan.values import Absent, Guard, Location, MapValue, Step

SINGLE_AZ = Rule(
    id="REL-RDS-01",
    name="rds-single-az",
    title="A database runs in a single Availability Zone",
    pillars=(Pillar.RELIABILITY,),
    risk=Risk.HRI,
    why="When that zone fails, the database is down until the zone is back.",
    fix={
        Language.TERRAFORM: "Set `multi_az = true`.",
        Language.CLOUDFORMATION: "Set `MultiAZ` to true.",
    },
    best_practices=("REL10-BP01",),
    resources=("AWS::RDS::DBInstance",),
)
SECRET = Rule(
    id="SEC-SECRET-01",
    name="secret-in-code",
    title="A secret is written in the code",
    pillars=(Pillar.SECURITY,),
    risk=Risk.HRI,
    why="Whoever can read the repository can use it.",
    fix={
        Language.TERRAFORM: "Read it from Secrets Manager.",
        Language.CLOUDFORMATION: "Use a dynamic reference to Secrets Manager.",
    },
    best_practices=("SEC02-BP03",),
    security_severity=9.1,
)
UNTAGGED = Rule(
    id="COST-TAG-01",
    name="resource-untagged",
    title="A resource has no tags",
    pillars=(Pillar.COST_OPTIMIZATION, Pillar.OPERATIONAL_EXCELLENCE),
    risk=Risk.LRI,
    why="Cost and ownership cannot be told.",
    fix={Language.TERRAFORM: "Add `tags`.", Language.CLOUDFORMATION: "Add `Tags`."},
    best_practices=("COST03-BP02",),
)
RULES = (UNTAGGED, SINGLE_AZ, SECRET)


def location(file: str, line: int, start: int, end: int, *, end_line: int | None = None) -> Location:
    return Location(file, line, start, end_line or line, end)


def resource(
    address: str = "aws_db_instance.main",
    at: Location | None = None,
    *,
    type_: str = "aws_db_instance",
    canonical: str | None = "AWS::RDS::DBInstance",
    language: Language = Language.TERRAFORM,
    calls: tuple[Step, ...] = (),
) -> Resource:
    place = at or location("db.tf", 1, 1, 33)
    return Resource(
        address=address,
        type=canonical,
        source_type=type_,
        mode=Mode.MANAGED,
        language=language,
        unit=".",
        properties=MapValue({}),
        location=place,
        extent=place,
        tags=Absent(None),
        calls=calls,
    )


def finding(
    rule: Rule = SINGLE_AZ,
    at: Location | None = None,
    *,
    message: str | None = None,
    of: Resource | None = None,
    status: Status = Status.FAIL,
    fingerprint: str = "5f0c",
    when: Guard = Guard.ALWAYS,
    trace: tuple[Step, ...] = (),
    related: tuple[Step, ...] = (),
    instances: tuple[str, ...] = (),
    secrets: tuple[str, ...] = (),
) -> Finding:
    place = at or location("db.tf", 2, 3, 19)
    return Finding(
        rule=rule,
        status=status,
        message=message or rule.title,
        resource=of or resource(),
        location=place,
        fingerprint=fingerprint,
        when=when,
        trace=trace,
        related=related,
        instances=instances,
        secrets=secrets,
    )


def report(
    *findings: Finding,
    problems: tuple[Problem, ...] = (),
    coverage: Coverage | None = None,
    scores: Mapping[Pillar, int] | None = None,
    overall: int | None = None,
    paths: tuple[str, ...] = (".",),
) -> Report:
    return Report(
        findings=findings,
        rules=RULES,
        resources=tuple({id(each.resource): each.resource for each in findings}.values()),
        problems=problems,
        coverage=coverage or Coverage(files_read=("db.tf",), resources_total=1, resources_mapped=1),
        scores=scores or {},
        overall=overall,
        paths=paths,
    )


Workspace = Callable[..., ReportContext]

DATABASE = """\
resource "aws_db_instance" "main" {
  multi_az = false
  password = var.password
}
"""
