"""A decoded SAM template to the decoded CloudFormation template that the transform makes of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wa_scan.cloudformation.nodes import Entry, MappingNode, Node, ScalarNode, text_of
from wa_scan.cloudformation.parameters import Parameter
from wa_scan.cloudformation.serverless.placement import Placement
from wa_scan.cloudformation.serverless.preparation import (
    SERVERLESS_PREFIX,
    Prepared,
    is_serverless,
    parameter_texts,
    prepare,
)
from wa_scan.cloudformation.serverless.refusals import culprit_of, problem_of, resource_of, top_of
from wa_scan.cloudformation.serverless.sources import Sources
from wa_scan.cloudformation.serverless.translator import REGION, Refused, Translation, run
from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.values import Location

SERVERLESS = "AWS::Serverless-2016-10-31"
MAX_NODES = 100_000
"""Nodes of a template that is translated; 1 MB, which CloudFormation accepts at most, has about as many."""
MAX_ROUNDS = 10
"""Translations of one template, each without what the last one refused."""

_APPLICATION = f"{SERVERLESS_PREFIX}Application"


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
    if root.size > MAX_NODES:
        message = f"The template has more than {MAX_NODES} nodes; the SAM transform was not run."
        return Translated(root, (Problem(ProblemKind.LIMIT_REACHED, message, top_of(root)),), is_whole=False)
    applications = _applications(resources)
    refused: dict[str, Refused] = {}
    stand_in = False

    def attempt(skipped: Iterable[str]) -> tuple[Prepared, Translation]:
        prepared = prepare(root, resources, frozenset(skipped))
        return prepared, run(prepared.template, parameter_texts(parameters, stand_in), region or REGION)

    def fails_with(names: Sequence[str]) -> bool:
        made = attempt(serverless.keys() - set(names))[1]
        return any(resource_of(one, resources) is None for one in made.refused)

    serverless = {name: entry for name, entry in resources.entries.items() if is_serverless(entry.value)}
    for _ in range(MAX_ROUNDS):
        if serverless.keys() <= refused.keys():
            # What is left needs no transform.
            break
        prepared, made = attempt(refused)
        if made.template is not None:
            problems = tuple(problem_of(one, root, resources) for one in refused.values())
            placed = _placed(root, resources, prepared, made)
            return Translated(placed, (*problems, *applications), is_whole=not refused)
        if not stand_in and any(parameter.given is None for parameter in parameters.values()):
            stand_in = True
            continue
        named = [one for one in made.refused if one.resource is not None]
        if not named:
            left = [name for name in serverless if name not in refused]
            culprit = culprit_of(left, fails_with)
            named = [one._replace(resource=culprit) for one in made.refused[:1] if culprit is not None]
        found = {name: one for one in named if (name := resource_of(one, resources)) is not None}
        if found.keys() <= refused.keys():
            refused["the template"] = made.refused[0]._replace(resource=None)
            break
        refused = found | refused
    problems = tuple(problem_of(one, root, resources) for one in refused.values())
    return Translated(root, (*problems, *applications), is_whole=not refused)


def _placed(root: MappingNode, resources: MappingNode, prepared: Prepared, made: Translation) -> MappingNode:
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


def _applications(resources: MappingNode) -> tuple[Problem, ...]:
    """A note for each application that comes from the Serverless Application Repository."""
    found: list[Problem] = []
    for name, (_, node) in resources.entries.items():
        if not isinstance(node, MappingNode) or text_of(node.get("Type")) != _APPLICATION:
            continue
        properties = node.get("Properties")
        location = properties.entries.get("Location") if isinstance(properties, MappingNode) else None
        if location is not None and isinstance(location.value, MappingNode):
            what = _scalars((location.value.get("ApplicationId"), location.value.get("SemanticVersion")))
            message = f"What the serverless application {what or name} contains was not looked at."
            found.append(Problem(ProblemKind.NOT_LOOKED_AT, message, location.key, ProblemLevel.NOTE))
    return tuple(found)


def _scalars(nodes: Iterable[Node | None]) -> str:
    return " ".join(str(node.data) for node in nodes if isinstance(node, ScalarNode))
