"""The macros that a whole template goes through before it is deployed."""

from collections.abc import Mapping

from wa_scan.cloudformation.evaluator import Evaluator, Scope
from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.errors import Entry, ProblemKind, ProblemLevel
from wa_scan.values import Location

INCLUDE = "AWS::Include"
LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
SERVERLESS = "AWS::Serverless-2016-10-31"


def transforms_of(root: MappingNode) -> dict[str, Location]:
    """The macros of a template by name, with their places."""
    return _named(root.get("Transform")) | _named(root.get("Fn::Transform"))


def has_other_macros(transforms: Mapping[str, Location]) -> bool:
    """Whether some are not carried out here."""
    return bool(transforms.keys() - {LANGUAGE_EXTENSIONS, SERVERLESS})


def translated(root: MappingNode, transforms: Mapping[str, Location], evaluator: Evaluator) -> MappingNode:
    """The template as the SAM transform leaves it, if it asks for that."""
    if SERVERLESS not in transforms or not isinstance(root.get("Resources"), MappingNode):
        return root
    from wa_scan.cloudformation.serverless.expansion import without_loops
    from wa_scan.cloudformation.serverless.translate import translate

    scope = evaluator.scope
    made = translate(without_loops(root, evaluator), scope.parameters, scope.given.get("AWS::Region"))
    scope.problems.update(dict.fromkeys(made.problems))
    # Of what was not translated it is not known what it brings into being.
    scope.has_macros = has_other_macros(transforms) or not made.is_whole
    return made.root


def note_transforms(transforms: Mapping[str, Location], scope: Scope) -> None:
    """Reports the macros among the `transforms` of a template that are not carried out."""
    for name, location in transforms.items():
        # What an include could not take in is said there.
        if name not in (INCLUDE, LANGUAGE_EXTENSIONS, SERVERLESS):
            message = f"What the macro {name} makes of this template was not looked at."
            entry = Entry("What these macros make of their templates was not looked at:", name)
            scope.problem(ProblemKind.NOT_LOOKED_AT, message, location, ProblemLevel.NOTE, entry=entry)


def _named(node: Node | None) -> dict[str, Location]:
    if node is None:
        return {}
    names: dict[str, Location] = {}
    for item in node.items if isinstance(node, SequenceNode) else [node]:
        named = item.get("Name") if isinstance(item, MappingNode) else item
        if isinstance(named, ScalarNode):
            names[str(named.data)] = item.location
    return names
