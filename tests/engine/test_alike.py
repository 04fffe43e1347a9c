"""Instances that no rule can tell apart are judged once; what tells one apart is judged by itself."""

from dataclasses import replace
from pathlib import Path

from tests.engine.hand_made import declared, line, own_rules, resource, write, written
from wa_scan.aws.links import Link, LinkKind
from wa_scan.aws.resources import Resource
from wa_scan.blocks import EvaluatedUnit, Language
from wa_scan.engine.ruleset import RuleSet
from wa_scan.engine.run import run_rules
from wa_scan.graph.graph import Graph
from wa_scan.values import Known, Origin, Step, Symbol, Unknown, Value

MULTI_AZ = "require: {type: AWS::RDS::DBInstance, property: MultiAZ, equals: true}"
RULE = '''
from wa_scan.engine.authoring import *

@rule(
    id="REL-X-1", risk=Risk.LRI, best_practices=["REL10-BP01"], resources=["AWS::RDS::DBInstance"]
)
def one(database, graph):
    """Something is wrong.

    Why: it is what this rule is for.
    How to fix: leave it.
    """
    yield require({holds}, at={at}, resource=database, path="X", message={message})
'''


def instances(*keys: str) -> list[Resource]:
    """Of one block, with one body."""
    first = resource({"MultiAZ": Known(False, written(5))}, address=f"aws_db_instance.main[{keys[0]}]")
    return [replace(first, address=f"aws_db_instance.main[{key}]") for key in keys]


def ruled(folder: Path, holds: str = "FALSE", at: str = "database", message: str = "None") -> RuleSet:
    write(folder, "reliability/one.py", RULE.format(holds=holds, at=at, message=message))
    return own_rules(folder)


def found(
    rules: RuleSet, resources: list[Resource], *links: Link, each_instance: bool = False, **outputs: Value
) -> list[tuple[str, tuple[str, ...]]]:
    unit = EvaluatedUnit("infra", Language.TERRAFORM, (), outputs=outputs)
    run = run_rules(rules, Graph(resources, links, [unit]), each_instance)
    assert run.problems == ()
    return [
        (f.message, tuple(address.removeprefix("aws_db_instance.main") for address in f.instances))
        for f in run.findings
    ]


def test_all_are_listed_and_counted(tmp_path: Path) -> None:
    rules = declared(tmp_path, MULTI_AZ)
    graph = Graph(instances("10", "2", "0"))
    run = run_rules(rules, graph)
    (finding,) = run.findings
    assert finding.resource.address == "aws_db_instance.main[0]"
    assert finding.instances == tuple(f"aws_db_instance.main[{at}]" for at in (0, 2, 10))
    assert run.verdicts["REL-RDS-91"].failed == 3
    assert len(run_rules(rules, graph, each_instance=True).findings) == 3


def test_a_message_that_names_an_instance_is_that_ones(tmp_path: Path) -> None:
    rules = ruled(tmp_path, message='f"{database.address} is wrong"')
    assert found(rules, instances("0", "1")) == [
        ("aws_db_instance.main[0] is wrong", ("[0]",)),
        ("aws_db_instance.main[1] is wrong", ("[1]",)),
    ]


def test_what_only_one_is_linked_with_is_judged_for_that_one(tmp_path: Path) -> None:
    rules = ruled(tmp_path, holds="graph.edges(into=database).exist()")
    many = instances("0", "1", "2")
    alarm = resource(address="aws_x.alarm", type="AWS::X::Y")
    link = Link(alarm, many[1], LinkKind.REFERENCES, "X", line(9))
    assert found(rules, [*many, alarm], link) == [("Something is wrong.", ("[0]", "[2]"))]


def test_what_only_one_is_handed_out_of_is_judged_for_that_one(tmp_path: Path) -> None:
    rules = ruled(tmp_path, holds="TRUE if graph.is_output(database) else FALSE")
    handed = Unknown(Symbol("aws_db_instance.main[2].arn", "aws_db_instance.main[2]", "arn"))
    assert found(rules, instances("0", "1", "2"), arn=handed) == [("Something is wrong.", ("[0]", "[1]"))]


def test_a_key_that_is_a_name_may_tell_something(tmp_path: Path) -> None:
    rules = ruled(tmp_path, holds='FALSE if "prod" in database.address else TRUE')
    assert found(rules, instances('"dev1"', '"prod1"')) == [("Something is wrong.", ('["prod1"]',))]


def test_a_rule_that_fails_for_one_still_judges_the_others(tmp_path: Path) -> None:
    rules = ruled(tmp_path, holds='FALSE if database.address.endswith("[1]") else 1 / 0')
    run = run_rules(rules, Graph(instances("0", "1")))
    assert [problem.message.partition(":")[0] for problem in run.problems] == [
        "the rule REL-X-1 (one) failed at aws_db_instance.main[0]"
    ]
    assert [f.instances for f in run.findings] == [("aws_db_instance.main[1]",)]


def test_each_instance_has_its_place_in_a_module_from_elsewhere(tmp_path: Path) -> None:
    inside = ".terraform/modules/db/main.tf"
    value = Known(False, Origin(line(5, inside), "attribute multi_az"))
    first = resource(
        {"MultiAZ": value}, address="module.db.x.main[0]", file=inside, calls=(Step(line(20), "module.db"),)
    )
    unit = EvaluatedUnit("infra", Language.TERRAFORM, (), external_folders=(".terraform/modules/db",))
    many = [first, replace(first, address="module.db.x.main[1]")]
    (finding,) = run_rules(declared(tmp_path, MULTI_AZ), Graph(many, units=[unit])).findings
    assert [step.text for step in finding.related] == [
        "module.db.x.main[0] in the module",
        "module.db.x.main[1] in the module",
    ]
