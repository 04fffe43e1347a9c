"""A template to an evaluated unit: the package's public entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from wa_scan.blocks import EvaluatedUnit, Language
from wa_scan.cloudformation.assembly import Constructs, values_of, with_constructs
from wa_scan.cloudformation.deployments import with_sam_configuration
from wa_scan.cloudformation.evaluator import WorkLimitError
from wa_scan.cloudformation.files import TemplateFile, TemplateFiles, of_text
from wa_scan.cloudformation.given_values import tags_of
from wa_scan.cloudformation.nodes import MappingNode, Node
from wa_scan.cloudformation.stacks import Frame, Imports, StackInstance, StackTree
from wa_scan.errors import Problem, ProblemKind
from wa_scan.sources.units import Template
from wa_scan.values import Location


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """`parameters`: values by parameter name, instead of the defaults. A name such as `AWS::Region`
    gives a pseudo parameter its value. Names that a template does not have are ignored.
    `tags`: those of the stack, which CloudFormation puts on every resource that can have some.
    Both may be `GivenText`, which knows where it was given. `environment`: of SAM's configuration.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    environment: str = "default"


def evaluate_template(
    template: Template,
    options: EvaluateOptions | None = None,
    files: TemplateFiles | None = None,
    imports: Imports | None = None,
) -> EvaluatedUnit:
    """The resources of `template` and of the stacks that it nests, with their values. `files`: those of the
    scan; `imports`: what stacks get that others export. Never raises for bad input: what could not be read or
    evaluated is in the unit's problems."""
    files = files if files is not None else TemplateFiles()
    return _evaluate_file(files.read(template), options or EvaluateOptions(), files, imports)


def evaluate_text(text: str, file: str, options: EvaluateOptions | None = None) -> EvaluatedUnit:
    """As `evaluate_template`, for the text of a template. Places name `file`; no other file is read."""
    nowhere = Path("/\0")
    template = Template(nowhere / "template", file, nowhere)
    return _evaluate_file(of_text(text, template), options or EvaluateOptions(), TemplateFiles(), None)


def stack_of(
    file: TemplateFile, options: EvaluateOptions, files: TemplateFiles, imports: Imports | None
) -> StackInstance | None:
    """The stack that deploys a template on its own, not opened yet; None where there are no resources."""
    root = file.root
    if not isinstance(root, MappingNode) or not root.entries.keys() & {"Resources", "Fn::Transform"}:
        return None
    options, problems = with_sam_configuration(file.template, options)
    constructs: Constructs | None = None
    if file.template.stack is not None:
        of_app = file.template.stack
        constructs = Constructs(of_app, file.template.tree)
        options = replace(
            options,
            parameters={**values_of(of_app), **options.parameters},
            tags={**of_app.tags, **options.tags},
        )
    frame = Frame(given=options.parameters, tags=tags_of(options.tags))
    stack = StackInstance(file, root, frame, StackTree(files, imports, constructs))
    stack.scope.problems.update(dict.fromkeys(problems))
    return stack


def _evaluate_file(
    file: TemplateFile, options: EvaluateOptions, files: TemplateFiles, imports: Imports | None
) -> EvaluatedUnit:
    display = file.template.display
    stack = stack_of(file, options, files, imports)
    problems = list(file.problems)
    if stack is None:
        if file.text is not None and (file.root is not None or not problems):
            problems.append(_no_template(file.text, file.root, display))
        return EvaluatedUnit(display, Language.CLOUDFORMATION, (), problems=tuple(problems))
    return evaluate_stack(stack)


def evaluate_stack(stack: StackInstance) -> EvaluatedUnit:
    """The unit of a root template, whose stack may be open already."""
    tree, display = stack.tree, stack.file.template.display
    tree.problems = stack.scope.problems
    before = dict.fromkeys(stack.file.problems)
    try:
        stack.open()
        stack.settle()
        stack.note_arguments()
        resources = stack.resources()
        unit = EvaluatedUnit(
            name=display,
            language=Language.CLOUDFORMATION,
            resources=tuple(sorted(resources, key=lambda resource: resource.address)),
            inputs=stack.inputs(),
            outputs=stack.outputs(),
            settings=stack.settings(),
            files_read=tuple(tree.files_read),
            problems=tuple({**before, **tree.problems}),
            unfound_modules=tuple(tree.unfound.values()),
        )
    except (RecursionError, WorkLimitError):
        message = "The template asks for too much work; nothing was evaluated."
        limit = Problem(ProblemKind.LIMIT_REACHED, message, Location(display, 1, 1, 1, 1))
        problems = tuple({**before, **tree.problems, limit: None})
        return EvaluatedUnit(display, Language.CLOUDFORMATION, (), files_read=(display,), problems=problems)
    return with_constructs(unit, tree.constructs)


def _no_template(text: str, root: Node | None, file: str) -> Problem:
    if not text.strip():
        message = "The file is empty."
    elif isinstance(root, MappingNode):
        message = "This is not a CloudFormation template: it has no Resources."
    else:
        message = "This is not a CloudFormation template: it is not a mapping."
    return Problem(ProblemKind.NOT_A_TEMPLATE, message, Location(file, 1, 1, 1, 1))
