"""Expressions, judged by what Terraform itself answered."""

from collections.abc import Iterator

import pytest

from tests.terraform.oracle import ORACLE, UNKNOWN, Difference, Json, cases, compare, is_set, plain, unzipped
from wa_scan.sources.units import RootModule
from wa_scan.terraform.context import EvaluateOptions, Evaluation
from wa_scan.terraform.convert import type_to_json
from wa_scan.terraform.declarations import refused_references
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.evaluate import deep_recursion, open_root
from wa_scan.terraform.expressions import evaluate
from wa_scan.terraform.modules import ModuleInstance
from wa_scan.terraform.parse import parse_config
from wa_scan.terraform.values import Mark, TfValue, deep_marks, is_wholly_known

CASES = cases()


class RefusedError(Exception):
    pass


@pytest.fixture(scope="module")
def prelude() -> Iterator[ModuleInstance]:
    evaluation = Evaluation(RootModule(ORACLE, "oracle", ORACLE), EvaluateOptions(workspace="default"))
    with deep_recursion():
        yield open_root(evaluation)
    assert not evaluation.problems


def value_of(text: str, module: ModuleInstance) -> TfValue:
    """The value of an expression as that of an argument, which is how the answers were got.

    Raises `RefusedError`.
    """
    config, problems = parse_config("v.tf", f"v = {text}\n".encode())
    if problems:
        raise RefusedError(problems[0].message)
    expression = config.body.attributes["v"].value
    try:
        for message, place in refused_references(module.config, expression):
            raise RefusedError(f"{place}: {message}")
        value = evaluate(expression, module.scope)
    except EvaluationError as error:
        if error.location is None:
            raise AssertionError(f"{text}: {error} has no place") from error
        raise RefusedError(str(error)) from error
    if Mark.EPHEMERAL in deep_marks(value):
        # The answers were read through an output, which takes nothing ephemeral.
        raise RefusedError("ephemeral")
    return value


def differences(case: dict[str, Json], module: ModuleInstance) -> list[Difference]:
    text = case["expr"]
    assert isinstance(text, str)
    try:
        value = value_of(text, module)
    except RefusedError as error:
        return [] if case.get("error") else [Difference("refused", text, case.get("value"), str(error))]
    found = plain(value)
    if case.get("error"):
        return [Difference("accepted", text, case["message"], found)]
    expected = case["value"]
    if case["group"] == "base64gzip" and isinstance(expected, str) and found != UNKNOWN:
        expected, found = str(unzipped(expected)), str(unzipped(found))
    if is_set(value) and case.get("has_unknown") and isinstance(found, list):
        return []
    result = list(compare(expected, found, text))
    if not result and is_wholly_known(value) and not case.get("has_unknown"):
        shown = type_to_json(value.type)
        if shown != case["type"]:
            result.append(Difference("type", text, case["type"], str(shown)))
    return result


def sensitivity(value: TfValue) -> Json:
    """`True`, or the shape of the value with `True` at the sensitive parts; None without any."""
    if Mark.SENSITIVE in value.marks:
        return True
    data = value.data
    if isinstance(data, dict):
        return {key: inner for key, item in data.items() if (inner := sensitivity(item))} or None
    if isinstance(data, tuple):
        shape = [sensitivity(item) for item in data]
        return [inner or False for inner in shape] if any(shape) else None
    return None


def same_shape(expected: Json, found: Json) -> bool:
    if isinstance(expected, dict):
        there = {key: inner for key, inner in expected.items() if marks_any(inner)}
        return (
            isinstance(found, dict)
            and there.keys() == found.keys()
            and all(same_shape(there[key], found[key]) for key in there)
        )
    if isinstance(expected, list):
        padded = [*expected, *[False] * len(found)] if isinstance(found, list) else expected
        return isinstance(found, list) and all(
            same_shape(one, other) if marks_any(one) else not marks_any(other)
            for one, other in zip(padded, found, strict=False)
        )
    return expected is found


def marks_any(shape: Json) -> bool:
    if isinstance(shape, dict):
        return any(map(marks_any, shape.values()))
    if isinstance(shape, list):
        return any(map(marks_any, shape))
    return shape is True


@pytest.fixture(scope="module")
def all_differences(prelude: ModuleInstance) -> list[Difference]:
    return [difference for case in CASES for difference in differences(case, prelude)]


def test_no_known_value_differs(all_differences: list[Difference]) -> None:
    assert [d for d in all_differences if d.kind in ("wrong", "type")] == []


def test_every_error_is_an_error_and_nothing_else_is(all_differences: list[Difference]) -> None:
    assert [d for d in all_differences if d.kind in ("refused", "accepted")] == []


def test_little_is_unknown_that_terraform_knows(all_differences: list[Difference]) -> None:
    unknown = [d for d in all_differences if d.kind == "unknown"]
    assert len(unknown) * 200 < len(CASES), unknown


def test_sensitivity(prelude: ModuleInstance) -> None:
    wrong = []
    for case in CASES:
        if case.get("error") or case.get("has_unknown"):
            continue
        text = case["expr"]
        assert isinstance(text, str)
        found = sensitivity(value_of(text, prelude))
        expected = case.get("sensitive")
        if bool(found) != bool(expected) or (expected and not same_shape(expected, found)):
            wrong.append((text, expected, found))
    assert wrong == []
