"""Arguments made to use up time or memory: every call ends soon, with a value or an error."""

import random
import string as letters
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wa_scan.terraform.errors import EvaluationError, LimitReachedError
from wa_scan.terraform.functions import FUNCTIONS, call
from wa_scan.terraform.operators import binary, equals
from wa_scan.terraform.types import BOOL, DYNAMIC, NUMBER, STRING, ListType
from wa_scan.terraform.values import (
    FALSE,
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


def text(value: str) -> TfValue:
    return string(value)


def doubled(value: TfValue, times: int = 60) -> TfValue:
    """A value of 2**`times` parts that are all the same one."""
    for _ in range(times):
        value = tuple_of([value, value])
    return value


HUNDRED = tuple_of([number(n) for n in range(100)])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("tonumber", [text("1e999999999")]),
        ("tonumber", [text("9" * 1_000_000)]),
        ("jsondecode", [text("1e1000000000")]),
        ("jsondecode", [text("[" * 100_000)]),
        ("yamldecode", [text("[" * 100_000)]),
        ("yamldecode", [text("- " * 20_000)]),
        ("range", [number(10**12)]),
        ("format", [text("%1000000000d"), number(1)]),
        ("format", [text("%99999d" * 2000), *[number(1)] * 2000]),
        ("setproduct", [HUNDRED] * 6),
        ("cidrsubnet", [text("::/0"), number(10**9), number(1)]),
        ("cidrsubnet", [text("::/0"), number(100), number(10**3000)]),
        ("replace", [text("a" * 1_000_000), text("a"), text("b" * 1_000_000)]),
        ("replace", [text("a" * 100_000), text("/a/"), text("b" * 1_000)]),
        ("indent", [number(10**6), text("\n" * 10**6)]),
        ("join", [text("x" * 1_000_000), tuple_of([text("a")] * 100)]),
        ("split", [text(""), text("x" * 1_000_000)]),
        ("regex", [text("((a{1000}){1000}){1000}"), text("a")]),
        ("regex", [text("(" * 5000 + ")" * 5000), text("a")]),
        ("regexall", [text("(x+x+)+y"), text("x" * 200_000)]),
        ("fileset", [text("."), text("*a" * 100)]),
        ("jsonencode", [doubled(tuple_of([]))]),
        ("yamlencode", [doubled(tuple_of([]))]),
        ("flatten", [doubled(tuple_of([]))]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_too_much_is_refused(name: str, arguments: list[TfValue]) -> None:
    with pytest.raises(EvaluationError):
        call(name, arguments, None)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*c", "a*a*a*a*a*a*c", "(a|aa)+$", "(.*)(.*)(.*)(.*)(.*)c"]
)
def test_patterns_that_backtrack_for_ever_elsewhere_find_nothing(pattern: str) -> None:
    assert call("regexall", [text(pattern), text("a" * 500 + "b")], None).data == ()


@pytest.mark.parametrize("name", ["tolist", "toset", "distinct", "reverse", "sensitive", "ephemeralasnull"])
def test_what_values_share_is_walked_once(name: str) -> None:
    assert not call(name, [doubled(tuple_of([text("a"), number(1)]))], None).is_unknown


def test_comparing_what_values_share() -> None:
    assert equals(doubled(text("a")), doubled(text("a"))).data is True


def test_aliases_of_yaml_are_shared() -> None:
    lines = ["a0: &a0 [x, y]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 100))]
    value = call("yamldecode", [text("\n".join(lines))], None)
    assert isinstance(value.data, dict)
    assert len(value.data) == 100


def test_very_small_and_very_large_quotients() -> None:
    large = number(10**3999)
    for operator in ("*", "/", "%", "+"):
        with suppress(LimitReachedError):
            assert binary(operator, number(1), large).type is NUMBER
        with suppress(LimitReachedError):
            assert binary(operator, large, large).type is NUMBER


SCALARS = st.one_of(
    st.sampled_from([NULL, TRUE, FALSE, null(STRING), null(ListType(STRING))]),
    st.integers(-(10**20), 10**20).map(number),
    st.integers(-3, 3).map(number),
    st.text(max_size=12).map(string),
    st.sampled_from(["", "a", "/a+/", "10.0.0.0/8", "2020-01-01T00:00:00Z", "%s-%d", "1.5", "[1]"]).map(
        string
    ),
    st.sampled_from(
        [unknown(STRING, Symbol("u.s")), unknown(DYNAMIC, Symbol("u.d")), unknown(BOOL, Symbol("u.b"))]
    ),
    st.text(alphabet=letters.ascii_lowercase, max_size=3).map(
        lambda name: string(name).with_marks(SENSITIVE)
    ),
)


def containers(inside: st.SearchStrategy[TfValue]) -> st.SearchStrategy[TfValue]:
    return st.one_of(
        st.lists(inside, max_size=4).map(tuple_of),
        st.dictionaries(st.sampled_from("abcd"), inside, max_size=3).map(object_of),
        st.lists(st.text(max_size=3), max_size=4).map(lambda items: list_of(STRING, map(string, items))),
        st.tuples(inside, inside).map(
            lambda sides: TfValue(DYNAMIC, ChoiceData(Guard.of("var.flag"), sides[0], sides[1]))
        ),
    )


VALUES = st.recursive(SCALARS, containers, max_leaves=8)


@settings(max_examples=500, deadline=None)
@given(name=st.sampled_from(sorted(FUNCTIONS)), arguments=st.lists(VALUES, max_size=4))
def test_a_call_gives_a_value_or_an_evaluation_error(name: str, arguments: list[TfValue]) -> None:
    wanted = len(FUNCTIONS[name].parameters)
    with suppress(EvaluationError):
        found = call(name, arguments[:wanted] if FUNCTIONS[name].variadic is None else arguments, None)
        assert isinstance(found, TfValue)


@settings(max_examples=300, deadline=None)
@given(
    operator=st.sampled_from(["==", "!=", "+", "-", "*", "/", "%", "<", ">=", "&&", "||"]),
    left=VALUES,
    right=VALUES,
)
def test_an_operation_gives_a_value_or_an_evaluation_error(
    operator: str, left: TfValue, right: TfValue
) -> None:
    with suppress(EvaluationError):
        assert isinstance(binary(operator, left, right), TfValue)


def test_the_two_ways_of_matching_agree(matches_both_ways: Callable[[str, str], bool]) -> None:
    chance = random.Random(5)
    pieces = ["a", "b", ".", "[ab]", "a*", "b+?", "a{1,2}", "(a)", "(ab)?", "^", "$", "\\b", "(a|b)", "x"]
    for _ in range(600):
        pattern = "".join(chance.choices(pieces, k=chance.randint(1, 5)))
        value = "".join(chance.choices("aabx \n", k=chance.randint(0, 8)))
        assert matches_both_ways(pattern, value), (pattern, value)


@pytest.fixture(scope="module")
def matches_both_ways() -> Callable[[str, str], bool]:
    from wa_scan.terraform.functions.regex_match import Budget, compiled

    def both(pattern: str, value: str) -> bool:
        regex = compiled(pattern)
        if not regex._simple:
            return True
        return regex._search_backtracking(value, 0) == regex._search_machine(value, 0, Budget())

    return both
