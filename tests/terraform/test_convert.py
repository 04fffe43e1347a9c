"""Conversions and unification, as cty does them."""

import pytest

from wa_scan.terraform.convert import (
    Defaults,
    apply_defaults,
    branch_type,
    convert,
    to_text,
    type_to_json,
    unify,
)
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
)
from wa_scan.terraform.values import (
    NULL,
    SENSITIVE,
    TRUE,
    ChoiceData,
    TfValue,
    list_of,
    null,
    number,
    object_of,
    string,
    tuple_of,
    unknown,
)
from wa_scan.values import Guard, Symbol

SERVER = ObjectType(
    (("name", STRING), ("port", NUMBER), ("tags", MapType(STRING))), frozenset(("port", "tags"))
)


def test_equal_types_are_one_object() -> None:
    one = ObjectType((("b", NUMBER), ("a", ListType(STRING))))
    assert one is ObjectType((("a", ListType(STRING)), ("b", NUMBER)))
    assert one is not ObjectType((("a", SetType(STRING)), ("b", NUMBER)))


def test_a_value_that_fits_is_given_back_itself() -> None:
    value = list_of(STRING, [string("a")])
    assert convert(value, ListType(STRING)) is value
    assert convert(value, ListType(DYNAMIC)) is value
    assert convert(value, DYNAMIC) is value


def test_elements_that_do_not_change_are_shared() -> None:
    kept, changed = string("a"), number(1)
    made = convert(tuple_of([kept, changed]), ListType(STRING))
    assert isinstance(made.data, tuple)
    assert made.data[0] is kept
    assert made.data[1].data == "1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e3", 1000),
        ("+5", 5),
        (".5", 0.5),
        ("5.", 5),
        ("010", 10),
        ("1p3", 8),
        ("9007199254740993", 2**53 + 1),
    ],
)
def test_texts_that_are_numbers(text: str, expected: float) -> None:
    data = convert(string(text), NUMBER).data
    assert data == (expected if isinstance(expected, int) else pytest.approx(expected))


@pytest.mark.parametrize("text", ["", " 5", "0x10", "1_000", "NaN", "1e", "five"])
def test_texts_that_are_no_numbers(text: str) -> None:
    with pytest.raises(EvaluationError):
        convert(string(text), NUMBER)


@pytest.mark.parametrize("wanted", [BOOL, ListType(STRING), MapType(STRING), TupleType((NUMBER,))])
def test_a_number_becomes_nothing_but_text(wanted: Type) -> None:
    with pytest.raises(EvaluationError):
        convert(number(1), wanted)
    assert to_text(number(1)) == "1"


def test_null_and_unknown_take_the_type_that_is_wanted() -> None:
    assert convert(NULL, ListType(STRING)).type is ListType(STRING)
    some = convert(unknown(NUMBER, Symbol("var.n"), never_null=True), STRING)
    assert some.type is STRING
    assert some.is_unknown
    with pytest.raises(EvaluationError):
        convert(unknown(BOOL, Symbol("var.b")), NUMBER)
    with pytest.raises(EvaluationError):
        convert(null(BOOL), NUMBER)


def test_both_branches_of_a_choice_are_converted() -> None:
    value = TfValue(DYNAMIC, ChoiceData(Guard.of("var.x"), number(1), string("2")))
    made = convert(value, STRING)
    assert isinstance(made.data, ChoiceData)
    assert (made.data.if_true.data, made.data.if_false.data) == ("1", "2")


def test_objects_drop_what_is_not_named_and_optional_attributes_become_null() -> None:
    made = convert(object_of({"name": string("web"), "extra": TRUE}), SERVER)
    assert isinstance(made.data, dict)
    assert {key: item.data for key, item in made.data.items()} == {"name": "web", "port": None, "tags": None}
    assert made.type is ObjectType((("name", STRING), ("port", NUMBER), ("tags", MapType(STRING))))


def test_the_message_says_what_is_wrong_inside() -> None:
    with pytest.raises(EvaluationError, match='attribute "name" is required'):
        convert(object_of({}), SERVER)
    with pytest.raises(EvaluationError, match='attribute "port": a number is required'):
        convert(object_of({"name": string("x"), "port": string("y")}), SERVER)


def test_defaults_stand_in_for_missing_and_null_attributes_at_every_depth() -> None:
    defaults = Defaults(ListType(SERVER), {}, {"": Defaults(SERVER, {"port": number(80)}, {})})
    given = tuple_of([object_of({"name": string("a"), "port": NULL}), object_of({"name": string("b")}), NULL])
    made = convert(apply_defaults(given, defaults), ListType(SERVER))
    assert isinstance(made.data, tuple)
    ports = [item.data["port"].data if isinstance(item.data, dict) else None for item in made.data]
    assert ports == [80, 80, None]


def test_a_set_lifts_sensitivity_and_has_no_duplicates() -> None:
    made = convert(tuple_of([string("b"), string("a").with_marks(SENSITIVE), string("b")]), SetType(STRING))
    assert isinstance(made.data, tuple)
    assert [item.data for item in made.data] == ["a", "b"]
    assert made.marks == SENSITIVE
    assert not any(item.marks for item in made.data)


def test_a_set_with_a_conditional_element_is_a_choice_of_sets() -> None:
    element = TfValue(STRING, ChoiceData(Guard.of("var.x"), string("a"), string("b")))
    made = convert(tuple_of([element, string("a")]), SetType(STRING))
    assert isinstance(made.data, ChoiceData)
    lengths = [
        len(side.data) for side in (made.data.if_true, made.data.if_false) if isinstance(side.data, tuple)
    ]
    assert lengths == [1, 2]


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([STRING, NUMBER], STRING),
        ([BOOL, STRING], STRING),
        ([BOOL, NUMBER], None),
        ([TupleType((STRING,)), TupleType((NUMBER, NUMBER))], ListType(STRING)),
        ([TupleType((STRING,)), TupleType((NUMBER,))], TupleType((STRING,))),
        ([ObjectType((("a", NUMBER),)), ObjectType((("b", STRING),))], MapType(STRING)),
        ([ObjectType((("a", NUMBER),)), ObjectType((("a", STRING),))], ObjectType((("a", STRING),))),
        ([ListType(NUMBER), SetType(STRING)], ListType(NUMBER)),
        ([MapType(NUMBER), ObjectType((("x", STRING),))], MapType(STRING)),
        ([ObjectType(()), TupleType(())], None),
        ([DYNAMIC, STRING], STRING),
        ([DYNAMIC, ListType(STRING)], DYNAMIC),
    ],
)
def test_unification(types: list[Type], expected: Type | None) -> None:
    assert unify(types) is expected


def test_branches_of_a_conditional_come_to_one_type() -> None:
    assert branch_type(number(1), string("a")) is STRING
    assert branch_type(string("a"), NULL) is STRING
    with pytest.raises(EvaluationError):
        branch_type(TRUE, number(1))


def test_types_as_json() -> None:
    wanted = ObjectType((("a", ListType(STRING)), ("b", TupleType((NUMBER, DYNAMIC)))))
    assert type_to_json(wanted) == [
        "object",
        {"a": ["list", "string"], "b": ["tuple", ["number", "dynamic"]]},
    ]


def test_nesting_is_bounded() -> None:
    def nested(depth: int) -> TfValue:
        value = string("a")
        for _ in range(depth):
            value = tuple_of([value])
        return value

    assert convert(nested(300), ListType(DYNAMIC)).type.depth == 300
    with pytest.raises(EvaluationError, match="nested too deeply"):
        nested(5000)


def test_what_is_shared_is_converted_once() -> None:
    value = tuple_of([string("a"), number(1)])
    for _ in range(60):
        value = tuple_of([value, value])
    assert convert(value, ListType(DYNAMIC)).type.depth == 61
