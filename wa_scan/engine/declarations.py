"""Rules that are declarations: `rules/<pillar>/<name>.yaml`."""

from collections.abc import Callable, Iterator

import msgspec

from wa_scan.aws.resources import Resource
from wa_scan.engine.conditions import Condition, DeclarationError, Test, compiled, types_in
from wa_scan.engine.examples import ExampleText, remedies_of
from wa_scan.engine.framework import Pillar
from wa_scan.engine.metadata import Metadata, rule_of
from wa_scan.engine.rules import Rule
from wa_scan.engine.verdicts import Verdict, require
from wa_scan.graph.graph import Graph
from wa_scan.values.truths import TRUE, UNKNOWN


class Requirement(Condition, kw_only=True, forbid_unknown_fields=True):
    """What every resource of `type` must be like."""

    type: str | list[str]


class Declaration(Metadata, kw_only=True, forbid_unknown_fields=True):
    """A rule file as written."""

    require: Requirement
    where: Condition | None = None
    undecided_where: Condition | None = None
    message: str | None = None
    examples: list[ExampleText] = msgspec.field(default_factory=list)
    without: dict[str, str] = msgspec.field(default_factory=dict)


ResourceCheck = Callable[[Resource, Graph], Iterator[Verdict]]


def rule_from_declaration(data: object, name: str, pillar: Pillar) -> tuple[Rule, ResourceCheck]:
    """The rule that a parsed YAML file declares, and its check. Raises `DeclarationError`."""
    try:
        declaration = msgspec.convert(data, Declaration)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        raise DeclarationError(path.strip("`.") or "the file", message) from error
    resources = types_in(declaration.require.type, "require.type")
    test = compiled(declaration.require, "require", every=True, typed=True)
    where = _optional(declaration.where, "where")
    undecided = _optional(declaration.undecided_where, "undecided_where")
    remedies = remedies_of(declaration.examples)
    rule = rule_of(declaration, name, pillar, resources, remedies)
    return rule, _check(test, where, undecided, declaration.message)


def _optional(condition: Condition | None, key: str) -> Test | None:
    return None if condition is None else compiled(condition, key, every=False)


def _check(test: Test, where: Test | None, undecided: Test | None, message: str | None) -> ResourceCheck:
    def check(resource: Resource, graph: Graph) -> Iterator[Verdict]:
        applies = where.judge(resource).truth if where is not None else TRUE
        if applies.is_surely_false:
            return
        for judgement in test.judge_each(resource):
            # False only where the rule surely applies, unknown where that is not known.
            holds = ~applies | judgement.truth
            if undecided is not None and not holds.is_surely_true:
                holds = holds | (undecided.judge(resource).truth & UNKNOWN)
            yield require(holds, at=judgement.at, resource=resource, path=judgement.path, message=message)

    return check
