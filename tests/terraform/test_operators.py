"""Operators, conditionals and templates on values of which not all is known."""

import pytest

from wa_scan.terraform.branches import conditional
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.operators import (
    binary,
    concat_template,
    equals,
    get_attr,
    index,
    unary,
)
from wa_scan.terraform.types import BOOL, DYNAMIC, STRING, ListType, MapType
from wa_scan.terraform.values import (
    FALSE,
    NULL,
    SENSITIVE,
    TRUE,
    ChoiceData,
    TfValue,
    UnknownData,
    number,
    object_of,
    string,
    tuple_of,
    unknown,
)
from wa_scan.values import Guard, Symbol

FLAG = unknown(BOOL, Symbol("var.flag"))
ENV = unknown(STRING, Symbol("var.env"))
ARN = unknown(STRING, Symbol("aws_s3_bucket.a.arn", "aws_s3_bucket.a", "arn"), never_null=True)


def guard(value: TfValue) -> Guard:
    """Under which condition this bool is true."""
    assert isinstance(value.data, ChoiceData)
    assert value.data.if_true is TRUE
    assert value.data.if_false is FALSE
    return value.data.guard


def symbol(value: TfValue) -> str:
    assert isinstance(value.data, UnknownData)
    return value.data.symbol.text


@pytest.mark.parametrize(
    ("operator", "left", "right", "expected"),
    [("%", -7, 3, -1), ("%", 7, -3, 1), ("%", 5, 0, 5), ("/", 6, 4, 1.5), ("-", 1, 3, -2)],
)
def test_arithmetic(operator: str, left: int, right: int, expected: float) -> None:
    assert binary(operator, number(left), number(right)).data == pytest.approx(expected)


def test_decimals_add_up_as_in_wide_floats() -> None:
    sum_ = binary("+", convert_("0.1"), convert_("0.2"))
    assert equals(sum_, convert_("0.3")).data is True


def convert_(text: str) -> TfValue:
    return binary("+", string(text), number(0))


def test_division_by_zero_is_an_infinity_and_zero_by_zero_an_error() -> None:
    assert binary(">", binary("/", number(1), number(0)), number(10**100)).data is True
    with pytest.raises(EvaluationError):
        binary("/", number(0), number(0))


def test_equality_never_converts() -> None:
    assert equals(number(1), string("1")).data is False
    assert equals(tuple_of([]), TfValue(ListType(STRING), ())).data is False
    assert equals(NULL, TfValue(MapType(STRING), None)).data is True


def test_what_is_surely_something_is_not_null() -> None:
    assert equals(ARN, NULL).data is False
    assert symbol(equals(ENV, NULL)) == "var.env == null"


def test_the_same_unknown_equals_itself_and_is_no_other_one() -> None:
    assert equals(ARN, ARN.with_marks(SENSITIVE)).data is True
    assert symbol(equals(ENV, ARN)) == "var.env == aws_s3_bucket.a.arn"


def test_a_comparison_is_one_condition_whichever_way_it_is_written() -> None:
    assert symbol(equals(ENV, string("prod"))) == symbol(equals(string("prod"), ENV))


def test_texts_that_start_or_end_differently_differ() -> None:
    image = concat_template([string("ami-"), ENV])
    assert equals(image, string("vol-1")).data is False
    assert equals(concat_template([ENV, string("/x")]), string("a/y")).data is False
    assert isinstance(equals(image, string("ami-1")).data, UnknownData)


def test_logic_gives_conditions() -> None:
    prod = equals(ENV, string("prod"))
    atom = Guard.of('var.env == "prod"')
    assert guard(unary("!", FLAG)) is ~Guard.of("var.flag")
    assert guard(binary("&&", FLAG, prod)) is Guard.of("var.flag") & atom
    assert guard(binary("!=", ENV, string("prod"))) is ~atom
    assert binary("||", FLAG, unary("!", FLAG)).data is True


def test_null_is_refused_in_logic_and_arithmetic() -> None:
    for operator in ("&&", "||", "+", "<"):
        with pytest.raises(EvaluationError):
            binary(operator, NULL, TRUE if operator in ("&&", "||") else number(1))


def test_an_unknown_condition_gives_a_choice_under_its_symbol() -> None:
    value = conditional(FLAG, number(1), number(2), guard_text="local.alias")
    assert isinstance(value.data, ChoiceData)
    assert value.data.guard is Guard.of("var.flag")
    assert conditional(FLAG, number(5), number(5), guard_text="").data == 5


def test_a_choice_inside_a_branch_of_the_same_condition_is_decided() -> None:
    inner = conditional(FLAG, string("a"), string("b"), guard_text="")
    outer = conditional(FLAG, inner, string("c"), guard_text="")
    assert isinstance(outer.data, ChoiceData)
    assert (outer.data.if_true.data, outer.data.if_false.data) == ("a", "c")


def test_operators_go_into_choices() -> None:
    count = conditional(FLAG, number(1), number(0), guard_text="")
    assert guard(binary(">", count, number(0))) is Guard.of("var.flag")
    doubled = binary("+", count, count)
    assert isinstance(doubled.data, ChoiceData)
    assert (doubled.data.if_true.data, doubled.data.if_false.data) == (2, 0)


def test_a_branch_that_fails_is_unknown_and_all_that_fail_are_an_error() -> None:
    items = conditional(FLAG, tuple_of([string("a")]), tuple_of([]), guard_text="")
    first = index(items, number(0))
    assert isinstance(first.data, ChoiceData)
    assert first.data.if_true.data == "a"
    assert isinstance(first.data.if_false.data, UnknownData)
    with pytest.raises(EvaluationError):
        index(items, number(1))


def test_elements_of_unknown_collections_can_be_told_apart() -> None:
    zones = unknown(ListType(STRING), Symbol("data.zones.names", "data.zones", "names"))
    assert symbol(index(zones, number(0))) == "data.zones.names[0]"
    assert symbol(index(zones, string("1"))) == "data.zones.names[1]"
    found = get_attr(unknown(DYNAMIC, Symbol("aws_x.y.block", "aws_x.y", "block")), "id").data
    assert isinstance(found, UnknownData)
    assert found.symbol == Symbol("aws_x.y.block.id", "aws_x.y", "block.id")


def test_indexes_convert_and_must_be_there() -> None:
    assert index(tuple_of([string("a"), string("b")]), string("1")).data == "b"
    assert index(object_of({"1": string("x")}), number(1)).data == "x"
    for key in (number(-1), number(2), NULL, string("x")):
        with pytest.raises(EvaluationError):
            index(tuple_of([string("a"), string("b")]), key)


def test_marks_of_both_sides_spread() -> None:
    secret = string("x").with_marks(SENSITIVE)
    assert equals(secret, string("x")).marks == SENSITIVE
    assert concat_template([string("a"), secret]).marks == SENSITIVE
    assert index(tuple_of([secret]), number(0)).marks == SENSITIVE
    assert tuple_of([secret]).marks == frozenset()


def test_a_template_keeps_what_it_knows() -> None:
    value = concat_template([string("arn:"), ARN, string("/"), string("*")])
    data = value.data
    assert isinstance(data, UnknownData)
    assert data.parts is not None
    assert [part if isinstance(part, str) else symbol(part) for part in data.parts] == [
        "arn:",
        "aws_s3_bucket.a.arn",
        "/*",
    ]
    again = concat_template([string("x"), value])
    assert isinstance(again.data, UnknownData)
    assert again.data.parts is not None
    assert again.data.parts[0] == "xarn:"


def test_null_and_collections_are_no_text() -> None:
    for value in (NULL, tuple_of([]), TfValue(STRING, None)):
        with pytest.raises(EvaluationError):
            concat_template([string("a"), value])


def test_doubling_texts_ends() -> None:
    def doubled(value: TfValue) -> TfValue:
        return concat_template([value, value])

    value = string("x" * 4_000_000)
    with pytest.raises(EvaluationError, match="too long"):
        doubled(value)
