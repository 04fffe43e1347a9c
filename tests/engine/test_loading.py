"""Rule folders: what loads, what does not, and what is said about it."""

from pathlib import Path

import pytest

from tests.engine.hand_made import DECLARATION, declared, own_rules, write
from wa_scan.blocks import Language
from wa_scan.engine.framework import Pillar, Risk
from wa_scan.engine.loading import load_rules, rules_folder
from wa_scan.errors import ProblemKind, ProblemLevel, UsageError

CHECK = "require: {type: 'AWS::RDS::DBInstance', property: MultiAZ, equals: true}\n"
FUNCTION = '''
from wa_scan.engine.authoring import *

@rule(
    id="COST-X-1",
    risk=Risk.MRI,
    best_practices=["COST03-BP02"],
    pillars=[Pillar.SECURITY],
    equivalents={"trivy": ["AWS-0001"], "checkov": ["CKV_AWS_1"]},
    aliases=["COST-OLD-1"],
)
def too_dear(graph):
    """Something costs
    too much.

    Why: money is spent
    for nothing.

    How to fix: spend less.
    Terraform: set `count = 0`.
    CloudFormation: delete it.
    """
    yield from ()
'''


def messages(folder: Path) -> list[str]:
    problems = own_rules(folder).problems
    assert all(problem.kind is ProblemKind.RULE_NOT_LOADED for problem in problems)
    return [problem.message.partition(": ")[2] for problem in problems]


def test_the_file_gives_the_name_and_the_folder_the_pillar(tmp_path: Path) -> None:
    rules = declared(tmp_path, CHECK, name="database_in_one_zone")
    (rule,) = rules.rules
    assert (rule.id, rule.name, rule.pillar, rule.risk) == (
        "REL-RDS-91",
        "database-in-one-zone",
        Pillar.RELIABILITY,
        Risk.HRI,
    )
    assert rule.resources == ("AWS::RDS::DBInstance",)
    assert rule.security_severity is None


def test_a_functions_docstring_is_its_documentation(tmp_path: Path) -> None:
    write(tmp_path, "cost_optimization/too_dear.py", FUNCTION)
    (rule,) = own_rules(tmp_path).rules
    assert rule.title == "Something costs too much."
    assert rule.why == "Money is spent for nothing."
    assert rule.fix == {
        Language.TERRAFORM: "Spend less. Set `count = 0`.",
        Language.CLOUDFORMATION: "Spend less. Delete it.",
    }
    assert rule.pillars == (Pillar.COST_OPTIMIZATION, Pillar.SECURITY)
    assert rule.security_severity == 5.5
    assert list(rule.equivalents) == ["checkov", "trivy"]


def test_the_first_example_that_passes_is_the_remedy(tmp_path: Path) -> None:
    write(tmp_path, "cost_optimization/too_dear.py", FUNCTION)
    write(
        tmp_path,
        "cost_optimization/too_dear.examples.yaml",
        """
        examples:
          - {fails: dear, at: a.b, terraform: 'a'}
          - {passes: cheap, terraform: 'b'}
          - {passes: cheaper, terraform: 'c'}
        """,
    )
    (rule,) = own_rules(tmp_path).rules
    assert rule.remedy == {Language.TERRAFORM: "b\n"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("require: {type: X, property: A, equals: 1}\nserverity: 1", "contains unknown field `serverity`"),
        ("require: {type: X, property: A, equals: 1, any: []}", "require: must be one of"),
        ("require: {type: X, property: A}", "require: must be one of"),
        ("require: {type: X, property: A, equals: 1, set: true}", "require: must be one of"),
        ("require: {property: A, equals: 1}", "missing required field `type`"),
        ("require: {type: [], property: A, equals: 1}", "require.type: must name at least one"),
        ("require: {type: X, property: A..B, equals: 1}", "require.property: 'A..B' is no property path"),
        ("require: {type: X, property: 'A[0].B', equals: 1}", "require.property: 'A[0].B' is no"),
        ("require: {type: X, property: A, matches: '('}", "require.matches: '(' is no regular expression"),
        ("require: {type: X, all: []}", "require.all: must not be empty"),
        ("require: {type: X, all: [{property: A, at_least: two}]}", "require.all[0].at_least: Expected"),
        ("require: {type: X, any: [{not: {property: A}}]}", "require.any[0].not: must be one of"),
        (CHECK + "where: {some: L, satisfies: {property: '', set: true}}", "where.satisfies.property: ''"),
        ("", "missing required field `require`"),
        ("- a list", "not YAML"),
        ("require: [", "not YAML"),
    ],
)
def test_a_declaration_that_means_nothing_is_a_problem_naming_its_key(
    tmp_path: Path, text: str, message: str
) -> None:
    declared(tmp_path, text)
    (found,) = messages(tmp_path)
    assert message in found


def test_the_problem_points_at_the_line_of_the_key(tmp_path: Path) -> None:
    rules = declared(tmp_path, "require:\n  type: X\n  any:\n    - {property: A, matches: '('}\n")
    (problem,) = rules.problems
    assert problem.location is not None
    assert (problem.location.file, problem.location.start_line) == (
        (tmp_path / "reliability" / "one.yaml").as_posix(),
        11,
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("REL10-BP01", "REL99-BP01", "best_practices[0]: 'REL99-BP01' is no best practice"),
        ("[REL10-BP01]", "[]", "best_practices: must name at least one"),
        ("HRI", "SEVERE", "risk: Invalid enum value 'SEVERE'"),
        ("REL-RDS-91", "rds", "id: 'rds' is not of the form"),
        (
            "fix: Set it to run in two zones.",
            "fix: {terraform: x}",
            "fix: does not say how to fix it in cloudformation",
        ),
        ("A database runs in a single zone.", "''", "what: must not be empty"),
    ],
)
def test_metadata_is_checked(tmp_path: Path, old: str, new: str, message: str) -> None:
    declared(tmp_path, CHECK, head=DECLARATION.replace(old, new))
    assert messages(tmp_path)[0].startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import no_such_module_anywhere", "ModuleNotFoundError: No module named"),
        ("def too_dear(graph:", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("x = 1", "has no function too_dear decorated with @rule"),
        (FUNCTION.replace("def too_dear(graph)", "def another(graph)"), "has no function too_dear"),
        (FUNCTION.replace("def too_dear(graph)", "def too_dear(resource, graph)"), "resources: a rule of"),
        (FUNCTION.replace("Why:", "Because:"), "why: must not be empty"),
    ],
)
def test_a_function_that_cannot_be_a_rule_is_a_problem(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, "cost_optimization/too_dear.py", text)
    (found,) = messages(tmp_path)
    assert message in found


def test_a_broken_file_hides_no_other(tmp_path: Path) -> None:
    write(tmp_path, "cost_optimization/too_dear.py", FUNCTION)
    write(tmp_path, "cost_optimization/broken.py", "1/0")
    write(tmp_path, "security/broken.yaml", "a: [")
    rules = own_rules(tmp_path)
    assert [rule.id for rule in rules.rules] == ["COST-X-1"]
    assert len(rules.problems) == 2
    assert all(problem.location is not None for problem in rules.problems)


def test_files_out_of_place_are_said(tmp_path: Path) -> None:
    write(tmp_path, "speed/one.yaml", DECLARATION + CHECK)
    write(tmp_path, "speed/two.py", "x = 1")
    write(tmp_path, "three.py", "x = 1")
    write(tmp_path, "security/Not-A-Name.yaml", DECLARATION + CHECK)
    write(tmp_path, "security/lost.examples.yaml", "examples: []")
    found = "\n".join(messages(tmp_path))
    assert found.count("is not in a folder named after a pillar") == 3
    assert "its name must be lower-case words joined by underscores" in found
    assert "there is no rule file beside these examples" in found


def test_of_two_rules_with_one_id_the_first_stays(tmp_path: Path) -> None:
    declared(tmp_path, CHECK, name="first")
    rules = declared(tmp_path, CHECK, name="second")
    assert [rule.name for rule in rules.rules] == ["first"]
    assert "already that of REL-RDS-91" in rules.problems[0].message


def test_a_users_rule_cannot_take_the_name_of_one_of_ours(tmp_path: Path) -> None:
    rules = declared(tmp_path, CHECK, name="rds_single_az")
    assert rules.rules == ()
    assert "already that of REL-RDS-01" in rules.problems[0].message


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load_rules([tmp_path / "none"])


def test_our_own_rules_are_found_and_load() -> None:
    rules = load_rules()
    assert rules_folder().name == "rules"
    assert rules.problems == ()
    assert {rule.pillar for rule in rules.rules} >= {Pillar.SECURITY, Pillar.RELIABILITY}
    assert [rule.id for rule in rules.rules] == sorted(rule.id for rule in rules.rules)


def test_a_folder_without_rules_is_said_and_no_error(tmp_path: Path) -> None:
    write(tmp_path, "readme.md", "none yet")
    (problem,) = own_rules(tmp_path).problems
    assert problem.message == f"there are no rules in {tmp_path.as_posix()}"
    assert problem.level is ProblemLevel.NOTE
