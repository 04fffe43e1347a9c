"""A decoded SAM template to the decoded CloudFormation template that the transform makes of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wa_scan.cloudformation.nodes import Entry, MappingNode
from wa_scan.cloudformation.parameters import Parameter
from wa_scan.cloudformation.serverless.placement import Placement
from wa_scan.cloudformation.serverless.preparation import (
    Prepared,
    is_serverless,
    parameter_texts,
    prepare,
)
from wa_scan.cloudformation.serverless.refusals import culprit_of, problem_of, resource_of, top_of
from wa_scan.cloudformation.serverless.sources import Sources, events_of
from wa_scan.cloudformation.serverless.translator import REGION, Refused, Translation, run
from wa_scan.errors import Problem, ProblemKind
from wa_scan.values import Location

SERVERLESS = "AWS::Serverless-2016-10-31"
MAX_NODES = 100_000
"""Nodes of a template that is translated; 1 MB, which CloudFormation accepts at most, has about as many."""
MAX_PARTS = 500
"""Serverless resources and events of one template. Each becomes a resource at least, of which CloudFormation
takes as many."""
MAX_WORK = 4 * MAX_PARTS**2
"""What the translations of one template may cost, each without what was refused before: their time grows with
the square of the parts."""


class Attempt(NamedTuple):
    """One run of the translator, and what it was run on."""

    prepared: Prepared
    made: Translation


@dataclass(frozen=True, slots=True)
class Translated:
    """`root`: the translated template. Resources that the transform refused are in it as they were written.
    `is_whole`: there are none."""

    root: MappingNode
    problems: tuple[Problem, ...]
    is_whole: bool


def translate(
    root: MappingNode, parameters: Mapping[str, Parameter], region: str | None = None
) -> Translated:
    """`root` after the transform, with the values of `parameters`. Never raises for bad input: what the
    transform refuses is in the problems."""
    resources = root.get("Resources")
    if not isinstance(resources, MappingNode):
        return Translated(root, (), is_whole=False)
    attempts = _Attempts(root, resources, parameters, region or REGION)
    if root.size > MAX_NODES or attempts.parts > MAX_PARTS:
        what = (
            f"{MAX_NODES} nodes" if root.size > MAX_NODES else f"{MAX_PARTS} serverless resources and events"
        )
        message = f"The template has more than {what}; the SAM transform was not run."
        return Translated(root, (Problem(ProblemKind.LIMIT_REACHED, message, top_of(root)),), is_whole=False)
    made = attempts.without_refused()
    problems = [problem_of(one, root, resources) for one in attempts.refused.values()]
    if made is not None:
        root = _placed(root, resources, made)
    return Translated(root, tuple(problems), is_whole=not attempts.refused)


class _Attempts:
    """The translations of one template. `refused`: by logical ID; under an empty one what concerns all."""

    def __init__(
        self, root: MappingNode, resources: MappingNode, parameters: Mapping[str, Parameter], region: str
    ) -> None:
        self.root = root
        self.resources = resources
        self.parameters = parameters
        self.region = region
        self.serverless = [name for name, entry in resources.entries.items() if is_serverless(entry.value)]
        self.parts = len(self.serverless) + sum(
            len(events_of(resources.entries[name].value)) for name in self.serverless
        )
        self.refused: dict[str, Refused] = {}
        # Texts for parameters without a value are made up only where the translator wants some.
        self._stand_in = all(parameter.given is not None for parameter in parameters.values())
        self._work = 0

    def without_refused(self) -> Attempt | None:
        """The translation of all that is not refused; None where there is nothing to translate."""
        while self._left():
            attempt = self._attempt(self.refused)
            if attempt.made.template is not None:
                return attempt
            if not self._stand_in:
                self._stand_in = True
                continue
            refused = self._named(attempt.made.refused)
            if refused.keys() <= self.refused.keys() or self._work > MAX_WORK:
                self.refused[""] = attempt.made.refused[0]._replace(resource=None)
                return None
            self.refused = refused | self.refused
        return None

    def _named(self, refused: Sequence[Refused]) -> dict[str, Refused]:
        named = [one for one in refused if one.resource is not None]
        if not named and self._work <= MAX_WORK:
            culprit = culprit_of(self._left(), self._fails_with)
            named = [one._replace(resource=culprit) for one in refused[:1] if culprit is not None]
        return {name: one for one in named if (name := resource_of(one, self.resources)) is not None}

    def _left(self) -> list[str]:
        return [name for name in self.serverless if name not in self.refused]

    def _fails_with(self, names: Sequence[str]) -> bool:
        made = self._attempt(set(self.serverless) - set(names)).made
        return any(resource_of(one, self.resources) is None for one in made.refused)

    def _attempt(self, skipped: Iterable[str]) -> Attempt:
        self._work += self.parts**2
        prepared = prepare(self.root, self.resources, frozenset(skipped))
        if not prepared.template["Resources"]:
            # Without any the translator refuses the template for that alone.
            prepared.template["Resources"] = {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
        values = parameter_texts(self.parameters, self._stand_in)
        return Attempt(prepared, run(prepared.template, values, self.region))


def _placed(root: MappingNode, resources: MappingNode, attempt: Attempt) -> MappingNode:
    prepared, made = attempt
    template = made.template or {}
    sources = Sources(root, resources)
    placement = Placement(sources)
    found: dict[str, Entry] = dict(prepared.left_out)
    for name, data in template["Resources"].items():
        # What was written is shown there, whatever the transform added to it.
        maker = name if name in resources.entries else made.makers.get(name)
        found[name] = placement.resource(name, data, maker)
    entries = dict(root.entries)
    entries["Resources"] = Entry(root.entries["Resources"].key, _mapping(found, resources.location))
    several = sources.of_several()
    for name in ("Conditions", "Outputs"):
        if isinstance(template.get(name), dict):
            entry = placement.part({name: template[name]}, several, is_new=False)
            assert isinstance(entry.value, MappingNode)
            entries[name] = entry.value.entries[name]
    return MappingNode(entries, root.location, root.size)


def _mapping(entries: dict[str, Entry], location: Location) -> MappingNode:
    return MappingNode(entries, location, 1 + sum(entry.value.size for entry in entries.values()))
