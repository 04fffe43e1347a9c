"""Where the code sets up an account, for the rules about what every account needs."""

from collections.abc import Iterator

from wa_scan.aws.resources import Resource
from wa_scan.blocks import Mode
from wa_scan.engine.verdicts import Verdict, require
from wa_scan.engine.workloads import may_have_more
from wa_scan.graph.graph import Graph
from wa_scan.values import Truth, any_of

# What there is once in an account, the most telling first: by canonical type, else by the language's.
_FOUNDATIONS = (
    "AWS::Organizations::Organization",
    "aws_organizations_organization",
    "aws_iam_account_password_policy",
    "aws_iam_account_alias",
    "aws_s3_account_public_access_block",
    "aws_ebs_encryption_by_default",
    "AWS::SecurityHub::Hub",
    "AWS::CloudTrail::Trail",
    "AWS::Config::ConfigurationRecorder",
    "AWS::GuardDuty::Detector",
    "AWS::AccessAnalyzer::Analyzer",
    "AWS::Macie::Session",
    "AWS::Detective::Graph",
    "aws_inspector2_enabler",
)
# AWS Control Tower sets up trails and the recorder itself.
_LANDING_ZONES = ("AWS::ControlTower::LandingZone", "aws_controltower_landing_zone")
_ENOUGH = 2


def account_setups(graph: Graph, *needed: str, by_control_tower: bool) -> Iterator[Verdict]:
    """One verdict for each unit that sets up an account: whether something of the types `needed` is there.

    A unit sets up an account where it has at least two kinds of what there is once in an account: one
    alone may be for a purpose of its own. `by_control_tower`: a landing zone brings it too.
    """
    for unit in graph.units:
        by_type: dict[str, list[Resource]] = {}
        for resource in graph.resources:
            if resource.unit == unit.name and resource.mode is Mode.MANAGED:
                by_type.setdefault(resource.type or resource.source_type, []).append(resource)
                by_type.setdefault(resource.source_type, by_type[resource.type or resource.source_type])
        found = [type_ for type_ in _FOUNDATIONS if type_ in by_type]
        if len(found) < _ENOUGH:
            continue
        wanted = needed + (_LANDING_ZONES if by_control_tower else ())
        there = any_of(Truth.when(one.exists) for type_ in wanted for one in by_type.get(type_, ()))
        yield require(there | may_have_more(graph, unit.name), at=by_type[found[0]][0], path="account")
