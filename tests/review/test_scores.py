"""The scores: worked examples of the share of checks that are satisfied."""

from tests.engine.hand_made import resource
from wa_scan.blocks import Language
from wa_scan.engine.findings import RuleRun, VerdictCounts
from wa_scan.engine.framework import Pillar, Risk
from wa_scan.engine.rules import Rule
from wa_scan.engine.ruleset import RuleSet
from wa_scan.errors import Problem, ProblemKind
from wa_scan.graph.graph import Graph
from wa_scan.review.build import build_report
from wa_scan.review.scores import overall_score, pillar_scores
from wa_scan.values import Location

SECURITY, RELIABILITY = Pillar.SECURITY, Pillar.RELIABILITY


def rule(id: str, *pillars: Pillar) -> Rule:
    return Rule(
        id=id,
        name=id.lower(),
        title="Something is wrong.",
        pillars=pillars,
        risk=Risk.HRI,
        why="It matters.",
        fix=dict.fromkeys(Language, "Mend it."),
        best_practices=("REL10-BP01",),
    )


def test_a_check_is_satisfied_if_it_fails_nowhere() -> None:
    rules = [rule(f"S{n}", SECURITY) for n in range(3)]
    verdicts = {
        "S0": VerdictCounts(passed=100, failed=1),
        "S1": VerdictCounts(passed=1),
        "S2": VerdictCounts(passed=5, unknown=5),
    }
    assert pillar_scores(rules, verdicts) == {SECURITY: 67}


def test_what_was_not_judged_counts_neither_way() -> None:
    rules = [rule("S0", SECURITY), rule("S1", SECURITY), rule("R0", RELIABILITY), rule("R1", RELIABILITY)]
    verdicts = {"S0": VerdictCounts(failed=1), "S1": VerdictCounts(), "R0": VerdictCounts(unknown=9)}
    assert pillar_scores(rules, verdicts) == {SECURITY: 0}


def test_a_check_counts_for_each_of_its_pillars() -> None:
    rules = [rule("A", SECURITY, RELIABILITY), rule("B", SECURITY)]
    verdicts = {"A": VerdictCounts(failed=1), "B": VerdictCounts(passed=1)}
    assert pillar_scores(rules, verdicts) == {SECURITY: 50, RELIABILITY: 0}


def test_halves_go_up() -> None:
    rules = [rule(f"S{n}", SECURITY) for n in range(8)]
    verdicts = {f"S{n}": VerdictCounts(passed=1, failed=int(n > 4)) for n in range(8)}
    assert pillar_scores(rules, verdicts) == {SECURITY: 63}
    assert overall_score({SECURITY: 63, RELIABILITY: 100}) == 82


def test_nothing_judged_has_no_score() -> None:
    assert pillar_scores([rule("A", SECURITY)], {}) == {}
    assert overall_score({}) is None


def test_the_report_has_coverage_and_every_problem_once() -> None:
    unread = Problem(ProblemKind.SYNTAX_ERROR, "no", Location("b.tf", 1, 1, 1, 1))
    failed = Problem(ProblemKind.RULE_FAILED, "rule")
    mapped, unmapped = resource(address="b[10]"), resource(address="b[9]", type=None)
    report = build_report(
        rules=RuleSet((), (failed,)),
        run=RuleRun((), {"A": VerdictCounts(1, 2, 3), "B": VerdictCounts(1)}, (), (failed,)),
        graph=Graph([mapped, unmapped]),
        unmapped={"aws_new_thing": 4},
        problems=[unread, unread],
    )
    assert report.problems == (unread, failed)
    assert [one.address for one in report.resources] == ["b[9]", "b[10]"]
    coverage = report.coverage
    assert coverage.files_not_read == ("b.tf",)
    assert (coverage.resources_total, coverage.resources_mapped) == (5, 1)
    assert coverage.verdicts == VerdictCounts(2, 2, 3)
    assert not coverage.is_complete
