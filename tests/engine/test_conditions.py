"""What declarations find, condition by condition."""

from pathlib import Path

import pytest

from tests.engine.hand_made import declared, resource, run, shown, written
from wa_scan.values import Choice, Guard, Known, ListValue, MapValue, Symbol, Text, Unknown, Value

PROD = Guard.of("IsProd")
UNKNOWN = Unknown(Symbol("var.x"), origin=written(5))


def known(data: str | int | float | bool | None, at: int = 5) -> Known:
    return Known(data, written(at))


@pytest.mark.parametrize(
    ("condition", "value", "status"),
    [
        ("equals: true", known(True), None),
        ("equals: true", known(False), "fail"),
        ("equals: true", known("true"), "fail"),
        ("equals: true", UNKNOWN, "unknown"),
        ("equals: gp3", known("gp3"), None),
        ("equals: gp3", Text(("gp", Unknown(Symbol("var.n"))), written(5)), "unknown"),
        ("equals: gp3", Text(("io", Unknown(Symbol("var.n"))), written(5)), "fail"),
        ("not_equals: true", known(True), "fail"),
        ("not_equals: true", known(None), None),
        ("in: [gp3, io2]", known("io2"), None),
        ("in: [gp3, io2]", known("gp2"), "fail"),
        ("not_in: [gp2, io1]", known("gp2"), "fail"),
        ("set: true", known("x"), None),
        ("set: true", known(""), "fail"),
        ("set: true", known(None), "fail"),
        ("set: true", Unknown(Symbol("a.arn"), never_null=True), None),
        ("set: true", UNKNOWN, "unknown"),
        ("set: false", known("x"), "fail"),
        ("at_least: 7", known(7), None),
        ("at_least: 7", known(6.5), "fail"),
        ("at_least: 1", known(True), "fail"),
        ("at_most: 7", known(8), "fail"),
        ("at_most: 7", UNKNOWN, "unknown"),
        ("matches: '^aurora'", known("aurora-mysql"), None),
        ("matches: '^aurora'", known("postgres"), "fail"),
        ("not_matches: '^aurora'", known("aurora-mysql"), "fail"),
        ("not_matches: '^aurora'", UNKNOWN, "unknown"),
    ],
)
def test_an_operator(tmp_path: Path, condition: str, value: Value, status: str | None) -> None:
    rules = declared(tmp_path, f"require: {{type: 'AWS::RDS::DBInstance', property: P, {condition}}}")
    found = [(f.status.value, f.resource.address) for f in run(rules, resource({"P": value})).findings]
    assert found == ([(status, "aws_db_instance.main")] if status else [])


def test_a_property_that_is_absent_is_shown_at_the_innermost_block_that_is_there(tmp_path: Path) -> None:
    rules = declared(tmp_path, "require: {type: 'AWS::RDS::DBInstance', property: A.B, equals: 1}")
    without = resource(at=3)
    within = resource({"A": MapValue({}, written(13, "block a"))}, address="aws_db_instance.z", at=11)
    assert shown(run(rules, without, within)) == [
        ("fail", "aws_db_instance.main", 3, "always"),
        ("fail", "aws_db_instance.z", 13, "always"),
    ]


def test_an_absent_property_has_its_default(tmp_path: Path) -> None:
    rules = declared(tmp_path, "require: {type: 'AWS::RDS::DBInstance', property: P, equals: true}")
    assert shown(run(rules, resource(defaults={"P": Known(True)}))) == []
    assert shown(run(rules, resource(defaults={"P": Known(False)}))) == [
        ("fail", "aws_db_instance.main", 1, "always")
    ]


def test_all_is_shown_at_the_one_that_fails(tmp_path: Path) -> None:
    rules = declared(
        tmp_path,
        """
        require:
          type: AWS::RDS::DBInstance
          all:
            - {property: A, equals: 1}
            - {property: B, equals: 1}
        """,
    )
    properties = {"A": known(1, 5), "B": known(2, 6)}
    assert shown(run(rules, resource(properties))) == [("fail", "aws_db_instance.main", 6, "always")]


def test_any_is_shown_at_one_that_is_written(tmp_path: Path) -> None:
    rules = declared(
        tmp_path,
        """
        require:
          type: AWS::RDS::DBInstance
          any:
            - {property: A, equals: 1}
            - {property: B, equals: 1}
        """,
    )
    assert shown(run(rules, resource({"B": known(2, 6)}))) == [("fail", "aws_db_instance.main", 6, "always")]
    assert shown(run(rules, resource({"A": known(2, 6), "B": known(1, 7)}))) == []
    assert shown(run(rules, resource({"A": known(2, 6), "B": UNKNOWN}))) == [
        ("unknown", "aws_db_instance.main", 6, "always")
    ]


def test_any_is_shown_at_what_was_asked_of_the_resource_s_own_type(tmp_path: Path) -> None:
    rules = declared(
        tmp_path,
        """
        require:
          type: [AWS::RDS::DBInstance, AWS::RDS::DBCluster]
          any:
            - {all: [{type: AWS::RDS::DBCluster}, {property: A, equals: 1}]}
            - {all: [{type: AWS::RDS::DBInstance}, {property: B, equals: 1}]}
        """,
    )
    assert shown(run(rules, resource({"B": known(2, 6)}))) == [("fail", "aws_db_instance.main", 6, "always")]


def test_not_turns_everything_but_ignorance(tmp_path: Path) -> None:
    rules = declared(tmp_path, "require: {type: 'AWS::RDS::DBInstance', not: {property: A, equals: 1}}")
    assert shown(run(rules, resource({"A": known(1, 6)}))) == [("fail", "aws_db_instance.main", 6, "always")]
    assert shown(run(rules, resource({"A": known(2, 6)}))) == []
    assert shown(run(rules, resource({"A": UNKNOWN}))) == [("unknown", "aws_db_instance.main", 5, "always")]


DEVICES = """
require: {type: AWS::RDS::DBInstance, property: 'Devices[].Ebs.Encrypted', equals: true}
"""


def device(encrypted: Value | None, at: int) -> MapValue:
    ebs = MapValue({} if encrypted is None else {"Encrypted": encrypted}, written(at + 1, "block ebs"))
    return MapValue({"Ebs": ebs}, written(at, "block device"))


def test_every_element_that_fails_is_a_finding(tmp_path: Path) -> None:
    devices = ListValue([device(known(True, 22), 20), device(known(False, 32), 30), device(None, 40)])
    assert shown(run(declared(tmp_path, DEVICES), resource({"Devices": devices}))) == [
        ("fail", "aws_db_instance.main", 32, "always"),
        ("fail", "aws_db_instance.main", 41, "always"),
    ]


def test_an_element_knows_the_default_of_its_own_property(tmp_path: Path) -> None:
    default = {"Devices[].Ebs.Encrypted": Known(True)}
    found = run(
        declared(tmp_path, DEVICES), resource({"Devices": ListValue([device(None, 40)])}, defaults=default)
    )
    assert shown(found) == []
    assert found.verdicts["REL-RDS-91"].passed == 1


@pytest.mark.parametrize(
    ("devices", "status"),
    [
        (ListValue([]), []),
        (UNKNOWN, ["unknown"]),
        (ListValue([device(known(True), 20)], rest=UNKNOWN), ["unknown"]),
        (ListValue([device(known(False), 20)], rest=UNKNOWN), ["fail", "unknown"]),
    ],
)
def test_elements_that_are_not_known(tmp_path: Path, devices: Value, status: list[str]) -> None:
    found = run(declared(tmp_path, DEVICES), resource({"Devices": devices}))
    assert sorted(finding.status.value for finding in found.findings) == status


def test_an_unknown_list_never_surely_has_a_bad_element(tmp_path: Path) -> None:
    """An unknown element is surely not null, but whether there is one is not known."""
    rules = declared(tmp_path, "require: {type: 'AWS::RDS::DBInstance', property: 'L[].X', set: false}")
    sure = Unknown(Symbol("m.list"), never_null=True, origin=written(5))
    assert [one[0] for one in shown(run(rules, resource({"L": sure})))] == ["unknown"]


def test_an_element_under_a_guard_fails_under_that_guard(tmp_path: Path) -> None:
    bad = device(known(False, 32), 30)
    devices = ListValue([Choice(PROD, bad, Known(None))])
    assert shown(run(declared(tmp_path, DEVICES), resource({"Devices": devices}))) == [
        ("fail", "aws_db_instance.main", 32, "IsProd is true")
    ]


def test_lists_in_lists(tmp_path: Path) -> None:
    rules = declared(tmp_path, "require: {type: 'AWS::RDS::DBInstance', property: 'A[].B[].C', equals: 1}")
    inner = ListValue([MapValue({"C": known(1, 7)}), MapValue({"C": known(2, 8)})])
    assert shown(run(rules, resource({"A": ListValue([MapValue({"B": inner})])}))) == [
        ("fail", "aws_db_instance.main", 8, "always")
    ]


def test_elements_that_are_scalars(tmp_path: Path) -> None:
    rules = declared(
        tmp_path, "require: {type: 'AWS::RDS::DBInstance', property: 'A.Logs[]', not_equals: audit}"
    )
    logs = ListValue([known("general", 7), known("audit", 8)])
    assert shown(run(rules, resource({"A": MapValue({"Logs": logs})}))) == [
        ("fail", "aws_db_instance.main", 8, "always")
    ]


@pytest.mark.parametrize(("kind", "lines"), [("every", [8]), ("some", [])])
def test_every_and_some(tmp_path: Path, kind: str, lines: list[int]) -> None:
    rules = declared(
        tmp_path,
        f"""
        require:
          type: AWS::RDS::DBInstance
          {kind}: Rules
          satisfies: {{any: [{{property: A, equals: 1}}, {{property: B, equals: 1}}]}}
        """,
    )
    elements = ListValue([MapValue({"B": known(1, 7)}), MapValue({"A": known(2, 8)})])
    assert [one[2] for one in shown(run(rules, resource({"Rules": elements})))] == lines


@pytest.mark.parametrize(
    ("elements", "statuses"),
    [([], ["fail"]), ([MapValue({"A": known(2)})], ["fail"]), ([MapValue({"A": UNKNOWN})], ["unknown"])],
)
def test_some_needs_one(tmp_path: Path, elements: list[Value], statuses: list[str]) -> None:
    rules = declared(
        tmp_path,
        "require: {type: 'AWS::RDS::DBInstance', some: Rules, satisfies: {property: A, equals: 1}}",
    )
    found = shown(run(rules, resource({"Rules": ListValue(elements)})))
    assert [one[0] for one in found] == statuses


WHERE = """
where: {property: 'Ports[]', equals: 22}
require: {type: AWS::RDS::DBInstance, property: P, equals: true}
"""


@pytest.mark.parametrize(
    ("ports", "statuses", "judged"),
    [
        ([known(80), known(22)], ["fail"], 1),
        ([known(80), known(443)], [], 0),
        ([], [], 0),
        ([known(80), UNKNOWN], ["unknown"], 1),
    ],
)
def test_where_says_what_the_rule_is_about(
    tmp_path: Path, ports: list[Value], statuses: list[str], judged: int
) -> None:
    """`[]` means some element here; what the rule is surely not about is not judged at all."""
    found = run(declared(tmp_path, WHERE), resource({"Ports": ListValue(ports)}))
    assert [finding.status.value for finding in found.findings] == statuses
    counts = found.verdicts["REL-RDS-91"]
    assert counts.passed + counts.failed + counts.unknown == judged


def test_where_that_is_not_known_leaves_a_pass_a_pass(tmp_path: Path) -> None:
    found = run(declared(tmp_path, WHERE), resource({"Ports": UNKNOWN, "P": known(True)}))
    assert (found.findings, found.verdicts["REL-RDS-91"].passed) == ((), 1)


def test_undecided_where_turns_failures_into_unknowns(tmp_path: Path) -> None:
    rules = declared(
        tmp_path,
        """
        require: {type: AWS::RDS::DBInstance, property: P, equals: true}
        undecided_where: {property: Snapshot, set: true}
        """,
    )
    assert shown(run(rules, resource({"Snapshot": known("snap-1")})))[0][0] == "unknown"
    assert shown(run(rules, resource({"Snapshot": UNKNOWN})))[0][0] == "unknown"
    assert shown(run(rules, resource()))[0][0] == "fail"
    assert shown(run(rules, resource({"Snapshot": known("snap-1"), "P": known(True)}))) == []


def test_the_message_can_show_the_value(tmp_path: Path) -> None:
    rules = declared(
        tmp_path,
        """
        require: {type: AWS::RDS::DBInstance, property: P, equals: gp3}
        message: The volume is {value}.
        """,
    )
    choice = Choice(PROD, known("gp3"), known("gp2"), written(5))
    found = run(rules, resource({"P": choice}), resource(address="aws_db_instance.other", at=50))
    assert [finding.message for finding in found.findings] == ["The volume is gp2.", "The volume is not set."]


def test_a_condition_may_ask_for_the_type(tmp_path: Path) -> None:
    """A cluster's own identifier is no reason to look elsewhere, a member's is."""
    rules = declared(
        tmp_path,
        """
        where: {any: [{type: AWS::RDS::DBCluster}, {property: Cluster, set: false}]}
        require: {type: [AWS::RDS::DBInstance, AWS::RDS::DBCluster], property: P, equals: true}
        """,
    )
    cluster = resource({"Cluster": known("c")}, address="c", type="AWS::RDS::DBCluster")
    member = resource({"Cluster": known("c")}, address="m", at=20)
    alone = resource(address="s", at=40)
    assert [one[1] for one in shown(run(rules, cluster, member, alone))] == ["c", "s"]
