"""Every rule's examples, run through the whole pipeline with that rule alone."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from wa_scan.api import ScanOptions, evaluate
from wa_scan.blocks import Language, Mode
from wa_scan.datafiles import DataFileError
from wa_scan.engine.best_practices import best_practices
from wa_scan.engine.documentation import TOOLS
from wa_scan.engine.examples import ExampleText, examples_beside
from wa_scan.engine.findings import Finding, Status
from wa_scan.engine.loading import load_rules
from wa_scan.engine.ruleset import LoadedRule, RuleSet
from wa_scan.engine.run import run_rules
from wa_scan.errors import ProblemLevel
from wa_scan.sources.discover import discover
from wa_scan.terraform.parse import parse_config

RULES = load_rules()
ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures" / "rules"
CATALOGUE = ROOT.parent / "shared" / "catalogue" / "peer_checks.csv"

every_rule = pytest.mark.parametrize("loaded", RULES.loaded, ids=lambda one: one.rule.id)


@dataclass(frozen=True)
class ExampleCase:
    """One example of one rule."""

    loaded: LoadedRule
    number: int
    example: ExampleText

    def __str__(self) -> str:
        label = f"{self.example.outcome} {self.example.label}".replace(" ", "-").replace("/", "-")
        return f"{self.loaded.rule.id}/{self.example.language.value}/{label}"


def example_cases() -> Iterator[ExampleCase]:
    for loaded in RULES.loaded:
        # A rule without examples must not hide those of others; it fails a test of its own below.
        with suppress(DataFileError):
            for number, example in enumerate(examples_beside(loaded.file).examples):
                yield ExampleCase(loaded, number, example)


def findings_of(case: ExampleCase, folder: Path) -> tuple[Finding, ...]:
    """What the rule alone finds in the example; the example itself must be valid input."""
    example = case.example
    if example.fixture is not None:
        path = FIXTURES / example.fixture
    else:
        assert example.snippet is not None
        path = folder / ("main.tf" if example.language is Language.TERRAFORM else "template.yaml")
        path.write_text(example.snippet, encoding="utf-8")
    options = ScanOptions(working_directory=path if path.is_dir() else path.parent)
    evaluation = evaluate(discover([path], options.base), options)
    errors = [p.message for p in evaluation.problems if p.level is ProblemLevel.ERROR]
    assert errors == [], "the example itself is broken"
    run = run_rules(RuleSet((case.loaded,)), evaluation.graph)
    assert run.problems == ()
    named = {resource.address for resource in evaluation.graph.resources if resource.mode is Mode.MANAGED}
    assert set(example.addresses) <= named, "at names a resource that is not in the example"
    return run.findings


@pytest.mark.parametrize("case", list(example_cases()), ids=str)
def test_rule_example(case: ExampleCase, tmp_path: Path) -> None:
    example = case.example
    assert example.mistake() is None
    findings = findings_of(case, tmp_path)
    expected = set(example.addresses)
    found = {
        status: {address for f in findings if f.status is status for address in f.instances}
        for status in Status
    }
    if example.passes is not None:
        assert not {
            f"{f.status.value} {a}" for f in findings for a in f.instances if not expected or a in expected
        }
        return
    status = Status.FAIL if example.fails is not None else Status.UNKNOWN
    assert found[status] == expected
    assert found[Status.FAIL] <= expected
    shown = [finding for finding in findings if finding.status is status]
    if example.line is not None:
        assert example.line in [finding.location.start_line for finding in shown]
    if example.when is not None:
        assert {str(finding.when) for finding in shown} == {example.when}
    if example.message is not None:
        assert {finding.message for finding in shown} == {example.message}


def test_every_rule_file_loads() -> None:
    assert [problem.message for problem in RULES.problems] == []


@every_rule
def test_has_the_examples_that_every_rule_needs(loaded: LoadedRule) -> None:
    supplement = examples_beside(loaded.file)
    needed = {"passes", "fails", "omitted", "unknown"} - set(supplement.without)
    missing = []
    for language in loaded.rule.languages:
        mine = [example for example in supplement.examples if example.language is language]
        there = {example.outcome for example in mine}
        there |= {"omitted" for example in mine if example.label.startswith("omitted")}
        missing += [f"{language.value}: {kind}" for kind in sorted(needed - there)]
    assert missing == []
    assert all(len(reason) > 20 for reason in supplement.without.values())


@every_rule
def test_says_what_a_reader_needs_in_few_words(loaded: LoadedRule) -> None:
    rule = loaded.rule
    assert 10 <= len(rule.title) <= 100
    assert rule.title.endswith(".")
    assert 20 <= len(rule.why) <= 300
    assert all(10 <= len(text) <= 400 for text in rule.fix.values())
    assert all(rule.remedy.get(language) for language in rule.languages)


@every_rule
def test_the_blocks_that_its_fix_shows_are_terraform(loaded: LoadedRule) -> None:
    shown = re.findall(r"`([a-z_]+ \{[^`]*\})`", loaded.rule.fix.get(Language.TERRAFORM, ""))
    assert [(text, parse_config("fix.tf", text.encode())[1]) for text in shown] == [
        (text, []) for text in shown
    ]


@every_rule
def test_refers_to_best_practices_and_known_tools(loaded: LoadedRule) -> None:
    rule = loaded.rule
    assert set(rule.best_practices) <= set(best_practices())
    assert set(rule.equivalents) <= set(TOOLS)
    assert rule.id.startswith(f"{rule.pillar.prefix}-")
    assert rule.pillar in {best_practices()[one].pillar for one in rule.best_practices}


@every_rule
@pytest.mark.skipif(not CATALOGUE.exists(), reason="the catalogue of other tools' checks is not here")
def test_equivalents_are_checks_that_exist(loaded: LoadedRule) -> None:
    import csv

    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        known = {(row["tool"], row["id"]) for row in csv.DictReader(file)}
    mine = {
        (tool, check)
        for tool, checks in loaded.rule.equivalents.items()
        for check in checks
        if tool != "security_hub"
    }
    assert mine <= known


def test_names_ids_and_aliases_are_unique() -> None:
    words = [w for rule in RULES.rules for w in (rule.id, rule.name, *rule.aliases)]
    assert sorted(words) == sorted(set(words))
