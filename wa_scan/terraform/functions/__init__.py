"""Terraform's built-in functions.

`call` takes evaluated arguments and gives a value; `FUNCTIONS` says what there is. The functions
stand in modules by family; each declares its parameters, and what holds for all of them (counting
and converting arguments, null, unknown values, choices, marks) is done here. `try`, `can` and
`type` are forms of the language, not functions: the evaluator has them.
"""

from collections.abc import Sequence

from wa_scan.terraform.choices import TooManyChoicesError, distribute
from wa_scan.terraform.convert import convert
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.functions import (
    collections,
    conversion,
    dates,
    encoding,
    filesystem,
    flattening,
    formatting,
    hashes,
    json_text,
    network,
    numbers,
    regexes,
    selection,
    set_operations,
    strings,
    structures,
    yaml_text,
)
from wa_scan.terraform.functions.filesystem import FileAccess, SandboxedFiles
from wa_scan.terraform.functions.signature import (
    FUNCTIONS,
    Context,
    Needs,
    Parameter,
    RenderTemplate,
    Signature,
    unknown_call,
)
from wa_scan.terraform.sets import unmark_deep
from wa_scan.terraform.types import DYNAMIC, Type
from wa_scan.terraform.values import (
    NO_MARKS,
    ChoiceData,
    Marks,
    Survey,
    TfValue,
    UnknownData,
    sensitivity,
)
from wa_scan.values.kinds import Reason

__all__ = [
    "FAMILIES",
    "FUNCTIONS",
    "FileAccess",
    "RenderTemplate",
    "SandboxedFiles",
    "Signature",
    "call",
]

FAMILIES = (
    collections,
    conversion,
    dates,
    encoding,
    filesystem,
    flattening,
    formatting,
    hashes,
    json_text,
    network,
    numbers,
    regexes,
    selection,
    set_operations,
    strings,
    structures,
    yaml_text,
)
_NO_CONTEXT = Context()
_REMOVED = {"list": "tolist([ ... ])", "map": "tomap({ ... })"}


def call(
    name: str,
    arguments: Sequence[TfValue],
    files: FileAccess | None,
    evaluate_template: RenderTemplate | None = None,
) -> TfValue:
    """What the function `name` gives for `arguments`. Raises only `EvaluationError`.

    `files` serves the functions that read files, `evaluate_template` those that render templates.
    A provider's function (`provider::aws::arn_parse`) gives an unknown value.
    """
    signature = FUNCTIONS.get(name.removeprefix("core::"))
    if signature is None:
        if name.startswith("provider::"):
            return unknown_call(name, arguments, DYNAMIC, Reason.UNSUPPORTED, never_null=False)
        instead = _REMOVED.get(name)
        advice = f"; since Terraform 0.15 it is {instead}" if instead else ""
        raise EvaluationError(f'there is no function named "{name}"{advice}')
    context = Context(files, evaluate_template) if files or evaluate_template else _NO_CONTEXT
    try:
        return _call(signature, arguments, context)
    except UnicodeError:
        raise EvaluationError("an argument is not valid Unicode text") from None
    except RecursionError:
        raise EvaluationError("an argument is nested too deeply") from None


def _call(signature: Signature, arguments: Sequence[TfValue], context: Context) -> TfValue:
    parameters = _parameters(signature, arguments)
    converted: list[TfValue] = []
    deep: list[bool] = []
    choices = False
    for position, (value, parameter) in enumerate(zip(arguments, parameters, strict=True)):
        try:
            value = _argument(value, parameter, position)
        except EvaluationError:
            if value.data is None and _is_untyped(signature, parameters, converted):
                return unknown_call(signature.name, arguments, DYNAMIC, never_null=False)
            raise
        if type(value.data) is ChoiceData:
            choices = True
        resolved = parameter.needs is Needs.DEEP or parameter.needs is Needs.RESOLVED
        if resolved and not choices and isinstance(value.data, tuple | dict):
            choices = Survey(value).has_choice
        deep.append(resolved)
        converted.append(value)
    if not choices or _passes_choices(signature):
        try:
            return _apply(signature, parameters, converted, context)
        except EvaluationError as error:
            if type(error) is EvaluationError and _is_untyped(signature, parameters, converted):
                return unknown_call(signature.name, converted, DYNAMIC, never_null=False)
            raise

    def once(resolved: Sequence[TfValue]) -> TfValue:
        # A branch may be null where the whole was not, and may have a type of its own.
        ready = [
            _argument(value, parameter, position)
            for position, (value, parameter) in enumerate(zip(resolved, parameters, strict=True))
        ]
        return _apply(signature, parameters, ready, context)

    try:
        return distribute(converted, once, deep=deep)
    except TooManyChoicesError:
        type_ = signature.returns if isinstance(signature.returns, Type) else DYNAMIC
        return unknown_call(signature.name, converted, type_, Reason.UNSUPPORTED, signature.never_null)


def _is_untyped(signature: Signature, parameters: Sequence[Parameter], arguments: Sequence[TfValue]) -> bool:
    """Whether an argument has no type yet: Terraform then does not look at the others."""
    return signature.name not in _TAKE_UNTYPED and any(
        value.type is DYNAMIC and type(value.data) is UnknownData and parameter.type is DYNAMIC
        for value, parameter in zip(arguments, parameters, strict=False)
    )


def _passes_choices(signature: Signature) -> bool:
    return signature.name in _MARK_FUNCTIONS


_MARK_FUNCTIONS = frozenset(("sensitive", "nonsensitive", "issensitive"))
# cty's AllowDynamicType.
_TAKE_UNTYPED = frozenset(("coalesce", "coalescelist", "jsonencode", "length", "lookup", "merge"))


def _parameters(signature: Signature, arguments: Sequence[TfValue]) -> Sequence[Parameter]:
    positional, variadic = signature.parameters, signature.variadic
    missing = len(positional) - len(arguments)
    if missing == 0:
        return positional
    if missing > 0:
        raise EvaluationError(
            f'not enough arguments: missing a value for "{positional[len(arguments)].name}"'
        )
    if variadic is None:
        raise EvaluationError(
            f'too many arguments: "{signature.name}" expects only {len(positional)}',
            None,
            len(positional),
        )
    return (*positional, *[variadic] * -missing)


def _argument(value: TfValue, parameter: Parameter, position: int) -> TfValue:
    wanted = parameter.type
    if value.type is not wanted:
        try:
            value = convert(value, wanted)
        except EvaluationError as error:
            message = f'invalid value for "{parameter.name}": {error.message}'
            raise EvaluationError(message, error.location, position) from None
    if value.data is None and not parameter.nullable:
        raise EvaluationError(f'invalid value for "{parameter.name}": it must not be null', None, position)
    return value


def _apply(
    signature: Signature,
    parameters: Sequence[Parameter],
    arguments: Sequence[TfValue],
    context: Context,
) -> TfValue:
    marks: Marks = NO_MARKS
    known = True
    ready: list[TfValue] = []
    for value, parameter in zip(arguments, parameters, strict=True):
        data = value.data
        if parameter.needs is Needs.NOTHING and parameter.keeps_marks:
            pass
        elif isinstance(data, tuple | dict | ChoiceData):
            if parameter.needs is Needs.DEEP or not parameter.keeps_marks:
                survey = Survey(value)
                if not parameter.keeps_marks and survey.marks:
                    marks = marks | (sensitivity(survey.marks) if signature.hands_on else survey.marks)
                    value = _plain(value, survey.marks)
                if parameter.needs is Needs.DEEP and survey.unknown is not None:
                    known = False
        else:
            if isinstance(data, UnknownData) and parameter.needs in _NEED_VALUES:
                known = False
            if value.marks and not parameter.keeps_marks:
                marks = marks | value.marks
        ready.append(value)
    returns = signature.returns
    if not known or signature.impure:
        type_ = returns if isinstance(returns, Type) else returns(ready)
        reason = Reason.IMPURE if signature.impure else None
        found = unknown_call(signature.name, arguments, type_, reason, signature.never_null)
        return found.with_marks(marks)
    try:
        found = signature.implementation(ready, context)
        if found.origin is None:
            found = _with_only_origin(found, arguments)
    except EvaluationError as error:
        if error.argument is not None and error.argument >= len(arguments):
            error.argument = None
        raise
    return found.with_marks(marks) if marks else found


def _with_only_origin(found: TfValue, arguments: Sequence[TfValue]) -> TfValue:
    """A result made of one thing that was written somewhere comes from there."""
    origin = None
    for value in arguments:
        if value.origin is not None:
            if origin is not None and origin is not value.origin:
                return found
            origin = value.origin
    return found if origin is None else found.with_origin(origin)


_NEED_VALUES = (Needs.DEEP, Needs.SHALLOW)


def _plain(value: TfValue, marks: Marks) -> TfValue:
    """Without the sensitivity inside, which the result as a whole will have."""
    kinds = sensitivity(marks)
    return unmark_deep(value, kinds) if kinds else value
