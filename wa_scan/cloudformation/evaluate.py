"""A template to an evaluated unit: the package's public entry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from wa_scan.blocks import EvaluatedUnit, Language
from wa_scan.cloudformation.assembly import Constructs, values_of, with_constructs
from wa_scan.cloudformation.deployments import with_sam_configuration
from wa_scan.cloudformation.evaluator import WorkLimitError
from wa_scan.cloudformation.exports import Exports
from wa_scan.cloudformation.files import TemplateFile, TemplateFiles, of_text
from wa_scan.cloudformation.foreign_types import notes_on_foreign_types
from wa_scan.cloudformation.given_values import tags_of
from wa_scan.cloudformation.nodes import MappingNode, Node
from wa_scan.cloudformation.stacks import Frame, Imports, StackInstance, StackTree
from wa_scan.cloudformation.transforms import INCLUDE
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


class Templates:
    """The templates of a scan, which may nest, include and import from each other.

    `roots`: those that are units. `candidates`: absolute paths of the files that may be templates or parts of
    some. `base`: what paths are printed relative to.
    """

    def __init__(
        self,
        roots: Sequence[Template],
        options: EvaluateOptions,
        candidates: Iterable[str] = (),
        base: Path | None = None,
    ) -> None:
        self._options = options
        self._files = TemplateFiles(candidates, base)
        self._exports = Exports(roots, self._files, self._stack_of)

    def evaluate(self, template: Template) -> EvaluatedUnit:
        """The resources of `template` and of the stacks that it nests, with their values. Never raises for
        bad input: what could not be read or evaluated is in the unit's problems."""
        file = self._files.read(template)
        stack = self._exports.stack(template)
        unit = evaluate_stack(stack) if stack is not None else _unread(file)
        self._exports.close(template)
        return unit

    def is_nested(self, template: Template) -> bool:
        """Whether a template that was evaluated nests this one."""
        return template.path in self._files.nested

    def _stack_of(self, file: TemplateFile, imports: Imports | None) -> StackInstance | None:
        return stack_of(file, self._options, self._files, imports)


def evaluate_template(template: Template, options: EvaluateOptions | None = None) -> EvaluatedUnit:
    """`template` as the only one of its scan; see `Templates.evaluate`."""
    return Templates((template,), options or EvaluateOptions()).evaluate(template)


def evaluate_text(text: str, file: str, options: EvaluateOptions | None = None) -> EvaluatedUnit:
    """As `evaluate_template`, for the text of a template. Places name `file`; no other file is read."""
    nowhere = Path("/\0")
    read = of_text(text, Template(nowhere / "template", file, nowhere))
    stack = stack_of(read, options or EvaluateOptions(), TemplateFiles(), None)
    return evaluate_stack(stack) if stack is not None else _unread(read)


def stack_of(
    file: TemplateFile, options: EvaluateOptions, files: TemplateFiles, imports: Imports | None
) -> StackInstance | None:
    """The stack that deploys a template on its own, not opened yet; None where there are no resources."""
    root = file.root
    if not isinstance(root, MappingNode):
        return None
    includes = file.text is not None and INCLUDE in file.text
    if not root.entries.keys() & ({"Resources", "Transform", "Fn::Transform"} if includes else {"Resources"}):
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


def _unread(file: TemplateFile) -> EvaluatedUnit:
    """The unit of a file that is no template."""
    display = file.template.display
    problems = list(file.problems)
    if file.text is not None and (file.root is not None or not problems):
        problems.append(_no_template(file.text, file.root, display))
    return EvaluatedUnit(display, Language.CLOUDFORMATION, (), problems=tuple(problems))


def evaluate_stack(stack: StackInstance) -> EvaluatedUnit:
    """The unit of a root template, whose stack may be open already."""
    tree, display = stack.tree, stack.file.template.display
    tree.problems = stack.scope.problems
    before = dict.fromkeys(stack.file.problems)
    try:
        stack.prepare()
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
    unit = with_constructs(unit, tree.constructs)
    notes = notes_on_foreign_types(each for each in unit.resources if not each.is_upkeep)
    return replace(unit, problems=(*unit.problems, *notes)) if notes else unit


def _no_template(text: str, root: Node | None, file: str) -> Problem:
    if not text.strip():
        message = "The file is empty."
    elif isinstance(root, MappingNode):
        message = "This is not a CloudFormation template: it has no Resources."
    else:
        message = "This is not a CloudFormation template: it is not a mapping."
    return Problem(ProblemKind.NOT_A_TEMPLATE, message, Location(file, 1, 1, 1, 1))
