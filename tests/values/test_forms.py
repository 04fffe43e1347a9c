"""Forms of values: what they are, without where they came from."""

import pytest

from wa_scan.values import Absent, Choice, Guard, Known, ListValue, MapValue, Symbol, Text, Unknown, known
from wa_scan.values import forms as forms_of_values
from wa_scan.values.forms import TOO_LARGE, ChoiceForm, Form, Former, Numeral, UnknownForm
from wa_scan.values.kinds import Value

PROD, BLUE = Guard.of("IsProd"), Guard.of("IsBlue")
KEY = Unknown(Symbol("Key.Arn", "Key", "Arn"))


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (Known("a"), "a"),
        (Known(None), None),
        (Known(True), True),
        (Known(20), Numeral("20")),
        (Known(1e-7), Numeral("0.0000001")),
        (Known(1e22), Numeral("10000000000000000000000")),
        (Known(float("inf")), "inf"),
        (Absent(None, Known(5)), Numeral("5")),
        (KEY, UnknownForm("Key.Arn")),
        (Text(("${a}-", KEY, "%{b")), UnknownForm("$${a}-${Key.Arn}%%{b")),
        (known({"a": [1, {}]}), {"a": [Numeral("1"), {}]}),
        (ListValue([Known("a")], rest=KEY), ["a", UnknownForm("Key.Arn")]),
        (MapValue({"a": Known("b")}, rest=KEY), UnknownForm("Key.Arn", {"a": "b"})),
        (MapValue({}, rest=KEY), UnknownForm("Key.Arn")),
        (
            Choice(PROD, Choice(BLUE, Known("a"), Known("b")), Known("c")),
            ChoiceForm(
                (
                    ("IsBlue is true and IsProd is true", "a"),
                    ("IsBlue is false and IsProd is true", "b"),
                    ("IsProd is false", "c"),
                )
            ),
        ),
    ],
)
def test_forms(value: Value, form: Form) -> None:
    assert Former().form(value) == form


def test_what_shares_its_parts_is_not_written_out() -> None:
    value: Value = Known("a")
    for _ in range(60):
        value = ListValue([value, value])
    shared = Former().form(value)
    while isinstance(shared, list):
        shared = shared[0]
    assert shared == UnknownForm(TOO_LARGE)


def test_neither_is_too_much_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms_of_values, "MOST_PARTS_IN_ALL", 5)
    former = Former()
    value = known(["a", "b"])
    assert [former.form(value), former.form(value)] == [["a", "b"], UnknownForm(TOO_LARGE)]
