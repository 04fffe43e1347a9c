"""A template to an evaluated unit: the package's public entry."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from wa_scan.blocks import EvaluatedResource, EvaluatedUnit, Language
from wa_scan.cloudformation.conditions import evaluate_conditions
from wa_scan.cloudformation.decode import decode
from wa_scan.cloudformation.equality import Equalities
from wa_scan.cloudformation.evaluator import Evaluator, Scope, WorkLimitError
from wa_scan.cloudformation.functions import FUNCTIONS
from wa_scan.cloudformation.loops import entries_of
from wa_scan.cloudformation.mappings import read_mappings
from wa_scan.cloudformation.nodes import MappingNode, Node, ScalarNode, SequenceNode
from wa_scan.cloudformation.parameters import read_parameters
from wa_scan.cloudformation.resources import evaluate_resources, existence, find_resources
from wa_scan.errors import Problem, ProblemKind, ProblemLevel
from wa_scan.sources.units import Template
from wa_scan.values import Guard, Location, Value, known

MAX_BYTES = 5_000_000
"""CloudFormation itself takes at most 1 MB."""

LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
SERVERLESS = "AWS::Serverless-2016-10-31"
_SETTINGS = ("AWSTemplateFormatVersion", "Description", "Metadata", "Transform", "Globals")


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """`parameters`: values by parameter name, instead of the defaults. A name such as `AWS::Region`
    gives a pseudo parameter its value. Names that a template does not have are ignored.
    `tags`: those of the stack, which CloudFormation puts on every resource that can have some.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def evaluate_template(template: Template, options: EvaluateOptions | None = None) -> EvaluatedUnit:
    """The resources of `template` with their values. Never raises for bad input: what could not
    be read or evaluated is in the unit's problems."""
    text, problem = _read(template)
    if text is None:
        return _unread(template.display, [problem] if problem is not None else [])
    return evaluate_text(text, template.display, options)


def evaluate_text(text: str, file: str, options: EvaluateOptions | None = None) -> EvaluatedUnit:
    """As `evaluate_template`, for the text of a template. Places name `file`."""
    decoded = decode(text, file)
    problems = list(decoded.problems)
    root = decoded.root
    resources = root.get("Resources") if isinstance(root, MappingNode) else None
    if not isinstance(root, MappingNode) or resources is None:
        if root is not None or not problems:
            problems.append(_no_template(text, root, file))
        return _unread(file, problems)
    try:
        return _evaluate(root, resources, file, options or EvaluateOptions(), problems)
    except (RecursionError, WorkLimitError):
        message = "The template asks for too much work; nothing was evaluated."
        problems.append(Problem(ProblemKind.LIMIT_REACHED, message, Location(file, 1, 1, 1, 1)))
        return _unit_of(file, problems=problems)


def _evaluate(
    root: MappingNode, section: Node, file: str, options: EvaluateOptions, problems: list[Problem]
) -> EvaluatedUnit:
    transforms = _transforms(root.get("Transform")) | _transforms(root.get("Fn::Transform"))
    parameters = read_parameters(root.get("Parameters"), options.parameters, problems)
    types: dict[str, str] = {}
    scope = Scope(
        file=file,
        parameters=parameters,
        resource_types=types,
        mappings=read_mappings(root.get("Mappings"), problems),
        equalities=Equalities(
            {
                parameter.symbol.text: parameter.allowed
                for parameter in parameters.values()
                if parameter.allowed and not parameter.is_list and not parameter.is_looked_up
            }
        ),
        given=options.parameters,
        has_macros=any(name != LANGUAGE_EXTENSIONS for name in transforms),
    )
    scope.problems.update(dict.fromkeys(problems))
    evaluator = Evaluator(scope, FUNCTIONS)
    if transforms.pop(SERVERLESS, None) is not None and isinstance(section, MappingNode):
        root = _translated(root, evaluator, has_other_macros=bool(transforms.keys() - {LANGUAGE_EXTENSIONS}))
        section = root.entries["Resources"].value
    evaluate_conditions(root.get("Conditions"), Evaluator(scope, FUNCTIONS, in_condition=True))
    written = find_resources(section, evaluator) if isinstance(section, MappingNode) else {}
    if not isinstance(section, MappingNode):
        scope.problem(ProblemKind.EVALUATION_ERROR, "Resources is not a mapping.", section.location)
    types.update((name, resource.type) for name, resource in written.items())
    _note_transforms(transforms, scope)
    tags = known(options.tags) if options.tags else None
    resources = evaluate_resources(written, evaluator, tags)
    inputs = {name: parameter.value(scope.equalities) for name, parameter in parameters.items()}
    outputs = _outputs(root.get("Outputs"), evaluator)
    settings: dict[str, Value] = {}
    for name, (key, node) in root.entries.items():
        if name in _SETTINGS:
            with _limits(evaluator, name, key):
                settings[name] = evaluator.property(key, node, name)
    return _unit_of(file, resources, inputs, outputs, settings, list(scope.problems))


def _translated(root: MappingNode, evaluator: Evaluator, has_other_macros: bool) -> MappingNode:
    from wa_scan.cloudformation.serverless.expansion import without_loops
    from wa_scan.cloudformation.serverless.translate import translate

    scope = evaluator.scope
    made = translate(without_loops(root, evaluator), scope.parameters, scope.given.get("AWS::Region"))
    scope.problems.update(dict.fromkeys(made.problems))
    # Of what was not translated it is not known what it brings into being.
    scope.has_macros = has_other_macros or not made.is_whole
    return made.root


def _outputs(section: Node | None, evaluator: Evaluator) -> dict[str, Value]:
    if section is None:
        return {}
    if not isinstance(section, MappingNode):
        evaluator.scope.problem(ProblemKind.EVALUATION_ERROR, "Outputs is not a mapping.", section.location)
        return {}
    found: dict[str, Value] = {}
    for name, key, node, bindings in entries_of(evaluator, section):
        with _limits(evaluator, name, key), evaluator.binding(bindings):
            guard = existence(node, evaluator) if isinstance(node, MappingNode) else Guard.ALWAYS
            if not guard.is_never:
                with evaluator.given(guard):
                    found[name] = evaluator.property(key, node, f"output {name}")
    return found


@contextmanager
def _limits(evaluator: Evaluator, name: str, key: Location) -> Iterator[None]:
    try:
        yield
    except (RecursionError, WorkLimitError):
        message = f"{name} is nested too deeply or asks for too much work; it was skipped."
        evaluator.scope.problem(ProblemKind.LIMIT_REACHED, message, key)


def _transforms(node: Node | None) -> dict[str, Location]:
    """The macros that the whole template goes through, with their places."""
    if node is None:
        return {}
    names: dict[str, Location] = {}
    for item in node.items if isinstance(node, SequenceNode) else [node]:
        named = item.get("Name") if isinstance(item, MappingNode) else item
        if isinstance(named, ScalarNode):
            names[str(named.data)] = item.location
    return names


def _note_transforms(transforms: Mapping[str, Location], scope: Scope) -> None:
    for name, location in transforms.items():
        if name == LANGUAGE_EXTENSIONS:
            continue
        message = f"What the macro {name} makes of this template was not looked at."
        scope.problem(ProblemKind.NOT_LOOKED_AT, message, location, ProblemLevel.NOTE)


def _no_template(text: str, root: Node | None, file: str) -> Problem:
    if not text.strip():
        message = "The file is empty."
    elif isinstance(root, MappingNode):
        message = "This is not a CloudFormation template: it has no Resources."
    else:
        message = "This is not a CloudFormation template: it is not a mapping."
    return Problem(ProblemKind.NOT_A_TEMPLATE, message, Location(file, 1, 1, 1, 1))


def _read(template: Template) -> tuple[str | None, Problem | None]:
    start = Location(template.display, 1, 1, 1, 1)
    try:
        if not template.path.resolve().is_relative_to(template.tree.resolve()):
            message = "The file lies outside of what is scanned; it was not read."
            return None, Problem(ProblemKind.OUTSIDE_TREE, message, start)
        if not template.path.is_file():
            return None, Problem(ProblemKind.UNREADABLE_FILE, "This is not a file.", start)
        with template.path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError, RuntimeError) as error:
        # RuntimeError: a circle of symbolic links, before Python 3.13.
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return None, Problem(ProblemKind.UNREADABLE_FILE, f"The file cannot be read: {reason}.", start)
    if len(data) > MAX_BYTES:
        message = f"The file is larger than {MAX_BYTES // 1_000_000} MB; it was not read."
        return None, Problem(ProblemKind.LIMIT_REACHED, message, start)
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        place = Location(template.display, line, column, line, column + 1)
        return None, Problem(ProblemKind.UNREADABLE_FILE, "The file is not UTF-8 text.", place)


def _unread(file: str, problems: list[Problem]) -> EvaluatedUnit:
    return EvaluatedUnit(file, Language.CLOUDFORMATION, (), problems=tuple(problems))


def _unit_of(
    file: str,
    resources: list[EvaluatedResource] | None = None,
    inputs: Mapping[str, Value] | None = None,
    outputs: Mapping[str, Value] | None = None,
    settings: Mapping[str, Value] | None = None,
    problems: list[Problem] | None = None,
) -> EvaluatedUnit:
    return EvaluatedUnit(
        name=file,
        language=Language.CLOUDFORMATION,
        resources=tuple(resources or ()),
        inputs=inputs or {},
        outputs=outputs or {},
        settings=settings or {},
        files_read=(file,),
        problems=tuple(problems or ()),
    )
