"""The same architecture in four forms gives the same canonical properties."""

import gzip
import json
from functools import cache
from pathlib import Path

import pytest

from tests.aws.architecture_forms import Architecture, Json, architectures, awscc
from tests.aws.reading import Snippet, only, properties
from tests.terraform.plan_writer import SCHEMA, PlanWriter
from wa_scan.aws.normalise import Normalised, normalise
from wa_scan.engine.loading import load_rules
from wa_scan.sources.units import PlanFile, RootModule
from wa_scan.terraform.context import EvaluateOptions, Evaluation
from wa_scan.terraform.evaluate import evaluate_root, open_root
from wa_scan.terraform.plan import evaluate_plan

ALL = list(architectures())
# What only the list form says is there under Extra in both languages.
LIST_FORMS = ("LoadBalancerAttributes", "ListenerAttributes", "TargetGroupAttributes")


def given(found: Normalised, architecture: Architecture) -> dict[str, object]:
    return {
        name: value
        for name, value in properties(only(found, architecture.type), found).items()
        if name not in LIST_FORMS
    }


@pytest.mark.parametrize("architecture", ALL, ids=str)
def test_terraform(architecture: Architecture, terraform: Snippet) -> None:
    wanted = {**architecture.properties, **architecture.only_in_terraform}
    assert given(terraform(architecture.terraform), architecture) == wanted


@pytest.mark.parametrize("architecture", ALL, ids=str)
def test_cloudformation(architecture: Architecture, cloudformation: Snippet) -> None:
    assert given(cloudformation(architecture.template), architecture) == architecture.properties


@pytest.mark.parametrize("architecture", ALL, ids=str)
def test_awscc(architecture: Architecture, tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").write_text(json.dumps(awscc(architecture.template)), encoding="utf-8")
    unit = evaluate_root(RootModule(tmp_path, "infra", tmp_path))
    assert [problem.message for problem in unit.problems] == []
    assert given(normalise(unit), architecture) == architecture.properties


@pytest.mark.skipif(not SCHEMA.exists(), reason="the provider's schema is not here")
@pytest.mark.parametrize("architecture", ALL, ids=str)
def test_plan(architecture: Architecture, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "main.tf").write_text(architecture.terraform, encoding="utf-8")
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(planned(RootModule(source, "source", source))), encoding="utf-8")
    unit = evaluate_plan(PlanFile(plan, "plan.json", tmp_path, ())).unit
    assert [problem.message for problem in unit.problems] == []
    wanted = {**architecture.properties, **architecture.only_in_terraform, **architecture.only_in_plans}
    assert ordered(given(normalise(unit), architecture)) == ordered(wanted)


@cache
def provider() -> Json:
    content: Json = json.loads(gzip.decompress(SCHEMA.read_bytes()))
    return content


def planned(root: RootModule) -> Json:
    """As `terraform show -json` prints it: every attribute is there, empty blocks are empty lists."""
    options = EvaluateOptions()
    return PlanWriter(evaluate_root(root, options), open_root(Evaluation(root, options)), provider()).plan()


def ordered(data: object) -> object:
    """A plan has the elements of sets in an order of its own."""
    if isinstance(data, dict):
        return {key: ordered(item) for key, item in data.items()}
    if isinstance(data, list):
        return sorted((ordered(item) for item in data), key=lambda item: json.dumps(item, sort_keys=True))
    return data


def test_every_type_that_a_rule_is_about_is_built() -> None:
    asked = {type_ for loaded in load_rules().loaded for type_ in loaded.rule.resources}
    # Terraform folds an AWS::IAM::Policy into what it is attached to, or has a type for each.
    assert asked - {architecture.type for architecture in ALL} == {"AWS::IAM::Policy"}
