"""Templates: quoted strings, heredocs, template files."""

from wa_scan.terraform import operators
from wa_scan.terraform.branches import conditional
from wa_scan.terraform.convert import convert
from wa_scan.terraform.dispatch import evaluate, evaluates
from wa_scan.terraform.errors import EvaluationError, FatalError
from wa_scan.terraform.iteration import pairs
from wa_scan.terraform.scope import Scope
from wa_scan.terraform.symbolic import unknown
from wa_scan.terraform.syntax import Interpolation, Template, TemplateFor, TemplateIf
from wa_scan.terraform.types import BOOL, NUMBER, STRING
from wa_scan.terraform.values import ChoiceData, TfValue, UnknownData, string
from wa_scan.terraform.wording import expression_text


@evaluates(Template)
def render_template(template: Template, scope: Scope) -> TfValue:
    """The text of a template; a template that is only `${x}` is x itself."""
    parts = template.parts
    if not parts:
        return string("")
    if len(parts) == 1:
        only = parts[0]
        if isinstance(only, str):
            return string(only)
        if isinstance(only, Interpolation):
            return evaluate(only.expression, scope)
    return operators.concat_template([_part(part, scope) for part in parts])


def _part(part: str | Interpolation | TemplateIf | TemplateFor, scope: Scope) -> TfValue:
    if isinstance(part, str):
        return string(part)
    if isinstance(part, Interpolation):
        value = evaluate(part.expression, scope)
        try:
            return operators.concat_template([value])
        except EvaluationError as error:
            error.location = error.location or part.expression.location
            raise
    if isinstance(part, TemplateIf):
        return _if(part, scope)
    return _for(part, scope)


def _text(template: Template, scope: Scope) -> TfValue:
    return operators.concat_template([_part(part, scope) for part in template.parts])


def _if(part: TemplateIf, scope: Scope) -> TfValue:
    condition = evaluate(part.condition, scope)
    sides: list[TfValue | EvaluationError] = []
    for side in (part.then, part.otherwise):
        try:
            sides.append(_text(side, scope))
        except FatalError:
            raise
        except EvaluationError as error:
            sides.append(error)
    then, otherwise = sides
    data = condition.data
    text = data.symbol.text if isinstance(data, UnknownData) else expression_text(part.condition)
    try:
        chosen = conditional(
            condition,
            string("") if isinstance(then, EvaluationError) else then,
            string("") if isinstance(otherwise, EvaluationError) else otherwise,
            guard_text=text,
        )
    except EvaluationError as error:
        error.location = error.location or part.condition.location
        raise
    if not isinstance(data, UnknownData | ChoiceData):
        taken = then if convert(condition, BOOL).data is True else otherwise
        if isinstance(taken, EvaluationError):
            raise taken
    return chosen


def _for(part: TemplateFor, scope: Scope) -> TfValue:
    collection = evaluate(part.collection, scope)
    data = collection.data
    if data is None:
        raise EvaluationError("a null value cannot be iterated over", part.collection.location)
    is_open = isinstance(data, UnknownData | ChoiceData)
    if is_open and collection.type not in (STRING, NUMBER, BOOL):
        text = f"%{{ for {part.value} in {expression_text(part.collection)} }}"
        return unknown(
            f"{text} in {scope.place}" if scope.place else text,
            type=STRING,
            never_null=True,
            marks=collection.marks,
        )
    if not isinstance(data, dict | tuple):
        raise EvaluationError(
            "a template 'for' needs a list, set, tuple, map or object to go over", part.collection.location
        )
    scope.module.spend(len(data))
    found = []
    for key, value in pairs(collection):
        names = {part.value: value} if part.key is None else {part.key: key, part.value: value}
        found.append(_text(part.body, scope.with_names(names)))
    return operators.concat_template(found).with_marks(collection.marks)
