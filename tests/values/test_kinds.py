"""Questions about values: what is not known is answered neither yes nor no."""

from __future__ import annotations

import pytest

from wa_scan.values import (
    Absent,
    Choice,
    Guard,
    Known,
    ListValue,
    Location,
    MapValue,
    Origin,
    Symbol,
    Text,
    Truth,
    Unknown,
    Value,
    all_of,
    any_of,
    choose,
    known,
)

YES, NO, PERHAPS = Truth.of(True), Truth.of(False), Truth.of(None)
PROD = Guard.of("IsProd")


def unknown(text: str = "var.x", never_null: bool = False) -> Unknown:
    return Unknown(Symbol(text), never_null=never_null)


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (Known(True), YES),
        (Known(False), NO),
        (Known("true"), NO),
        (Known(1), NO),
        (Known(None), NO),
        (Absent(None), NO),
        (Absent(None, Known(True)), YES),
        (unknown(), PERHAPS),
        (ListValue([Known(True)]), NO),
        (choose(PROD, Known(True), Known(False)), Truth.when(PROD)),
        (choose(PROD, Known(False), unknown()), Truth(Guard.NEVER, ~PROD)),
    ],
)
def test_equals_true(value: Value, answer: Truth) -> None:
    assert value.equals(True) == answer


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (Known(""), NO),
        (Known(0), YES),
        (Known(None), NO),
        (Absent(None), NO),
        (unknown(), PERHAPS),
        (unknown(never_null=True), YES),
        (ListValue([]), NO),
        (ListValue([Known(None)]), NO),
        (ListValue([], rest=unknown()), PERHAPS),
        (MapValue({}), NO),
        (Text(("arn:", unknown())), YES),
        (Text((unknown(),)), PERHAPS),
        (choose(PROD, Known("x"), Known(None)), Truth.when(PROD)),
    ],
)
def test_is_set(value: Value, answer: Truth) -> None:
    assert value.is_set() == answer


def test_a_partly_known_text_rules_out_what_it_cannot_be() -> None:
    text = Text(("arn:aws:s3:::", unknown(), "/*"))
    assert text.equals("arn:aws:s3:::logs/*") == PERHAPS
    assert text.equals("arn:aws:sns:x") == NO
    assert text.is_in(["*", "arn:aws:s3:::*"]) == NO
    assert text.matches("s3:::") == YES
    assert text.matches("^arn") == PERHAPS


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [
        ("update-alias", YES),
        (r"aws\s+kms\s+(update|delete)[^|;]*", YES),
        (r"\baws\b", YES),
        (r"key-id-\b", PERHAPS),
        ("^aws", PERHAPS),
        ("delete", PERHAPS),
        (r"(?=aws)", PERHAPS),
        (r"(?:aws) kms", YES),
        (r"[$] x", PERHAPS),
    ],
)
def test_a_pattern_is_found_in_the_known_parts(pattern: str, answer: Truth) -> None:
    text = Text(("aws kms update-alias --target-key-id-", unknown()))
    assert text.matches(pattern) == answer


def test_numbers_are_compared_as_numbers() -> None:
    assert Known(7).at_least(7) == YES
    assert Known(6).at_least(7) == NO
    assert Known(True).at_least(1) == NO
    assert unknown().at_most(3) == PERHAPS


def test_an_element_may_be_there_under_a_guard() -> None:
    rules = ListValue([Known("a"), choose(PROD, Known("open"), Known(None))])
    assert rules.any(lambda item: item.equals("open")) == Truth.when(PROD)
    assert rules.all(lambda item: item.equals("a")) == Truth.when(~PROD)
    assert [(item.scalar, guard) for item, guard in rules.items()] == [
        ("a", Guard.ALWAYS),
        ("open", PROD),
    ]


def test_a_list_of_unknown_length_neither_has_nor_lacks() -> None:
    some = ListValue([Known(1)], rest=unknown())
    assert some.any(lambda item: item.equals(1)) == YES
    assert some.any(lambda item: item.equals(2)) == PERHAPS
    assert some.all(lambda item: item.equals(1)) == PERHAPS
    assert some.all(lambda item: item.equals(2)) == NO


def test_an_unknown_list_may_be_empty() -> None:
    assert unknown().any(lambda item: YES) == PERHAPS
    assert unknown().all(lambda item: NO) == PERHAPS
    assert unknown().any(lambda item: NO) == NO


def test_parts_of_an_unknown_keep_its_symbol() -> None:
    part = Unknown(Symbol("aws_x.y.endpoint", "aws_x.y", "endpoint")).get("port")
    assert isinstance(part, Unknown)
    assert part.symbol == Symbol("aws_x.y.endpoint.port", "aws_x.y", "endpoint.port")


def test_a_map_with_unknown_keys_does_not_lack_a_key() -> None:
    assert MapValue({"a": Known(1)}).get("b").is_set() == NO
    assert MapValue({"a": Known(1)}, rest=unknown()).get("b").is_set() == PERHAPS


def test_get_goes_through_both_branches() -> None:
    value = choose(PROD, known({"a": 1}), known({"b": 2}))
    assert value.get("a").equals(1) == Truth.when(PROD)
    assert value.get("a").is_set() == Truth.when(PROD)


def test_a_certain_choice_is_no_choice() -> None:
    assert choose(Guard.ALWAYS, Known(1), Known(2)).scalar == 1
    assert choose(Guard.NEVER, Known(1), Known(2)).scalar == 2
    assert isinstance(choose(PROD, Known(1), Known(2)), Choice)


def test_alternatives_leave_out_what_cannot_be() -> None:
    nested = choose(PROD, choose(~PROD, Known("never"), Known("prod")), Known("dev"))
    assert [(value.scalar, guard) for value, guard in nested.alternatives()] == [
        ("prod", PROD),
        ("dev", ~PROD),
    ]


def test_truths_combine_without_losing_ignorance() -> None:
    assert (PERHAPS & NO) == NO
    assert (PERHAPS & YES) == PERHAPS
    assert (PERHAPS | YES) == YES
    assert ~PERHAPS == PERHAPS
    assert any_of([]) == NO
    assert all_of([]) == YES
    with pytest.raises(TypeError, match="unknown"):
        bool(PERHAPS)


def test_references_survive_in_known_values_and_are_found_at_any_depth() -> None:
    symbol = Symbol("aws_s3_bucket.b.bucket", "aws_s3_bucket.b", "bucket")
    name = Known("logs", references=frozenset({symbol}))
    assert known([1]).all_references() == frozenset()
    assert MapValue({"a": ListValue([name])}).all_references() == {symbol}


def test_an_origin_tells_the_way_from_the_oldest_step() -> None:
    file = Location("terraform.tfvars", 3, 1, 3, 20)
    there = Location("main.tf", 9, 3, 9, 30)
    origin = Origin(there, "attribute multi_az", Origin(file, "terraform.tfvars"))
    assert [(step.text, step.location) for step in origin.steps()] == [
        ("terraform.tfvars", file),
        ("attribute multi_az", there),
    ]


def test_locations_know_what_lies_inside_them() -> None:
    block = Location("main.tf", 1, 1, 9, 2)
    assert block.contains(Location("main.tf", 3, 3, 3, 10))
    assert not block.contains(Location("other.tf", 3, 3, 3, 10))
    assert not block.contains(Location("main.tf", 9, 1, 10, 1))
