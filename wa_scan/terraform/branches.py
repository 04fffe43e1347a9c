"""Conditionals: which branch is taken, and the one type that both are brought to."""

from collections.abc import Sequence

from wa_scan.terraform.choices import choose, guard_of, restrict, same_known
from wa_scan.terraform.convert import branch_type, convert
from wa_scan.terraform.equality import same
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.symbols import bounded, expression_text
from wa_scan.terraform.types import BOOL, DYNAMIC, ListType, MapType, ObjectType, Primitive, TupleType, Type
from wa_scan.terraform.values import TfValue, UnknownData, sensitivity
from wa_scan.values import Guard, Symbol
from wa_scan.values.kinds import Reason


def conditional(condition: TfValue, then: TfValue, otherwise: TfValue, *, guard_text: str) -> TfValue:
    """`condition ? then : otherwise`, the branches brought to one type.

    An unknown condition gives a choice under the condition's symbol (under `guard_text` where it
    has none to show), unless both branches are the same. The branch not taken is not converted,
    but if it is sensitive or ephemeral the result is as well.
    """
    common = branch_type(then, otherwise)
    if condition.data is None:
        raise EvaluationError("the condition value is null; conditions must be true or false")
    try:
        condition = convert(condition, BOOL)
    except EvaluationError:
        if not isinstance(condition.data, UnknownData):
            raise EvaluationError("the condition must be true or false") from None
        # Terraform looks at the type only once the value is known.
        condition = TfValue(BOOL, condition.data, condition.marks, condition.origin)
    guard = guard_of(condition)
    if guard is None:
        raise EvaluationError("the condition value is null; conditions must be true or false")
    if isinstance(condition.data, UnknownData) and not condition.data.symbol.text:
        guard = Guard.of(guard_text)
    marks = condition.marks
    if guard.is_always or guard.is_never:
        taken, other = (then, otherwise) if guard.is_always else (otherwise, then)
        _check_elements(taken, other.type, common)
        return convert(taken, common).with_marks(marks | sensitivity(other.marks))
    then, otherwise = _branch_as(then, common), _branch_as(otherwise, common)
    then, otherwise = restrict(then, guard), restrict(otherwise, ~guard)
    if same_known(then, otherwise) or (then.type is otherwise.type and same(then, otherwise)):
        return then.with_marks(otherwise.marks | marks)
    return choose(guard, then, otherwise).with_marks(marks)


def _check_elements(branch: TfValue, other: Type, common: Type) -> None:
    """Refuses elements that differ and are no scalars where the other branch is `tolist([])` or the like:
    only with an element type do they convert.
    """
    if other is not common or not isinstance(other, ListType | MapType) or other.element is not DYNAMIC:
        return
    type_ = branch.type
    items: Sequence[Type] = type_.elements if isinstance(type_, TupleType) else ()
    if isinstance(type_, ObjectType):
        items = [item for _, item in type_.attributes]
    typed = {item for item in items if item is not DYNAMIC}
    if len(typed) > 1 and not all(isinstance(item, Primitive) for item in typed):
        raise EvaluationError("the result has the wrong type: its elements must all be of the same type")


def _branch_as(branch: TfValue, common: Type) -> TfValue:
    """One side of a choice; one that does not convert fails if ever it is taken."""
    try:
        return convert(branch, common)
    except EvaluationError:
        failed = UnknownData(Symbol(bounded(expression_text(branch))), Reason.ERROR)
        return TfValue(common, failed, branch.marks, branch.origin)
