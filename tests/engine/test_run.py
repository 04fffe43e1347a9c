"""From verdicts to findings: guards, places, grouping, order, fingerprints, and rules that fail."""

from pathlib import Path

import pytest

from tests.engine.hand_made import FILE, declared, line, own_rules, resource, run, shown, write, written
from wa_scan.blocks import Mode
from wa_scan.engine.run import natural
from wa_scan.errors import ProblemKind, ProblemLevel
from wa_scan.values import Choice, Guard, Known, Location, Origin, Step, Symbol, Unknown

PROD = Guard.of("IsProd")
BACKED_UP = Guard.of("HasBackup")
MULTI_AZ = "require: {type: 'AWS::RDS::DBInstance', property: MultiAZ, equals: true}"


def test_a_choice_fails_under_the_guard_of_its_bad_branch(tmp_path: Path) -> None:
    """The place is the attribute, the trace the way of the branch that fails."""
    default = Origin(line(2, "infra/variables.tf"), 'variable "standby" default')
    branch = Origin(Location(FILE, 5, 30, 5, 41), "var.standby", default)
    value = Choice(PROD, Known(True, written(5)), Known(False, branch), written(5, "attribute multi_az"))
    found = run(declared(tmp_path, MULTI_AZ), resource({"MultiAZ": value})).findings
    assert [(f.location, str(f.when)) for f in found] == [(line(5), "IsProd is false")]
    assert found[0].trace == (
        Step(line(2, "infra/variables.tf"), 'variable "standby" default'),
        Step(Location(FILE, 5, 30, 5, 41), "var.standby"),
        Step(line(5), "attribute multi_az"),
    )


def test_the_place_of_a_choice_is_told_once(tmp_path: Path) -> None:
    mapping = Origin(line(2), "mapping Zones.eu-west-1.AZs")
    branch = Origin(Location(FILE, 5, 3, 5, 10), "property MultiAZ", mapping)
    whole = Origin(Location(FILE, 5, 3, 5, 40), "property MultiAZ")
    value = Choice(PROD, Known(True, written(5)), Known(False, branch), whole)
    (finding,) = run(declared(tmp_path, MULTI_AZ), resource({"MultiAZ": value})).findings
    assert finding.trace == (
        Step(line(2), "mapping Zones.eu-west-1.AZs"),
        Step(Location(FILE, 5, 3, 5, 40), "property MultiAZ"),
    )


def test_a_resource_that_exists_under_a_guard_fails_under_both(tmp_path: Path) -> None:
    value = Choice(PROD, Known(True), Known(False), written(5))
    conditional = resource({"MultiAZ": value}, exists=BACKED_UP)
    assert shown(run(declared(tmp_path, MULTI_AZ), conditional)) == [
        ("fail", "aws_db_instance.main", 5, "HasBackup is true and IsProd is false")
    ]


def test_what_fails_only_where_the_resource_is_not_passes(tmp_path: Path) -> None:
    value = Choice(PROD, Known(True), Known(False), written(5))
    found = run(declared(tmp_path, MULTI_AZ), resource({"MultiAZ": value}, exists=PROD))
    assert found.findings == ()
    assert found.verdicts["REL-RDS-91"].passed == 1


def test_unknown_in_one_branch_and_wrong_in_the_other_is_a_failure_under_the_guard(tmp_path: Path) -> None:
    value = Choice(PROD, Unknown(Symbol("var.x"), origin=written(6)), Known(False, written(7)), written(5))
    assert shown(run(declared(tmp_path, MULTI_AZ), resource({"MultiAZ": value}))) == [
        ("fail", "aws_db_instance.main", 5, "IsProd is false")
    ]


def test_the_trace_is_the_values_way_and_ends_where_it_stands(tmp_path: Path) -> None:
    tfvars = Origin(line(3, "infra/terraform.tfvars"), "terraform.tfvars")
    argument = Origin(line(9), "argument multi_az of module.db", tfvars)
    value = Known(False, Origin(line(5, "infra/db/main.tf"), "attribute multi_az", argument))
    found = run(declared(tmp_path, MULTI_AZ), resource({"MultiAZ": value}, file="infra/db/main.tf"))
    (finding,) = found.findings
    assert [step.text for step in finding.trace] == [
        "terraform.tfvars",
        "argument multi_az of module.db",
        "attribute multi_az",
    ]
    assert finding.trace[-1].location == finding.location


def test_what_is_absent_has_no_trace(tmp_path: Path) -> None:
    (finding,) = run(declared(tmp_path, MULTI_AZ), resource()).findings
    assert (finding.location.start_line, finding.trace) == (1, ())


def test_instances_of_one_block_are_one_finding(tmp_path: Path) -> None:
    many = [
        resource({"MultiAZ": Known(False, written(5))}, address=f"aws_db_instance.main[{index}]")
        for index in (10, 2, 0)
    ]
    other = resource({"MultiAZ": Known(False, written(5))}, address="aws_db_instance.main[3]", exists=PROD)
    found = run(declared(tmp_path, MULTI_AZ), *many, other)
    assert [(f.instances, str(f.when)) for f in found.findings] == [
        (("aws_db_instance.main[0]", "aws_db_instance.main[2]", "aws_db_instance.main[10]"), "always"),
        (("aws_db_instance.main[3]",), "IsProd is true"),
    ]
    assert found.verdicts["REL-RDS-91"].failed == 4


def test_data_sources_are_not_judged(tmp_path: Path) -> None:
    rules = own_rules(write(tmp_path, "reliability/all_of_them.py", EVERYTHING).parent.parent)
    found = run(rules, resource(mode=Mode.DATA), resource(address="aws_db_instance.b", exists=Guard.NEVER))
    assert (found.findings, found.verdicts["REL-X-1"].failed) == ((), 0)


EVERYTHING = '''
from wa_scan.engine.authoring import *

@rule(id="REL-X-1", risk=Risk.LRI, best_practices=["REL10-BP01"])
def all_of_them(graph):
    """Everything is wrong.

    Why: it is what this rule is for.
    How to fix: leave it.
    """
    for resource in graph.resources:
        yield require(FALSE, at=resource)
'''


def test_inside_a_downloaded_module_the_call_is_shown(tmp_path: Path) -> None:
    inside = ".terraform/modules/db/main.tf"
    call = Step(line(20), "module.db")
    nested = Step(line(30, inside), "module.db.module.instance")
    value = Known(False, Origin(Location(inside, 5, 1, 5, 20), "attribute multi_az"))
    found = run(
        declared(tmp_path, MULTI_AZ),
        resource({"MultiAZ": value}, address="module.db.x.main", file=inside, calls=(call, nested)),
        external_folders=(".terraform/modules/db",),
    )
    (finding,) = found.findings
    assert finding.location == line(20)
    assert [step.location for step in finding.related] == [Location(inside, 5, 1, 5, 20)]


def test_inside_a_local_module_the_module_is_shown_with_its_calls(tmp_path: Path) -> None:
    module = "infra/db/main.tf"
    value = Known(False, Origin(line(5, module), "attribute multi_az"))
    found = run(
        declared(tmp_path, MULTI_AZ),
        resource(
            {"MultiAZ": value},
            address="module.a.aws_db_instance.main",
            file=module,
            calls=(Step(line(20), "module.a"),),
        ),
        resource(
            {"MultiAZ": value},
            address="module.b.aws_db_instance.main",
            file=module,
            calls=(Step(line(30), "module.b"),),
        ),
    )
    (finding,) = found.findings
    assert finding.location == line(5, module)
    assert finding.instances == ("module.a.aws_db_instance.main", "module.b.aws_db_instance.main")
    assert [step.text for step in finding.related] == ["module.a", "module.b"]


def test_findings_have_one_order_whatever_the_order_of_resources(tmp_path: Path) -> None:
    rules = declared(tmp_path, MULTI_AZ)
    some = [resource(address=f"aws_db_instance.x{n}", at=at) for n, at in ((1, 30), (2, 4), (10, 9))]
    forward, backward = run(rules, *some), run(rules, *reversed(some))
    assert [f.location.start_line for f in forward.findings] == [4, 9, 30]
    assert forward.findings == backward.findings


def fingerprints(rules_folder: Path, *resources: object) -> list[str]:
    return [f.fingerprint for f in run(declared(rules_folder, MULTI_AZ), *resources).findings]  # type: ignore[arg-type]


def test_fingerprints_survive_moved_lines_and_renumbered_instances(tmp_path: Path) -> None:
    before = resource({"MultiAZ": Known(False, written(5, "attribute multi_az"))})
    moved = resource({"MultiAZ": Known(False, written(95, "attribute multi_az"))}, at=90)
    counted = resource(
        {"MultiAZ": Known(False, written(5, "attribute multi_az"))}, address="aws_db_instance.main[3]"
    )
    assert len({*fingerprints(tmp_path, before), *fingerprints(tmp_path, moved)}) == 1
    assert fingerprints(tmp_path, before) == fingerprints(tmp_path, counted)


def test_fingerprints_tell_blocks_files_and_duplicates_apart(tmp_path: Path) -> None:
    alike = [
        resource(),
        resource(address="aws_db_instance.other", at=20),
        resource(file="infra/other.tf"),
        # The same block twice with different guards, and once more on another line.
        resource(exists=PROD),
        resource(at=40),
        resource(at=41),
    ]
    found = fingerprints(tmp_path, *alike)
    assert len(found) == len(set(found)) == 6
    assert all(len(one) == 32 for one in found)


RAISES_AT_ONE = '''
from wa_scan.engine.authoring import *

@rule(id="REL-X-1", risk=Risk.LRI, best_practices=["REL10-BP01"], resources=["AWS::RDS::DBInstance"])
def raises(database, graph):
    """Something is wrong.

    Why: it is what this rule is for.
    How to fix: leave it.
    """
    if database.address.endswith("bad"):
        raise {error}
    yield require(FALSE, at=database)
'''


def test_a_rule_that_raises_leaves_other_resources_and_rules_judged(tmp_path: Path) -> None:
    for number, error in enumerate(("KeyError('x')", "RecursionError()", "MemoryError()")):
        folder = tmp_path / str(number)
        declared(folder, MULTI_AZ)
        write(folder, "reliability/raises.py", RAISES_AT_ONE.replace("{error}", error))
        found = run(
            own_rules(folder),
            resource(address="aws_db_instance.bad", at=7),
            resource(address="aws_db_instance.good", at=20),
        )
        assert [(f.rule.id, f.resource.address) for f in found.findings] == [
            ("REL-RDS-91", "aws_db_instance.bad"),
            ("REL-RDS-91", "aws_db_instance.good"),
            ("REL-X-1", "aws_db_instance.good"),
        ]
        (problem,) = found.problems
        assert (problem.kind, problem.level) == (ProblemKind.RULE_FAILED, ProblemLevel.ERROR)
        assert problem.message.startswith(
            f"the rule REL-X-1 (raises) failed at aws_db_instance.bad: {error.split('(')[0]}"
        )
        assert problem.location is not None
        assert problem.location.start_line == 7


def test_a_rule_of_the_graph_that_raises_keeps_what_it_said_before(tmp_path: Path) -> None:
    text = EVERYTHING.replace(
        "yield require(FALSE, at=resource)", "yield require(FALSE, at=resource)\n        1 / 0"
    )
    found = run(own_rules(write(tmp_path, "reliability/all_of_them.py", text).parent.parent), resource())
    assert [f.rule.id for f in found.findings] == ["REL-X-1"]
    assert [p.message for p in found.problems] == [
        "the rule REL-X-1 (all-of-them) failed after aws_db_instance.main: "
        "ZeroDivisionError: division by zero"
    ]


def test_asking_a_truth_for_a_yes_or_no_is_a_failure_of_the_rule_not_a_pass(tmp_path: Path) -> None:
    text = EVERYTHING.replace("yield require(FALSE, at=resource)", "if not resource['P'].equals(1): return")
    text = text.replace("for resource", "yield from ()\n    for resource")
    found = run(own_rules(write(tmp_path, "reliability/all_of_them.py", text).parent.parent), resource())
    assert [p.kind for p in found.problems] == [ProblemKind.RULE_FAILED]


@pytest.mark.parametrize(
    "body",
    [
        "return [require(True, at=r) for r in graph.resources]",
        "return [1]",
        "return None",
        "raise ValueError('at once, being no generator')",
        "return [require(TRUE, at=r['P']) for r in graph.resources]",
        "return [require(FALSE, at=3, resource=r) for r in graph.resources]",
        "return [require(FALSE, at=r, message=3) for r in graph.resources]",
    ],
)
def test_whatever_a_rule_does_wrong_is_a_problem_of_that_rule(tmp_path: Path, body: str) -> None:
    text = EVERYTHING.partition("    for resource")[0] + f"    {body}\n"
    found = run(own_rules(write(tmp_path, "reliability/all_of_them.py", text).parent.parent), resource())
    assert found.findings == ()
    assert [p.kind for p in found.problems] == [ProblemKind.RULE_FAILED]


def test_a_resource_counts_once_with_its_worst_verdict(tmp_path: Path) -> None:
    text = EVERYTHING.replace(
        "yield require(FALSE, at=resource)",
        "yield from (require(t, at=resource) for t in (TRUE, FALSE, UNKNOWN))",
    )
    found = run(own_rules(write(tmp_path, "reliability/all_of_them.py", text).parent.parent), resource())
    counts = found.verdicts["REL-X-1"]
    assert (counts.passed, counts.failed, counts.unknown) == (0, 1, 0)


def test_nothing_in_nothing_out(tmp_path: Path) -> None:
    found = run(declared(tmp_path, MULTI_AZ))
    assert (found.findings, found.problems) == ((), ())


@pytest.mark.parametrize(
    "addresses",
    [
        ["a", "a[0]", "a[2]", "a[10]", "a[010]x", "b"],
        ["", "1", "a", "a1", "a1b", "ab"],
        ["x[9]", "x[99999999999999999999999999999]"],
    ],
)
def test_addresses_sort_as_people_count(addresses: list[str]) -> None:
    backwards = list(addresses)
    backwards.reverse()
    assert sorted(backwards, key=natural) == addresses
