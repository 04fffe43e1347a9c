"""A decoded SAM template to the decoded CloudFormation template that the transform makes of it."""

import re
from collections.abc import Iterable, Mapping
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
_EVENT = re.compile(r"Event with id \[([^\]]+)\]")
_PROPERTY = re.compile(r"['\"]?\b([A-Z][A-Za-z]+)\b")


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
        return Translated(root, (Problem(ProblemKind.LIMIT_REACHED, message, _top(root)),), is_whole=False)
    applications = _applications(resources)
    refused: dict[str, Refused] = {}
    stand_in = False
    for _ in range(MAX_ROUNDS):
        prepared = prepare(root, resources, frozenset(refused))
        if not any(is_serverless(resources.entries[name].value) for name in prepared.template["Resources"]):
            # What is left needs no transform.
            break
        made = run(prepared.template, parameter_texts(parameters, stand_in), region or REGION)
        if made.template is not None:
            problems = tuple(_problem(entry, root, resources) for entry in refused.values())
            placed = _placed(root, resources, prepared, made)
            return Translated(placed, (*problems, *applications), is_whole=not refused)
        if not stand_in and any(parameter.given is None for parameter in parameters.values()):
            stand_in = True
            continue
        named = {name: one for one in made.refused if (name := _resource_of(one, resources)) is not None}
        named = {name: one for name, one in named.items() if name not in refused}
        if not named:
            refused = dict.fromkeys(("",), made.refused[0])
            break
        refused |= named
    problems = tuple(_problem(entry, root, resources) for entry in refused.values())
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


# --- what the transform refuses -------------------------------------------------------------------


def _resource_of(refused: Refused, resources: MappingNode) -> str | None:
    """The logical ID that was written, of what may be one that the transform made up."""
    name = refused.resource
    if name is None or name in resources.entries:
        return name
    return max((own for own in resources.entries if name.startswith(own)), key=len, default=None)


def _problem(refused: Refused, root: MappingNode, resources: MappingNode) -> Problem:
    name = _resource_of(refused, resources)
    entry = resources.entries.get(name) if name is not None else None
    reason = refused.reason.rstrip(".")
    if name is None or entry is None:
        message = f"The SAM transform refuses this template: {reason}."
        return Problem(ProblemKind.EVALUATION_ERROR, message, _top(root))
    message = f"The SAM transform refuses {name}: {reason}."
    return Problem(ProblemKind.EVALUATION_ERROR, message, _part_of(entry, reason))


def _part_of(entry: Entry, reason: str) -> Location:
    """The event or property that `reason` names, else the resource."""
    at, node = entry.key, entry.value
    properties = node.get("Properties") if isinstance(node, MappingNode) else None
    if not isinstance(properties, MappingNode):
        return at
    event = _EVENT.search(reason)
    events = properties.get("Events")
    if event is not None and isinstance(events, MappingNode):
        for name, (key, _) in events.entries.items():
            if event[1].endswith(name):
                return key
    for word in _PROPERTY.findall(reason):
        if word in properties.entries:
            return properties.entries[word].key
    return at


def _top(root: MappingNode) -> Location:
    entry = root.entries.get("Globals") or root.entries.get("Transform")
    return entry.key if entry is not None else root.location


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
