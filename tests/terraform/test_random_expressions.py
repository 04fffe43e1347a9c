"""Whatever is written, evaluation gives a value or an error with its place, and always the same one."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.terraform.random_expressions import DECLARATIONS, EXPRESSIONS, JUNK, KINDS, NAMES
from wa_scan.report.answers import value_answer
from wa_scan.report.forms import text_form
from wa_scan.report.inspection import inspection_json
from wa_scan.report.json_text import json_line
from wa_scan.sources.units import RootModule
from wa_scan.terraform.console import INPUT, Console, RefusedError, goes_on, open_console
from wa_scan.terraform.context import EvaluateOptions
from wa_scan.terraform.forms import TerraformFormer
from wa_scan.terraform.inspection import inspect_root

# What is said of a fault of wa-scan itself.
FAULT = "please report it"

# Always the same examples, so that a change is to blame for what it breaks.
bounded = settings(max_examples=400, deadline=None, derandomize=True, database=None)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> RootModule:
    folder = tmp_path_factory.mktemp("random")
    (folder / "main.tf").write_text(DECLARATIONS)
    return RootModule(folder, ".", folder)


@pytest.fixture(scope="module")
def console(root: RootModule) -> Iterator[Console]:
    with open_console(root, EvaluateOptions()) as opened:
        yield opened


def answer(text: str, console: Console) -> str:
    """The answer as JSON, or the error. Fails for any other exception and for faults of wa-scan."""
    goes_on(text)
    try:
        value = console.value(text)
    except RefusedError as error:
        return refusal(error, text)
    shown = json_line(value_answer(value))
    assert json.loads(shown, parse_float=Decimal).keys() >= {"type", "value"}
    assert text_form(TerraformFormer().form(value))
    return shown


def refusal(error: RefusedError, text: str) -> str:
    assert FAULT not in error.message
    place = error.location
    if place.file == INPUT:
        lines = [*text.split("\n"), ""]
        assert 1 <= place.start_line <= len(lines)
        assert 1 <= place.start_column <= len(lines[place.start_line - 1]) + 1
    return f"{place}: {error.message}"


@bounded
@given(EXPRESSIONS)
def test_an_expression_has_a_value_or_an_error_with_its_place(
    console: Console, root: RootModule, text: str
) -> None:
    first = answer(text, console)
    assert answer(text, console) == first
    with open_console(root, EvaluateOptions()) as another:
        assert answer(text, another) == first


@bounded
@given(EXPRESSIONS)
def test_the_console_shows_every_value(console: Console, text: str) -> None:
    try:
        assert console.shown(text)
    except RefusedError as error:
        refusal(error, text)


@bounded
@given(JUNK)
def test_junk_has_a_value_or_an_error_with_its_place(console: Console, text: str) -> None:
    assert answer(text, console) == answer(text, console)


BLOCKS = st.lists(
    st.one_of(
        st.tuples(st.just("local"), EXPRESSIONS),
        st.tuples(st.just("output"), EXPRESSIONS),
        st.tuples(st.just("resource"), EXPRESSIONS),
        st.tuples(st.just("counted"), EXPRESSIONS),
        st.tuples(st.just("repeated"), EXPRESSIONS),
    ),
    min_size=2,
    max_size=6,
)
FORMS = {
    "local": "locals {{\n  own{at} = {value}\n}}\n",
    "output": 'output "own{at}" {{\n  value = {value}\n}}\n',
    "resource": 'resource "aws_sqs_queue" "own{at}" {{\n  name = {value}\n}}\n',
    "counted": 'resource "aws_sqs_queue" "own{at}" {{\n  count = {value}\n  name = count.index\n}}\n',
    "repeated": 'resource "aws_sqs_queue" "own{at}" {{\n  for_each = {value}\n  name = each.value\n}}\n',
}


# Making a failing example smaller would take minutes here.
@settings(bounded, max_examples=150, phases=[Phase.generate])
@given(BLOCKS, st.randoms(use_true_random=False), st.integers(1, 4))
def test_neither_the_order_of_blocks_nor_their_files_matter(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[tuple[str, str]], random: object, files: int
) -> None:
    folder: Path = tmp_path_factory.mktemp("order")
    texts = [
        FORMS[kind].format(
            at=at, value=value.replace("local.undeclared", f"local.own{(at + 1) % len(blocks)}")
        )
        for at, (kind, value) in enumerate(blocks)
    ]
    (folder / "declarations.tf").write_text(DECLARATIONS)
    (folder / "main.tf").write_text("".join(texts))
    first = seen(folder)
    assert seen(folder) == first
    random.shuffle(texts)  # type: ignore[attr-defined]
    (folder / "main.tf").unlink()
    for at in range(files):
        (folder / f"{'dcba'[at]}.tf").write_text("".join(texts[at::files]))
    assert seen(folder) == first


def seen(folder: Path) -> tuple[dict[str, object], list[str]]:
    """What `inspect` sees, and the messages of what is wrong; without places."""
    inspection = inspect_root(RootModule(folder, ".", folder), EvaluateOptions())
    document = json.loads(inspection_json(inspection), parse_float=Decimal)
    messages = [problem.pop("message") for problem in document.pop("errors") + document.pop("notes")]
    assert not [message for message in messages if FAULT in message]
    document.pop("modules_not_found")
    return document, sorted(messages)


@pytest.mark.parametrize("name", [name for kind in KINDS for name in NAMES[kind]])
def test_the_names_are_declared(console: Console, name: str) -> None:
    assert console.value(name)


@pytest.mark.parametrize("name", NAMES["wrong"])
def test_the_others_are_not(console: Console, name: str) -> None:
    with pytest.raises(RefusedError):
        console.value(name)
