"""The named transformations of the mapping table."""

import pytest

from tests.aws.reading import plain
from wa_scan.aws.normalise import Normalised
from wa_scan.aws.reshape import RESHAPINGS, UnknownReshapingError, reshape
from wa_scan.values import Absent, Guard, Known, ListValue, Symbol, Unknown, Value, choose, known

NOTHING = Normalised((), ())

CASES = [
    ("flag", "Enabled Suspended", True, "Enabled"),
    ("flag", "Enabled Suspended", "false", "Suspended"),
    ("flag", "on ~", False, None),
    ("is", "ENABLED", "ENABLED", True),
    ("is", "ENABLED", "DISABLED", False),
    ("not", "", True, False),
    ("only_true", "", False, None),
    ("only_true", "", True, True),
    ("words", "tcp=6 all=-1", "tcp", "6"),
    ("words", "tcp=6 all=-1", "50", "50"),
    ("list", "", "a", ["a"]),
    ("list", "", ["a"], ["a"]),
    ("first", "", [{"a": 1}], {"a": 1}),
    ("first", "", [], None),
    ("pick", "suffix", [{"suffix": "index.html"}], "index.html"),
    ("each_pick", "name", [{"name": "a"}, {"name": "b"}], ["a", "b"]),
    ("json", "", '{"a": [1, true]}', {"a": [1, True]}),
    ("json", "", "no JSON", "no JSON"),
    ("json", "", "{broken", "{broken"),
    ("yaml", "", "a: [1, true]\nb: {c: 1.5}", {"a": [1, True], "b": {"c": 1.5}}),
    ("yaml", "", '{"a": 1}', {"a": 1}),
    ("yaml", "", "just text", "just text"),
    (
        "settings",
        "",
        [{"Key": "a.b", "Value": "true"}, {"Key": "a.c", "Value": "60"}, {"Key": "d", "Value": "x"}],
        {"a": {"b": True, "c": 60}, "d": "x"},
    ),
    ("settings", "name value", [{"name": "a", "value": "b"}], {"a": "b"}),
    ("pairs", "name tag", [{"name": "a.b", "tag": "true"}, {"name": "c"}], {"a.b": "true"}),
    ("pairs", "name tag", "a", "a"),
    (
        "one_per",
        "ranges group",
        [{"port": 1, "ranges": ["a", "b"], "group": "g"}, {"port": 2}],
        [
            {"port": 1, "ranges": "a"},
            {"port": 1, "ranges": "b"},
            {"group": "g", "port": 1},
            {"port": 2},
        ],
    ),
    ("arn_name", "", "arn:aws:iam::1:role/path/app", "app"),
    ("arn_name", "", "app", "app"),
    ("as", "CertificateArn", "arn", {"CertificateArn": "arn"}),
    ("each_as", "Type", ["api", "audit"], [{"Type": "api"}, {"Type": "audit"}]),
    ("keyed", "type", [{"type": "a", "x": 1}], {"a": {"type": "a", "x": 1}}),
    ("keyed", "code", [{"code": 403, "x": 1}], {"403": {"code": 403, "x": 1}}),
    ("constant", "VPC", "vpc-1", "VPC"),
    ("constant", "VPC", None, None),
    ("base64", "", "aGVsbG8gd29ybGQ=", "hello world"),
    ("base64", "", "#!/bin/sh", "#!/bin/sh"),
]


@pytest.mark.parametrize(("name", "arguments", "given", "expected"), CASES)
def test_transformation(name: str, arguments: str, given: object, expected: object) -> None:
    assert plain(reshape(known(given), name, arguments.split()), NOTHING) == expected


def test_every_transformation_is_tested() -> None:
    assert {name for name, *_ in CASES} == set(RESHAPINGS)


def test_an_unknown_name() -> None:
    with pytest.raises(UnknownReshapingError):
        reshape(known("x"), "no_such_thing", ())


@pytest.mark.parametrize("name", sorted(RESHAPINGS))
def test_nothing_stays_nothing(name: str) -> None:
    absent: Value = Absent(None)
    assert reshape(absent, name, ("a", "b")) is absent
    null = Known(None)
    assert reshape(null, name, ("a", "b")) is null


@pytest.mark.parametrize("name", sorted(set(RESHAPINGS) - {"list", "as"}))
def test_an_unknown_value_stays_unknown(name: str) -> None:
    unknown = Unknown(Symbol("var.x"))
    assert reshape(unknown, name, ("a", "b")) is unknown


def test_each_branch_of_a_choice_is_transformed() -> None:
    guard = Guard.of("IsProd")
    found = reshape(choose(guard, known(True), known(False)), "flag", ("Enabled", "Suspended"))
    assert found.equals("Enabled").true is guard


def test_an_element_under_a_guard_keeps_it() -> None:
    guard = Guard.of("IsProd")
    element = choose(guard, known({"Key": "a", "Value": "true"}), Known(None))
    found = reshape(ListValue([element]), "settings", ())
    assert found.get("a").equals(True).true is guard
