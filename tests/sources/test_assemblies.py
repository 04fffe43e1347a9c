"""Cloud assemblies of the AWS CDK are known by their manifests, whatever else is called manifest.json."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from wa_scan.errors import ProblemKind
from wa_scan.sources.assemblies import read_assembly
from wa_scan.sources.discover import discover
from wa_scan.sources.units import Discovery

QUEUE = {"Type": "AWS::SQS::Queue", "Metadata": {"aws:cdk:path": "Shop/Queue/Resource"}}


def template(**resources: Any) -> str:
    return json.dumps({"Resources": resources or {"Queue": QUEUE}})


OPEN = "aws://unknown-account/unknown-region"


def stack(file: str, environment: str = OPEN, **rest: Any) -> dict[str, Any]:
    properties = {"templateFile": file, **rest.pop("properties", {})}
    return {
        "type": "aws:cloudformation:stack",
        "environment": environment,
        "properties": properties,
        **rest,
    }


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def manifest(indent: int | None = 2, version: str = "36.0.0", **artifacts: Any) -> str:
    return json.dumps({"version": version, "artifacts": artifacts}, indent=indent)


def found(tmp_path: Path, *paths: str) -> Discovery:
    return discover([Path(path) for path in paths or (".",)], tmp_path)


def names(discovery: Discovery) -> list[str]:
    return [template.display for template in discovery.templates]


def test_a_stack_knows_what_the_manifest_says_of_it(tmp_path: Path) -> None:
    artifact = stack(
        "Shop.template.json",
        "aws://123456789012/eu-west-1",
        properties={"stackName": "shop-prod", "parameters": {"Size": "3"}, "tags": {"Owner": "shop"}},
    )
    write(tmp_path / "cdk.out", {"manifest.json": manifest(Shop=artifact), "Shop.template.json": template()})
    (unit,) = found(tmp_path).templates
    assert unit.display == "cdk.out/Shop.template.json"
    assert unit.stack is not None
    assert (unit.stack.artifact, unit.stack.name) == ("Shop", "shop-prod")
    assert (unit.stack.account, unit.stack.region) == ("123456789012", "eu-west-1")
    assert unit.stack.parameters == {"Size": "3"}
    assert unit.stack.tags == {"Owner": "shop"}


def test_an_environment_that_is_left_open_gives_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"manifest.json": manifest(Shop=stack("a.json")), "a.json": template()})
    (unit,) = found(tmp_path).templates
    assert unit.stack is not None
    assert (unit.stack.account, unit.stack.region, unit.stack.name) == (None, None, "Shop")


def test_tags_of_old_manifests_stand_in_the_metadata(tmp_path: Path) -> None:
    metadata = {"/Shop": [{"type": "aws:cdk:stack-tags", "data": [{"Key": "Owner", "Value": "shop"}]}]}
    artifact = stack("a.json", metadata=metadata)
    write(tmp_path, {"manifest.json": manifest(version="1.10.0", Shop=artifact), "a.json": template()})
    (unit,) = found(tmp_path).templates
    assert unit.stack is not None
    assert unit.stack.tags == {"Owner": "shop"}


@pytest.mark.parametrize(
    "other",
    [
        '{"name": "an app for browsers", "icons": []}',
        '{"version": "1", "artifacts": ["a list"]}',
        '{"artifacts": {"a": {"type": "aws:cloudformation:stack"}}}',
        '{"version": "1", "artifacts": {"a": "aws:cloudformation:stack"}}',
        "[]",
        "not JSON, about artifacts",
        "",
    ],
)
def test_another_manifest_is_none(tmp_path: Path, other: str) -> None:
    write(tmp_path, {"manifest.json": other, "a.json": template()})
    assert read_assembly(tmp_path, tmp_path, tmp_path) is None
    (unit,) = found(tmp_path).templates
    assert unit.stack is None
    assert found(tmp_path).problems == ()


def test_a_broken_manifest_is_a_located_problem_and_its_templates_are_still_there(tmp_path: Path) -> None:
    broken = manifest(Shop=stack("a.template.json"))[:-20]
    write(tmp_path / "cdk.out", {"manifest.json": broken, "a.template.json": template()})
    discovery = found(tmp_path)
    assert names(discovery) == ["cdk.out/a.template.json"]
    (problem,) = discovery.problems
    assert problem.kind is ProblemKind.SYNTAX_ERROR
    assert problem.location is not None
    assert problem.location.file == "cdk.out/manifest.json"
    assert problem.location.start_line == broken.count("\n") + 1


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("gone.template.json", "is not there: gone.template.json"),
        ("../../../etc/hosts", "lies outside of what is scanned"),
        (17, "names no template file"),
        ("nul\0byte", "cannot be read"),
    ],
)
def test_a_template_that_cannot_be_is_a_problem_at_its_line(tmp_path: Path, file: Any, said: str) -> None:
    text = manifest(Gone=stack(file), Shop=stack("a.json"))
    write(tmp_path / "cdk.out", {"manifest.json": text, "a.json": template()})
    discovery = found(tmp_path, "cdk.out")
    assert names(discovery) == ["cdk.out/a.json"]
    (problem,) = discovery.problems
    assert said in problem.message
    assert problem.location is not None
    written = json.dumps(file if isinstance(file, str) else "Gone")
    assert written in text.split("\n")[problem.location.start_line - 1]


def test_stages_have_assemblies_of_their_own_and_the_same_names(tmp_path: Path) -> None:
    stages: dict[str, Any] = {
        f"assembly-{name}": {
            "type": "cdk:cloud-assembly",
            "properties": {"directoryName": f"assembly-{name}", "displayName": name},
        }
        for name in ("Beta", "Prod")
    }
    files = {"manifest.json": manifest(**stages)}
    for name in ("Beta", "Prod"):
        inner = stack("Shop.template.json", f"aws://123456789012/{name}", properties={"stackName": "Shop"})
        files[f"assembly-{name}/manifest.json"] = manifest(Shop=inner)
        files[f"assembly-{name}/Shop.template.json"] = template()
    write(tmp_path / "cdk.out", files)
    discovery = found(tmp_path)
    assert [(unit.display, unit.stack and unit.stack.region) for unit in discovery.templates] == [
        ("cdk.out/assembly-Beta/Shop.template.json", "Beta"),
        ("cdk.out/assembly-Prod/Shop.template.json", "Prod"),
    ]
    assert discovery.problems == ()


def test_a_stage_whose_folder_is_gone_is_a_problem(tmp_path: Path) -> None:
    stage = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}}
    write(tmp_path, {"manifest.json": manifest(Prod=stage)})
    (problem,) = found(tmp_path).problems
    assert problem.message == "the nested assembly Prod is not there: assembly-Prod"


def test_what_a_stack_nests_is_no_unit_of_its_own(tmp_path: Path) -> None:
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Metadata": {"aws:asset:path": "ShopInner.nested.template.json", "aws:asset:property": "TemplateURL"},
    }
    files = {
        "manifest.json": manifest(Shop=stack("Shop.template.json")),
        "Shop.template.json": template(Inner=nested),
        "ShopInner.nested.template.json": template(),
        "Product.product.template.json": template(),
    }
    write(tmp_path, files)
    # The product is deployed by whoever orders it, and nothing else scans it.
    assert names(found(tmp_path)) == ["Product.product.template.json", "Shop.template.json"]
    # Who names it gets the stack that nests it, narrowed to what concerns it.
    named = found(tmp_path, "ShopInner.nested.template.json")
    assert names(named) == ["Shop.template.json"]
    assert named.narrowed == {"Shop.template.json"}


def test_assets_are_not_looked_at(tmp_path: Path) -> None:
    files = {
        "manifest.json": manifest(Shop=stack("Shop.template.json")),
        "Shop.template.json": template(),
        "asset.0123456789/copied.template.json": template(),
        "asset.0123456789/main.tf": 'resource "aws_sqs_queue" "q" {}',
    }
    write(tmp_path / "asset.s" / "cdk.out", files)
    discovery = found(tmp_path)
    assert names(discovery) == ["asset.s/cdk.out/Shop.template.json"]
    assert discovery.roots == ()


def test_a_named_template_or_manifest_belongs_to_its_assembly(tmp_path: Path) -> None:
    write(tmp_path, {"manifest.json": manifest(Shop=stack("a.json")), "a.json": template()})
    for named in ("a.json", "manifest.json"):
        (unit,) = found(tmp_path, named).templates
        assert unit.stack is not None
        assert unit.stack.artifact == "Shop"
    assert found(tmp_path, "manifest.json").problems == ()


def test_only_the_assembly_is_read_beside_its_source(tmp_path: Path) -> None:
    files = {
        "lib/shop.ts": "new Bucket(this, 'Resources')",
        "package.json": "{}",
        "cdk.json": '{"app": "ts-node shop.ts"}',
        "cdk.out/manifest.json": manifest(Shop=stack("a.json")),
        "cdk.out/a.json": template(),
        "cdk.out/tree.json": '{"version": "tree-0.1", "tree": {"id": "Resources", "Type": "AWS::X::Y"}}',
    }
    write(tmp_path, files)
    assert names(found(tmp_path)) == ["cdk.out/a.json"]


def test_an_assembly_that_git_ignores_is_named(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    files = {
        ".gitignore": "cdk.out\nbuild/\n",
        "cdk.out/manifest.json": manifest(Shop=stack("a.json")),
        "cdk.out/a.json": template(),
        "build/manifest.json": '{"name": "an app for browsers"}',
    }
    write(tmp_path, files)
    discovery = found(tmp_path)
    assert discovery.is_empty
    assert discovery.ignored_assemblies == ("cdk.out",)
    assert names(found(tmp_path, "cdk.out")) == ["cdk.out/a.json"]
