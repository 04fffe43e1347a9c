"""When a finding holds, against scanning a template once for every deployment that it can have."""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wa_scan.aws.normalise import normalise
from wa_scan.cloudformation.evaluate import EvaluateOptions, evaluate_text
from wa_scan.engine.findings import Finding, Status
from wa_scan.engine.loading import load_rules
from wa_scan.engine.ruleset import RuleSet
from wa_scan.engine.run import run_rules
from wa_scan.engine.selection import selected
from wa_scan.graph.graph import Graph
from wa_scan.values import Guard
from wa_scan.values.atoms import ValueAtom

# Env has a default that conditions may ask about, Mode has none, Kind may be anything.
ENV = ("dev", "test", "prod")
MODE = ("true", "false")
KIND = ("", "a", "something else")
DEFAULT = "test"
PARAMETERS = {
    "Env": {"Type": "String", "AllowedValues": list(ENV), "Default": DEFAULT},
    "Mode": {"Type": "String", "AllowedValues": list(MODE)},
    "Kind": {"Type": "String"},
}
MAPPINGS = {
    "Encryption": {"dev": {"On": False}, "test": {"On": True}, "prod": {"On": True}},
    "Retention": {"dev": {"Days": 0}, "test": {"Days": 0}, "prod": {"Days": 7}},
}
RULES = ("SEC-EBS-01", "REL-RDS-01", "REL-RDS-02", "SEC-RDS-01", "SEC-RDS-02")
Deployment = Mapping[str, str]
DEPLOYMENTS: list[Deployment] = [
    {"Env": env, "Mode": mode, "Kind": kind} for env, mode, kind in product(ENV, MODE, KIND)
]

comparisons = st.one_of(
    st.sampled_from(ENV).map(lambda text: {"Fn::Equals": [{"Ref": "Env"}, text]}),
    st.sampled_from(MODE).map(lambda text: {"Fn::Equals": [text, {"Ref": "Mode"}]}),
    st.sampled_from(KIND[:2]).map(lambda text: {"Fn::Equals": [{"Ref": "Kind"}, text]}),
    st.sampled_from(ENV).map(lambda text: {"Fn::Equals": [{"Fn::Sub": "${Env}-${Mode}"}, f"{text}-true"]}),
)


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        inner.map(lambda one: {"Fn::Not": [one]}),
        several.map(lambda some: {"Fn::And": some}),
        several.map(lambda some: {"Fn::Or": some}),
    )


trees = st.recursive(comparisons, combined, max_leaves=5)
NAMES = ("C0", "C1", "C2")
names = st.sampled_from(NAMES)


def value_under_conditions(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.tuples(names, inner, inner).map(lambda parts: {"Fn::If": list(parts)}),
        max_leaves=4,
    )


switches = value_under_conditions(
    st.one_of(
        st.booleans(),
        st.just({"Ref": "Mode"}),
        st.just({"Fn::FindInMap": ["Encryption", {"Ref": "Env"}, "On"]}),
    )
)
days = value_under_conditions(
    st.one_of(st.sampled_from((0, 7)), st.just({"Fn::FindInMap": ["Retention", {"Ref": "Env"}, "Days"]}))
)
resources = st.fixed_dictionaries(
    {
        "Volume": st.fixed_dictionaries(
            {
                "Type": st.just("AWS::EC2::Volume"),
                "Properties": st.fixed_dictionaries({"Encrypted": switches}),
            },
            optional={"Condition": names},
        ),
        "Database": st.fixed_dictionaries(
            {
                "Type": st.just("AWS::RDS::DBInstance"),
                "Properties": st.fixed_dictionaries(
                    {
                        "Engine": st.just("mysql"),
                        "StorageEncrypted": switches,
                        "MultiAZ": switches,
                        "PubliclyAccessible": switches,
                        "BackupRetentionPeriod": days,
                        "Tags": st.just([{"Key": "env", "Value": {"Ref": "Env"}}]),
                    }
                ),
            },
            optional={"Condition": names},
        ),
    }
)
templates = st.fixed_dictionaries(
    {
        "Parameters": st.just(PARAMETERS),
        "Mappings": st.just(MAPPINGS),
        "Conditions": st.fixed_dictionaries(dict.fromkeys(NAMES, trees)),
        "Resources": resources,
    }
)


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return selected(load_rules(()), RULES, (), ())


def findings(text: str, rules: RuleSet, deployment: Deployment | None = None) -> Iterator[Finding]:
    unit = evaluate_text(text, "t.yaml", EvaluateOptions(deployment or {}))
    assert unit.problems == ()
    normalised = normalise(unit)
    run = run_rules(rules, Graph(normalised.resources, normalised.links, [unit]))
    assert run.problems == ()
    return (finding for finding in run.findings if finding.status is Status.FAIL)


def holds(guard: Guard, deployment: Deployment) -> bool:
    """Whether a guard of comparisons of parameters with values holds in a deployment."""
    while not (guard.is_always or guard.is_never):
        atom = guard.atom
        assert isinstance(atom, ValueAtom)
        guard = guard.high if (deployment[atom.subject.name] == atom.value) is atom.affirms else guard.low
    return guard.is_always


def said(when: str, deployment: Deployment, conditions: Mapping[str, Any]) -> bool:
    """Whether the words for a guard hold in a deployment."""
    return any(
        all(_phrase(phrase, deployment, conditions) for phrase in way.split(" and "))
        for way in when.split(", or ")
    )


def _phrase(phrase: str, deployment: Deployment, conditions: Mapping[str, Any]) -> bool:
    if phrase == "always":
        return True
    found = re.fullmatch(r'(\w+) is (not )?(?:"(.*)"|true|false)', phrase)
    assert found is not None, phrase
    name, negated, value = found.groups()
    if value is not None:
        return (deployment[name] == value) is not bool(negated)
    return judged(conditions[name], deployment) is phrase.endswith("true")


def judged(tree: Any, deployment: Deployment) -> bool:
    """What CloudFormation makes of a condition."""
    ((function, argument),) = tree.items()
    if function == "Fn::Equals":
        one, other = (_text(operand, deployment) for operand in argument)
        return one == other
    results = [judged(item, deployment) for item in argument]
    if function == "Fn::Not":
        return not results[0]
    return all(results) if function == "Fn::And" else any(results)


def _text(operand: Any, deployment: Deployment) -> str:
    if isinstance(operand, str):
        return operand
    if "Ref" in operand:
        return deployment[operand["Ref"]]
    return re.sub(r"\$\{(\w+)\}", lambda found: deployment[found[1]], operand["Fn::Sub"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(template=templates)
def test_a_finding_holds_in_just_the_deployments_that_have_it(template: Any, rules: RuleSet) -> None:
    """Where a parameter has its default, exactly. Where it has another value, no finding is there that is
    neither in that deployment nor in the one with the default."""
    text = yaml.safe_dump(template, sort_keys=False)
    once = list(findings(text, rules))
    seen = [
        {(one.rule.id, one.resource.address) for one in findings(text, rules, deployment)}
        for deployment in DEPLOYMENTS
    ]
    for deployment, failed in zip(DEPLOYMENTS, seen, strict=True):
        by_guard = {(one.rule.id, one.resource.address) for one in once if holds(one.when, deployment)}
        by_words = {
            (one.rule.id, one.resource.address)
            for one in once
            if not str(one.when).startswith("some combination")
            and said(str(one.when), deployment, template["Conditions"])
        }
        in_words = {(one.rule.id, one.resource.address) for one in once if "combination" not in str(one.when)}
        assert by_words & in_words == by_guard & in_words
        if deployment["Env"] == DEFAULT:
            assert by_guard == failed
        else:
            with_default = seen[DEPLOYMENTS.index({**deployment, "Env": DEFAULT})]
            assert by_guard <= failed | with_default


def test_no_finding_against_a_default(rules: RuleSet) -> None:
    """The default encrypts; where the volume is said to be unencrypted, another value was chosen."""
    text = """
Parameters:
  Encrypt: {Type: String, Default: 'true', AllowedValues: ['true', 'false']}
Conditions:
  Encrypted: !Equals [!Ref Encrypt, 'true']
Resources:
  Volume: {Type: AWS::EC2::Volume, Properties: {Encrypted: !Ref Encrypt}}
  Plain: {Type: AWS::EC2::Volume, Condition: Unencrypted, Properties: {Encrypted: !Ref Encrypt}}
"""
    text = text.replace("Resources:", "  Unencrypted: !Not [!Condition Encrypted]\nResources:")
    assert [(one.resource.address, str(one.when)) for one in findings(text, rules)] == [
        ("Plain", "Encrypted is false")
    ]


def test_a_default_goes_without_saying(rules: RuleSet) -> None:
    text = """
Parameters:
  Encrypt: {Type: String, Default: 'false', AllowedValues: ['true', 'false']}
Conditions:
  Encrypted: !Equals [!Ref Encrypt, 'true']
Resources:
  Volume: {Type: AWS::EC2::Volume, Properties: {Encrypted: !Ref Encrypt}}
  Sure: {Type: AWS::EC2::Volume, Condition: Encrypted, Properties: {Encrypted: !Ref Encrypt}}
"""
    assert [(one.resource.address, str(one.when)) for one in findings(text, rules)] == [("Volume", "always")]
