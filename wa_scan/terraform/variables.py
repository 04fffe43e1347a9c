"""Input variables: their declarations, and the values that a root module is given."""

from dataclasses import dataclass
from pathlib import Path

from wa_scan.errors import Problem, ProblemKind
from wa_scan.terraform.constraints import constraint_of
from wa_scan.terraform.context import Evaluation
from wa_scan.terraform.convert import Defaults, apply_defaults, convert, without_optional
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.files import list_directory, other_variable_files
from wa_scan.terraform.literals import LITERALS, flag, literal_value
from wa_scan.terraform.symbolic import each_leaf, unknown
from wa_scan.terraform.syntax import Block, Template
from wa_scan.terraform.types import BOOL, DYNAMIC, NUMBER, STRING, Type
from wa_scan.terraform.values import Mark, Marks, TfValue, null, string
from wa_scan.values import Location, Origin, Symbol
from wa_scan.values.kinds import Reason


@dataclass(frozen=True, slots=True)
class Variable:
    """A `variable` block. `default` is None where a value is required; already converted."""

    name: str
    block: Block
    type: Type
    defaults: Defaults
    is_typed: bool
    default: TfValue | None
    nullable: bool
    marks: Marks

    def accept(self, value: TfValue) -> TfValue:
        """`value` as this variable takes it. Raises `EvaluationError` where Terraform refuses it."""
        value = each_leaf(value, self._accept)
        return value.with_marks(self.marks)

    def _accept(self, value: TfValue) -> TfValue:
        if value.data is None and not self.nullable:
            if self.default is not None:
                return self.default
            raise EvaluationError(f'the variable "{self.name}" must not be null')
        if value.data is None:
            return null(without_optional(self.type), value.origin).with_marks(value.marks)
        if not self.is_typed:
            return value
        return convert(apply_defaults(value, self.defaults), self.type)


def declare(name: str, block: Block, evaluation: Evaluation) -> Variable:
    """What a `variable` block says; what is wrong with it is reported and taken as not said."""
    attributes = block.body.attributes
    type: Type = DYNAMIC
    defaults = Defaults(DYNAMIC)
    given = attributes.get("type")
    if given is not None:
        try:
            type, defaults = constraint_of(given.value, LITERALS)
            if isinstance(given.value, Template):
                evaluation.tolerate("types are no longer quoted", given.value.location)
        except EvaluationError as error:
            evaluation.report(error, given.value.location)
    marks: set[Mark] = set()
    if flag(block, "sensitive"):
        marks.add(Mark.SENSITIVE)
    if flag(block, "ephemeral"):
        marks.add(Mark.EPHEMERAL)
    nullable = "nullable" not in attributes or flag(block, "nullable")
    variable = Variable(name, block, type, defaults, given is not None, None, nullable, frozenset(marks))
    default = attributes.get("default")
    if default is None:
        return variable
    try:
        value = literal_value(default.value)
        if value.data is None and not nullable:
            raise EvaluationError("the default is null, though null is not allowed")
        accepted = variable.accept(value)
    except EvaluationError as error:
        evaluation.report(error, default.value.location)
        accepted = unknown(f"var.{name}", Reason.ERROR, without_optional(type))
    origin = Origin(default.location, f'variable "{name}" default', accepted.origin)
    return Variable(
        name,
        block,
        type,
        defaults,
        given is not None,
        accepted.with_origin(origin),
        nullable,
        frozenset(marks),
    )


@dataclass(frozen=True, slots=True)
class Given:
    """A value from outside the configuration. Text from a command line becomes a value only when the
    type of its variable is known.
    """

    value: TfValue | str
    source: str
    location: Location | None


def given_values(evaluation: Evaluation) -> dict[str, Given]:
    """Values for root variables by name, in Terraform's order of precedence.

    Environment, terraform.tfvars, terraform.tfvars.json, automatic files by name, then `--var-file` and
    `--var` as they were given.
    """
    found: dict[str, Given] = {}
    options, root = evaluation.options, evaluation.root
    for name, text in sorted((options.environment or {}).items()):
        if name.startswith("TF_VAR_"):
            found[name.removeprefix("TF_VAR_")] = Given(text, f"environment {name}", None)
    for path in list_directory(root.directory, root.tree, root.left_out).variables:
        _read_file(path, evaluation, found)
    for named in (*options.variable_files, options.variables):
        if isinstance(named, Path):
            _read_file(named, evaluation, found)
        else:
            found |= {name: Given(text, f"--var {name}", None) for name, text in named.items()}
    found.update(options.planned)
    return found


def _read_file(path: Path, evaluation: Evaluation, found: dict[str, Given]) -> None:
    display = evaluation.display(path.absolute())
    parsed = evaluation.parsed.config(path, display)
    for problem in parsed.problems:
        evaluation.add(problem)
    if parsed.config is None:
        return
    evaluation.files_read[display] = None
    for block in parsed.config.body.blocks:
        evaluation.refuse("a variable file holds no blocks, only values", block.header)
    for name, attribute in parsed.config.body.attributes.items():
        try:
            value = literal_value(attribute.value)
        except EvaluationError as error:
            evaluation.report(error, attribute.value.location)
            value = unknown(f"var.{name}", Reason.ERROR)
        source = path.name
        value = value.with_origin(Origin(attribute.location, source, value.origin))
        found[name] = Given(value, source, attribute.location)


def root_value(variable: Variable, given: Given | None, evaluation: Evaluation) -> TfValue:
    """The value of a root module's variable; unknown where there is none."""
    name = variable.name
    if given is None:
        if variable.default is not None:
            return variable.default
        if evaluation.options.require_inputs:
            message = f'no value for the required variable "{name}"'
            place, hint = variable.block.header, _where_given(name, evaluation)
            evaluation.add(Problem(ProblemKind.EVALUATION_ERROR, message, place, hint=hint))
        type = without_optional(variable.type)
        if not variable.is_typed:
            type = DYNAMIC
        origin = Origin(variable.block.header, f'variable "{name}"')
        return unknown(
            Symbol(f"var.{name}"), Reason.INPUT, type, not variable.nullable, origin, variable.marks
        )
    try:
        value = given.value
        if isinstance(value, str):
            value = _from_text(value, variable, given)
        return variable.accept(value)
    except EvaluationError as error:
        evaluation.add(
            Problem(
                ProblemKind.EVALUATION_ERROR,
                f'the value for "{name}" from {given.source} does not fit: {error.message}',
                given.location or variable.block.header,
            )
        )
        return unknown(f"var.{name}", Reason.ERROR, without_optional(variable.type))


def _where_given(name: str, evaluation: Evaluation) -> str | None:
    """What to say of files that have a value, but that Terraform reads only when they are named."""
    root = evaluation.root
    shown: list[str] = []
    for path in other_variable_files(root.directory, root.tree, root.left_out):
        display = evaluation.display(path)
        parsed = evaluation.parsed.config(path, display).config
        if parsed is not None and name in parsed.body.attributes:
            shown.append(f"--var-file {display}")
    if not shown:
        return None
    several = f" or {len(shown) - 1} more like it" if len(shown) > 1 else ""
    return f"give it with {shown[0]}{several}"


def _from_text(text: str, variable: Variable, given: Given) -> TfValue:
    """A value from the command line: an expression, unless the variable takes text."""
    from wa_scan.terraform.parse import TerraformSyntaxError, parse_expression

    origin = Origin(variable.block.header, given.source)
    if variable.type is STRING or not variable.is_typed:
        return string(text, origin)
    if variable.type in (NUMBER, BOOL):
        return string(text.strip(), origin)
    try:
        return literal_value(parse_expression(text, given.source)).with_origin(origin)
    except TerraformSyntaxError as error:
        raise EvaluationError(error.message) from None
