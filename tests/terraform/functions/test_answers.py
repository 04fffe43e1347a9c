"""Expressions that Terraform 1.11.4 was asked for `try(jsonencode(EXPR), "ERR")`: its answers, null where
it refused. They cover corners that the larger recording in `fixtures/oracle-terraform` leaves out.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terraform.oracle import ORACLE
from wa_scan.sources.units import RootModule
from wa_scan.terraform.context import EvaluateOptions, Evaluation
from wa_scan.terraform.errors import EvaluationError
from wa_scan.terraform.evaluate import deep_recursion, open_root
from wa_scan.terraform.expressions import evaluate
from wa_scan.terraform.modules import ModuleInstance
from wa_scan.terraform.parse import parse_expression

ANSWERS = [json.loads(line) for line in (Path(__file__).parent / "answers.jsonl").read_text().splitlines()]
# Dates beyond the year 9999.
OUT_OF_REACH = {'timeadd("9999-12-31T23:59:59Z", "1h")'}


@pytest.fixture(scope="module")
def module() -> Iterator[ModuleInstance]:
    evaluation = Evaluation(RootModule(ORACLE, "oracle", ORACLE), EvaluateOptions())
    with deep_recursion():
        yield open_root(evaluation)


def answer(text: str, module: ModuleInstance) -> object:
    try:
        return evaluate(parse_expression(f"jsonencode({text})", "v.tf"), module.scope).data
    except EvaluationError:
        return None


def test_all_answers_are_terraforms(module: ModuleInstance) -> None:
    different = {
        case["expr"]: (case["json"], found)
        for case in ANSWERS
        if (found := answer(case["expr"], module)) != case["json"] and case["expr"] not in OUT_OF_REACH
    }
    assert different == {}
